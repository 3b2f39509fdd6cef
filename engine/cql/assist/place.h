#pragma once

#include <optional>
#include <string_view>

#include "engine/base/result.h"

namespace engine::cql::assist {

/// The part of a statement that an error names by word alone, as most of Cassandra's do: "Undefined column name b in
/// table …", "Unknown function 'f'", "Invalid STRING constant (x) for …". Nothing when the message names nothing that
/// stands in the statement. Offset and length in bytes; line and column are not filled.
std::optional<SourceSpan> placeOf(std::string_view statement, std::string_view message);

}  // namespace engine::cql::assist
