#include "engine/storage/compaction/purge.h"

#include <algorithm>

namespace engine::storage::compaction {

namespace {

bool isRemoved(const schema::Table& table, const rows::ColumnName& column,
               std::int64_t timestamp) {
    for (const schema::DroppedColumn& dropped : table.dropped) {
        if (dropped.column.name == column) {
            return timestamp <= dropped.droppedAtMicros || table.find(column) == nullptr;
        }
    }
    return false;
}

}  // namespace

void Purger::purge(rows::Row& row, std::uint64_t& dropped, std::uint64_t& kept) const {
    const auto count = [&](bool goes) {
        ++(goes ? dropped : kept);
        return goes;
    };
    if (!row.liveness.isEmpty() && !row.liveness.isLive(nowSeconds) &&
        count(drops(row.liveness.timestamp, row.liveness.localExpirationTime))) {
        row.liveness = {};
    }
    if (!row.deletion.isLive() && count(drops(row.deletion))) {
        row.deletion = {};
    }
    std::erase_if(row.complexDeletions, [&](const rows::ComplexDeletion& complex) {
        return !complex.deletion.isLive() && count(drops(complex.deletion));
    });
    std::erase_if(row.cells, [&](rows::Cell& cell) {
        if (cell.isLive(nowSeconds)) {
            return false;
        }
        if (cell.isExpiring() && !drops(cell.timestamp, cell.localDeletionTime)) {
            // As good as a tombstone, and smaller; of the time it was written
            // (AbstractCell.purge).
            cell.localDeletionTime -= cell.ttl;
            cell.ttl = rows::kNoTtl;
            cell.value.clear();
        }
        return count(drops(cell.timestamp, cell.localDeletionTime));
    });
}

bool hasDeletions(const rows::Row& row) {
    return row.liveness.ttl != rows::kNoTtl || !row.deletion.isLive() ||
           !row.complexDeletions.empty() ||
           std::any_of(row.cells.begin(), row.cells.end(), [](const rows::Cell& cell) {
               return cell.localDeletionTime != rows::kNoDeletionTime;
           });
}

bool hasRemovedColumns(const schema::Table& table, const rows::Row& row) {
    if (table.dropped.empty()) {
        return false;
    }
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [&](const rows::Cell& cell) {
                           return isRemoved(table, cell.column, cell.timestamp);
                       }) ||
           std::any_of(row.complexDeletions.begin(), row.complexDeletions.end(),
                       [&](const rows::ComplexDeletion& complex) {
                           return isRemoved(table, complex.column,
                                            complex.deletion.markedForDeleteAt);
                       });
}

bool dropRemovedColumns(const schema::Table& table, rows::Row& row) {
    const std::size_t cells = std::erase_if(row.cells, [&](const rows::Cell& cell) {
        return isRemoved(table, cell.column, cell.timestamp);
    });
    const std::size_t deletions =
        std::erase_if(row.complexDeletions, [&](const rows::ComplexDeletion& complex) {
            return isRemoved(table, complex.column, complex.deletion.markedForDeleteAt);
        });
    return cells + deletions > 0;
}

}  // namespace engine::storage::compaction
