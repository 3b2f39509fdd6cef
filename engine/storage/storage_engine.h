#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/runtime/runtime.h"
#include "engine/schema/schema.h"
#include "engine/storage/cdc_log.h"
#include "engine/storage/commit_log_archive.h"
#include "engine/storage/compaction_request.h"
#include "engine/storage/failure_policy.h"
#include "engine/storage/file_requests.h"
#include "engine/storage/secondary_indexes.h"
#include "engine/storage/storage_observer.h"
#include "engine/storage/unreadable_sstable.h"

namespace engine::storage {

enum class CommitLogSync { Periodic, Group, Batch };

/// cassandra.yaml's names are in the comments.
struct StorageOptions {
    std::string dataFolder;       // data_file_directories: <keyspace>/<table>-<id>/ below it.
    std::string commitLogFolder;  // commitlog_directory
    CommitLogSync sync = CommitLogSync::Periodic;                    // commitlog_sync
    runtime::Duration syncPeriod = std::chrono::seconds(10);         // commitlog_sync_period
    /// Writes wait for a sync that is overdue by so much; nothing: one and a half periods.
    std::optional<runtime::Duration> syncLagBlock;                     // periodic_commitlog_sync_lag_block
    runtime::Duration syncGroupWindow = std::chrono::milliseconds(1000);  // commitlog_sync_group_window
    std::uint64_t segmentBytes = 32ull << 20;                        // commitlog_segment_size
    std::uint64_t commitLogTotalBytes = 1ull << 30;          // commitlog_total_space
    std::uint64_t memtableBytes = 64ull << 20;        // A table flushes at this size.
    std::uint64_t memtableTotalBytes = 256ull << 20;  // memtable_heap_space: the largest one flushes.
    /// What part of memtableTotalBytes memtableBytes is, for those who set them by it.
    double memtableCleanupThreshold = 0.25;           // memtable_cleanup_threshold
    std::uint64_t chunkCacheBytes = 32ull << 20;      // file_cache_size
    std::uint64_t keyCacheBytes = 8ull << 20;         // key_cache_size
    std::uint64_t columnIndexBytes = 64ull << 10;     // column_index_size
    /// Replay goes on behind a corrupt record instead of stopping (cassandra.commitlog.ignorereplayerrors).
    bool ignoreReplayErrors = false;
    CommitFailurePolicy commitFailurePolicy = CommitFailurePolicy::Stop;  // commit_failure_policy
    DiskFailurePolicy diskFailurePolicy = DiskFailurePolicy::Stop;        // disk_failure_policy
    CompactionSettings compaction;
    /// A truncated or dropped table's files stay as a snapshot. Off here; a node's default is on.
    bool autoSnapshot = false;       // auto_snapshot
    std::optional<runtime::Duration> autoSnapshotTtl;  // auto_snapshot_ttl
    bool incrementalBackups = false;  // incremental_backups
    CdcOptions cdc;
    CommitLogArchive archive;  // commitlog_archiving.properties
    RunCommand runCommand;     // Where archiving is asked for.
    /// How many tombstones one read may meet before it is warned of, and before it is refused.
    std::uint32_t tombstoneWarnThreshold = 1000;       // tombstone_warn_threshold
    std::uint32_t tombstoneFailureThreshold = 100000;  // tombstone_failure_threshold
};

struct ReadTrace;

/// What one read met, for warnings and traces.
struct ReadReport {
    std::uint64_t liveRows = 0;
    std::uint64_t tombstones = 0;
    std::uint64_t sstables = 0;          // That held something of the partition.
    std::vector<std::string> warnings;  // For the client.
    /// Step by step, of a read of one partition (read_trace.h); null: nobody asks.
    ReadTrace* trace = nullptr;
};

/// How long the parts of one write took on this replica, in machine nanoseconds; for the waterfall.
struct ApplyTimes {
    std::int64_t logStart = 0;
    std::int64_t logEnd = 0;
    std::int64_t memtableEnd = 0;
};

struct TableStats {
    std::uint64_t memtableBytes = 0;
    std::uint64_t memtableRows = 0;
    std::uint64_t sstables = 0;
    std::uint64_t sstableBytes = 0;
    std::uint64_t partitionsEstimate = 0;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::vector<std::uint64_t> sstablesPerRead;  // How many reads touched 0, 1, 2, ... SSTables.
    std::uint64_t bloomFalse = 0;                // The filter said maybe, the key was not there.
    std::uint64_t bloomTrue = 0;
    std::uint64_t bloomNo = 0;
    std::uint64_t flushes = 0;                   // Since the start.
    std::uint64_t flushedBytes = 0;              // Written to SSTables by flushes
    std::uint64_t compactedBytes = 0;            // and by compactions, since the start.
    std::uint64_t tombstonesScanned = 0;         // By all reads,
    std::uint64_t liveRowsScanned = 0;           // since the start.
};

/// What the files of a table hold of a range, roughly.
struct SizeEstimate {
    std::uint64_t partitions = 0;
    std::uint64_t meanPartitionBytes = 0;
};

class CompactionManager;
class SstableReader;
struct SnapshotInfo;

/// One node's tables on disk and in memory. Lives on the node's thread; blocking work is offloaded.
/// A write is acknowledged after its record is in the commit log as the sync mode demands: in
/// periodic mode at once (but handed to the operating system, so that kill -9 loses nothing).
class StorageEngine {
public:
    StorageEngine(runtime::Runtime runtime, StorageOptions options, schema::SchemaRegistry& schema,
                  Log& log);
    ~StorageEngine();

