#include "engine/node/guardrail_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "engine/base/text.h"
#include "engine/node/node_config.h"
#include "engine/ring/consistency.h"

namespace engine::node {
namespace {

using Settings = cql::GuardrailSettings;

enum class Measure : std::uint8_t { Count, Bytes, Micros };
/// Of minimum_… ones the failure threshold is the lower.
enum class Bound : std::uint8_t { Most, Least };

struct ThresholdName {
    const char* name;
    cql::Threshold Settings::*threshold;
    Measure measure = Measure::Count;
    Bound bound = Bound::Most;
};
constexpr ThresholdName kThresholds[] = {
    {"keyspaces", &Settings::keyspaces},
    {"tables", &Settings::tables},
    {"columns_per_table", &Settings::columnsPerTable},
    {"secondary_indexes_per_table", &Settings::secondaryIndexesPerTable},
    {"materialized_views_per_table", &Settings::materializedViewsPerTable},
    {"fields_per_udt", &Settings::fieldsPerUdt},
    {"vector_dimensions", &Settings::vectorDimensions},
    {"minimum_replication_factor", &Settings::minimumReplicationFactor, Measure::Count, Bound::Least},
    {"maximum_replication_factor", &Settings::maximumReplicationFactor},
    {"page_size", &Settings::pageSize},
    {"partition_keys_in_select", &Settings::partitionKeysInSelect},
    {"in_select_cartesian_product", &Settings::inSelectCartesianProduct},
    {"items_per_collection", &Settings::itemsPerCollection},
    {"collection_size", &Settings::collectionSize, Measure::Bytes},
    {"column_value_size", &Settings::columnValueSize, Measure::Bytes},
    {"minimum_timestamp", &Settings::minimumTimestamp, Measure::Micros},
    {"maximum_timestamp", &Settings::maximumTimestamp, Measure::Micros},
    {"sai_string_term_size", &Settings::saiStringTermSize, Measure::Bytes},
    {"sai_frozen_term_size", &Settings::saiFrozenTermSize, Measure::Bytes},
    {"sai_vector_term_size", &Settings::saiVectorTermSize, Measure::Bytes},
};

struct ValuesName {
    const char* name;
    cql::GuardedValues Settings::*values;
    bool levels;
};
constexpr ValuesName kValues[] = {
    {"table_properties", &Settings::tableProperties, false},
    {"read_consistency_levels", &Settings::readConsistencyLevels, true},
    {"write_consistency_levels", &Settings::writeConsistencyLevels, true},
};

struct SwitchName {
    const char* name;
    bool Settings::*enabled;
};
constexpr SwitchName kSwitches[] = {
    {"allow_filtering_enabled", &Settings::allowFiltering},
    {"group_by_enabled", &Settings::groupBy},
    {"user_timestamps_enabled", &Settings::userTimestamps},
    {"uncompressed_tables_enabled", &Settings::uncompressedTables},
    {"compact_tables_enabled", &Settings::compactTables},
    {"simplestrategy_enabled", &Settings::simpleStrategy},
    {"alter_table_enabled", &Settings::alterTable},
    {"drop_truncate_table_enabled", &Settings::dropTruncateTable},
    {"drop_keyspace_enabled", &Settings::dropKeyspace},
    {"secondary_indexes_enabled", &Settings::secondaryIndexes},
    {"read_before_write_list_operations_enabled", &Settings::readBeforeWriteListOperations},
    {"non_partition_restricted_index_query_enabled", &Settings::nonPartitionRestrictedIndexQuery},
    {"vector_type_enabled", &Settings::vectorType},
    {"zero_ttl_on_twcs_enabled", &Settings::zeroTtlOnTwcs},
    {"zero_ttl_on_twcs_warned", &Settings::zeroTtlOnTwcsWarned},
};

Result<std::int64_t> parseLimit(Measure measure, const std::string& value) {
    if (measure == Measure::Bytes) {
        TRY_ASSIGN(const std::uint64_t bytes, parseDataSize(value));
        return static_cast<std::int64_t>(bytes);
    }
    if (measure == Measure::Micros) {
        TRY_ASSIGN(const runtime::Duration time, parseDuration(value));
        return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    }
    std::int64_t number = 0;
    const auto [end, broken] = std::from_chars(value.data(), value.data() + value.size(), number);
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    if (broken != std::errc() || end != value.data() + value.size() || number < -1 || number > kMost) {
        return invalid(fmt::format("'{}' is not a whole number from -1 (no limit) to {}", value, kMost));
    }
    return number;
}

/// The words of a YAML list, however it is written.
std::vector<std::string> wordsOf(const std::string& value) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : value + ' ') {
        if (std::string_view("[], \n'\"").find(c) == std::string_view::npos) {
            word += c;
        } else if (!word.empty()) {
            if (word != "-") {
                out.push_back(word);
            }
            word.clear();
        }
    }
    return out;
}

