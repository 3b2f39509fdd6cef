#include "engine/storage/sstable_writer.h"

#include <algorithm>

#include "engine/base/hash.h"

namespace engine::storage {

namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";

/// Where rows begin: the candidates for a row index.
struct RowStart {
    const rows::Clustering* clustering;
    std::uint64_t offset;
};

/// Every so many bytes an entry, so that a slice reads little more than itself.
void writeRowIndex(ByteWriter& out, const std::vector<RowStart>& starts, std::uint64_t rowsBytes) {
    const std::uint64_t stride = std::max(kRowIndexBytes, rowsBytes / kRowIndexEntriesMax + 1);
    std::vector<const RowStart*> chosen;
    if (rowsBytes > stride) {
        std::uint64_t next = 0;
        for (const RowStart& start : starts) {
            if (start.offset >= next) {
                chosen.push_back(&start);
                next = start.offset + stride;
            }
        }
    }
    out.unsignedVint(chosen.size());
    for (const RowStart* start : chosen) {
        rows::writeClustering(out, *start->clustering);
        out.unsignedVint(start->offset);
    }
}

}  // namespace

Result<std::unique_ptr<SstableWriter>> SstableWriter::create(runtime::FileSystem& files,
                                                             const std::string& path,
                                                             std::uint64_t partitions,
                                                             double bloomFilterChance) {
    const std::string temporary = path + std::string(kTemporarySuffix);
    if (files.exists(temporary)) {
        TRY(files.remove(temporary));
    }
    TRY_ASSIGN(auto file, files.open(temporary, runtime::OpenMode::CreateNew));
    std::unique_ptr<SstableWriter> writer(new SstableWriter(files, path, std::move(file)));
    writer->m_index.bloom = BloomFilter(partitions, bloomFilterChance);
    writer->m_index.partitions.reserve(partitions);
    ByteWriter header;
    header.raw(kSstableMagic);
    header.u32(kSstableVersion);
    TRY(writer->append(header.bytes()));
    return writer;
}

Result<void> SstableWriter::add(const MemtablePartition& partition) {
    rows::Partition head;
    head.key = partition.key();
    head.deletion = partition.deletion();
    head.staticRow = partition.staticRow();
    head.rangeTombstones = partition.rangeTombstones();
    m_head.buffer().clear();
    rows::writeHead(m_head, head, m_columns);
    collectStats(head.staticRow);

    m_rows.buffer().clear();
    std::vector<RowStart> starts;
    const rows::Partition all = partition.copy();
    starts.reserve(all.rows.size());
    for (const rows::Row& row : all.rows) {
        starts.push_back({&row.clustering, m_rows.size()});
        m_row.buffer().clear();
        rows::writeRow(m_row, row, m_columns);
        m_rows.blob(m_row.bytes());
        collectStats(row);
    }
    m_head.unsignedVint(m_rows.size());
    writeRowIndex(m_head, starts, m_rows.size());

    m_index.partitions.push_back({head.key.token, m_dataBytes});
    m_index.bloom.add(head.key.key);
    m_index.stats.rows += starts.size();
    ByteWriter length;
    length.unsignedVint(m_head.size());
    TRY(appendData(length.bytes()));
    TRY(appendData(m_head.bytes()));
    return appendData(m_rows.bytes());
}

void SstableWriter::collectStats(const rows::Row& row) {
    const auto note = [this](std::int64_t timestamp) {
        if (timestamp != rows::kNoTimestamp) {
            m_index.stats.minTimestamp = std::min(m_index.stats.minTimestamp, timestamp);
            m_index.stats.maxTimestamp = std::max(m_index.stats.maxTimestamp, timestamp);
        }
    };
    note(row.liveness.timestamp);
    note(row.deletion.markedForDeleteAt);
    for (const rows::Cell& cell : row.cells) {
        note(cell.timestamp);
    }
}

Result<void> SstableWriter::appendData(BytesView bytes) {
    m_dataBytes += bytes.size();
    while (!bytes.empty()) {
        const std::size_t part = std::min(bytes.size(), kChunkBytes - m_chunk.size());
        m_chunk.append(bytes.substr(0, part));
        bytes.remove_prefix(part);
        if (m_chunk.size() == kChunkBytes) {
            TRY(writeChunk());
        }
    }
    return ok();
}

Result<void> SstableWriter::writeChunk() {
    ByteWriter out(std::move(m_chunk));
    out.u32(crc32(out.bytes()));
    m_chunk = {};
    m_chunk.reserve(kChunkBytes + kChunkChecksumBytes);
    return append(out.bytes());
}

Result<void> SstableWriter::append(BytesView bytes) {
    m_fileBytes += bytes.size();
    return m_file->append(bytes);
}

Result<std::uint64_t> SstableWriter::finish(LogPosition flushedTo) {
    if (!m_chunk.empty()) {
        TRY(writeChunk());
    }
    m_index.columns = m_columns.names();
    m_index.stats.flushedTo = flushedTo;
    ByteWriter index;
    writeIndex(index, m_index);
    ByteWriter footer;
    footer.u64(m_dataBytes);
    footer.u64(m_fileBytes);
    footer.u64(index.size());
    footer.u32(crc32(index.bytes()));
    footer.u32(crc32(footer.bytes()));
    footer.raw(kSstableMagic);
    TRY(append(index.bytes()));
    TRY(append(footer.bytes()));
    TRY(m_file->sync());
    m_file.reset();
    TRY(m_files.rename(m_path + std::string(kTemporarySuffix), m_path));
    TRY(m_files.syncFolder(runtime::parentFolder(m_path)));
    return m_fileBytes;
}

Result<std::uint64_t> writeSstable(runtime::FileSystem& files, const std::string& path,
                                   const Memtable& memtable, LogPosition flushedTo) {
    TRY_ASSIGN(const auto writer,
               SstableWriter::create(files, path, memtable.partitions(),
                                     memtable.table()->options.bloomFilterFpChance));
    const rows::PartitionRange all;
    for (MemtableCursor at(memtable, all); at.key() != nullptr;) {
        TRY(writer->add(at.partition()));
        TRY(at.advance());
    }
    return writer->finish(flushedTo);
}

}  // namespace engine::storage
