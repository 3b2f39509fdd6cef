#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/descriptor.h"
#include "engine/storage/sstable/statistics.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

struct SstableWriterOptions {
    /// Columns and minima; rows may only have columns of it. See HeaderCollector, joinHeaders.
    SerializationHeader header;
    /// What the bloom filter is sized for; more make it less sharp.
    std::uint64_t expectedPartitions = 1;
    std::int32_t level = 0;
    std::int64_t repairedAtMillis = 0;
    std::optional<Uuid> pendingRepair;
    /// Of a flush, or the largest of a compaction's inputs.
    std::optional<LogPosition> flushedTo;
    std::optional<Uuid> originatingHost;
    std::uint64_t columnIndexBytes = 64 * 1024;  // column_index_size
};

/// What became of a file that was written.
struct WrittenSstable {
    SstableDescriptor descriptor;
    SstableStats stats;
    std::uint64_t partitions = 0;
    std::uint64_t uncompressedBytes = 0;
    std::uint64_t dataBytes = 0;   // Of Data.db.
    std::uint64_t bytesOnDisk = 0;  // Of all components.
    rows::DecoratedKey first;
    rows::DecoratedKey last;
};

/// Writes one SSTable in the BIG format, version nb, as a stream: memory is bounded by the largest
/// row, the promoted index of the largest partition, and the bloom filter. Components have
/// temporary names until finish(), which syncs and renames them, TOC.txt last; a writer that is
/// let go before that removes them. Blocks: use it inside offload(). The table gives options
/// (compression, bloom_filter_fp_chance, min_index_interval) and the order of rows.
///
/// For each partition, in ring order: beginPartition, its rows and markers in table order,
/// endPartition.
class SstableWriter {
public:
    static Result<std::unique_ptr<SstableWriter>> create(runtime::FileSystem& files,
                                                         SstableDescriptor descriptor,
                                                         schema::TablePtr table,
                                                         SstableWriterOptions options);
    ~SstableWriter();

    Result<void> beginPartition(const rows::DecoratedKey& key, const rows::DeletionTime& deletion,
                                const rows::Row& staticRow);
    Result<void> add(const rows::Row& row);
    Result<void> add(const Marker& marker);
    Result<void> endPartition();

    /// Of Data.db so far, compressed: when to begin another file.
    std::uint64_t bytesWritten() const;
    std::uint64_t uncompressedBytesWritten() const;
    std::uint64_t partitionsWritten() const;

    /// Everything to the disk, under its final names. Not without any partition.
    Result<WrittenSstable> finish();
    /// Removes what was written.
    void abandon();

private:
    class Impl;
    explicit SstableWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace engine::storage
