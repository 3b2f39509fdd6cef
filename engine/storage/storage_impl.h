#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/storage/commit_log.h"
#include "engine/storage/compaction_manager.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "engine/storage/storage_engine.h"
#include "engine/storage/table_store.h"

namespace engine::storage {

/// The table is not there, or no longer.
inline Error unconfigured(const schema::Table& table) {
    return invalid("unconfigured table " + table.name);
}

/// What StorageEngine is made of: the commit log, and a store for each table that was touched.
/// Lives on the node's thread.
class StorageEngine::Impl {
public:
    Impl(runtime::Runtime runtime, StorageOptions options, schema::SchemaRegistry& schema,
         Log& log);

    Result<void> open();
    Result<std::uint64_t> replay();
    void start();
    runtime::Task<void> stop();

    runtime::Task<Result<void>> apply(rows::Mutation mutation, bool durable, ApplyTimes* times);
    Result<void> applyNow(const rows::Mutation& mutation);
    Result<std::vector<rows::Partition>> read(const rows::ReadCommand& command, ReadReport* report);
    Result<void> scan(const rows::ReadCommand& command, const LiveRowVisitor& visit);

    runtime::Task<Result<void>> flush(schema::TablePtr table);
    runtime::Task<void> drain();
    runtime::Task<Result<void>> truncate(schema::TablePtr table);
    void drop(const schema::Table& table);

    TableStats stats(const schema::Table& table) const;
    SizeEstimate estimate(const schema::Table& table, std::int64_t left, std::int64_t right) const;
    std::uint64_t loadBytes() const;
    std::vector<SegmentInfo> segments() const { return m_log.segments(); }
    std::vector<SstableInfo> sstables(const schema::Table& table) const;
    std::vector<UnreadableSstable> unreadable(const schema::Table& table) const;
    void observe(StorageObserver observer);
    void onFailure(std::function<void(const StorageFailure&)> handler);
    CompactionManager& compactions() { return *m_compactions; }
    void onCompacted(std::function<void(const CompactionHistoryEntry&)> handler) {
        m_onCompacted = std::move(handler);
    }
    runtime::Task<Result<void>> snapshot(std::vector<schema::TablePtr> tables,
                                         SnapshotRequest request);
    Result<std::vector<SnapshotInfo>> snapshots() const;
    Result<void> clearSnapshots(const std::string& tag, const std::vector<std::string>& keyspaces,
                                std::optional<std::int64_t> createdBeforeMillis);
    runtime::Task<Result<ImportSummary>> importFiles(schema::TablePtr table, ImportRequest request);
    std::vector<std::shared_ptr<const SstableReader>> readers(const schema::Table& table) const;
    void clearKeyCache() { m_cache->keys().clear(); }
    void setKeyCacheBytes(std::uint64_t bytes) { m_cache->keys().setMaxBytes(bytes); }
    void setIncrementalBackups(bool enabled) { m_incrementalBackups = enabled; }
    bool incrementalBackups() const { return m_incrementalBackups; }
    void attach(SecondaryIndexes* indexes) { m_indexes = indexes; }

private:
    /// A store, and what is going on with it. Held by those who wait across turns: a drop forgets
    /// it.
    struct Table {
        Table(runtime::FileSystem& files, SstableCache& cache, schema::TablePtr table,
              const std::string& dataFolder, std::uint64_t columnIndexBytes)
            : store(files, cache, std::move(table), dataFolder, columnIndexBytes) {}
        TableStore store;
        bool isBusy = false;  // With a flush or a truncation: one at a time.
        bool isDropped = false;
        runtime::Instant flushNotBefore;              // After a failed one.
        std::uint64_t tombstonesScanned = 0;
        std::uint64_t liveRowsScanned = 0;
        bool flushTimerIsSet = false;                 // memtable_flush_period_in_ms
        std::set<std::string> damaged;                // Ids of open files found so; each is told once.
        std::vector<runtime::Promise<bool>> waiters;  // For the end of what is going on.
    };
    using TableHandle = std::shared_ptr<Table>;

    Result<TableHandle> find(const schema::TablePtr& table);
    void applyToMemtable(Table& table, rows::Partition partition);
    void flushWhatIsLarge(const TableHandle& table);
    void flushForTheLog();
    void startFlush(const TableHandle& table, FlushReason reason);
    runtime::Task<void> flushInBackground(TableHandle table, FlushReason reason);
    runtime::Task<Result<void>> flushTable(TableHandle table, FlushReason reason);
    runtime::Task<Result<void>> truncateHeld(TableHandle found, schema::TablePtr table);
    runtime::Task<Result<ImportSummary>> takeFiles(TableHandle handle, ImportRequest request);
    void takeIn(Table& table, const std::vector<std::shared_ptr<const SstableReader>>& imported);
    void keepDropped(const TableStore& store);
    void dropExpiredSnapshots();
    bool wantsAutoSnapshot(const schema::Table& table) const;
    SnapshotPlan autoSnapshotOf(const TableStore& store, std::string_view prefix);
    void backUpIfWanted(const TableStore& store, const SstableReader& reader);
    SstableInfo describe(const TableStore& store, const SstableReader& sstable) const;
    void tellMemtable(const Table& table) const;
    void tellSstableRemoved(const schema::Table& table, std::uint64_t generation, std::string_view reason) const;
    runtime::Task<void> notBusy(TableHandle table);
    void setIdle(Table& table);
    Result<void> finishFlush(const TableHandle& table, const TableStore::Flush& flush,
                             const Result<TableStore::Readers>& written);
    Result<void> flushNow(Table& table, LogPosition upTo);
    Result<void> replayRecord(LogPosition at, BytesView payload);
    Result<void> replayUpdate(LogPosition at, rows::PartitionUpdate& update);
    void forgetUnknownTables();
    Result<void> openFiles(TableStore& store);
    void tellUnreadable(const schema::Table& table, const SstableDescriptor& sstable, std::string_view why) const;
    void tellDamage(const Error& error);
    void diskFailed(const Error& error);
    void armFlushTimer(const TableHandle& table);
    void onSchemaChange(const schema::SchemaPtr& after);

    runtime::Runtime m_runtime;
    const StorageOptions m_options;
    schema::SchemaRegistry& m_schema;
    Log& m_logger;
    StorageObserver m_observer;
    std::function<void(const StorageFailure&)> m_onFailure;
    std::function<void(const CompactionHistoryEntry&)> m_onCompacted;
    SecondaryIndexes* m_indexes = nullptr;
    std::shared_ptr<SstableCache> m_cache;  // Work on the pool may outlive this.
    std::unordered_map<Uuid, TableHandle> m_tables;
    std::unordered_set<Uuid> m_droppedTables;
    bool m_isStarted = false;
    bool m_incrementalBackups = false;
    bool m_hasExpiringSnapshots = true;  // Until it was looked.
    std::uint64_t m_memtableBytes = 0;  // Of all active memtables.

    std::unordered_set<Uuid> m_replayedTables;
    std::unordered_set<Uuid> m_replayingTables;
    std::uint64_t m_replayed = 0;
    std::uint64_t m_leftOut = 0;  // Behind the point in time that is restored.

    CommitLog m_log;
    std::unique_ptr<CompactionManager> m_compactions;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::storage
