#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/base/log.h"
#include "engine/index/postings.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"
#include "engine/schema/schema.h"
#include "engine/storage/storage_engine.h"

namespace engine::index {

/// A node's secondary indexes: built from the tables' rows when the node starts and when an index is
/// made, kept by what storage tells, asked by reads. They live in memory alone. On the node's thread.
class IndexManager : public storage::SecondaryIndexes {
public:
    IndexManager(runtime::Runtime runtime, storage::StorageEngine& storage, schema::SchemaRegistry& schema,
                 Log& log);
    ~IndexManager() override;

    /// Builds the indexes of the current schema; those made later are built as they come. Call it once
    /// the commit log is replayed.
    void open();
    /// From the rows anew (nodetool rebuild_index). NotFound when the table has no such index.
    runtime::Task<Result<void>> rebuild(schema::TablePtr table, std::string index);
    runtime::Task<void> stop();

    Result<void> check(const rows::PartitionUpdate& update) const override;
    void applied(const schema::Table& table, const rows::Partition& update) override;
    void truncated(const schema::Table& table) override;
    Result<std::vector<rows::Partition>> read(const rows::ReadCommand& command) override;

private:
    struct Entry {
        explicit Entry(Postings p) : postings(std::move(p)) {}
        Postings postings;
        bool isBuilt = false;
        bool isGone = false;  // Dropped while it was built.
    };
    using EntryPtr = std::shared_ptr<Entry>;

    void onSchemaChange(const schema::Schema& before, const schema::Schema& after);
    Result<void> refresh(const schema::TablePtr& table, bool inBackground);
    /// One page of rows into the entries; the key to go on after, or nothing when all is read.
    Result<std::optional<rows::DecoratedKey>> buildPage(const schema::TablePtr& table,
                                                        const std::vector<EntryPtr>& entries,
                                                        const std::optional<rows::DecoratedKey>& after);
    runtime::Task<void> buildRest(schema::TablePtr table, std::vector<EntryPtr> entries,
                                  rows::DecoratedKey after);
    void finish(const schema::Table& table, const std::vector<EntryPtr>& entries);
    /// system."IndexInfo": which indexes are built.
    void record(const std::string& keyspace, const std::string& index, bool built);

    Result<std::vector<rows::Partition>> readFiltered(const rows::ReadCommand& command);
    Result<std::vector<rows::Partition>> readNearest(const rows::ReadCommand& command);
    /// The row of one place as the command wants it; nothing when it is not asked for.
    Result<std::optional<rows::Partition>> readPlace(const rows::ReadCommand& command, const Place& place);
    Result<bool> isStale(const rows::ReadCommand& command, const rows::FilterExpression& filter,
                         const Place& place);

    runtime::Runtime m_runtime;
    storage::StorageEngine& m_storage;
    schema::SchemaRegistry& m_schema;
    Log& m_log;
    bool m_isOpen = false;
    std::unordered_map<Uuid, std::vector<EntryPtr>> m_tables;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::index
