#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/runtime/network.h"

namespace engine::ring {

/// One member of the cluster as a topology knows it. `node` is its name everywhere: its internode
/// address "host:port".
struct NodeInfo {
    std::string node;
    runtime::Endpoint internode;
    runtime::Endpoint native;
    Uuid hostId;
    std::string datacenter = "datacenter1";
    std::string rack = "rack1";
    std::vector<std::int64_t> tokens;  // Sorted.
    std::string status = "NORMAL";     // NORMAL, JOINING, LEAVING, MOVING, LEFT.
    bool operator==(const NodeInfo&) const = default;
};

}  // namespace engine::ring
