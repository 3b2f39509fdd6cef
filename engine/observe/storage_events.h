#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/observe/event_kind.h"

/// What a node tells about its files and memtables. Part of event.h; include that one.
///
/// A subscription begins with StorageSnapshot, then TableStorage, MemtableGrew and SstableAdded of
/// everything that is there, CommitLogSegment of each segment, and CompactionStarted and
/// CompactionProgress of what runs.
namespace engine::observe {

/// What comes next is all there is: whatever was known of the teller's files is void.
struct StorageSnapshot {
    RINGSIDE_EVENT(Storage, "StorageSnapshot")
    std::uint64_t segmentBytes = 0;        // Of a full segment.
    std::uint64_t logLimitBytes = 0;       // commitlog_total_space
    std::uint64_t memtableLimitBytes = 0;  // A table flushes at this size,
    std::uint64_t memtableTotalBytes = 0;  // and the largest one when all of them have this.
    std::int64_t startedNanos = 0;         // When the node's process opened its files,
    std::uint64_t replayed = 0;            // and how many mutations it then took from its commit log.
    template <typename F>
    void fields(F&& f) {
        f("segmentBytes", segmentBytes), f("logLimitBytes", logLimitBytes);
        f("memtableLimitBytes", memtableLimitBytes), f("memtableTotalBytes", memtableTotalBytes);
        f("startedNanos", startedNanos), f("replayed", replayed);
    }
};

/// How a table's files are kept. Again when the schema changed.
struct TableStorage {
    RINGSIDE_EVENT(Storage, "TableStorage")
    std::string keyspace;
    std::string table;
    std::string strategy;  // "SizeTieredCompactionStrategy", without the package.
    std::vector<std::pair<std::string, std::string>> options;  // The strategy's, as the schema has them.
    std::int32_t gcGraceSeconds = 0;
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("strategy", strategy), f("options", options);
        f("gcGraceSeconds", gcGraceSeconds);
    }
};

/// `active`: written to. `needed`: full, and a table has writes in it that no SSTable has yet.
/// `clean`: nobody needs it any more, and it is still there. `discarded`: the file is gone.
struct CommitLogSegment {
    RINGSIDE_EVENT(Storage, "CommitLogSegment")
    std::uint64_t segment = 0;
    std::uint64_t bytes = 0;
    std::string state;
    std::vector<std::string> tables;  // That need it: "library.books".
    template <typename F>
    void fields(F&& f) {
        f("segment", segment), f("bytes", bytes), f("state", state), f("tables", tables);
    }
};

struct MemtableGrew {
    RINGSIDE_EVENT(Storage, "MemtableGrew")
    std::string keyspace;
    std::string table;
    std::uint64_t bytes = 0;  // Of the one written to; one that is being flushed is FlushStarted's.
    std::uint64_t rows = 0;
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("bytes", bytes), f("rows", rows);
    }
};

struct FlushStarted {
    RINGSIDE_EVENT(Storage, "FlushStarted")
    std::string keyspace;
    std::string table;
    std::uint64_t bytes = 0;
    std::uint64_t rows = 0;
    std::string reason;  // Cassandra's ColumnFamilyStore.FlushReason: MEMTABLE_LIMIT, COMMITLOG_DIRTY, ...
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("bytes", bytes), f("rows", rows);
        f("reason", reason);
    }
};

struct FlushFinished {
    RINGSIDE_EVENT(Storage, "FlushFinished")
    std::string keyspace;
    std::string table;
    std::uint64_t generation = 0;  // Of the SSTable; 0: none was written.
    std::uint64_t bytes = 0;       // Of it.
    std::int64_t nanos = 0;        // How long it took.
    std::string error;             // Empty on success; else the memtable is as it was.
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("generation", generation), f("bytes", bytes);
        f("nanos", nanos), f("error", error);
    }
};

/// A file is there; told again when what is known of it changed (its level, its shares).
struct SstableAdded {
    RINGSIDE_EVENT(Storage, "SstableAdded")
    std::string keyspace;
    std::string table;
    std::uint64_t generation = 0;
    std::string origin;             // flush, compaction, import, open.
    std::uint64_t bytes = 0;        // On disk, all components.
    std::uint64_t dataBytes = 0;    // Uncompressed.
    std::uint64_t partitions = 0;
    std::uint64_t rows = 0;
    std::uint64_t tombstones = 0;
    std::int64_t minToken = 0;
    std::int64_t maxToken = 0;
    std::int64_t minTimestamp = 0;  // Microseconds; above maxTimestamp: there is none.
    std::int64_t maxTimestamp = 0;
    std::int32_t level = 0;         // As the strategy counts; 0 where it has none.
    std::int32_t shard = -1;        // Unified's; -1: none.
    std::int64_t windowMillis = 0;  // Start of TimeWindow's window; 0: none.
    double droppable = 0;           // Share of its cells that are tombstones past gc_grace, estimated.
    double replaced = -1;           // Share that newer files have replaced, estimated; below 0: not known.
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("generation", generation), f("origin", origin);
        f("bytes", bytes), f("dataBytes", dataBytes), f("partitions", partitions), f("rows", rows);
        f("tombstones", tombstones), f("minToken", minToken), f("maxToken", maxToken);
        f("minTimestamp", minTimestamp), f("maxTimestamp", maxTimestamp), f("level", level);
        f("shard", shard), f("windowMillis", windowMillis), f("droppable", droppable);
        f("replaced", replaced);
    }
};

