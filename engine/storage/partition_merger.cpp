#include "engine/storage/partition_merger.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/rows/command_text.h"
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
    Ranges(std::vector<rows::RangeTombstone>& out, bool reversed, std::int64_t gcBefore)
        : m_out(out), m_reversed(reversed), m_gcBefore(gcBefore) {}

    /// False when nothing is left of the marker: what it is about may be purged.
    bool add(const Marker& marker) {
        const bool closes = m_open.has_value();
        if (closes) {
            close({marker.prefix, marker.side});
        }
        const rows::DeletionTime& opened = m_reversed ? marker.before : marker.after;
        if (!opened.isLive() && opened.localDeletionTime >= m_gcBefore) {
            m_open = marker;
        }
        return closes || m_open.has_value();
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
    const std::int64_t m_gcBefore;
    std::optional<Marker> m_open;  // The marker that opened the range.
};

/// The rows of a partition that only one source has, and that is not deleted as a whole: what
/// UnfilteredMerger gives of it, for less.
class PartitionMerger::OneSource {
public:
    OneSource(UnfilteredCursor& cursor, bool reversed) : m_cursor(cursor), m_reversed(reversed) {}

    UnfilteredKind kind() const { return m_cursor.kind(); }
    const Marker& marker() const { return m_cursor.marker(); }
    /// Only when no range deletion is in force.
    const rows::Row& row() const { return m_cursor.row(); }
    const rows::DeletionTime& openDeletion() const { return m_open; }
    rows::Row takeRow() {
        rows::Row out = m_cursor.takeRow();
        if (!m_open.isLive()) {
            rows::dropShadowed(out, m_open);
        }
        return out;
    }
    Result<void> advance() {
        if (kind() == UnfilteredKind::Marker) {
            m_open = m_reversed ? marker().before : marker().after;
        }
        return m_cursor.advance();
    }

private:
    UnfilteredCursor& m_cursor;
    const bool m_reversed;
    rows::DeletionTime m_open;
};

PartitionMerger::PartitionMerger(const rows::ReadCommand& command, ReadMeter* meter)
    : m_command(command),
      m_table(*command.table),
      m_slices(slicesOf(command)),
      m_gcBefore(command.nowSeconds - m_table.options.gcGraceSeconds),
      m_meter(meter != nullptr ? *meter : m_ownMeter),
      m_rowsLeft(command.limits.rows) {}

Result<rows::Partition> PartitionMerger::read(
    const rows::DecoratedKey& key, const std::vector<const UnfilteredPartition*>& sources) {
    rows::Partition out;
    out.key = key;
    m_meter.lastToken = key.token;
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
    if (!out.staticRow.isEmpty()) {
        rows::dropShadowed(out.staticRow, out.deletion);
        rows::purge(out.staticRow, m_gcBefore, m_command.nowSeconds);
        meterRow(out.staticRow);
    }
    if (m_command.staticOnly && out.staticRow.hasLiveData(m_command.nowSeconds)) {
        --m_rowsLeft;
    } else {
        const std::uint32_t before = m_rowsLeft;
        TRY(readRows(sources, out));
        if (m_rowsLeft == before && rows::staticRowCountsAlone(m_command, out)) {
            --m_rowsLeft;
        }
    }
    if (!out.deletion.isLive() && out.deletion.localDeletionTime < m_gcBefore) {
        out.deletion = {};
    }
    return out;
}

Result<void> PartitionMerger::readRows(const std::vector<const UnfilteredPartition*>& sources,
                                       rows::Partition& out) {
    if (sources.size() == 1 && out.deletion.isLive()) {
        TRY_ASSIGN(const auto cursor, sources.front()->unfiltereds(m_slices, m_command.reversed));
        OneSource one(*cursor, m_command.reversed);
        return drain(one, out);
    }
    UnfilteredMerger merged(m_table, out.deletion, m_command.reversed);
    for (const UnfilteredPartition* source : sources) {
        TRY_ASSIGN(auto cursor, source->unfiltereds(m_slices, m_command.reversed));
        merged.add(std::move(cursor));
    }
    TRY(merged.begin());
    return drain(merged, out);
}

template <typename Cursor>
Result<void> PartitionMerger::drain(Cursor& cursor, rows::Partition& out) {
    const bool one = m_command.limits.distinct || m_command.staticOnly;
    const std::uint32_t most = std::min(one ? 1 : m_command.limits.rowsPerPartition, m_rowsLeft);
    Ranges ranges(out.rangeTombstones, m_command.reversed, m_gcBefore);
    std::uint32_t counted = 0;
    while (cursor.kind() != UnfilteredKind::End) {
        if (cursor.kind() == UnfilteredKind::Marker) {
            m_meter.tombstones += ranges.add(cursor.marker()) ? 1 : 0;
        } else {
            counted += take(cursor.takeRow(), out) ? 1 : 0;
        }
        if (m_meter.tombstones > m_meter.tombstonesMax) {
            return checkTombstones(out.key);
        }
        if (counted == most) {
            ranges.endAt(out.rows.back());
            break;
        }
        TRY(cursor.advance());
    }
    m_rowsLeft -= counted;
    ranges.finish();
    if (m_command.reversed) {
        std::reverse(out.rows.begin(), out.rows.end());
    }
    return ok();
}

