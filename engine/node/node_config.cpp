#include "engine/node/node_config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "engine/messaging/messaging_service.h"
#include "engine/node/guardrail_config.h"

namespace engine::node {

namespace {

struct Unit {
    std::string_view suffix;
    std::int64_t factor;
};

/// A number with one of the units behind it; without a unit the first one's.
Result<std::int64_t> parseWithUnit(std::string_view text, std::initializer_list<Unit> units,
                                   std::string_view expected) {
    std::int64_t number = 0;
    const auto [end, broken] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
    while (suffix.starts_with(' ')) {
        suffix.remove_prefix(1);
    }
    if (broken == std::errc() && number >= 0) {
        for (const Unit& unit : units) {
            const bool meant = suffix == unit.suffix || (suffix.empty() && &unit == units.begin());
            if (meant && number <= std::numeric_limits<std::int64_t>::max() / unit.factor) {
                return number * unit.factor;
            }
        }
    }
    return invalid(fmt::format("'{}' is not {}", text, expected));
}

constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr std::int64_t kMillisPerSecond = 1000;

std::vector<std::string> splitCommas(const std::string& text) {
    std::vector<std::string> out;
    std::string part;
    for (const char c : text + ",") {
        if (c == ',') {
            if (!part.empty()) {
                out.push_back(part);
            }
            part.clear();
        } else if (c != ' ') {
            part += c;
        }
    }
    return out;
}

/// What one setting does to the configuration.
using Setter = std::function<Result<void>(NodeConfig&, const std::string&)>;

Setter text(std::string NodeConfig::*member) {
    return [member](NodeConfig& config, const std::string& value) {
        config.*member = value;
        return ok();
    };
}

Setter host(runtime::Endpoint NodeConfig::*member) {
    return [member](NodeConfig& config, const std::string& value) {
        (config.*member).host = value;
        return ok();
    };
}

template <typename F>
Setter number(std::int64_t least, std::int64_t most, F set) {
    return [=](NodeConfig& config, const std::string& value) -> Result<void> {
        std::int64_t parsed = 0;
        const auto [end, broken] = std::from_chars(value.data(), value.data() + value.size(), parsed);
        if (broken != std::errc() || end != value.data() + value.size() || parsed < least || parsed > most) {
            return invalid(fmt::format("'{}' is not a whole number from {} to {}", value, least, most));
        }
        set(config, parsed);
        return ok();
    };
}

Setter port(runtime::Endpoint NodeConfig::*member) {
    return number(0, 65535, [member](NodeConfig& config, std::int64_t v) {
        (config.*member).port = static_cast<std::uint16_t>(v);
    });
}

template <typename F>
Setter duration(F set) {
    return [=](NodeConfig& config, const std::string& value) -> Result<void> {
        TRY_ASSIGN(const auto parsed, parseDuration(value));
        set(config, parsed);
        return ok();
    };
}

template <typename F>
Setter dataSize(F set) {
    return [=](NodeConfig& config, const std::string& value) -> Result<void> {
        TRY_ASSIGN(const auto parsed, parseDataSize(value));
        set(config, parsed);
        return ok();
    };
}

/// -1: as many as come.
Setter connections(std::size_t native::NativeLimits::*member) {
    return number(-1, std::numeric_limits<std::int32_t>::max(), [member](NodeConfig& config, std::int64_t value) {
        config.clients.limits.*member = value < 0 ? native::NativeLimits::kUnlimited : static_cast<std::size_t>(value);
    });
}

Setter flag(bool cql::Features::*member) {
    return [member](NodeConfig& config, const std::string& value) -> Result<void> {
        if (value != "true" && value != "false") {
            return invalid(fmt::format("'{}' is not true or false", value));
        }
        config.features.*member = value == "true";
        return ok();
    };
}

Result<void> setDefaultIndex(NodeConfig& config, const std::string& value) {
    if (value != "legacy_local_table" && value != "sai") {
        return invalid(fmt::format("'{}' is not legacy_local_table or sai", value));
    }
    config.features.defaultIndex = value;
    return ok();
}

Result<void> setTokens(NodeConfig& config, const std::string& value) {
    for (const std::string& part : splitCommas(value)) {
        std::int64_t token = 0;
        const auto [end, broken] = std::from_chars(part.data(), part.data() + part.size(), token);
        if (broken != std::errc() || end != part.data() + part.size()) {
            return invalid(fmt::format("'{}' is not a token (a whole number of 64 bits)", part));
        }
        config.initialTokens.push_back(token);
    }
    return ok();
}

Result<void> setSync(NodeConfig& config, const std::string& value) {
    using storage::CommitLogSync;
    const std::map<std::string, CommitLogSync> kinds{
        {"periodic", CommitLogSync::Periodic}, {"group", CommitLogSync::Group}, {"batch", CommitLogSync::Batch}};
    const auto it = kinds.find(value);
    if (it == kinds.end()) {
        return invalid(fmt::format("'{}' is not periodic, group or batch", value));
    }
    config.storage.sync = it->second;
    return ok();
}

template <typename F>
Setter boolean(F set) {
    return [=](NodeConfig& config, const std::string& value) -> Result<void> {
        if (value != "true" && value != "false") {
            return invalid(fmt::format("'{}' is not true or false", value));
        }
        set(config, value == "true");
        return ok();
    };
}

/// One of two classes, with or without the package: the first is the default.
Setter oneOf(std::string_view off, std::string_view on, bool access::AccessOptions::*member) {
    return [=](NodeConfig& config, const std::string& value) -> Result<void> {
        constexpr std::string_view kPackage = "org.apache.cassandra.auth.";
        const std::string_view name = value.starts_with(kPackage) ? std::string_view(value).substr(kPackage.size()) : value;
        if (name != off && name != on) {
            return invalid(fmt::format("'{}' is not {} or {}", value, off, on));
        }
        config.accessControl.*member = name == on;
        return ok();
    };
}

/// There is only one.
Setter only(std::string_view name) {
    return [=](NodeConfig&, const std::string& value) -> Result<void> {
        if (value != name && value != fmt::format("org.apache.cassandra.auth.{}", name)) {
            return invalid(fmt::format("'{}' is not {}", value, name));
        }
        return ok();
    };
}

Result<void> setCommitFailurePolicy(NodeConfig& config, const std::string& value) {
    TRY_ASSIGN(config.storage.commitFailurePolicy, storage::parseCommitFailurePolicy(value));
    return ok();
}

Result<void> setDiskFailurePolicy(NodeConfig& config, const std::string& value) {
    TRY_ASSIGN(config.storage.diskFailurePolicy, storage::parseDiskFailurePolicy(value));
    return ok();
}

Result<void> setCleanupThreshold(NodeConfig& config, const std::string& value) {
    constexpr double kLeast = 0.01;
    constexpr double kMost = 0.99;
    double parsed = 0;
    const auto [end, broken] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (broken != std::errc() || end != value.data() + value.size() || !(parsed >= kLeast && parsed <= kMost)) {
        return invalid(fmt::format("memtable_cleanup_threshold must be between 0.01 and 0.99, but was {}", value));
    }
    config.storage.memtableCleanupThreshold = parsed;
    return ok();
}

/// A table flushes at its part of what all memtables may take together.
void boundMemtables(storage::StorageOptions& options) {
    const double part = static_cast<double>(options.memtableTotalBytes) * options.memtableCleanupThreshold;
    options.memtableBytes = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(part));
}

constexpr std::int64_t kThresholdMax = std::numeric_limits<std::int32_t>::max();

const std::map<std::string, Setter>& setters() {
    static const std::map<std::string, Setter> all{
        {"cluster_name", text(&NodeConfig::clusterName)},
        {"listen_address", host(&NodeConfig::internode)},
        {"storage_port", port(&NodeConfig::internode)},
        {"rpc_address", host(&NodeConfig::native)},
        {"native_transport_port", port(&NodeConfig::native)},
        {"native_transport_allow_older_protocols", boolean([](NodeConfig& c, bool v) { c.clients.allowOlderProtocols = v; })},
        {"native_transport_idle_timeout", duration([](NodeConfig& c, runtime::Duration v) { c.clients.idleTimeout = v; })},
        {"native_transport_max_concurrent_connections", connections(&native::NativeLimits::maxConnections)},
        {"native_transport_max_concurrent_connections_per_ip", connections(&native::NativeLimits::maxConnectionsPerAddress)},
        {"native_transport_max_frame_size",
         dataSize([](NodeConfig& c, std::uint64_t v) { c.clients.limits.maxEnvelopeBytes = v; })},
        {"native_transport_max_request_data_in_flight",
         dataSize([](NodeConfig& c, std::uint64_t v) { c.clients.limits.maxRequestBytes = v; })},
        {"native_transport_max_request_data_in_flight_per_ip",
         dataSize([](NodeConfig& c, std::uint64_t v) { c.clients.limits.maxRequestBytesPerAddress = v; })},
        {"ringside_admin_address", host(&NodeConfig::admin)},
        {"ringside_admin_port", port(&NodeConfig::admin)},
        {"ringside_admin_token", text(&NodeConfig::adminToken)},
        {"ringside_dc", text(&NodeConfig::datacenter)},
        {"ringside_rack", text(&NodeConfig::rack)},
        {"seeds",
         [](NodeConfig& config, const std::string& value) {
             config.seeds = splitCommas(value);
             return ok();
         }},
        {"num_tokens",
         number(1, 1024, [](NodeConfig& c, std::int64_t v) { c.numTokens = static_cast<int>(v); })},
        {"initial_token", setTokens},
        {"authenticator", oneOf("AllowAllAuthenticator", "PasswordAuthenticator", &access::AccessOptions::passwords)},
        {"authorizer", oneOf("AllowAllAuthorizer", "CassandraAuthorizer", &access::AccessOptions::permissions)},
        {"network_authorizer",
         oneOf("AllowAllNetworkAuthorizer", "CassandraNetworkAuthorizer", &access::AccessOptions::datacenters)},
        {"role_manager", only("CassandraRoleManager")},
        {"cidr_authorizer", only("AllowAllCIDRAuthorizer")},
        {"roles_validity", duration([](NodeConfig& c, runtime::Duration v) { c.accessControl.rolesValidity = v; })},
        {"permissions_validity", duration([](NodeConfig& c, runtime::Duration v) { c.accessControl.permissionsValidity = v; })},
        {"credentials_validity", duration([](NodeConfig& c, runtime::Duration v) { c.accessControl.credentialsValidity = v; })},
        {"user_defined_functions_enabled", flag(&cql::Features::userFunctions)},
        {"materialized_views_enabled", flag(&cql::Features::materializedViews)},
        {"sasi_indexes_enabled", flag(&cql::Features::sasiIndexes)},
        {"dynamic_data_masking_enabled", flag(&cql::Features::dataMasking)},
        {"default_secondary_index", setDefaultIndex},
        {"phi_convict_threshold",
         number(5, 16, [](NodeConfig& c, std::int64_t v) { c.phiConvictThreshold = static_cast<double>(v); })},
        {"data_file_directories",
         [](NodeConfig& config, const std::string& value) {
             config.storage.dataFolder = value;
             return ok();
         }},
        {"commitlog_directory",
         [](NodeConfig& config, const std::string& value) {
             config.storage.commitLogFolder = value;
             return ok();
         }},
        {"commitlog_sync", setSync},
        {"commitlog_sync_period", duration([](NodeConfig& c, runtime::Duration v) { c.storage.syncPeriod = v; })},
        {"commitlog_sync_group_window",
         duration([](NodeConfig& c, runtime::Duration v) { c.storage.syncGroupWindow = v; })},
        {"periodic_commitlog_sync_lag_block",
         duration([](NodeConfig& c, runtime::Duration v) { c.storage.syncLagBlock = v; })},
        {"commitlog_segment_size", dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.segmentBytes = v; })},
        {"commitlog_total_space",
         dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.commitLogTotalBytes = v; })},
        {"commit_failure_policy", setCommitFailurePolicy},
        {"disk_failure_policy", setDiskFailurePolicy},
        {"auto_snapshot", boolean([](NodeConfig& c, bool v) { c.storage.autoSnapshot = v; })},
        {"auto_snapshot_ttl",
         duration([](NodeConfig& c, runtime::Duration v) { c.storage.autoSnapshotTtl = v; })},
        {"incremental_backups", boolean([](NodeConfig& c, bool v) { c.storage.incrementalBackups = v; })},
        {"concurrent_compactors",
         number(1, 64, [](NodeConfig& c, std::int64_t v) { c.storage.compaction.concurrent = static_cast<std::uint32_t>(v); })},
        {"compaction_throughput",
         [](NodeConfig& config, const std::string& value) -> Result<void> {
             const std::string size = value.ends_with("/s") ? value.substr(0, value.size() - 2) : value;
             TRY_ASSIGN(config.storage.compaction.bytesPerSecond, parseDataSize(size));
             return ok();
         }},
        {"cdc_enabled", boolean([](NodeConfig& c, bool v) { c.storage.cdc.enabled = v; })},
        {"cdc_block_writes", boolean([](NodeConfig& c, bool v) { c.storage.cdc.blockWrites = v; })},
        {"cdc_raw_directory",
         [](NodeConfig& config, const std::string& value) {
             config.storage.cdc.folder = value;
             return ok();
         }},
        {"cdc_total_space",
         dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.cdc.totalBytes = v; })},
        {"cdc_free_space_check_interval",
         duration([](NodeConfig& c, runtime::Duration v) { c.storage.cdc.checkInterval = v; })},
        {"tombstone_warn_threshold",
         number(-1, kThresholdMax,
                [](NodeConfig& c, std::int64_t v) {
                    c.storage.tombstoneWarnThreshold = static_cast<std::uint32_t>(v < 0 ? kThresholdMax : v);
                })},
        {"tombstone_failure_threshold",
         number(-1, kThresholdMax,
                [](NodeConfig& c, std::int64_t v) {
                    c.storage.tombstoneFailureThreshold = static_cast<std::uint32_t>(v < 0 ? kThresholdMax : v);
                })},
        {"file_cache_size", dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.chunkCacheBytes = v; })},
        {"column_index_size", dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.columnIndexBytes = v; })},
        {"key_cache_size", dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.keyCacheBytes = v; })},
        {"memtable_heap_space", dataSize([](NodeConfig& c, std::uint64_t v) { c.storage.memtableTotalBytes = v; })},
        {"memtable_cleanup_threshold", setCleanupThreshold},
        {"read_request_timeout", duration([](NodeConfig& c, runtime::Duration v) { c.timeouts.read = v; })},
        {"range_request_timeout", duration([](NodeConfig& c, runtime::Duration v) { c.timeouts.range = v; })},
        {"write_request_timeout", duration([](NodeConfig& c, runtime::Duration v) { c.timeouts.write = v; })},
        {"hints_directory",
         [](NodeConfig& config, const std::string& value) {
             config.hints.folder = value;
             return ok();
         }},
        {"hinted_handoff_enabled",
         [](NodeConfig& config, const std::string& value) {
             config.hints.enabled = value == "true";
             return ok();
         }},
        {"max_hint_window", duration([](NodeConfig& c, runtime::Duration v) { c.hints.window = v; })},
        {"hinted_handoff_throttle",
         dataSize([](NodeConfig& c, std::uint64_t v) { c.hints.throttleBytes = v; })},
        {"hints_flush_period", duration([](NodeConfig& c, runtime::Duration v) { c.hints.flushPeriod = v; })},
        {"max_hints_file_size", dataSize([](NodeConfig& c, std::uint64_t v) { c.hints.fileBytesMax = v; })},
        {"max_hints_size_per_host", dataSize([](NodeConfig& c, std::uint64_t v) { c.hints.hostBytesMax = v; })},
        {"counter_write_request_timeout",
         duration([](NodeConfig& c, runtime::Duration v) { c.timeouts.counterWrite = v; })},
        {"cas_contention_timeout", duration([](NodeConfig& c, runtime::Duration v) { c.timeouts.casContention = v; })},
        {"batch_size_warn_threshold", dataSize([](NodeConfig& c, std::uint64_t v) { c.batchLimits.warnBytes = v; })},
        {"batch_size_fail_threshold", dataSize([](NodeConfig& c, std::uint64_t v) { c.batchLimits.failBytes = v; })},
        {"unlogged_batch_across_partitions_warn_threshold",
         number(0, kThresholdMax,
                [](NodeConfig& c, std::int64_t v) {
                    c.batchLimits.unloggedPartitions = static_cast<std::uint32_t>(v);
                })},
        {"truncate_request_timeout", duration([](NodeConfig& c, runtime::Duration v) { c.timeouts.truncate = v; })},
        {"ringside_ignore_replay_errors",
         [](NodeConfig& config, const std::string& value) {
             config.storage.ignoreReplayErrors = value == "true";
             return ok();
         }},
    };
    return all;
}

