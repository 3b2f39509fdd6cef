#include "engine/rows/merge.h"

#include <algorithm>
#include <iterator>

#include "engine/rows/counter_context.h"
#include "engine/rows/range_tombstones.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::rows {

namespace {

/// org.apache.cassandra.schema.ColumnMetadata.cellPathComparator: lists by their time UUID, sets
/// and maps by element and key, user types by the field's index (a short, never negative).
int comparePaths(const schema::Table& table, const Cell& a, const Cell& b) {
    const schema::Column* column = table.find(a.column);
    if (column != nullptr) {
        switch (column->type->kind()) {
            case types::Kind::Set:
            case types::Kind::Map:
                return types::compare(*column->type->keyType(), a.path, b.path);
            case types::Kind::List:
                return types::compare(*types::timeuuid(), a.path, b.path);
            default:
                break;
        }
    }
    return a.path.compare(b.path);
}

/// Cells.resolveCounter: a tombstone wins whatever its age; shards are merged.
void reconcileCounters(Cell& into, Cell from) {
    if (into.isTombstone() || from.isTombstone()) {
        const bool both = into.isTombstone() && from.isTombstone();
        if (both ? rightWins(into, from) : from.isTombstone()) {
            into = std::move(from);
        }
        return;
    }
    into.value = mergeCounters(into.value, from.value);
    into.timestamp = std::max(into.timestamp, from.timestamp);
}

/// `into` becomes what holds of two versions of a cell.
void reconcile(const schema::Table& table, Cell& into, Cell from) {
    if (table.isCounter) {
        reconcileCounters(into, std::move(from));
    } else if (rightWins(into, from)) {
        into = std::move(from);
    }
}

void mergeOneCell(const schema::Table& table, std::vector<Cell>& into, Cell from) {
    const auto it = std::partition_point(into.begin(), into.end(), [&](const Cell& cell) {
        return compareCells(table, cell, from) < 0;
    });
    if (it == into.end() || compareCells(table, *it, from) != 0) {
        into.insert(it, std::move(from));
    } else {
        reconcile(table, *it, std::move(from));
    }
}

void mergeCells(const schema::Table& table, std::vector<Cell>& into, std::vector<Cell> from) {
    if (into.empty()) {
        into = std::move(from);
        return;
    }
    if (from.size() == 1) {
        mergeOneCell(table, into, std::move(from.front()));
        return;
    }
    std::vector<Cell> out;
    out.reserve(into.size() + from.size());
    auto left = into.begin();
    auto right = from.begin();
    while (left != into.end() && right != from.end()) {
        const int order = compareCells(table, *left, *right);
        if (order < 0) {
            out.push_back(std::move(*left++));
        } else if (order > 0) {
            out.push_back(std::move(*right++));
        } else {
            out.push_back(std::move(*left++));
            reconcile(table, out.back(), std::move(*right++));
        }
    }
    std::move(left, into.end(), std::back_inserter(out));
    std::move(right, from.end(), std::back_inserter(out));
    into = std::move(out);
}

void mergeComplexDeletions(std::vector<ComplexDeletion>& into, std::vector<ComplexDeletion> from) {
    for (ComplexDeletion& added : from) {
        const auto it =
            std::lower_bound(into.begin(), into.end(), added,
                             [](const auto& a, const auto& b) { return a.column < b.column; });
        if (it == into.end() || it->column != added.column) {
            into.insert(it, std::move(added));
        } else if (added.deletion.supersedes(it->deletion)) {
            it->deletion = added.deletion;
        }
    }
}

/// Row.Merger without the last step, in which deletions shadow.
void unite(const schema::Table& table, Row& into, Row from) {
    if (supersedes(from.liveness, into.liveness)) {
        into.liveness = from.liveness;
    }
    if (from.deletion.supersedes(into.deletion)) {
        into.deletion = from.deletion;
    }
    if (!from.complexDeletions.empty()) {
        mergeComplexDeletions(into.complexDeletions, std::move(from.complexDeletions));
    }
    if (!from.cells.empty()) {
        mergeCells(table, into.cells, std::move(from.cells));
    }
}

void uniteRows(const schema::Table& table, std::vector<Row>& into, std::vector<Row> from) {
    if (into.empty()) {
        into = std::move(from);
        return;
    }
    if (from.empty()) {
        return;
    }
    if (compareClustering(table, into.back().clustering, from.front().clustering) < 0) {
        std::move(from.begin(), from.end(), std::back_inserter(into));
        return;
    }
    std::vector<Row> out;
    out.reserve(into.size() + from.size());
    auto left = into.begin();
    auto right = from.begin();
    while (left != into.end() && right != from.end()) {
        const int order = compareClustering(table, left->clustering, right->clustering);
        if (order < 0) {
            out.push_back(std::move(*left++));
        } else if (order > 0) {
            out.push_back(std::move(*right++));
        } else {
            unite(table, *left, std::move(*right++));
            out.push_back(std::move(*left++));
        }
    }
    std::move(left, into.end(), std::back_inserter(out));
    std::move(right, from.end(), std::back_inserter(out));
    into = std::move(out);
}

/// The deletion a cell of this column stands under, given the row's.
DeletionTime columnDeletion(const Row& row, const Cell& cell, const DeletionTime& active) {
    for (const ComplexDeletion& complex : row.complexDeletions) {
        if (complex.column == cell.column) {
            return complex.deletion;
        }
    }
    return active;
}

}  // namespace

int compareCells(const schema::Table& table, const Cell& a, const Cell& b) {
    const int order = a.column.compare(b.column);
    if (order != 0 || a.path == b.path) {
        return order;
    }
    return comparePaths(table, a, b);
}

// org.apache.cassandra.db.rows.Row.Merger and BTreeRow.filter.
void dropShadowed(Row& row, const DeletionTime& outer) {
    if (!row.deletion.supersedes(outer)) {
        row.deletion = {};
    }
    const DeletionTime active = row.deletion.isLive() ? outer : row.deletion;
    if (active.isLive() && row.complexDeletions.empty()) {
        return;
    }
    if (active.deletes(row.liveness.timestamp)) {
        row.liveness = {};
    }
    std::erase_if(row.complexDeletions, [&](const ComplexDeletion& complex) {
        return !complex.deletion.supersedes(active);
    });
    std::erase_if(row.cells, [&](const Cell& cell) {
        return columnDeletion(row, cell, active).deletes(cell.timestamp);
    });
}

void dropShadowed(const schema::Table& table, Partition& partition) {
    std::erase_if(partition.rangeTombstones, [&](const RangeTombstone& tombstone) {
        return !tombstone.deletion.supersedes(partition.deletion);
    });
    dropShadowed(partition.staticRow, partition.deletion);
    for (Row& row : partition.rows) {
        const DeletionTime range =
            coveringDeletion(table, partition.rangeTombstones, row.clustering);
        dropShadowed(row, range.isLive() ? partition.deletion : range);
    }
    std::erase_if(partition.rows, [](const Row& row) { return row.isEmpty(); });
}

void merge(const schema::Table& table, Row& into, Row from) {
    unite(table, into, std::move(from));
    dropShadowed(into, {});
}

void merge(const schema::Table& table, Partition& into, Partition from) {
    if (from.deletion.supersedes(into.deletion)) {
        into.deletion = from.deletion;
    }
    unite(table, into.staticRow, std::move(from.staticRow));
    uniteRows(table, into.rows, std::move(from.rows));
    for (RangeTombstone& tombstone : from.rangeTombstones) {
        addRangeTombstone(table, into.rangeTombstones, std::move(tombstone));
    }
    dropShadowed(table, into);
}

}  // namespace engine::rows
