#include "engine/storage/partition_merger.h"

#include <algorithm>

#include "engine/rows/merge.h"
#include "engine/storage/unfiltered_merger.h"

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

/// Makes range tombstones of the markers that are met, in either direction.
class PartitionMerger::Ranges {
public:
    Ranges(std::vector<rows::RangeTombstone>& out, bool reversed)
        : m_out(out), m_reversed(reversed) {}

    void add(const Marker& marker) {
        if (m_open) {
            close({marker.prefix, marker.side});
        }
        if (!(m_reversed ? marker.before : marker.after).isLive()) {
            m_open = marker;
        }
    }

    /// What lies beyond the last row looked at is not part of the answer.
    void endAt(const rows::Row& last) {
        if (m_open) {
            close({last.clustering, m_reversed ? -1 : 1});
        }
    }

    void finish() {
        if (m_reversed) {
            std::reverse(m_out.begin(), m_out.end());
        }
    }

private:
    struct Place {
        const rows::Clustering& prefix;
        int side;
    };

    void close(const Place& other) {
        const Place opened{m_open->prefix, m_open->side};
        const Place& start = m_reversed ? other : opened;
        const Place& end = m_reversed ? opened : other;
        m_out.push_back({{{start.prefix, start.side < 0}, {end.prefix, end.side > 0}},
                         m_reversed ? m_open->before : m_open->after});
        m_open.reset();
    }

    std::vector<rows::RangeTombstone>& m_out;
    const bool m_reversed;
    std::optional<Marker> m_open;  // The marker that opened the range.
};

PartitionMerger::PartitionMerger(const rows::ReadCommand& command)
    : m_command(command),
      m_table(*command.table),
      m_slices(slicesOf(command)),
      m_rowsLeft(command.limits.rows) {}

Result<rows::Partition> PartitionMerger::read(
    const rows::DecoratedKey& key, const std::vector<const UnfilteredPartition*>& sources) {
    rows::Partition out;
    out.key = key;
    for (const UnfilteredPartition* source : sources) {
        if (source->deletion().supersedes(out.deletion)) {
            out.deletion = source->deletion();
        }
        if (!source->staticRow().isEmpty()) {
            rows::Row staticRow = source->staticRow();
            dropOldColumns(staticRow);
            rows::merge(m_table, out.staticRow, std::move(staticRow));
        }
    }
    rows::dropShadowed(out.staticRow, out.deletion);
    if (m_command.staticOnly && out.staticRow.hasLiveData(m_command.nowSeconds)) {
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

Result<void> PartitionMerger::readRows(const std::vector<const UnfilteredPartition*>& sources,
                                       rows::Partition& out) {
    UnfilteredMerger merged(m_table, out.deletion, m_command.reversed);
    for (const UnfilteredPartition* source : sources) {
        TRY_ASSIGN(auto cursor, source->unfiltereds(m_slices, m_command.reversed));
        merged.add(std::move(cursor));
    }
    TRY(merged.begin());
    const bool one = m_command.limits.distinct || m_command.staticOnly;
    const std::uint32_t most = std::min(one ? 1 : m_command.limits.rowsPerPartition, m_rowsLeft);
    Ranges ranges(out.rangeTombstones, m_command.reversed);
    std::uint32_t counted = 0;
    while (merged.kind() != UnfilteredKind::End) {
        if (merged.kind() == UnfilteredKind::Marker) {
            ranges.add(merged.marker());
        } else {
            rows::Row row = merged.takeRow();
            dropOldColumns(row);
            counted += countOrDrop(out, row) ? 1 : 0;
            if (!row.isEmpty()) {
                out.rows.push_back(std::move(row));
            }
            if (counted == most) {
                ranges.endAt(out.rows.back());
                break;
            }
        }
        TRY(merged.advance());
    }
    m_rowsLeft -= counted;
    ranges.finish();
    if (m_command.reversed) {
        std::reverse(out.rows.begin(), out.rows.end());
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

}  // namespace engine::storage
