#include "engine/system/storage_views.h"

#include <algorithm>

#include "engine/storage/lifecycle/snapshots.h"
#include "engine/storage/sstable/sstable_reader.h"

namespace engine::system {

namespace {

constexpr std::int64_t kMicrosPerMilli = 1000;

/// The largest `of` over a table's SSTables, 0 without any, in one column of a row for each table.
template <typename F>
NodeVirtualTables::Source largest(const storage::StorageEngine& storage, const schema::SchemaRegistry& schema, const char* column,
                                  F of) {
    return [&storage, &schema, column, of](const schema::Table& view) {
        std::vector<VirtualRow> out;
        for (const auto& [keyspace, inside] : schema.current()->keyspaces()) {
            for (const auto& [name, table] : inside->tables) {
                if (table->isVirtual) {
                    continue;
                }
                std::int64_t most = 0;
                for (const auto& reader : storage.readers(*table)) {
                    most = std::max<std::int64_t>(most, of(*reader));
                }
                out.push_back({{keyspace, name}, RowBuilder(view, 0).bigint(column, most).take()});
            }
        }
        return out;
    };
}

std::vector<VirtualRow> snapshots(const storage::StorageEngine& storage, const schema::Table& view) {
    std::vector<VirtualRow> out;
    const auto known = storage.snapshots();
    if (!known) {
        return out;
    }
    for (const storage::SnapshotInfo& one : known.value()) {
        RowBuilder row(view, 0);
        row.clustering(one.keyspace)
            .clustering(one.table)
            .set("created_at", types::encodeBigint(one.createdMillis))
            .boolean("ephemeral", false)
            .bigint("size_on_disk", static_cast<std::int64_t>(one.bytes))
            .bigint("true_size", static_cast<std::int64_t>(one.trueBytes));
        if (one.expiresMillis) {
            row.set("expires_at", types::encodeBigint(*one.expiresMillis));
        }
        out.push_back({{one.tag}, row.take()});
    }
    return out;
}

}  // namespace

void addStorageViews(NodeVirtualTables& tables, const storage::StorageEngine& storage,
                     const schema::SchemaRegistry& schema) {
    using storage::SstableReader;
    tables.add("system_views.max_partition_size", largest(storage, schema, "mebibytes", [](const SstableReader& file) {
                   return static_cast<std::int64_t>(file.stats().partitionBytes.max()) >> 20;
               }));
    tables.add("system_views.max_sstable_size", largest(storage, schema, "mebibytes", [](const SstableReader& file) {
                   return static_cast<std::int64_t>(file.bytesOnDisk()) >> 20;
               }));
    tables.add("system_views.max_sstable_duration",
               largest(storage, schema, "max_sstable_duration", [](const SstableReader& file) {
                   return (file.stats().maxTimestamp - file.stats().minTimestamp) / kMicrosPerMilli;
               }));
    tables.add("system_views.snapshots", [&storage](const schema::Table& view) { return snapshots(storage, view); });
}

}  // namespace engine::system
