#pragma once

#include <string>
#include <vector>

#include "labs/world.h"

namespace lab {

/// At most so many rows of a table are saved.
inline constexpr std::size_t kSnapshotRowsMax = 2000;

/// Keyspaces with their tables and rows as CQL: what a reset saves before it drops them. Meant for the small
/// data of labs; write times and time to live are not kept.
struct Snapshot {
    std::vector<std::string> statements;
    std::vector<std::string> remarks;  // What is not saved, a sentence each.
};

/// A keyspace that does not exist adds nothing. Counters are saved as additions, since no other statement
/// brings a counter back.
Result<Snapshot> takeSnapshot(World& world, const std::vector<std::string>& keyspaces);

/// Runs the statements; keyspaces in the way are dropped first, so it may be repeated, and no counter counts
/// twice. The error says how many of them have been run.
Result<void> restoreSnapshot(World& world, const std::vector<std::string>& keyspaces,
                             const std::vector<std::string>& statements);

/// The same for the same statements, and never empty.
std::string fingerprintOf(const std::vector<std::string>& statements);

}  // namespace lab
