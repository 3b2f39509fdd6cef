#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/rows/row_codec.h"
#include "engine/storage/bloom_filter.h"
#include "engine/storage/log_position.h"

namespace engine::storage {

// The layout of our own SSTable files: docs/formats.md, "SSTables".
inline constexpr std::string_view kSstableMagic = "RSST";
inline constexpr std::uint32_t kSstableVersion = 1;
inline constexpr std::size_t kSstableHeaderBytes = 8;
inline constexpr std::size_t kSstableFooterBytes = 36;
inline constexpr std::size_t kChunkBytes = 16 * 1024;
inline constexpr std::size_t kChunkChecksumBytes = 4;
/// Rows between two entries of a wide partition's row index, at least; and entries at most.
inline constexpr std::uint64_t kRowIndexBytes = 16 * 1024;
inline constexpr std::uint64_t kRowIndexEntriesMax = 256;

/// What a file knows of itself as a whole.
struct SstableStats {
    /// The file holds all of the table's writes before it; {0, 0} when it does not come from this
    /// node's commit log.
    LogPosition flushedTo;
    std::uint64_t partitions = 0;
    std::uint64_t rows = 0;
    std::int64_t minTimestamp = std::numeric_limits<std::int64_t>::max();
    std::int64_t maxTimestamp = rows::kNoTimestamp;
};

/// Where a partition begins in the file's data. The key stands there.
struct PartitionEntry {
    std::int64_t token = 0;
    std::uint64_t offset = 0;
};

/// All that is kept in memory of a file.
struct SstableIndex {
    std::vector<rows::ColumnName> columns;
    std::vector<PartitionEntry> partitions;  // In ring order.
    BloomFilter bloom;
    SstableStats stats;
};
void writeIndex(ByteWriter& out, const SstableIndex& index);
SstableIndex readIndex(ByteReader& in);

/// An entry of a wide partition's row index: rows from here on are at or behind `first`.
struct RowIndexEntry {
    rows::Clustering first;
    std::uint64_t offset = 0;  // From the partition's first row.
};

std::string sstableName(std::uint64_t generation);
/// 0 for names that are none.
std::uint64_t generationOf(std::string_view fileName);

}  // namespace engine::storage
