#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/cql/statement.h"
#include "engine/rows/partition.h"

namespace engine::coordinator {

/// What a batch may be before its client is warned, or it is refused; cassandra.yaml's names are in
/// the comments.
struct BatchLimits {
    std::uint64_t warnBytes = 5u << 10;   // batch_size_warn_threshold
    std::uint64_t failBytes = 50u << 10;  // batch_size_fail_threshold
    std::uint32_t unloggedPartitions = 10;  // unlogged_batch_across_partitions_warn_threshold
};

/// BatchStatement.verifyBatchSize and verifyBatchType, and the warning over gc_grace_seconds: 0x2200
/// when it is too large, else what the client is to be told is added to `warnings`.
Result<void> checkBatch(const BatchLimits& limits, cql::BatchType type, const std::vector<rows::Mutation>& mutations,
                        std::vector<std::string>& warnings);

/// What a mutation counts for: keys' and values' bytes and what Cassandra adds to each cell
/// (PartitionUpdate.dataSize).
std::uint64_t dataSize(const rows::Mutation& mutation);

}  // namespace engine::coordinator
