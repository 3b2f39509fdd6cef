#include "engine/cql/assist/names.h"

#include <algorithm>
#include <tuple>

namespace engine::cql::assist {

namespace {

/// Partition key, clustering, static, regular; within them by position, then by name.
auto keyOrder(const ColumnName& column) {
    const int kind = column.kind == "partition_key" ? 0
                     : column.kind == "clustering"  ? 1
                     : column.kind == "static"      ? 2
                                                    : 3;
    return std::tuple(kind, column.position, std::string_view(column.name));
}

}  // namespace

const std::vector<ColumnName>* Names::columnsOf(std::string_view keyspace, std::string_view table,
                                                std::string_view used) const {
    const auto in = keyspaces.find(keyspace.empty() ? used : keyspace);
    if (in == keyspaces.end()) {
        return nullptr;
    }
    const auto found = in->second.tables.find(table);
    return found == in->second.tables.end() ? nullptr : &found->second;
}

void Names::sortColumns() {
    for (auto& [keyspace, inside] : keyspaces) {
        for (auto& [table, columns] : inside.tables) {
            std::stable_sort(columns.begin(), columns.end(), [](const ColumnName& a, const ColumnName& b) {
                return keyOrder(a) < keyOrder(b);
            });
        }
    }
}

}  // namespace engine::cql::assist
