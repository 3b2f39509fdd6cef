#pragma once

#include <memory>
#include <vector>

#include "engine/storage/compaction/shadow_kind.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/unfiltered_merger.h"

namespace engine::storage::compaction {

/// The part of a table that a compaction does not rewrite, walked beside it: what it hides of the
/// compaction's data need not be written again (CompactionIterator.GarbageSkipper). Files are read
/// once from their beginning to their end, so keys and rows are asked for in order. Blocks.
class Shadows {
public:
    /// `minTimestamp`: of the compaction's inputs; what has nothing newer than that hides none of it.
    Shadows(schema::TablePtr table, ShadowKind kind, std::int64_t minTimestamp,
            const std::vector<std::shared_ptr<const SstableReader>>& others);

    /// To a partition behind all that were asked for before; false when nothing hides any of it.
    Result<bool> enter(const rows::DecoratedKey& key);
    const rows::DeletionTime& partitionDeletion() const { return m_partitionDeletion; }
    /// Takes away what is hidden; of a row behind all that were asked for of the partition.
    Result<void> apply(rows::Row& row);
    void applyToStatic(rows::Row& row) const;

private:
    struct Source {
        std::shared_ptr<const SstableReader> reader;
        std::unique_ptr<PartitionScan> scan;  // From when it is first asked for.
    };
    void take(rows::Row& row, const rows::Row* other, const rows::DeletionTime& open) const;

    const schema::TablePtr m_table;
    const ShadowKind m_kind;
    const rows::PartitionRange m_everything;
    std::vector<Source> m_sources;
    // Of the partition.
    rows::DeletionTime m_partitionDeletion;
    rows::DeletionTime m_open;  // At the place that was reached.
    rows::Row m_staticRow;
    std::unique_ptr<UnfilteredMerger> m_merger;
};

}  // namespace engine::storage::compaction
