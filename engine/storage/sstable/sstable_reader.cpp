#include "engine/storage/sstable/sstable_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/storage/sstable/bloom_filter.h"
#include "engine/storage/sstable/data_file.h"
#include "engine/storage/sstable/index_file.h"
#include "engine/storage/sstable/sstable_partition.h"
#include "engine/storage/sstable/sstable_scan.h"
#include "engine/storage/sstable/statistics.h"
#include "engine/storage/sstable/summary.h"

namespace engine::storage {

namespace {

/// An interval of Index.db up to this size is cached as it is in the file.
constexpr std::uint64_t kRawIntervalMax = 16 * 1024;
constexpr std::size_t kFilterSamples = 256;

/// Whether the file's columns of a kind are among those the table has, or had.
Result<void> checkColumns(const schema::Table& table,
                          const std::vector<SerializationHeader::Column>& columns, bool isStatic,
                          const std::string& path) {
    for (const auto& column : columns) {
        const auto fits = [&](const schema::Column& known) {
            return known.name == column.name &&
                   (known.kind == schema::ColumnKind::Static) == isStatic &&
                   known.type->isMultiCell() == column.isComplex();
        };
        const schema::Column* known = table.find(column.name);
        const bool isKnown =
            (known != nullptr && fits(*known)) ||
            std::any_of(table.dropped.begin(), table.dropped.end(),
                        [&](const auto& dropped) { return fits(dropped.column); });
        if (!isKnown) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("SSTable {}: table {} has no {}column {} of that kind", path,
                                         table.qualifiedName(), isStatic ? "static " : "",
                                         column.name));
        }
    }
    return ok();
}

/// `caching = {'keys': 'NONE'}` keeps a table out of the key cache.
bool cachesKeys(const schema::Table& table) {
    const auto keys = table.options.caching.find("keys");
    return keys == table.options.caching.end() || keys->second != "NONE";
}

Result<void> checkHeader(const schema::Table& table, const SerializationHeader& header,
                         const std::string& path) {
    const auto clustering = table.clustering();
    bool fits = clustering.size() == header.clustering.size() &&
                table.partitionKey().size() == header.keyTypes.size();
    for (std::size_t i = 0; fits && i < clustering.size(); ++i) {
        fits = clustering[i].descending == header.clustering[i].descending &&
               clustering[i].type->fixedLength() == header.clustering[i].type->fixedLength();
    }
    if (!fits) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: its primary key is not that of table {}", path,
                                     table.qualifiedName()));
    }
    TRY(checkColumns(table, header.statics, true, path));
    return checkColumns(table, header.regulars, false, path);
}

}  // namespace

class SstableReader::Impl {
public:
    Impl(runtime::FileSystem& files, SstableDescriptor descriptor, schema::TablePtr table,
         SstableCache& cache, Statistics statistics)
        : m_files(files),
          m_descriptor(std::move(descriptor)),
          m_table(std::move(table)),
          m_cache(cache),
          m_dataId(cache.newFileId()),
          m_indexId(cache.newFileId()),
          m_rawIndexId(cache.newFileId()),
          m_statistics(std::move(statistics)),
          m_format(m_statistics.header),
          m_summary(1),
          m_cachesKeys(cachesKeys(*m_table)) {}

    Result<void> load() {
        TRY(checkHeader(*m_table, m_statistics.header, pathOf(Component::Statistics)));
        TRY(findComponents());
        TRY_ASSIGN(m_layout,
                   DataLayout::load(m_files, m_descriptor, m_table->options.crcCheckChance));
        TRY_ASSIGN(m_handle, openHandle());
        TRY(loadSummaryAndFilter());
        return ok();
    }

    Result<ReadHandle> openHandle() const {
        ReadHandle out;
        TRY_ASSIGN(out.data, DataFile::open(m_files, m_layout));
        TRY_ASSIGN(out.index, IndexFile::open(m_files, pathOf(Component::Index),
                                              m_layout->uncompressedBytes));
        return out;
    }

