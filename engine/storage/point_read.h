#pragma once

#include <memory>
#include <vector>

#include "engine/rows/read_command.h"
#include "engine/storage/partition_merger.h"
#include "engine/storage/read_trace.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// What a read of one partition has to look at: memtables, then the SSTables that may matter, those
/// with the newest writes first, until nothing older can change the answer
/// (SinglePartitionReadCommand.queryMemtableAndSSTablesInTimestampOrder). Refers to the command; for
/// one call.
class PointRead {
public:
    /// `slices` are the command's. What happens is noted in `trace`, unless it is null.
    PointRead(const rows::ReadCommand& command, const std::vector<rows::Slice>& slices, ReadTrace* trace);

    /// The one written to, then the one being flushed; null: it has nothing of the partition, or is not there.
    void addMemtable(const UnfilteredPartition* memtable);
    Result<void> addFrom(const std::vector<std::shared_ptr<const SstableReader>>& sstables);
    /// After the merge, for the trace.
    void finish(const ReadMeter& meter);

    const std::vector<const UnfilteredPartition*>& sources() const { return m_sources; }
    /// That had the partition.
    std::size_t sstables() const { return m_owned.size(); }

private:
    void add(const UnfilteredPartition& source, SourceTrace* trace);
    enum class Next { Skip, Stop, Look };
    Result<Next> decide(const SstableReader& sstable, bool mayStop, SstableTrace* trace) const;
    Result<void> look(const SstableReader& sstable, ReadTrace::Sstable* trace);
    bool mayMatter(const SstableReader& sstable) const;
    bool isForWholeRows() const;
    Result<bool> isAnsweredBy(std::int64_t olderThan) const;
    bool isComplete(const rows::Row& row, std::int64_t olderThan) const;

    const rows::ReadCommand& m_command;
    const std::vector<rows::Slice>& m_slices;
    std::vector<const UnfilteredPartition*> m_sources;
    std::vector<std::unique_ptr<UnfilteredPartition>> m_owned;
    std::vector<std::unique_ptr<UnfilteredPartition>> m_noting;  // Around sources, when it is traced.
    rows::DeletionTime m_deletion;  // The newest of the partition as a whole.
    ReadTrace* const m_trace;
};

}  // namespace engine::storage
