#pragma once

#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/key_locks.h"
#include "engine/coordinator/paxos/commit.h"
#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

/// What a replica answers to PAXOS_PREPARE_REQ.
struct PaxosPromise {
    bool promised = false;
    Commit inProgress;  // Accepted and not known to be committed; refused: what was promised instead.
    Commit committed;   // The newest it knows of.
};
Bytes encodePromise(const PaxosPromise& promise);
Result<PaxosPromise> decodePromise(BytesView payload, const schema::Schema& schema);

struct PrepareRequest {
    schema::TablePtr table;
    Bytes key;
    Uuid ballot;
};
Bytes encodePrepare(const PrepareRequest& request);

/// The replica's side of a round (org.apache.cassandra.service.paxos.PaxosState): promises, accepted
/// proposals and commits of each key, kept in system.paxos before they are told. On the node's thread.
class PaxosReplica {
public:
    PaxosReplica(const ClusterView& view, Writer& writer) : m_view(view), m_writer(writer) {}

    /// PAXOS_PREPARE_REQ, PAXOS_PROPOSE_REQ, PAXOS_COMMIT_REQ.
    void serve();

private:
    struct State {
        Uuid promised;
        Commit accepted;
        Commit committed;
    };

    void onPrepare(const messaging::Message& message);
    void onPropose(const messaging::Message& message);
    void onCommit(const messaging::Message& message);
    runtime::Task<void> prepare(messaging::MessageHead head, PrepareRequest request);
    runtime::Task<void> propose(messaging::MessageHead head, Commit proposal);
    runtime::Task<void> commit(messaging::MessageHead head, Commit commit);

    runtime::Task<Result<State>> load(schema::TablePtr table, Bytes key);
    runtime::Task<Result<void>> save(schema::TablePtr table, Bytes key, std::int64_t micros,
                                     std::vector<std::pair<std::string_view, std::optional<Bytes>>> columns);
    void fail(const messaging::MessageHead& head, const Error& error);

    ClusterView m_view;
    Writer& m_writer;
    KeyLocks m_locks;
    runtime::TaskGroup m_tasks;
};

}  // namespace engine::coordinator