struct SstableRemoved {
    RINGSIDE_EVENT(Storage, "SstableRemoved")
    std::string keyspace;
    std::string table;
    std::uint64_t generation = 0;
    std::string reason;  // compaction, expired, truncate, drop, import.
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("generation", generation), f("reason", reason);
    }
};

/// A file is damaged, or the disk does not give it: the table is open without it, or a read met the place.
struct SstableUnreadable {
    RINGSIDE_EVENT(Storage, "SstableUnreadable")
    std::string keyspace;
    std::string table;
    std::uint64_t generation = 0;
    std::string file;  // Path of its Data.db.
    std::string why;   // Names the component, and the place in it where that is known.
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("generation", generation), f("file", file), f("why", why);
    }
};

/// A group of files a strategy weighed: a bucket, level, window or shard.
struct CompactionCandidate {
    std::string name;  // "about 25 MiB", "L1", "2026-11-26 10:00".
    std::uint32_t sstables = 0;
    std::uint64_t bytes = 0;
    double score = 0;  // Over 1 it wants compaction, in the strategy's own measure.
    bool chosen = false;
    template <typename F>
    void fields(F&& f) {
        f("name", name), f("sstables", sstables), f("bytes", bytes), f("score", score);
        f("chosen", chosen);
    }
};

struct CompactionStarted {
    RINGSIDE_EVENT(Storage, "CompactionStarted")
    Uuid compaction;
    std::string keyspace;
    std::string table;
    std::string kind;      // compaction, major, user-defined, tombstones, expired, garbagecollect, ...
    std::string strategy;  // "SizeTieredCompactionStrategy"
    std::vector<std::pair<std::uint64_t, std::uint64_t>> inputs;  // Generation, bytes.
    std::uint64_t estimatedBytes = 0;  // Of the output; 0: not known.
    std::string why;       // The strategy's reason as a sentence: "4 SSTables of one size, min_threshold 4".
    std::string group;     // bucket, level, window, shard; empty: everything.
    std::int32_t level = -1;  // Where the output goes; -1: no levels.
    std::vector<CompactionCandidate> candidates;
    template <typename F>
    void fields(F&& f) {
        f("compaction", compaction), f("keyspace", keyspace), f("table", table), f("kind", kind);
        f("strategy", strategy), f("inputs", inputs), f("estimatedBytes", estimatedBytes);
        f("why", why), f("group", group), f("level", level), f("candidates", candidates);
    }
};

/// A few times a second. Bytes as they lie on disk.
struct CompactionProgress {
    RINGSIDE_EVENT(Storage, "CompactionProgress")
    Uuid compaction;
    std::vector<std::uint64_t> readBytes;  // In the order of the inputs.
    std::uint64_t writtenBytes = 0;
    std::uint64_t generation = 0;          // Being written; 0: none yet.
    double bytesPerSecond = 0;             // Read, over the last moments.
    std::uint64_t limitBytesPerSecond = 0; // compaction_throughput; 0: none.
    std::uint64_t cellsKept = 0;
    std::uint64_t cellsReplaced = 0;
    std::uint64_t tombstonesDropped = 0;
    std::uint64_t tombstonesKept = 0;
    bool paused = false;  // Nothing goes on until somebody resumes the node's compactions.
    template <typename F>
    void fields(F&& f) {
        f("compaction", compaction), f("readBytes", readBytes), f("writtenBytes", writtenBytes);
        f("generation", generation), f("bytesPerSecond", bytesPerSecond);
        f("limitBytesPerSecond", limitBytesPerSecond), f("cellsKept", cellsKept);
        f("cellsReplaced", cellsReplaced), f("tombstonesDropped", tombstonesDropped);
        f("tombstonesKept", tombstonesKept), f("paused", paused);
    }
};

struct CompactionFinished {
    RINGSIDE_EVENT(Storage, "CompactionFinished")
    Uuid compaction;
    std::string keyspace;
    std::string table;
    std::vector<std::uint64_t> outputs;  // Generations.
    std::uint64_t readBytes = 0;
    std::uint64_t writtenBytes = 0;
    std::int64_t nanos = 0;              // How long it took.
    std::string error;                   // Empty on success; "stopped" when it was told to.
    template <typename F>
    void fields(F&& f) {
        f("compaction", compaction), f("keyspace", keyspace), f("table", table), f("outputs", outputs);
        f("readBytes", readBytes), f("writtenBytes", writtenBytes), f("nanos", nanos);
        f("error", error);
    }
};

/// Sums since the node started, once a second while they change.
struct TableStatistics {
    RINGSIDE_EVENT(Storage, "TableStatistics")
    std::string keyspace;
    std::string table;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::vector<std::uint64_t> sstablesPerRead;  // How many reads touched 0, 1, 2, ... SSTables.
    std::uint64_t bloomFalse = 0;                // The filter said maybe, the key was not there.
    std::uint64_t bloomTrue = 0;                 // Maybe, and it was.
    std::uint64_t bloomNo = 0;                   // No.
    std::uint64_t flushedBytes = 0;              // Written to SSTables by flushes
    std::uint64_t compactedBytes = 0;            // and by compactions.
    template <typename F>
    void fields(F&& f) {
        f("keyspace", keyspace), f("table", table), f("reads", reads), f("writes", writes);
        f("sstablesPerRead", sstablesPerRead), f("bloomFalse", bloomFalse), f("bloomTrue", bloomTrue);
        f("bloomNo", bloomNo), f("flushedBytes", flushedBytes), f("compactedBytes", compactedBytes);
    }
};

}  // namespace engine::observe
