#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/native/protocol.h"
#include "engine/native/stream_buffer.h"

namespace engine::native {

/// One outer frame of protocol v5 (native_protocol_v5.spec 2.2, 2.3).
struct Frame {
    BytesView payload;  // Valid until the decoder is asked again or the buffer changes.
    bool selfContained = true;
};

/// Takes v5 frames off a stream and checks both of their checksums. Compression is None or Lz4.
class FrameDecoder {
public:
    explicit FrameDecoder(Compression compression) : m_compression(compression) {}

    /// Nothing while the next frame is not whole. After an error the stream cannot be followed.
    Result<std::optional<Frame>> next(StreamBuffer& in);

private:
    const Compression m_compression;
    Bytes m_unpacked;
};

/// Room that a frame's header takes before its payload.
std::size_t frameHeaderBytes(Compression compression);

/// Completes the frame whose header room starts at `start` of `out` and whose payload reaches to
/// its end: fills in the header, compresses the payload where that is agreed and makes it smaller,
/// adds the checksum. At most kMaxFramePayload bytes.
void closeFrame(Bytes& out, std::size_t start, bool selfContained, Compression compression);

}  // namespace engine::native
