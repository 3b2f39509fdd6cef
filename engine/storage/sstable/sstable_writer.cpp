#include "engine/storage/sstable/sstable_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/storage/sstable/bloom_filter.h"
#include "engine/storage/sstable/cardinality.h"
#include "engine/storage/sstable/data_output.h"
#include "engine/storage/sstable/index_entry.h"
#include "engine/storage/sstable/statistics.h"
#include "engine/storage/sstable/stats_collector.h"
#include "engine/storage/sstable/summary.h"

namespace engine::storage {

namespace {

constexpr std::size_t kIndexPendingBytes = 256 * 1024;
constexpr std::size_t kKeyBytesMax = 0xffff;

void setPlace(IndexPlace& place, const rows::Row& row) {
    place.kind = kClusteringKind;
    place.prefix = row.clustering;
    place.side = 0;
}

void setPlace(IndexPlace& place, const Marker& marker) {
    place.kind = kindOf(marker);
    place.prefix = marker.prefix;
    place.side = marker.side;
}

}  // namespace

class SstableWriter::Impl {
public:
    Impl(runtime::FileSystem& files, SstableDescriptor descriptor, schema::TablePtr table,
         SstableWriterOptions options)
        : m_files(files),
          m_descriptor(std::move(descriptor)),
          m_table(std::move(table)),
          m_options(std::move(options)),
          m_format(m_options.header),
          m_encoder(m_format),
          m_promoted(m_encoder),
          m_stats(*m_table),
          m_filter(m_options.expectedPartitions, m_table->options.bloomFilterFpChance),
          m_summary(std::max(1, m_table->options.minIndexInterval)) {}

    Result<void> open() {
        for (const Component component : kAllComponents) {
            const std::string path = m_descriptor.temporaryPathOf(component);
            if (m_files.exists(path)) {
                TRY(m_files.remove(path));
            }
        }
        TRY_ASSIGN(m_data, DataOutput::create(m_files, m_descriptor,
                                              CompressionParams::of(m_table->options)));
        TRY_ASSIGN(m_index, m_files.open(m_descriptor.temporaryPathOf(Component::Index),
                                         runtime::OpenMode::CreateNew));
        return ok();
    }

    Result<void> beginPartition(const rows::DecoratedKey& key, const rows::DeletionTime& deletion,
                                const rows::Row& staticRow) {
        if (key.key.size() > kKeyBytesMax) {
            return invalid(fmt::format("a partition key of {} bytes", key.key.size()));
        }
        if (m_partitions > 0 && !(m_last < key)) {
            return makeError(ErrorKind::Server, "partitions are not in ring order");
        }
        m_partitionAt = m_data->position();
        m_last = key;
        if (m_partitions++ == 0) {
            m_first = key;
        }
        m_deletion = deletion;
        m_promoted.clear();
        m_blockAt = 0;
        m_previousAt = 0;
        m_blockIsEmpty = true;
        m_open = {};
        m_stats.beginPartition(deletion);
        m_buffer.clear();
        m_buffer.shortBlob(key.key);
        writePlainDeletion(m_buffer, deletion);
        if (!m_options.header.statics.empty()) {
            TRY(m_encoder.staticRow(m_buffer, staticRow));
            if (!staticRow.isEmpty()) {
                m_stats.addStatic(staticRow, m_encoder.columnsSet());
            }
        } else if (!staticRow.isEmpty()) {
            return makeError(ErrorKind::Server, "a static row in an SSTable without static columns");
        }
        m_headerLength = m_buffer.size();
        return m_data->append(m_buffer.view());
    }

    Result<void> add(const rows::Row& row) {
        const std::uint64_t at = within();
        m_buffer.clear();
        TRY(m_encoder.row(m_buffer, row, at - m_previousAt));
        m_stats.add(row, m_encoder.columnsSet());
        return append(row, at);
    }

    Result<void> add(const Marker& marker) {
        const std::uint64_t at = within();
        m_buffer.clear();
        TRY(m_encoder.marker(m_buffer, marker, at - m_previousAt));
        m_stats.add(marker);
        m_open = marker.after;
        return append(marker, at);
    }

