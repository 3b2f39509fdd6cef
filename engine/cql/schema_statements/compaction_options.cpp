#include <fmt/format.h>

#include <regex>

#include "engine/cql/errors.h"
#include "engine/cql/schema_statements/table_options.h"

namespace engine::cql {
namespace {

constexpr std::string_view kCompactionPackage = "org.apache.cassandra.db.compaction.";

Result<std::optional<std::int64_t>> wholeNumber(const OptionMap& options, const std::string& name,
                                                std::string_view kind = "int") {
    const auto it = options.find(name);
    if (it == options.end()) {
        return std::optional<std::int64_t>();
    }
    const auto value = parseInteger(it->second);
    if (!value) {
        return configError(
            fmt::format("{} is not a parsable {} (base10) for {}", it->second, kind, name));
    }
    return std::optional<std::int64_t>(*value);
}

Result<std::optional<double>> realNumber(const OptionMap& options, const std::string& name,
                                         std::string_view kind = "float") {
    const auto it = options.find(name);
    if (it == options.end()) {
        return std::optional<double>();
    }
    const auto value = parseReal(it->second);
    if (!value) {
        return configError(
            fmt::format("{} is not a parsable {} for {}", it->second, kind, name));
    }
    return value;
}

Result<void> checkBoolean(const OptionMap& options, const std::string& name) {
    const auto it = options.find(name);
    if (it != options.end() && lowerCase(it->second) != "true" && lowerCase(it->second) != "false") {
        return configError(fmt::format("{} should either be 'true' or 'false', not {}", name, it->second));
    }
    return ok();
}

/// AbstractCompactionStrategy.validateOptions.
Result<void> checkCommon(const OptionMap& options) {
    TRY_ASSIGN(const auto threshold, realNumber(options, "tombstone_threshold", "int (base10)"));
    if (threshold && *threshold < 0) {
        return configError(
            fmt::format("tombstone_threshold must be greater than 0, but was {:f}", *threshold));
    }
    TRY_ASSIGN(const auto interval, wholeNumber(options, "tombstone_compaction_interval"));
    if (interval && *interval < 0) {
        return configError(fmt::format(
            "tombstone_compaction_interval must be greater than 0, but was {}", *interval));
    }
    const auto isBoolean = [](const std::string& text) {
        return lowerCase(text) == "true" || lowerCase(text) == "false";
    };
    const auto unchecked = options.find("unchecked_tombstone_compaction");
    if (unchecked != options.end() && !isBoolean(unchecked->second)) {
        return configError(fmt::format("'unchecked_tombstone_compaction' should be either 'true' or "
                                       "'false', not '{}'",
                                       unchecked->second));
    }
    const auto log = options.find("log_all");
    if (log != options.end() && !isBoolean(log->second)) {
        return configError(
            fmt::format("'log_all' should either be 'true' or 'false', not {}", log->second));
    }
    return ok();
}

/// SizeTieredCompactionStrategyOptions.validateOptions.
Result<void> checkSizeTiered(const OptionMap& options) {
    TRY_ASSIGN(const auto smallest, wholeNumber(options, "min_sstable_size"));
    if (smallest && *smallest < 0) {
        return configError(fmt::format("min_sstable_size must be non negative: {}", *smallest));
    }
    TRY_ASSIGN(const auto low, realNumber(options, "bucket_low"));
    TRY_ASSIGN(const auto high, realNumber(options, "bucket_high"));
    if (high.value_or(1.5) <= low.value_or(0.5)) {
        return configError(fmt::format("bucket_high value ({}) is less than or equal to the bucket_low "
                                       "value ({})",
                                       realText(high.value_or(1.5)), realText(low.value_or(0.5))));
    }
    return ok();
}

/// LeveledCompactionStrategy.validateOptions.
Result<void> checkLeveled(const OptionMap& options) {
    TRY_ASSIGN(const auto size, wholeNumber(options, "sstable_size_in_mb"));
    if (size && *size < 1) {
        return configError(fmt::format("sstable_size_in_mb must be larger than 0, but was {}", *size));
    }
    const auto fanout = options.find("fanout_size");
    if (fanout != options.end()) {
        const auto value = parseInteger(fanout->second);
        if (!value) {
            return configError("1 is not a parsable int (base10) for fanout_size");
        }
        if (*value < 1) {
            return configError(fmt::format("fanout_size must be larger than 0, but was {}", *value));
        }
    }
    return checkSizeTiered(options);
}

/// TimeWindowCompactionStrategyOptions.validateOptions.
Result<void> checkTimeWindow(const OptionMap& options) {
    static const std::set<std::string> kResolutions{"MICROSECONDS", "MILLISECONDS", "SECONDS",
                                                    "NANOSECONDS",  "MINUTES",      "HOURS",
                                                    "DAYS"};
    static const std::set<std::string> kUnits{"MINUTES", "HOURS", "DAYS"};
    if (const auto it = options.find("timestamp_resolution");
        it != options.end() && !kResolutions.contains(it->second)) {
        return configError(it->second + " is not valid for timestamp_resolution");
    }
    if (const auto it = options.find("compaction_window_unit");
        it != options.end() && !kUnits.contains(it->second)) {
        return configError(it->second + " is not valid for compaction_window_unit");
    }
    TRY_ASSIGN(const auto size, wholeNumber(options, "compaction_window_size"));
    if (size && *size < 1) {
        return configError(fmt::format("{} must be greater than 1 for compaction_window_size", *size));
    }
    TRY_ASSIGN(const auto check, wholeNumber(options, "expired_sstable_check_frequency_seconds"));
    if (check && *check < 0) {
        return configError(fmt::format(
            "expired_sstable_check_frequency_seconds must not be negative, but was {}", *check));
    }
    if (const auto it = options.find("unsafe_aggressive_sstable_expiration"); it != options.end()) {
        const std::string value = lowerCase(it->second);
        if (value != "true" && value != "false") {
            return configError(fmt::format(
                "unsafe_aggressive_sstable_expiration is not 'true' or 'false' ({})", it->second));
        }
        if (value == "true") {
            return configError("unsafe_aggressive_sstable_expiration is requested but not allowed, restart "
                               "cassandra with -Dcassandra.allow_unsafe_aggressive_sstable_expiration=true "
                               "to allow it");
        }
    }
    return checkSizeTiered(options);
}

/// FBUtilities.parseHumanReadable with unit B: bytes, or nothing.
std::optional<double> byteCount(const std::string& text) {
    static const std::regex kSize(R"(([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(Ki|Mi|Gi|Ti|k|M|G|T)?B)");
    std::smatch match;
    if (!std::regex_match(text, match, kSize)) {
        return std::nullopt;
    }
    static const std::map<std::string, double> kUnits{
        {"", 1},      {"k", 1e3},           {"M", 1e6},                 {"G", 1e9},           {"T", 1e12},
        {"Ki", 1024}, {"Mi", 1024.0 * 1024}, {"Gi", 1024.0 * 1024 * 1024},
        {"Ti", 1024.0 * 1024 * 1024 * 1024}};
    const auto value = parseReal(match[1].str());
    return value ? std::optional(*value * kUnits.at(match[2].str())) : std::nullopt;
}

Result<std::optional<double>> sizeOption(const OptionMap& options, const std::string& name) {
    const auto it = options.find(name);
    if (it == options.end()) {
        return std::optional<double>();
    }
    const auto size = byteCount(it->second);
    if (!size) {
        return configError(fmt::format("{} {} is not a valid size in bytes: {} does not end in unit B", name,
                                       it->second, it->second));
    }
    if (*size < 1024.0 * 1024) {
        return configError(fmt::format("{} {} is not acceptable, size must be at least 1.000MiB", name,
                                       it->second));
    }
    return size;
}

std::string humanSize(double bytes) {
    static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit < 4) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.3f}{}", bytes, kUnits[unit]);
}

