#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/log.h"
#include "engine/runtime/task.h"
#include "engine/runtime/runtime.h"
#include "engine/storage/compaction/compaction_run.h"
#include "engine/storage/compaction_request.h"
#include "engine/storage/storage_observer.h"
#include "engine/storage/table_store.h"

namespace engine::storage {

/// Looks for compactions after each flush and now and then, and carries them out, at most so many at
/// a time and at most so fast (org.apache.cassandra.db.compaction.CompactionManager). On the node's
/// thread; the work itself goes to the pool, a step at a time.
class CompactionManager {
public:
    struct Hooks {
        std::function<const StorageObserver&()> observer;
        std::function<void(const Error&)> diskFailed;
        /// One that came to its end; for system.compaction_history.
        std::function<void(const CompactionHistoryEntry&)> finished;
        std::function<void()> everyMinute;
    };

    CompactionManager(runtime::Runtime runtime, const CompactionSettings& settings,
                      std::shared_ptr<SstableCache> cache, Log& log, Hooks hooks);
    CompactionManager(const CompactionManager&) = delete;
    CompactionManager& operator=(const CompactionManager&) = delete;
    ~CompactionManager();

    void start();
    /// Ends what runs; the tables stay as they were before it.
    runtime::Task<void> stop();

    /// A table that is there from now on.
    void opened(std::shared_ptr<TableStore> store);
    void dropped(const Uuid& table);
    /// A file came, `flushedBytes` long; 0: by other ways.
    void fileAdded(const Uuid& table, std::uint64_t flushedBytes);
    /// Where the table's next flush is cut (compaction::Strategy::flushBoundaries).
    std::vector<std::int64_t> flushBoundaries(const Uuid& table) const;
    /// Its options may be others.
    void schemaChanged(const Uuid& table);
    /// Ends the table's compactions, and lets none begin until release().
    runtime::Task<void> hold(Uuid table);
    void release(const Uuid& table);

    runtime::Task<Result<CompactionSummary>> compact(schema::TablePtr table,
                                                     CompactionRequest request);
    /// Ends running compactions of these kinds (empty: all), of one table if it is given.
    std::size_t stopRunning(const std::string& kind, const std::optional<Uuid>& id = {});

    void setAutomatic(const Uuid& table, bool enabled);
    bool isAutomatic(const Uuid& table) const;
    /// Those that run stand still where they are, and none begins, until this is taken back or the last of them was
    /// stopped: with none that runs there is nothing to pause, so that no node is left idle unseen.
    void setPaused(bool paused);
    bool isPaused() const { return m_isPaused; }
    CompactionSettings& settings() { return m_settings; }
    void settingsChanged() { considerAll(); }

    std::vector<RunningCompaction> running() const;
    CompactionTotals totals() const;
    std::uint32_t pending(const Uuid& table) const;
    /// What a strategy adds to what is known of a file: level, shard, window, droppable share.
    void complete(const Uuid& table, const SstableReader& reader, SstableInfo& info) const;

private:
    struct Managed {
        std::shared_ptr<TableStore> store;
        compaction::CompactionOptions options;
        std::unique_ptr<compaction::Strategy> strategy;
        std::unordered_set<std::uint64_t> busy;               // Generations.
        std::unordered_map<std::uint64_t, std::int64_t> created;  // Seconds, of what came since the start.
        bool isDropped = false;
        bool isAutomatic = true;
        int held = 0;
        int running = 0;
        double flushBytes = 0;  // Moving average.
        runtime::Instant notBefore;  // After a failed one.
        std::vector<runtime::Promise<bool>> waiters;  // For running to become less.
    };
    using Handle = std::shared_ptr<Managed>;
    struct Active {
        Handle table;
        CompactionInfo info;
        std::string operation;  // Cassandra's name of the kind.
        std::int64_t begunNanos = 0;
        std::uint64_t totalBytes = 0;
        CompactionProgressInfo progress;
        bool isStopped = false;
    };
    /// Files that were replaced, and go once nobody reads them.
    struct Obsolete {
        std::vector<std::weak_ptr<const SstableReader>> readers;
        std::vector<SstableDescriptor> files;
        std::shared_ptr<compaction::CompactionRun> run;  // For its log.
    };

    Handle find(const Uuid& table) const;
    compaction::TableView viewOf(const Managed& table) const;
    compaction::FileView fileViewOf(const Managed& table, const SstableReader& reader,
                                    std::int64_t gcBefore, std::int64_t now) const;
    std::shared_ptr<const compaction::PurgeView> purgeViewOf(
        const Managed& table, const compaction::CompactionJob& job) const;
    void useOptions(Managed& table);
    void considerAll();
    void consider(const Handle& table);
    void armTimer();
    runtime::Task<void> runInBackground(Handle table, compaction::Decision decision);
    runtime::Task<Result<CompactionSummary>> carryOut(Handle table, compaction::Decision decision,
                                                      CompactionRequest request);
    runtime::Task<Result<CompactionSummary>> changeLevel(Handle table,
                                                         compaction::Decision decision);
    runtime::Task<Result<void>> runSteps(std::shared_ptr<Active> active,
                                         std::shared_ptr<compaction::CompactionRun> run);
    compaction::CompactionJob jobOf(const Managed& table, const compaction::Decision& decision,
                                    const CompactionRequest& request, const Uuid& id) const;
    std::vector<compaction::Decision> decisionsFor(const Handle& table,
                                                   const CompactionRequest& request) const;
    runtime::Task<Result<void>> exchange(std::shared_ptr<Active> active,
                                         std::shared_ptr<compaction::CompactionRun> run,
                                         CompactionSummary& summary);
    runtime::Task<Result<void>> keepLogPosition(Handle table,
                                                std::shared_ptr<compaction::CompactionRun> run);
    void tellStarted(Active& active, const compaction::CompactionJob& job,
                     const compaction::Decision& decision);
    void tellProgress(Active& active, const compaction::CompactionRun& run, bool isLast);
    void tellFinished(Active& active, const CompactionSummary& summary, const std::string& error);
    runtime::Task<void> removeObsolete();
    void wake(Managed& table);
    runtime::Duration debt(std::uint64_t bytes);
    SstableInfo describe(const Managed& table, const SstableReader& reader) const;

    runtime::Runtime m_runtime;
    CompactionSettings m_settings;
    const std::shared_ptr<SstableCache> m_cache;
    Log& m_log;
    const Hooks m_hooks;
    std::map<Uuid, Handle> m_tables;
    std::vector<std::shared_ptr<Active>> m_active;
    std::deque<Obsolete> m_obsolete;
    bool m_isRemoving = false;
    bool m_isStarted = false;
    bool m_isStopping = false;
    bool m_isPaused = false;
    std::size_t m_background = 0;
    runtime::Instant m_throttledUntil;
    CompactionTotals m_totals;
    std::deque<runtime::Instant> m_completed;  // When; of the last 15 minutes at least.
    runtime::TimerId m_timer = 0;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::storage