    PartitionContext contextOf(const ReadHandle& handle, bool isBulk, SstableTrace* trace = nullptr) const {
        return {m_table.get(),      &m_format,
                handle.data.get(),  handle.index.get(),
                isBulk ? nullptr : &m_cache.chunks(), m_dataId, trace};
    }

    Result<std::shared_ptr<const CachedPiece>> interval(const ReadHandle& handle,
                                                        std::size_t number, bool isBulk) const {
        if (isBulk) {
            return handle.index->interval(m_summary, number);
        }
        if (auto cached = m_cache.chunks().find(m_indexId, number)) {
            return cached;
        }
        TRY_ASSIGN(auto loaded, handle.index->interval(m_summary, number));
        m_cache.chunks().add(m_indexId, number, loaded);
        return loaded;
    }

    /// An interval is checked once, and then looked at as it lies in the file, unless promoted
    /// indexes make it large.
    Result<bool> locate(const rows::DecoratedKey& key, IndexSlot& slot, SstableTrace* trace) const {
        const std::size_t number = m_summary.entryFor(key.token, key.key);
        std::uint64_t* passed = nullptr;
        if (trace != nullptr) {
            passed = &beginInterval(*trace, number).passed;
        }
        if (m_handle.index->intervalBytes(m_summary, number) > kRawIntervalMax) {
            TRY_ASSIGN(const auto piece, interval(m_handle, number, false));
            const auto found = std::partition_point(
                piece->entries.begin(), piece->entries.end(), [&](const IndexSlot& at) {
                    return at.token != key.token ? at.token < key.token : piece->key(at) < key.key;
                });
            if (passed != nullptr) {
                *passed = static_cast<std::uint64_t>(found - piece->entries.begin());
            }
            const bool isThere =
                found != piece->entries.end() && piece->key(*found) == BytesView(key.key);
            slot = isThere ? *found : slot;
            return isThere;
        }
        auto raw = m_cache.chunks().find(m_rawIndexId, number);
        if (raw == nullptr) {
            m_checkedIntervals.resize(m_summary.size());
            if (!m_checkedIntervals[number]) {
                TRY(m_handle.index->interval(m_summary, number));
                m_checkedIntervals[number] = true;
            }
            TRY_ASSIGN(raw, m_handle.index->rawInterval(m_summary, number));
            m_cache.chunks().add(m_rawIndexId, number, raw);
        }
        return m_handle.index->findIn(*raw, m_summary.indexPosition(number), key, slot, passed);
    }

    /// Which interval is looked into, and whether a cache has it, before either happens.
    IntervalTrace& beginInterval(SstableTrace& trace, std::size_t number) const {
        IntervalTrace& out = trace.interval.emplace();
        out.summaryEntry = number;
        out.summaryEntries = m_summary.size();
        out.offset = m_summary.indexPosition(number);
        out.bytes = m_handle.index->intervalBytes(m_summary, number);
        out.isCached = m_cache.chunks().has(out.bytes > kRawIntervalMax ? m_indexId : m_rawIndexId, number);
        return out;
    }

    /// What is not in an interval could be in the next one if the summary were wrong about where that
    /// begins, which shows when it is read.
    Result<void> checkBehind(std::size_t number) const {
        m_checkedIntervals.resize(m_summary.size());
        if (number + 1 < m_summary.size() && !m_checkedIntervals[number + 1]) {
            TRY(m_handle.index->interval(m_summary, number + 1));
            m_checkedIntervals[number + 1] = true;
        }
        return ok();
    }

