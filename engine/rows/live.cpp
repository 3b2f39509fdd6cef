#include <algorithm>

#include "engine/rows/merge.h"
#include "engine/rows/partition.h"

namespace engine::rows {

namespace {

void keepLive(Row& row, std::int64_t nowSeconds) {
    row.deletion = {};
    row.complexDeletions.clear();
    if (!row.liveness.isLive(nowSeconds)) {
        row.liveness = {};
    }
    std::erase_if(row.cells, [&](const Cell& cell) { return !cell.isLive(nowSeconds); });
}

/// org.apache.cassandra.db.DeletionPurger for a reader or a compaction that sees all versions.
struct Purger {
    std::int64_t gcBefore;
    std::int64_t nowSeconds;

    bool drops(std::int64_t localDeletionTime) const { return localDeletionTime < gcBefore; }
    bool drops(const DeletionTime& deletion) const {
        return !deletion.isLive() && drops(deletion.localDeletionTime);
    }
    /// BufferCell.purge: what has expired becomes the tombstone it would have been written as.
    bool drops(Cell& cell) const {
        if (cell.isLive(nowSeconds)) {
            return false;
        }
        if (cell.isExpiring() && !drops(cell.localDeletionTime)) {
            cell.localDeletionTime -= cell.ttl;
            cell.ttl = kNoTtl;
            cell.value.clear();
        }
        return drops(cell.localDeletionTime);
    }
    void purge(Row& row) const {
        if (!row.liveness.isLive(nowSeconds) && drops(row.liveness.localExpirationTime)) {
            row.liveness = {};
        }
        if (drops(row.deletion)) {
            row.deletion = {};
        }
        std::erase_if(row.complexDeletions,
                      [&](const ComplexDeletion& complex) { return drops(complex.deletion); });
        std::erase_if(row.cells, [&](Cell& cell) { return drops(cell); });
    }
};

/// What was written to columns before they were dropped is gone, also when they came back.
void dropRemovedColumns(const schema::Table& table, Row& row) {
    std::erase_if(row.cells, [&](const Cell& cell) {
        for (const schema::DroppedColumn& dropped : table.dropped) {
            if (dropped.column.name == cell.column) {
                return cell.timestamp <= dropped.droppedAtMicros ||
                       table.find(cell.column) == nullptr;
            }
        }
        return false;
    });
}

}  // namespace

void filterLive(const schema::Table& table, Partition& partition, std::int64_t nowSeconds) {
    if (!table.dropped.empty()) {
        dropRemovedColumns(table, partition.staticRow);
        for (Row& row : partition.rows) {
            dropRemovedColumns(table, row);
        }
    }
    dropShadowed(table, partition);
    partition.deletion = {};
    partition.rangeTombstones.clear();
    keepLive(partition.staticRow, nowSeconds);
    for (Row& row : partition.rows) {
        keepLive(row, nowSeconds);
    }
    std::erase_if(partition.rows, [&](const Row& row) { return !isThere(table, row, nowSeconds); });
}

void purge(Row& row, std::int64_t gcBefore, std::int64_t nowSeconds) {
    Purger{gcBefore, nowSeconds}.purge(row);
}

void purge(Partition& partition, std::int64_t gcBefore, std::int64_t nowSeconds) {
    const Purger purger{gcBefore, nowSeconds};
    if (purger.drops(partition.deletion)) {
        partition.deletion = {};
    }
    std::erase_if(partition.rangeTombstones, [&](const RangeTombstone& tombstone) {
        return purger.drops(tombstone.deletion);
    });
    purger.purge(partition.staticRow);
    for (Row& row : partition.rows) {
        purger.purge(row);
    }
    std::erase_if(partition.rows, [](const Row& row) { return row.isEmpty(); });
}

}  // namespace engine::rows
