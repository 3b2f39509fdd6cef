#include "engine/admin/table_statistics.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/admin/nodetool.h"
#include "engine/storage/compaction_manager.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "engine/storage/sstable/sstable_reader.h"

namespace engine::admin {

namespace {

using Readers = std::vector<std::shared_ptr<const storage::SstableReader>>;
using coordinator::LatencyHistogram;

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
std::string meanText(const LatencyHistogram& histogram) {
    if (histogram.count() == 0) {
        return "NaN ms";
    }
    double sum = 0;
    for (int i = 0; i < 100; ++i) {
        sum += histogram.percentileMicros((i + 0.5) / 100);
    }
    return fmt::format("{:.3f} ms", sum / 100 / 1000);
}

class Report {
public:
    Report(const NodeParts& parts, bool human, bool location)
        : m_parts(parts), m_human(human), m_location(location) {
        if (const auto found = parts.view.storage.snapshots()) {
            for (const storage::SnapshotInfo& info : found.value()) {
                m_snapshotBytes[{info.keyspace, info.table}] += info.trueBytes;
            }
        }
    }

    void keyspace(const std::string& name, const std::vector<schema::TablePtr>& tables) {
        std::uint64_t reads = 0;
        std::uint64_t writes = 0;
        double readSum = 0;
        double writeSum = 0;
        for (const schema::TablePtr& table : tables) {
            const auto [read, readMillis] = sumOf(latency(*table, false));
            const auto [write, writeMillis] = sumOf(latency(*table, true));
            reads += read;
            writes += write;
            readSum += readMillis;
            writeSum += writeMillis;
        }
        const auto mean = [](std::uint64_t count, double sum) {
            return count == 0 ? std::string("NaN") : fmt::format("{}", sum / static_cast<double>(count));
        };
        m_out += fmt::format(
            "----------------\nKeyspace: {}\n\tRead Count: {}\n\tRead Latency: {} ms\n\tWrite Count: {}\n"
            "\tWrite Latency: {} ms\n\tPending Flushes: 0\n",
            name, reads, mean(reads, readSum), writes, mean(writes, writeSum));
        for (const schema::TablePtr& table : tables) {
            this->table(*table);
        }
    }
    std::string text() { return std::move(m_out) + "----------------\n"; }

private:
    const LatencyHistogram& latency(const schema::Table& table, bool isWrite) const {
        static const LatencyHistogram kNothing;
        const coordinator::TableLatencies* found = m_parts.view.latencies.find(table.id);
        return found == nullptr ? kNothing : isWrite ? found->localWrite : found->localRead;
    }
    static std::pair<std::uint64_t, double> sumOf(const LatencyHistogram& histogram) {
        double sum = 0;
        for (int i = 0; i < 100; ++i) {
            sum += histogram.percentileMicros((i + 0.5) / 100);
        }
        return {histogram.count(), sum / 100 / 1000 * static_cast<double>(histogram.count())};
    }
    std::string bytes(std::uint64_t value) const {
        return m_human ? fileSizeText(static_cast<double>(value)) : std::to_string(value);
    }
    template <typename Value>
    void line(std::string_view name, const Value& value) {
        m_out += fmt::format("\t\t{}: {}\n", name, value);
    }

