#pragma once

#include <map>

#include "engine/base/uuid.h"
#include "engine/coordinator/cluster_view.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

/// When this node truncated its tables, kept in system.local's truncated_at (SystemKeyspace's truncation
/// records): hints, batches and Paxos commits from before do not come back. On the node's thread.
class Truncations {
public:
    explicit Truncations(const ClusterView& view) : m_view(view) {}

    /// What earlier runs of the node noted.
    runtime::Task<Result<void>> load();
    /// The table has just been truncated.
    runtime::Task<Result<void>> note(schema::TablePtr table);
    /// Whether what was written at that time, milliseconds since 1970, has been truncated since.
    bool covers(const schema::Table& table, std::int64_t writtenMillis) const;
    /// Drops the updates that covers() says.
    void removeCovered(rows::Mutation& mutation, std::int64_t writtenMillis) const;

private:
    const ClusterView& m_view;
    std::map<Uuid, std::int64_t> m_millis;  // By table.
};

}  // namespace engine::coordinator
