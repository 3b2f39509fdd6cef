#pragma once

#include <vector>

#include "engine/storage/memtable.h"

namespace engine::storage {

/// Walks rows and range deletions of one memtable partition slice by slice.
class MemtableUnfiltereds final : public UnfilteredCursor {
public:
    MemtableUnfiltereds(const Memtable& memtable, const MemtableEntry& entry,
                        const std::vector<rows::Slice>& slices, bool reversed);

    UnfilteredKind kind() const override { return m_kind; }
    const rows::Row& row() const override { return *m_row; }
    rows::Row takeRow() override;
    const Marker& marker() const override { return m_markers[m_nextMarker]; }
    Result<void> advance() override;

private:
    bool enterNextSlice();
    void findRows(const rows::Slice& slice);
    void makeMarkers(const rows::Slice& slice);
    RowRef currentRow() const;
    void settle();
    bool isMarkerNext() const;

    const Memtable& m_memtable;
    const schema::Table& m_table;
    const MemtableEntry& m_entry;
    const std::vector<rows::Slice>& m_slices;
    const bool m_reversed;

    std::size_t m_slicesEntered = 0;
    std::size_t m_rowsLeft = 0;  // 0 or 1 for the row of a partition that is not wide.
    RowList::Place m_begin;      // What is left of a wide one's rows.
    RowList::Place m_end;
    std::vector<Marker> m_markers;  // Of the slice, in the order they are met.
    std::size_t m_nextMarker = 0;

    UnfilteredKind m_kind = UnfilteredKind::End;
    rows::Row m_scratch;
    const rows::Row* m_row = nullptr;
};

}  // namespace engine::storage
