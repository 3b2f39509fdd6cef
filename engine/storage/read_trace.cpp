#include "engine/storage/read_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/rows/merge.h"

namespace engine::storage {

namespace {

/// Counts what is read, keeps the first rows, and adds up the time.
class NotingCursor : public UnfilteredCursor {
public:
    NotingCursor(std::unique_ptr<UnfilteredCursor> inner, SourceTrace& into, const ReadTrace& trace)
        : m_inner(std::move(inner)), m_into(into), m_trace(trace) {
        note();
    }
    UnfilteredKind kind() const override { return m_inner->kind(); }
    const rows::Row& row() const override { return m_inner->row(); }
    rows::Row takeRow() override { return m_inner->takeRow(); }
    const Marker& marker() const override { return m_inner->marker(); }
    Result<void> advance() override {
        const std::int64_t from = m_trace.clock();
        TRY(m_inner->advance());
        m_into.rowsNanos += m_trace.clock() - from;
        note();
        return ok();
    }

private:
    void note() {
        if (kind() == UnfilteredKind::Marker) {
            ++m_into.markers;
        } else if (kind() == UnfilteredKind::Row) {
            ++m_into.rows;
            m_into.cells += row().cells.size();
            if (m_into.kept.size() < SourceTrace::kRowsKept) {
                m_into.kept.push_back(row());
            }
        }
    }

    std::unique_ptr<UnfilteredCursor> m_inner;
    SourceTrace& m_into;
    const ReadTrace& m_trace;
};

class NotingPartition : public UnfilteredPartition {
public:
    NotingPartition(const UnfilteredPartition& inner, SourceTrace& into, const ReadTrace& trace)
        : m_inner(inner), m_into(into), m_trace(trace) {}

    const rows::DecoratedKey& key() const override { return m_inner.key(); }
    const rows::DeletionTime& deletion() const override { return m_inner.deletion(); }
    const rows::Row& staticRow() const override { return m_inner.staticRow(); }
    /// A read that may stop early merges more than once: the last time counts.
    Result<std::unique_ptr<UnfilteredCursor>> unfiltereds(const std::vector<rows::Slice>& slices,
                                                          bool reversed) const override {
        m_into.rows = m_into.markers = 0;
        m_into.cells = staticRow().cells.size();
        m_into.kept.clear();
        const std::int64_t from = m_trace.clock();
        TRY_ASSIGN(auto cursor, m_inner.unfiltereds(slices, reversed));
        m_into.rowsNanos += m_trace.clock() - from;
        return std::unique_ptr<UnfilteredCursor>(std::make_unique<NotingCursor>(std::move(cursor), m_into, m_trace));
    }

private:
    const UnfilteredPartition& m_inner;
    SourceTrace& m_into;
    const ReadTrace& m_trace;
};

/// Gathers the versions of each cell, source by source.
class CellTable {
public:
    explicit CellTable(const schema::Table& table) : m_table(table) {}

    void add(const SourceTrace& source) {
        addDeletion(source.name, source.deletion, {}, true);
        addRow(source.name, source.staticRow, true);
        for (const rows::Row& row : source.kept) {
            addRow(source.name, row, false);
        }
    }
    std::vector<TracedCell> finish(const rows::Partition& answer) {
        for (TracedCell& cell : m_cells) {
            const rows::Row* row = cell.isStatic ? &answer.staticRow : rowOf(answer, cell.clustering);
            if (cell.versions.front().cell.column.empty()) {
                chooseDeletion(cell, cell.isStatic ? answer.deletion : row != nullptr ? row->deletion : rows::DeletionTime());
            } else if (row != nullptr) {
                choose(cell, *row);
            }
        }
        return std::move(m_cells);
    }

private:
    void addRow(const std::string& source, const rows::Row& row, bool isStatic) {
        addDeletion(source, row.deletion, row.clustering, isStatic);
        for (const rows::Cell& cell : row.cells) {
            addCell(source, cell, row.clustering, isStatic);
        }
    }

