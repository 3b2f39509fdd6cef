#include "engine/storage/commit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/rows/serialization.h"
#include "engine/storage/oversized_mutation.h"

namespace engine::storage {

CommitLog::CommitLog(runtime::Runtime runtime, const StorageOptions& options, Log& log)
    : m_runtime(runtime),
      m_options(options),
      m_logger(log),
      m_cdc(options.cdc, runtime.files, runtime.clock, log) {}

CommitLog::~CommitLog() {
    if (m_started) {
        m_runtime.clock.cancel(m_timer);
    }
    for (Ack* ack : m_waiting) {
        ack->m_log = nullptr;
    }
}

CommitLog::Ack::~Ack() {
    if (m_log != nullptr && m_waiter) {
        std::erase(m_log->m_waiting, this);
    }
}

void CommitLog::Ack::await_suspend(std::coroutine_handle<> waiter) {
    m_waiter = waiter;
    m_log->m_waiting.push_back(this);
    m_log->scheduleTurn();
}

std::string CommitLog::pathOf(std::uint64_t id) const {
    return m_options.commitLogFolder + '/' + segmentName(id);
}

void CommitLog::start() {
    m_started = true;
    m_lastSync = m_runtime.clock.now();
    sealOldSegments();
    armTimer();
}

void CommitLog::armTimer() {
    if (m_options.sync != CommitLogSync::Periodic) {
        return;
    }
    m_timer = m_runtime.clock.callAt(m_runtime.clock.now() + m_options.syncPeriod, [this] {
        if (m_synced < m_written) {
            kickSync();
        } else {
            m_lastSync = m_runtime.clock.now();  // There is nothing to sync.
        }
        armTimer();
    });
}

/// The disk does not keep up, and more would be lost in a crash than was agreed
/// (PeriodicCommitLogService.maybeWaitForSync).
bool CommitLog::isSyncOverdue() const {
    const runtime::Duration lag = m_options.syncLagBlock.value_or(m_options.syncPeriod + m_options.syncPeriod / 2);
    return m_started && m_runtime.clock.now() - m_lastSync > lag;
}

runtime::Task<void> CommitLog::stop() {
    if (m_started) {
        m_started = false;
        m_runtime.clock.cancel(m_timer);
    }
    onTurn();
    co_await m_tasks.drained();
    const Result<void> synced = co_await syncWritten();
    if (synced) {
        wake(m_synced);
    }
    co_await m_tasks.drained();  // Full segments that are being archived.
}

Result<std::size_t> CommitLog::serialise(const rows::Mutation& mutation) {
    if (m_broken) {
        return *m_broken;
    }
    const std::size_t start = m_buffer.size();
    m_buffer.u32(0);
    m_buffer.u32(0);
    rows::write(m_buffer, mutation);
    const std::size_t size = m_buffer.size() - start - 8;
    const std::uint64_t limit = m_options.segmentBytes / 2;
    if (size > limit) {
        m_buffer.buffer().resize(start);
        return oversizedMutation(mutation, size, limit);
    }
    finishRecord(m_buffer, start);
    return start;
}

/// Gives the record that begins at `start` of the buffer its place, in a new segment if need be.
Result<LogPosition> CommitLog::place(const rows::Mutation& mutation, std::size_t start) {
    const std::size_t size = m_buffer.size() - start;
    if (!m_file || m_end.offset + size > m_options.segmentBytes) {
        const Bytes record = m_buffer.bytes().substr(start);
        m_buffer.buffer().resize(start);
        TRY(openSegment());
        start = m_buffer.size();
        m_buffer.raw(record);
    }
    const Result<void> admitted = m_cdc.admit(m_end.segment, mutation);
    if (!admitted) {
        m_buffer.buffer().resize(start);
        return admitted.error();
    }
    const LogPosition at = m_end;
    m_end.offset += size;
    Segment& segment = m_segments.back();
    segment.bytes = m_end.offset;
    for (const rows::PartitionUpdate& update : mutation.updates) {
        segment.dirty[update.table->id] = at.offset;
    }
    return at;
}

Result<LogPosition> CommitLog::add(const rows::Mutation& mutation) {
    TRY_ASSIGN(const std::size_t start, serialise(mutation));
    return place(mutation, start);
}

Result<LogPosition> CommitLog::addNow(const rows::Mutation& mutation) {
    TRY_ASSIGN(const LogPosition at, add(mutation));
    TRY(writeBuffer());
    if (m_options.sync != CommitLogSync::Periodic) {
        TRY(syncInline());
    }
    return at;
}

Result<void> CommitLog::openSegment() {
    TRY(writeBuffer());
    const Result<void> created = createSegment(m_nextSegment);
    if (!created) {
        fail(created.error());
    }
    return created;
}

Result<void> CommitLog::createSegment(std::uint64_t id) {
    TRY_ASSIGN(auto file, m_runtime.files.open(pathOf(id), runtime::OpenMode::CreateNew));
    auto syncHandle = m_runtime.files.open(pathOf(id), runtime::OpenMode::Append);
    if (!syncHandle) {
        static_cast<void>(m_runtime.files.remove(pathOf(id)));
        return syncHandle.error();
    }
    const bool hadSegment = m_file != nullptr;
    if (hadSegment) {
        m_fullUnsynced.push_back({std::move(m_syncHandle), {m_written.segment, m_written.offset}});
        m_bytes += m_segments.back().bytes;
        m_segments.back().archived =
            m_options.archive.archives() ? Archived::Pending : Archived::NotAsked;
        tell(m_segments.back(), "full");
    }
    ++m_nextSegment;
    m_file = std::move(file);
    m_syncHandle = std::move(syncHandle.value());
    m_folderUnsynced = true;
    writeSegmentHeader(m_buffer, id);
    m_written = {id, 0};
    m_end = {id, kSegmentHeaderBytes};
    m_segments.push_back({.id = id, .bytes = kSegmentHeaderBytes});
    m_cdc.onSegment(id, pathOf(id), m_options.segmentBytes);
    tell(m_segments.back(), "active");
    addSeals();
    if (hadSegment) {
        kickSync();  // The full one should be safe before much of the new one is.
    }
    return ok();
}

Result<void> CommitLog::writeBuffer() {
    if (m_buffer.size() == 0) {
        return ok();
    }
    const Result<void> written = m_file->append(m_buffer.bytes());
    if (!written) {
        undoFailedWrite();
        fail(written.error());
        failWaiting(written.error(), m_broken ? LogPosition() : m_written);
        return written;
    }
    m_buffer.buffer().clear();
    m_written = m_end;
    tell(m_segments.back(), "active");
    return ok();
}

/// Cuts off what a failed write may have left, so that later records follow whole ones.
void CommitLog::undoFailedWrite() {
    m_buffer.buffer().clear();
    m_end = m_written;
    const Result<void> truncated = m_file->truncate(m_written.offset);
    if (!truncated) {
        m_broken = truncated.error();
    } else if (m_written.offset == 0) {
        writeSegmentHeader(m_buffer, m_written.segment);
        m_end.offset = kSegmentHeaderBytes;
    }
    m_segments.back().bytes = m_end.offset;
}

void CommitLog::scheduleTurn() {
    if (m_turnScheduled) {
        return;
    }
    m_turnScheduled = true;
    m_runtime.executor.post([this, alive = std::weak_ptr<int>(m_alive)] {
        if (!alive.expired()) {
            onTurn();
        }
    });
}

void CommitLog::onTurn() {
    m_turnScheduled = false;
    static_cast<void>(writeBuffer());  // Those who wait have been told of a failure.
    if (m_options.sync == CommitLogSync::Periodic && !isSyncOverdue()) {
        wake(m_written);
    } else if (!m_waiting.empty()) {
        kickSync();
    }
}

void CommitLog::wake(LogPosition upTo) {
    while (!m_waiting.empty() && m_waiting.front()->m_at < upTo) {
        Ack* ack = m_waiting.front();
        m_waiting.pop_front();
        std::exchange(ack->m_waiter, {}).resume();
    }
}

/// Resumes those whose records lie at or behind `from`. They are the last in the queue; what they add
/// when resumed comes behind them.
void CommitLog::failWaiting(const Error& error, LogPosition from) {
    const auto firstLost = static_cast<std::size_t>(
        std::partition_point(m_waiting.begin(), m_waiting.end(),
                             [from](const Ack* ack) { return ack->m_at < from; }) -
        m_waiting.begin());
    for (std::size_t i = firstLost; i < m_waiting.size(); ++i) {
        m_waiting[i]->m_result = error;
    }
    while (firstLost < m_waiting.size() && !m_waiting[firstLost]->m_result) {
        Ack* ack = m_waiting[firstLost];
        m_waiting.erase(m_waiting.begin() + static_cast<std::ptrdiff_t>(firstLost));
        std::exchange(ack->m_waiter, {}).resume();
    }
}

/// CommitLog.handleCommitError.
void CommitLog::fail(const Error& error) {
    static constexpr const char* kPolicies[] = {"die", "stop", "stop_commit", "ignore"};
    const CommitFailurePolicy policy = m_options.commitFailurePolicy;
    m_logger.error("commit log: {}. Commit disk failure policy is {}", error.message,
                   kPolicies[static_cast<std::size_t>(policy)]);
    if (policy == CommitFailurePolicy::Ignore || std::exchange(m_hasStopped, true)) {
        return;
    }
    m_broken = makeError(error.kind, "the commit log has stopped: " + error.message);
    if (policy != CommitFailurePolicy::StopCommit && m_onFailure) {
        m_onFailure({policy == CommitFailurePolicy::Die ? StorageFailure::Action::Die
                                                        : StorageFailure::Action::StopTransports,
                     m_broken->message});
    }
}

/// After a failed sync nobody knows what of the file is on the disk: what comes goes to another one.
void CommitLog::abandonSegment() {
    if (m_file && !m_broken) {
        static_cast<void>(writeBuffer());
        m_bytes += m_segments.back().bytes;
        tell(m_segments.back(), "full");
        m_buffer.buffer().clear();  // A header that could not be written, say.
        m_end = m_written;
        m_file.reset();
        m_syncHandle.reset();
    }
}

void CommitLog::kickSync() {
    if (!m_syncing) {
        m_syncing = true;
        m_tasks.spawn(syncWhileWanted());
    }
}

runtime::Task<void> CommitLog::syncWhileWanted() {
    do {
        if (m_options.sync == CommitLogSync::Group && m_started) {
            co_await runtime::sleep(m_runtime.clock, m_options.syncGroupWindow);
        }
        static_cast<void>(writeBuffer());
        const runtime::Instant begun = m_runtime.clock.now();
        const Result<void> synced = co_await syncWritten();
        if (synced) {
            m_lastSync = begun;
            wake(m_options.sync == CommitLogSync::Periodic && !isSyncOverdue() ? m_written : m_synced);
        }
    } while (!m_fullUnsynced.empty() ||
             (!m_waiting.empty() && (m_options.sync != CommitLogSync::Periodic || isSyncOverdue())));
    m_syncing = false;
}

runtime::Task<Result<void>> CommitLog::syncWritten() {
    const LogPosition target = m_written;
    const std::vector<FullSegment> full = std::exchange(m_fullUnsynced, {});
    const bool folder = std::exchange(m_folderUnsynced, false);
    auto work = [full, last = m_syncHandle, folder, indexes = changeIndexes(full),
                 &files = m_runtime.files, path = m_options.commitLogFolder]() -> Result<void> {
        for (const FullSegment& segment : full) {
            TRY(segment.handle->sync());
        }
        if (last) {
            TRY(last->sync());
        }
        TRY(folder ? files.syncFolder(path) : ok());
        for (const auto& [index, content] : indexes) {
            TRY(CdcLog::writeIndex(files, index, content));
        }
        return ok();
    };
    Result<void> synced = co_await runtime::offload(m_runtime.executor, std::move(work));
    if (synced) {
        m_synced = std::max(m_synced, target);
        onSynced(full);
    } else {
        onSyncFailed(synced.error());
    }
    co_return synced;
}

Result<void> CommitLog::syncInline() {
    const std::vector<FullSegment> full = std::exchange(m_fullUnsynced, {});
    const auto indexes = changeIndexes(full);
    Result<void> synced = ok();
    for (const FullSegment& segment : full) {
        synced = synced ? segment.handle->sync() : synced;
    }
    synced = synced ? m_file->sync() : synced;
    if (synced && std::exchange(m_folderUnsynced, false)) {
        synced = m_runtime.files.syncFolder(m_options.commitLogFolder);
    }
    for (const auto& [index, content] : indexes) {
        synced = synced ? CdcLog::writeIndex(m_runtime.files, index, content) : synced;
    }
    if (synced) {
        onSynced(full);
    } else {
        onSyncFailed(synced.error());
    }
    return synced;
}

std::vector<std::pair<std::string, std::string>> CommitLog::changeIndexes(
    const std::vector<FullSegment>& full) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const FullSegment& segment : full) {
        m_cdc.indexAfterSync(segment.seal.id, segment.seal.bytes, true, out);
    }
    m_cdc.indexAfterSync(m_written.segment, m_written.offset, false, out);
    return out;
}