    Result<void> endPartition() {
        if (!m_open.isLive()) {
            return makeError(ErrorKind::Server, "a range deletion is open at the partition's end");
        }
        const char end = static_cast<char>(rowflag::kEndOfPartition);
        TRY(m_data->append(BytesView(&end, 1)));
        if (!m_blockIsEmpty && m_promoted.blocks() > 0) {
            TRY(endBlock());
        }
        m_stats.endPartition(within());
        const BloomFilter::Hashes hashes = murmur3(m_last.key);
        m_filter.add(hashes);
        m_cardinality.add(m_last.key);
        m_summary.consider(m_last, m_indexBytes + m_indexPending.size());
        m_promotedBytes.clear();
        m_promoted.write(m_promotedBytes, m_headerLength, m_deletion);
        m_indexPending.shortBlob(m_last.key);
        m_indexPending.unsignedVint(m_partitionAt);
        m_indexPending.unsignedVint(m_promotedBytes.size());
        m_indexPending.raw(m_promotedBytes.view());
        return m_indexPending.size() >= kIndexPendingBytes ? writeIndex() : ok();
    }

    std::uint64_t bytesWritten() const { return m_data->fileBytes(); }
    std::uint64_t uncompressedBytesWritten() const { return m_data->position(); }
    std::uint64_t partitionsWritten() const { return m_partitions; }

    Result<WrittenSstable> finish() {
        if (m_partitions == 0) {
            return makeError(ErrorKind::Server, "an SSTable without partitions");
        }
        WrittenSstable info;
        info.descriptor = m_descriptor;
        info.partitions = m_partitions;
        info.uncompressedBytes = m_data->position();
        std::vector<Component> written;
        TRY(m_data->finish(written, info.bytesOnDisk));
        const double ratio = m_data->compressionRatio();
        info.dataBytes = m_data->fileBytes();
        TRY(writeIndex());
        TRY(m_index->sync());
        m_index.reset();
        written.push_back(Component::Index);
        info.bytesOnDisk += m_indexBytes;
        if (!m_filter.holdsNothingBack()) {
            ByteWriter filter;
            m_filter.write(filter);
            TRY(writeBeside(Component::Filter, filter.bytes(), written, info));
        }
        m_summary.setEnds(m_first, m_last);
        ByteWriter summary;
        m_summary.write(summary);
        TRY(writeBeside(Component::Summary, summary.bytes(), written, info));
        info.stats = statsAtTheEnd(ratio);
        TRY(writeBeside(Component::Statistics, statistics(info.stats), written, info));
        TRY(complete(written, info));
        info.first = m_first;
        info.last = m_last;
        return info;
    }

    void abandon() {
        if (m_isComplete) {
            return;
        }
        m_isComplete = true;
        m_data.reset();
        m_index.reset();
        (void)removeWhatIsThere();  // Start-up removes what is left.
    }

private:
    /// Some may have their final names already: the temporary TOC.txt, which marks the set as void, goes
    /// last.
    Result<void> removeWhatIsThere() {
        const std::string mark = m_descriptor.temporaryPathOf(Component::Toc);
        if (m_files.exists(m_descriptor.pathOf(Component::Toc))) {
            TRY(m_files.rename(m_descriptor.pathOf(Component::Toc), mark));
        }
        for (const Component component : kAllComponents) {
            for (const std::string& path :
                 {m_descriptor.pathOf(component), m_descriptor.temporaryPathOf(component)}) {
                if (path != mark && m_files.exists(path)) {
                    TRY(m_files.remove(path));
                }
            }
        }
        return m_files.exists(mark) ? m_files.remove(mark) : ok();
    }

    /// From the partition's start.
    std::uint64_t within() const { return m_data->position() - m_partitionAt; }

    template <typename Unfiltered>
    Result<void> append(const Unfiltered& unfiltered, std::uint64_t at) {
        if (m_blockIsEmpty) {
            setPlace(m_block.first, unfiltered);
            m_blockAt = at;
            m_blockIsEmpty = false;
        }
        TRY(m_data->append(m_buffer.view()));
        m_previousAt = at;
        if (within() - m_blockAt >= m_options.columnIndexBytes) {
            setPlace(m_block.last, unfiltered);
            return endBlock();
        }
        if (m_promoted.blocks() > 0) {
            setPlace(m_block.last, unfiltered);  // In case the partition ends here.
        }
        return ok();
    }

    Result<void> endBlock() {
        m_block.offset = m_blockAt;
        m_block.width = within() - m_blockAt;
        m_block.open = m_open;
        m_blockIsEmpty = true;
        return m_promoted.add(m_block);
    }

    Result<void> writeIndex() {
        m_indexBytes += m_indexPending.size();
        TRY(m_index->append(m_indexPending.view()));
        m_indexPending.clear();
        return ok();
    }

