#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/uuid.h"
#include "engine/coordinator/query_processor.h"
#include "engine/cql/result.h"
#include "engine/native/protocol.h"
#include "engine/runtime/network.h"
#include "engine/schema/schema.h"

namespace engine::native {

/// What stands before a response's message (NET-06).
struct ResponsePrefix {
    std::optional<Uuid> tracingId;
    const std::vector<std::string>* warnings = nullptr;  // Left out below v4.
    Bytes span;  // Custom payload kSpanPayload, when not empty; v4.

    std::uint8_t flags(int version) const;
    void write(ByteWriter& out, int version) const;
};

/// How the rows of a RESULT are to be told.
struct RowsStyle {
    bool skipMetadata = false;
    bool metadataChanged = false;  // v5: send it whole, with its new id.
};
void writeResult(ByteWriter& out, int version, const cql::StatementResult& result, RowsStyle style);
void writePrepared(ByteWriter& out, int version, const coordinator::PreparedAnswer& prepared);
void writeSupported(ByteWriter& out);

/// Fields of SCHEMA_CHANGE, in results and events.
void writeSchemaChange(ByteWriter& out, int version, const schema::SchemaChange& change);
/// Body of a TOPOLOGY_CHANGE or STATUS_CHANGE event.
void writeNodeEvent(ByteWriter& out, std::string_view type, std::string_view change,
                    const runtime::Endpoint& node);
void writeSchemaEvent(ByteWriter& out, int version, const schema::SchemaChange& change);

}  // namespace engine::native
