#include "engine/storage/partition_merger.h"

#include <algorithm>

#include "engine/rows/merge.h"
#include "engine/rows/range_tombstones.h"

namespace engine::storage {

namespace {

std::vector<rows::Slice> slicesOf(const rows::ReadCommand& command) {
    std::vector<rows::Slice> out;
    if (!command.names.empty()) {
        out.reserve(command.names.size());
        for (const rows::Clustering& name : command.names) {
            out.push_back({{name, true}, {name, true}});
        }
        return out;
    }
    if (command.slices.empty()) {
        return {rows::Slice{}};
    }
    return command.slices;
}

}  // namespace

/// The rows of several sources as one sequence; rows of one clustering are merged.
class PartitionMerger::Rows {
public:
    Rows(const schema::Table& table, bool reversed) : m_table(table), m_reversed(reversed) {}

    Result<void> add(const PartitionSource& source, const std::vector<rows::Slice>& slices) {
        TRY_ASSIGN(auto cursor, source.rows(slices, m_reversed));
        if (cursor->current() != nullptr) {
            m_cursors.push_back(std::move(cursor));
        }
        return ok();
    }

    bool atEnd() const { return m_cursors.empty(); }

    Result<rows::Row> next() {
        std::size_t first = 0;
        for (std::size_t i = 1; i < m_cursors.size(); ++i) {
            if (isBefore(*m_cursors[i]->current(), *m_cursors[first]->current())) {
                first = i;
            }
        }
        rows::Row out = m_cursors[first]->take();
        for (std::size_t i = 0; i < m_cursors.size(); ++i) {
            if (i != first && rows::compareClustering(m_table, m_cursors[i]->current()->clustering,
                                                      out.clustering) == 0) {
                rows::merge(m_table, out, m_cursors[i]->take());
                TRY(m_cursors[i]->advance());
            }
        }
        TRY(m_cursors[first]->advance());
        std::erase_if(m_cursors, [](const auto& cursor) { return cursor->current() == nullptr; });
        return out;
    }

private:
    bool isBefore(const rows::Row& a, const rows::Row& b) const {
        const int order = rows::compareClustering(m_table, a.clustering, b.clustering);
        return m_reversed ? order > 0 : order < 0;
    }

    const schema::Table& m_table;
    const bool m_reversed;
    std::vector<std::unique_ptr<RowCursor>> m_cursors;
};

PartitionMerger::PartitionMerger(const rows::ReadCommand& command)
    : m_command(command),
      m_table(*command.table),
      m_slices(slicesOf(command)),
      m_wholePartition(command.names.empty() && command.slices.empty()),
      m_rowsLeft(command.limits.rows) {}

Result<rows::Partition> PartitionMerger::read(const rows::DecoratedKey& key,
                                              const std::vector<const PartitionSource*>& sources) {
    rows::Partition out;
    out.key = key;
    for (const PartitionSource* source : sources) {
        if (source->deletion().supersedes(out.deletion)) {
            out.deletion = source->deletion();
        }
        rows::Row staticRow = source->staticRow();
        dropOldColumns(staticRow);
        rows::merge(m_table, out.staticRow, std::move(staticRow));
        if (!source->rangeTombstones().empty()) {
            const auto& all = source->rangeTombstones();
            auto wanted = m_wholePartition ? all : rows::clip(m_table, all, m_slices);
            for (rows::RangeTombstone& tombstone : wanted) {
                rows::addRangeTombstone(m_table, out.rangeTombstones, std::move(tombstone));
            }
        }
    }
    rows::dropShadowed(m_table, out);
    if (m_command.staticOnly && out.staticRow.hasLiveData(m_command.nowSeconds)) {
        out.rangeTombstones.clear();
        --m_rowsLeft;
    } else {
        const std::uint32_t before = m_rowsLeft;
        TRY(readRows(sources, out));
        if (m_rowsLeft == before && rows::staticRowCountsAlone(m_command, out)) {
            --m_rowsLeft;
        }
    }
    rows::purge(out, m_command.nowSeconds - m_table.options.gcGraceSeconds, m_command.nowSeconds);
    return out;
}

Result<void> PartitionMerger::readRows(const std::vector<const PartitionSource*>& sources,
                                       rows::Partition& out) {
    Rows merged(m_table, m_command.reversed);
    for (const PartitionSource* source : sources) {
        TRY(merged.add(*source, m_slices));
    }
    const bool one = m_command.limits.distinct || m_command.staticOnly;
    const std::uint32_t most = std::min(one ? 1 : m_command.limits.rowsPerPartition, m_rowsLeft);
    std::uint32_t counted = 0;
    while (counted < most && !merged.atEnd()) {
        TRY_ASSIGN(rows::Row row, merged.next());
        dropOldColumns(row);
        const auto range = rows::coveringDeletion(m_table, out.rangeTombstones, row.clustering);
        rows::dropShadowed(row, range.isLive() ? out.deletion : range);
        counted += countOrDrop(out, row) ? 1 : 0;
        if (!row.isEmpty()) {
            out.rows.push_back(std::move(row));
        }
    }
    m_rowsLeft -= counted;
    const bool stoppedEarly = !merged.atEnd();
    if (m_command.reversed) {
        std::reverse(out.rows.begin(), out.rows.end());
    }
    if (stoppedEarly && !out.rows.empty() && !out.rangeTombstones.empty()) {
        clipBehind(out);
    }
    return ok();
}

bool PartitionMerger::countOrDrop(const rows::Partition& partition, rows::Row& row) const {
    if (!row.hasLiveData(m_command.nowSeconds)) {
        return false;
    }
    if (m_command.filters.empty() || rows::satisfies(m_command, partition, row)) {
        return true;
    }
    if (m_command.filterAtReplica) {
        row = {};
    }
    return false;
}

/// A column that was dropped, and added again, starts anew (TableMetadata.droppedColumns).
void PartitionMerger::dropOldColumns(rows::Row& row) const {
    for (const schema::DroppedColumn& dropped : m_table.dropped) {
        std::erase_if(row.cells, [&](const rows::Cell& cell) {
            return cell.column == dropped.column.name && cell.timestamp <= dropped.droppedAtMicros;
        });
        std::erase_if(row.complexDeletions, [&](const rows::ComplexDeletion& complex) {
            return complex.column == dropped.column.name &&
                   complex.deletion.markedForDeleteAt <= dropped.droppedAtMicros;
        });
    }
}

/// What lies beyond the last row looked at is not part of the answer.
void PartitionMerger::clipBehind(rows::Partition& partition) const {
    rows::Slice seen;
    if (m_command.reversed) {
        seen.start = {partition.rows.front().clustering, true};
    } else {
        seen.end = {partition.rows.back().clustering, true};
    }
    partition.rangeTombstones = rows::clip(m_table, partition.rangeTombstones, {seen});
}

}  // namespace engine::storage
