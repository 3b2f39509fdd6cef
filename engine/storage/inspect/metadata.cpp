#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "engine/storage/inspect/data_walk.h"
#include "engine/storage/inspect/key_text.h"
#include "engine/storage/sstable/summary.h"
#include "engine/types/literals.h"
#include "engine/types/type_names.h"

namespace engine::storage::inspect {

namespace {

constexpr int kBarWidth = 30;
constexpr std::size_t kTermOffsets = 165;

/// `11/26/2026 08:14:00`
std::string dateText(std::int64_t micros) {
    const std::string iso = instantText(micros);  // yyyy-mm-ddThh:mm:ss
    return fmt::format("{}/{}/{} {}", iso.substr(5, 2), iso.substr(8, 2), iso.substr(0, 4),
                       iso.substr(11, 8));
}

std::string microsText(std::int64_t micros) {
    return fmt::format("{} ({})", dateText(micros), micros);
}

std::string deletionText(std::int32_t seconds) {
    return seconds == SstableStats::kNoDeletionTime
               ? "no tombstones (9223372036854775807)"
               : fmt::format("{} ({})", dateText(microsOfSeconds(seconds)), seconds);
}

/// `1000 (16 minutes 40 seconds)`
std::string spanText(std::int64_t seconds) {
    std::string words;
    const std::pair<std::int64_t, const char*> units[] = {
        {86'400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    std::int64_t rest = seconds;
    for (const auto& [length, name] : units) {
        const std::int64_t count = rest / length;
        rest %= length;
        if (count > 0) {
            words += fmt::format("{}{} {}{}", words.empty() ? "" : " ", count, name,
                                 count == 1 ? "" : "s");
        }
    }
    return seconds == 0 ? "0" : fmt::format("{} ({})", seconds, words);
}

std::string bytesText(std::int64_t bytes) {
    if (bytes < 1024) {
        return fmt::format("{} ({} B)", bytes, bytes);
    }
    auto value = static_cast<double>(bytes);
    int unit = -1;
    while (value >= 1024 && unit < 5) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{} ({:.1f} {}B)", bytes, value, "kMGTPE"[unit]);
}

/// A number as Java's Double.toString prints it where it is short.
std::string realText(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), value);
    std::string out(text, end.ptr);
    return out.find_first_of(".en") == std::string::npos ? out + ".0" : out;
}

using Names = std::function<std::string(std::int64_t)>;

/// Of a damaged file any number may be told: so that sums and shares of a hundred bins stay numbers.
constexpr std::int64_t kCountMax = std::int64_t(1) << 48;
constexpr std::int64_t kMillisMax = std::numeric_limits<std::int64_t>::max() / 1000;

std::int64_t boundedCount(std::int64_t told) { return std::clamp<std::int64_t>(told, 0, kCountMax); }

/// Util.TermHistogram of Cassandra's tools, without colours.
void histogram(std::string& out, const std::map<std::int64_t, std::int64_t>& values,
               std::string_view title, const Names& name) {
    std::size_t nameWidth = title.size();
    std::size_t countWidth = 5;
    std::int64_t most = 0;
    std::int64_t sum = 0;
    EstimatedHistogram all(kTermOffsets);
    for (const auto& [value, told] : values) {
        const std::int64_t count = boundedCount(told);
        nameWidth = std::max(nameWidth, name(value).size());
        countWidth = std::max(countWidth, std::to_string(count).size());
        most = std::max(most, count);
        sum += count;
        for (std::int64_t i = 0; i < count && i < 100'000; ++i) {
            all.add(value);
        }
    }
    out += fmt::format("   {:<{}} | {:<{}}  (%)  Histogram \n", title, nameWidth, "Count", countWidth);
    for (const auto& [value, told] : values) {
        const std::int64_t count = boundedCount(told);
        const double length = static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, most)) * kBarWidth;
        const int whole = static_cast<int>(length);
        const double rest = length - whole;
        out += fmt::format("   {:<{}} | {:>{}} ({:>3}) {}{}\n", name(value), nameWidth, count, countWidth,
                           100 * count / std::max<std::int64_t>(1, sum), std::string(static_cast<std::size_t>(whole), 'O'),
                           rest >= 0.75 ? "o" : rest >= 0.3 ? "." : "");
    }
    out += "   Percentiles\n";
    const std::pair<const char*, std::int64_t> marks[] = {
        {"50th", all.percentile(.5)},  {"75th", all.percentile(.75)}, {"95th", all.percentile(.95)},
        {"98th", all.percentile(.98)}, {"99th", all.percentile(.99)}, {"Min", all.min()},
        {"Max", all.max()}};
    for (const auto& [label, value] : marks) {
        out += fmt::format("   {:<10}{}\n", label, name(value));
    }
}

