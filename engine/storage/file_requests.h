#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace engine::storage {

struct SnapshotRequest {
    std::string tag;
    bool skipFlush = false;
    std::optional<std::int64_t> ttlMillis;  // It goes by itself after that time.
};

/// What `nodetool import` takes, and how (SSTableImporter.Options).
struct ImportRequest {
    std::vector<std::string> folders;
    bool keepLevel = false;
    bool keepRepaired = false;
    bool verifies = true;
    bool copies = false;
};

}  // namespace engine::storage
