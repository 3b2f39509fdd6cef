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
    /// A hint was kept for a replica: enough for ANY, nothing for other levels.
    void hinted();
    /// No replica is up, so no answer will come: what hints there are have been told.
    void nobodyAsked(bool hasReplicas);
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

/// A write as it travels and as it is kept for who misses it.
struct EncodedMutation {
    Bytes bytes;
    std::int32_t graceSeconds = 0;  // The smallest gc_grace_seconds of its tables.

    explicit EncodedMutation(const rows::Mutation& mutation);
};

/// Keeps what replicas miss until they are back (hints/hints_service.h).
class HintKeeper {
public:
    virtual ~HintKeeper() = default;
    /// False: there is none kept for this node (StorageProxy.shouldHint).
    virtual bool keep(const ring::NodeInfo& target, const EncodedMutation& mutation, const Uuid& request) = 0;
};

class ViewKeeper;

/// Sends a mutation to its replicas (StorageProxy.mutate). Unavailable comes before anything is sent.
class Writer {
public:
    explicit Writer(const ClusterView& view) : m_view(view) {}

    /// Where writes go that a replica is not there for, or does not acknowledge in time.
    void hintTo(HintKeeper* keeper) { m_hints = keeper; }

    /// All mutations side by side; the first error, in their order.
    runtime::Task<Result<void>> write(std::vector<rows::Mutation> mutations, ring::Consistency level,
                                      std::string writeType, Uuid request);

    /// The same as another verb, which every replica answers, this one too: `payload` is its form of
    /// `mutation`. Replicas that are down get a hint, if `hints`.
    Result<std::shared_ptr<WriteHandler>> startAs(messaging::Verb verb, BytesView payload, rows::Mutation mutation,
                                                  ring::Consistency level, std::string writeType,
                                                  const Uuid& request, bool hints);

    /// Of a write that this node has applied already, as one of the replicas: to the others.
    Result<std::shared_ptr<WriteHandler>> startOthers(rows::Mutation mutation, ring::Consistency level,
                                                      std::string writeType, const Uuid& request);
    /// To all live replicas; returns when each has answered or got a hint. Those that are down get one.
    runtime::Task<void> deliver(rows::Mutation mutation);
    /// Unavailable, if the level cannot be met.
    Result<void> check(const rows::Mutation& mutation, ring::Consistency level) const;

    /// Applies on this node, materialized views included; `request` is told how long the parts took.
    runtime::Task<Result<void>> applyHere(rows::Mutation mutation, Uuid request);
    /// The same without views.
    runtime::Task<Result<void>> applyPlain(rows::Mutation mutation, Uuid request);
    /// To one replica, which is not waited for: what it does not acknowledge is kept as a hint.
    void sendKept(const ring::NodeInfo& target, const ring::TopologyPtr& topology, rows::Mutation mutation,
                  const Uuid& request);
    /// Who keeps the views of what is applied here.
    void keepViewsBy(ViewKeeper* keeper) { m_views = keeper; }

    /// READ_REPAIR_REQ of what each replica lacks; every acknowledgement is told to the handler.
    void sendRepairs(const std::shared_ptr<WriteHandler>& handler,
                     std::vector<std::pair<const ring::NodeInfo*, rows::Mutation>> repairs,
                     const ring::TopologyPtr& topology, const Uuid& request);

    /// Replica side: MUTATION_REQ and READ_REPAIR_REQ.
    void serve();

    runtime::TaskGroup& tasks() { return m_tasks; }

private:
    struct Targets {
        ring::TopologyPtr topology;
        std::vector<const ring::NodeInfo*> live;
        std::vector<const ring::NodeInfo*> dead;
        WriteHandler::Plan plan;
    };
    using EncodedPtr = std::shared_ptr<const EncodedMutation>;

    /// Who is to be sent what, or Unavailable.
    Result<Targets> targets(const rows::Mutation& mutation, ring::Consistency level, std::string writeType,
                            const Uuid& request) const;
    Result<std::shared_ptr<WriteHandler>> start(rows::Mutation mutation, ring::Consistency level,
                                                const std::string& writeType, const Uuid& request);
    void send(const std::shared_ptr<WriteHandler>& handler, const Targets& targets, rows::Mutation mutation,
              const Uuid& request);
    void hintDead(const std::shared_ptr<WriteHandler>& handler, const Targets& targets,
                  const EncodedMutation& mutation, const Uuid& request);
    /// `hint`: what is kept for the target when it does not answer; null: nothing is.
    void sendOne(const std::shared_ptr<WriteHandler>& handler, const ring::NodeInfo* target,
                 const ring::TopologyPtr& topology, messaging::Verb verb, BytesView payload, EncodedPtr hint,
                 const Uuid& request);
    runtime::Task<void> applyLocal(std::shared_ptr<WriteHandler> handler, const ring::NodeInfo* self,
                                   ring::TopologyPtr keep, rows::Mutation mutation, Uuid request);
    runtime::Task<void> applyFor(messaging::MessageHead head, messaging::Verb answer,
                                 rows::Mutation mutation);
    void onMutation(const messaging::Message& message, messaging::Verb answer);
    void traceTables(const Uuid& request, const rows::Mutation& mutation);

    ClusterView m_view;
    HintKeeper* m_hints = nullptr;
    ViewKeeper* m_views = nullptr;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
