#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/memtable.h"
#include "engine/storage/sstable_format.h"

namespace engine::storage {

/// Writes one file under a temporary name; finish() syncs it and gives it its own. Blocks: use it
/// inside offload().
class SstableWriter {
public:
    static Result<std::unique_ptr<SstableWriter>> create(runtime::FileSystem& files,
                                                         const std::string& path,
                                                         std::uint64_t partitions,
                                                         double bloomFilterChance);

    /// In ring order.
    Result<void> add(const MemtablePartition& partition);
    /// Returns the size of the file.
    Result<std::uint64_t> finish(LogPosition flushedTo);

private:
    SstableWriter(runtime::FileSystem& files, std::string path, std::unique_ptr<runtime::File> file)
        : m_files(files), m_path(std::move(path)), m_file(std::move(file)) {}

    void collectStats(const rows::Row& row);
    Result<void> appendData(BytesView bytes);
    Result<void> writeChunk();
    Result<void> append(BytesView bytes);

    runtime::FileSystem& m_files;
    const std::string m_path;
    std::unique_ptr<runtime::File> m_file;
    SstableIndex m_index;
    rows::ColumnNames m_columns{false};
    ByteWriter m_rows;  // Of the current partition.
    ByteWriter m_head;
    ByteWriter m_row;
    Bytes m_chunk;  // Data not yet written.
    std::uint64_t m_dataBytes = 0;
    std::uint64_t m_fileBytes = 0;
};

/// Writes all of a memtable; returns the size of the file.
Result<std::uint64_t> writeSstable(runtime::FileSystem& files, const std::string& path,
                                   const Memtable& memtable, LogPosition flushedTo);

}  // namespace engine::storage
