#include "engine/storage/compaction/options.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace engine::storage::compaction {

namespace {

using Map = std::map<std::string, std::string>;

const std::string* find(const Map& options, const char* name) {
    const auto it = options.find(name);
    return it == options.end() ? nullptr : &it->second;
}

template <typename Number>
void take(const Map& options, const char* name, Number& out) {
    if (const std::string* text = find(options, name)) {
        Number value{};
        const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
        if (parsed.ec == std::errc()) {
            out = value;
        }
    }
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

void takeFlag(const Map& options, const char* name, bool& out) {
    if (const std::string* text = find(options, name)) {
        out = upper(*text) == "TRUE";
    }
}

/// `100MiB`, `1.5 GiB`, `1000` (bytes), as FBUtilities.parseHumanReadableBytes.
void takeSize(const Map& options, const char* name, std::uint64_t& out) {
    const std::string* text = find(options, name);
    if (text == nullptr) {
        return;
    }
    double number = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
    if (parsed.ec != std::errc() || number < 0) {
        return;
    }
    std::string unit(parsed.ptr, text->data() + text->size());
    std::erase(unit, ' ');
    static const std::map<std::string, double> kUnits{
        {"", 1},           {"B", 1},          {"KIB", 0x1p10}, {"MIB", 0x1p20}, {"GIB", 0x1p30},
        {"TIB", 0x1p40},   {"KB", 1e3},       {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12}};
    const auto factor = kUnits.find(upper(unit));
    if (factor != kUnits.end()) {
        out = static_cast<std::uint64_t>(number * factor->second);
    }
}

/// `T4, T8, N, L4`, or the number W itself.
std::vector<std::int32_t> parseScaling(const std::string& text) {
    std::vector<std::int32_t> out;
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        std::string word = upper(text.substr(start, comma - start));
        std::erase(word, ' ');
        start = comma + 1;
        if (word.empty()) {
            continue;
        }
        const bool hasLetter = word[0] == 'T' || word[0] == 'L';
        std::int32_t number = 0;
        const char* from = word.data() + ((hasLetter || word[0] == '+') ? 1 : 0);
        std::from_chars(from, word.data() + word.size(), number);
        out.push_back(word[0] == 'N'   ? 0
                      : word[0] == 'T' ? number - 2
                      : word[0] == 'L' ? 2 - number
                                       : number);
    }
    return out;
}

}  // namespace

CompactionOptions CompactionOptions::of(const Map& options, bool isSystem) {
    CompactionOptions out;
    if (const std::string* name = find(options, "class")) {
        out.strategyName = name->substr(name->rfind('.') + 1);
    }
    if (out.strategyName == "LeveledCompactionStrategy") {
        out.kind = StrategyKind::Leveled;
    } else if (out.strategyName == "TimeWindowCompactionStrategy") {
        out.kind = StrategyKind::TimeWindow;
    } else if (out.strategyName == "UnifiedCompactionStrategy") {
        out.kind = StrategyKind::Unified;
    }
    takeFlag(options, "enabled", out.enabled);
    take(options, "tombstone_threshold", out.tombstoneThreshold);
    take(options, "tombstone_compaction_interval", out.tombstoneIntervalSeconds);
    takeFlag(options, "unchecked_tombstone_compaction", out.uncheckedTombstones);
    takeFlag(options, "unsafe_aggressive_sstable_expiration", out.dropsUncheckedExpired);
    takeFlag(options, "only_purge_repaired_tombstones", out.onlyPurgeRepaired);
    if (const std::string* shadows = find(options, "provide_overlapping_tombstones")) {
        out.shadows = upper(*shadows) == "ROW"    ? ShadowKind::Row
                      : upper(*shadows) == "CELL" ? ShadowKind::Cell
                                                  : ShadowKind::None;
    }
    if (out.kind == StrategyKind::TimeWindow) {
        out.tombstoneCompactions = options.contains("tombstone_threshold") ||
                                   options.contains("tombstone_compaction_interval");
    }
    take(options, "min_threshold", out.minThreshold);
    take(options, "max_threshold", out.maxThreshold);
    if (out.kind == StrategyKind::Unified) {
        takeSize(options, "min_sstable_size", out.unifiedMinBytes);
    } else {
        take(options, "min_sstable_size", out.minSstableBytes);
    }
    take(options, "bucket_low", out.bucketLow);
    take(options, "bucket_high", out.bucketHigh);
    std::uint64_t megabytes = out.leveledBytes >> 20;
    take(options, "sstable_size_in_mb", megabytes);
    out.leveledBytes = std::max<std::uint64_t>(megabytes, 1) << 20;
    take(options, "fanout_size", out.fanout);
    takeFlag(options, "single_sstable_uplevel", out.singleUplevel);
    std::int64_t windowSize = 1;
    take(options, "compaction_window_size", windowSize);
    std::int64_t unitSeconds = 86400;
    if (const std::string* unit = find(options, "compaction_window_unit")) {
        unitSeconds = upper(*unit) == "MINUTES" ? 60 : upper(*unit) == "HOURS" ? 3600 : 86400;
    }
    out.windowSeconds = std::max<std::int64_t>(windowSize, 1) * unitSeconds;
    if (const std::string* resolution = find(options, "timestamp_resolution")) {
        const std::string unit = upper(*resolution);
        out.timestampsPerSecond = unit == "MILLISECONDS"  ? 1000
                                  : unit == "SECONDS"     ? 1
                                  : unit == "NANOSECONDS" ? 1000000000
                                                          : 1000000;
    }
    take(options, "expired_sstable_check_frequency_seconds", out.expiredCheckSeconds);
    if (const std::string* scaling = find(options, "scaling_parameters")) {
        auto parsed = parseScaling(*scaling);
        if (!parsed.empty()) {
            out.scaling = std::move(parsed);
        }
    }
    takeSize(options, "target_sstable_size", out.targetBytes);
    take(options, "sstable_growth", out.growth);
    out.baseShards = isSystem ? 1 : 4;
    take(options, "base_shard_count", out.baseShards);
    out.baseShards = std::max(out.baseShards, 1u);
    std::int64_t most = 0;
    take(options, "max_sstables_to_compact", most);
    if (most > 0) {
        out.maxToCompact = static_cast<std::uint32_t>(most);
    }
    takeSize(options, "flush_size_override", out.flushSizeOverride);
    if (const std::string* method = find(options, "overlap_inclusion_method")) {
        out.overlaps = upper(*method) == "NONE"     ? Overlaps::None
                       : upper(*method) == "SINGLE" ? Overlaps::Single
                                                    : Overlaps::Transitive;
    }
    return out;
}

}  // namespace engine::storage::compaction
