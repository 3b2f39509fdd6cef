#include "engine/storage/sstable/data_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/base/hash.h"
#include "engine/storage/sstable/compression.h"

namespace engine::storage {

namespace {

constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint32_t kPlainChunkBytesMax = 16 << 20;
/// Bulk reads are of about so many bytes before compression.
constexpr std::size_t kBulkBytes = 256 * 1024;

std::uint32_t checksumIn(BytesView bytes) {
    ByteReader in(bytes);
    return in.u32();
}

Result<void> loadChecksums(runtime::FileSystem& files, const std::string& path, DataLayout& out) {
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, path));
    ByteReader in(bytes);
    out.chunkBytes = in.u32();
    if (in.failed() || out.chunkBytes == 0 || out.chunkBytes > kPlainChunkBytesMax) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: the chunk length is impossible at offset 0", path));
    }
    while (in.remaining() >= kChecksumBytes) {
        out.checksums.push_back(in.u32());
    }
    if (out.checksums.size() < out.chunks()) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: checksums of {} chunks of {} at offset {}", path,
                                     out.checksums.size(), out.chunks(), bytes.size()));
    }
    return ok();
}

}  // namespace

Result<std::shared_ptr<const DataLayout>> DataLayout::load(runtime::FileSystem& files,
                                                           const SstableDescriptor& descriptor,
                                                           double crcCheckChance) {
    auto out = std::make_shared<DataLayout>();
    out->path = descriptor.pathOf(Component::Data);
    out->crcCheckChance = crcCheckChance;
    TRY_ASSIGN(const auto file, files.open(out->path, runtime::OpenMode::Read));
    TRY_ASSIGN(out->fileBytes, file->size());
    const std::string info = descriptor.pathOf(Component::CompressionInfo);
    if (files.exists(info)) {
        TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, info));
        TRY_ASSIGN(out->compression, CompressionInfo::read(bytes, info));
        out->isCompressed = true;
        out->chunkBytes = out->compression.params.chunkBytes;
        out->uncompressedBytes = out->compression.uncompressedBytes;
        return std::shared_ptr<const DataLayout>(std::move(out));
    }
    out->uncompressedBytes = out->fileBytes;
    out->chunkBytes = kPlainChunkBytes;
    const std::string checksums = descriptor.pathOf(Component::Crc);
    if (files.exists(checksums)) {
        TRY(loadChecksums(files, checksums, *out));
    }
    return std::shared_ptr<const DataLayout>(std::move(out));
}

std::uint64_t DataLayout::bytesOf(std::uint64_t chunk) const {
    return std::min<std::uint64_t>(chunkBytes, uncompressedBytes - chunk * chunkBytes);
}

std::uint64_t DataLayout::fileOffsetOf(std::uint64_t chunk) const {
    return isCompressed ? compression.offsets[chunk] : chunk * chunkBytes;
}

std::uint64_t DataLayout::storedBytesOf(std::uint64_t chunk) const {
    if (!isCompressed) {
        return bytesOf(chunk);
    }
    const auto& offsets = compression.offsets;
    const std::uint64_t end = chunk + 1 < offsets.size() ? offsets[chunk + 1] : fileBytes;
    return end > offsets[chunk] ? end - offsets[chunk] : 0;
}

Error DataLayout::corrupt(std::string_view what, std::uint64_t offset) const {
    return makeError(ErrorKind::Corrupt,
                     fmt::format("SSTable {}: {} at offset {}", path, what, offset));
}

Result<std::unique_ptr<DataFile>> DataFile::open(runtime::FileSystem& files,
                                                 std::shared_ptr<const DataLayout> layout) {
    std::unique_ptr<Compressor> compressor;
    if (layout->isCompressed) {
        TRY_ASSIGN(compressor, makeCompressor(layout->compression.params));
    }
    TRY_ASSIGN(auto file, files.open(layout->path, runtime::OpenMode::Read));
    return std::unique_ptr<DataFile>(
        new DataFile(std::move(layout), std::move(file), std::move(compressor)));
}

