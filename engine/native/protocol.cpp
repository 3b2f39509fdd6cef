#include "engine/native/protocol.h"

#include <array>

namespace engine::native {

std::string_view toString(Opcode opcode) {
    static constexpr std::array<std::string_view, kLastOpcode + 1> kNames = {
        "ERROR",   "STARTUP", "READY",    "AUTHENTICATE", "CREDENTIALS",    "OPTIONS",
        "SUPPORTED", "QUERY", "RESULT",   "PREPARE",      "EXECUTE",        "REGISTER",
        "EVENT",   "BATCH",   "AUTH_CHALLENGE", "AUTH_RESPONSE", "AUTH_SUCCESS"};
    const auto at = static_cast<std::size_t>(opcode);
    return at < kNames.size() ? kNames[at] : "UNKNOWN";
}

bool isRequest(Opcode opcode) {
    switch (opcode) {
        case Opcode::Startup:
        case Opcode::Credentials:
        case Opcode::Options:
        case Opcode::Query:
        case Opcode::Prepare:
        case Opcode::Execute:
        case Opcode::Register:
        case Opcode::Batch:
        case Opcode::AuthResponse:
            return true;
        default:
            return false;
    }
}

std::string_view toString(Compression compression) {
    switch (compression) {
        case Compression::Lz4:
            return "lz4";
        case Compression::Snappy:
            return "snappy";
        case Compression::None:
            break;
    }
    return {};
}

}  // namespace engine::native