void CommitLog::onSynced(const std::vector<FullSegment>& full) {
    for (const FullSegment& segment : full) {
        m_sealsToWrite.push_back(segment.seal);
    }
    addSeals();
    for (const FullSegment& segment : full) {
        const auto it = std::find_if(m_segments.begin(), m_segments.end(),
                                     [&](const Segment& s) { return s.id == segment.seal.id; });
        if (it != m_segments.end() && it->archived == Archived::Pending) {
            m_tasks.spawn(archive(it->id));
        }
    }
}

void CommitLog::onSyncFailed(const Error& error) {
    abandonSegment();
    fail(error);
    failWaiting(error, m_broken ? LogPosition() : m_synced);
}

/// A segment whose archiving failed is left where it is and no longer looked after.
runtime::Task<void> CommitLog::archive(std::uint64_t id) {
    auto work = [archive = m_options.archive, run = m_options.runCommand, path = pathOf(id),
                 name = segmentName(id)] { return archiveSegment(archive, run, path, name); };
    const Result<void> done = co_await runtime::offload(m_runtime.executor, std::move(work));
    if (!done) {
        m_logger.error("archiving {} failed, it stays in the commit log's folder: {}",
                       segmentName(id), done.error().message);
    }
    for (Segment& segment : m_segments) {
        if (segment.id == id) {
            segment.archived = done ? Archived::Done : Archived::Failed;
        }
    }
    discardClean();
}

