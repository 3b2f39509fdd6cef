#pragma once

#include "engine/rows/partition.h"

namespace engine::rows {

/// Order of two cells of one row: by column name, then by path in the order of the column's type.
int compareCells(const schema::Table& table, const Cell& a, const Cell& b);

/// Removes from a row what an outer deletion (of the partition, or of a range) or its own deletions
/// hide. A row deletion that the outer one supersedes goes too.
void dropShadowed(Row& row, const DeletionTime& outer);
/// The same for everything in a partition.
void dropShadowed(const schema::Table& table, Partition& partition);
/// Drops the row's tombstones older than `gcBefore` (seconds).
void purge(Row& row, std::int64_t gcBefore, std::int64_t nowSeconds);

}  // namespace engine::rows
