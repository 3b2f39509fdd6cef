#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"

namespace engine::storage {

/// Structures that are kept beside the tables and answer reads by other columns than the key
/// (org.apache.cassandra.index.SecondaryIndexManager). The storage engine tells them of all that
/// happens to the rows, on the node's thread, and hands them the reads that want an index.
class SecondaryIndexes {
public:
    virtual ~SecondaryIndexes() = default;
    /// Before anything of a write is kept: refused updates leave nothing behind.
    virtual Result<void> check(const rows::PartitionUpdate& update) const = 0;
    /// An update that is about to join its table's memtable, at replay of the commit log too.
    virtual void applied(const schema::Table& table, const rows::Partition& update) = 0;
    /// The rows are no longer those it was told of: after a truncation, or when files came.
    virtual void truncated(const schema::Table& table) = 0;
    /// As StorageEngine::read, of a command with `useIndex` or `nearest`.
    virtual Result<std::vector<rows::Partition>> read(const rows::ReadCommand& command) = 0;
};

}  // namespace engine::storage
