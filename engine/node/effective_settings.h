#pragma once

#include <map>
#include <string>

#include "engine/node/node_config.h"

namespace engine::node {

/// The settings a node runs with, defaults too, as system_views.settings shows them. Without the
/// admin token.
std::map<std::string, std::string> effectiveSettings(const NodeConfig& config);

}  // namespace engine::node
