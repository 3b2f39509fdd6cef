#include "engine/coordinator/paxos/paxos.h"

#include <algorithm>
#include <map>

#include "engine/coordinator/paxos/paxos_replica.h"
#include "engine/rows/retime.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Reply;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

struct Paxos::Job {
    schema::TablePtr table;
    rows::DecoratedKey key;
    Consistency serial = Consistency::Serial;
    Consistency replay = Consistency::Quorum;  // For commits of what others have left.
    Consistency commit = Consistency::Quorum;
    std::shared_ptr<cql::CasRequest> request;  // Null: a serial read.
    Uuid id;
    runtime::Instant started;
    std::uint32_t contentions = 0;
};

/// Natural and pending replicas; of one datacenter with LOCAL_SERIAL (ReplicaPlans.forPaxos).
struct Paxos::Participants {
    ring::TopologyPtr topology;
    std::vector<const ring::NodeInfo*> live;
    std::uint32_t required = 0;
};

/// What a majority has promised, or the ballot that stands in the way.
struct Paxos::Prepared {
    bool promised = true;
    Commit inProgress;
    Commit committed;
    std::map<std::string, Uuid> commits;  // The newest commit each replica knows.
};

/// PrepareCallback.
class Paxos::Prepare {
public:
    Prepare(std::uint32_t required, std::uint32_t contacted, Consistency level)
        : m_required(required), m_contacted(contacted), m_level(level) {}

    void answered(const std::string& node, PaxosPromise promise) {
        if (m_outcome.isSet()) {
            return;
        }
        ++m_answers;
        // The most recent commit and proposal matter, whoever knows them.
        if (isAfter(promise.committed.ballot, m_prepared.committed.ballot)) {
            m_prepared.committed = promise.committed;
        }
        if (isAfter(promise.inProgress.ballot, m_prepared.inProgress.ballot)) {
            m_prepared.inProgress = std::move(promise.inProgress);
        }
        if (!promise.promised) {
            m_prepared.promised = false;
            m_outcome.set(std::move(m_prepared));
            return;
        }
        m_prepared.commits[node] = promise.committed.ballot;
        if (m_answers >= m_required) {
            m_outcome.set(std::move(m_prepared));
        }
    }
    void failed(const std::string& node, FailureReason reason) {
        if (m_outcome.isSet()) {
            return;
        }
        ++m_failed;
        if (reason != FailureReason::Timeout) {
            m_failures.push_back({node, reason});
        }
        if (m_answers + m_failed >= m_contacted || m_contacted - m_failures.size() < m_required) {
            m_outcome.set(m_failures.empty() ? writeTimeout(m_level, m_answers, m_required, "CAS")
                                             : writeFailure(m_level, m_answers, m_required, "CAS", m_failures));
        }
    }
    runtime::Promise<Result<Prepared>>& outcome() { return m_outcome; }

private:
    std::uint32_t m_required;
    std::uint32_t m_contacted;
    Consistency m_level;
    std::uint32_t m_answers = 0;
    std::uint32_t m_failed = 0;
    std::vector<ReplicaFailure> m_failures;
    Prepared m_prepared;
    runtime::Promise<Result<Prepared>> m_outcome;
};

/// ProposeCallback: how many have accepted.
class Paxos::Propose {
public:
    Propose(std::uint32_t required, std::uint32_t contacted, Consistency level, bool failsFast)
        : m_required(required), m_contacted(contacted), m_level(level), m_failsFast(failsFast) {}

    void answered(bool accepted) {
        ++m_answers;
        m_accepted += accepted ? 1 : 0;
        decide();
    }
    void failed() {
        ++m_failed;
        decide();
    }
    runtime::Promise<Result<std::uint32_t>>& outcome() { return m_outcome; }

private:
    void decide() {
        const std::uint32_t open = m_contacted - m_answers - m_failed;
        if (m_accepted >= m_required || m_answers >= m_contacted ||
            (m_failsFast && m_failed == 0 && m_accepted + open < m_required)) {
            m_outcome.set(m_accepted);
        } else if (open == 0) {
            m_outcome.set(writeTimeout(m_level, m_answers, m_required, "CAS"));
        }
    }

    std::uint32_t m_required;
    std::uint32_t m_contacted;
    Consistency m_level;
    bool m_failsFast;
    std::uint32_t m_answers = 0;
    std::uint32_t m_accepted = 0;
    std::uint32_t m_failed = 0;
    runtime::Promise<Result<std::uint32_t>> m_outcome;
};

