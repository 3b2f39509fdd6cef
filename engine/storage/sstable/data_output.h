#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/compression.h"
#include "engine/storage/sstable/descriptor.h"

namespace engine::storage {

/// Writes Data.db under its temporary name: bytes in, chunks with checksums out, and with them
/// CompressionInfo.db or CRC.db and Digest.crc32.
class DataOutput {
public:
    static Result<std::unique_ptr<DataOutput>> create(runtime::FileSystem& files,
                                                      const SstableDescriptor& descriptor,
                                                      CompressionParams params);

    Result<void> append(BytesView bytes) {
        m_position += bytes.size();
        if (bytes.size() < m_chunkBytes - m_used) {
            bytes.copy(m_chunk.get() + m_used, bytes.size());
            m_used += bytes.size();
            return ok();
        }
        return appendAcross(bytes);
    }
    /// Before compression.
    std::uint64_t position() const { return m_position; }
    /// Of the file, with what still waits to be handed to the system.
    std::uint64_t fileBytes() const { return m_fileBytes; }
    double compressionRatio() const;

    /// Ends the file, syncs it, and writes the components that belong to it; these are named in
    /// `written`, and their bytes added to `bytesOnDisk`.
    Result<void> finish(std::vector<Component>& written, std::uint64_t& bytesOnDisk);

private:
    DataOutput(runtime::FileSystem& files, SstableDescriptor descriptor, CompressionParams params,
               std::unique_ptr<runtime::File> file);

    Result<void> appendAcross(BytesView bytes);
    Result<void> writeChunk();
    void store(BytesView bytes, std::uint32_t checksum);
    Result<void> handOver();

    runtime::FileSystem& m_files;
    const SstableDescriptor m_descriptor;
    CompressionInfo m_info;
    std::unique_ptr<runtime::File> m_file;
    std::unique_ptr<Compressor> m_compressor;  // Null: not compressed.
    const std::size_t m_chunkBytes;
    std::unique_ptr<char[]> m_chunk;
    std::size_t m_used = 0;
    Bytes m_compressed;
    Bytes m_pending;      // For the file, handed over in large pieces.
    ByteWriter m_checksums;  // CRC.db.
    std::uint64_t m_position = 0;
    std::uint64_t m_fileBytes = 0;
    std::uint64_t m_storedBytes = 0;  // Without checksums.
    std::uint32_t m_digest = 0;
};

/// Writes a component under its temporary name and syncs it.
Result<void> writeComponent(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                            Component component, BytesView content);

}  // namespace engine::storage
