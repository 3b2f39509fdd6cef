#include "engine/admin/table_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/admin/nodetool.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "engine/storage/sstable/sstable_reader.h"

namespace engine::admin {

namespace {

using coordinator::LatencyHistogram;

constexpr std::size_t kLevels = 9;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
/// Filter.db's head: how many hashes, how many words.
constexpr std::uint64_t kFilterHead = 8;

/// FBUtilities.prettyPrintMemory.
std::string memoryText(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (bytes >= 1ull << 30) {
        return fmt::format("{:.3f}GiB", value / (1 << 30));
    }
    if (bytes >= 1ull << 20) {
        return fmt::format("{:.3f}MiB", value / (1 << 20));
    }
    return bytes >= 1024 ? fmt::format("{:.3f}KiB", value / 1024) : fmt::format("{}B", bytes);
}

/// The mean that a histogram's hundredths have, in milliseconds.
double meanMillis(const LatencyHistogram& histogram) {
    if (histogram.count() == 0) {
        return kNaN;
    }
    double sum = 0;
    for (int i = 0; i < 100; ++i) {
        sum += histogram.percentileMicros((i + 0.5) / 100);
    }
    return sum / 100 / 1000;
}

const LatencyHistogram& latencyOf(const NodeParts& parts, const schema::Table& table, bool isWrite) {
    static const LatencyHistogram kNothing;
    const coordinator::TableLatencies* found = parts.view.latencies.find(table.id);
    return found == nullptr ? kNothing : isWrite ? found->localWrite : found->localRead;
}

double ratio(double part, double whole, double without) { return whole == 0 ? without : part / whole; }

/// Sums over a table's files.
struct FileSums {
    std::uint64_t largest = 0;
    std::uint64_t data = 0;
    std::uint64_t plain = 0;
    std::uint64_t repaired = 0;
    std::uint64_t smallestPartition = 0;
    std::uint64_t largestPartition = 0;
    std::uint64_t filters = 0;
    std::uint64_t filterFiles = 0;
    std::uint64_t summaries = 0;
    std::uint64_t chunkOffsets = 0;
    double meanPartition = 0;
    double droppable = 0;
    std::vector<std::uint64_t> perLevel = std::vector<std::uint64_t>(kLevels, 0);
    std::vector<std::uint64_t> bytesPerLevel = std::vector<std::uint64_t>(kLevels, 0);

    FileSums(const std::vector<std::shared_ptr<const storage::SstableReader>>& readers, std::int64_t gcBefore) {
        double partitionBytes = 0;
        double partitions = 0;
        double cells = 0;
        for (const auto& reader : readers) {
            largest = std::max(largest, reader->bytesOnDisk());
            data += reader->dataBytes();
            plain += reader->uncompressedBytes();
            repaired += reader->stats().repairedAtMillis > 0 ? reader->uncompressedBytes() : 0;
            const auto memory = reader->memoryUse();
            filters += memory.filter;
            filterFiles += memory.filter > 0 ? memory.filter + kFilterHead : 0;
            summaries += memory.summary;
            chunkOffsets += memory.chunkOffsets;
            const auto& sizes = reader->stats().partitionBytes;
            const auto least = static_cast<std::uint64_t>(sizes.min());
            smallestPartition = smallestPartition == 0 ? least : std::min(smallestPartition, least);
            largestPartition = std::max(largestPartition, static_cast<std::uint64_t>(sizes.max()));
            partitionBytes += static_cast<double>(sizes.mean()) * static_cast<double>(sizes.count());
            partitions += static_cast<double>(sizes.count());
            const auto weight = static_cast<double>(reader->stats().cellsPerPartition.count());
            droppable += reader->droppableTombstoneRatio(gcBefore) * weight;
            cells += weight;
            const auto level = static_cast<std::size_t>(std::clamp(reader->level(), 0, static_cast<int>(kLevels) - 1));
            ++perLevel[level];
            bytesPerLevel[level] += reader->dataBytes();
        }
        meanPartition = ratio(partitionBytes, partitions, 0);
        droppable = ratio(droppable, cells, 0);
    }
};

/// Puts facts into a list, by how they are printed.
class FactList {
public:
    FactList(std::vector<TableFact>& out, bool human) : m_out(out), m_human(human) {}

