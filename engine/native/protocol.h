#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Numbers and names of the CQL native protocol (doc/native_protocol_v{3,4,5}.spec), shared by the
/// server and the client.
namespace engine::native {

constexpr int kMinVersion = 3;
constexpr int kMaxVersion = 5;   // The highest stable one.
constexpr int kBetaVersion = 6;  // Like 5; wants the USE_BETA flag.

constexpr std::string_view kSupportedVersions = "3/v3, 4/v4, 5/v5, 6/v6-beta";
constexpr std::string_view kCqlVersion = "3.4.7";

enum class Opcode : std::uint8_t {
    Error = 0x00,
    Startup = 0x01,
    Ready = 0x02,
    Authenticate = 0x03,
    Credentials = 0x04,
    Options = 0x05,
    Supported = 0x06,
    Query = 0x07,
    Result = 0x08,
    Prepare = 0x09,
    Execute = 0x0A,
    Register = 0x0B,
    Event = 0x0C,
    Batch = 0x0D,
    AuthChallenge = 0x0E,
    AuthResponse = 0x0F,
    AuthSuccess = 0x10,
};
constexpr std::uint8_t kLastOpcode = 0x10;
/// As Cassandra's Message.Type prints it.
std::string_view toString(Opcode opcode);
bool isRequest(Opcode opcode);

namespace flag {
constexpr std::uint8_t kCompressed = 0x01;
constexpr std::uint8_t kTracing = 0x02;
constexpr std::uint8_t kCustomPayload = 0x04;
constexpr std::uint8_t kWarning = 0x08;
constexpr std::uint8_t kBeta = 0x10;
}  // namespace flag

namespace query_flag {
constexpr std::uint32_t kValues = 0x01;
constexpr std::uint32_t kSkipMetadata = 0x02;
constexpr std::uint32_t kPageSize = 0x04;
constexpr std::uint32_t kPagingState = 0x08;
constexpr std::uint32_t kSerialConsistency = 0x10;
constexpr std::uint32_t kTimestamp = 0x20;
constexpr std::uint32_t kNames = 0x40;
constexpr std::uint32_t kKeyspace = 0x80;     // v5
constexpr std::uint32_t kNowSeconds = 0x100;  // v5
}  // namespace query_flag

namespace rows_flag {
constexpr std::uint32_t kGlobalTable = 0x01;
constexpr std::uint32_t kMorePages = 0x02;
constexpr std::uint32_t kNoMetadata = 0x04;
constexpr std::uint32_t kMetadataChanged = 0x08;
}  // namespace rows_flag

enum class ResultKind : std::int32_t {
    Void = 1,
    Rows = 2,
    SetKeyspace = 3,
    Prepared = 4,
    SchemaChange = 5,
};

constexpr std::uint16_t kLastConsistency = 11;  // NODE_LOCAL.

/// Default of `native_transport_max_frame_size`: the longest body of a request.
constexpr std::size_t kMaxEnvelopeBytes = 16 * 1024 * 1024;
/// No envelope of any version is longer (native_protocol_v5.spec 2).
constexpr std::size_t kLongestEnvelope = 256 * 1024 * 1024;
constexpr std::size_t kEnvelopeHeaderBytes = 9;
/// Payload of one v5 frame.
constexpr std::size_t kMaxFramePayload = 128 * 1024 - 1;

enum class Compression : std::uint8_t { None, Lz4, Snappy };
/// `lz4`, `snappy`; empty for none.
std::string_view toString(Compression compression);

/// STARTUP key by which Ringside's own tools ask that each of their requests is told to the
/// explorer in full, and custom payload key by which they get an error's place in the statement:
/// four 32-bit numbers: offset, length, line, column.
constexpr std::string_view kTellKey = "RINGSIDE_TELL";
constexpr std::string_view kSpanPayload = "ringside-span";

}  // namespace engine::native
