#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/rows/read_command.h"
#include "engine/storage/sstable/sstable_partition.h"

namespace engine::storage {

/// One handle on the files: what one thread at a time may read through.
struct ReadHandle {
    std::unique_ptr<DataFile> data;
    std::unique_ptr<IndexFile> index;
};

/// Walks the partitions of a file that lie in a range, in the order of Index.db.
class SstableScan : public PartitionScan {
public:
    using Interval = std::function<Result<std::shared_ptr<const CachedPiece>>(std::size_t)>;

    /// `range` outlives this.
    explicit SstableScan(const rows::PartitionRange& range) : m_range(range) {}

    /// To the first partition there is. `interval` reads what lies between two entries of the
    /// summary.
    Result<void> begin(PartitionContext context, Interval interval, const IndexSummary& summary);

    const rows::DecoratedKey* key() const override { return m_isOnPartition ? &m_key : nullptr; }
    const UnfilteredPartition& partition() const override { return *m_partition; }
    Result<void> advance() override;
    std::uint64_t position() const override { return m_window->position(); }

    ReadHandle own;  // In bulk.

private:
    Result<void> step();
    Result<void> settle();

    const rows::PartitionRange& m_range;
    PartitionContext m_context;
    Interval m_interval;
    const IndexSummary* m_summary = nullptr;
    std::optional<DataWindow> m_window;
    std::size_t m_nextInterval = 0;
    std::shared_ptr<const CachedPiece> m_piece;
    std::size_t m_next = 0;
    const IndexSlot* m_slot = nullptr;
    rows::DecoratedKey m_key;
    std::unique_ptr<SstablePartition> m_partition;
    bool m_isOnPartition = false;
};

}  // namespace engine::storage
