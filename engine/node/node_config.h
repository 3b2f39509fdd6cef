#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/access/access_options.h"
#include "engine/base/result.h"
#include "engine/coordinator/batch_limits.h"
#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/hints/hints_service.h"
#include "engine/cql/statement.h"
#include "engine/native/native_options.h"
#include "engine/runtime/file_system.h"
#include "engine/runtime/network.h"
#include "engine/storage/storage_engine.h"

namespace engine::node {

/// One node's settings. The file is a cassandra.yaml: the names are Cassandra's, but for the
/// `ringside_` ones.
struct NodeConfig {
    std::string clusterName = "Test Cluster";
    runtime::Endpoint internode{"127.0.0.1", 7000};  // listen_address, storage_port
    runtime::Endpoint native{"127.0.0.1", 9042};     // rpc_address, native_transport_port
    runtime::Endpoint admin{"127.0.0.1", 7199};      // ringside_admin_port
    std::string adminToken;                          // ringside_admin_token
    native::NativeOptions clients;                   // native_transport_…; listen is `native`.
    std::vector<std::string> seeds;                  // Names "host:port".
    std::string datacenter = "datacenter1";          // ringside_dc
    std::string rack = "rack1";                      // ringside_rack
    int numTokens = 16;                              // num_tokens
    std::vector<std::int64_t> initialTokens;         // initial_token
    double phiConvictThreshold = 8;                  // phi_convict_threshold
    storage::StorageOptions storage;
    coordinator::Timeouts timeouts;
    coordinator::BatchLimits batchLimits;
    coordinator::HintOptions hints;
    cql::Features features;
    cql::GuardrailSettings guardrails;
    access::AccessOptions accessControl;        // authenticator, authorizer, …_validity
    /// Everything as written, for system_views.settings.
    std::map<std::string, std::string> settings;
    /// Names this program does not know; said once in the log.
    std::vector<std::string> unknown;
};

/// Errors name the file, the setting, what it holds and what was expected.
Result<NodeConfig> loadConfig(runtime::FileSystem& files, const std::string& path);

/// "5000ms", "10s", "2m", "1h", "1d", or plain milliseconds.
Result<runtime::Duration> parseDuration(std::string_view text);
/// "32MiB", "64KiB", "1GiB", or plain bytes.
Result<std::uint64_t> parseDataSize(std::string_view text);

}  // namespace engine::node
