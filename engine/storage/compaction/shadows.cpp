#include "engine/storage/compaction/shadows.h"

#include <algorithm>

#include "engine/rows/merge.h"
#include "engine/rows/range_tombstones.h"

namespace engine::storage::compaction {

Shadows::Shadows(schema::TablePtr table, ShadowKind kind, std::int64_t minTimestamp,
                 const std::vector<std::shared_ptr<const SstableReader>>& others)
    : m_table(std::move(table)), m_kind(kind) {
    for (const auto& reader : others) {
        const SstableStats& stats = reader->stats();
        const bool mayDelete = stats.minLocalDeletionTime != SstableStats::kNoDeletionTime;
        if (stats.maxTimestamp > minTimestamp && (mayDelete || m_kind == ShadowKind::Cell)) {
            m_sources.push_back({reader, nullptr});
        }
    }
}

Result<bool> Shadows::enter(const rows::DecoratedKey& key) {
    m_merger.reset();
    m_partitionDeletion = {};
    m_open = {};
    m_staticRow = {};
    std::vector<const UnfilteredPartition*> here;
    for (Source& source : m_sources) {
        if (key < source.reader->first() || source.reader->last() < key) {
            continue;
        }
        if (!source.scan) {
            TRY_ASSIGN(source.scan, source.reader->scan(m_everything, {.bulk = true}));
        }
        while (source.scan->key() != nullptr && *source.scan->key() < key) {
            TRY(source.scan->advance());
        }
        if (source.scan->key() != nullptr && *source.scan->key() == key) {
            here.push_back(&source.scan->partition());
        }
    }
    if (here.empty()) {
        return false;
    }
    for (const UnfilteredPartition* partition : here) {
        if (partition->deletion().supersedes(m_partitionDeletion)) {
            m_partitionDeletion = partition->deletion();
        }
        rows::merge(*m_table, m_staticRow, partition->staticRow());
    }
    m_merger = std::make_unique<UnfilteredMerger>(*m_table, m_partitionDeletion);
    for (const UnfilteredPartition* partition : here) {
        TRY_ASSIGN(auto cursor, partition->unfiltereds(allRows(), false));
        m_merger->add(std::move(cursor));
    }
    TRY(m_merger->begin());
    return true;
}

Result<void> Shadows::apply(rows::Row& row) {
    const rows::Position place{&row.clustering, 0};
    const rows::Row* other = nullptr;
    while (m_merger->kind() != UnfilteredKind::End) {
        const int order = rows::comparePositions(*m_table, positionOf(*m_merger), place);
        if (order == 0) {
            other = &m_merger->row();
        }
        if (order >= 0) {
            break;
        }
        if (m_merger->kind() == UnfilteredKind::Marker) {
            m_open = m_merger->marker().after;
        }
        TRY(m_merger->advance());
    }
    take(row, other, m_open.supersedes(m_partitionDeletion) ? m_open : m_partitionDeletion);
    return ok();
}

void Shadows::applyToStatic(rows::Row& row) const { take(row, &m_staticRow, m_partitionDeletion); }

void Shadows::take(rows::Row& row, const rows::Row* other, const rows::DeletionTime& open) const {
    const bool isDeleted = other != nullptr && other->deletion.supersedes(open);
    rows::dropShadowed(row, isDeleted ? other->deletion : open);
    if (m_kind != ShadowKind::Cell || other == nullptr) {
        return;
    }
    if (rows::supersedes(other->liveness, row.liveness)) {
        row.liveness = {};
    }
    const auto deletionOf = [&](const rows::ColumnName& column) {
        const auto it = std::find_if(other->complexDeletions.begin(), other->complexDeletions.end(),
                                     [&](const rows::ComplexDeletion& d) { return d.column == column; });
        return it == other->complexDeletions.end() ? rows::DeletionTime() : it->deletion;
    };
    std::erase_if(row.complexDeletions, [&](const rows::ComplexDeletion& complex) {
        const rows::DeletionTime there = deletionOf(complex.column);
        return !there.isLive() && !complex.deletion.supersedes(there);
    });
    std::erase_if(row.cells, [&](const rows::Cell& cell) {
        if (deletionOf(cell.column).deletes(cell.timestamp)) {
            return true;
        }
        const auto there = std::find_if(other->cells.begin(), other->cells.end(), [&](const rows::Cell& c) {
            return c.column == cell.column && c.path == cell.path;
        });
        // Parts of counters add up, and of equal cells one must stay.
        return there != other->cells.end() && *there != cell && !m_table->isCounter &&
               rows::rightWins(cell, *there);
    });
}

}  // namespace engine::storage::compaction
