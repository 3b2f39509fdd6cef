#include "engine/storage/sstable_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/storage/sstable_partition.h"

namespace engine::storage {

namespace {

/// The longest uvint.
constexpr std::uint64_t kLengthBytesMax = 9;

std::string_view fileNameOf(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::vector<RowIndexEntry> readRowIndex(ByteReader& in) {
    std::vector<RowIndexEntry> out;
    const std::uint64_t count = rows::readCount(in);
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        RowIndexEntry& entry = out.emplace_back();
        entry.first = rows::readClustering(in);
        entry.offset = in.unsignedVint();
    }
    return out;
}

}  // namespace

/// Walks the partitions of a file that lie in a range.
class SstableCursor : public PartitionCursor {
public:
    SstableCursor(const SstableReader& reader, const rows::PartitionRange& range)
        : m_reader(reader), m_range(range) {}

    Result<void> begin() {
        const auto& entries = m_reader.m_index.partitions;
        if (m_range.start) {
            const auto at =
                std::partition_point(entries.begin(), entries.end(),
                                     [&](const auto& e) { return e.token < m_range.start->token; });
            m_next = static_cast<std::size_t>(at - entries.begin());
        }
        const rows::PartitionRange fromStart{m_range.start, std::nullopt};
        do {
            TRY(step());
        } while (m_current && !fromStart.contains(m_current->key()));
        return ok();
    }
    const rows::DecoratedKey* key() const override {
        return m_current && m_range.contains(m_current->key()) ? &m_current->key() : nullptr;
    }
    const PartitionSource& partition() const override { return *m_current; }
    Result<void> advance() override { return step(); }

private:
    Result<void> step() {
        m_current.reset();
        if (m_next < m_reader.m_index.partitions.size()) {
            TRY_ASSIGN(m_current,
                       m_reader.partitionAt(m_reader.m_index.partitions[m_next++].offset));
        }
        return ok();
    }

