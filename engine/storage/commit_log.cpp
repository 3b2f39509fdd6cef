#include "engine/storage/commit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/rows/serialization.h"
#include "engine/storage/oversized_mutation.h"

namespace engine::storage {

CommitLog::CommitLog(runtime::Runtime runtime, const StorageOptions& options, Log& log)
    : m_runtime(runtime), m_options(options), m_logger(log) {}

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

Result<void> CommitLog::open() {
    TRY(m_runtime.files.createFolders(m_options.commitLogFolder));
    TRY_ASSIGN(const auto names, m_runtime.files.list(m_options.commitLogFolder));
    for (const std::string& name : names) {
        if (const auto id = segmentIdOf(name)) {
            TRY_ASSIGN(const auto file, m_runtime.files.open(pathOf(*id), runtime::OpenMode::Read));
            TRY_ASSIGN(const std::uint64_t size, file->size());
            m_segments.push_back({*id, size, true, true, {}});
            m_bytes += size;
        }
    }
    std::sort(m_segments.begin(), m_segments.end(),
              [](const Segment& a, const Segment& b) { return a.id < b.id; });
    const std::uint64_t above = m_segments.empty() ? 0 : m_segments.back().id;
    const auto now =
        static_cast<std::uint64_t>(std::max<std::int64_t>(1, m_runtime.clock.wallMillis()));
    m_nextSegment = std::max(above + 1, now);
    m_end = m_written = m_synced = {m_nextSegment, 0};
    return ok();
}

Result<void> CommitLog::replay(
    const std::function<Result<void>(LogPosition, BytesView)>& onRecord) {
    m_replaying = true;
    const Result<void> replayed = replaySegments(onRecord);
    m_replaying = false;
    discardClean();
    return replayed;
}

Result<void> CommitLog::replaySegments(
    const std::function<Result<void>(LogPosition, BytesView)>& onRecord) {
    const auto old = static_cast<std::size_t>(std::count_if(
        m_segments.begin(), m_segments.end(), [](const Segment& s) { return s.isOld; }));
    std::vector<SegmentContent> contents;
    for (std::size_t i = 0; i < old; ++i) {
        const SegmentToRead toRead{pathOf(m_segments[i].id), m_segments[i].id,
                                   m_options.ignoreReplayErrors};
        TRY_ASSIGN(SegmentContent content,
                   readSegment(m_runtime.files, toRead, m_logger, onRecord));
        contents.push_back(std::move(content));
    }
    TRY(checkSeals(contents));
    for (std::size_t i = 0; i < old; ++i) {
        m_segments[i].isHeld = false;
        if (contents[i].tornAt) {
            TRY(repairTail(m_segments[i], contents[i]));
        }
    }
    return ok();
}

/// A segment that was on the disk as a whole has to be there as a whole.
Result<void> CommitLog::checkSeals(const std::vector<SegmentContent>& contents) const {
    for (const SegmentContent& content : contents) {
        for (const SegmentSeal& seal : content.seals) {
            for (std::size_t i = 0; i < contents.size(); ++i) {
                if (m_segments[i].id != seal.id || contents[i].bytes >= seal.bytes) {
                    continue;
                }
                const Error error = corruptSegment(
                    pathOf(seal.id), contents[i].bytes,
                    fmt::format("only a part of its {} bytes is left, which ends", seal.bytes));
                if (!m_options.ignoreReplayErrors) {
                    return error;
                }
                m_logger.error("{}; ignored as told", error.message);
            }
        }
    }
    return ok();
}

/// Once newer segments follow, a torn end could not be told from a corrupt record.
Result<void> CommitLog::repairTail(const Segment& segment, const SegmentContent& content) {
    m_logger.info(
        "commit log segment {} ends within a record at offset {}: the write was not finished",
        pathOf(segment.id), *content.tornAt);
    TRY_ASSIGN(const auto file,
               m_runtime.files.open(pathOf(segment.id), runtime::OpenMode::Append));
    if (content.bytes < kSegmentHeaderBytes) {
        TRY(file->truncate(0));
        ByteWriter header;
        writeSegmentHeader(header, segment.id);
        TRY(file->append(header.bytes()));
    } else {
        TRY(file->truncate(content.bytes));
    }
    return file->sync();
}

void CommitLog::start() {
    m_started = true;
    sealOldSegments();
    armTimer();
}

/// A kill leaves segments that the system has not brought to the disk by itself yet.
void CommitLog::sealOldSegments() {
    for (const Segment& segment : m_segments) {
        if (!segment.isOld) {
            continue;
        }
        auto handle = m_runtime.files.open(pathOf(segment.id), runtime::OpenMode::Append);
        const Result<std::uint64_t> size = handle ? handle.value()->size() : handle.error();
        if (size) {
            m_fullUnsynced.push_back({std::move(handle.value()), {segment.id, size.value()}});
        }
    }
    if (!m_fullUnsynced.empty()) {
        kickSync();
    }
}

void CommitLog::armTimer() {
    if (m_options.sync != CommitLogSync::Periodic) {
        return;
    }
    m_timer = m_runtime.clock.callAt(m_runtime.clock.now() + m_options.syncPeriod, [this] {
        if (m_synced < m_written) {
            kickSync();
        }
        armTimer();
    });
}

runtime::Task<void> CommitLog::stop() {
    if (m_started) {
        m_started = false;
        m_runtime.clock.cancel(m_timer);
    }
    onTurn();
    co_await m_tasks.drained();
    const Result<void> synced = co_await syncWritten();
    if (!synced) {
        m_logger.error("{}", synced.error().message);
        co_return;
    }
    wake(m_synced);
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
        m_buffer.raw(record);
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
    const std::uint64_t id = m_nextSegment;
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
        tell(m_segments.back(), "full");
    }
    ++m_nextSegment;
    m_file = std::move(file);
    m_syncHandle = std::move(syncHandle.value());
    m_folderUnsynced = true;
    writeSegmentHeader(m_buffer, id);
    m_written = {id, 0};
    m_end = {id, kSegmentHeaderBytes};
    m_segments.push_back({id, kSegmentHeaderBytes, false, false, {}});
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
        m_logger.error("commit log: {}", written.error().message);
        undoFailedWrite();
        failWaiting(written.error());
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
    if (m_options.sync == CommitLogSync::Periodic) {
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

/// Resumes those whose records were not written. They are the last in the queue; what they add when
/// resumed comes behind them.
void CommitLog::failWaiting(const Error& error) {
    const auto firstLost =
        static_cast<std::size_t>(std::partition_point(m_waiting.begin(), m_waiting.end(),
                                                      [this](const Ack* ack) {
                                                          return !m_broken && ack->m_at < m_written;
                                                      }) -
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
        const Result<void> synced = co_await syncWritten();
        if (!synced) {
            failWaiting(synced.error());
        } else if (m_options.sync != CommitLogSync::Periodic) {
            wake(m_synced);
        }
    } while (m_options.sync != CommitLogSync::Periodic && !m_waiting.empty());
    m_syncing = false;
}

runtime::Task<Result<void>> CommitLog::syncWritten() {
    const LogPosition target = m_written;
    const std::vector<FullSegment> full = std::exchange(m_fullUnsynced, {});
    const bool folder = std::exchange(m_folderUnsynced, false);
    auto work = [full, last = m_syncHandle, folder, &files = m_runtime.files,
                 path = m_options.commitLogFolder]() -> Result<void> {
        for (const FullSegment& segment : full) {
            TRY(segment.handle->sync());
        }
        if (last) {
            TRY(last->sync());
        }
        return folder ? files.syncFolder(path) : ok();
    };
    Result<void> synced = co_await runtime::offload(m_runtime.executor, std::move(work));
    if (synced) {
        m_synced = std::max(m_synced, target);
        for (const FullSegment& segment : full) {
            m_sealsToWrite.push_back(segment.seal);
        }
        addSeals();
    } else {
        m_logger.error("commit log: {}", synced.error().message);
        m_broken = synced.error();
    }
    co_return synced;
}

Result<void> CommitLog::syncInline() {
    Result<void> synced = ok();
    for (const FullSegment& segment : std::exchange(m_fullUnsynced, {})) {
        synced = synced ? segment.handle->sync() : synced;
    }
    synced = synced ? m_file->sync() : synced;
    if (synced && std::exchange(m_folderUnsynced, false)) {
        synced = m_runtime.files.syncFolder(m_options.commitLogFolder);
    }
    if (!synced) {
        m_broken = synced.error();
    }
    return synced;
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
        if (active || it->isHeld || !it->dirty.empty()) {
            ++it;
            continue;
        }
        const Result<void> removed = m_runtime.files.remove(pathOf(it->id));
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
