#include "engine/coordinator/virtual_read.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/types/data_type.h"

namespace engine::coordinator {

namespace {

/// The components of a composite partition key, in order.
std::vector<BytesView> componentsOf(const schema::Table& table, BytesView key) {
    if (table.partitionKey().size() == 1) {
        return {key};
    }
    std::vector<BytesView> out;
    ByteReader in(key);
    while (in.remaining() > 0) {
        out.push_back(in.shortBlob());
        in.u8();
    }
    return out;
}

bool keyWanted(const rows::ReadCommand& command, const rows::DecoratedKey& key) {
    if (command.key) {
        return key.key == command.key->key;
    }
    const std::optional<rows::PartitionBound>& start = command.range.start;
    if (start && start->key) {
        const int order = comparePartitionKeys(*command.table, key.key, *start->key);
        return order > 0 || (order == 0 && start->inclusive);
    }
    return command.range.contains(key);
}

bool rowWanted(const rows::ReadCommand& command, const rows::Partition& partition, const rows::Row& row) {
    const schema::Table& table = *command.table;
    const bool named = command.names.empty() ||
                       std::any_of(command.names.begin(), command.names.end(), [&](const auto& name) {
                           return rows::compareClustering(table, name, row.clustering) == 0;
                       });
    const bool sliced = command.slices.empty() ||
                        std::any_of(command.slices.begin(), command.slices.end(), [&](const auto& slice) {
                            return rows::contains(table, slice, row.clustering);
                        });
    return named && sliced && rows::satisfies(command, partition, row);
}

}  // namespace

Result<void> VirtualTables::apply(const schema::Table& table, const rows::Partition&) {
    return invalid(fmt::format("Modification is not supported by table {}", table.qualifiedName()));
}

Result<void> VirtualTables::truncate(const schema::Table& table) {
    return invalid(fmt::format("Truncation is not supported by table {}", table.qualifiedName()));
}

int comparePartitionKeys(const schema::Table& table, BytesView a, BytesView b) {
    const std::vector<BytesView> left = componentsOf(table, a);
    const std::vector<BytesView> right = componentsOf(table, b);
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
        if (const int order = types::compare(*table.partitionKey()[i].type, left[i], right[i]); order != 0) {
            return order;
        }
    }
    return 0;
}

std::vector<rows::Partition> readVirtual(VirtualTables& tables, const rows::ReadCommand& command,
                                         std::int64_t nowMillis) {
    std::vector<rows::Partition> out;
    for (rows::Partition& partition : tables.rows(*command.table)) {
        if (!keyWanted(command, partition.key)) {
            continue;
        }
        std::vector<rows::Row> rows = std::move(partition.rows);
        partition.rows.clear();
        for (rows::Row& row : rows) {
            if (rowWanted(command, partition, row)) {
                for (rows::Cell& cell : row.cells) {
                    cell.timestamp = nowMillis;
                }
                partition.rows.push_back(std::move(row));
            }
        }
        if (!partition.isEmpty()) {
            out.push_back(std::move(partition));
        }
    }
    rows::applyLimits(command, out);
    return out;
}

}  // namespace engine::coordinator
