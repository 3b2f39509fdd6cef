#pragma once

#include <vector>

#include "engine/storage/compaction_request.h"
#include "engine/storage/storage_engine.h"
#include "engine/system/virtual_tables.h"

/// system.compaction_history and system_views.sstable_tasks (SystemKeyspace.updateCompactionHistory,
/// SSTableTasksTable).
namespace engine::system {

/// Rows stay for a week, as the table says.
Result<void> saveCompaction(storage::StorageEngine& storage,
                            const storage::CompactionHistoryEntry& entry, std::int64_t nowMicros);
/// Newest first.
Result<std::vector<storage::CompactionHistoryEntry>> loadCompactions(
    storage::StorageEngine& storage, std::int64_t nowSeconds);

NodeVirtualTables::Source sstableTasks(storage::StorageEngine& storage);

}  // namespace engine::system
