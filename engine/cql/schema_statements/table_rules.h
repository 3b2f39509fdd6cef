#pragma once

#include "engine/base/result.h"
#include "engine/types/data_type.h"

namespace engine::cql {

/// Dynamic data masking is off, as it is by Cassandra's default.
Error maskingIsOff();
/// A multi-cell user type with a multi-cell field.
bool hasNestedMultiCell(const types::DataType& type);

}  // namespace engine::cql