/// crc_check_chance, spread evenly.
bool DataFile::isToBeChecked() {
    const double chance = m_layout->crcCheckChance;
    if (chance >= 1.0) {
        return true;
    }
    const auto draw = static_cast<double>(m_draws++);
    return static_cast<std::uint64_t>(draw * chance) !=
           static_cast<std::uint64_t>((draw + 1) * chance);
}

Result<void> DataFile::take(std::uint64_t chunk, BytesView stored, char* out) {
    const std::uint64_t at = m_layout->fileOffsetOf(chunk);
    const std::uint64_t length = m_layout->bytesOf(chunk);
    if (!m_layout->isCompressed) {
        if (!m_layout->checksums.empty() && isToBeChecked() &&
            crc32(stored) != m_layout->checksums[chunk]) {
            return m_layout->corrupt("the checksum of a chunk does not match", at);
        }
        stored.copy(out, stored.size());
        return ok();
    }
    const BytesView content = stored.substr(0, stored.size() - kChecksumBytes);
    if (isToBeChecked() && crc32(content) != checksumIn(stored.substr(content.size()))) {
        return m_layout->corrupt("the checksum of a chunk does not match", at);
    }
    if (content.size() >= m_layout->compression.params.maxCompressedBytes) {
        if (content.size() < length) {
            return m_layout->corrupt("a chunk is too short", at);
        }
        content.copy(out, length);
    } else if (!m_compressor->uncompress(content, out, length)) {
        return m_layout->corrupt("a chunk does not uncompress", at);
    }
    return ok();
}

Result<void> DataFile::read(std::uint64_t firstChunk, std::uint64_t count, char* out) {
    const std::uint64_t begin = m_layout->fileOffsetOf(firstChunk);
    const std::uint64_t last = firstChunk + count - 1;
    const std::uint64_t lastAt = m_layout->fileOffsetOf(last);
    const std::uint64_t end = lastAt + m_layout->storedBytesOf(last);
    if (end > m_layout->fileBytes || begin >= m_layout->fileBytes || end < begin) {
        // One by one, so that those before the damage are still read.
        if (count > 1) {
            for (std::uint64_t i = 0; i < count; ++i) {
                TRY(read(firstChunk + i, 1, out + i * m_layout->chunkBytes));
            }
            return ok();
        }
        return m_layout->corrupt("the file ends early", m_layout->fileBytes);
    }
    TRY_ASSIGN(const Bytes stored, m_file->read(begin, end - begin));
    if (stored.size() != end - begin) {
        return m_layout->corrupt("the file ends early", begin + stored.size());
    }
    for (std::uint64_t chunk = firstChunk; chunk <= last; ++chunk) {
        const std::uint64_t at = m_layout->fileOffsetOf(chunk) - begin;
        const std::uint64_t bytes = m_layout->storedBytesOf(chunk);
        if (m_layout->isCompressed && bytes <= kChecksumBytes) {
            return m_layout->corrupt("a chunk is too short", begin + at);
        }
        TRY(take(chunk, BytesView(stored).substr(at, bytes), out));
        out += m_layout->bytesOf(chunk);
    }
    return ok();
}

void DataWindow::seek(std::uint64_t position) {
    if (position >= m_baseAt && position <= m_baseAt + m_baseSize && m_base != nullptr) {
        m_position = position;
        if (m_isJoined && m_position >= m_tailAt) {
            leaveJoin();
        }
        return;
    }
    m_position = position;
    m_baseAt = position;
    m_baseSize = 0;
    m_isJoined = false;
    m_chunk.reset();
}

Result<bool> DataWindow::extend(std::size_t needed) {
    const std::uint64_t total = layout().uncompressedBytes;
    const std::uint64_t there = m_position < total ? total - m_position : 0;
    const std::size_t reachable = std::min<std::uint64_t>(needed, there);
    if (bytes().size() < reachable) {
        if (m_cache == nullptr) {
            TRY(fill(reachable));
        } else {
            if (bytes().empty()) {
                TRY(enterChunk());
            }
            if (bytes().size() < reachable) {
                TRY(join(reachable));
            }
        }
    }
    return reachable == needed;
}