std::map<std::int64_t, std::int64_t> valuesOf(const EstimatedHistogram& from) {
    std::map<std::int64_t, std::int64_t> out;
    for (std::size_t i = 0; i < from.offsets().size(); ++i) {
        if (from.buckets()[i] > 0) {
            out[from.offsets()[i]] = from.buckets()[i];
        }
    }
    return out;
}

std::string clusteringText(const SerializationHeader& header, const rows::Clustering& values) {
    std::string out;
    for (std::size_t i = 0; i < values.size() && i < header.clustering.size(); ++i) {
        out += (i == 0 ? "" : ":") + types::toText(*header.clustering[i].type, values[i]);
    }
    return out;
}

std::string coveredText(const SerializationHeader& header, const SstableStats& stats) {
    if (stats.minClustering.empty() && stats.maxClustering.empty()) {
        return "ALL";
    }
    return fmt::format("[{}, {}]", clusteringText(header, stats.minClustering),
                       clusteringText(header, stats.maxClustering));
}

std::string columnsText(const std::vector<SerializationHeader::Column>& columns) {
    std::string out;
    for (const auto& column : columns) {
        out += fmt::format("{}{}:{}", out.empty() ? "" : ", ", column.name,
                           types::className(*column.type));
    }
    return out;
}

void statsText(std::string& out, const SerializationHeader& header, const SstableStats& stats,
               const MetadataOptions& options) {
    const auto line = [&](std::string_view label, std::string_view value) {
        out += fmt::format("{}: {}\n", label, value);
    };
    line("Covered clusterings", coveredText(header, stats));
    line("Estimated droppable tombstones",
         realText(stats.droppableTombstoneRatio(options.nowSeconds - options.gcGraceSeconds)));
    line("SSTable Level", std::to_string(stats.level));
    line("Repaired at", stats.repairedAtMillis == 0 ? "0" : microsText(std::clamp(stats.repairedAtMillis, -kMillisMax, kMillisMax) * 1000));
    line("Originating host id", stats.originatingHost ? stats.originatingHost->toString() : "-");
    line("Pending repair", stats.pendingRepair ? stats.pendingRepair->toString() : "--");
    line("Replay positions covered",
         stats.flushedTo ? fmt::format("{{CommitLogPosition(segmentId=0, position=0)="
                                       "CommitLogPosition(segmentId={}, position={})}}",
                                       stats.flushedTo->segment, stats.flushedTo->offset)
                         : "{}");
    line("totalColumnsSet", std::to_string(stats.columnsSet));
    line("totalRows", std::to_string(stats.rows));
    std::map<std::int64_t, std::int64_t> drops;
    for (const TombstoneHistogram::Bin& bin : stats.tombstoneDropTimes.bins()) {
        if (bin.count > 0) {
            drops[static_cast<std::int64_t>(bin.point)] = bin.count;
        }
    }
    out += "Estimated tombstone drop times: \n";
    histogram(out, drops, "Drop Time", [](std::int64_t seconds) {
        return seconds == 0 ? std::string("0 ")
                            : fmt::format("{} ({})", seconds, dateText(microsOfSeconds(seconds)));
    });
    out += "Partition Size: \n";
    histogram(out, valuesOf(stats.partitionBytes), "Size (bytes)", bytesText);
    out += "Column Count: \n";
    histogram(out, valuesOf(stats.cellsPerPartition), "Columns",
              [](std::int64_t count) { return std::to_string(count); });
}

}  // namespace

