#include "engine/node/effective_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/node/guardrail_config.h"

namespace engine::node {

namespace {

/// As DurationSpec prints milliseconds, and DataStorageSpec mebibytes.
std::string millis(runtime::Duration duration) {
    return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}
std::string mebibytes(std::uint64_t bytes) { return fmt::format("{}MiB", bytes >> 20); }

std::string nameOf(storage::CommitLogSync sync) {
    switch (sync) {
        case storage::CommitLogSync::Periodic: return "periodic";
        case storage::CommitLogSync::Group: return "group";
        case storage::CommitLogSync::Batch: return "batch";
    }
    return "periodic";
}

std::string nameOf(storage::CommitFailurePolicy policy) {
    switch (policy) {
        case storage::CommitFailurePolicy::Die: return "die";
        case storage::CommitFailurePolicy::Stop: return "stop";
        case storage::CommitFailurePolicy::StopCommit: return "stop_commit";
        case storage::CommitFailurePolicy::Ignore: return "ignore";
    }
    return "stop";
}

std::string connections(std::size_t most) {
    return most == native::NativeLimits::kUnlimited ? "-1" : std::to_string(most);
}

}  // namespace

std::map<std::string, std::string> effectiveSettings(const NodeConfig& config) {
    std::map<std::string, std::string> out{
        {"auto_snapshot", config.storage.autoSnapshot ? "true" : "false"},
        {"compaction_throughput", mebibytes(config.storage.compaction.bytesPerSecond) + "/s"},
        {"concurrent_compactors", std::to_string(config.storage.compaction.concurrent)},
        {"incremental_backups", config.storage.incrementalBackups ? "true" : "false"},
        {"cdc_block_writes", config.storage.cdc.blockWrites ? "true" : "false"},
        {"cdc_enabled", config.storage.cdc.enabled ? "true" : "false"},
        {"cdc_raw_directory", config.storage.cdc.folder},
        {"cdc_total_space", mebibytes(config.storage.cdc.totalBytes)},
        {"cluster_name", config.clusterName},
        {"commit_failure_policy", nameOf(config.storage.commitFailurePolicy)},
        {"commitlog_directory", config.storage.commitLogFolder},
        {"commitlog_segment_size", mebibytes(config.storage.segmentBytes)},
        {"commitlog_sync", nameOf(config.storage.sync)},
        {"commitlog_sync_period", millis(config.storage.syncPeriod)},
        {"commitlog_total_space", mebibytes(config.storage.commitLogTotalBytes)},
        {"data_file_directories", fmt::format("[{}]", config.storage.dataFolder)},
        {"disk_failure_policy", std::string(toString(config.storage.diskFailurePolicy))},
        {"default_secondary_index", config.features.defaultIndex},
        {"default_secondary_index_enabled", "true"},
        {"dynamic_data_masking_enabled", config.features.dataMasking ? "true" : "false"},
        {"file_cache_size", mebibytes(config.storage.chunkCacheBytes)},
        {"listen_address", config.internode.host},
        {"materialized_views_enabled", config.features.materializedViews ? "true" : "false"},
        {"memtable_cleanup_threshold", fmt::format("{}", config.storage.memtableCleanupThreshold)},
        {"memtable_heap_space", mebibytes(config.storage.memtableTotalBytes)},
        {"native_transport_allow_older_protocols", config.clients.allowOlderProtocols ? "true" : "false"},
        {"native_transport_idle_timeout", millis(config.clients.idleTimeout)},
        {"native_transport_max_concurrent_connections", connections(config.clients.limits.maxConnections)},
        {"native_transport_max_concurrent_connections_per_ip", connections(config.clients.limits.maxConnectionsPerAddress)},
        {"native_transport_max_frame_size", mebibytes(config.clients.limits.maxEnvelopeBytes)},
        {"native_transport_max_request_data_in_flight", mebibytes(config.clients.limits.maxRequestBytes)},
        {"native_transport_max_request_data_in_flight_per_ip", mebibytes(config.clients.limits.maxRequestBytesPerAddress)},
        {"native_transport_port", std::to_string(config.native.port)},
        {"num_tokens", std::to_string(config.numTokens)},
        {"partitioner", "org.apache.cassandra.dht.Murmur3Partitioner"},
        {"phi_convict_threshold", fmt::format("{:.1f}", config.phiConvictThreshold)},
        {"range_request_timeout", millis(config.timeouts.range)},
        {"read_request_timeout", millis(config.timeouts.read)},
        {"rpc_address", config.native.host},
        {"sasi_indexes_enabled", config.features.sasiIndexes ? "true" : "false"},
        {"tombstone_failure_threshold", std::to_string(config.storage.tombstoneFailureThreshold)},
        {"tombstone_warn_threshold", std::to_string(config.storage.tombstoneWarnThreshold)},
        {"storage_port", std::to_string(config.internode.port)},
        {"trace_type_query_ttl", "86400s"},
        {"batch_size_fail_threshold", fmt::format("{}KiB", config.batchLimits.failBytes / 1024)},
        {"batch_size_warn_threshold", fmt::format("{}KiB", config.batchLimits.warnBytes / 1024)},
        {"cas_contention_timeout", millis(config.timeouts.casContention)},
        {"hinted_handoff_enabled", config.hints.enabled ? "true" : "false"},
        {"hinted_handoff_throttle", fmt::format("{}KiB", config.hints.throttleBytes / 1024)},
        {"hints_directory", config.hints.folder},
        {"hints_flush_period", millis(config.hints.flushPeriod)},
        {"max_hint_window", millis(config.hints.window)},
        {"max_hints_file_size", mebibytes(config.hints.fileBytesMax)},
        {"max_hints_size_per_host", fmt::format("{}B", config.hints.hostBytesMax)},
        {"counter_write_request_timeout", millis(config.timeouts.counterWrite)},
        {"unlogged_batch_across_partitions_warn_threshold",
         std::to_string(config.batchLimits.unloggedPartitions)},
        {"truncate_request_timeout", millis(config.timeouts.truncate)},
        {"user_defined_functions_enabled", config.features.userFunctions ? "true" : "false"},
        {"write_request_timeout", millis(config.timeouts.write)},
    };
    for (const auto& [name, value] : config.settings) {
        const bool used = std::find(config.unknown.begin(), config.unknown.end(), name) == config.unknown.end();
        const bool isList = value.starts_with('[') || value.starts_with('-');
        if (used && !isList && name != "ringside_admin_token") {
            out.try_emplace(name, value);
        }
    }
    out.merge(guardrailTexts(config.guardrails));
    return out;
}

}  // namespace engine::node