Result<void> checkScaling(const OptionMap& options) {
    const auto it = options.find("scaling_parameters");
    if (it == options.end()) {
        return ok();
    }
    static const std::regex kOne(R"(N|L[0-9]+|T[0-9]+|[+-]?[0-9]+)");
    std::string rest = it->second;
    while (true) {
        const auto comma = rest.find(',');
        std::string one = rest.substr(0, comma);
        one.erase(0, one.find_first_not_of(' ') == std::string::npos ? one.size()
                                                                     : one.find_first_not_of(' '));
        while (!one.empty() && one.back() == ' ') {
            one.pop_back();
        }
        if (!std::regex_match(one, kOne)) {
            return configError(
                fmt::format("Scaling parameter {} must match N|L[0-9]+|T[0-9]+|[+-]?[0-9]+", one));
        }
        if ((one[0] == 'L' || one[0] == 'T') && parseInteger(one.substr(1)).value_or(2) < 2) {
            return configError("Fan factor cannot be lower than 2 in " + one);
        }
        if (comma == std::string::npos) {
            return ok();
        }
        rest.erase(0, comma + 1);
    }
}

/// sstable_growth: a number or a percentage.
Result<void> checkGrowth(const OptionMap& options) {
    const auto it = options.find("sstable_growth");
    if (it == options.end()) {
        return ok();
    }
    std::string text = it->second;
    double scale = 1;
    if (text.ends_with('%')) {
        text.pop_back();
        scale = 0.01;
    }
    const auto value = parseReal(text);
    if (!value) {
        return configError(fmt::format("sstable_growth is not a valid number between 0 and 1: For input "
                                       "string: \"{}\"",
                                       it->second));
    }
    if (*value * scale < 0 || *value * scale > 1) {
        return configError(fmt::format("sstable_growth {} must be between 0 and 1", it->second));
    }
    return ok();
}

