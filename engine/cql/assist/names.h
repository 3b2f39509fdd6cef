#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace engine::cql::assist {

struct ColumnName {
    std::string name;
    std::string type;  // As CQL writes it: frozen<list<int>>.
    std::string kind;  // As in system_schema.columns: partition_key, clustering, static, regular.
    int position = 0;  // Within its kind, for keys.
};

struct KeyspaceNames {
    std::map<std::string, std::vector<ColumnName>, std::less<>> tables;  // Views too.
    std::vector<std::string> types;
    std::vector<std::string> functions;  // Aggregates too.
};

/// The names of a schema, as an editor has read them: possibly old, never complete for sure. A value.
struct Names {
    std::map<std::string, KeyspaceNames, std::less<>> keyspaces;

    /// Null when unknown. `keyspace` may be empty: then `used`.
    const std::vector<ColumnName>* columnsOf(std::string_view keyspace, std::string_view table,
                                             std::string_view used) const;
    /// Brings the columns of every table into the order of their key, then by name.
    void sortColumns();
};

}  // namespace engine::cql::assist
