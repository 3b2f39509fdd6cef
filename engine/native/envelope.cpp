#include "engine/native/envelope.h"

#include <fmt/format.h>

namespace engine::native {

namespace {

constexpr std::uint8_t kResponseBit = 0x80;
/// Version, flags and stream: what an answer to an unknown version needs.
constexpr std::size_t kStreamKnownAt = 4;

/// What is left with `native_transport_allow_older_protocols: false`.
constexpr std::string_view kNewerVersions = "5/v5, 6/v6-beta";

bool isKnownVersion(int version, const EnvelopeLimits& limits) {
    return version >= limits.minVersion && version <= kBetaVersion;
}

}  // namespace

EnvelopeHeader readEnvelopeHeader(BytesView bytes) {
    ByteReader in(bytes);
    EnvelopeHeader header;
    const std::uint8_t first = in.u8();
    header.version = static_cast<std::uint8_t>(first & ~kResponseBit);
    header.response = (first & kResponseBit) != 0;
    header.flags = in.u8();
    header.stream = in.i16();
    header.opcode = in.u8();
    header.length = in.u32();
    return header;
}

std::size_t beginEnvelope(ByteWriter& out, int version, bool response, std::uint8_t flags,
                          std::int16_t stream, Opcode opcode) {
    const std::size_t start = out.size();
    out.u8(static_cast<std::uint8_t>(version | (response ? kResponseBit : 0)));
    out.u8(static_cast<std::uint8_t>(flags | (version == kBetaVersion ? flag::kBeta : 0)));
    out.i16(stream);
    out.u8(static_cast<std::uint8_t>(opcode));
    out.u32(0);
    return start;
}

void endEnvelope(ByteWriter& out, std::size_t start) {
    const std::size_t body = out.size() - start - kEnvelopeHeaderBytes;
    out.patchU32(start + kEnvelopeHeaderBytes - 4, static_cast<std::uint32_t>(body));
}

std::optional<EnvelopeFault> checkEnvelopeStart(BytesView bytes, const EnvelopeLimits& limits) {
    if (bytes.size() < kStreamKnownAt) {
        return std::nullopt;
    }
    const EnvelopeHeader header = readEnvelopeHeader(bytes);
    const auto refuse = [&](std::string message) {
        return EnvelopeFault{ErrorKind::Protocol, std::move(message), header.stream};
    };
    if (!isKnownVersion(header.version, limits)) {
        const std::string_view supported =
            limits.minVersion > kMinVersion ? kNewerVersions : kSupportedVersions;
        return refuse(fmt::format("Invalid or unsupported protocol version ({}); supported versions "
                                  "are ({})", header.version, supported));
    }
    if (bytes.size() < kEnvelopeHeaderBytes) {
        return std::nullopt;
    }
    if (header.version == kBetaVersion && (header.flags & flag::kBeta) == 0) {
        return refuse(fmt::format("Beta version of the protocol used ({}/v{}-beta), but USE_BETA "
                                  "flag is unset", kBetaVersion, kBetaVersion));
    }
    if (header.opcode > kLastOpcode) {
        return refuse(fmt::format("Unknown opcode {}", header.opcode));
    }
    const auto opcode = static_cast<Opcode>(header.opcode);
    const bool wantsResponse = limits.side == Side::Client;
    if (header.response != wantsResponse || isRequest(opcode) == wantsResponse) {
        // What the opcode is comes first (Message.Type.fromOpcode), then which side listens here.
        const bool isMixed = isRequest(opcode) == header.response;
        const bool expected = isMixed ? !header.response : wantsResponse;
        return refuse(fmt::format("Wrong protocol direction (expected {}, got {}) for opcode {} ({})",
                                  expected ? "RESPONSE" : "REQUEST", expected ? "REQUEST" : "RESPONSE",
                                  header.opcode, toString(opcode)));
    }
    if (header.length > kLongestEnvelope) {
        return refuse(fmt::format("Invalid frame body length: {}", header.length));
    }
    return std::nullopt;
}

}  // namespace engine::native
