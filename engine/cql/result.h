#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/schema/schema.h"

namespace engine::cql {

/// A column of a result or a bind variable, as the protocol names it.
struct ColumnSpec {
    std::string keyspace;
    std::string table;
    std::string name;
    types::TypePtr type;
};

/// Columns of a result and their id (NET-23: MD5 over names and types).
struct ResultMetadata {
    std::vector<ColumnSpec> columns;
    Bytes id;
};
using ResultMetadataPtr = std::shared_ptr<const ResultMetadata>;

using Value = std::optional<Bytes>;  // Absent: null.
using ResultRow = std::vector<Value>;

struct VoidResult {};
struct RowsResult {
    ResultMetadataPtr metadata;
    std::vector<ResultRow> rows;
    std::optional<Bytes> pagingState;  // Present: there may be more.
};
struct SetKeyspaceResult {
    std::string keyspace;
};
struct SchemaChangeResult {
    schema::SchemaChange change;
};
using StatementResult = std::variant<VoidResult, RowsResult, SetKeyspaceResult, SchemaChangeResult>;

}  // namespace engine::cql
