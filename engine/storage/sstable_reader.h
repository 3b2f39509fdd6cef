#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/chunk_cache.h"
#include "engine/storage/row_source.h"
#include "engine/storage/sstable_format.h"

namespace engine::storage {

/// Bytes of a file's data, kept alive for as long as this is.
struct DataSlice {
    std::shared_ptr<const Bytes> holder;
    BytesView bytes;
};

/// One immutable SSTable on disk. open() checks footer and index and may run on the pool; reads
/// come from the node's thread, and go to the disk, within the call, for chunks that the cache
/// lacks.
class SstableReader {
public:
    /// `cacheId` names the file in the cache.
    static Result<std::shared_ptr<const SstableReader>> open(runtime::FileSystem& files,
                                                             const std::string& path,
                                                             schema::TablePtr table,
                                                             ChunkCache& cache,
                                                             std::uint64_t cacheId);

    /// Null when the key is not in this file: absence is an answer, not an error.
    Result<std::unique_ptr<PartitionSource>> find(const rows::DecoratedKey& key) const;
    /// The partitions in `range`, which outlives the cursor, from its start.
    Result<std::unique_ptr<PartitionCursor>> scan(const rows::PartitionRange& range) const;

    const SstableStats& stats() const { return m_index.stats; }
    const std::string& path() const { return m_path; }
    std::uint64_t generation() const { return m_generation; }
    std::uint64_t fileBytes() const { return m_fileBytes; }

private:
    friend class SstablePartition;
    friend class SstableCursor;
    friend class SstableRows;

    SstableReader(std::string path, schema::TablePtr table, std::unique_ptr<runtime::File> file,
                  ChunkCache& cache, std::uint64_t cacheId);
    Result<void> load();
    Error corrupt(std::string_view what, std::uint64_t offset) const;
    Result<ChunkCache::Chunk> chunk(std::uint64_t number) const;
    Result<DataSlice> data(std::uint64_t offset, std::uint64_t length) const;
    Result<std::unique_ptr<class SstablePartition>> partitionAt(std::uint64_t offset) const;

    const std::string m_path;
    const std::uint64_t m_generation;
    const schema::TablePtr m_table;
    const std::unique_ptr<runtime::File> m_file;
    ChunkCache& m_cache;
    const std::uint64_t m_cacheId;
    SstableIndex m_index;
    std::uint64_t m_dataBytes = 0;
    std::uint64_t m_fileBytes = 0;
};

}  // namespace engine::storage
