#pragma once

#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

/// A member of the local datacenter as the choice of batch log nodes sees it.
struct BatchLogCandidate {
    std::string node;
    std::string rack;
    bool isUsable = false;  // Alive, and not the coordinator.
};
/// Which nodes keep a batch (ReplicaPlans.filterBatchlogEndpoints): two, of two racks other than the
/// coordinator's where there are such; of a datacenter of up to two nodes all. `isSmall`: that was so.
struct BatchLogChoice {
    std::vector<std::string> nodes;
    bool isSmall = false;
};
BatchLogChoice chooseBatchLogNodes(const std::vector<BatchLogCandidate>& members, const std::string& localRack,
                                   runtime::Random& random);

/// Logged batches (StorageProxy.mutateAtomically, BatchlogManager): the batch lies in system.batches of
/// two other nodes before its parts are written, and goes from there when they are. What is still there
/// after a while is replayed by whoever keeps it. On the node's thread.
class BatchLog {
public:
    static constexpr runtime::Duration kReplayPeriod = std::chrono::seconds(10);
    /// Cassandra waits for the ring to settle.
    static constexpr runtime::Duration kFirstReplay = std::chrono::seconds(30);

    BatchLog(const ClusterView& view, Writer& writer) : m_view(view), m_writer(writer) {}

    runtime::Task<Result<void>> write(std::vector<rows::Mutation> mutations, ring::Consistency level, Uuid request);

    /// BATCH_STORE_REQ and BATCH_REMOVE_REQ.
    void serve();
    /// Begins to replay what others have left here.
    void start();
    /// Replays no more.
    void stop() { m_stopping = true; }
    /// Replays what is old enough now.
    runtime::Task<void> replay();

private:
    struct Batch {
        Uuid id;
        std::vector<rows::Mutation> mutations;
    };

    /// Who is to keep a batch, or Unavailable.
    Result<std::vector<std::string>> keepers(ring::Consistency level) const;
    runtime::Task<Result<void>> store(Bytes payload, std::vector<std::string> nodes, Uuid request);
    runtime::Task<void> storeFor(messaging::MessageHead head, Bytes payload);
    Result<rows::Mutation> rowOf(BytesView payload) const;
    runtime::Task<void> remove(Uuid id);
    runtime::Task<void> replayEver();
    Batch readBatch(const schema::Table& table, const rows::Partition& partition) const;

    ClusterView m_view;
    Writer& m_writer;
    bool m_stopping = false;
    bool m_replaying = false;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
