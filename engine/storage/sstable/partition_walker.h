#pragma once

#include <memory>
#include <optional>

#include "engine/storage/sstable/sstable_partition.h"

namespace engine::storage {

/// Goes through a partition's bytes forwards, from its first row or from one of its blocks, and
/// knows the range deletion in force. What cursors in both directions are made of.
class PartitionWalker {
public:
    explicit PartitionWalker(const SstablePartition& partition);

    /// To the first row or marker of the partition.
    Result<void> toStart();
    /// To a block's first one.
    Result<void> toBlock(std::uint32_t number);
    /// Decodes what comes next; End stays.
    Result<DecodeOutcome> next();

    const rows::Row& row() const { return m_row; }
    rows::Row& row() { return m_row; }
    const Marker& marker() const { return m_marker; }
    /// In force behind what was decoded last.
    const rows::DeletionTime& open() const { return m_open; }
    /// From the partition's start, of what comes next.
    std::uint64_t offset() const { return m_window->position() - m_partitionAt; }

    std::uint32_t blocks() const;
    Result<IndexBlock> block(std::uint32_t number) const;
    /// The block in which a walk forwards for a position has to begin, and one backwards.
    Result<std::uint32_t> blockToBeginWith(const rows::Position& start) const;
    Result<std::uint32_t> blockToEndWith(const rows::Position& end) const;
    const schema::Table& table() const { return *m_context.table; }

private:
    Error corrupt(std::string_view what) const;

    const SstablePartition& m_partition;
    const PartitionContext& m_context;
    const std::uint64_t m_partitionAt;
    std::optional<DataWindow> m_own;
    DataWindow* m_window;
    UnfilteredDecoder m_decoder;
    rows::Row m_row;
    Marker m_marker;
    rows::DeletionTime m_open;
    std::optional<IndexPlace> m_expected;  // What the index says comes next.
};

}  // namespace engine::storage
