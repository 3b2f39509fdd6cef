#pragma once

#include "engine/rows/partition.h"
#include "engine/schema/schema.h"

namespace fuzz {

/// One keyspace with one table that has every kind of column.
const engine::schema::Schema& sampleSchema();
engine::schema::TablePtr sampleTable();
/// Rows, cells and deletions drawn by the seed.
engine::rows::Partition samplePartition(std::uint64_t seed);

}  // namespace fuzz
