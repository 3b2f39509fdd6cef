#include "engine/native/response.h"

#include "engine/base/hash.h"
#include "engine/native/type_codec.h"
#include "engine/types/codec.h"

namespace engine::native {

namespace {

constexpr int kFirstWithWarnings = 4;
constexpr int kFirstWithKeyIndexes = 4;
constexpr int kFirstWithMetadataId = 5;
constexpr int kFirstWithFunctionEvents = 4;

void writeKind(ByteWriter& out, ResultKind kind) { out.i32(static_cast<std::int32_t>(kind)); }

const Bytes& metadataId(const cql::ResultMetadata& metadata) {
    static const Bytes kOfNoColumns = md5({});
    return metadata.id.empty() ? kOfNoColumns : metadata.id;
}

void writeRowsMetadata(ByteWriter& out, int version, const cql::RowsResult& rows, RowsStyle style) {
    const std::vector<cql::ColumnSpec>& columns = rows.metadata->columns;
    const bool changed = style.metadataChanged && version >= kFirstWithMetadataId;
    const bool whole = changed || !style.skipMetadata;
    const bool global = whole && allInSameTable(columns);
    std::uint32_t flags = 0;
    flags |= global ? rows_flag::kGlobalTable : 0;
    flags |= rows.pagingState ? rows_flag::kMorePages : 0;
    flags |= whole ? 0 : rows_flag::kNoMetadata;
    flags |= changed ? rows_flag::kMetadataChanged : 0;
    out.u32(flags);
    out.i32(static_cast<std::int32_t>(columns.size()));
    if (rows.pagingState) {
        out.longBlob(*rows.pagingState);
    }
    if (changed) {
        out.shortBlob(metadataId(*rows.metadata));
    }
    if (whole) {
        writeColumns(out, version, columns, global);
    }
}

void writeRows(ByteWriter& out, int version, const cql::RowsResult& rows, RowsStyle style) {
    writeKind(out, ResultKind::Rows);
    writeRowsMetadata(out, version, rows, style);
    out.i32(static_cast<std::int32_t>(rows.rows.size()));
    for (const cql::ResultRow& row : rows.rows) {
        for (const cql::Value& value : row) {
            if (value) {
                out.longBlob(*value);
            } else {
                out.i32(-1);
            }
        }
    }
}

void writeBindMetadata(ByteWriter& out, int version, const cql::Prepared& prepared) {
    const bool global = allInSameTable(prepared.variables);
    out.u32(global ? rows_flag::kGlobalTable : 0);
    out.i32(static_cast<std::int32_t>(prepared.variables.size()));
    if (version >= kFirstWithKeyIndexes) {
        out.i32(static_cast<std::int32_t>(prepared.partitionKeyVariables.size()));
        for (const std::uint16_t index : prepared.partitionKeyVariables) {
            out.u16(index);
        }
    }
    writeColumns(out, version, prepared.variables, global);
}

/// Statements that return no rows answer ResultSet.ResultMetadata.EMPTY: no columns, no metadata.
void writePreparedResultMetadata(ByteWriter& out, int version, const cql::ResultMetadata& metadata) {
    const bool global = allInSameTable(metadata.columns);
    const bool none = metadata.columns.empty();
    out.u32((global ? rows_flag::kGlobalTable : 0) | (none ? rows_flag::kNoMetadata : 0));
    out.i32(static_cast<std::int32_t>(metadata.columns.size()));
    writeColumns(out, version, metadata.columns, global);
}

bool isFunction(const schema::SchemaChange& change) {
    return change.target == "FUNCTION" || change.target == "AGGREGATE";
}

}  // namespace

std::uint8_t ResponsePrefix::flags(int version) const {
    const bool newer = version >= kFirstWithWarnings;
    std::uint8_t out = 0;
    out |= tracingId ? flag::kTracing : 0;
    out |= newer && warnings != nullptr && !warnings->empty() ? flag::kWarning : 0;
    out |= newer && !span.empty() ? flag::kCustomPayload : 0;
    return out;
}

void ResponsePrefix::write(ByteWriter& out, int version) const {
    const std::uint8_t present = flags(version);
    if (tracingId) {
        out.u64(tracingId->high);
        out.u64(tracingId->low);
    }
    if ((present & flag::kWarning) != 0) {
        writeStringList(out, *warnings);
    }
    if ((present & flag::kCustomPayload) != 0) {
        out.u16(1);
        writeString(out, kSpanPayload);
        out.longBlob(span);
    }
}

void writeResult(ByteWriter& out, int version, const cql::StatementResult& result,
                 RowsStyle style) {
    if (const auto* rows = std::get_if<cql::RowsResult>(&result)) {
        writeRows(out, version, *rows, style);
    } else if (const auto* use = std::get_if<cql::SetKeyspaceResult>(&result)) {
        writeKind(out, ResultKind::SetKeyspace);
        writeString(out, use->keyspace);
    } else if (const auto* schema = std::get_if<cql::SchemaChangeResult>(&result);
               schema != nullptr && !schema->change.change.empty()) {
        writeKind(out, ResultKind::SchemaChange);
        writeSchemaChange(out, version, schema->change);
    } else {
        writeKind(out, ResultKind::Void);
    }
}

void writePrepared(ByteWriter& out, int version, const coordinator::PreparedAnswer& prepared) {
    const cql::Prepared& statement = *prepared.statement;
    writeKind(out, ResultKind::Prepared);
    out.shortBlob(prepared.id);
    if (version >= kFirstWithMetadataId) {
        out.shortBlob(metadataId(*statement.resultMetadata));
    }
    writeBindMetadata(out, version, statement);
    writePreparedResultMetadata(out, version, *statement.resultMetadata);
}

void writeSupported(ByteWriter& out) {
    const std::vector<std::pair<std::string, std::vector<std::string>>> options = {
        {"PROTOCOL_VERSIONS", {"3/v3", "4/v4", "5/v5", "6/v6-beta"}},
        {"COMPRESSION", {"snappy", "lz4"}},
        {"CQL_VERSION", {std::string(kCqlVersion)}},
    };
    out.u16(static_cast<std::uint16_t>(options.size()));
    for (const auto& [name, values] : options) {
        writeString(out, name);
        writeStringList(out, values);
    }
}

void writeSchemaChange(ByteWriter& out, int version, const schema::SchemaChange& change) {
    if (isFunction(change) && version < kFirstWithFunctionEvents) {
        writeString(out, "UPDATED");
        writeString(out, "KEYSPACE");
        writeString(out, change.keyspace);
        return;
    }
    writeString(out, change.change);
    writeString(out, change.target);
    writeString(out, change.keyspace);
    if (change.target != "KEYSPACE") {
        writeString(out, change.name);
    }
    if (isFunction(change)) {
        writeStringList(out, change.argumentTypes);
    }
}

void writeNodeEvent(ByteWriter& out, std::string_view type, std::string_view change,
                    const runtime::Endpoint& node) {
    writeString(out, type);
    writeString(out, change);
    const Bytes address = types::encodeInet(node.host).value_or(Bytes(4, '\0'));
    out.u8(static_cast<std::uint8_t>(address.size()));
    out.raw(address);
    out.i32(node.port);
}

void writeSchemaEvent(ByteWriter& out, int version, const schema::SchemaChange& change) {
    writeString(out, "SCHEMA_CHANGE");
    writeSchemaChange(out, version, change);
}

}  // namespace engine::native