Result<Paxos::Participants> Paxos::participants(const Job& job) const {
    Participants out;
    out.topology = m_view.topology.current();
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(job.table->keyspace);
    if (keyspace == nullptr) {
        return invalid("keyspace " + job.table->keyspace + " does not exist");
    }
    const ring::ReplicaPlan& plan =
        out.topology->placement((*keyspace)->replication).replicasFor(job.key.token);
    std::vector<const ring::NodeInfo*> all = plan.natural;
    all.insert(all.end(), plan.pending.begin(), plan.pending.end());
    if (job.serial == Consistency::LocalSerial) {
        std::erase_if(all, [&](const ring::NodeInfo* node) {
            return node->datacenter != out.topology->localDatacenter();
        });
    }
    out.required = static_cast<std::uint32_t>(all.size() / 2 + 1);
    out.live = liveByProximity(m_view, *out.topology, all);
    const auto alive = static_cast<std::uint32_t>(out.live.size());
    if (plan.pending.size() > 1) {
        // Majorities of two views of the ring might not meet (CASSANDRA-8346).
        return unavailable(job.serial, static_cast<std::uint32_t>(all.size()) + 1, alive);
    }
    if (alive < out.required) {
        return unavailable(job.serial, out.required, alive);
    }
    return out;
}

Uuid Paxos::nextBallot(std::int64_t leastMicros) {
    m_lastMicros = std::max({m_view.runtime.clock.wallMicros(), m_lastMicros + 1, leastMicros});
    return Uuid::timeBased(m_lastMicros * 10, m_view.runtime.random.next());
}

bool Paxos::isLate(const Job& job) const {
    return m_view.runtime.clock.now() - job.started >= m_view.timeouts.casContention;
}

Task<void> Paxos::backOff(std::shared_ptr<Job> job) {
    ++job->contentions;
    const auto millis = static_cast<std::int64_t>(m_view.runtime.random.below(kBackoffMillisMax));
    co_await runtime::sleep(m_view.runtime.clock, std::chrono::milliseconds(millis));
}

void Paxos::tell(const Job& job, const char* phase, std::int64_t startNanos) {
    if (!job.id.isNil()) {
        m_view.observer.tell(observe::Work{job.id, phase, startNanos, m_view.observer.nanos()});
    }
}

Error Paxos::timeout(const Job& job, std::uint32_t received, std::uint32_t required) const {
    return casTimeout(job.serial, received, required, "CAS", job.contentions);
}

Task<Result<cql::RowsResult>> Paxos::run(std::shared_ptr<cql::CasRequest> request, Consistency serial,
                                         Consistency commit, Uuid id) {
    auto job = std::make_shared<Job>();
    job->table = request->table();
    job->key = request->key();
    job->serial = serial;
    job->replay = commit;
    job->commit = commit;
    job->request = std::move(request);
    job->id = id;
    job->started = m_view.runtime.clock.now();
    Result<std::optional<cql::RowsResult>> done = co_await play(job);
    if (!done) {
        const Error& error = done.error();
        if (error.kind == ErrorKind::WriteTimeout && !isCasError(error)) {
            // Of a phase, or of the commit: told with what it took to get there.
            co_return casTimeout(static_cast<Consistency>(error.detail->consistency),
                                 static_cast<std::uint32_t>(error.detail->received),
                                 static_cast<std::uint32_t>(error.detail->required), error.detail->writeType,
                                 job->contentions);
        }
        co_return error;
    }
    co_return std::move(*done.value());
}

Task<Result<void>> Paxos::settle(schema::TablePtr table, rows::DecoratedKey key, Consistency serial, Uuid id) {
    auto job = std::make_shared<Job>();
    job->table = std::move(table);
    job->key = std::move(key);
    job->serial = serial;
    job->replay = serial == Consistency::LocalSerial ? Consistency::LocalQuorum : Consistency::Quorum;
    job->commit = Consistency::Any;
    job->id = id;
    job->started = m_view.runtime.clock.now();
    Result<std::optional<cql::RowsResult>> done = co_await play(job);
    if (done) {
        co_return ok();
    }
    const Error& error = done.error();
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(job->table->keyspace);
    const ring::TopologyPtr topology = m_view.topology.current();
    const std::uint32_t required =
        keyspace == nullptr ? 0
                            : topology->placement((*keyspace)->replication)
                                  .requiredResponses(serial, topology->localDatacenter());
    if (error.kind == ErrorKind::WriteTimeout) {
        co_return readTimeout(serial, 0, required, false);
    }
    if (error.kind == ErrorKind::WriteFailure) {
        Error out = readFailure(serial, 0, required, false, {});
        out.message = error.message;
        co_return out;
    }
    co_return error;
}

