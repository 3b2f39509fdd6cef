#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/local/local_cluster.h"
#include "engine/runtime/file_system.h"

/// The files that describe a cluster: cluster.yaml, and for each node node<n>/cassandra.yaml. What
/// they hold is shown to people, so it is plain YAML.
namespace engine::local {

struct ClusterDescription {
    ClusterSpec spec;
    std::vector<LocalNode> nodes;  // Without state and process.
    std::vector<bool> later;       // Joins when first started.
};

/// Addresses, ports, places and tokens for every node.
Result<ClusterDescription> describe(const std::string& folder, ClusterSpec spec, bool portsPerNode,
                                    const std::string& token);

Result<void> writeFiles(runtime::FileSystem& files, const std::string& folder, const ClusterDescription& description);
Result<ClusterDescription> readFiles(runtime::FileSystem& files, const std::string& folder);

}  // namespace engine::local
