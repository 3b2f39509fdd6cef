#pragma once

#include "engine/base/result.h"
#include "engine/schema/table.h"

namespace engine::cql {

/// What the class of a custom index demands of its options (StorageAttachedIndex.validateOptions,
/// SASIIndex.validateOptions); `table` has the index among its own.
Result<void> checkCustomIndex(const schema::Table& table, const schema::Index& index);

}  // namespace engine::cql
