#pragma once

#include "engine/storage/storage_engine.h"
#include "engine/system/virtual_tables.h"

namespace engine::system {

/// Adds to system_views what a node's files tell: max_partition_size, max_sstable_size, max_sstable_duration
/// (db/virtual/TableMetricTables) and snapshots (SnapshotsTable). The references outlive the tables.
void addStorageViews(NodeVirtualTables& tables, const storage::StorageEngine& storage,
                     const schema::SchemaRegistry& schema);

}  // namespace engine::system