struct OldName {
    std::string_view name;
    std::string_view now;
    std::string_view unit;  // That the old name said, and the value now does.
};

/// Names that cassandra.yaml had before 4.1 (Config's @Replaces), of the settings known here.
constexpr OldName kOldNames[] = {
    {"batch_size_fail_threshold_in_kb", "batch_size_fail_threshold", "KiB"},
    {"batch_size_warn_threshold_in_kb", "batch_size_warn_threshold", "KiB"},
    {"cas_contention_timeout_in_ms", "cas_contention_timeout", "ms"},
    {"cdc_free_space_check_interval_ms", "cdc_free_space_check_interval", "ms"},
    {"cdc_total_space_in_mb", "cdc_total_space", "MiB"},
    {"column_index_size_in_kb", "column_index_size", "KiB"},
    {"commitlog_segment_size_in_mb", "commitlog_segment_size", "MiB"},
    {"commitlog_sync_group_window_in_ms", "commitlog_sync_group_window", "ms"},
    {"commitlog_sync_period_in_ms", "commitlog_sync_period", "ms"},
    {"commitlog_total_space_in_mb", "commitlog_total_space", "MiB"},
    {"compaction_throughput_mb_per_sec", "compaction_throughput", "MiB/s"},
    {"counter_write_request_timeout_in_ms", "counter_write_request_timeout", "ms"},
    {"credentials_validity_in_ms", "credentials_validity", "ms"},
    {"file_cache_size_in_mb", "file_cache_size", "MiB"},
    {"hinted_handoff_throttle_in_kb", "hinted_handoff_throttle", "KiB"},
    {"hints_flush_period_in_ms", "hints_flush_period", "ms"},
    {"key_cache_size_in_mb", "key_cache_size", "MiB"},
    {"max_hint_window_in_ms", "max_hint_window", "ms"},
    {"max_hints_file_size_in_mb", "max_hints_file_size", "MiB"},
    {"memtable_heap_space_in_mb", "memtable_heap_space", "MiB"},
    {"native_transport_idle_timeout_in_ms", "native_transport_idle_timeout", "ms"},
    {"native_transport_max_concurrent_requests_in_bytes", "native_transport_max_request_data_in_flight", "B"},
    {"native_transport_max_concurrent_requests_in_bytes_per_ip", "native_transport_max_request_data_in_flight_per_ip", "B"},
    {"native_transport_max_frame_size_in_mb", "native_transport_max_frame_size", "MiB"},
    {"periodic_commitlog_sync_lag_block_in_ms", "periodic_commitlog_sync_lag_block", "ms"},
    {"permissions_validity_in_ms", "permissions_validity", "ms"},
    {"range_request_timeout_in_ms", "range_request_timeout", "ms"},
    {"read_request_timeout_in_ms", "read_request_timeout", "ms"},
    {"roles_validity_in_ms", "roles_validity", "ms"},
    {"truncate_request_timeout_in_ms", "truncate_request_timeout", "ms"},
    {"write_request_timeout_in_ms", "write_request_timeout", "ms"},
};

