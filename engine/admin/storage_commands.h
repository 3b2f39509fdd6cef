#pragma once

#include <string>
#include <vector>

#include "engine/admin/node_methods.h"
#include "engine/admin/nodetool.h"

namespace engine::admin {

/// Whether a verb of nodetool is about a node's files: compactions, snapshots, imports, statistics.
bool isStorageCommand(const std::string& verb);
/// Runs one of them, with Cassandra's texts.
runtime::Task<NodetoolAnswer> storageCommand(NodeParts parts, std::string verb,
                                             std::vector<std::string> words);

}  // namespace engine::admin