Task<Result<std::optional<cql::RowsResult>>> Paxos::play(std::shared_ptr<Job> job) {
    std::uint32_t required = 0;
    do {
        CO_TRY_ASSIGN(Participants found, participants(*job));
        const auto replicas = std::make_shared<const Participants>(std::move(found));
        required = replicas->required;
        Result<Uuid> begun = co_await begin(job, replicas);
        if (!begun) {
            co_return begun.error();
        }
        Commit proposal;
        proposal.ballot = begun.value();
        proposal.update.table = job->table;
        proposal.update.partition.key = job->key;
        std::optional<cql::RowsResult> answer;
        if (job->request) {
            m_view.tracer.trace(job->id, stage::kRequest, "Reading existing values for CAS precondition");
            const std::int64_t start = m_view.observer.nanos();
            const Consistency level =
                job->serial == Consistency::LocalSerial ? Consistency::LocalQuorum : Consistency::Quorum;
            rows::ReadCommand command = job->request->readCommand();
            auto current = co_await m_reader.read(std::move(command), level, job->id);
            tell(*job, "paxos read", start);
            if (!current) {
                co_return current.error();
            }
            job->request->see(std::move(current).value());
            CO_TRY_ASSIGN(const bool applies, job->request->applies());
            if (applies) {
                m_view.tracer.trace(job->id, stage::kRequest,
                                    "CAS precondition is met; proposing client-requested updates for {}",
                                    proposal.ballot.toString());
                CO_TRY_ASSIGN(proposal.update, job->request->updates(ballotMicros(proposal.ballot)));
                answer = job->request->success();
            } else {
                m_view.tracer.trace(job->id, stage::kRequest, "CAS precondition does not match current values");
                answer = job->request->refusal();
            }
        }
        Result<bool> accepted = co_await propose(job, replicas, proposal, true);
        if (!accepted) {
            co_return accepted.error();
        }
        if (accepted.value()) {
            // What is empty needs no commit: nobody takes it up either.
            if (!proposal.isEmpty()) {
                const Consistency level = job->commit;
                Result<void> committed = co_await commit(job, std::move(proposal), level, true);
                if (!committed) {
                    co_return committed.error();
                }
            }
            m_view.tracer.trace(job->id, stage::kRequest, "CAS successful");
            co_return answer;
        }
        m_view.tracer.trace(job->id, stage::kRequest,
                            "Paxos proposal not accepted (pre-empted by a higher ballot)");
        co_await backOff(job);
    } while (!isLate(*job));
    co_return timeout(*job, 0, required);
}

/// StorageProxy.beginAndRepairPaxos: a ballot that a majority has promised, with nothing left to finish.
Task<Result<Uuid>> Paxos::begin(std::shared_ptr<Job> job, std::shared_ptr<const Participants> replicas) {
    std::int64_t least = 0;
    while (!isLate(*job)) {
        const Uuid ballot = nextBallot(least);
        m_view.tracer.trace(job->id, stage::kRequest, "Preparing {}", ballot.toString());
        Result<Prepared> asked = co_await prepare(job, replicas, ballot);
        if (!asked) {
            co_return asked.error();
        }
        Prepared& prepared = asked.value();
        least = 1 + ballotMicros(prepared.inProgress.ballot);
        if (!prepared.promised) {
            m_view.tracer.trace(job->id, stage::kRequest,
                                "Some replicas have already promised a higher ballot than ours; aborting");
            co_await backOff(job);
            continue;
        }
        if (!prepared.inProgress.isEmpty() &&
            isAfter(prepared.inProgress.ballot, prepared.committed.ballot)) {
            m_view.tracer.trace(job->id, stage::kRequest, "Finishing incomplete paxos round {}",
                                prepared.inProgress.ballot.toString());
            Commit again;
            again.ballot = ballot;
            again.update = std::move(prepared.inProgress.update);
            rows::retime(again.update.partition, ballotMicros(ballot));
            Result<bool> accepted = co_await propose(job, replicas, again, false);
            if (!accepted) {
                co_return accepted.error();
            }
            if (!accepted.value()) {
                co_await backOff(job);
                continue;
            }
            const Consistency level = job->replay;
            Result<void> committed = co_await commit(job, std::move(again), level, false);
            if (!committed) {
                co_return committed.error();
            }
            continue;
        }
        // A new value may be proposed once a majority knows the last one (CASSANDRA-5062).
        std::vector<std::string> missing;
        for (const auto& [node, known] : prepared.commits) {
            if (!prepared.committed.isEmpty() && known != prepared.committed.ballot) {
                missing.push_back(node);
            }
        }
        if (missing.empty()) {
            co_return ballot;
        }
        m_view.tracer.trace(job->id, stage::kRequest, "Repairing replicas that missed the most recent commit");
        ByteWriter payload;
        write(payload, prepared.committed);
        for (const std::string& node : missing) {
            m_view.messaging.send(node, Verb::PaxosCommitReq, payload.bytes(), job->id);
        }
    }
    co_return timeout(*job, 0, replicas->required);
}

