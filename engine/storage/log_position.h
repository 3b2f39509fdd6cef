#pragma once

#include <compare>
#include <cstdint>

namespace engine::storage {

/// A place in the commit log: a segment's id and a byte offset in its file
/// (org.apache.cassandra.db.commitlog.CommitLogPosition).
struct LogPosition {
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;
    auto operator<=>(const LogPosition&) const = default;
};

}  // namespace engine::storage
