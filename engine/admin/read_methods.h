#pragma once

#include <string>
#include <vector>

#include "engine/admin/node_methods.h"

namespace boost::json {
class object;
}

namespace engine::admin {

/// The table that the parameters `keyspace` and `table` name.
Result<schema::TablePtr> tableNamed(const NodeParts& parts, const boost::json::object& params);
/// The serialised partition key that literals of the key's columns make.
Result<Bytes> keyOf(const NodeParts& parts, const schema::Table& table, const std::vector<std::string>& literals);

/// Reads the rows of a key from this node alone, as a replica does for a coordinator, and tells what the read
/// met: memtables, then SSTables with the newest writes first, each with what it was passed over by or what was
/// read of it, then the cells that were merged. It is a read like others: it is counted, and fills caches.
runtime::Task<Result<std::string>> answerReadPath(NodeParts parts, std::string params);

/// inspect::xray of one of the table's SSTables on this node, done on the pool. Without a key: the file's first one.
runtime::Task<Result<std::string>> answerXray(NodeParts parts, std::string params);

}  // namespace engine::admin
