#include <fmt/format.h>

#include <map>

#include "engine/admin/table_statistics.h"
#include "engine/storage/sstable/sstable_reader.h"

namespace engine::admin {

using coordinator::LatencyHistogram;

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
    const auto readers = parts.view.storage.readers(*table);
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