    template <typename Number>
    void whole(const char* label, const char* key, Number value) {
        m_out.push_back({label, key, fmt::format("{}", value), fmt::format("{}", value), static_cast<double>(value)});
    }
    /// A size: readable if wished, and a text in JSON.
    void size(const char* label, const char* key, std::uint64_t value) {
        const std::string text = m_human ? fileSizeText(static_cast<double>(value)) : std::to_string(value);
        m_out.push_back({label, key, text, quoted(text), static_cast<double>(value)});
    }
    /// A size that is always readable in text, and always a number in JSON.
    void memory(const char* label, const char* key, std::uint64_t value) {
        m_out.push_back({label, key, memoryText(value), std::to_string(value), static_cast<double>(value)});
    }
    /// Five decimals, a text in JSON.
    void share(const char* label, const char* key, double value) {
        const std::string text = fmt::format("{:.5f}", value);
        m_out.push_back({label, key, text, quoted(text), value});
    }
    void millis(const char* label, const char* key, double value) {
        const std::string text = std::isnan(value) ? "NaN" : fmt::format("{:.3f}", value);
        m_out.push_back({label, key, text + " ms", quoted(text), value});
    }
    void decimal(const char* label, const char* key, double value) {
        const std::string text = decimalText(value);
        m_out.push_back({label, key, text, std::isnan(value) ? quoted(text) : text, value});
    }
    /// What only JSON and YAML have, as it is there.
    void hidden(const char* key, std::string json) { m_out.push_back({nullptr, key, "", std::move(json), 0}); }
    void list(const char* label, const char* key, const std::vector<std::string>& values) {
        std::string json;
        for (const std::string& value : values) {
            json += (json.empty() ? " " : ", ") + quoted(value);
        }
        m_out.push_back({label, key, fmt::format("[{}]", fmt::join(values, ", ")), '[' + json + " ]", 0});
    }

private:
    static std::string quoted(const std::string& text) { return '"' + text + '"'; }

