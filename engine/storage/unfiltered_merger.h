#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// What several sources hold of one partition as one, reconciled (UnfilteredRowIterators.merge):
/// rows of the same clustering are merged, range deletions overlaid, and what the partition's
/// deletion, a range or a row's own deletion hides is left out. Tombstones stay: what may be purged
/// is the caller's matter. A row that only one source has, and that nothing hides, is handed through
/// without a copy.
class UnfilteredMerger : public UnfilteredCursor {
public:
    /// `partitionDeletion` is the newest of all sources; `table` outlives this.
    UnfilteredMerger(const schema::Table& table, const rows::DeletionTime& partitionDeletion,
                     bool reversed = false);
    ~UnfilteredMerger() override;

    /// Before begin().
    void add(std::unique_ptr<UnfilteredCursor> cursor);
    /// Goes to the first thing there is.
    Result<void> begin();

    UnfilteredKind kind() const override { return m_kind; }
    const rows::Row& row() const override { return *m_row; }
    rows::Row takeRow() override;
    const Marker& marker() const override { return m_marker; }
    Result<void> advance() override;
    /// The deletion of a range in force at the row it stands on; live when there is none.
    const rows::DeletionTime& openDeletion() const { return m_open; }
    /// Cells so far that newer ones, or deletions, of the sources hid.
    std::uint64_t cellsHidden() const { return m_cellsHidden; }

private:
    struct Source {
        std::unique_ptr<UnfilteredCursor> cursor;
        rows::DeletionTime open;
    };

    Result<void> step();
    Result<void> leaveCurrent();
    void collectFirst();
    bool mergeRows();
    bool mergeMarkers();

    const schema::Table& m_table;
    const rows::DeletionTime m_partitionDeletion;
    const bool m_reversed;
    std::vector<Source> m_sources;
    std::vector<std::size_t> m_here;  // Sources that stand on what is current.
    UnfilteredKind m_kind = UnfilteredKind::End;
    const rows::Row* m_row = nullptr;
    rows::Row m_merged;
    Marker m_marker;
    rows::DeletionTime m_open;
    bool m_isPassedThrough = false;  // m_row is a source's own.
    std::uint64_t m_cellsHidden = 0;
};

}  // namespace engine::storage
