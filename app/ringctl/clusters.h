#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/ringctl/commands.h"
#include "engine/admin/admin_client.h"
#include "engine/local/local_cluster.h"

namespace app::ringctl {

/// The cluster that a command without --cluster means: the only one there is, or the only one that runs.
engine::Result<std::unique_ptr<engine::local::LocalCluster>> chooseCluster(const Context& context,
                                                                           const std::string& name);

engine::admin::AdminAddress adminOf(const engine::local::LocalNode& node);
/// Names of the nodes that this one holds for alive; empty when it does not answer.
std::optional<std::vector<std::string>> liveSeenBy(const engine::local::LocalNode& node);
std::string schemaVersionOf(const engine::local::LocalNode& node);

ExitCode nodetoolOn(const Context& context, engine::local::LocalCluster& cluster, int number, const Words& words);

}  // namespace app::ringctl