/// A setting by its old name becomes one by its new name, its unit behind the number.
void renameOld(std::string& name, std::string& value) {
    const auto old = std::find_if(std::begin(kOldNames), std::end(kOldNames),
                                  [&](const OldName& known) { return known.name == name; });
    if (old == std::end(kOldNames)) {
        return;
    }
    name = old->now;
    if (!value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        value += old->unit;
    }
}

Result<bool> setBy(const Setter& setter, NodeConfig& config, const std::string& value) {
    TRY(setter(config, value));
    return true;
}

}  // namespace

Result<runtime::Duration> parseDuration(std::string_view text) {
    TRY_ASSIGN(const auto nanos,
               parseWithUnit(text,
                             {{"ms", kNanosPerMilli},
                              {"us", 1000},
                              {"ns", 1},
                              {"s", kNanosPerMilli * kMillisPerSecond},
                              {"m", kNanosPerMilli * kMillisPerSecond * 60},
                              {"h", kNanosPerMilli * kMillisPerSecond * 3600},
                              {"d", kNanosPerMilli * kMillisPerSecond * 86400}},
                             "a duration such as 500ms, 10s or 2m"));
    return runtime::Duration(nanos);
}

Result<std::uint64_t> parseDataSize(std::string_view text) {
    TRY_ASSIGN(const auto bytes,
               parseWithUnit(text, {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}},
                             "a size such as 64KiB, 32MiB or 1GiB"));
    return static_cast<std::uint64_t>(bytes);
}

