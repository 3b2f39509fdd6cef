#include "engine/storage/unfiltered_merger.h"

#include <algorithm>

#include "engine/rows/merge.h"

namespace engine::storage {

UnfilteredMerger::UnfilteredMerger(const schema::Table& table,
                                   const rows::DeletionTime& partitionDeletion, bool reversed)
    : m_table(table), m_partitionDeletion(partitionDeletion), m_reversed(reversed) {}

UnfilteredMerger::~UnfilteredMerger() = default;

void UnfilteredMerger::add(std::unique_ptr<UnfilteredCursor> cursor) {
    if (cursor->kind() != UnfilteredKind::End) {
        m_sources.push_back({std::move(cursor), {}});
    }
}

Result<void> UnfilteredMerger::begin() {
    m_here.clear();
    return step();
}

rows::Row UnfilteredMerger::takeRow() {
    return m_isPassedThrough ? m_sources[m_here.front()].cursor->takeRow() : std::move(m_merged);
}

Result<void> UnfilteredMerger::advance() {
    return step();
}

/// Moves the sources on that were at what is current; those at their end are let go.
Result<void> UnfilteredMerger::leaveCurrent() {
    bool hasEnded = false;
    for (const std::size_t source : m_here) {
        UnfilteredCursor& cursor = *m_sources[source].cursor;
        TRY(cursor.advance());
        hasEnded = hasEnded || cursor.kind() == UnfilteredKind::End;
    }
    m_here.clear();
    if (hasEnded) {
        std::erase_if(m_sources, [](const Source& source) {
            return source.cursor->kind() == UnfilteredKind::End;
        });
    }
    return ok();
}

/// Finds the sources that stand on what comes next.
void UnfilteredMerger::collectFirst() {
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        if (m_here.empty()) {
            m_here.push_back(i);
            continue;
        }
        const int order =
            rows::comparePositions(m_table, positionOf(*m_sources[i].cursor),
                                   positionOf(*m_sources[m_here.front()].cursor));
        if (order == 0) {
            m_here.push_back(i);
        } else if ((order < 0) != m_reversed) {
            m_here.assign(1, i);
        }
    }
}

/// False when nothing is left of the row.
bool UnfilteredMerger::mergeRows() {
    const rows::DeletionTime& outer = m_open.isLive() ? m_partitionDeletion : m_open;
    m_isPassedThrough = m_here.size() == 1 && outer.isLive();
    if (m_isPassedThrough) {
        m_row = &m_sources[m_here.front()].cursor->row();
        return true;
    }
    m_merged = m_sources[m_here.front()].cursor->takeRow();
    std::size_t cells = m_merged.cells.size();
    for (std::size_t i = 1; i < m_here.size(); ++i) {
        rows::Row other = m_sources[m_here[i]].cursor->takeRow();
        cells += other.cells.size();
        rows::merge(m_table, m_merged, std::move(other));
    }
    rows::dropShadowed(m_merged, outer);
    m_cellsHidden += cells - m_merged.cells.size();
    m_row = &m_merged;
    return !m_merged.isEmpty();
}

/// False when what is deleted stays the same.
bool UnfilteredMerger::mergeMarkers() {
    const Marker& first = m_sources[m_here.front()].cursor->marker();
    for (const std::size_t source : m_here) {
        const Marker& marker = m_sources[source].cursor->marker();
        m_sources[source].open = m_reversed ? marker.before : marker.after;
    }
    rows::DeletionTime newest;
    for (const Source& source : m_sources) {
        if (source.open.supersedes(newest)) {
            newest = source.open;
        }
    }
    if (!newest.supersedes(m_partitionDeletion)) {
        newest = {};
    }
    if (newest == m_open) {
        return false;
    }
    m_marker.prefix = first.prefix;
    m_marker.side = first.side;
    m_marker.before = m_reversed ? newest : m_open;
    m_marker.after = m_reversed ? m_open : newest;
    m_open = newest;
    return true;
}

Result<void> UnfilteredMerger::step() {
    while (true) {
        TRY(leaveCurrent());
        collectFirst();
        if (m_here.empty()) {
            m_kind = UnfilteredKind::End;
            return ok();
        }
        m_kind = m_sources[m_here.front()].cursor->kind();
        if (m_kind == UnfilteredKind::Row ? mergeRows() : mergeMarkers()) {
            return ok();
        }
    }
}

}  // namespace engine::storage
