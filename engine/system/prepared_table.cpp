#include "engine/system/prepared_table.h"

#include "engine/system/row_builder.h"
#include "engine/system/system_keyspaces.h"

namespace engine::system {

namespace {

schema::TablePtr preparedTable() { return systemSchema().findTable("system", "prepared_statements"); }

}  // namespace

Result<void> savePrepared(storage::StorageEngine& storage, const PreparedRow& prepared, std::int64_t nowMicros) {
    const schema::TablePtr table = preparedTable();
    RowBuilder row(*table, nowMicros);
    if (!prepared.keyspace.empty()) {
        row.text("logged_keyspace", prepared.keyspace);
    }
    row.text("query_string", prepared.text);
    return applyUpdate(storage, update(table, prepared.id, row.take()));
}

Result<void> deletePrepared(storage::StorageEngine& storage, const Bytes& id, std::int64_t nowMicros) {
    rows::PartitionUpdate gone{preparedTable(), {.key = rows::decorate(id)}};
    gone.partition.deletion = {nowMicros, nowMicros / 1'000'000};
    return applyUpdate(storage, std::move(gone));
}

Result<std::vector<PreparedRow>> loadPrepared(storage::StorageEngine& storage, std::int64_t nowSeconds) {
    rows::ReadCommand command;
    command.table = preparedTable();
    command.nowSeconds = nowSeconds;
    TRY_ASSIGN(auto partitions, storage.readNow(command));
    std::vector<PreparedRow> out;
    for (rows::Partition& partition : partitions) {
        rows::filterLive(*command.table, partition, nowSeconds);
        for (const rows::Row& row : partition.rows) {
            const RowReader reader(*command.table, row);
            out.push_back({partition.key.key, reader.text("logged_keyspace"), reader.text("query_string")});
        }
    }
    return out;
}

}  // namespace engine::system
