#pragma once

#include <cstdint>
#include <limits>

#include "engine/rows/partition.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage::compaction {

/// Which deletions of one partition may be dropped for good (PurgeFunction, DeletionPurger): those
/// older than gc_grace that hide nothing anywhere else on this node.
struct Purger {
    std::int64_t nowSeconds = 0;
    std::int64_t gcBefore = std::numeric_limits<std::int64_t>::min();
    /// Deletions with a smaller timestamp hide nothing elsewhere.
    std::int64_t below = std::numeric_limits<std::int64_t>::min();

    bool drops(std::int64_t timestamp, std::int64_t localDeletionTime) const {
        return localDeletionTime < gcBefore && timestamp < below;
    }
    bool drops(const rows::DeletionTime& deletion) const {
        return !deletion.isLive() && drops(deletion.markedForDeleteAt, deletion.localDeletionTime);
    }
    /// What stays of a row; deletions dropped and kept are counted. Cells that have expired become
    /// tombstones.
    void purge(rows::Row& row, std::uint64_t& dropped, std::uint64_t& kept) const;
};

/// Whether a row has anything that a Purger might change.
bool hasDeletions(const rows::Row& row);

/// Removes what was written to columns before they were dropped; true when something went.
bool dropRemovedColumns(const schema::Table& table, rows::Row& row);
bool hasRemovedColumns(const schema::Table& table, const rows::Row& row);

}  // namespace engine::storage::compaction
