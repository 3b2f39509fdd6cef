#pragma once

#include <string>
#include <string_view>
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

/// Words that nodetool does not take, and what went wrong in the node: texts and exit codes 1 and 2.
NodetoolAnswer wrongUsage(std::string_view message);
NodetoolAnswer serverError(std::string_view message);
/// FileUtils.stringifyFileSize: up to two decimals.
std::string fileSizeText(double bytes);
/// A partition key as nodetool's commands take it: components of a compound one with ':' between.
Result<Bytes> partitionKeyFromText(const schema::Table& table, const std::string& text);

}  // namespace engine::admin