    Result<void> writeBeside(Component component, BytesView content,
                             std::vector<Component>& written, WrittenSstable& info) {
        written.push_back(component);
        info.bytesOnDisk += content.size();
        return writeComponent(m_files, m_descriptor, component, content);
    }

    SstableStats statsAtTheEnd(double compressionRatio) {
        SstableStats out = m_stats.finish();
        out.compressionRatio = compressionRatio;
        out.level = m_options.level;
        out.repairedAtMillis = m_options.repairedAtMillis;
        out.pendingRepair = m_options.pendingRepair;
        out.flushedTo = m_options.flushedTo;
        out.originatingHost = m_options.originatingHost;
        return out;
    }

    Bytes statistics(const SstableStats& stats) {
        Statistics all;
        all.partitioner = kPartitioner;
        all.bloomFilterFpChance = m_table->options.bloomFilterFpChance;
        ByteWriter cardinality;
        m_cardinality.write(cardinality);
        all.cardinality = cardinality.take();
        all.stats = stats;
        all.header = m_options.header;
        ByteWriter out;
        writeStatistics(out, all);
        return out.take();
    }

    /// From here on it is there, or, after a crash, a set with a temporary TOC.txt that start-up
    /// removes.
    Result<void> complete(std::vector<Component>& written, WrittenSstable& info) {
        std::string toc;
        for (const Component component : written) {
            toc.append(toString(component)).append("\n");
        }
        toc.append(toString(Component::Toc)).append("\n");
        TRY(writeBeside(Component::Toc, toc, written, info));
        for (const Component component : written) {
            TRY(m_files.rename(m_descriptor.temporaryPathOf(component),
                               m_descriptor.pathOf(component)));
        }
        m_isComplete = true;
        return m_files.syncFolder(m_descriptor.folder);
    }

    runtime::FileSystem& m_files;
    const SstableDescriptor m_descriptor;
    const schema::TablePtr m_table;
    const SstableWriterOptions m_options;
    const RowFormat m_format;
    UnfilteredEncoder m_encoder;
    PromotedIndexWriter m_promoted;
    StatsCollector m_stats;
    BloomFilter m_filter;
    IndexSummary m_summary;
    Cardinality m_cardinality;
    std::unique_ptr<DataOutput> m_data;
    std::unique_ptr<runtime::File> m_index;
    EncodeBuffer m_indexPending;
    std::uint64_t m_indexBytes = 0;  // Handed over.
    EncodeBuffer m_buffer;
    EncodeBuffer m_promotedBytes;

    std::uint64_t m_partitions = 0;
    rows::DecoratedKey m_first;
    rows::DecoratedKey m_last;
    std::uint64_t m_partitionAt = 0;
    rows::DeletionTime m_deletion;
    std::uint64_t m_headerLength = 0;
    std::uint64_t m_previousAt = 0;
    rows::DeletionTime m_open;
    IndexBlock m_block;
    std::uint64_t m_blockAt = 0;
    bool m_blockIsEmpty = true;
    bool m_isComplete = false;
};

SstableWriter::SstableWriter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

SstableWriter::~SstableWriter() {
    m_impl->abandon();
}

Result<std::unique_ptr<SstableWriter>> SstableWriter::create(runtime::FileSystem& files,
                                                             SstableDescriptor descriptor,
                                                             schema::TablePtr table,
                                                             SstableWriterOptions options) {
    std::unique_ptr<SstableWriter> writer(new SstableWriter(std::make_unique<Impl>(
        files, std::move(descriptor), std::move(table), std::move(options))));
    TRY(writer->m_impl->open());
    return writer;
}

Result<void> SstableWriter::beginPartition(const rows::DecoratedKey& key,
                                           const rows::DeletionTime& deletion,
                                           const rows::Row& staticRow) {
    return m_impl->beginPartition(key, deletion, staticRow);
}
Result<void> SstableWriter::add(const rows::Row& row) {
    return m_impl->add(row);
}
Result<void> SstableWriter::add(const Marker& marker) {
    return m_impl->add(marker);
}
Result<void> SstableWriter::endPartition() {
    return m_impl->endPartition();
}
std::uint64_t SstableWriter::bytesWritten() const {
    return m_impl->bytesWritten();
}
std::uint64_t SstableWriter::uncompressedBytesWritten() const {
    return m_impl->uncompressedBytesWritten();
}
std::uint64_t SstableWriter::partitionsWritten() const {
    return m_impl->partitionsWritten();
}
Result<WrittenSstable> SstableWriter::finish() {
    return m_impl->finish();
}
void SstableWriter::abandon() {
    m_impl->abandon();
}

}  // namespace engine::storage
