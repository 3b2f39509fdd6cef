#include "engine/system/compaction_tables.h"

#include <algorithm>

#include "engine/storage/compaction_manager.h"
#include "engine/system/row_builder.h"
#include "engine/system/system_keyspaces.h"
#include "engine/types/codec.h"

namespace engine::system {

namespace {

schema::TablePtr historyTable() {
    return systemSchema().findTable("system", "compaction_history");
}

void expire(rows::Row& row, std::int32_t ttl, std::int64_t nowSeconds) {
    row.liveness.ttl = ttl;
    row.liveness.localExpirationTime = nowSeconds + ttl;
    for (rows::Cell& cell : row.cells) {
        cell.ttl = ttl;
        cell.localDeletionTime = nowSeconds + ttl;
    }
}

}  // namespace

Result<void> saveCompaction(storage::StorageEngine& storage,
                            const storage::CompactionHistoryEntry& entry, std::int64_t nowMicros) {
    const schema::TablePtr table = historyTable();
    // A record of its own compactions would never come to an end.
    if (entry.keyspace == table->keyspace && entry.table == table->name) {
        return ok();
    }
    rows::Row row = RowBuilder(*table, nowMicros)
                        .bigint("bytes_in", static_cast<std::int64_t>(entry.bytesIn))
                        .bigint("bytes_out", static_cast<std::int64_t>(entry.bytesOut))
                        .text("columnfamily_name", entry.table)
                        .set("compacted_at", types::encodeTimestamp(entry.compactedAtMillis))
                        .textMap("compaction_properties", {{"compaction_type", entry.type}})
                        .text("keyspace_name", entry.keyspace)
                        .take();
    row.complexDeletions.push_back({"rows_merged", {nowMicros - 1, nowMicros / 1'000'000}});
    for (const auto& [sources, count] : entry.rowsMerged) {
        rows::Cell cell;
        cell.column = "rows_merged";
        cell.path = types::encodeInt(sources);
        cell.value = types::encodeBigint(static_cast<std::int64_t>(count));
        cell.timestamp = nowMicros;
        row.cells.push_back(std::move(cell));
    }
    expire(row, table->options.defaultTimeToLive, nowMicros / 1'000'000);
    return applyUpdate(storage, update(table, types::encodeUuid(entry.id), std::move(row)));
}

Result<std::vector<storage::CompactionHistoryEntry>> loadCompactions(
    storage::StorageEngine& storage, std::int64_t nowSeconds) {
    rows::ReadCommand command;
    command.table = historyTable();
    command.nowSeconds = nowSeconds;
    TRY_ASSIGN(auto found, storage.readNow(command));
    std::vector<storage::CompactionHistoryEntry> out;
    for (rows::Partition& partition : found) {
        rows::filterLive(*command.table, partition, nowSeconds);
        const auto id = Uuid::fromBytes(partition.key.key);
        if (partition.rows.empty() || !id) {
            continue;
        }
        const rows::Row& row = partition.rows.front();
        const RowReader reader(*command.table, row);
        storage::CompactionHistoryEntry entry;
        entry.id = *id;
        entry.keyspace = reader.text("keyspace_name");
        entry.table = reader.text("columnfamily_name");
        const auto number = [&](const char* column) {
            const auto value = reader.get(column);
            return value && value->size() == 8 ? types::decodeBigint(*value) : 0;
        };
        entry.compactedAtMillis = number("compacted_at");
        entry.bytesIn = static_cast<std::uint64_t>(number("bytes_in"));
        entry.bytesOut = static_cast<std::uint64_t>(number("bytes_out"));
        const auto properties = reader.textMap("compaction_properties");
        if (const auto type = properties.find("compaction_type"); type != properties.end()) {
            entry.type = type->second;
        }
        for (const rows::Cell& cell : row.cells) {
            if (cell.column == rows::ColumnName("rows_merged") && cell.path.size() == 4) {
                entry.rowsMerged[types::decodeInt(cell.path)] =
                    static_cast<std::uint64_t>(types::decodeBigint(cell.value));
            }
        }
        out.push_back(std::move(entry));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return a.compactedAtMillis > b.compactedAtMillis;
    });
    return out;
}

NodeVirtualTables::Source sstableTasks(storage::StorageEngine& storage) {
    return [&storage](const schema::Table& table) {
        std::vector<VirtualRow> out;
        for (const storage::RunningCompaction& task : storage.compactions().running()) {
            const double ratio = task.totalBytes > 0 ? static_cast<double>(task.progressBytes) /
                                                           static_cast<double>(task.totalBytes)
                                                     : 0;
            RowBuilder row(table, 0);
            row.clustering(task.table)
                .clustering(types::encodeUuid(task.id))
                .float64("completion_ratio", ratio)
                .text("kind", task.kind)
                .bigint("progress", static_cast<std::int64_t>(task.progressBytes))
                .int32("sstables", static_cast<std::int32_t>(task.sstables))
                .bigint("total", static_cast<std::int64_t>(task.totalBytes))
                .text("unit", "bytes");
            out.push_back({{task.keyspace}, row.take()});
        }
        return out;
    };
}

}  // namespace engine::system