Result<NodeConfig> loadConfig(runtime::FileSystem& files, const std::string& path) {
    TRY_ASSIGN(const auto content, runtime::readFile(files, path));
    NodeConfig config;
    config.storage.autoSnapshot = true;
    try {
        const YAML::Node root = YAML::Load(content);
        if (!root.IsMap()) {
            return makeError(ErrorKind::Config, path + ": expected lines of `name: value`");
        }
        for (const auto& entry : root) {
            auto name = entry.first.as<std::string>();
            auto value = entry.second.IsScalar() ? entry.second.as<std::string>() : YAML::Dump(entry.second);
            const std::string given = name;
            renameOld(name, value);
            if (!config.settings.try_emplace(name, value).second) {
                // Config.java's words.
                return makeError(ErrorKind::Config,
                                 fmt::format("{}:{}: Config contains both old and new keys for the same configuration "
                                             "parameters, migrate old -> new: [{} -> {}]",
                                             path, entry.second.Mark().line + 1, given, name));
            }
            const auto it = setters().find(name);
            const Result<bool> set = it != setters().end() ? setBy(it->second, config, value)
                                                           : setGuardrail(config.guardrails, name, value);
            if (!set) {
                return makeError(ErrorKind::Config,
                                 fmt::format("{}:{}: {}: {}", path, entry.second.Mark().line + 1, name,
                                             set.error().message));
            }
            if (!set.value()) {
                config.unknown.push_back(name);
            }
        }
    } catch (const YAML::Exception& broken) {
        return makeError(ErrorKind::Config, fmt::format("{}:{}: {}", path, broken.mark.line + 1, broken.msg));
    }
    if (const Result<void> sound = checkGuardrails(config.guardrails); !sound) {
        return makeError(ErrorKind::Config, path + ": " + sound.error().message);
    }
    boundMemtables(config.storage);
    config.accessControl.datacenter = config.datacenter;
    if (config.accessControl.permissions && !config.accessControl.passwords) {
        return makeError(ErrorKind::Config, path + ": AllowAllAuthenticator can't be used with CassandraAuthorizer");
    }
    if (config.storage.dataFolder.empty() || config.storage.commitLogFolder.empty()) {
        return makeError(ErrorKind::Config,
                         path + ": data_file_directories and commitlog_directory must be set");
    }
    if (config.storage.cdc.folder.empty()) {
        config.storage.cdc.folder = runtime::parentFolder(config.storage.commitLogFolder) + "/cdc_raw";
    }
    if (config.hints.folder.empty()) {
        config.hints.folder = runtime::parentFolder(config.storage.commitLogFolder) + "/hints";
    }
    const std::string archiving = runtime::parentFolder(path) + "/commitlog_archiving.properties";
    if (files.exists(archiving)) {
        TRY_ASSIGN(const auto properties, runtime::readFile(files, archiving));
        auto archive = storage::parseArchiveProperties(properties);
        if (!archive) {
            return makeError(ErrorKind::Config, archiving + ": " + archive.error().message);
        }
        config.storage.archive = std::move(archive).value();
    }
    return config;
}

}  // namespace engine::node