    const SstableReader& m_reader;
    const rows::PartitionRange& m_range;
    std::size_t m_next = 0;
    std::unique_ptr<SstablePartition> m_current;
};

SstableReader::SstableReader(std::string path, schema::TablePtr table,
                             std::unique_ptr<runtime::File> file, ChunkCache& cache,
                             std::uint64_t cacheId)
    : m_path(std::move(path)),
      m_generation(generationOf(fileNameOf(m_path))),
      m_table(std::move(table)),
      m_file(std::move(file)),
      m_cache(cache),
      m_cacheId(cacheId) {}

Result<std::shared_ptr<const SstableReader>> SstableReader::open(runtime::FileSystem& files,
                                                                 const std::string& path,
                                                                 schema::TablePtr table,
                                                                 ChunkCache& cache,
                                                                 std::uint64_t cacheId) {
    TRY_ASSIGN(auto file, files.open(path, runtime::OpenMode::Read));
    std::shared_ptr<SstableReader> reader(
        new SstableReader(path, std::move(table), std::move(file), cache, cacheId));
    TRY(reader->load());
    return std::shared_ptr<const SstableReader>(std::move(reader));
}

Error SstableReader::corrupt(std::string_view what, std::uint64_t offset) const {
    return makeError(ErrorKind::Corrupt,
                     fmt::format("SSTable {}: {} at offset {}", m_path, what, offset));
}

Result<void> SstableReader::load() {
    TRY_ASSIGN(m_fileBytes, m_file->size());
    if (m_fileBytes < kSstableHeaderBytes + kSstableFooterBytes) {
        return corrupt("the file is too short", m_fileBytes);
    }
    TRY_ASSIGN(const Bytes header, m_file->read(0, kSstableHeaderBytes));
    ByteReader head(header);
    if (head.raw(kSstableMagic.size()) != kSstableMagic || head.u32() != kSstableVersion) {
        return corrupt("the header is corrupt or of an unknown version", 0);
    }
    const std::uint64_t footerAt = m_fileBytes - kSstableFooterBytes;
    TRY_ASSIGN(const Bytes footer, m_file->read(footerAt, kSstableFooterBytes));
    ByteReader in(footer);
    m_dataBytes = in.u64();
    const std::uint64_t indexAt = in.u64();
    const std::uint64_t indexBytes = in.u64();
    const std::uint32_t indexChecksum = in.u32();
    const std::size_t checked = in.offset();
    const bool good = in.u32() == crc32(BytesView(footer).substr(0, checked)) &&
                      indexAt <= footerAt && indexBytes == footerAt - indexAt;
    if (!good) {
        return corrupt("the footer is corrupt", footerAt);
    }
    TRY_ASSIGN(const Bytes index, m_file->read(indexAt, indexBytes));
    ByteReader indexIn(index);
    if (crc32(index) != indexChecksum) {
        return corrupt("the index's checksum does not match", indexAt);
    }
    m_index = readIndex(indexIn);
    if (indexIn.failed()) {
        return corrupt("the index is malformed", indexAt);
    }
    return ok();
}

Result<ChunkCache::Chunk> SstableReader::chunk(std::uint64_t number) const {
    if (auto cached = m_cache.find(m_cacheId, number)) {
        return cached;
    }
    const std::uint64_t at = kSstableHeaderBytes + number * (kChunkBytes + kChunkChecksumBytes);
    const std::uint64_t length =
        std::min<std::uint64_t>(kChunkBytes, m_dataBytes - number * kChunkBytes);
    TRY_ASSIGN(Bytes bytes, m_file->read(at, length + kChunkChecksumBytes));
    if (bytes.size() != length + kChunkChecksumBytes) {
        return corrupt("the data ends early", at);
    }
    ByteReader checksum(BytesView(bytes).substr(length));
    if (checksum.u32() != crc32(BytesView(bytes).substr(0, length))) {
        return corrupt("a chunk's checksum does not match", at);
    }
    bytes.resize(length);
    auto checked = std::make_shared<const Bytes>(std::move(bytes));
    m_cache.add(m_cacheId, number, checked);
    return checked;
}

Result<DataSlice> SstableReader::data(std::uint64_t offset, std::uint64_t length) const {
    if (offset > m_dataBytes || length > m_dataBytes - offset) {
        return corrupt("something points behind the end of the data", offset);
    }
    if (length == 0) {
        return DataSlice{};
    }
    const std::uint64_t first = offset / kChunkBytes;
    const std::uint64_t last = (offset + length - 1) / kChunkBytes;
    if (first == last) {
        TRY_ASSIGN(auto holder, chunk(first));
        const BytesView bytes = BytesView(*holder).substr(offset % kChunkBytes, length);
        return DataSlice{std::move(holder), bytes};
    }
    Bytes joined;
    joined.reserve(length);
    for (std::uint64_t number = first; number <= last; ++number) {
        TRY_ASSIGN(const auto part, chunk(number));
        const std::uint64_t from = number == first ? offset % kChunkBytes : 0;
        joined.append(BytesView(*part).substr(from, length - joined.size()));
    }
    auto holder = std::make_shared<const Bytes>(std::move(joined));
    const BytesView bytes = *holder;
    return DataSlice{std::move(holder), bytes};
}

Result<std::unique_ptr<SstablePartition>> SstableReader::partitionAt(std::uint64_t offset) const {
    const std::uint64_t left = offset <= m_dataBytes ? m_dataBytes - offset : 0;
    TRY_ASSIGN(const DataSlice prefix, data(offset, std::min(kLengthBytesMax, left)));
    ByteReader lengthIn(prefix.bytes);
    const std::uint64_t headBytes = lengthIn.unsignedVint();
    const std::uint64_t headAt = offset + lengthIn.offset();
    TRY_ASSIGN(const DataSlice head, data(headAt, headBytes));
    ByteReader in(head.bytes);
    rows::ColumnNames names(m_index.columns);
    rows::Partition partition = rows::readHead(in, names);
    const std::uint64_t rowsBytes = in.unsignedVint();
    std::vector<RowIndexEntry> index = readRowIndex(in);
    if (lengthIn.failed() || in.failed()) {
        return corrupt("a partition is malformed", offset);
    }
    return std::make_unique<SstablePartition>(*this, std::move(partition), headAt + headBytes,
                                              rowsBytes, std::move(index));
}

Result<std::unique_ptr<PartitionSource>> SstableReader::find(const rows::DecoratedKey& key) const {
    if (!m_index.bloom.mayContain(key.key)) {
        return std::unique_ptr<PartitionSource>();
    }
    const auto& entries = m_index.partitions;
    auto at = std::partition_point(entries.begin(), entries.end(),
                                   [&](const auto& entry) { return entry.token < key.token; });
    for (; at != entries.end() && at->token == key.token; ++at) {
        TRY_ASSIGN(auto partition, partitionAt(at->offset));
        if (partition->key() == key) {
            return std::unique_ptr<PartitionSource>(std::move(partition));
        }
    }
    return std::unique_ptr<PartitionSource>();
}

Result<std::unique_ptr<PartitionCursor>> SstableReader::scan(
    const rows::PartitionRange& range) const {
    auto cursor = std::make_unique<SstableCursor>(*this, range);
    TRY(cursor->begin());
    return std::unique_ptr<PartitionCursor>(std::move(cursor));
}

}  // namespace engine::storage
