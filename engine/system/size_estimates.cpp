#include "engine/system/size_estimates.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/system/row_builder.h"
#include "engine/system/system_keyspaces.h"

namespace engine::system {

namespace {

/// One range of one table.
struct Estimate {
    std::string table;
    ring::TokenRange range;
    storage::SizeEstimate size;
};

/// Nothing starts below the least token, so a range that wraps is two.
std::vector<ring::TokenRange> unwrapped(const std::vector<ring::TokenRange>& ranges) {
    std::vector<ring::TokenRange> out;
    for (const ring::TokenRange& range : ranges) {
        if (range.left < range.right || range.right == ring::kMinToken) {
            out.push_back(range);
            continue;
        }
        out.push_back({range.left, ring::kMinToken});
        if (range.right != ring::kMinToken) {
            out.push_back({ring::kMinToken, range.right});
        }
    }
    return out;
}

std::vector<Estimate> estimatesOf(const storage::StorageEngine& storage, const schema::Keyspace& keyspace,
                                  const std::vector<ring::TokenRange>& ranges) {
    std::vector<Estimate> out;
    for (const auto& [name, table] : keyspace.tables) {
        for (const ring::TokenRange& range : ranges) {
            out.push_back({name, range, storage.estimate(*table, range.left, range.right)});
        }
    }
    return out;
}

/// `estimates` by range_type, which size_estimates has none of.
rows::PartitionUpdate rowsOf(const schema::TablePtr& table, const std::string& keyspace,
                             const std::map<std::string, std::vector<Estimate>>& estimates, std::int64_t nowMicros) {
    rows::PartitionUpdate out{table, {}};
    out.partition.key = rows::decorate(keyspace);
    out.partition.deletion = {nowMicros - 1, nowMicros / 1'000'000};
    for (const auto& [type, some] : estimates) {
        for (const Estimate& estimate : some) {
            RowBuilder row(*table, nowMicros);
            row.clustering(estimate.table);
            if (!type.empty()) {
                row.clustering(type);
            }
            out.partition.rows.push_back(row.clustering(std::to_string(estimate.range.left))
                                             .clustering(std::to_string(estimate.range.right))
                                             .bigint("mean_partition_size", static_cast<std::int64_t>(estimate.size.meanPartitionBytes))
                                             .bigint("partitions_count", static_cast<std::int64_t>(estimate.size.partitions))
                                             .take());
        }
    }
    std::sort(out.partition.rows.begin(), out.partition.rows.end(), [&table](const rows::Row& a, const rows::Row& b) {
        return rows::compareClustering(*table, a.clustering, b.clustering) < 0;
    });
    return out;
}

/// What was written of keyspaces that are gone, goes.
Result<void> forgetOthers(storage::StorageEngine& storage, const schema::TablePtr& table, const std::set<std::string>& keyspaces,
                          std::int64_t nowMicros) {
    rows::ReadCommand command;
    command.table = table;
    command.nowSeconds = nowMicros / 1'000'000;
    TRY_ASSIGN(auto found, storage.readNow(command));
    for (const rows::Partition& partition : found) {
        if (!keyspaces.contains(partition.key.key)) {
            TRY(applyUpdate(storage, rowsOf(table, partition.key.key, {}, nowMicros)));
        }
    }
    return ok();
}

}  // namespace

Result<void> refreshSizeEstimates(storage::StorageEngine& storage, const schema::Schema& schema,
                                  const ring::Topology& topology, std::string_view self, std::int64_t nowMicros) {
    const schema::TablePtr sizes = systemSchema().findTable("system", "size_estimates");
    const schema::TablePtr tables = systemSchema().findTable("system", "table_estimates");
    const std::vector<ring::TokenRange> primary = unwrapped(topology.primaryRanges(self));
    const std::vector<ring::TokenRange> local = unwrapped(topology.localPrimaryRanges(self));
    std::set<std::string> known;
    for (const auto& [name, keyspace] : schema.keyspaces()) {
        if (keyspace->isLocal()) {
            continue;
        }
        known.insert(name);
        const std::vector<Estimate> estimates = estimatesOf(storage, *keyspace, primary);
        TRY(applyUpdate(storage, rowsOf(sizes, name, {{"", estimates}}, nowMicros)));
        TRY(applyUpdate(storage, rowsOf(tables, name, {{"primary", estimates}, {"local_primary", estimatesOf(storage, *keyspace, local)}},
                                        nowMicros)));
    }
    TRY(forgetOthers(storage, sizes, known, nowMicros));
    return forgetOthers(storage, tables, known, nowMicros);
}

}  // namespace engine::system