    Result<std::unique_ptr<UnfilteredPartition>> find(const rows::DecoratedKey& key, SstableTrace* trace) const {
        using Outcome = SstableTrace::Outcome;
        const auto ends = [trace](Outcome outcome) {
            if (trace != nullptr) {
                trace->outcome = outcome;
            }
            return std::unique_ptr<UnfilteredPartition>();
        };
        if (key < m_summary.first() || m_summary.last() < key) {
            return ends(Outcome::OutOfRange);
        }
        if (!m_filter.mayContain(murmur3(key.key))) {
            ++m_bloom.negatives;
            return ends(Outcome::BloomNo);
        }
        IndexSlot slot;
        TRY_ASSIGN(const bool isThere, locate(key, slot, trace));
        if (!isThere) {
            TRY(checkBehind(m_summary.entryFor(key.token, key.key)));
            ++m_bloom.falsePositives;
            return ends(Outcome::BloomFalse);
        }
        ++m_bloom.positives;
        if (trace != nullptr) {
            trace->outcome = Outcome::Found;
            trace->entryOffset = slot.entryAt;
            trace->dataOffset = slot.dataPosition;
        }
        TRY_ASSIGN(auto entry, promoted(slot, key, trace));
        DataWindow window(*m_handle.data, &m_cache.chunks(), m_dataId, trace);
        TRY_ASSIGN(auto found, SstablePartition::read(contextOf(m_handle, false, trace), key, slot,
                                                      std::move(entry), window, false));
        return std::unique_ptr<UnfilteredPartition>(std::move(found));
    }

    const IndexSummary& summary() const { return m_summary; }
    const BloomFilter& filter() const { return m_filter; }
    const ReadHandle& handle() const { return m_handle; }

    std::string pathOf(Component component) const { return m_descriptor.pathOf(component); }

    runtime::FileSystem& m_files;
    const SstableDescriptor m_descriptor;
    const schema::TablePtr m_table;
    SstableCache& m_cache;
    const std::uint64_t m_dataId;
    const std::uint64_t m_indexId;
    const std::uint64_t m_rawIndexId;
    const Statistics m_statistics;
    const RowFormat m_format;
    std::vector<Component> m_components;
    std::uint64_t m_bytesOnDisk = 0;
    std::shared_ptr<const DataLayout> m_layout;
    ReadHandle m_handle;  // Of reads through the caches.
    IndexSummary m_summary;
    BloomFilter m_filter;
    mutable bool m_cachesKeys;
    mutable BloomCounters m_bloom;
    mutable std::vector<bool> m_checkedIntervals;

private:
    Result<void> findComponents() {
        for (const Component component : kAllComponents) {
            const std::string path = pathOf(component);
            if (!m_files.exists(path)) {
                continue;
            }
            m_components.push_back(component);
            TRY_ASSIGN(const auto file, m_files.open(path, runtime::OpenMode::Read));
            TRY_ASSIGN(const std::uint64_t bytes, file->size());
            m_bytesOnDisk += bytes;
        }
        return ok();
    }

    bool has(Component component) const {
        return std::find(m_components.begin(), m_components.end(), component) !=
               m_components.end();
    }

    /// False when the file is not there or does not hold together.
    Result<bool> loadSummary() {
        if (!has(Component::Summary)) {
            return false;
        }
        const std::string path = pathOf(Component::Summary);
        TRY_ASSIGN(const Bytes bytes, runtime::readFile(m_files, path));
        auto summary = IndexSummary::read(bytes, path);
        if (!summary) {
            return false;
        }
        m_summary = std::move(summary.value());
        // Its last key decides which keys are not here at all: see that the index agrees.
        return m_handle.index->interval(m_summary, m_summary.size() - 1).has_value();
    }

    Result<bool> loadFilter() {
        if (!has(Component::Filter)) {
            return m_table->options.bloomFilterFpChance >= 1.0;
        }
        TRY_ASSIGN(const Bytes bytes, runtime::readFile(m_files, pathOf(Component::Filter)));
        ByteReader in(bytes);
        m_filter = BloomFilter::read(in);
        return !in.failed() && admitsSampledKeys();
    }

    /// Nothing in the format protects the filter; one that denies keys of the summary is made anew.
    bool admitsSampledKeys() const {
        const std::size_t step = m_summary.size() / kFilterSamples + 1;
        for (std::size_t i = 0; i < m_summary.size(); i += step) {
            if (!m_filter.mayContain(murmur3(m_summary.key(i)))) {
                return false;
            }
        }
        return true;
    }

