#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace engine::storage {

/// commit_failure_policy: what follows when the commit log cannot be written or synced.
enum class CommitFailurePolicy { Die, Stop, StopCommit, Ignore };
/// disk_failure_policy: what follows when a table's files cannot be.
enum class DiskFailurePolicy { Die, StopParanoid, Stop, BestEffort, Ignore };

/// The names of cassandra.yaml.
Result<CommitFailurePolicy> parseCommitFailurePolicy(std::string_view name);
Result<DiskFailurePolicy> parseDiskFailurePolicy(std::string_view name);

std::string_view toString(DiskFailurePolicy policy);

/// What the policies want of the node; the storage engine has done its own part.
struct StorageFailure {
    enum class Action { StopTransports, Die };
    Action action = Action::StopTransports;
    std::string why;
};

}  // namespace engine::storage
