#include "engine/native/envelope_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/native/compression.h"

namespace engine::native {

namespace {

/// Buffers up to this size stay for the next message.
constexpr std::size_t kKeptCapacity = 64 * 1024;

}  // namespace

void EnvelopeReader::keep() {
    if (m_payload.empty()) {
        m_keptPayload.clear();
    } else {
        Bytes rest(m_payload);
        m_keptPayload.swap(rest);
        m_payload = m_keptPayload;
    }
    m_stream.keep();
    if (m_largeNeeded == 0) {
        Bytes().swap(m_large);
    }
    if (m_unpacked.capacity() > kKeptCapacity) {
        Bytes().swap(m_unpacked);
    }
}

EnvelopeReader::Step EnvelopeReader::next() { return m_frames ? nextFramed() : nextBare(); }

void EnvelopeReader::skipDiscarded() {
    const std::size_t skipped = std::min(m_discard, m_stream.size());
    m_stream.consume(skipped);
    m_discard -= skipped;
}

EnvelopeReader::Step EnvelopeReader::nextBare() {
    skipDiscarded();
    const BytesView bytes = m_stream.view();
    if (auto fault = checkEnvelopeStart(bytes, m_limits)) {
        return std::move(*fault);
    }
    if (bytes.size() < kEnvelopeHeaderBytes) {
        return {};
    }
    const EnvelopeHeader header = readEnvelopeHeader(bytes);
    if (header.length > m_limits.maxBody) {
        m_stream.consume(kEnvelopeHeaderBytes);
        m_discard = header.length;
        return tooBig(header);
    }
    if (bytes.size() < kEnvelopeHeaderBytes + header.length) {
        return {};
    }
    m_stream.consume(kEnvelopeHeaderBytes + header.length);
    return whole(header, bytes.substr(kEnvelopeHeaderBytes, header.length));
}

EnvelopeReader::Step EnvelopeReader::nextFramed() {
    while (m_payload.empty()) {
        auto frame = m_frames->next(m_stream);
        if (frame.has_error()) {
            return broken(std::move(frame.error().message));
        }
        if (!frame.value()) {
            return {};
        }
        const Frame& got = *frame.value();
        if (got.selfContained && m_largeNeeded > 0) {
            return broken("Received a self contained frame within a large message");
        }
        if (got.selfContained) {
            m_payload = got.payload;
            continue;
        }
        Step step = takeLarge(got.payload);
        if (!std::holds_alternative<std::monostate>(step)) {
            return step;
        }
    }
    return nextOfPayload();
}

EnvelopeReader::Step EnvelopeReader::nextOfPayload() {
    if (auto fault = checkEnvelopeStart(m_payload, m_limits)) {
        return std::move(*fault);
    }
    const EnvelopeHeader header = readEnvelopeHeader(m_payload);
    if (m_payload.size() < kEnvelopeHeaderBytes + header.length) {
        return broken("A self contained frame ends within a message");
    }
    const BytesView body = m_payload.substr(kEnvelopeHeaderBytes, header.length);
    m_payload.remove_prefix(kEnvelopeHeaderBytes + header.length);
    if (header.length > m_limits.maxBody) {
        return tooBig(header);
    }
    return whole(header, body);
}

EnvelopeReader::Step EnvelopeReader::beginLarge(BytesView piece) {
    m_large.clear();
    if (piece.size() < kEnvelopeHeaderBytes) {
        return broken("The first frame of a large message holds no whole header");
    }
    if (auto fault = checkEnvelopeStart(piece, m_limits)) {
        return std::move(*fault);
    }
    const EnvelopeHeader header = readEnvelopeHeader(piece);
    m_largeNeeded = kEnvelopeHeaderBytes + header.length;
    m_largeSeen = 0;
    m_largeRefused = header.length > m_limits.maxBody;
    if (m_largeRefused) {
        return tooBig(header);
    }
    return {};
}

EnvelopeReader::Step EnvelopeReader::takeLarge(BytesView piece) {
    Step step;
    if (m_largeNeeded == 0) {
        step = beginLarge(piece);
        if (m_largeNeeded == 0) {
            return step;
        }
    }
    m_largeSeen += piece.size();
    if (m_largeSeen > m_largeNeeded) {
        return broken("A large message is longer than its header says");
    }
    if (!m_largeRefused) {
        m_large.append(piece);
    }
    if (m_largeSeen == m_largeNeeded) {
        m_largeNeeded = 0;
        if (!m_largeRefused) {
            return whole(readEnvelopeHeader(m_large), BytesView(m_large).substr(kEnvelopeHeaderBytes));
        }
    }
    return step;
}

EnvelopeReader::Step EnvelopeReader::whole(const EnvelopeHeader& header, BytesView body) {
    // With v5 the flag means nothing: frames are compressed, not envelopes.
    if (m_compression != Compression::None && (header.flags & flag::kCompressed) != 0) {
        auto unpacked = decompressBody(m_compression, body, m_limits.maxBody);
        if (unpacked.has_error()) {
            return EnvelopeFault{ErrorKind::Protocol, std::move(unpacked.error().message),
                                 header.stream};
        }
        m_unpacked = std::move(unpacked.value());
        return Envelope{header, m_unpacked};
    }
    return Envelope{header, body};
}

EnvelopeFault EnvelopeReader::tooBig(const EnvelopeHeader& header) const {
    return {ErrorKind::Invalid,
            fmt::format("Request is too big: length {} exceeds maximum allowed length {}.",
                        header.length, m_limits.maxBody),
            header.stream};
}

EnvelopeFault EnvelopeReader::broken(std::string message) {
    return {ErrorKind::Protocol, std::move(message), 0};
}

}  // namespace engine::native