    /// Both can be made from Index.db again, as Cassandra does.
    Result<void> loadSummaryAndFilter() {
        TRY_ASSIGN(const bool hasSummary, loadSummary());
        TRY_ASSIGN(const bool hasFilter, loadFilter());
        if (hasSummary && hasFilter) {
            return ok();
        }
        IndexSummary summary(std::max(1, m_table->options.minIndexInterval));
        std::vector<BloomFilter::Hashes> hashes;
        rows::DecoratedKey first;
        rows::DecoratedKey last;
        TRY(m_handle.index->walk([&](const rows::DecoratedKey& key, const IndexSlot& slot) {
            if (hashes.empty()) {
                first = key;
            }
            last = key;
            summary.consider(key, slot.entryAt);
            hashes.push_back(murmur3(key.key));
            return true;
        }));
        // Statistics.db has counted them: an index that was cut off is noticed.
        const std::uint64_t counted = m_statistics.stats.partitionBytes.count();
        if (hashes.empty() || (counted > 0 && hashes.size() != counted)) {
            return makeError(ErrorKind::Corrupt,
                             fmt::format("SSTable {}: {} entries for {} partitions at offset {}",
                                         pathOf(Component::Index), hashes.size(), counted,
                                         m_handle.index->fileBytes()));
        }
        if (!hasSummary) {
            summary.setEnds(std::move(first), std::move(last));
            m_summary = std::move(summary);
        }
        if (!hasFilter) {
            m_filter = BloomFilter(hashes.size(), m_table->options.bloomFilterFpChance);
            for (const auto& hash : hashes) {
                m_filter.add(hash);
            }
        }
        return ok();
    }

    Result<std::shared_ptr<const IndexEntry>> promoted(const IndexSlot& slot,
                                                       const rows::DecoratedKey& key, SstableTrace* trace) const {
        std::shared_ptr<const IndexEntry> none;
        if (slot.promotedBytes == 0) {
            return none;
        }
        const auto note = [&](const IndexEntry& entry, bool isCached) {
            if (trace != nullptr) {
                trace->promoted = PromotedTrace{slot.promotedBytes, entry.blocks, isCached, {}};
            }
        };
        if (m_cachesKeys) {
            if (auto cached = m_cache.keys().find(m_indexId, key.key)) {
                note(*cached, true);
                return cached;
            }
        }
        TRY_ASSIGN(IndexEntry entry, m_handle.index->entry(slot));
        auto out = std::make_shared<const IndexEntry>(std::move(entry));
        note(*out, false);
        if (m_cachesKeys) {
            m_cache.keys().add(m_indexId, key.key, out);
        }
        return out;
    }
};

SstableReader::SstableReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
SstableReader::~SstableReader() = default;

Result<std::shared_ptr<const SstableReader>> SstableReader::open(
    runtime::FileSystem& files, const SstableDescriptor& descriptor, schema::TablePtr table,
    SstableCache& cache) {
    const std::string path = descriptor.pathOf(Component::Statistics);
    TRY_ASSIGN(const Bytes bytes, runtime::readFile(files, path));
    TRY_ASSIGN(Statistics statistics, readStatistics(bytes, path));
    if (statistics.partitioner != kPartitioner) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: it was written for the partitioner {}", path,
                                     statistics.partitioner));
    }
    std::shared_ptr<SstableReader> reader(new SstableReader(std::make_unique<Impl>(
        files, descriptor, std::move(table), cache, std::move(statistics))));
    TRY(reader->m_impl->load());
    return std::shared_ptr<const SstableReader>(std::move(reader));
}

void SstableReader::follow(const schema::Table& table) const {
    m_impl->m_layout->crcCheckChance = table.options.crcCheckChance;
    m_impl->m_cachesKeys = cachesKeys(table);
}

