#pragma once

#include "engine/rows/partition.h"

namespace engine::cql {

/// Cells and deletions in their order; of several cells for one place the winner stays.
void sortCells(const schema::Table& table, rows::Row& row);

}  // namespace engine::cql
