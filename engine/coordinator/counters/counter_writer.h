#pragma once

#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/key_locks.h"
#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

/// Writes to counter tables (StorageProxy.mutateCounter, CounterMutation): one replica leads. It reads
/// its own shard under a lock, writes the shard's new sum, and tells the other replicas that sum.
/// A write that timed out may have counted. On the node's thread.
class CounterWriter {
public:
    CounterWriter(const ClusterView& view, Writer& writer) : m_view(view), m_writer(writer) {}

    /// All side by side; the first error, in their order.
    runtime::Task<Result<void>> write(std::vector<rows::Mutation> mutations, ring::Consistency level, Uuid request);
    /// The leader's side: COUNTER_MUTATION_REQ.
    void serve();

private:
    using Outcome = runtime::Promise<Result<void>>;

    /// Any live replica of this datacenter, else the nearest.
    Result<std::string> leaderOf(const rows::Mutation& mutation, ring::Consistency level) const;
    runtime::Task<void> writeOne(rows::Mutation mutation, ring::Consistency level, Uuid request, Outcome outcome);
    runtime::Task<Result<void>> lead(rows::Mutation mutation, ring::Consistency level, Uuid request);
    /// What clients add becomes this node's shards, on its disk before it returns.
    runtime::Task<Result<rows::Mutation>> apply(rows::Mutation mutation, Uuid request);
    runtime::Task<Result<void>> count(std::shared_ptr<rows::Mutation> mutation);
    runtime::Task<void> leadFor(messaging::MessageHead head, rows::Mutation mutation, ring::Consistency level);

    ClusterView m_view;
    Writer& m_writer;
    KeyLocks m_locks;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
