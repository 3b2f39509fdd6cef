#pragma once

#include "engine/rows/partition.h"

namespace engine::rows {

/// Everything in the partition is of `micros`, deletions of the microsecond before, so that they hide
/// nothing of the same write (PartitionUpdate.updateAllTimestamp).
void retime(Partition& partition, std::int64_t micros);

}  // namespace engine::rows
