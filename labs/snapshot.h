#pragma once

#include <string>
#include <vector>

#include "labs/world.h"

namespace lab {

/// Keyspaces with their tables and rows as CQL statements: what a reset saves before it drops them.
/// Meant for the small data of labs: at most kSnapshotRowsMax rows a table; write times and time to live are
/// not kept. A keyspace that does not exist adds nothing.
inline constexpr std::size_t kSnapshotRowsMax = 2000;
Result<std::vector<std::string>> takeSnapshot(World& world, const std::vector<std::string>& keyspaces);

/// Runs the statements; keyspaces in the way are dropped first.
Result<void> restoreSnapshot(World& world, const std::vector<std::string>& keyspaces,
                             const std::vector<std::string>& statements);

}  // namespace lab
