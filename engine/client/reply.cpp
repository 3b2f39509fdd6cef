#include "engine/client/reply.h"

#include <algorithm>
#include <cctype>

#include "engine/native/error_codec.h"
#include "engine/native/type_codec.h"
#include "engine/types/codec.h"

namespace engine::client {

namespace {

using native::Opcode;
using native::ResultKind;

Error unreadable(const char* what) {
    return makeError(ErrorKind::Protocol, std::string("cannot read the server's ") + what);
}

/// What stands before the message (NET-06).
struct Prefix {
    std::optional<Uuid> tracingId;
    std::vector<std::string> warnings;
    std::optional<SourceSpan> span;
};

Uuid readUuid(ByteReader& in) {
    Uuid id;
    id.high = in.u64();
    id.low = in.u64();
    return id;
}

Prefix readPrefix(ByteReader& in, std::uint8_t flags) {
    Prefix out;
    if ((flags & native::flag::kTracing) != 0) {
        out.tracingId = readUuid(in);
    }
    if ((flags & native::flag::kWarning) != 0) {
        out.warnings = native::readStringList(in);
    }
    if ((flags & native::flag::kCustomPayload) != 0) {
        const std::size_t count = in.u16();
        for (std::size_t i = 0; i < count && !in.failed(); ++i) {
            const BytesView key = in.shortBlob();
            const BytesView value = in.longBlob().value_or(BytesView());
            if (key == native::kSpanPayload) {
                out.span = native::unpackSpan(value);
            }
        }
    }
    return out;
}

struct RowsMetadata {
    cql::ResultMetadataPtr columns;
    std::optional<Bytes> pagingState;
};

Result<RowsMetadata> readRowsMetadata(ByteReader& in, const cql::ResultMetadataPtr& known) {
    RowsMetadata out;
    auto metadata = std::make_shared<cql::ResultMetadata>();
    const std::uint32_t flags = in.u32();
    const std::int32_t columns = in.i32();
    if ((flags & native::rows_flag::kMorePages) != 0) {
        out.pagingState.emplace(in.longBlob().value_or(BytesView()));
    }
    if ((flags & native::rows_flag::kMetadataChanged) != 0) {
        metadata->id = in.shortBlob();
    }
    if ((flags & native::rows_flag::kNoMetadata) != 0 && known) {
        out.columns = known;
    } else {
        if ((flags & native::rows_flag::kNoMetadata) == 0) {
            const bool global = (flags & native::rows_flag::kGlobalTable) != 0;
            TRY_ASSIGN(metadata->columns, native::readColumns(in, columns, global));
        }
        out.columns = std::move(metadata);
    }
    if (in.failed() || static_cast<std::int64_t>(out.columns->columns.size()) != columns) {
        return unreadable("result metadata");
    }
    return out;
}

Result<cql::StatementResult> readRows(ByteReader& in, const cql::ResultMetadataPtr& known) {
    TRY_ASSIGN(auto metadata, readRowsMetadata(in, known));
    cql::RowsResult out;
    out.metadata = std::move(metadata.columns);
    out.pagingState = std::move(metadata.pagingState);
    const std::int32_t rows = in.i32();
    const std::size_t columns = out.metadata->columns.size();
    if (columns == 0 && rows > 0) {
        return unreadable("rows: they have no columns");
    }
    for (std::int32_t i = 0; i < rows && !in.failed(); ++i) {
        cql::ResultRow& row = out.rows.emplace_back();
        row.reserve(columns);
        for (std::size_t c = 0; c < columns; ++c) {
            const auto value = in.longBlob();
            row.push_back(value ? cql::Value(Bytes(*value)) : std::nullopt);
        }
    }
    if (in.failed()) {
        return unreadable("rows");
    }
    return cql::StatementResult(std::move(out));
}

schema::SchemaChange readSchemaChange(ByteReader& in) {
    schema::SchemaChange change;
    change.change = in.shortBlob();
    change.target = in.shortBlob();
    change.keyspace = in.shortBlob();
    if (change.target != "KEYSPACE") {
        change.name = in.shortBlob();
    }
    if (change.target == "FUNCTION" || change.target == "AGGREGATE") {
        change.argumentTypes = native::readStringList(in);
    }
    return change;
}

Result<Reply> readPrepared(ByteReader& in, Prefix prefix) {
    PreparedQuery out;
    out.id = in.shortBlob();
    out.resultMetadataId = in.shortBlob();
    const std::uint32_t flags = in.u32();
    const std::int32_t columns = in.i32();
    const std::int32_t keys = in.i32();
    for (std::int32_t i = 0; i < keys && !in.failed(); ++i) {
        out.partitionKeyVariables.push_back(in.u16());
    }
    const bool global = (flags & native::rows_flag::kGlobalTable) != 0;
    TRY_ASSIGN(out.variables, native::readColumns(in, columns, global));
    TRY_ASSIGN(auto metadata, readRowsMetadata(in, nullptr));
    auto result = std::make_shared<cql::ResultMetadata>(*metadata.columns);
    result->id = out.resultMetadataId;
    out.resultMetadata = std::move(result);
    out.warnings = std::move(prefix.warnings);
    return Reply(std::move(out));
}

Result<Reply> readResult(ByteReader& in, Prefix prefix, const cql::ResultMetadataPtr& known) {
    QueryAnswer out;
    switch (static_cast<ResultKind>(in.i32())) {
        case ResultKind::Void:
            break;
        case ResultKind::Rows: {
            TRY_ASSIGN(out.result, readRows(in, known));
            break;
        }
        case ResultKind::SetKeyspace:
            out.result = cql::SetKeyspaceResult{std::string(in.shortBlob())};
            break;
        case ResultKind::Prepared:
            return readPrepared(in, std::move(prefix));
        case ResultKind::SchemaChange:
            out.result = cql::SchemaChangeResult{readSchemaChange(in)};
            break;
        default:
            return unreadable("result");
    }
    out.warnings = std::move(prefix.warnings);
    out.tracingId = prefix.tracingId;
    return Reply(std::move(out));
}

Result<Reply> readServerError(ByteReader& in, const Prefix& prefix) {
    Error error = native::readError(in);
    if (in.failed()) {
        return unreadable("error");
    }
    if (prefix.span) {
        auto detail = std::make_shared<ErrorDetail>(*error.detail);
        detail->hasSpan = true;
        detail->span = *prefix.span;
        error.detail = std::move(detail);
    }
    return error;
}

Reply readSupported(ByteReader& in) {
    SupportedReply out;
    const std::size_t count = in.u16();
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        std::string name(in.shortBlob());
        out.options.emplace_back(std::move(name), native::readStringList(in));
    }
    return out;
}

Reply readEvent(ByteReader& in) {
    EventReply out;
    out.type = in.shortBlob();
    if (out.type == "SCHEMA_CHANGE") {
        out.schema = readSchemaChange(in);
        out.change = out.schema.change;
        return out;
    }
    out.change = in.shortBlob();
    const BytesView address = in.raw(in.u8());
    out.node.host = types::decodeInet(address);
    out.node.port = static_cast<std::uint16_t>(in.i32());
    return out;
}

Result<Reply> readMessage(ByteReader& in, const native::EnvelopeHeader& header, Prefix prefix,
                          const cql::ResultMetadataPtr& known) {
    switch (static_cast<Opcode>(header.opcode)) {
        case Opcode::Error:
            return readServerError(in, prefix);
        case Opcode::Ready:
            return Reply(EmptyReply{});
        case Opcode::Authenticate:
            return Reply(AuthenticateReply{std::string(in.shortBlob())});
        case Opcode::AuthSuccess:
            return Reply(EmptyReply{});
        case Opcode::Supported:
            return readSupported(in);
        case Opcode::Result:
            return readResult(in, std::move(prefix), known);
        case Opcode::Event:
            return readEvent(in);
        default:
            return unreadable("answer: unexpected message");
    }
}

}  // namespace

