#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/rows/read_command.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/descriptor.h"
#include "engine/storage/sstable/sstable_trace.h"
#include "engine/storage/sstable/statistics.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

class SstableCache;

/// How partitions are walked.
struct ScanOptions {
    /// Reads ahead in large pieces and leaves the chunk cache alone: compaction, verification.
    bool bulk = false;
};

/// One immutable SSTable in the BIG format, version nb. open() reads Statistics, CompressionInfo,
/// Summary and Filter and may run on the pool. Reads go to the disk, within the call, for blocks
/// that the caches lack; those that use the caches are made from the node's thread, bulk scans from
/// one thread at a time of any kind.
class SstableReader {
public:
    /// Refuses files whose columns `table` does not know (neither has nor dropped), as Cassandra.
    static Result<std::shared_ptr<const SstableReader>> open(runtime::FileSystem& files,
                                                             const SstableDescriptor& descriptor,
                                                             schema::TablePtr table,
                                                             SstableCache& cache);
    ~SstableReader();
    /// The table was altered: its crc_check_chance and caching hold from here on. On the node's thread.
    void follow(const schema::Table& table) const;

    /// Null when the key is not in this file: absence is an answer, not an error. `trace`, unless it is null,
    /// gets what was met on the way, and outlives the partition.
    Result<std::unique_ptr<UnfilteredPartition>> find(const rows::DecoratedKey& key, SstableTrace* trace = nullptr) const;
    /// The partitions in `range`, which outlives the cursor, from its start.
    Result<std::unique_ptr<PartitionScan>> scan(const rows::PartitionRange& range,
                                                  ScanOptions options = {}) const;
    /// What the bloom filter says: false is certain.
    bool mayContain(const rows::DecoratedKey& key) const;
    /// False when no row and no marker of the file can lie in the slices (min/max clustering);
    /// partition deletions and static rows may all the same.
    bool mayHaveRowsIn(const std::vector<rows::Slice>& slices) const;

    const SstableDescriptor& descriptor() const;
    std::uint64_t generation() const;
    std::string path() const;  // Of Data.db.
    const SstableStats& stats() const;
    const Statistics& statistics() const;
    const SerializationHeader& header() const;
    std::int32_t level() const { return stats().level; }
    double droppableTombstoneRatio(std::int64_t gcBefore) const {
        return stats().droppableTombstoneRatio(gcBefore);
    }
    const rows::DecoratedKey& first() const;
    const rows::DecoratedKey& last() const;
    /// From the summary: exact to within one interval.
    std::uint64_t estimatedPartitions() const;
    /// Of those with a token in (left, right], also from the summary; 0 when the file ends before or begins behind.
    std::uint64_t estimatedPartitionsIn(std::int64_t left, std::int64_t right) const;
    std::uint64_t dataBytes() const;          // Of Data.db.
    std::uint64_t uncompressedBytes() const;  // Before compression.
    std::uint64_t bytesOnDisk() const;        // Of all components.
    const std::vector<Component>& components() const;
    /// What an open file holds in memory, in bytes.
    struct MemoryUse {
        std::uint64_t filter = 0;
        std::uint64_t summary = 0;
        std::uint64_t chunkOffsets = 0;
    };
    MemoryUse memoryUse() const;

    struct BloomCounters {
        std::uint64_t positives = 0;
        std::uint64_t falsePositives = 0;
        std::uint64_t negatives = 0;
    };
    const BloomCounters& bloomCounters() const;

private:
    class Impl;
    explicit SstableReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Rewrites Statistics.db with what `change` made of the stats, atomically (mutateLevel,
/// mutateRepaired, what an import resets). Readers that are open keep what they read.
Result<void> mutateStats(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                         const std::function<void(SstableStats&)>& change);
/// The next generation of which no file lies in the folder; what somebody put there is not written over.
SstableDescriptor nextDescriptor(const runtime::FileSystem& files, const std::string& folder,
                                 std::atomic<std::uint64_t>& generations);
/// Removes all components, TOC.txt first, so that a crash in between leaves what start-up removes.
Result<void> removeSstable(runtime::FileSystem& files, const SstableDescriptor& descriptor);
/// Names of the SSTables in a folder that are complete, by generation; leftovers of writers cut
/// short (temporary names, sets without TOC.txt or Data.db) go to `leftovers` as paths.
Result<std::vector<SstableDescriptor>> listSstables(runtime::FileSystem& files,
                                                    const std::string& folder,
                                                    std::vector<std::string>& leftovers);

}  // namespace engine::storage
