#pragma once

#include <string>

#include "engine/rows/read_command.h"

namespace engine::rows {

/// A read command as Cassandra's warnings and logs put it (AbstractReadQuery.toCQLString). CQL in
/// form, though nobody typed it.
std::string toCql(const ReadCommand& command);
/// The partition key's values with commas between them, as literals.
std::string keyText(const schema::Table& table, BytesView key);

}  // namespace engine::rows
