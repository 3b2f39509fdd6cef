#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/native/protocol.h"

namespace engine::native {

/// The nine bytes before each message (NET-04).
struct EnvelopeHeader {
    std::uint8_t version = 0;  // Without the direction bit.
    bool response = false;
    std::uint8_t flags = 0;
    std::int16_t stream = 0;
    std::uint8_t opcode = 0;
    std::uint32_t length = 0;  // Of the body.
};

/// Reads a header from at least kEnvelopeHeaderBytes bytes.
EnvelopeHeader readEnvelopeHeader(BytesView bytes);

/// Starts an envelope with its length still open; returns where it starts.
std::size_t beginEnvelope(ByteWriter& out, int version, bool response, std::uint8_t flags,
                          std::int16_t stream, Opcode opcode);
/// Fills in the length of the envelope that starts at `start` and ends here.
void endEnvelope(ByteWriter& out, std::size_t start);

/// Why an envelope is refused, and on which stream to say so. After a fault of kind Protocol the
/// stream cannot be followed any further; after the other (Invalid: too big) it can.
struct EnvelopeFault {
    ErrorKind kind = ErrorKind::Protocol;
    std::string message;
    std::int16_t stream = 0;
};

inline Error protocolError(std::string message) { return makeError(ErrorKind::Protocol, std::move(message)); }

enum class Side : std::uint8_t { Server, Client };

struct EnvelopeLimits {
    Side side = Side::Server;  // Whose reader it is: servers take requests, clients responses.
    int minVersion = kMinVersion;
    std::size_t maxBody = kMaxEnvelopeBytes;
};

/// Checks what can be told from the first bytes of an envelope: version (as soon as it is there),
/// direction, beta flag, opcode, length. Nothing when all is well or more bytes are needed.
/// Texts are those of Envelope.Decoder, ProtocolVersion.decode and Message.Type of Cassandra.
std::optional<EnvelopeFault> checkEnvelopeStart(BytesView bytes, const EnvelopeLimits& limits);

}  // namespace engine::native