/// True when the row counts towards the limits.
bool PartitionMerger::take(rows::Row row, rows::Partition& out) {
    dropOldColumns(row);
    rows::purge(row, m_gcBefore, m_command.nowSeconds);
    meterRow(row);
    const bool counts = countOrDrop(out, row);
    if (!row.isEmpty()) {
        out.rows.push_back(std::move(row));
    }
    return counts;
}

/// MetricRecording.applyToRow: each cell that is none any more, or else the row's own deletion.
void PartitionMerger::meterRow(const rows::Row& row) {
    const std::int64_t now = m_command.nowSeconds;
    std::uint64_t tombstones = 0;
    for (const rows::Cell& cell : row.cells) {
        tombstones += cell.isLive(now) ? 0 : 1;
    }
    const bool isLive = row.liveness.isLive(now) || tombstones < row.cells.size();
    m_meter.liveRows += isLive ? 1 : 0;
    if (!isLive && tombstones == 0 && (!row.deletion.isLive() || !row.liveness.isEmpty() ||
                                       !row.complexDeletions.empty())) {
        tombstones = 1;
    }
    m_meter.tombstones += tombstones;
}

/// TombstoneOverwhelmingException.
Result<void> PartitionMerger::checkTombstones(const rows::DecoratedKey& key) const {
    return makeError(
        ErrorKind::ReadFailure,
        fmt::format("Scanned over {} tombstones during query '{}' (last scanned row token was {} "
                    "and partion key was ({})); query aborted",
                    m_meter.tombstones, rows::toCql(m_command), key.token,
                    rows::keyText(m_table, key.key)));
}

Result<bool> PartitionMerger::visitLive(const rows::DecoratedKey& key,
                                        const std::vector<const UnfilteredPartition*>& sources,
                                        const LiveRowVisitor& visit) {
    rows::DeletionTime deletion;
    for (const UnfilteredPartition* source : sources) {
        deletion = source->deletion().supersedes(deletion) ? source->deletion() : deletion;
    }
    if (sources.size() == 1 && deletion.isLive()) {
        TRY_ASSIGN(const auto cursor, sources.front()->unfiltereds(m_slices, m_command.reversed));
        OneSource one(*cursor, m_command.reversed);
        return visitAll(key, one, visit);
    }
    UnfilteredMerger merged(m_table, deletion, m_command.reversed);
    for (const UnfilteredPartition* source : sources) {
        TRY_ASSIGN(auto cursor, source->unfiltereds(m_slices, m_command.reversed));
        merged.add(std::move(cursor));
    }
    TRY(merged.begin());
    return visitAll(key, merged, visit);
}

template <typename Cursor>
Result<bool> PartitionMerger::visitAll(const rows::DecoratedKey& key, Cursor& cursor,
                                       const LiveRowVisitor& visit) {
    for (; cursor.kind() != UnfilteredKind::End;) {
        if (cursor.kind() == UnfilteredKind::Row) {
            const bool asItIs = cursor.openDeletion().isLive() && isLiveAsItIs(cursor.row());
            bool goesOn = true;
            if (asItIs) {
                goesOn = visit(key, cursor.row());
            } else {
                rows::Row row = cursor.takeRow();
                dropDead(row);
                goesOn = !row.hasLiveData(m_command.nowSeconds) || visit(key, row);
            }
            if (!goesOn) {
                return false;
            }
        }
        TRY(cursor.advance());
    }
    return true;
}

bool PartitionMerger::isLiveAsItIs(const rows::Row& row) const {
    const std::int64_t now = m_command.nowSeconds;
    return m_table.dropped.empty() && row.deletion.isLive() && row.complexDeletions.empty() &&
           (row.liveness.isEmpty() ? !row.cells.empty() : row.liveness.isLive(now)) &&
           std::all_of(row.cells.begin(), row.cells.end(),
                       [now](const rows::Cell& cell) { return cell.isLive(now); });
}

void PartitionMerger::dropDead(rows::Row& row) const {
    const std::int64_t now = m_command.nowSeconds;
    dropOldColumns(row);
    row.deletion = {};
    row.complexDeletions.clear();
    if (!row.liveness.isLive(now)) {
        row.liveness = {};
    }
    std::erase_if(row.cells, [now](const rows::Cell& cell) { return !cell.isLive(now); });
}

bool PartitionMerger::countOrDrop(const rows::Partition& partition, rows::Row& row) const {
    if (!rows::isThere(m_table, row, m_command.nowSeconds)) {
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
