#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/rows/read_command.h"

namespace engine::storage {

struct SnapshotRequest {
    std::string tag;
    bool skipFlush = false;
    std::optional<std::int64_t> ttlMillis;  // It goes by itself after that time.
};

/// What `nodetool import` takes, and how (SSTableImporter.Options).
struct ImportRequest {
    /// Empty: what lies in the table's own folder and is not in use (nodetool refresh).
    std::vector<std::string> folders;
    bool keepLevel = false;
    bool keepRepaired = false;
    bool verifies = true;
    bool copies = false;
    /// Every partition must lie in one of these, if given.
    std::optional<std::vector<rows::TokenRange>> owned;
};

/// Of each folder all files came, or none.
struct ImportSummary {
    std::vector<std::uint64_t> generations;  // That the files have now.
    std::vector<std::string> failedFolders;  // Why is in the log.
};

}  // namespace engine::storage
