#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/rows/partition.h"

namespace engine::storage {

/// The refusal of a mutation that takes more than half a segment, in the words of
/// org.apache.cassandra.db.MutationExceededMaxSizeException.
Error oversizedMutation(const rows::Mutation& mutation, std::size_t size, std::uint64_t limit);

}  // namespace engine::storage