/// unified.Controller.validateOptions.
Result<void> checkUnified(const OptionMap& options) {
    TRY(checkScaling(options));
    TRY_ASSIGN(const auto target, sizeOption(options, "target_sstable_size"));
    TRY_ASSIGN(const auto shards, wholeNumber(options, "base_shard_count"));
    if (shards && *shards <= 0) {
        return configError(
            fmt::format("Invalid configuration, base_shard_count should be positive: {}", *shards));
    }
    TRY(sizeOption(options, "flush_size_override"));
    TRY(checkGrowth(options));
    TRY_ASSIGN(const auto check,
               wholeNumber(options, "expired_sstable_check_frequency_seconds", "long"));
    if (check && *check <= 0) {
        return configError(fmt::format("Invalid configuration, expired_sstable_check_frequency_seconds "
                                       "should be positive: {}",
                                       *check));
    }
    TRY(checkBoolean(options, "unsafe_aggressive_sstable_expiration"));
    TRY(wholeNumber(options, "max_sstables_to_compact"));
    if (const auto it = options.find("overlap_inclusion_method"); it != options.end()) {
        const std::string value = lowerCase(it->second);
        if (value != "none" && value != "single" && value != "transitive") {
            return configError(fmt::format("Invalid overlap inclusion method {}. The valid options are "
                                           "[NONE, SINGLE, TRANSITIVE].",
                                           it->second));
        }
    }
    if (const auto it = options.find("min_sstable_size"); it != options.end()) {
        const auto size = byteCount(it->second);
        if (!size) {
            return configError(
                fmt::format("{} is not a valid size in bytes for min_sstable_size", it->second));
        }
        const double limit = target.value_or(1024.0 * 1024 * 1024);
        if (*size >= limit * 0.7) {
            return configError(fmt::format("Invalid configuration, min_sstable_size ({}) should be less "
                                           "than 70% of the targetSSTableSize ({})",
                                           humanSize(*size), humanSize(limit)));
        }
    }
    return ok();
}

struct Strategy {
    std::set<std::string> options;
    bool thresholds = true;
    Result<void> (*check)(const OptionMap&) = nullptr;
};

const std::set<std::string> kCommonOptions{
    "class",           "enabled",  "tombstone_threshold",          "tombstone_compaction_interval",
    "unchecked_tombstone_compaction", "log_all", "only_purge_repaired_tombstones",
    "provide_overlapping_tombstones"};