Task<Result<Paxos::Prepared>> Paxos::prepare(std::shared_ptr<Job> job,
                                             std::shared_ptr<const Participants> replicas, Uuid ballot) {
    const std::int64_t start = m_view.observer.nanos();
    const auto round = std::make_shared<Prepare>(replicas->required, static_cast<std::uint32_t>(replicas->live.size()),
                                                 job->serial);
    PrepareRequest request;
    request.table = job->table;
    request.key = job->key.key;
    request.ballot = ballot;
    const Bytes payload = encodePrepare(request);
    for (const ring::NodeInfo* replica : replicas->live) {
        m_view.messaging.request(
            replica->node, Verb::PaxosPrepareReq, payload, m_view.in(m_view.timeouts.write),
            [round, &schema = m_view.schema, node = replica->node](const Reply& reply) {
                if (reply.kind != Reply::Kind::Answer) {
                    round->failed(node, reply.kind == Reply::Kind::Timeout ? FailureReason::Timeout : reply.reason);
                    return;
                }
                auto promise = decodePromise(reply.payload, *schema.current());
                if (promise) {
                    round->answered(node, std::move(promise).value());
                } else {
                    round->failed(node, FailureReason::IncompatibleSchema);
                }
            },
            job->id);
    }
    Result<Prepared> out = co_await round->outcome();
    tell(*job, "paxos prepare", start);
    co_return out;
}

Task<Result<bool>> Paxos::propose(std::shared_ptr<Job> job, std::shared_ptr<const Participants> replicas,
                                  Commit proposal, bool isOwn) {
    const std::int64_t start = m_view.observer.nanos();
    const auto round = std::make_shared<Propose>(replicas->required, static_cast<std::uint32_t>(replicas->live.size()),
                                                 job->serial, !isOwn);
    ByteWriter payload;
    write(payload, proposal);
    for (const ring::NodeInfo* replica : replicas->live) {
        m_view.messaging.request(
            replica->node, Verb::PaxosProposeReq, payload.bytes(), m_view.in(m_view.timeouts.write),
            [round](const Reply& reply) {
                if (reply.kind == Reply::Kind::Answer) {
                    round->answered(reply.payload == BytesView("\1", 1));
                } else {
                    round->failed();
                }
            },
            job->id);
    }
    Result<std::uint32_t> accepted = co_await round->outcome();
    tell(*job, "paxos propose", start);
    if (!accepted) {
        co_return accepted.error();
    }
    if (accepted.value() >= replicas->required) {
        co_return true;
    }
    if (isOwn && accepted.value() > 0) {
        co_return casUnknown(job->serial, accepted.value(), replicas->required);
    }
    co_return false;
}

Task<Result<void>> Paxos::commit(std::shared_ptr<Job> job, Commit decided, Consistency level, bool hints) {
    const std::int64_t start = m_view.observer.nanos();
    ByteWriter payload;
    write(payload, decided);
    rows::Mutation mutation;
    mutation.updates.push_back(std::move(decided.update));
    const Bytes message = payload.take();
    Result<std::shared_ptr<WriteHandler>> sent =
        m_writer.startAs(Verb::PaxosCommitReq, message, std::move(mutation), level, "SIMPLE", job->id, hints);
    if (!sent) {
        co_return sent.error();
    }
    if (level == Consistency::Any) {
        co_return ok();
    }
    Result<void> done = co_await sent.value()->outcome();
    tell(*job, "paxos commit", start);
    co_return done;
}

}  // namespace engine::coordinator
