#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/errors.h"
#include "engine/rows/partition.h"
#include "engine/runtime/task.h"

namespace engine::coordinator {

/// Counts the answers of one mutation's replicas until the level is met or cannot be
/// (org.apache.cassandra.service.AbstractWriteResponseHandler). Pure but for the events it tells.
class WriteHandler {
public:
    struct Plan {
        ring::Consistency level = ring::Consistency::One;
        std::uint32_t required = 0;
        std::uint32_t contacted = 0;
        std::string writeType = "SIMPLE";
        std::string localDatacenter;
        /// EACH_QUORUM: what is still missing in each datacenter; empty for other levels.
        std::map<std::string, std::uint32_t> missing;
        Uuid request;
    };

    WriteHandler(Plan plan, observe::Observer& observer);

    void answered(const ring::NodeInfo& replica);
    void failed(const ring::NodeInfo& replica, messaging::FailureReason reason);
    /// The outcome; set once. Answers go on being counted afterwards, as late ones.
    runtime::Promise<Result<void>>& outcome() { return m_outcome; }

private:
    bool helps(const ring::NodeInfo& replica);
    void tell(const ring::NodeInfo& replica, bool counted, bool failed);
    void decide();

    Plan m_plan;
    observe::Observer& m_observer;
    std::uint32_t m_received = 0;  // Of those that count for the level.
    std::uint32_t m_answers = 0;   // Of all kinds, in order of arrival.
    std::vector<ReplicaFailure> m_failures;
    std::uint32_t m_timeouts = 0;
    runtime::Promise<Result<void>> m_outcome;
};

/// Sends a mutation to its replicas (StorageProxy.mutate). Unavailable comes before anything is sent.
class Writer {
public:
    explicit Writer(const ClusterView& view) : m_view(view) {}

    /// All mutations side by side; the first error, in their order.
    runtime::Task<Result<void>> write(std::vector<rows::Mutation> mutations, ring::Consistency level,
                                      std::string writeType, Uuid request);

    /// Applies on this node; `request` is told how long the parts took.
    runtime::Task<Result<void>> applyHere(rows::Mutation mutation, Uuid request);

    /// READ_REPAIR_REQ of what each replica lacks; every acknowledgement is told to the handler.
    void sendRepairs(const std::shared_ptr<WriteHandler>& handler,
                     std::vector<std::pair<const ring::NodeInfo*, rows::Mutation>> repairs,
                     const ring::TopologyPtr& topology, const Uuid& request);

    /// Replica side: MUTATION_REQ and READ_REPAIR_REQ.
    void serve();

    runtime::TaskGroup& tasks() { return m_tasks; }

private:
    Result<std::shared_ptr<WriteHandler>> start(rows::Mutation mutation, ring::Consistency level,
                                                const std::string& writeType, const Uuid& request);
    void send(const std::shared_ptr<WriteHandler>& handler, const std::vector<const ring::NodeInfo*>& targets,
              const ring::TopologyPtr& topology, rows::Mutation mutation, const Uuid& request);
    void sendOne(const std::shared_ptr<WriteHandler>& handler, const ring::NodeInfo* target,
                 const ring::TopologyPtr& topology, messaging::Verb verb, BytesView payload,
                 const Uuid& request);
    runtime::Task<void> applyLocal(std::shared_ptr<WriteHandler> handler, const ring::NodeInfo* self,
                                   ring::TopologyPtr keep, rows::Mutation mutation, Uuid request);
    runtime::Task<void> applyFor(messaging::MessageHead head, messaging::Verb answer,
                                 rows::Mutation mutation);
    void onMutation(const messaging::Message& message, messaging::Verb answer);
    void traceTables(const Uuid& request, const rows::Mutation& mutation);

    ClusterView m_view;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
