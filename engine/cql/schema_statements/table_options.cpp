#include "engine/cql/schema_statements/table_options.h"

#include <fmt/format.h>

#include "engine/cql/errors.h"

namespace engine::cql {
namespace {

constexpr std::int32_t kTtlMax = 630720000;
constexpr double kBloomMin = 6.71e-5;

const std::set<std::string> kKnown{"additional_write_policy",
                                   "allow_auto_snapshot",
                                   "bloom_filter_fp_chance",
                                   "caching",
                                   "cdc",
                                   "comment",
                                   "compaction",
                                   "compression",
                                   "crc_check_chance",
                                   "default_time_to_live",
                                   "extensions",
                                   "gc_grace_seconds",
                                   "id",
                                   "incremental_backups",
                                   "max_index_interval",
                                   "memtable",
                                   "memtable_flush_period_in_ms",
                                   "min_index_interval",
                                   "read_repair",
                                   "speculative_retry"};

template <typename T, typename U>
void assign(T& to, std::optional<U> value) {
    if (value) {
        to = std::move(*value);
    }
}

/// CachingParams.fromMap.
Result<std::map<std::string, std::string>> readCaching(const OptionMap& given) {
    // What a map does not name is off.
    std::map<std::string, std::string> out{{"keys", "NONE"}, {"rows_per_partition", "NONE"}};
    std::string unknown;
    for (const auto& [name, value] : given) {
        if (name != "keys" && name != "rows_per_partition") {
            unknown += (unknown.empty() ? "" : ", ") + name;
        }
    }
    if (!unknown.empty()) {
        return configError(fmt::format("Invalid caching sub-options [{}]: only 'keys' and "
                                       "'rows_per_partition' are allowed",
                                       unknown));
    }
    if (const auto it = given.find("keys"); it != given.end()) {
        const std::string value = upperCase(it->second);
        if (value != "ALL" && value != "NONE") {
            return configError(fmt::format("Invalid value '{}' for caching sub-option 'keys': only 'ALL' "
                                           "and 'NONE' are allowed",
                                           it->second));
        }
        out["keys"] = value;
    }
    if (const auto it = given.find("rows_per_partition"); it != given.end()) {
        const std::string value = upperCase(it->second);
        const bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
        if (value != "ALL" && value != "NONE" && !digits) {
            return configError(fmt::format("Invalid value '{}' for caching sub-option "
                                           "'rows_per_partition': only 'ALL', 'NONE', and integer values "
                                           "are allowed",
                                           it->second));
        }
        out["rows_per_partition"] = value == "0" ? "NONE" : value;
    }
    return out;
}

Result<std::string> readReadRepair(const std::string& text) {
    std::string value = upperCase(text);
    if (value != "NONE" && value != "BLOCKING") {
        return makeError(ErrorKind::Server,
                         "java.lang.IllegalArgumentException: No enum constant "
                         "org.apache.cassandra.service.reads.repair.ReadRepairStrategy." + value);
    }
    return value;
}

Result<void> atLeast(const char* option, std::int64_t value, std::int64_t least) {
    if (value < least) {
        return configError(
            fmt::format("{} must be greater than or equal to {} (got {})", option, least, value));
    }
    return ok();
}

/// TableParams.validate.
Result<void> validate(const schema::TableOptions& options) {
    if (!(options.bloomFilterFpChance > kBloomMin && options.bloomFilterFpChance <= 1.0)) {
        return configError(fmt::format("bloom_filter_fp_chance must be larger than 6.71E-5 and less than "
                                       "or equal to 1.0 (got {})",
                                       realText(options.bloomFilterFpChance)));
    }
    if (!(options.crcCheckChance >= 0.0 && options.crcCheckChance <= 1.0)) {
        return configError(fmt::format("crc_check_chance must be larger than or equal to 0 and smaller "
                                       "than or equal to 1.0 (got {})",
                                       realText(options.crcCheckChance)));
    }
    TRY(atLeast("default_time_to_live", options.defaultTimeToLive, 0));
    if (options.defaultTimeToLive > kTtlMax) {
        return configError(fmt::format("default_time_to_live must be less than or equal to {} (got {})",
                                       kTtlMax, options.defaultTimeToLive));
    }
    TRY(atLeast("gc_grace_seconds", options.gcGraceSeconds, 0));
    TRY(atLeast("min_index_interval", options.minIndexInterval, 1));
    if (options.maxIndexInterval < options.minIndexInterval) {
        return configError(fmt::format("max_index_interval must be greater than or equal to "
                                       "min_index_interval ({}) (got {})",
                                       options.minIndexInterval, options.maxIndexInterval));
    }
    TRY(atLeast("memtable_flush_period_in_ms", options.memtableFlushPeriodMillis, 0));
    if (options.cdc.value_or(false) && options.memtable && options.memtable->empty()) {
        return configError("CDC requires a memtable");
    }
    return ok();
}

Result<void> readMaps(const Properties& properties, schema::TableOptions& options) {
    TRY_ASSIGN(const auto caching, properties.map("caching"));
    if (caching) {
        TRY_ASSIGN(options.caching, readCaching(*caching));
    }
    TRY_ASSIGN(const auto compaction, properties.map("compaction"));
    if (compaction) {
        TRY_ASSIGN(options.compaction, readCompaction(*compaction));
    }
    TRY_ASSIGN(const auto compression, properties.map("compression"));
    if (compression) {
        TRY_ASSIGN(options.compression, readCompression(*compression));
    }
    return ok();
}

Result<void> readPolicies(const Properties& properties, schema::TableOptions& options) {
    TRY_ASSIGN(const auto retry, properties.text("speculative_retry"));
    if (retry) {
        TRY_ASSIGN(options.speculativeRetry, readSpeculation(*retry));
    }
    TRY_ASSIGN(const auto additional, properties.text("additional_write_policy"));
    if (additional) {
        TRY_ASSIGN(options.additionalWritePolicy, readSpeculation(*additional));
    }
    TRY_ASSIGN(const auto readRepair, properties.text("read_repair"));
    if (readRepair) {
        TRY_ASSIGN(options.readRepair, readReadRepair(*readRepair));
    }
    TRY_ASSIGN(const auto memtable, properties.text("memtable"));
    if (memtable && *memtable != "default") {
        return configError(fmt::format("Memtable configuration \"{}\" not found.", *memtable));
    }
    return ok();
}

/// Booleans that are kept only while they differ from their default.
Result<void> readSwitch(const Properties& properties, const char* name, std::optional<bool>& option,
                        bool standard) {
    TRY_ASSIGN(const auto value, properties.boolean(name));
    if (value) {
        option = *value == standard ? std::nullopt : std::optional(*value);
    }
    return ok();
}

}  // namespace

Result<schema::TableOptions> readTableOptions(const std::vector<syntax::Property>& properties,
                                              schema::TableOptions options, bool isNew) {
    TRY_ASSIGN(const Properties given, Properties::read(properties, kKnown));
    TRY(readMaps(given, options));
    TRY_ASSIGN(const auto bloom, given.real("bloom_filter_fp_chance"));
    if (bloom) {
        options.bloomFilterFpChance = *bloom;
    } else if (isNew && options.compaction["class"].ends_with("LeveledCompactionStrategy")) {
        options.bloomFilterFpChance = 0.1;
    }
    TRY_ASSIGN(auto comment, given.text("comment"));
    assign(options.comment, std::move(comment));
    TRY_ASSIGN(const auto crc, given.real("crc_check_chance"));
    assign(options.crcCheckChance, crc);
    TRY_ASSIGN(const auto ttl, given.integer("default_time_to_live"));
    assign(options.defaultTimeToLive, ttl);
    TRY_ASSIGN(const auto grace, given.integer("gc_grace_seconds"));
    assign(options.gcGraceSeconds, grace);
    TRY_ASSIGN(const auto most, given.integer("max_index_interval"));
    assign(options.maxIndexInterval, most);
    TRY_ASSIGN(const auto flush, given.integer("memtable_flush_period_in_ms"));
    assign(options.memtableFlushPeriodMillis, flush);
    TRY_ASSIGN(const auto least, given.integer("min_index_interval"));
    assign(options.minIndexInterval, least);
    TRY(readPolicies(given, options));
    TRY(readSwitch(given, "allow_auto_snapshot", options.allowAutoSnapshot, true));
    TRY(readSwitch(given, "incremental_backups", options.incrementalBackups, true));
    TRY(readSwitch(given, "cdc", options.cdc, false));
    TRY(validate(options));
    return options;
}

}  // namespace engine::cql
