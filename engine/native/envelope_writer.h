#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/native/envelope.h"

namespace engine::native {

/// Gathers envelopes for one stream: bare, with compressed bodies (v3, v4), or within v5 frames.
/// Messages are written where they will be sent from; as many as fit share a frame.
class EnvelopeWriter {
public:
    /// What is begun from here on goes into v5 frames.
    void useFrames(Compression compression) { m_frames = compression; }
    void useCompression(Compression compression) { m_compression = compression; }

    /// Write the message's body to what this returns, then call end().
    ByteWriter& begin(int version, bool response, std::uint8_t flags, std::int16_t stream,
                      Opcode opcode);
    void end();
    /// Forgets the envelope that was begun.
    void drop();
    /// Bytes of the body of the envelope that was begun, so far.
    std::size_t bodySize() const { return m_out.size() - m_envelope - kEnvelopeHeaderBytes; }

    bool empty() const { return m_out.size() == 0; }
    std::size_t size() const { return m_out.size(); }
    /// Everything since the last take(), ready to be sent.
    Bytes take();

private:
    void openFrame();
    void closeOpenFrame();
    void compressBodyInPlace();
    void splitOverFrames();

    ByteWriter m_out;
    Compression m_compression = Compression::None;
    std::optional<Compression> m_frames;
    std::optional<std::size_t> m_frame;  // Where the frame that is still open starts.
    std::size_t m_envelope = 0;          // Where the last envelope starts.
};

}  // namespace engine::native
