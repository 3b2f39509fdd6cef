#pragma once

#include <string_view>

#include "engine/ring/topology.h"
#include "engine/storage/storage_engine.h"

namespace engine::system {

/// Writes system.size_estimates and system.table_estimates anew: for each table and each range of which `self` is the
/// primary replica, how many partitions its files hold there and how large they are on average
/// (db/SizeEstimatesRecorder). Spark's connector splits its work by it.
Result<void> refreshSizeEstimates(storage::StorageEngine& storage, const schema::Schema& schema,
                                  const ring::Topology& topology, std::string_view self, std::int64_t nowMicros);

}  // namespace engine::system
