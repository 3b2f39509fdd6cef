#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/schema/table.h"

/// What a storage engine tells of itself, for people to watch. Plain values of this folder: the node
/// makes events of them (engine/observe/storage_events.h has the same fields and says more).
namespace engine::storage {

/// Why a memtable is written to disk (ColumnFamilyStore.FlushReason).
enum class FlushReason {
    CommitLogDirty,
    MemtableLimit,
    MemtablePeriodExpired,
    UserForced,
    Drain,
    Startup,
    Snapshot,
    SchemaChange,
};
/// `COMMITLOG_DIRTY`, `MEMTABLE_LIMIT`, ..., as Cassandra logs them.
std::string_view toString(FlushReason reason);

struct SegmentInfo {
    enum class State { Active, Needed, Clean, Discarded };
    std::uint64_t id = 0;
    std::uint64_t bytes = 0;
    State state = State::Active;
    std::vector<Uuid> tables;  // That have records in it that no SSTable has.
};

struct SstableInfo {
    std::uint64_t generation = 0;
    std::uint64_t bytes = 0;      // On disk, all components.
    std::uint64_t dataBytes = 0;  // Uncompressed.
    std::uint64_t partitions = 0;
    std::uint64_t rows = 0;
    std::uint64_t tombstones = 0;
    std::int64_t minToken = 0;
    std::int64_t maxToken = 0;
    std::int64_t minTimestamp = std::numeric_limits<std::int64_t>::max();
    std::int64_t maxTimestamp = std::numeric_limits<std::int64_t>::min();
    std::int32_t level = 0;
    std::int32_t shard = -1;        // Unified's; -1: none.
    std::int64_t windowMillis = 0;  // Start of TimeWindow's window; 0: none.
    double droppable = 0;           // Estimated share of cells that are tombstones past gc_grace.
    double replaced = -1;           // Estimated share that newer files replaced; below 0: not known.
};

struct FlushInfo {
    std::uint64_t bytes = 0;  // Of the memtable.
    std::uint64_t rows = 0;
    FlushReason reason = FlushReason::UserForced;
};
struct FlushResult {
    std::uint64_t generation = 0;  // Of the first file; 0: none.
    std::uint64_t bytes = 0;       // Of all of them.
    std::int64_t nanos = 0;
    std::string error;
};

/// A group of files a strategy weighed; `score` over 1 wants compaction, in its own measure.
struct CompactionCandidateInfo {
    std::string name;
    std::uint32_t sstables = 0;
    std::uint64_t bytes = 0;
    double score = 0;
    bool chosen = false;
};
struct CompactionInfo {
    Uuid id;
    std::string kind;      // compaction, major, user-defined, tombstones, expired, garbagecollect, ...
    std::string strategy;  // Without the package.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> inputs;  // Generation, bytes on disk.
    std::uint64_t estimatedBytes = 0;  // Of the output; 0: not known.
    std::string why;                   // A sentence without full stop.
    std::string group;                 // bucket, level, window, shard.
    std::int32_t level = -1;           // Where the output goes; -1: no levels.
    std::vector<CompactionCandidateInfo> candidates;
};
struct CompactionProgressInfo {
    Uuid id;
    std::vector<std::uint64_t> readBytes;  // On disk, in the order of the inputs.
    std::uint64_t writtenBytes = 0;
    std::uint64_t generation = 0;
    double bytesPerSecond = 0;
    std::uint64_t limitBytesPerSecond = 0;
    std::uint64_t cellsKept = 0;
    std::uint64_t cellsReplaced = 0;
    std::uint64_t tombstonesDropped = 0;
    std::uint64_t tombstonesKept = 0;
    bool isPaused = false;
};
struct CompactionResult {
    Uuid id;
    std::vector<std::uint64_t> outputs;
    std::uint64_t readBytes = 0;
    std::uint64_t writtenBytes = 0;
    std::int64_t nanos = 0;
    std::string error;
};

/// Called on the node's thread; cheap when empty.
struct StorageObserver {
    /// The memtable that is written to, after each write and each flush.
    std::function<void(const schema::Table&, std::uint64_t memtableBytes, std::uint64_t rows)> memtableGrew;
    /// `active`, `full`, `discarded`. StorageEngine::segments() tells more.
    std::function<void(std::uint64_t segment, std::uint64_t bytes, const char* state)> segmentChanged;
    std::function<void(const schema::Table&, const FlushInfo&)> flushStarted;
    std::function<void(const schema::Table&, const FlushResult&)> flushFinished;
    /// `origin`: flush, compaction, import. Also when what is known of a file changed, its level say.
    std::function<void(const schema::Table&, const SstableInfo&, std::string_view origin)> sstableAdded;
    /// `reason`: compaction, expired, truncate, drop, import (one that was unreadable has another number now).
    std::function<void(const schema::Table&, std::uint64_t generation, std::string_view reason)> sstableRemoved;
    /// A file is damaged: the table was opened without it, or something met the damage later; once for
    /// each file. `file` is the path of its Data.db; generation 0: its id is no number.
    std::function<void(const schema::Table&, std::uint64_t generation, std::string_view file, std::string_view why)> sstableUnreadable;
    std::function<void(const schema::Table&, const CompactionInfo&)> compactionStarted;
    /// At most some ten times a second for each.
    std::function<void(const schema::Table&, const CompactionProgressInfo&)> compactionProgressed;
    /// After sstableAdded and sstableRemoved of what it did.
    std::function<void(const schema::Table&, const CompactionResult&)> compactionFinished;
};

}  // namespace engine::storage
