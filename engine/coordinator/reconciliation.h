#pragma once

#include <cstdint>
#include <vector>

#include "engine/coordinator/read_round.h"
#include "engine/rows/read_command.h"

namespace engine::coordinator {

/// What the answers of several replicas to one read make together.
struct Reconciled {
    std::vector<rows::Partition> merged;
    /// A replica stopped at its limit before the client has what it wants: it may hold rows that were
    /// never looked at, so it must be asked for more (ShortReadProtection).
    bool isShort = false;
};

/// Merges answers to `asked`, whose limits may be wider than `wanted`, those of the client. Rows beyond
/// the point up to which every replica told all it has are left out: other replicas' tombstones for
/// them are not known.
Reconciled reconcile(const rows::ReadCommand& asked, const rows::ReadLimits& wanted,
                     const std::vector<ReplicaAnswer>& answers);

/// How many rows of an answer count towards the command's limits: live ones that pass its filters; of a
/// partition without any, a live static row (DataLimits.CQLLimits).
std::uint32_t countRows(const rows::ReadCommand& command, const std::vector<rows::Partition>& partitions);

}  // namespace engine::coordinator