Result<std::unique_ptr<UnfilteredPartition>> SstableReader::find(
    const rows::DecoratedKey& key, SstableTrace* trace) const {
    return m_impl->find(key, trace);
}

Result<std::unique_ptr<PartitionScan>> SstableReader::scan(const rows::PartitionRange& range,
                                                           ScanOptions options) const {
    auto out = std::make_unique<SstableScan>(range);
    const Impl& impl = *m_impl;
    const bool isBulk = options.bulk;
    if (isBulk) {
        TRY_ASSIGN(out->own, impl.openHandle());
    }
    const ReadHandle& handle = isBulk ? out->own : impl.handle();
    TRY(out->begin(
        impl.contextOf(handle, isBulk),
        [&impl, &handle](std::size_t number) {
            // Met once: not for the cache.
            return impl.interval(handle, number, true);
        },
        impl.summary()));
    return std::unique_ptr<PartitionScan>(std::move(out));
}

bool SstableReader::mayContain(const rows::DecoratedKey& key) const {
    return !(key < first()) && !(last() < key) && m_impl->filter().mayContain(murmur3(key.key));
}

bool SstableReader::mayHaveRowsIn(const std::vector<rows::Slice>& slices) const {
    const rows::Position smallest{&stats().minClustering, -1};
    const rows::Position largest{&stats().maxClustering, 1};
    const schema::Table& table = *m_impl->m_table;
    return std::any_of(slices.begin(), slices.end(), [&](const rows::Slice& slice) {
        return rows::comparePositions(table, rows::startOf(slice), largest) <= 0 &&
               rows::comparePositions(table, rows::endOf(slice), smallest) >= 0;
    });
}

const SstableDescriptor& SstableReader::descriptor() const {
    return m_impl->m_descriptor;
}
std::uint64_t SstableReader::generation() const {
    return m_impl->m_descriptor.generation();
}
std::string SstableReader::path() const {
    return m_impl->pathOf(Component::Data);
}
const SstableStats& SstableReader::stats() const {
    return m_impl->m_statistics.stats;
}
const Statistics& SstableReader::statistics() const {
    return m_impl->m_statistics;
}
const SerializationHeader& SstableReader::header() const {
    return m_impl->m_statistics.header;
}
const rows::DecoratedKey& SstableReader::first() const {
    return m_impl->summary().first();
}
const rows::DecoratedKey& SstableReader::last() const {
    return m_impl->summary().last();
}
std::uint64_t SstableReader::estimatedPartitions() const {
    const std::uint64_t counted = stats().partitionBytes.count();
    return counted > 0 ? counted
                       : m_impl->summary().size() *
                             static_cast<std::uint64_t>(m_impl->summary().effectiveInterval());
}
std::uint64_t SstableReader::estimatedPartitionsIn(std::int64_t left, std::int64_t right) const {
    const IndexSummary& summary = m_impl->summary();
    if (summary.last().token <= left || summary.first().token > right) {
        return 0;
    }
    const std::uint64_t sampled = summary.entriesIn(left, right) * static_cast<std::uint64_t>(summary.effectiveInterval());
    return std::min(std::max<std::uint64_t>(1, sampled), estimatedPartitions());
}
std::uint64_t SstableReader::dataBytes() const {
    return m_impl->m_layout->fileBytes;
}
std::uint64_t SstableReader::uncompressedBytes() const {
    return m_impl->m_layout->uncompressedBytes;
}
std::uint64_t SstableReader::bytesOnDisk() const {
    return m_impl->m_bytesOnDisk;
}
const std::vector<Component>& SstableReader::components() const {
    return m_impl->m_components;
}
SstableReader::MemoryUse SstableReader::memoryUse() const {
    return {m_impl->filter().memoryBytes(), m_impl->summary().memoryBytes(),
            m_impl->m_layout->compression.offsets.size() * sizeof(std::uint64_t)};
}
const SstableReader::BloomCounters& SstableReader::bloomCounters() const {
    return m_impl->m_bloom;
}

}  // namespace engine::storage