    std::vector<TableFact>& m_out;
    const bool m_human;
};

/// A level over its limit has that behind a `/`.
std::vector<std::string> levelTexts(const std::vector<std::uint64_t>& counts, bool withLimits) {
    std::vector<std::string> out;
    std::uint64_t limit = 4;
    for (std::size_t level = 0; level < counts.size(); ++level) {
        limit = level == 1 ? 10 : level > 1 ? limit * 10 : limit;
        out.push_back(withLimits && counts[level] > limit ? fmt::format("{}/{}", counts[level], limit)
                                                          : std::to_string(counts[level]));
    }
    return out;
}

}  // namespace

std::string decimalText(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    std::string out = fmt::format("{}", value);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

const TableFact* TableFacts::find(std::string_view key) const {
    const auto it = std::find_if(facts.begin(), facts.end(), [&](const TableFact& fact) { return fact.key == key; });
    return it == facts.end() ? nullptr : &*it;
}

FactsGatherer::FactsGatherer(const NodeParts& parts, bool human) : m_parts(parts), m_human(human) {
    if (const auto found = parts.view.storage.snapshots()) {
        for (const storage::SnapshotInfo& info : found.value()) {
            m_snapshotBytes[{info.keyspace, info.table}] += info.trueBytes;
        }
    }
}

KeyspaceFacts FactsGatherer::keyspace(const std::string& name, const std::vector<schema::TablePtr>& tables) {
    KeyspaceFacts out;
    out.name = name;
    double readSum = 0;
    double writeSum = 0;
    for (const schema::TablePtr& table : tables) {
        for (const bool isWrite : {false, true}) {
            const LatencyHistogram& latency = latencyOf(m_parts, *table, isWrite);
            const std::uint64_t count = latency.count();
            (isWrite ? out.writes : out.reads) += count;
            (isWrite ? writeSum : readSum) += count == 0 ? 0 : meanMillis(latency) * static_cast<double>(count);
        }
        out.tables.push_back(this->table(*table));
    }
    out.readMillis = ratio(readSum, static_cast<double>(out.reads), kNaN);
    out.writeMillis = ratio(writeSum, static_cast<double>(out.writes), kNaN);
    return out;
}

TableFacts FactsGatherer::table(const schema::Table& table) {
    const storage::StorageEngine& engine = m_parts.view.storage;
    const storage::TableStats stats = engine.stats(table);
    const auto readers = engine.readers(table);
    const FileSums sums(readers, m_parts.view.runtime.clock.wallSeconds() - table.options.gcGraceSeconds);
    const LatencyHistogram& reads = latencyOf(m_parts, table, false);
    const LatencyHistogram& writes = latencyOf(m_parts, table, true);
    const bool isLeveled = table.options.compaction.at("class").ends_with("LeveledCompactionStrategy");
    const auto plain = static_cast<double>(sums.plain);

    TableFacts out;
    out.keyspace = table.keyspace;
    out.name = table.name;
    FactList list(out.facts, m_human);
    list.whole("SSTable count", "sstable_count", readers.size());
    list.whole("Old SSTable count", "old_sstable_count", 0);
    list.memory("Max SSTable size", "max_sstable_size", sums.largest);
    if (isLeveled) {
        list.list("SSTables in each level", "sstables_in_each_level", levelTexts(sums.perLevel, true));
        list.list("SSTable bytes in each level", "sstable_bytes_in_each_level", levelTexts(sums.bytesPerLevel, false));
    } else {
        list.hidden("sstables_in_each_level", "[ ]");
        list.hidden("sstable_bytes_in_each_level", "[ ]");
    }
    list.size("Space used (live)", "space_used_live", stats.sstableBytes);
    list.size("Space used (total)", "space_used_total", stats.sstableBytes);
    list.size("Space used by snapshots (total)", "space_used_by_snapshots_total",
              m_snapshotBytes[{table.keyspace, table.name}]);
    list.size("Off heap memory used (total)", "off_heap_memory_used_total",
              sums.filters + sums.summaries + sums.chunkOffsets);
    const double compression = ratio(static_cast<double>(sums.data), plain, -1);
    out.facts.push_back({"SSTable Compression Ratio", "sstable_compression_ratio", fmt::format("{:.5f}", compression),
                         decimalText(compression), compression});
    list.whole("Number of partitions (estimate)", "number_of_partitions_estimate", stats.partitionsEstimate);
    list.whole("Memtable cell count", "memtable_cell_count", stats.memtableRows);
    list.size("Memtable data size", "memtable_data_size", stats.memtableBytes);
    list.size("Memtable off heap memory used", "memtable_off_heap_memory_used", 0);
    list.whole("Memtable switch count", "memtable_switch_count", stats.flushes);
    list.whole("Speculative retries", "speculative_retries", 0);
    list.whole("Local read count", "local_read_count", reads.count());
    list.millis("Local read latency", "local_read_latency_ms", meanMillis(reads));
    list.whole("Local write count", "local_write_count", writes.count());
    list.millis("Local write latency", "local_write_latency_ms", meanMillis(writes));
    list.share("Local read/write ratio", "local_read_write_ratio",
               ratio(static_cast<double>(reads.count()), static_cast<double>(writes.count()), 0));
    list.whole("Pending flushes", "pending_flushes", 0);
    list.decimal("Percent repaired", "percent_repaired",
                 std::round(1000 * ratio(static_cast<double>(sums.repaired), plain, 1)) / 10);
    list.memory("Bytes repaired", "bytes_repaired", sums.repaired);
    list.memory("Bytes unrepaired", "bytes_unrepaired", sums.plain - sums.repaired);
    list.memory("Bytes pending repair", "bytes_pending_repair", 0);
    list.whole("Bloom filter false positives", "bloom_filter_false_positives", stats.bloomFalse);
    list.share("Bloom filter false ratio", "bloom_filter_false_ratio",
               ratio(static_cast<double>(stats.bloomFalse), static_cast<double>(stats.bloomFalse + stats.bloomTrue), 0));
    list.size("Bloom filter space used", "bloom_filter_space_used", sums.filterFiles);
    list.size("Bloom filter off heap memory used", "bloom_filter_off_heap_memory_used", sums.filters);
    list.size("Index summary off heap memory used", "index_summary_off_heap_memory_used", sums.summaries);
    list.size("Compression metadata off heap memory used", "compression_metadata_off_heap_memory_used",
              sums.chunkOffsets);
    list.whole("Compacted partition minimum bytes", "compacted_partition_minimum_bytes", sums.smallestPartition);
    list.whole("Compacted partition maximum bytes", "compacted_partition_maximum_bytes", sums.largestPartition);
    list.whole("Compacted partition mean bytes", "compacted_partition_mean_bytes",
               static_cast<std::int64_t>(sums.meanPartition));
    list.decimal("Average live cells per slice (last five minutes)", "average_live_cells_per_slice_last_five_minutes",
                 kNaN);
    list.whole("Maximum live cells per slice (last five minutes)", "maximum_live_cells_per_slice_last_five_minutes", 0);
    list.decimal("Average tombstones per slice (last five minutes)", "average_tombstones_per_slice_last_five_minutes",
                 kNaN);
    list.whole("Maximum tombstones per slice (last five minutes)", "maximum_tombstones_per_slice_last_five_minutes", 0);
    list.share("Droppable tombstone ratio", "droppable_tombstone_ratio", sums.droppable);
    // Of storage-attached indexes, which keep none of this here, and of what is only printed on demand.
    for (const char* key : {"twcs", "sai_total_queryable_index_ratio", "sai_disk_used_bytes"}) {
        list.hidden(key, "null");
    }
    for (const char* key : {"sai_post_filtering_read_latency", "sai_local_query_latency_ms"}) {
        list.hidden(key, "\"0.000\"");
    }
    for (const char* key : {"sai_index_segments_hit", "sai_rows_filtered", "sai_sstable_indexes_hit"}) {
        list.hidden(key, "0.0");
    }
    list.hidden("sai_total_query_timeouts", "0");
    list.hidden("top_tombstone_partitions", "{ }");
    list.hidden("top_size_partitions", "{ }");
    return out;
}

}  // namespace engine::admin