/// They leave with the next records: nothing waits for them.
void CommitLog::addSeals() {
    while (m_file && !m_sealsToWrite.empty() &&
           m_end.offset + kSealBytes <= m_options.segmentBytes) {
        writeSeal(m_buffer, m_sealsToWrite.back());
        m_sealsToWrite.pop_back();
        m_end.offset += kSealBytes;
        m_segments.back().bytes = m_end.offset;
    }
}

LogPosition CommitLog::appliedTo() const {
    return m_waiting.empty() ? m_end : m_waiting.front()->m_at;
}

void CommitLog::markDirty(const Uuid& table, LogPosition at) {
    for (Segment& segment : m_segments) {
        if (segment.id == at.segment) {
            auto& last = segment.dirty[table];
            last = std::max(last, at.offset);
        }
    }
}

void CommitLog::markFlushed(const Uuid& table, LogPosition upTo) {
    for (Segment& segment : m_segments) {
        const auto it = segment.dirty.find(table);
        if (it != segment.dirty.end() && LogPosition{segment.id, it->second} < upTo) {
            segment.dirty.erase(it);
        }
    }
    discardClean();
}

void CommitLog::forget(const Uuid& table) {
    for (Segment& segment : m_segments) {
        segment.dirty.erase(table);
    }
    discardClean();
}