const std::map<std::string, Strategy>& strategies() {
    static const std::map<std::string, Strategy> kAll{
        {"SizeTieredCompactionStrategy",
         {{"min_sstable_size", "bucket_low", "bucket_high"}, true, checkSizeTiered}},
        {"LeveledCompactionStrategy",
         {{"sstable_size_in_mb", "fanout_size", "single_sstable_uplevel", "min_sstable_size",
           "bucket_low", "bucket_high"},
          true, checkLeveled}},
        {"TimeWindowCompactionStrategy",
         {{"timestamp_resolution", "compaction_window_unit", "compaction_window_size",
           "expired_sstable_check_frequency_seconds", "unsafe_aggressive_sstable_expiration",
           "min_sstable_size", "bucket_low", "bucket_high"},
          true, checkTimeWindow}},
        {"UnifiedCompactionStrategy",
         {{"scaling_parameters", "target_sstable_size", "base_shard_count", "sstable_growth",
           "min_sstable_size", "max_sstables_to_compact", "flush_size_override",
           "expired_sstable_check_frequency_seconds", "unsafe_aggressive_sstable_expiration",
           "overlap_inclusion_method"},
          false, checkUnified}}};
    return kAll;
}

/// CompactionParams.validate.
Result<void> checkThresholds(const OptionMap& options) {
    const auto read = [&](const char* name) -> Result<std::int32_t> {
        const std::string& text = options.at(name);
        const auto value = parseInteger(text);
        const bool digits =
            !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
        if (digits && !value) {
            return makeError(ErrorKind::Server, fmt::format("java.lang.NumberFormatException: For input "
                                                            "string: \"{}\"",
                                                            text));
        }
        if (!digits) {
            return configError(fmt::format("Invalid value {} for '{}' compaction sub-option - must be an "
                                           "integer",
                                           options.at(name), name));
        }
        return *value;
    };
    TRY_ASSIGN(const std::int32_t least, read("min_threshold"));
    TRY_ASSIGN(const std::int32_t most, read("max_threshold"));
    if (least <= 0 || most <= 0) {
        return configError("Disabling compaction by setting compaction thresholds to 0 has been removed, "
                           "set the compaction option 'enabled' to false instead.");
    }
    if (least <= 1) {
        return configError(
            fmt::format("Min compaction threshold cannot be less than 2 (got {})", least));
    }
    if (least > most) {
        return configError(fmt::format("Min compaction threshold (got {}) cannot be greater than max "
                                       "compaction threshold (got {})",
                                       least, most));
    }
    return ok();
}

}  // namespace

Result<OptionMap> readCompaction(OptionMap options) {
    const auto written = options.find("class");
    if (written == options.end()) {
        return configError("Missing sub-option 'class' for the 'compaction' option");
    }
    const std::string full = written->second.find('.') == std::string::npos
                                 ? std::string(kCompactionPackage) + written->second
                                 : written->second;
    const std::string name = full.starts_with(kCompactionPackage) ? full.substr(kCompactionPackage.size()) : full;
    const auto strategy = strategies().find(name);
    if (strategy == strategies().end()) {
        if (full.starts_with("org.apache.cassandra.db.marshal.")) {
            return configError(fmt::format(
                "Compaction strategy class {} is not derived from AbstractReplicationStrategy", full));
        }
        return configError(fmt::format("Unable to find compaction strategy class '{}'", full));
    }
    if (const auto it = options.find("provide_overlapping_tombstones"); it != options.end()) {
        const std::string value = lowerCase(it->second);
        if (value != "none" && value != "row" && value != "cell") {
            return configError(fmt::format("Invalid value {} for 'provide_overlapping_tombstones' "
                                           "compaction sub-option - must be one of the following [NONE, "
                                           "ROW, CELL].",
                                           upperCase(it->second)));
        }
    }
    TRY(checkBoolean(options, "enabled"));
    written->second = full;
    OptionMap checked = options;
    if (strategy->second.thresholds) {
        options.try_emplace("min_threshold", "4");
        options.try_emplace("max_threshold", "32");
        checked.erase("min_threshold");
        checked.erase("max_threshold");
    }
    TRY(checkCommon(checked));
    TRY(strategy->second.check(checked));
    std::string unknown;
    for (const auto& [option, value] : checked) {
        if (!kCommonOptions.contains(option) && !strategy->second.options.contains(option)) {
            unknown += (unknown.empty() ? "" : ", ") + option;
        }
    }
    if (!unknown.empty()) {
        return configError(
            fmt::format("Properties specified [{}] are not understood by {}", unknown, name));
    }
    if (strategy->second.thresholds) {
        TRY(checkThresholds(options));
    }
    return options;
}

}  // namespace engine::cql
