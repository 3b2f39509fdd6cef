#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/rows/read_command.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// Answers one read command partition by partition: reconciles what memtables and files hold, and
/// stops once the command's limits are met by rows that are live here and pass its filters.
/// Tombstones past gc_grace are left out (ReadCommand.withoutPurgeableTombstones), so that replicas
/// agree whether or not they have compacted them away. Refers to the command; for one call.
class PartitionMerger {
public:
    explicit PartitionMerger(const rows::ReadCommand& command);

    /// May be empty, if nothing is there or nothing is left to reconcile.
    Result<rows::Partition> read(const rows::DecoratedKey& key,
                                 const std::vector<const UnfilteredPartition*>& sources);
    bool isDone() const { return m_rowsLeft == 0; }
    /// The rows that are asked for.
    const std::vector<rows::Slice>& slices() const { return m_slices; }

private:
    class Ranges;
    Result<void> readRows(const std::vector<const UnfilteredPartition*>& sources,
                          rows::Partition& out);
    /// True when the row counts towards the limits; clears it when it is not to come along.
    bool countOrDrop(const rows::Partition& partition, rows::Row& row) const;
    void dropOldColumns(rows::Row& row) const;

    const rows::ReadCommand& m_command;
    const schema::Table& m_table;
    std::vector<rows::Slice> m_slices;
    std::uint32_t m_rowsLeft;
};

}  // namespace engine::storage