    void table(const schema::Table& table) {
        const storage::StorageEngine& engine = m_parts.view.storage;
        const storage::TableStats stats = engine.stats(table);
        const Readers readers = engine.readers(table);
        std::uint64_t largest = 0;
        std::uint64_t data = 0;
        std::uint64_t plain = 0;
        std::uint64_t repaired = 0;
        std::uint64_t smallestPartition = 0;
        std::uint64_t largestPartition = 0;
        double partitionSum = 0;
        std::uint64_t partitionCount = 0;
        double droppable = 0;
        double cells = 0;
        const std::int64_t gcBefore =
            m_parts.view.runtime.clock.wallSeconds() - table.options.gcGraceSeconds;
        std::vector<std::uint64_t> perLevel(9, 0);
        std::vector<std::uint64_t> bytesPerLevel(9, 0);
        for (const auto& reader : readers) {
            largest = std::max(largest, reader->bytesOnDisk());
            data += reader->dataBytes();
            plain += reader->uncompressedBytes();
            repaired += reader->stats().repairedAtMillis > 0 ? reader->uncompressedBytes() : 0;
            const auto& sizes = reader->stats().partitionBytes;
            const auto least = static_cast<std::uint64_t>(sizes.min());
            smallestPartition = smallestPartition == 0 ? least : std::min(smallestPartition, least);
            largestPartition = std::max(largestPartition, static_cast<std::uint64_t>(sizes.max()));
            partitionSum += static_cast<double>(sizes.mean()) * static_cast<double>(sizes.count());
            partitionCount += sizes.count();
            const auto weight = static_cast<double>(reader->stats().cellsPerPartition.count());
            droppable += reader->droppableTombstoneRatio(gcBefore) * weight;
            cells += weight;
            const auto level = static_cast<std::size_t>(std::clamp(reader->level(), 0, 8));
            ++perLevel[level];
            bytesPerLevel[level] += reader->dataBytes();
        }
        m_out += fmt::format("\t\tTable: {}\n", table.name);
        line("SSTable count", readers.size());
        line("Old SSTable count", 0);
        line("Max SSTable size", memoryText(largest));
        if (table.options.compaction.at("class").ends_with("LeveledCompactionStrategy")) {
            line("SSTables in each level", fmt::format("[{}]", fmt::join(perLevel, ", ")));
            line("SSTable bytes in each level", fmt::format("[{}]", fmt::join(bytesPerLevel, ", ")));
        }
        line("Space used (live)", bytes(stats.sstableBytes));
        line("Space used (total)", bytes(stats.sstableBytes));
        line("Space used by snapshots (total)", bytes(m_snapshotBytes[{table.keyspace, table.name}]));
        line("Off heap memory used (total)", 0);
        line("SSTable Compression Ratio",
             fmt::format("{:.5f}", plain == 0 ? -1 : static_cast<double>(data) / static_cast<double>(plain)));
        line("Number of partitions (estimate)", stats.partitionsEstimate);
        line("Memtable cell count", stats.memtableRows);
        line("Memtable data size", bytes(stats.memtableBytes));
        line("Memtable off heap memory used", 0);
        line("Memtable switch count", 0);
        line("Speculative retries", 0);
        const LatencyHistogram& reads = latency(table, false);
        const LatencyHistogram& writes = latency(table, true);
        line("Local read count", reads.count());
        line("Local read latency", meanText(reads));
        line("Local write count", writes.count());
        line("Local write latency", meanText(writes));
        line("Local read/write ratio",
             fmt::format("{:.5f}", writes.count() == 0 ? 0
                                                       : static_cast<double>(reads.count()) /
                                                             static_cast<double>(writes.count())));
        line("Pending flushes", 0);
        line("Percent repaired",
             fmt::format("{:.1f}", plain == 0 ? 100
                                              : 100 * static_cast<double>(repaired) / static_cast<double>(plain)));
        line("Bytes repaired", memoryText(repaired));
        line("Bytes unrepaired", memoryText(plain - repaired));
        line("Bytes pending repair", "0B");
        line("Bloom filter false positives", stats.bloomFalse);
        const std::uint64_t maybe = stats.bloomFalse + stats.bloomTrue;
        line("Bloom filter false ratio",
             fmt::format("{:.5f}",
                         maybe == 0 ? 0 : static_cast<double>(stats.bloomFalse) / static_cast<double>(maybe)));
        line("Bloom filter space used", 0);
        line("Bloom filter off heap memory used", 0);
        line("Index summary off heap memory used", 0);
        line("Compression metadata off heap memory used", 0);
        line("Compacted partition minimum bytes", smallestPartition);
        line("Compacted partition maximum bytes", largestPartition);
        line("Compacted partition mean bytes",
             partitionCount == 0
                 ? 0
                 : static_cast<std::int64_t>(partitionSum / static_cast<double>(partitionCount)));
        line("Average live cells per slice (last five minutes)", "NaN");
        line("Maximum live cells per slice (last five minutes)", 0);
        line("Average tombstones per slice (last five minutes)", "NaN");
        line("Maximum tombstones per slice (last five minutes)", 0);
        line("Droppable tombstone ratio", fmt::format("{:.5f}", cells > 0 ? droppable / cells : 0));
        if (m_location) {
            for (const auto& reader : readers) {
                line("SSTable location", reader->path());
            }
        }
        m_out += '\n';
    }

    const NodeParts& m_parts;
    const bool m_human;
    const bool m_location;
    std::map<std::pair<std::string, std::string>, std::uint64_t> m_snapshotBytes;
    std::string m_out;
};

bool takeFlag(std::vector<std::string>& words, std::string_view brief, std::string_view full) {
    return std::erase_if(words, [&](const std::string& w) { return w == brief || w == full; }) > 0;
}

}  // namespace

NodetoolAnswer tableStatistics(const NodeParts& parts, std::vector<std::string> words) {
    const bool human = takeFlag(words, "-H", "--human-readable");
    const bool location = takeFlag(words, "-l", "--sstable-location-check");
    const bool others = takeFlag(words, "-i", "-i");
    const auto unsupported = std::find_if(words.begin(), words.end(),
                                          [](const std::string& word) { return word.starts_with('-'); });
    if (unsupported != words.end()) {
        return wrongUsage(fmt::format("Found unexpected parameters: [{}]", *unsupported));
    }
    const schema::SchemaPtr schema = parts.view.schema.current();
    for (const std::string& word : words) {
        const std::size_t dot = word.find('.');
        const std::string keyspace = word.substr(0, dot);
        if (schema->findKeyspace(keyspace) == nullptr) {
            return wrongUsage("Unknown keyspace: " + keyspace);
        }
        if (dot != std::string::npos && schema->findTable(keyspace, word.substr(dot + 1)) == nullptr) {
            return wrongUsage(fmt::format("Unknown tables: [{}] in keyspace: {}", word.substr(dot + 1), keyspace));
        }
    }
    std::map<std::string, std::vector<schema::TablePtr>> chosen;
    std::size_t total = 0;
    for (const auto& [name, keyspace] : schema->keyspaces()) {
        for (const auto& [tableName, table] : keyspace->tables) {
            const bool isNamed = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
                return word == name || word == name + '.' + tableName;
            });
            if (!table->isVirtual && (words.empty() || isNamed != others)) {
                chosen[name].push_back(table);
                ++total;
            }
        }
    }
    Report report(parts, human, location);
    for (const auto& [name, tables] : chosen) {
        report.keyspace(name, tables);
    }
    return {fmt::format("Total number of tables: {}\n", total) + report.text(), "", 0};
}

