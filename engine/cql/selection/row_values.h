#pragma once

#include <vector>

#include "engine/cql/result.h"
#include "engine/rows/partition.h"

namespace engine::cql {

/// Cells of one column of a row, in order; `cells` are sorted by column.
std::span<const rows::Cell> cellsOf(const rows::Row& row, const std::string& column);

/// A column's value in a row (or static row) that has only what is live: collections of several
/// cells are packed. Absent when there is nothing.
Value valueOf(const schema::Column& column, const rows::Row& row);

/// The components of a partition key.
std::vector<Bytes> keyComponents(const schema::Table& table, BytesView key);

}  // namespace engine::cql
