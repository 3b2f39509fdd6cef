#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/rows/column_name.h"

namespace engine::rows {

/// Write timestamps are microseconds since 1970; deletion times are seconds since 1970.
inline constexpr std::int64_t kNoTimestamp = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNoDeletionTime = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int32_t kNoTtl = 0;

/// When and with which timestamp something was deleted (org.apache.cassandra.db.DeletionTime).
struct DeletionTime {
    std::int64_t markedForDeleteAt = kNoTimestamp;
    std::int64_t localDeletionTime = kNoDeletionTime;

    bool isLive() const { return markedForDeleteAt == kNoTimestamp; }
    /// A deletion hides what was written at or before it.
    bool deletes(std::int64_t timestamp) const { return timestamp <= markedForDeleteAt; }
    bool supersedes(const DeletionTime& other) const {
        return markedForDeleteAt != other.markedForDeleteAt
                   ? markedForDeleteAt > other.markedForDeleteAt
                   : localDeletionTime > other.localDeletionTime && !isLive();
    }
    bool operator==(const DeletionTime&) const = default;
};

/// The row marker an INSERT leaves (org.apache.cassandra.db.LivenessInfo).
struct LivenessInfo {
    std::int64_t timestamp = kNoTimestamp;
    std::int32_t ttl = kNoTtl;
    std::int64_t localExpirationTime = kNoDeletionTime;

    bool isEmpty() const { return timestamp == kNoTimestamp; }
    bool isLive(std::int64_t nowSeconds) const {
        return !isEmpty() && (ttl == kNoTtl ? localExpirationTime == kNoDeletionTime
                                            : nowSeconds < localExpirationTime);
    }
    bool operator==(const LivenessInfo&) const = default;
};

/// One value of one column, or its tombstone. Bytes are as Cassandra serialises the type.
struct Cell {
    ColumnName column;
    Bytes path;   // Key within a multi-cell collection, field index of a UDT; empty for simple columns.
    Bytes value;  // Empty for tombstones.
    std::int64_t timestamp = kNoTimestamp;
    std::int32_t ttl = kNoTtl;
    std::int64_t localDeletionTime = kNoDeletionTime;

    bool isTombstone() const { return localDeletionTime != kNoDeletionTime && ttl == kNoTtl; }
    bool isExpiring() const { return ttl != kNoTtl; }
    bool isLive(std::int64_t nowSeconds) const {
        return localDeletionTime == kNoDeletionTime ||
               (ttl != kNoTtl && nowSeconds < localDeletionTime);
    }
    bool operator==(const Cell&) const = default;
};

/// Which of two versions of the same cell wins: Cassandra's Cells.reconcile. True when `right` does.
bool rightWins(const Cell& left, const Cell& right);
/// Which of two row markers wins (LivenessInfo.supersedes).
bool supersedes(const LivenessInfo& a, const LivenessInfo& b);

/// All or some columns, by name; key columns are always there.
struct ColumnSelection {
    bool all = true;
    std::vector<std::string> names;  // Sorted; used when `all` is false.
    bool contains(std::string_view column) const;
};

}  // namespace engine::rows
