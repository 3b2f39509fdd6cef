#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/rows/partition.h"
#include "engine/storage/log_position.h"
#include "engine/storage/sstable/histograms.h"
#include "engine/storage/sstable/serialization_header.h"

namespace engine::storage {

/// The partitioner that Statistics.db names.
inline constexpr std::string_view kPartitioner = "org.apache.cassandra.dht.Murmur3Partitioner";

/// What an SSTable knows of itself as a whole (StatsMetadata); fields in the order of the file.
/// Deletion times are seconds as the file has them: 2147483647 is none.
struct SstableStats {
    static constexpr std::int32_t kNoDeletionTime = 0x7fffffff;

    EstimatedHistogram partitionBytes = EstimatedHistogram::forPartitionSizes();
    EstimatedHistogram cellsPerPartition = EstimatedHistogram::forCellCounts();
    /// The file holds all of the table's writes of this node's commit log before it; nothing when
    /// it does not come from this node.
    std::optional<LogPosition> flushedTo;
    std::int64_t minTimestamp = std::numeric_limits<std::int64_t>::max();
    std::int64_t maxTimestamp = std::numeric_limits<std::int64_t>::min();
    std::int32_t minLocalDeletionTime = kNoDeletionTime;
    std::int32_t maxLocalDeletionTime = kNoDeletionTime;
    std::int32_t minTtl = 0;
    std::int32_t maxTtl = 0;
    double compressionRatio = -1.0;  // Stored bytes by uncompressed ones; -1: not compressed.
    TombstoneHistogram tombstoneDropTimes;
    std::int32_t level = 0;
    std::int64_t repairedAtMillis = 0;
    /// Empty: not known, no pruning.
    rows::Clustering minClustering;
    rows::Clustering maxClustering;
    std::int64_t columnsSet = 0;
    std::int64_t rows = 0;
    std::optional<Uuid> pendingRepair;
    bool isTransient = false;
    std::optional<Uuid> originatingHost;

    /// A timestamp was seen at all.
    bool hasTimestamps() const { return minTimestamp <= maxTimestamp; }
    /// Everything in the file expires or is a deletion, and the last of it did before `gcBefore`.
    bool isFullyExpired(std::int64_t gcBefore) const { return maxLocalDeletionTime < gcBefore; }
    /// Share of the cells that may be dropped at `gcBefore`
    /// (SSTableReader.getEstimatedDroppableTombstoneRatio).
    double droppableTombstoneRatio(std::int64_t gcBefore) const;
};

/// All of Statistics.db.
struct Statistics {
    std::string partitioner;
    double bloomFilterFpChance = 0.01;
    std::uint64_t estimatedPartitions = 0;  // From the HyperLogLog++ of the COMPACTION part.
    Bytes cardinality;                      // Its bytes, kept as they are when rewritten.
    SstableStats stats;
    SerializationHeader header;
};
void writeStatistics(ByteWriter& out, const Statistics& statistics);
/// `path` is named in errors.
Result<Statistics> readStatistics(BytesView bytes, const std::string& path);

}  // namespace engine::storage