Result<std::string> metadataText(runtime::FileSystem& files, const SstableDescriptor& descriptor,
                                 const MetadataOptions& options) {
    TRY_ASSIGN(const Statistics statistics, loadStatistics(files, descriptor));
    TRY_ASSIGN(const auto layout, DataLayout::load(files, descriptor, 1.0));
    const SstableStats& stats = statistics.stats;
    const SerializationHeader& header = statistics.header;
    std::string out;
    const auto line = [&](std::string_view label, std::string_view value) {
        out += fmt::format("{}: {}\n", label, value);
    };
    const std::string data = descriptor.pathOf(Component::Data);
    line("SSTable", data.substr(0, data.rfind('-')));
    line("Partitioner", statistics.partitioner);
    line("Bloom Filter FP chance", realText(statistics.bloomFilterFpChance));
    if (stats.hasTimestamps()) {
        line("Minimum timestamp", microsText(stats.minTimestamp));
        line("Maximum timestamp", microsText(stats.maxTimestamp));
        const std::uint64_t span = (static_cast<std::uint64_t>(stats.maxTimestamp) -
                                    static_cast<std::uint64_t>(stats.minTimestamp)) /
                                   1'000'000;
        line("Duration", fmt::format("Days: {} Hours: {} Minutes: {} Seconds: {}", span / 86'400,
                                     span / 3600 % 24, span / 60 % 60, span % 60));
    }
    line("SSTable min local deletion time", deletionText(stats.minLocalDeletionTime));
    line("SSTable max local deletion time", deletionText(stats.maxLocalDeletionTime));
    line("Compressor", layout->isCompressed ? "org.apache.cassandra.io.compress." +
                                                  layout->compression.params.compressor
                                            : "-");
    if (layout->isCompressed) {
        line("Compression ratio", realText(stats.compressionRatio));
    }
    line("TTL min", spanText(stats.minTtl));
    line("TTL max", spanText(stats.maxTtl));
    const std::string summaryPath = descriptor.pathOf(Component::Summary);
    if (const auto bytes = runtime::readFile(files, summaryPath)) {
        TRY_ASSIGN(const IndexSummary summary, IndexSummary::read(bytes.value(), summaryPath));
        const auto ends = {std::pair("First token", &summary.first()),
                           std::pair("Last token", &summary.last())};
        for (const auto& [label, key] : ends) {
            line(label, fmt::format("{} ({})", key->token, keyText(header, key->key)));
        }
    }
    statsText(out, header, stats, options);
    line("Local token space coverage", "NaN");
    line("Estimated cardinality", std::to_string(statistics.estimatedPartitions));
    line("EncodingStats minTTL", spanText(header.stats.minTtl));
    line("EncodingStats minLocalDeletionTime", deletionText(header.stats.minLocalDeletionTime));
    line("EncodingStats minTimestamp", microsText(header.stats.minTimestamp));
    line("KeyType", types::keyClassName(header.keyTypes));
    std::string clusterings;
    for (const auto& column : header.clustering) {
        clusterings += fmt::format("{}{}", clusterings.empty() ? "" : ", ",
                                   types::className(*column.type, column.descending));
    }
    line("ClusteringTypes", fmt::format("[{}]", clusterings));
    line("StaticColumns", columnsText(header.statics));
    line("RegularColumns", columnsText(header.regulars));
    line("IsTransient", stats.isTransient ? "true" : "false");
    return out;
}

}  // namespace engine::storage::inspect