Result<std::vector<std::string>> parseValues(const ValuesName& of, const std::string& value) {
    std::vector<std::string> words = wordsOf(value);
    for (std::string& word : words) {
        word = of.levels ? upperCase(word) : lowerCase(word);
        if (of.levels && !ring::parseConsistency(word)) {
            return invalid(fmt::format("'{}' is not a consistency level", word));
        }
    }
    return words;
}

std::string listText(const std::vector<std::string>& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

}  // namespace

Result<bool> setGuardrail(Settings& settings, const std::string& name, const std::string& value) {
    for (const ThresholdName& known : kThresholds) {
        cql::Threshold& threshold = settings.*known.threshold;
        for (const bool warns : {true, false}) {
            if (name == fmt::format("{}_{}_threshold", known.name, warns ? "warn" : "fail")) {
                TRY_ASSIGN((warns ? threshold.warn : threshold.fail), parseLimit(known.measure, value));
                return true;
            }
        }
    }
    for (const ValuesName& known : kValues) {
        cql::GuardedValues& values = settings.*known.values;
        const std::pair<const char*, std::vector<std::string>*> lists[] = {
            {"warned", &values.warned}, {"ignored", &values.ignored}, {"disallowed", &values.disallowed}};
        for (const auto& [suffix, list] : lists) {
            if (name == fmt::format("{}_{}", known.name, suffix)) {
                TRY_ASSIGN(*list, parseValues(known, value));
                return true;
            }
        }
    }
    for (const SwitchName& known : kSwitches) {
        if (name == known.name) {
            if (value != "true" && value != "false") {
                return invalid(fmt::format("'{}' is not true or false", value));
            }
            settings.*known.enabled = value == "true";
            return true;
        }
    }
    return false;
}

/// Guardrails' own checks (GuardrailsOptions.validateMaxLongThreshold and the like).
Result<void> checkGuardrails(const Settings& settings) {
    for (const ThresholdName& known : kThresholds) {
        const cql::Threshold& threshold = settings.*known.threshold;
        if (threshold.warn < 0 || threshold.fail < 0) {
            continue;
        }
        const bool least = known.bound == Bound::Least;
        if (least ? threshold.warn < threshold.fail : threshold.warn > threshold.fail) {
            return invalid(fmt::format("The warn threshold {} for {}_warn_threshold should be {} than the fail threshold {}",
                                       threshold.warn, known.name, least ? "greater" : "lower", threshold.fail));
        }
    }
    return ok();
}

std::map<std::string, std::string> guardrailTexts(const Settings& settings) {
    std::map<std::string, std::string> out;
    for (const ThresholdName& known : kThresholds) {
        const cql::Threshold& threshold = settings.*known.threshold;
        for (const auto& [suffix, limit] : {std::pair("warn", threshold.warn), std::pair("fail", threshold.fail)}) {
            const std::string name = fmt::format("{}_{}_threshold", known.name, suffix);
            if (known.measure == Measure::Count) {
                out[name] = std::to_string(limit);
            } else if (known.measure == Measure::Bytes && limit >= 0) {
                out[name] = limit % 1024 == 0 ? fmt::format("{}KiB", limit / 1024) : fmt::format("{}B", limit);
            } else if (limit >= 0) {
                out[name] = fmt::format("{}us", limit);
            }
        }
    }
    for (const ValuesName& known : kValues) {
        const cql::GuardedValues& values = settings.*known.values;
        out[fmt::format("{}_warned", known.name)] = listText(values.warned);
        out[fmt::format("{}_ignored", known.name)] = listText(values.ignored);
        out[fmt::format("{}_disallowed", known.name)] = listText(values.disallowed);
    }
    for (const SwitchName& known : kSwitches) {
        out[known.name] = settings.*known.enabled ? "true" : "false";
    }
    return out;
}

}  // namespace engine::node
