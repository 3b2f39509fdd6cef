#include "engine/native/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace engine::native {

namespace {

using cql::BoundValue;

constexpr int kUnset = -2;
constexpr int kFirstWithUnset = 4;     // Protocol version,
constexpr int kFirstWithWideFlags = 5;
constexpr std::uint32_t kPrepareKeyspace = 0x01;
constexpr std::size_t kShortestValue = 4;
/// Bytes of a broken text that its refusal shows: an error message holds 65,535 characters.
constexpr std::size_t kShownBytes = 16 * 1024;

/// The bytes as text, or CBUtil.decodeString's refusal.
Result<std::string> decodedText(BytesView bytes) {
    if (const auto fault = findUtf8Fault(bytes)) {
        return protocolError(fmt::format(
            "Cannot decode string as UTF8: '{}'; java.nio.charset.MalformedInputException: Input length = {}",
            toHex(bytes.substr(fault->offset, kShownBytes)), fault->length));
    }
    return std::string(bytes);
}

Error textTooShort(int lengthBytes) {
    return protocolError(fmt::format(
        "Not enough bytes to read an UTF8 serialized string preceded by its {} bytes length", lengthBytes));
}

/// [string]
Result<std::string> readText(ByteReader& in) {
    const bool failedBefore = in.failed();
    const BytesView bytes = in.shortBlob();
    if (in.failed() && !failedBefore) {
        return textTooShort(2);
    }
    return decodedText(bytes);
}

/// [long string]
Result<std::string> readLongText(ByteReader& in) {
    const bool failedBefore = in.failed();
    const auto bytes = in.longBlob();
    if ((in.failed() || !bytes) && !failedBefore) {
        return textTooShort(4);
    }
    return decodedText(bytes.value_or(BytesView()));
}

/// [short bytes]
Result<Bytes> readId(ByteReader& in) {
    const bool failedBefore = in.failed();
    const BytesView bytes = in.shortBlob();
    if (in.failed() && !failedBefore) {
        return protocolError("Not enough bytes to read a byte array preceded by its 2 bytes length");
    }
    return Bytes(bytes);
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
            TRY_ASSIGN(auto name, readText(in));
            names->push_back(std::move(name));
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
        const std::int32_t pageSize = in.i32();
        if (pageSize == 0 && !in.failed()) {
            return protocolError("The page size cannot be 0");
        }
        options.pageSize = std::max(pageSize, 0);
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
        TRY_ASSIGN(out.keyspace, readText(in));
    }
    if (version >= kFirstWithWideFlags && (flags & query_flag::kNowSeconds) != 0) {
        options.nowSeconds = in.i32();
    }
    return out;
}

Result<Request> readStartup(ByteReader& in) {
    StartupRequest out;
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        TRY_ASSIGN(const std::string key, readText(in));
        TRY_ASSIGN(std::string value, readText(in));
        out.options.insert_or_assign(upperCase(key), std::move(value));
    }
    return Request(std::move(out));
}

Result<Request> readQuery(ByteReader& in, int version) {
    QueryRequest out;
    TRY_ASSIGN(out.text, readLongText(in));
    TRY_ASSIGN(out.parameters, readParameters(in, version));
    return Request(std::move(out));
}

Result<Request> readPrepare(ByteReader& in, int version) {
    PrepareRequest out;
    TRY_ASSIGN(out.text, readLongText(in));
    if (version >= kFirstWithWideFlags && (in.u32() & kPrepareKeyspace) != 0) {
        TRY_ASSIGN(out.keyspace, readText(in));
    }
    return Request(std::move(out));
}

Result<Request> readExecute(ByteReader& in, int version) {
    ExecuteRequest out;
    TRY_ASSIGN(out.id, readId(in));
    if (version >= kFirstWithWideFlags) {
        TRY_ASSIGN(out.resultMetadataId, readId(in));
    }
    TRY_ASSIGN(out.parameters, readParameters(in, version));
    return Request(std::move(out));
}

Result<coordinator::BatchEntry> readBatchEntry(ByteReader& in, int version) {
    coordinator::BatchEntry entry;
    const std::uint8_t kind = in.u8();
    if (kind == 0) {
        TRY_ASSIGN(auto text, readLongText(in));
        entry.textOrId.emplace<0>(std::move(text));
    } else if (kind == 1) {
        TRY_ASSIGN(auto id, readId(in));
        entry.textOrId.emplace<1>(std::move(id));
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
        TRY_ASSIGN(const std::string text, readText(in));
        const std::string name = upperCase(text);
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
            return protocolError("Unsupported message");  // CREDENTIALS, which ended with protocol 1.
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
