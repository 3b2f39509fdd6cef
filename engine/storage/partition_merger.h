#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "engine/rows/read_command.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

struct ReadTrace;

/// What a read meets, and how much of it it may meet (ReadCommand.withMetricsRecording).
struct ReadMeter {
    std::uint64_t tombstonesMax = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t liveRows = 0;
    std::uint64_t tombstones = 0;
    std::uint64_t sstables = 0;  // That had the partition, of a read of one.
    std::int64_t lastToken = 0;
    ReadTrace* trace = nullptr;  // Of a read of one partition, when somebody looks at it.
};

/// Called with live rows one by one; false: no more.
using LiveRowVisitor = std::function<bool(const rows::DecoratedKey&, const rows::Row&)>;

/// Answers one read command partition by partition: reconciles what memtables and files hold, and
/// stops once the command's limits are met by rows that are live here and pass its filters.
/// Tombstones past gc_grace are left out (ReadCommand.withoutPurgeableTombstones), so that replicas
/// agree whether or not they have compacted them away. Refers to the command; for one call.
class PartitionMerger {
public:
    explicit PartitionMerger(const rows::ReadCommand& command, ReadMeter* meter = nullptr);

    /// May be empty, if nothing is there or nothing is left to reconcile.
    Result<rows::Partition> read(const rows::DecoratedKey& key,
                                 const std::vector<const UnfilteredPartition*>& sources);
    bool isDone() const { return m_rowsLeft == 0; }
    /// The rows that are live, without what is not of them; false when `visit` wants no more. Their
    /// memory is used again. Limits and filters are left to the caller.
    Result<bool> visitLive(const rows::DecoratedKey& key,
                           const std::vector<const UnfilteredPartition*>& sources,
                           const LiveRowVisitor& visit);
    /// The rows that are asked for.
    const std::vector<rows::Slice>& slices() const { return m_slices; }

private:
    class Ranges;
    class OneSource;
    Result<void> readRows(const std::vector<const UnfilteredPartition*>& sources,
                          rows::Partition& out);
    template <typename Cursor>
    Result<void> drain(Cursor& cursor, rows::Partition& out);
    bool take(rows::Row row, rows::Partition& out);
    template <typename Cursor>
    Result<bool> visitAll(const rows::DecoratedKey& key, Cursor& cursor, const LiveRowVisitor& visit);
    bool isLiveAsItIs(const rows::Row& row) const;
    void dropDead(rows::Row& row) const;
    Result<void> checkTombstones(const rows::DecoratedKey& key) const;
    void meterRow(const rows::Row& row);
    /// True when the row counts towards the limits; clears it when it is not to come along.
    bool countOrDrop(const rows::Partition& partition, rows::Row& row) const;
    void dropOldColumns(rows::Row& row) const;

    const rows::ReadCommand& m_command;
    const schema::Table& m_table;
    std::vector<rows::Slice> m_slices;
    const std::int64_t m_gcBefore;
    ReadMeter m_ownMeter;
    ReadMeter& m_meter;
    std::uint32_t m_rowsLeft;
};

}  // namespace engine::storage
