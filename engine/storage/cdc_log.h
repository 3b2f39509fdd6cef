#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/file_system.h"

namespace engine::storage {

/// cassandra.yaml's cdc_* settings.
struct CdcOptions {
    bool enabled = false;                                               // cdc_enabled
    std::string folder;                                                 // cdc_raw_directory
    std::uint64_t totalBytes = 4096ull << 20;                           // cdc_total_space
    bool blockWrites = true;                                            // cdc_block_writes
    runtime::Duration checkInterval = std::chrono::milliseconds(250);  // cdc_free_space_check_interval
};

/// Hands commit log segments with writes to tables that have cdc = true on to consumers
/// (CommitLogSegmentManagerCDC): such a segment has a hard link in cdc_raw, and beside it
/// `<name>_cdc.idx` with the offset up to which it was synced, and COMPLETED once it is full. When
/// what lies there takes too much space, writes to those tables are refused, or the oldest goes.
/// On the node's thread; files are small and few.
class CdcLog {
public:
    CdcLog(const CdcOptions& options, runtime::FileSystem& files, runtime::Clock& clock, Log& log)
        : m_options(options), m_files(files), m_clock(clock), m_log(log) {}

    bool isEnabled() const { return m_options.enabled; }
    static bool tracks(const rows::Mutation& mutation);

    Result<void> open();
    /// A new segment at `path`, which will have up to `segmentBytes`.
    void onSegment(std::uint64_t id, const std::string& path, std::uint64_t segmentBytes);
    /// Whether a write that is tracked may go to the segment; notes that it does.
    Result<void> admit(std::uint64_t id, const rows::Mutation& mutation);
    /// The index files to be written once the segment was synced this far: path and content.
    void indexAfterSync(std::uint64_t id, std::uint64_t offset, bool isComplete,
                        std::vector<std::pair<std::string, std::string>>& out) const;
    static Result<void> writeIndex(runtime::FileSystem& files, const std::string& path,
                                   const std::string& content);
    /// The segment's file is about to be removed from the commit log.
    void onDiscarded(std::uint64_t id);
    /// An old segment was replayed; `isTracked`: it had writes that are tracked.
    void onReplayed(std::uint64_t id, const std::string& path, std::uint64_t bytes, bool isTracked);

private:
    enum class State { Permitted, Forbidden, Contains };
    struct Segment {
        State state = State::Permitted;
        std::string path;
        std::uint64_t expectedBytes = 0;
    };

    std::string linkOf(std::uint64_t id) const;
    std::string indexOf(std::uint64_t id) const;
    void link(std::uint64_t id, const std::string& path);
    void measure();
    std::uint64_t bytesTaken() const;
    void dropOldest();
    void permitIfThereIsSpace(Segment& segment, std::uint64_t id);
    void remove(const std::string& path);

    const CdcOptions& m_options;
    runtime::FileSystem& m_files;
    runtime::Clock& m_clock;
    Log& m_log;
    std::map<std::uint64_t, Segment> m_segments;  // Of the commit log.
    std::map<std::uint64_t, std::uint64_t> m_onDisk;  // Bytes of those that lie in cdc_raw alone.
    runtime::Instant m_measured;
    runtime::Instant m_warned;
};

}  // namespace engine::storage