NodetoolAnswer tableHistogramsOf(const NodeParts& parts, const std::vector<std::string>& words) {
    std::string keyspace = words.empty() ? std::string() : words[0];
    std::string name = words.size() > 1 ? words[1] : std::string();
    if (words.size() == 1 && keyspace.find('.') != std::string::npos) {
        name = keyspace.substr(keyspace.find('.') + 1);
        keyspace.resize(keyspace.find('.'));
    }
    if (keyspace.empty() || name.empty()) {
        return wrongUsage("tablehistograms requires keyspace and table name arguments");
    }
    const schema::TablePtr table = parts.view.schema.current()->findTable(keyspace, name);
    if (table == nullptr) {
        return wrongUsage(fmt::format("Unknown table {}.{}", keyspace, name));
    }
    static const LatencyHistogram kNothing;
    const coordinator::TableLatencies* measured = parts.view.latencies.find(table->id);
    const LatencyHistogram& reads = measured != nullptr ? measured->localRead : kNothing;
    const LatencyHistogram& writes = measured != nullptr ? measured->localWrite : kNothing;
    const Readers readers = parts.view.storage.readers(*table);
    const std::vector<std::uint64_t> perRead = parts.view.storage.stats(*table).sstablesPerRead;
    std::uint64_t allReads = 0;
    for (const std::uint64_t count : perRead) {
        allReads += count;
    }
    const auto sstables = [&](double part) {
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < perRead.size(); ++i) {
            seen += perRead[i];
            if (static_cast<double>(seen) >= part * static_cast<double>(allReads) && seen > 0) {
                return static_cast<double>(i);
            }
        }
        return 0.0;
    };
    // Of all files' histograms as one: of each, as many values as it has.
    const auto ofFiles = [&](storage::EstimatedHistogram storage::SstableStats::*which, double part) {
        std::map<std::int64_t, std::int64_t> counts;
        std::int64_t total = 0;
        for (const auto& reader : readers) {
            const storage::EstimatedHistogram& histogram = reader->stats().*which;
            for (std::size_t i = 0; i < histogram.buckets().size(); ++i) {
                const std::int64_t bound = i < histogram.offsets().size() ? histogram.offsets()[i]
                                                                          : histogram.offsets().back();
                if (histogram.buckets()[i] > 0) {
                    counts[bound] += histogram.buckets()[i];
                    total += histogram.buckets()[i];
                }
            }
        }
        std::int64_t seen = 0;
        for (const auto& [bound, count] : counts) {
            seen += count;
            if (static_cast<double>(seen) >= part * static_cast<double>(total)) {
                return std::to_string(bound);
            }
        }
        return std::string("NaN");
    };
    std::string out = readers.empty() ? "No SSTables exists, unable to calculate 'Partition Size' and 'Cell Count' "
                                        "percentiles\n"
                                      : "";
    out += fmt::format("{}/{} histograms\n", keyspace, name);
    out += fmt::format("{:<10}{:>18}{:>18}{:>18}{:>18}{:>18}\n", "Percentile", "Read Latency", "Write Latency",
                       "SSTables", "Partition Size", "Cell Count");
    out += fmt::format("{:<10}{:>18}{:>18}{:>18}{:>18}{:>18}\n", "", "(micros)", "(micros)", "", "(bytes)", "");
    static constexpr std::pair<const char*, double> kRows[] = {{"50%", 0.5},  {"75%", 0.75}, {"95%", 0.95},
                                                               {"98%", 0.98}, {"99%", 0.99}, {"Min", 0.0},
                                                               {"Max", 1.0}};
    for (const auto& [label, part] : kRows) {
        out += fmt::format("{:<10}{:>18.2f}{:>18.2f}{:>18.2f}{:>18}{:>18}\n", label, reads.percentileMicros(part),
                           writes.percentileMicros(part), sstables(part),
                           ofFiles(&storage::SstableStats::partitionBytes, part),
                           ofFiles(&storage::SstableStats::cellsPerPartition, part));
    }
    return {out + '\n', "", 0};
}

}  // namespace engine::admin
