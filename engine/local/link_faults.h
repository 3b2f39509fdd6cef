#pragma once

#include <string>
#include <vector>

#include "engine/admin/link_methods.h"
#include "engine/admin/pace.h"
#include "engine/local/local_cluster.h"

namespace engine::local {

/// What is wrong on purpose between nodes: one rule or several that share a name, on one node or more.
/// The nodes themselves keep them, in memory; a node that is started again has forgotten its own.
/// All calls block on the nodes' admin endpoints and leave out those that do not run.

/// "cut n3": no message to or from the node passes, by a rule on every node.
Result<void> cutOff(const std::vector<LocalNode>& nodes, int number);
/// "slow n1 n3": messages from one node to the other are held so long, and up to `jitter` longer.
Result<void> slowDown(const std::vector<LocalNode>& nodes, int from, int to, std::chrono::microseconds delay,
                      std::chrono::microseconds jitter);
/// Removes what has the name; an empty name: everything.
Result<void> healLinks(const std::vector<LocalNode>& nodes, const std::string& name = {});

/// Slow motion (admin/pace.h) of all nodes that run; one that is started later runs at full speed.
Result<void> setPace(const std::vector<LocalNode>& nodes, double factor);

std::string cutName(int number);
std::string slowName(int from, int to);

}  // namespace engine::local
