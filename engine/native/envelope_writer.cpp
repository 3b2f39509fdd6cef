#include "engine/native/envelope_writer.h"

#include "engine/native/compression.h"
#include "engine/native/frame_codec.h"

namespace engine::native {

namespace {

/// Shorter bodies do not get smaller.
constexpr std::size_t kCompressFrom = 64;
constexpr std::size_t kFlagsOffset = 1;

}  // namespace

ByteWriter& EnvelopeWriter::begin(int version, bool response, std::uint8_t flags,
                                  std::int16_t stream, Opcode opcode) {
    if (m_frames && !m_frame) {
        openFrame();
    }
    m_envelope = beginEnvelope(m_out, version, response, flags, stream, opcode);
    return m_out;
}

void EnvelopeWriter::end() {
    if (!m_frames) {
        if (m_compression != Compression::None && bodySize() >= kCompressFrom) {
            compressBodyInPlace();
        }
        endEnvelope(m_out, m_envelope);
        return;
    }
    endEnvelope(m_out, m_envelope);
    const std::size_t payload = *m_frame + frameHeaderBytes(*m_frames);
    if (m_out.size() - payload > kMaxFramePayload) {
        splitOverFrames();
    }
}

void EnvelopeWriter::drop() {
    m_out.buffer().resize(m_envelope);
    if (m_frame && m_envelope == *m_frame + frameHeaderBytes(*m_frames)) {
        m_out.buffer().resize(*m_frame);
        m_frame.reset();
    }
}

Bytes EnvelopeWriter::take() {
    closeOpenFrame();
    return m_out.take();
}

void EnvelopeWriter::openFrame() {
    m_frame = m_out.size();
    m_out.buffer().append(frameHeaderBytes(*m_frames), '\0');
}

void EnvelopeWriter::closeOpenFrame() {
    if (m_frame) {
        closeFrame(m_out.buffer(), *m_frame, true, *m_frames);
        m_frame.reset();
    }
}

void EnvelopeWriter::compressBodyInPlace() {
    Bytes& out = m_out.buffer();
    const std::size_t body = m_envelope + kEnvelopeHeaderBytes;
    const Bytes packed = compressBody(m_compression, BytesView(out).substr(body));
    out.replace(body, out.size() - body, packed);
    out[m_envelope + kFlagsOffset] |= static_cast<char>(flag::kCompressed);
}

/// The last envelope does not fit into the open frame: it gets one of its own, or several.
void EnvelopeWriter::splitOverFrames() {
    Bytes& out = m_out.buffer();
    const Bytes envelope = out.substr(m_envelope);
    drop();
    closeOpenFrame();
    BytesView rest = envelope;
    const bool selfContained = rest.size() <= kMaxFramePayload;
    if (selfContained) {
        openFrame();
        out.append(rest);
        return;
    }
    out.reserve(out.size() + rest.size() + rest.size() / 1024 + kMaxFramePayload);
    while (!rest.empty()) {
        openFrame();
        const BytesView piece = rest.substr(0, kMaxFramePayload);
        out.append(piece);
        rest.remove_prefix(piece.size());
        closeFrame(out, *m_frame, false, *m_frames);
        m_frame.reset();
    }
}

}  // namespace engine::native
