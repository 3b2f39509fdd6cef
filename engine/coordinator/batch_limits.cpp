#include "engine/coordinator/batch_limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace engine::coordinator {
namespace {

// What Cassandra counts beside keys and values, whether it is there or not (dataSize of LivenessInfo,
// DeletionTime, Row.Deletion and AbstractCell).
constexpr std::uint64_t kLivenessBytes = 8;
constexpr std::uint64_t kExpiryBytes = 8;
constexpr std::uint64_t kDeletionBytes = 12;
constexpr std::uint64_t kRowDeletionBytes = kDeletionBytes + 1;
constexpr std::uint64_t kCellBytes = 16;

std::uint64_t sizeOf(const rows::Clustering& clustering) {
    std::uint64_t out = 0;
    for (const Bytes& value : clustering) {
        out += value.size();
    }
    return out;
}

std::uint64_t sizeOf(const rows::Row& row) {
    std::uint64_t out = sizeOf(row.clustering) + kLivenessBytes + kRowDeletionBytes;
    out += row.liveness.ttl == rows::kNoTtl ? 0 : kExpiryBytes;
    std::string_view complex;
    for (const rows::Cell& cell : row.cells) {
        out += kCellBytes + cell.value.size() + cell.path.size();
        if (!cell.path.empty() && complex != std::string_view(cell.column)) {
            complex = cell.column;
            out += kDeletionBytes;
        }
    }
    return out;
}

/// [a.t, b.t], as Java prints a set.
std::string listOf(const std::set<std::string>& tables) { return fmt::format("[{}]", fmt::join(tables, ", ")); }

}  // namespace

std::uint64_t dataSize(const rows::Mutation& mutation) {
    std::uint64_t out = 0;
    for (const rows::PartitionUpdate& update : mutation.updates) {
        const rows::Partition& partition = update.partition;
        out += kDeletionBytes + sizeOf(partition.staticRow);
        for (const rows::Row& row : partition.rows) {
            out += sizeOf(row);
        }
        for (const rows::RangeTombstone& tombstone : partition.rangeTombstones) {
            out += sizeOf(tombstone.slice.start.prefix) + sizeOf(tombstone.slice.end.prefix) + kDeletionBytes;
        }
    }
    return out;
}

Result<void> checkBatch(const BatchLimits& limits, cql::BatchType type, const std::vector<rows::Mutation>& mutations,
                        std::vector<std::string>& warnings) {
    const bool isLogged = type == cql::BatchType::Logged;
    std::set<std::string> tables;
    std::set<std::string> unkept;
    std::set<std::pair<std::int64_t, Bytes>> keys;
    std::uint64_t size = 0;
    for (const rows::Mutation& mutation : mutations) {
        size += dataSize(mutation);
        keys.emplace(mutation.key().token, mutation.key().key);
        for (const rows::PartitionUpdate& update : mutation.updates) {
            tables.insert(update.table->qualifiedName());
            if (update.table->options.gcGraceSeconds == 0) {
                unkept.insert(update.table->qualifiedName());
            }
        }
    }
    if (isLogged && !unkept.empty()) {
        warnings.push_back(fmt::format(
            "Executing a LOGGED BATCH on table{} {}, configured with a gc_grace_seconds of 0. The gc_grace_seconds is "
            "used to TTL batchlog entries, so setting gc_grace_seconds too low on tables involved in an atomic batch "
            "might cause batchlog entries to expire before being replayed.",
            unkept.size() == 1 ? "" : "s", listOf(unkept)));
    }
    if (mutations.size() <= 1) {
        return ok();
    }
    if (size > limits.warnBytes) {
        if (size > limits.failBytes) {
            return invalid("Batch too large");
        }
        warnings.push_back(fmt::format("Batch for {} is of size {}, exceeding specified threshold of {} by {}.",
                                       listOf(tables), size, limits.warnBytes, size - limits.warnBytes));
    }
    if (!isLogged && keys.size() > limits.unloggedPartitions) {
        warnings.push_back(fmt::format(
            "Unlogged batch covering {} partition{} detected against table{} {}. You should use a logged batch for "
            "atomicity, or asynchronous writes for performance.",
            keys.size(), keys.size() == 1 ? "" : "s", tables.size() == 1 ? "" : "s", listOf(tables)));
    }
    return ok();
}

}  // namespace engine::coordinator
