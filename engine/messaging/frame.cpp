#include "engine/messaging/frame.h"

#include <fmt/format.h>

#include "engine/base/hash.h"

namespace engine::messaging {

void FrameWriter::begin() {
    m_writer = ByteWriter();
    m_writer.u64(0);  // The header's place.
}

Bytes FrameWriter::seal() {
    const auto length = static_cast<std::uint32_t>(payloadBytes());
    m_writer.patchU32(0, length);
    m_writer.patchU32(4, crc32(BytesView(m_writer.bytes()).substr(0, 4)));
    m_writer.u32(crc32(BytesView(m_writer.bytes()).substr(kFrameHeaderBytes)));
    Bytes frame = m_writer.take();
    begin();
    return frame;
}

Result<std::size_t> FrameReader::frameBytes(BytesView bytes) const {
    if (bytes.size() < kFrameHeaderBytes) {
        return std::size_t{0};
    }
    ByteReader header(bytes);
    const std::uint32_t length = header.u32();
    if (header.u32() != crc32(bytes.substr(0, 4))) {
        return makeError(ErrorKind::Corrupt, "checksum of a frame header does not match");
    }
    if (length > m_payloadMax) {
        return makeError(ErrorKind::Corrupt, fmt::format("frame of {} bytes, at most {} allowed",
                                                         length, m_payloadMax));
    }
    const std::size_t whole = kFrameHeaderBytes + length + kFrameTrailerBytes;
    return bytes.size() < whole ? 0 : whole;
}

Result<void> FrameReader::feed(BytesView bytes,
                               const std::function<bool(BytesView payload)>& onFrame) {
    Bytes joined;
    BytesView left = bytes;
    if (!m_partial.empty()) {
        m_partial.append(bytes);
        joined.swap(m_partial);
        left = joined;
    }
    for (;;) {
        TRY_ASSIGN(const std::size_t whole, frameBytes(left));
        if (whole == 0) {
            break;
        }
        const BytesView payload =
            left.substr(kFrameHeaderBytes, whole - kFrameHeaderBytes - kFrameTrailerBytes);
        ByteReader trailer(left.substr(whole - kFrameTrailerBytes, kFrameTrailerBytes));
        if (trailer.u32() != crc32(payload)) {
            return makeError(ErrorKind::Corrupt, "checksum of a frame does not match");
        }
        left.remove_prefix(whole);
        if (!onFrame(payload)) {
            return ok();
        }
    }
    if (!joined.empty() && left.size() == joined.size()) {
        m_partial.swap(joined);  // Still the beginning of one large frame: no copy.
    } else {
        m_partial.assign(left);
    }
    return ok();
}

}  // namespace engine::messaging
