#pragma once

#include <string>
#include <vector>

#include "engine/admin/node_methods.h"
#include "engine/runtime/task.h"

namespace engine::admin {

struct NodetoolAnswer {
    std::string out;
    std::string err;
    int exit = 0;
};

/// Runs one nodetool command on this node: `words` without `nodetool` and its connection options. Texts
/// are those of Apache Cassandra 5.0's nodetool.
runtime::Task<NodetoolAnswer> nodetool(NodeParts parts, std::vector<std::string> words);

}  // namespace engine::admin
