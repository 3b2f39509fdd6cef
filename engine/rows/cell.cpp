#include "engine/rows/cell.h"

#include <algorithm>

namespace engine::rows {

// org.apache.cassandra.db.rows.Cells.resolveRegular, rule by rule.
bool rightWins(const Cell& left, const Cell& right) {
    if (left.timestamp != right.timestamp) {
        return right.timestamp > left.timestamp;
    }
    const bool leftEnds = left.localDeletionTime != kNoDeletionTime;
    const bool rightEnds = right.localDeletionTime != kNoDeletionTime;
    if (leftEnds != rightEnds) {
        return rightEnds;
    }
    if (leftEnds) {
        if (left.isExpiring() != right.isExpiring()) {
            return left.isExpiring();
        }
        if (left.localDeletionTime != right.localDeletionTime) {
            return right.localDeletionTime > left.localDeletionTime;
        }
        if (left.ttl != right.ttl) {
            return right.ttl < left.ttl;
        }
    }
    return right.value > left.value;
}

bool supersedes(const LivenessInfo& a, const LivenessInfo& b) {
    if (a.timestamp != b.timestamp) {
        return a.timestamp > b.timestamp;
    }
    constexpr std::int32_t kExpired = 0x7fffffff;  // A view's row that is gone.
    if ((a.ttl == kExpired) != (b.ttl == kExpired)) {
        return a.ttl == kExpired;
    }
    const bool aExpires = a.ttl != kNoTtl;
    const bool bExpires = b.ttl != kNoTtl;
    if (aExpires != bExpires) {
        return aExpires;
    }
    if (a.localExpirationTime != b.localExpirationTime) {
        return a.localExpirationTime > b.localExpirationTime;
    }
    return aExpires && a.ttl < b.ttl;
}

bool ColumnSelection::contains(std::string_view column) const {
    return all || std::binary_search(names.begin(), names.end(), column);
}

}  // namespace engine::rows
