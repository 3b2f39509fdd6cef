#pragma once

#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/types/data_type.h"

namespace engine::cql {

/// The value that a CQL literal stands for as one of `type`, as DESCRIBE and system_schema.aggregates
/// write it; absent for null.
Result<std::optional<Bytes>> literalValue(std::string_view text, const types::TypePtr& type);

}  // namespace engine::cql
