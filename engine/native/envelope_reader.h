#pragma once

#include <optional>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/native/envelope.h"
#include "engine/native/frame_codec.h"
#include "engine/native/stream_buffer.h"

namespace engine::native {

/// A whole message: its header, and its body after decompression.
struct Envelope {
    EnvelopeHeader header;
    BytesView body;  // Valid until the reader is asked again.
};

/// Cuts a stream of bytes into envelopes: bare ones as v3 and v4 send them and v5 does before
/// READY, or those within v5 frames, several in one or one over several. Does no input itself.
/// Never holds more than one chunk, one frame and one envelope of the longest allowed length.
class EnvelopeReader {
public:
    explicit EnvelopeReader(EnvelopeLimits limits) : m_limits(limits) {}

    /// From here on the stream is made of v5 frames.
    void useFrames(Compression compression) { m_frames.emplace(compression); }
    /// From here on bodies with the flag are compressed so (v3, v4).
    void useCompression(Compression compression) { m_compression = compression; }

    /// `chunk` must stay valid until keep(); call next() until it needs more, then keep().
    void add(BytesView chunk) { m_stream.add(chunk); }
    void keep();

    /// Nothing (monostate): more bytes are needed.
    using Step = std::variant<std::monostate, Envelope, EnvelopeFault>;
    Step next();
    std::size_t buffered() const { return m_stream.size() + m_payload.size() + m_large.size(); }

private:
    Step nextBare();
    Step nextFramed();
    Step nextOfPayload();
    Step takeLarge(BytesView piece);
    Step beginLarge(BytesView piece);
    Step whole(const EnvelopeHeader& header, BytesView body);
    EnvelopeFault tooBig(const EnvelopeHeader& header) const;
    static EnvelopeFault broken(std::string message);
    void skipDiscarded();

    const EnvelopeLimits m_limits;
    Compression m_compression = Compression::None;
    StreamBuffer m_stream;
    std::size_t m_discard = 0;  // Bytes of a bare body that is too big and still to come.
    Bytes m_unpacked;

    std::optional<FrameDecoder> m_frames;
    BytesView m_payload;    // Of the present frame, what is not used up.
    Bytes m_keptPayload;    // Holds it from one turn to the next.
    Bytes m_large;          // An envelope over several frames, as far as it has come,
    std::size_t m_largeNeeded = 0;  // how long it will be (0: there is none),
    std::size_t m_largeSeen = 0;    // and how much of it has come.
    bool m_largeRefused = false;    // It is too big: only counted.
};

}  // namespace engine::native
