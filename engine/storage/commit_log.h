#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/runtime/runtime.h"
#include "engine/storage/cdc_log.h"
#include "engine/storage/commit_log_segment.h"
#include "engine/storage/log_position.h"
#include "engine/storage/storage_engine.h"

namespace engine::storage {

/// Where every durable write goes first (org.apache.cassandra.db.commitlog.CommitLog). Lives on the
/// node's thread. Records gather in memory during one turn of the loop and leave in one write;
/// those who wait are then resumed in the order of their records: in periodic mode after the write,
/// or after the sync that should have been long before it; in group and batch mode after the sync
/// behind it. A segment file goes once each table that has records in it was flushed past them.
class CommitLog {
public:
    using SegmentObserver = std::function<void(std::uint64_t, std::uint64_t, const char*)>;
    using FailureHandler = std::function<void(const StorageFailure&)>;

    CommitLog(runtime::Runtime runtime, const StorageOptions& options, Log& log);
    CommitLog(const CommitLog&) = delete;
    CommitLog& operator=(const CommitLog&) = delete;
    ~CommitLog();

    /// Archives the segments that are there and brings those that are to be restored, where that is
    /// asked for; then finds them all. They stay until released by markFlushed() or forget().
    Result<void> open();
    /// Gives each record of the segments found by open() to `onRecord`, oldest first.
    Result<void> replay(const std::function<Result<void>(LogPosition, BytesView)>& onRecord);
    void start();
    runtime::Task<void> stop();

    /// Puts a record into this turn's write. Await an Ack at once, before anything else.
    Result<LogPosition> add(const rows::Mutation& mutation);
    /// Writes a record, and all before it, within the call; synced unless the mode is periodic.
    Result<LogPosition> addNow(const rows::Mutation& mutation);

    /// `co_await ack`: Result<void>, once the record is as safe as the mode demands.
    class Ack {
    public:
        Ack(CommitLog& log, LogPosition at) : m_log(&log), m_at(at) {}
        Ack(const Ack&) = delete;
        Ack& operator=(const Ack&) = delete;
        ~Ack();
        bool await_ready() const { return false; }
        void await_suspend(std::coroutine_handle<> waiter);
        Result<void> await_resume() { return std::move(m_result); }

    private:
        friend class CommitLog;
        CommitLog* m_log;
        LogPosition m_at;
        std::coroutine_handle<> m_waiter;
        Result<void> m_result = ok();
    };

    /// Every record before it was acknowledged, and so applied to its memtable.
    LogPosition appliedTo() const;
    /// A record of `table` in an old segment, which keeps that segment.
    void markDirty(const Uuid& table, LogPosition at);
    /// The table's records before `upTo` lie in SSTables.
    void markFlushed(const Uuid& table, LogPosition upTo);
    /// A segment that is replayed has a write that consumers of changes want.
    void markTracked(LogPosition at);
    /// No record of the table is of use any more.
    void forget(const Uuid& table);
    /// It takes more than its share: the tables in its oldest segment should be flushed.
    bool isOverfull() const {
        return m_segments.size() > 1 && m_bytes > m_options.commitLogTotalBytes;
    }
    std::vector<Uuid> oldestTables() const;
    std::vector<Uuid> dirtyTables() const;
    /// For people to look at, by id.
    std::vector<SegmentInfo> segments() const;
    /// New segments get ids above `segment`: files know that they hold what came before it.
    Result<void> continueAfter(std::uint64_t segment);

    void observe(SegmentObserver observer) { m_observer = std::move(observer); }
    /// Called when commit_failure_policy wants more than the log itself does.
    void onFailure(FailureHandler handler) { m_onFailure = std::move(handler); }

private:
    enum class Archived { NotAsked, Pending, Done, Failed };
    struct Segment {
        std::uint64_t id = 0;
        std::uint64_t bytes = 0;
        bool isOld = false;      // Was there when the node started.
        bool isHeld = false;     // Not replayed yet, so that nobody knows what is in it.
        bool isTracked = false;  // Replay met a write for consumers of changes.
        Archived archived = Archived::NotAsked;
        std::unordered_map<Uuid, std::uint64_t> dirty;  // Offset of the table's last record.
    };

    /// Complete, and to be synced and then sealed.
    struct FullSegment {
        std::shared_ptr<runtime::File> handle;
        SegmentSeal seal;
    };

    std::string pathOf(std::uint64_t id) const;
    Result<void> checkSeals(const std::vector<SegmentContent>& contents) const;
    void sealOldSegments();
    void addSeals();
    Result<void> replaySegments(
        const std::function<Result<void>(LogPosition, BytesView)>& onRecord);
    Result<std::size_t> serialise(const rows::Mutation& mutation);
    Result<LogPosition> place(const rows::Mutation& mutation, std::size_t start);
    Result<void> openSegment();
    Result<void> createSegment(std::uint64_t id);
    Result<void> writeBuffer();
    void undoFailedWrite();
    void scheduleTurn();
    void onTurn();
    void wake(LogPosition upTo);
    void failWaiting(const Error& error, LogPosition from);
    void fail(const Error& error);
    void abandonSegment();
    Result<void> runArchive();
    runtime::Task<void> archive(std::uint64_t id);
    void armTimer();
    bool isSyncOverdue() const;
    void kickSync();
    runtime::Task<void> syncWhileWanted();
    runtime::Task<Result<void>> syncWritten();
    Result<void> syncInline();
    void onSynced(const std::vector<FullSegment>& full);
    void onSyncFailed(const Error& error);
    std::vector<std::pair<std::string, std::string>> changeIndexes(
        const std::vector<FullSegment>& full) const;
    Result<void> repairTail(const Segment& segment, const SegmentContent& content);
    void discardClean();
    void tell(const Segment& segment, const char* state) const;

    runtime::Runtime m_runtime;
    const StorageOptions& m_options;
    Log& m_logger;
    SegmentObserver m_observer;
    FailureHandler m_onFailure;
    CdcLog m_cdc;

    std::deque<Segment> m_segments;  // By id; the last one is written to when m_file is set.
    std::unique_ptr<runtime::File> m_file;
    /// A second handle of the same file, for the pool: a file belongs to one thread at a time.
    std::shared_ptr<runtime::File> m_syncHandle;
    std::vector<FullSegment> m_fullUnsynced;
    std::vector<SegmentSeal> m_sealsToWrite;
    bool m_folderUnsynced = false;

    std::uint64_t m_bytes = 0;  // Of all segments but the one written to.
    ByteWriter m_buffer;        // This turn's records.
    std::uint64_t m_nextSegment = 1;
    LogPosition m_end;  // Behind the last record, written or not.
    LogPosition m_written;
    LogPosition m_synced;
    bool m_hasStopped = false;  // As the policy wants.
    std::optional<Error> m_broken;  // Why nothing is written any more, if so.

    std::deque<Ack*> m_waiting;  // In order of their records.
    bool m_turnScheduled = false;
    bool m_syncing = false;
    bool m_started = false;
    bool m_replaying = false;
    runtime::TimerId m_timer = 0;
    runtime::Instant m_lastSync;  // When the last sync that succeeded began; periodic mode.
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);  // What posted callbacks watch.
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::storage