Result<ChunkCache::Chunk> DataWindow::chunk(std::uint64_t number) {
    if (auto cached = m_cache->find(m_cacheId, number)) {
        note(number, true);
        return cached;
    }
    note(number, false);
    auto piece = std::make_shared<CachedPiece>();
    piece->bytes.resize(layout().bytesOf(number));
    TRY(m_file.read(number, 1, piece->bytes.data()));
    ChunkCache::Chunk out = std::move(piece);
    m_cache->add(m_cacheId, number, out);
    return out;
}

void DataWindow::note(std::uint64_t chunk, bool isCached) {
    if (m_trace != nullptr && !m_trace->hasChunk(chunk)) {
        m_trace->chunks.push_back({chunk, layout().fileOffsetOf(chunk), layout().storedBytesOf(chunk),
                                   layout().bytesOf(chunk), isCached});
    }
}

/// Looks at the chunk that the position lies in.
Result<void> DataWindow::enterChunk() {
    const std::uint64_t number = m_position / layout().chunkBytes;
    TRY_ASSIGN(m_chunk, chunk(number));
    m_base = m_chunk->bytes.data();
    m_baseAt = number * layout().chunkBytes;
    m_baseSize = m_chunk->bytes.size();
    m_isJoined = false;
    return ok();
}

/// What lies across chunks is put together in a buffer.
Result<void> DataWindow::join(std::size_t needed) {
    const BytesView rest = bytes();
    std::uint64_t number = (m_baseAt + m_baseSize) / layout().chunkBytes;
    std::size_t size = rest.size();
    const std::size_t capacity = needed + layout().chunkBytes;
    std::unique_ptr<char[]> joined(new char[capacity]);
    std::memcpy(joined.get(), rest.data(), size);
    while (size < needed) {
        TRY_ASSIGN(m_chunk, chunk(number));
        m_tailAt = number++ * layout().chunkBytes;
        std::memcpy(joined.get() + size, m_chunk->bytes.data(), m_chunk->bytes.size());
        size += m_chunk->bytes.size();
    }
    m_buffer = std::move(joined);
    m_base = m_buffer.get();
    m_baseAt = m_position;
    m_baseSize = size;
    m_isJoined = true;
    return ok();
}

/// Behind what was joined: back to looking at a chunk.
void DataWindow::leaveJoin() {
    m_base = m_chunk->bytes.data();
    m_baseAt = m_tailAt;
    m_baseSize = m_chunk->bytes.size();
    m_isJoined = false;
}

Result<void> DataWindow::fill(std::size_t needed) {
    const std::uint64_t chunkBytes = layout().chunkBytes;
    const BytesView rest = bytes();
    const std::uint64_t from = rest.empty() ? m_position / chunkBytes * chunkBytes : m_position;
    const std::uint64_t firstChunk = (from + rest.size()) / chunkBytes;
    const std::uint64_t lead = m_position - from;
    const std::uint64_t least = needed + lead > rest.size() ? needed + lead - rest.size() : 0;
    const std::uint64_t wanted = std::max<std::uint64_t>(least, kBulkBytes);
    const std::uint64_t count =
        std::min((wanted + chunkBytes - 1) / chunkBytes, layout().chunks() - firstChunk);
    const std::size_t capacity = rest.size() + count * chunkBytes;
    if (capacity > m_bufferBytes) {
        std::unique_ptr<char[]> larger(new char[capacity]);
        if (!rest.empty()) {
            std::memcpy(larger.get(), rest.data(), rest.size());
        }
        m_buffer = std::move(larger);
        m_bufferBytes = capacity;
    } else if (!rest.empty()) {
        std::memmove(m_buffer.get(), rest.data(), rest.size());
    }
    const std::size_t kept = rest.size();
    m_base = m_buffer.get();
    m_baseAt = m_position;
    m_baseSize = kept;
    TRY(m_file.read(firstChunk, count, m_buffer.get() + kept));
    m_baseAt = from;
    const std::uint64_t end =
        std::min((firstChunk + count) * chunkBytes, layout().uncompressedBytes);
    m_baseSize = kept + (end - firstChunk * chunkBytes);
    return ok();
}

}  // namespace engine::storage
