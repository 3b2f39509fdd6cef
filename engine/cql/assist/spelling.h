#pragma once

#include <string_view>
#include <vector>

#include "engine/cql/assist/fixes.h"

namespace engine::cql::assist {

/// A name that is not there and a known one that was likely meant.
struct Misspelling {
    SourceSpan place;   // In the statement; line and column as the parser counts.
    Error error;        // As Cassandra would put it.
    Fix fix;
};

/// Keyspaces, tables and columns of a SELECT, INSERT, UPDATE, DELETE or BATCH that the names do not have while they have a near
/// one. As names may be old, one that resembles none passes. Nothing when the text does not parse.
std::vector<Misspelling> misspelt(std::string_view statement, const Names& names, std::string_view used);

}  // namespace engine::cql::assist
