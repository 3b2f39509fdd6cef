#pragma once

#include <map>
#include <vector>

#include "engine/node/growth_teller.h"
#include "engine/observe/observer.h"
#include "engine/schema/schema.h"
#include "engine/storage/storage_engine.h"

namespace engine::node {

/// Makes events of what the storage engine tells, and the snapshot that a new viewer begins with.
/// Lives on the node's thread, no longer than the engine it watches.
class StorageTeller {
public:
    StorageTeller(runtime::Clock& clock, observe::Observer& observer, storage::StorageEngine& storage,
                  schema::SchemaRegistry& schema, const storage::StorageOptions& options);

    /// What opening the files took from the commit log.
    void setReplayed(std::uint64_t mutations) { m_snapshot.replayed = mutations; }
    /// What is there now.
    void addSnapshot(std::vector<observe::EventBody>& out) const;
    /// Tells the definitions that are new or different.
    void schemaChanged();
    /// Once a second: the sums that changed since the last call.
    void tellStatistics();

private:
    struct Running {
        observe::CompactionStarted started;
        observe::CompactionProgress progress;
    };

    storage::StorageObserver callbacks();
    /// Those files of which another share is droppable or replaced than was told last.
    void tellShares(const schema::Table& table);
    std::vector<observe::CommitLogSegment> segments() const;
    std::vector<schema::TablePtr> tables() const;

    observe::Observer& m_observer;
    storage::StorageEngine& m_storage;
    schema::SchemaRegistry& m_schema;
    observe::StorageSnapshot m_snapshot;
    GrowthTeller m_growth;
    std::map<Uuid, Running> m_running;  // Compactions; kept whether or not somebody listens.
    std::map<Uuid, observe::TableStorage> m_definitions;  // As told last.
    std::map<Uuid, std::uint64_t> m_toldSums;  // Of a table, what makes a difference visible.
    /// Of a table's files, those that are damaged.
    std::map<std::pair<Uuid, std::uint64_t>, observe::SstableUnreadable> m_unreadable;
    struct Shares {
        double droppable = 0;
        double replaced = 0;
    };
    /// Of a table's files, as told last: tombstones become droppable as time passes, others are replaced.
    std::map<std::pair<Uuid, std::uint64_t>, Shares> m_toldShares;
};

}  // namespace engine::node