    /// Opens the files of every table in the current schema; those of tables that come later are
    /// opened when they are first used.
    Result<void> open();
    /// Applies what the commit log holds and the files lack of the tables in the current schema, and
    /// tells how many mutations that were. Stops at a corrupt record with an error naming file and
    /// offset unless told to skip it. Call it for the system tables, publish the schema that these
    /// hold, and call it again for the others: each table is replayed once.
    Result<std::uint64_t> replay();
    /// Starts periodic work, and lets go of the log's records of tables that no replay() knew, since
    /// they were dropped. `stop()` syncs the commit log and ends it.
    void start();
    runtime::Task<void> stop();

    /// Commit log, then memtable. `durable` false skips the log (durable_writes, truncated).
    runtime::Task<Result<void>> apply(rows::Mutation mutation, bool durable, ApplyTimes* times = nullptr);
    /// Reconciled partitions in ring order, tombstones included, up to the command's limits. All
    /// columns come along, as whether a row is there depends on them. `command` outlives the task.
    runtime::Task<Result<std::vector<rows::Partition>>> read(const rows::ReadCommand& command,
                                                             ReadReport* report = nullptr);

    /// Synchronous forms, for start-up and for tables that are read while nothing can wait.
    Result<void> applyNow(const rows::Mutation& mutation);
    Result<std::vector<rows::Partition>> readNow(const rows::ReadCommand& command);
    /// The live rows of a range one by one, without what is not live of them, so that nothing gathers;
    /// as long as `visit` wants more. A row's memory is used again for the next one. Of the command only
    /// range, slices and time count.
    Result<void> scanNow(const rows::ReadCommand& command,
                         const std::function<bool(const rows::DecoratedKey&, const rows::Row&)>& visit);

    runtime::Task<Result<void>> flush(schema::TablePtr table);
    /// Flushes every table, before a node ends (StorageService.drain). What cannot be flushed is in
    /// the commit log, and logged as an error.
    runtime::Task<void> drain();
    runtime::Task<Result<void>> truncate(schema::TablePtr table);
    /// Forgets a dropped table and removes its files.
    void drop(const schema::Table& table);

    /// Told of writes and asked for reads from now on; outlives the engine. Null: none.
    void attach(SecondaryIndexes* indexes);

    TableStats stats(const schema::Table& table) const;
    /// Of the tokens in (left, right]; `right` the least token means the end of the ring.
    SizeEstimate estimate(const schema::Table& table, std::int64_t left, std::int64_t right) const;
    std::uint64_t loadBytes() const;  // Live bytes on disk, as nodetool's Load.
    /// For people to look at: the commit log's segments, and a table's files, oldest first.
    std::vector<SegmentInfo> segments() const;
    std::vector<SstableInfo> sstables(const schema::Table& table) const;
    /// The files a table was opened without, by id. Empty under a disk_failure_policy that ends the start.
    std::vector<UnreadableSstable> unreadable(const schema::Table& table) const;
    void observe(StorageObserver observer);
    /// Hard links of the tables' files, flushed before, under a name; all at one time.
    runtime::Task<Result<void>> snapshot(std::vector<schema::TablePtr> tables,
                                         SnapshotRequest request);
    Result<std::vector<SnapshotInfo>> snapshots() const;  // lifecycle/snapshots.h
    /// An empty tag means all, no keyspace all; of those made before a time, if given.
    Result<void> clearSnapshots(const std::string& tag, const std::vector<std::string>& keyspaces,
                                std::optional<std::int64_t> createdBeforeMillis = {});
    /// Takes SSTables of other folders in. An error when a folder is not there; one that holds
    /// something broken is left as it is.
    runtime::Task<Result<ImportSummary>> importFiles(schema::TablePtr table, ImportRequest request);
    /// The key cache, while the node runs: emptied, and of another size (key_cache_size).
    void clearKeyCache();
    void setKeyCacheBytes(std::uint64_t bytes);
    /// incremental_backups, while the node runs.
    void setIncrementalBackups(bool enabled);
    bool incrementalBackups() const;
    /// A table's open files, by generation, for tools to look at (sstable/sstable_reader.h).
    std::vector<std::shared_ptr<const SstableReader>> readers(const schema::Table& table) const;
    /// For those that ask for compactions, or about them: compaction_manager.h.
    CompactionManager& compactions();
    /// Called after each compaction that came to its end.
    void onCompacted(std::function<void(const CompactionHistoryEntry&)> handler);
    /// Called when a failure policy wants more than the engine itself does.
    void onFailure(std::function<void(const StorageFailure&)> handler);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace engine::storage
