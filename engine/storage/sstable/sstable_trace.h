#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace engine::storage {

/// What was looked at of Index.db, between two entries of the summary.
struct IntervalTrace {
    std::uint64_t summaryEntry = 0;
    std::uint64_t summaryEntries = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint64_t passed = 0;  // Entries before the one that is meant.
    bool isCached = false;
};

/// What was looked at of a partition's promoted index.
struct PromotedTrace {
    std::uint64_t bytes = 0;
    std::uint32_t blocks = 0;
    bool isCached = false;                // In the key cache.
    std::vector<std::uint32_t> entered;  // Where reading began; empty: at the partition's start.
};

/// What a read of one partition met in one SSTable, noted by the code that reads, where somebody asked for
/// it. A value; on the node's thread.
struct SstableTrace {
    enum class Outcome {
        NotReached,   // What newer files gave was enough.
        AllDeleted,   // The partition's deletion is newer than all that is in it: the read stops here.
        Answered,     // All that was asked for is known, and newer than anything in it: the read stops here.
        NoRows,       // No row of it can lie in what is asked for, by its smallest and largest clustering.
        OutOfRange,   // The key is before its first key or behind its last.
        BloomNo,      // The bloom filter says that the key is not here.
        BloomFalse,   // The bloom filter said maybe, and the index has no such key.
        Found,
    };
    /// Of Data.db.
    struct Chunk {
        std::uint64_t number = 0;
        std::uint64_t fileOffset = 0;
        std::uint64_t storedBytes = 0;
        std::uint64_t bytes = 0;  // Uncompressed.
        bool isCached = false;
    };

    Outcome outcome = Outcome::NotReached;
    std::optional<IntervalTrace> interval;
    std::uint64_t entryOffset = 0;  // In Index.db.
    std::uint64_t dataOffset = 0;   // Before compression.
    std::optional<PromotedTrace> promoted;
    std::vector<Chunk> chunks;  // In the order in which they were needed first.

    bool hasChunk(std::uint64_t number) const {
        return std::any_of(chunks.begin(), chunks.end(), [number](const Chunk& chunk) { return chunk.number == number; });
    }
    /// From the disk: what no cache had.
    std::uint64_t bytesRead() const {
        std::uint64_t sum = interval && !interval->isCached ? interval->bytes : 0;
        sum += promoted && !promoted->isCached ? promoted->bytes : 0;
        for (const Chunk& chunk : chunks) {
            sum += chunk.isCached ? 0 : chunk.storedBytes;
        }
        return sum;
    }
};

}  // namespace engine::storage