Result<Reply> decodeReply(const native::EnvelopeHeader& header, BytesView body,
                          const cql::ResultMetadataPtr& known) {
    ByteReader in(body);
    Prefix prefix = readPrefix(in, header.flags);
    auto reply = readMessage(in, header, std::move(prefix), known);
    if (reply.has_value() && in.failed()) {
        return unreadable("answer: it ends too early");
    }
    return reply;
}

void writeQuery(ByteWriter& out, const Query& query, const PreparedQuery* prepared) {
    namespace flag = native::query_flag;
    if (prepared != nullptr) {
        out.shortBlob(prepared->id);
        out.shortBlob(prepared->resultMetadataId);
    } else {
        out.longBlob(query.text);
    }
    std::uint32_t flags = flag::kSerialConsistency;
    flags |= query.values.empty() ? 0 : flag::kValues;
    flags |= prepared != nullptr && !prepared->resultMetadata->columns.empty() ? flag::kSkipMetadata : 0;
    flags |= query.pageSize > 0 ? flag::kPageSize : 0;
    flags |= query.pagingState ? flag::kPagingState : 0;
    flags |= query.timestampMicros ? flag::kTimestamp : 0;
    out.u16(query.consistency);
    out.u32(flags);
    if (!query.values.empty()) {
        out.u16(static_cast<std::uint16_t>(query.values.size()));
        for (const std::optional<Bytes>& value : query.values) {
            value ? out.longBlob(*value) : out.i32(-1);
        }
    }
    if (query.pageSize > 0) {
        out.i32(query.pageSize);
    }
    if (query.pagingState) {
        out.longBlob(*query.pagingState);
    }
    out.u16(query.serialConsistency);
    if (query.timestampMicros) {
        out.i64(*query.timestampMicros);
    }
}

Error locateInText(Error error, std::string_view text) {
    unsigned line = 0;
    unsigned column = 0;
    const bool hasSpan = error.detail && error.detail->hasSpan;
    if (hasSpan || error.kind != ErrorKind::Syntax ||
        std::sscanf(error.message.c_str(), "line %u:%u", &line, &column) != 2) {
        return error;
    }
    std::size_t offset = 0;
    for (unsigned i = 1; i < line && offset != std::string_view::npos; ++i) {
        offset = text.find('\n', offset);
        offset += offset == std::string_view::npos ? 0 : 1;
    }
    if (offset == std::string_view::npos || offset + column > text.size()) {
        return error;
    }
    auto detail = std::make_shared<ErrorDetail>(error.detail ? *error.detail : ErrorDetail{});
    detail->hasSpan = true;
    detail->span = {static_cast<std::uint32_t>(offset + column), 1, line, column};
    error.detail = std::move(detail);
    return error;
}

}  // namespace engine::client