void CommitLog::discardClean() {
    if (m_replaying) {
        return;
    }
    for (auto it = m_segments.begin(); it != m_segments.end();) {
        const bool active = m_file && it->id == m_segments.back().id;
        if (active || it->isHeld || !it->dirty.empty() || it->archived == Archived::Pending) {
            ++it;
            continue;
        }
        m_cdc.onDiscarded(it->id);
        const Result<void> removed = it->archived == Archived::Failed
                                         ? ok()
                                         : m_runtime.files.remove(pathOf(it->id));
        if (!removed) {
            m_logger.warn("commit log: {}", removed.error().message);
        }
        tell(*it, "discarded");
        m_bytes -= it->bytes;
        it = m_segments.erase(it);
    }
}

std::vector<Uuid> CommitLog::dirtyTables() const {
    std::vector<Uuid> out;
    for (const Segment& segment : m_segments) {
        for (const auto& [table, offset] : segment.dirty) {
            if (std::find(out.begin(), out.end(), table) == out.end()) {
                out.push_back(table);
            }
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<SegmentInfo> CommitLog::segments() const {
    std::vector<SegmentInfo> out;
    for (const Segment& segment : m_segments) {
        SegmentInfo info{segment.id, segment.bytes, SegmentInfo::State::Needed, {}};
        for (const auto& [table, offset] : segment.dirty) {
            info.tables.push_back(table);
        }
        std::sort(info.tables.begin(), info.tables.end());
        if (m_file && segment.id == m_segments.back().id) {
            info.state = SegmentInfo::State::Active;
        } else if (info.tables.empty() && !segment.isHeld) {
            info.state = SegmentInfo::State::Clean;
        }
        out.push_back(std::move(info));
    }
    return out;
}

std::vector<Uuid> CommitLog::oldestTables() const {
    std::vector<Uuid> out;
    for (const auto& [table, offset] : m_segments.front().dirty) {
        out.push_back(table);
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<void> CommitLog::continueAfter(std::uint64_t segment) {
    if (m_end.segment > segment) {
        return ok();
    }
    m_nextSegment = std::max(m_nextSegment, segment + 1);
    if (m_file) {
        return openSegment();
    }
    m_end = m_written = m_synced = {m_nextSegment, 0};
    return ok();
}

void CommitLog::tell(const Segment& segment, const char* state) const {
    if (m_observer) {
        m_observer(segment.id, segment.bytes, state);
    }
}

}  // namespace engine::storage
