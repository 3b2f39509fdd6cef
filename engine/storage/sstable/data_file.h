#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/compression.h"
#include "engine/storage/sstable/descriptor.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/sstable_trace.h"

namespace engine::storage {

/// How Data.db is cut into chunks, as CompressionInfo.db or CRC.db say it. Shared by all
/// who read the file.
struct DataLayout {
    std::string path;
    std::uint64_t fileBytes = 0;
    std::uint64_t uncompressedBytes = 0;
    std::uint32_t chunkBytes = 0;
    bool isCompressed = false;
    CompressionInfo compression;
    std::vector<std::uint32_t> checksums;  // Of a file that is not compressed; empty: not known.
    /// Follows the table's, while others read: see SstableReader::follow.
    mutable std::atomic<double> crcCheckChance{1.0};

    static Result<std::shared_ptr<const DataLayout>> load(runtime::FileSystem& files,
                                                          const SstableDescriptor& descriptor,
                                                          double crcCheckChance);
    std::uint64_t chunks() const { return (uncompressedBytes + chunkBytes - 1) / chunkBytes; }
    std::uint64_t bytesOf(std::uint64_t chunk) const;
    /// Where a chunk lies in the file, and how many bytes it takes with its checksum.
    std::uint64_t fileOffsetOf(std::uint64_t chunk) const;
    std::uint64_t storedBytesOf(std::uint64_t chunk) const;
    Error corrupt(std::string_view what, std::uint64_t offset) const;
};

/// One opened handle on Data.db: one thread at a time.
class DataFile {
public:
    static Result<std::unique_ptr<DataFile>> open(runtime::FileSystem& files,
                                                  std::shared_ptr<const DataLayout> layout);

    const DataLayout& layout() const { return *m_layout; }
    /// Checked bytes of neighbouring chunks, one behind the other.
    Result<void> read(std::uint64_t firstChunk, std::uint64_t count, char* out);

private:
    DataFile(std::shared_ptr<const DataLayout> layout, std::unique_ptr<runtime::File> file,
             std::unique_ptr<Compressor> compressor)
        : m_layout(std::move(layout)),
          m_file(std::move(file)),
          m_compressor(std::move(compressor)) {}

    Result<void> take(std::uint64_t chunk, BytesView stored, char* out);
    bool isToBeChecked();

    const std::shared_ptr<const DataLayout> m_layout;
    const std::unique_ptr<runtime::File> m_file;
    const std::unique_ptr<Compressor> m_compressor;
    std::uint64_t m_draws = 0;
};

/// A stretch of Data.db in one piece, from a position that moves on; grows when asked to. Either
/// through a cache, where it mostly is a look at the cached chunk itself, or in bulk, where it reads
/// far ahead into a buffer of its own.
class DataWindow {
public:
    /// Without a cache: in bulk. With one, chunks are noted in `trace`, unless it is null.
    DataWindow(DataFile& file, ChunkCache* cache, std::uint64_t cacheId, SstableTrace* trace = nullptr)
        : m_file(file), m_cache(cache), m_cacheId(cacheId), m_trace(trace) {}

    void seek(std::uint64_t position);
    std::uint64_t position() const { return m_position; }
    BytesView bytes() const {
        return {m_base + (m_position - m_baseAt),
                static_cast<std::size_t>(m_baseAt + m_baseSize - m_position)};
    }
    void consume(std::size_t count) {
        m_position += count;
        if (m_isJoined && m_position >= m_tailAt) {
            leaveJoin();
        }
    }
    /// So many bytes, or more; false when the data has fewer, of which all are there then.
    Result<bool> extend(std::size_t needed);
    const DataLayout& layout() const { return m_file.layout(); }

private:
    Result<ChunkCache::Chunk> chunk(std::uint64_t number);
    void note(std::uint64_t chunk, bool isCached);
    void leaveJoin();
    Result<void> enterChunk();
    Result<void> join(std::size_t needed);
    Result<void> fill(std::size_t needed);

    DataFile& m_file;
    ChunkCache* const m_cache;
    const std::uint64_t m_cacheId;
    SstableTrace* const m_trace;
    std::uint64_t m_position = 0;
    const char* m_base = nullptr;
    std::uint64_t m_baseAt = 0;
    std::uint64_t m_baseSize = 0;
    ChunkCache::Chunk m_chunk;  // What m_base looks at, or the last one that was joined.
    std::uint64_t m_tailAt = 0;
    bool m_isJoined = false;
    std::unique_ptr<char[]> m_buffer;
    std::size_t m_bufferBytes = 0;
};

}  // namespace engine::storage
