#pragma once

#include <string>
#include <vector>

#include "engine/admin/node_methods.h"
#include "engine/admin/nodetool.h"

namespace engine::admin {

/// nodetool tablestats, of the keyspaces and tables that are named. What this node does not count is
/// at what Cassandra prints without data; docs/fidelity.md lists it.
NodetoolAnswer tableStatistics(const NodeParts& parts, std::vector<std::string> words);
/// nodetool tablehistograms.
NodetoolAnswer tableHistogramsOf(const NodeParts& parts, const std::vector<std::string>& words);

}  // namespace engine::admin
