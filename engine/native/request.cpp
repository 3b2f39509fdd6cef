#include "engine/native/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>

namespace engine::native {

namespace {

using cql::BoundValue;

constexpr int kUnset = -2;
constexpr int kFirstWithUnset = 4;     // Protocol version,
constexpr int kFirstWithWideFlags = 5;
constexpr std::uint32_t kPrepareKeyspace = 0x01;
constexpr std::size_t kShortestValue = 4;

std::string upperCase(BytesView text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

Result<std::uint16_t> readConsistency(ByteReader& in) {
    const std::uint16_t code = in.u16();
    if (code > kLastConsistency) {
        return protocolError(fmt::format("Unknown code {} for a consistency level", code));
    }
    return code;
}

Result<BoundValue> readValue(ByteReader& in, int version) {
    const std::int32_t length = in.i32();
    if (length >= 0) {
        return BoundValue{BoundValue::State::Set, Bytes(in.raw(static_cast<std::size_t>(length)))};
    }
    if (length == -1 || version < kFirstWithUnset) {
        return BoundValue{BoundValue::State::Null, {}};
    }
    if (length == kUnset) {
        return BoundValue{BoundValue::State::Unset, {}};
    }
    return protocolError(fmt::format("Invalid ByteBuf length {}", length));
}

Result<std::vector<BoundValue>> readValues(ByteReader& in, int version,
                                           std::vector<std::string>* names) {
    const std::size_t count = in.u16();
    std::vector<BoundValue> values;
    values.reserve(std::min(count, in.remaining() / kShortestValue));
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        if (names != nullptr) {
            names->emplace_back(in.shortBlob());
        }
        TRY_ASSIGN(auto value, readValue(in, version));
        values.push_back(std::move(value));
    }
    return values;
}

Result<void> readTimestamp(ByteReader& in, cql::QueryOptions& options) {
    constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
    const std::int64_t timestamp = in.i64();
    if (timestamp == kLowest) {
        return protocolError(fmt::format("Out of bound timestamp, must be in [{}, {}] (got {})",
                                         kLowest + 1, std::numeric_limits<std::int64_t>::max(),
                                         timestamp));
    }
    options.timestampMicros = timestamp;
    return ok();
}

/// QueryOptions.codec of Cassandra.
Result<QueryParameters> readParameters(ByteReader& in, int version) {
    QueryParameters out;
    cql::QueryOptions& options = out.options;
    options.protocolVersion = version;
    TRY_ASSIGN(options.consistency, readConsistency(in));
    const std::uint32_t flags = version >= kFirstWithWideFlags ? in.u32() : in.u8();
    out.skipMetadata = (flags & query_flag::kSkipMetadata) != 0;
    if ((flags & query_flag::kValues) != 0) {
        const bool named = (flags & query_flag::kNames) != 0;
        TRY_ASSIGN(options.values,
                   readValues(in, version, named ? &options.valueNames : nullptr));
    }
    if ((flags & query_flag::kPageSize) != 0) {
        options.pageSize = std::max(in.i32(), 0);
    }
    if ((flags & query_flag::kPagingState) != 0) {
        if (const auto state = in.longBlob()) {
            options.pagingState.emplace(*state);
        }
    }
    if ((flags & query_flag::kSerialConsistency) != 0) {
        TRY_ASSIGN(options.serialConsistency, readConsistency(in));
    }
    if ((flags & query_flag::kTimestamp) != 0) {
        TRY(readTimestamp(in, options));
    }
    if (version >= kFirstWithWideFlags && (flags & query_flag::kKeyspace) != 0) {
        out.keyspace = in.shortBlob();
    }
    if (version >= kFirstWithWideFlags && (flags & query_flag::kNowSeconds) != 0) {
        options.nowSeconds = in.i32();
    }
    return out;
}

std::string readLongString(ByteReader& in) {
    const auto text = in.longBlob();
    if (!text) {
        in.fail();
        return {};
    }
    return std::string(*text);
}

Result<Request> readStartup(ByteReader& in) {
    StartupRequest out;
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        std::string key = upperCase(in.shortBlob());
        out.options.insert_or_assign(std::move(key), std::string(in.shortBlob()));
    }
    return Request(std::move(out));
}

Result<Request> readQuery(ByteReader& in, int version) {
    QueryRequest out;
    out.text = readLongString(in);
    TRY_ASSIGN(out.parameters, readParameters(in, version));
    return Request(std::move(out));
}

Result<Request> readPrepare(ByteReader& in, int version) {
    PrepareRequest out;
    out.text = readLongString(in);
    if (version >= kFirstWithWideFlags && (in.u32() & kPrepareKeyspace) != 0) {
        out.keyspace = in.shortBlob();
    }
    return Request(std::move(out));
}

Result<Request> readExecute(ByteReader& in, int version) {
    ExecuteRequest out;
    out.id = in.shortBlob();
    if (version >= kFirstWithWideFlags) {
        out.resultMetadataId = in.shortBlob();
    }
    TRY_ASSIGN(out.parameters, readParameters(in, version));
    return Request(std::move(out));
}

Result<coordinator::BatchEntry> readBatchEntry(ByteReader& in, int version) {
    coordinator::BatchEntry entry;
    const std::uint8_t kind = in.u8();
    if (kind == 0) {
        entry.textOrId.emplace<0>(readLongString(in));
    } else if (kind == 1) {
        entry.textOrId.emplace<1>(in.shortBlob());
    } else {
        return protocolError(fmt::format(
            "Invalid query kind in BATCH messages. Must be 0 or 1 but got {}", kind));
    }
    TRY_ASSIGN(entry.values, readValues(in, version, nullptr));
    return entry;
}

Result<Request> readBatch(ByteReader& in, int version) {
    BatchRequest out;
    const std::uint8_t type = in.u8();
    if (type > static_cast<std::uint8_t>(cql::BatchType::Counter)) {
        return protocolError(fmt::format("Invalid BATCH message type {}", type));
    }
    out.type = static_cast<cql::BatchType>(type);
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        TRY_ASSIGN(auto entry, readBatchEntry(in, version));
        out.entries.push_back(std::move(entry));
    }
    TRY_ASSIGN(out.parameters, readParameters(in, version));
    return Request(std::move(out));
}

