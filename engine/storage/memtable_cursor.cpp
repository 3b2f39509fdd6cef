#include "engine/storage/memtable_cursor.h"

#include <algorithm>

namespace engine::storage {

MemtableUnfiltereds::MemtableUnfiltereds(const Memtable& memtable, const MemtableEntry& entry,
                                         const std::vector<rows::Slice>& slices, bool reversed)
    : m_memtable(memtable),
      m_table(*memtable.table()),
      m_entry(entry),
      m_slices(slices),
      m_reversed(reversed) {
    settle();
}

/// False when there is none left.
bool MemtableUnfiltereds::enterNextSlice() {
    if (m_slicesEntered == m_slices.size()) {
        return false;
    }
    const std::size_t n = m_slicesEntered++;
    const rows::Slice& slice = m_slices[m_reversed ? m_slices.size() - 1 - n : n];
    m_markers.clear();
    m_nextMarker = 0;
    findRows(slice);
    if (m_entry.wide != nullptr && !m_entry.wide->rangeTombstones.empty()) {
        makeMarkers(slice);
    }
    return true;
}

void MemtableUnfiltereds::findRows(const rows::Slice& slice) {
    const rows::Position start = rows::startOf(slice);
    const rows::Position end = rows::endOf(slice);
    const MemtableRows& rows = m_memtable.m_rows;
    if (m_entry.wide == nullptr) {
        const bool isInside =
            !m_entry.single.isNone() &&
            (start.prefix->empty() || rows.compare(m_table, m_entry.single, start) > 0) &&
            (end.prefix->empty() || rows.compare(m_table, m_entry.single, end) < 0);
        m_rowsLeft = isInside ? 1 : 0;
        return;
    }
    const RowList& list = m_entry.wide->rows;
    const auto before = [&](const rows::Position& place) {
        return [&](RowRef row) { return rows.compare(m_table, row, place) < 0; };
    };
    m_begin = start.prefix->empty() ? list.begin() : list.firstNot(before(start));
    m_end = end.prefix->empty() ? list.end() : list.firstNot(before(end));
    // An upside-down slice would never end.
    if (!start.prefix->empty() && !end.prefix->empty() && rows::isEmpty(m_table, slice)) {
        m_end = m_begin;
    }
}

/// Pieces that touch share a marker.
void MemtableUnfiltereds::makeMarkers(const rows::Slice& slice) {
    const auto pieces = rows::clip(m_table, m_entry.wide->rangeTombstones, {slice});
    for (const rows::RangeTombstone& piece : pieces) {
        const rows::Position start = rows::startOf(piece.slice);
        const rows::Position end = rows::endOf(piece.slice);
        if (!m_markers.empty() &&
            rows::comparePositions(m_table, m_markers.back().position(), start) == 0) {
            m_markers.back().after = piece.deletion;
        } else {
            m_markers.push_back({*start.prefix, start.side, {}, piece.deletion});
        }
        m_markers.push_back({*end.prefix, end.side, piece.deletion, {}});
    }
    if (m_reversed) {
        std::reverse(m_markers.begin(), m_markers.end());
    }
}

/// None at the end of the slice's rows.
RowRef MemtableUnfiltereds::currentRow() const {
    if (m_entry.wide == nullptr) {
        return m_rowsLeft > 0 ? m_entry.single : RowRef();
    }
    if (m_begin == m_end) {
        return {};
    }
    const RowList& list = m_entry.wide->rows;
    return list.at(m_reversed ? list.previous(m_end) : m_begin);
}

bool MemtableUnfiltereds::isMarkerNext() const {
    if (m_nextMarker == m_markers.size()) {
        return false;
    }
    const RowRef row = currentRow();
    if (row.isNone()) {
        return true;
    }
    const int order =
        m_memtable.m_rows.compare(m_table, row, m_markers[m_nextMarker].position());
    return m_reversed ? order < 0 : order > 0;
}

void MemtableUnfiltereds::settle() {
    for (;;) {
        if (isMarkerNext()) {
            m_kind = UnfilteredKind::Marker;
            return;
        }
        const RowRef row = currentRow();
        if (!row.isNone()) {
            m_kind = UnfilteredKind::Row;
            m_row = &m_memtable.m_rows.read(row, m_scratch);
            return;
        }
        if (!enterNextSlice()) {
            m_kind = UnfilteredKind::End;
            return;
        }
    }
}

rows::Row MemtableUnfiltereds::takeRow() {
    if (m_row == &m_scratch) {
        return std::move(m_scratch);
    }
    return *m_row;
}

Result<void> MemtableUnfiltereds::advance() {
    if (m_kind == UnfilteredKind::Marker) {
        ++m_nextMarker;
    } else if (m_entry.wide == nullptr) {
        m_rowsLeft = 0;
    } else if (m_reversed) {
        m_end = m_entry.wide->rows.previous(m_end);
    } else {
        m_begin = m_entry.wide->rows.next(m_begin);
    }
    settle();
    return ok();
}

}  // namespace engine::storage