    void addDeletion(const std::string& source, const rows::DeletionTime& deletion, const rows::Clustering& clustering, bool isStatic) {
        if (!deletion.isLive()) {
            rows::Cell cell;
            cell.timestamp = deletion.markedForDeleteAt;
            cell.localDeletionTime = deletion.localDeletionTime;
            addCell(source, cell, clustering, isStatic);
        }
    }

    void addCell(const std::string& source, const rows::Cell& cell, const rows::Clustering& clustering, bool isStatic) {
        auto at = std::lower_bound(m_cells.begin(), m_cells.end(), 0, [&](const TracedCell& there, int) {
            return compare(there, isStatic, clustering, cell) < 0;
        });
        if (at == m_cells.end() || compare(*at, isStatic, clustering, cell) != 0) {
            at = m_cells.insert(at, TracedCell{isStatic, clustering, {}});
        }
        at->versions.push_back({source, cell, false});
    }

    int compare(const TracedCell& there, bool isStatic, const rows::Clustering& clustering, const rows::Cell& cell) const {
        if (there.isStatic != isStatic) {
            return there.isStatic ? -1 : 1;
        }
        const int order = isStatic ? 0 : rows::compareClustering(m_table, there.clustering, clustering);
        return order != 0 ? order : rows::compareCells(m_table, there.versions.front().cell, cell);
    }

    const rows::Row* rowOf(const rows::Partition& answer, const rows::Clustering& clustering) const {
        const auto at = std::find_if(answer.rows.begin(), answer.rows.end(), [&](const rows::Row& row) {
            return rows::compareClustering(m_table, row.clustering, clustering) == 0;
        });
        return at == answer.rows.end() ? nullptr : &*at;
    }

    void choose(TracedCell& cell, const rows::Row& answer) const {
        for (const rows::Cell& won : answer.cells) {
            if (rows::compareCells(m_table, won, cell.versions.front().cell) != 0) {
                continue;
            }
            const auto at = std::find_if(cell.versions.begin(), cell.versions.end(), [&](const TracedCell::Version& version) {
                return version.cell == won;
            });
            if (at != cell.versions.end()) {
                at->wins = true;
            }
        }
    }

    static void chooseDeletion(TracedCell& cell, const rows::DeletionTime& deletion) {
        const auto at = std::find_if(cell.versions.begin(), cell.versions.end(), [&](const TracedCell::Version& version) {
            return !deletion.isLive() && version.cell.timestamp == deletion.markedForDeleteAt;
        });
        if (at != cell.versions.end()) {
            at->wins = true;
        }
    }

    const schema::Table& m_table;
    std::vector<TracedCell> m_cells;  // Static ones first, then by row and cell.
};

}  // namespace

void ReadTrace::expect(const std::vector<const SstableReader*>& newestFirst) {
    for (const SstableReader* reader : newestFirst) {
        auto& sstable = *sstables.emplace_back(std::make_unique<Sstable>());
        sstable.generation = reader->generation();
        sstable.name = fmt::format("nb-{}", reader->generation());
        sstable.minTimestamp = reader->stats().minTimestamp;
        sstable.maxTimestamp = reader->stats().maxTimestamp;
        sstable.level = reader->level();
        sstable.bytesOnDisk = reader->bytesOnDisk();
    }
}

std::unique_ptr<UnfilteredPartition> traced(const UnfilteredPartition& partition, SourceTrace& into, const ReadTrace& trace) {
    into.isThere = true;
    into.deletion = partition.deletion();
    into.staticRow = partition.staticRow();
    return std::make_unique<NotingPartition>(partition, into, trace);
}

std::vector<TracedCell> mergeOf(const ReadTrace& trace, const schema::Table& table, const rows::Partition& answer) {
    CellTable cells(table);
    for (const auto& memtable : trace.memtables) {
        cells.add(*memtable);
    }
    for (const auto& sstable : trace.sstables) {
        cells.add(*sstable);
    }
    return cells.finish(answer);
}

}  // namespace engine::storage
