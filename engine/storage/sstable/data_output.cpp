#include "engine/storage/sstable/data_output.h"

#include <zlib.h>

#include <cstring>

#include "engine/base/hash.h"

namespace engine::storage {

namespace {

/// Of a file that is not compressed, per checksum in CRC.db.
constexpr std::size_t kPendingBytes = 256 * 1024;

}  // namespace

Result<void> writeComponent(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                            Component component, BytesView content) {
    const std::string path = descriptor.temporaryPathOf(component);
    TRY_ASSIGN(auto file, files.open(path, runtime::OpenMode::CreateNew));
    TRY(file->append(content));
    return file->sync();
}

Result<std::unique_ptr<DataOutput>> DataOutput::create(runtime::FileSystem& files,
                                                       const SstableDescriptor& descriptor,
                                                       CompressionParams params) {
    std::unique_ptr<Compressor> compressor;
    if (params.isOn()) {
        TRY_ASSIGN(compressor, makeCompressor(params));
    } else {
        params.chunkBytes = kPlainChunkBytes;
    }
    TRY_ASSIGN(auto file, files.open(descriptor.temporaryPathOf(Component::Data),
                                     runtime::OpenMode::CreateNew));
    std::unique_ptr<DataOutput> out(
        new DataOutput(files, descriptor, std::move(params), std::move(file)));
    out->m_compressor = std::move(compressor);
    return out;
}

DataOutput::DataOutput(runtime::FileSystem& files, SstableDescriptor descriptor,
                       CompressionParams params, std::unique_ptr<runtime::File> file)
    : m_files(files),
      m_descriptor(std::move(descriptor)),
      m_file(std::move(file)),
      m_chunkBytes(params.chunkBytes),
      m_chunk(new char[params.chunkBytes]) {
    m_info.params = std::move(params);
    m_pending.reserve(kPendingBytes + 2 * m_chunkBytes);
    m_checksums.u32(kPlainChunkBytes);
}

Result<void> DataOutput::appendAcross(BytesView bytes) {
    while (!bytes.empty()) {
        const std::size_t part = std::min(bytes.size(), m_chunkBytes - m_used);
        std::memcpy(m_chunk.get() + m_used, bytes.data(), part);
        m_used += part;
        bytes.remove_prefix(part);
        if (m_used == m_chunkBytes) {
            TRY(writeChunk());
        }
    }
    return ok();
}

Result<void> DataOutput::writeChunk() {
    const BytesView chunk(m_chunk.get(), m_used);
    if (!m_compressor) {
        const std::uint32_t checksum = crc32(chunk);
        m_checksums.u32(checksum);
        store(chunk, checksum);
    } else {
        m_info.offsets.push_back(m_fileBytes);
        m_compressor->compress(chunk, m_compressed);
        if (m_compressed.size() >= m_info.params.maxCompressedBytes) {
            // As it is; but what is shorter would be taken for compressed, hence zeros behind it.
            m_compressed.assign(chunk);
            m_compressed.resize(
                std::max<std::size_t>(m_compressed.size(), m_info.params.maxCompressedBytes));
        }
        m_storedBytes += m_compressed.size();
        const std::uint32_t checksum = crc32(m_compressed);
        store(m_compressed, checksum);
        ByteWriter behind;
        behind.u32(checksum);
        store(behind.bytes(), crc32(behind.bytes()));
    }
    m_used = 0;
    return m_pending.size() >= kPendingBytes ? handOver() : ok();
}

/// The digest of all is put together from the checksums of the parts, so that each byte is looked at
/// once.
void DataOutput::store(BytesView bytes, std::uint32_t checksum) {
    m_digest = static_cast<std::uint32_t>(
        crc32_combine(m_digest, checksum, static_cast<z_off_t>(bytes.size())));
    m_pending.append(bytes);
    m_fileBytes += bytes.size();
}

Result<void> DataOutput::handOver() {
    TRY(m_file->append(m_pending));
    m_pending.clear();
    return ok();
}

double DataOutput::compressionRatio() const {
    if (!m_compressor) {
        return -1.0;
    }
    return m_position == 0 ? 0
                           : static_cast<double>(m_storedBytes) / static_cast<double>(m_position);
}

Result<void> DataOutput::finish(std::vector<Component>& written, std::uint64_t& bytesOnDisk) {
    if (m_used > 0) {
        TRY(writeChunk());
    }
    TRY(handOver());
    TRY(m_file->sync());
    m_file.reset();
    ByteWriter beside;
    const Component component = m_compressor ? Component::CompressionInfo : Component::Crc;
    if (m_compressor) {
        m_info.uncompressedBytes = m_position;
        m_info.write(beside);
    } else {
        beside = std::move(m_checksums);
    }
    TRY(writeComponent(m_files, m_descriptor, component, beside.bytes()));
    const std::string digest = std::to_string(m_digest);
    TRY(writeComponent(m_files, m_descriptor, Component::Digest, digest));
    written.insert(written.end(), {Component::Data, component, Component::Digest});
    bytesOnDisk += m_fileBytes + beside.size() + digest.size();
    return ok();
}

}  // namespace engine::storage
