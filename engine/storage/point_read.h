#pragma once

#include <memory>
#include <vector>

#include "engine/rows/read_command.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// What a read of one partition has to look at: memtables, then the SSTables that may matter, those
/// with the newest writes first, until nothing older can change the answer
/// (SinglePartitionReadCommand.queryMemtableAndSSTablesInTimestampOrder). Refers to the command; for
/// one call.
class PointRead {
public:
    /// `slices` are the command's.
    PointRead(const rows::ReadCommand& command, const std::vector<rows::Slice>& slices)
        : m_command(command), m_slices(slices) {}

    void add(const UnfilteredPartition& memtable);
    Result<void> addFrom(const std::vector<std::shared_ptr<const SstableReader>>& sstables);

    const std::vector<const UnfilteredPartition*>& sources() const { return m_sources; }
    /// That had the partition.
    std::size_t sstables() const { return m_owned.size(); }

private:
    bool mayMatter(const SstableReader& sstable) const;
    bool isForWholeRows() const;
    Result<bool> isAnsweredBy(std::int64_t olderThan) const;
    bool isComplete(const rows::Row& row, std::int64_t olderThan) const;

    const rows::ReadCommand& m_command;
    const std::vector<rows::Slice>& m_slices;
    std::vector<const UnfilteredPartition*> m_sources;
    std::vector<std::unique_ptr<UnfilteredPartition>> m_owned;
    rows::DeletionTime m_deletion;  // The newest of the partition as a whole.
};

}  // namespace engine::storage
