#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/storage/commit_log.h"

namespace engine::storage {

Result<void> CommitLog::open() {
    TRY(m_runtime.files.createFolders(m_options.commitLogFolder));
    TRY(m_cdc.open());
    TRY(runArchive());
    TRY_ASSIGN(const auto names, m_runtime.files.list(m_options.commitLogFolder));
    for (const std::string& name : names) {
        if (const auto id = segmentIdOf(name)) {
            TRY_ASSIGN(const auto file, m_runtime.files.open(pathOf(*id), runtime::OpenMode::Read));
            TRY_ASSIGN(const std::uint64_t size, file->size());
            m_segments.push_back({.id = *id, .bytes = size, .isOld = true, .isHeld = true});
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

/// CommitLog.recoverSegmentsOnDisk: what is there may have been archived before, which is no error.
Result<void> CommitLog::runArchive() {
    const CommitLogArchive& archive = m_options.archive;
    if (!archive.archives() && archive.restoreDirectories.empty()) {
        return ok();
    }
    if (!m_options.runCommand) {
        return makeError(ErrorKind::Config, "commit log archiving: there is nothing to run commands with");
    }
    if (archive.archives()) {
        TRY_ASSIGN(const auto names, m_runtime.files.list(m_options.commitLogFolder));
        for (const std::string& name : names) {
            if (const auto id = segmentIdOf(name)) {
                const Result<void> done =
                    archiveSegment(archive, m_options.runCommand, pathOf(*id), name);
                if (!done) {
                    m_logger.warn("archiving {} failed, it may have been archived already: {}",
                                  name, done.error().message);
                }
            }
        }
    }
    return restoreSegments(archive, m_options.runCommand, m_runtime.files,
                           m_options.commitLogFolder, m_logger);
}

void CommitLog::markTracked(LogPosition at) {
    for (Segment& segment : m_segments) {
        segment.isTracked = segment.isTracked || segment.id == at.segment;
    }
}

Result<void> CommitLog::replay(
    const std::function<Result<void>(LogPosition, BytesView)>& onRecord) {
    m_replaying = true;
    const Result<void> replayed = replaySegments(onRecord);
    m_replaying = false;
    for (const Segment& segment : m_segments) {
        if (segment.isOld && !segment.isHeld) {
            m_cdc.onReplayed(segment.id, pathOf(segment.id), segment.bytes, segment.isTracked);
        }
    }
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

}  // namespace engine::storage
