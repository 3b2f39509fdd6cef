#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace engine::storage::compaction {

/// What a strategy knows of one SSTable. Timestamps are microseconds, deletion times seconds.
struct FileView {
    std::uint64_t generation = 0;
    std::uint64_t bytes = 0;  // Of Data.db, on disk (SSTableReader.onDiskLength).
    std::int32_t level = 0;
    std::int64_t firstToken = std::numeric_limits<std::int64_t>::min();
    std::int64_t lastToken = std::numeric_limits<std::int64_t>::max();
    std::int64_t minTimestamp = 0;
    std::int64_t maxTimestamp = 0;
    /// When the last thing in it expires or may be purged; 2147483647: something never does.
    std::int64_t maxLocalDeletionTime = std::numeric_limits<std::int32_t>::max();
    std::int64_t createdSeconds = 0;
    double droppableRatio = 0;  // Estimated share of cells that are tombstones past gc_grace.
    std::uint64_t partitions = 0;
    double readsPerSecond = 0;
    bool isBusy = false;  // A compaction has it already.

    bool overlaps(const FileView& other) const {
        return firstToken <= other.lastToken && other.firstToken <= lastToken;
    }
    /// Share of the ring between its first and last token, 0 to 1.
    double ringShare() const;
};

/// What a strategy decides on: everything it must not look up itself.
struct TableView {
    std::vector<FileView> files;  // By generation, oldest first; busy ones too.
    std::int64_t nowSeconds = 0;
    std::int64_t gcBefore = 0;  // Deletions older than that may go (now - gc_grace_seconds).
    /// Of all memtables; the largest number when they are empty.
    std::int64_t memtableMinTimestamp = std::numeric_limits<std::int64_t>::max();
    double flushBytes = 0;  // A flushed file's usual size; 0: none was seen.

    std::vector<FileView> idle() const {
        std::vector<FileView> out;
        std::copy_if(files.begin(), files.end(), std::back_inserter(out),
                     [](const FileView& file) { return !file.isBusy; });
        return out;
    }
};

inline std::uint64_t totalBytes(const std::vector<FileView>& files) {
    std::uint64_t sum = 0;
    for (const FileView& file : files) {
        sum += file.bytes;
    }
    return sum;
}

inline double FileView::ringShare() const {
    return (static_cast<double>(lastToken) - static_cast<double>(firstToken)) / 0x1p64;
}

}  // namespace engine::storage::compaction