Result<Request> readRegister(ByteReader& in) {
    RegisterRequest out;
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const std::string name = upperCase(in.shortBlob());
        if (name == "TOPOLOGY_CHANGE") {
            out.events |= kTopologyEvents;
        } else if (name == "STATUS_CHANGE") {
            out.events |= kStatusEvents;
        } else if (name == "SCHEMA_CHANGE") {
            out.events |= kSchemaEvents;
        } else if (!in.failed()) {
            return protocolError(fmt::format("Invalid value '{}' for Type", name));
        }
    }
    return Request(out);
}

Result<Request> readBody(Opcode opcode, int version, ByteReader& in) {
    switch (opcode) {
        case Opcode::Startup:
            return readStartup(in);
        case Opcode::Options:
            return Request(OptionsRequest{});
        case Opcode::Query:
            return readQuery(in, version);
        case Opcode::Prepare:
            return readPrepare(in, version);
        case Opcode::Execute:
            return readExecute(in, version);
        case Opcode::Batch:
            return readBatch(in, version);
        case Opcode::Register:
            return readRegister(in);
        case Opcode::AuthResponse:
            return Request(AuthResponseRequest{Bytes(in.longBlob().value_or(BytesView()))});
        default:
            return protocolError(fmt::format("Unexpected message {}", toString(opcode)));
    }
}

void skipCustomPayload(ByteReader& in) {
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        in.shortBlob();
        in.longBlob();
    }
}

}  // namespace

Result<Request> decodeRequest(const EnvelopeHeader& header, BytesView body) {
    ByteReader in(body);
    if ((header.flags & flag::kCustomPayload) != 0) {
        skipCustomPayload(in);
    }
    const auto opcode = static_cast<Opcode>(header.opcode);
    auto request = readBody(opcode, header.version, in);
    if (request.has_value() && in.failed()) {
        return protocolError(
            fmt::format("Not enough bytes to read the body of a {} message", toString(opcode)));
    }
    return request;
}

}  // namespace engine::native
