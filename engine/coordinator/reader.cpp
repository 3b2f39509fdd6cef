#include "engine/coordinator/reader.h"

#include <algorithm>
#include <set>

#include "engine/coordinator/read_messages.h"
#include "engine/coordinator/read_traces.h"
#include "engine/coordinator/reconciliation.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

/// One command sent to one set of replicas.
struct Reader::Job {
    rows::ReadCommand command;
    Consistency level = Consistency::One;
    Uuid request;
    ring::TopologyPtr topology;  // Keeps the targets alive.
    Targets targets;             // Asked, in order.
    Targets spares;              // Live, not asked unless one of the others is late.
    std::uint32_t required = 0;
    bool isRange = false;
    runtime::Instant started;
    ReadWarnings warnings;

    runtime::Duration timeout(const Timeouts& timeouts) const {
        return isRange ? timeouts.range : timeouts.read;
    }
};

namespace {

/// RequestFailureReason.forException, of what a local read fails with.
FailureReason reasonOf(const Error& error) {
    return error.kind == ErrorKind::ReadFailure ? FailureReason::ReadTooManyTombstones
                                                : FailureReason::Unknown;
}

/// Whom a read waits for: the closest live replicas, as many as the level wants.
struct ReadTargets {
    std::vector<const ring::NodeInfo*> asked;
    std::vector<const ring::NodeInfo*> spares;
};

/// Asks for more of the same; a few rounds reach any number of rows.
void widen(rows::ReadCommand& command) {
    constexpr std::uint64_t kFactor = 4;
    rows::ReadLimits& limits = command.limits;
    const auto more = [](std::uint32_t limit) {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(limit * kFactor, rows::ReadLimits::kNone));
    };
    const bool one = limits.distinct || command.staticOnly;
    limits.distinct = false;
    command.staticOnly = false;
    limits.rowsPerPartition = one ? kFactor : more(limits.rowsPerPartition);
    limits.rows = more(limits.rows);
}

Result<ReadTargets> eachQuorumTargets(const ring::Placement& placement,
                                      const std::vector<const ring::NodeInfo*>& live) {
    ReadTargets out;
    for (const ring::DatacenterQuorum& quorum : placement.eachQuorum()) {
        std::uint32_t taken = 0;
        for (const ring::NodeInfo* node : live) {
            if (node->datacenter == quorum.datacenter && taken < quorum.required) {
                out.asked.push_back(node);
                ++taken;
            }
        }
        if (taken < quorum.required) {
            return unavailable(Consistency::EachQuorum, quorum.required, 0, quorum.datacenter);
        }
    }
    if (out.asked.empty()) {
        return noReplicas(Consistency::EachQuorum);
    }
    return out;
}

/// `live` is ordered by proximity.
Result<ReadTargets> chooseTargets(const ring::Topology& topology, const ring::Placement& placement,
                                  Consistency level, const std::vector<const ring::NodeInfo*>& live) {
    if (level == Consistency::EachQuorum && placement.isNetworkTopology()) {
        return eachQuorumTargets(placement, live);
    }
    const std::string& local = topology.localDatacenter();
    const std::uint32_t required = placement.requiredResponses(level, local);
    ReadTargets out;
    for (const ring::NodeInfo* node : live) {
        if (!ring::Placement::countsFor(level, node->datacenter, local)) {
            continue;
        }
        (out.asked.size() < required ? out.asked : out.spares).push_back(node);
    }
    if (out.asked.size() < required) {
        return unavailable(level, required, static_cast<std::uint32_t>(out.asked.size()));
    }
    if (out.asked.empty()) {
        return noReplicas(level);
    }
    return out;
}

}  // namespace

Task<Result<Reader::Partitions>> Reader::read(rows::ReadCommand command, Consistency level,
                                              Uuid request, ReadWarnings warnings) {
    const schema::KeyspacePtr* keyspace =
        m_view.schema.current()->findKeyspace(command.table->keyspace);
    if (keyspace == nullptr) {
        co_return invalid("keyspace " + command.table->keyspace + " does not exist");
    }
    if (const std::uint32_t wanted = level == Consistency::Two ? 2 : level == Consistency::Three ? 3 : 1;
        (*keyspace)->isLocal() && wanted > 1) {
        co_return unavailable(level, wanted, 1);  // Nobody but this node keeps it.
    }
    if ((*keyspace)->isLocal() || level == Consistency::NodeLocal) {
        Result<Partitions> here = co_await readHere(std::move(command), request, warnings);
        tellOwnAnswer(request, here.has_value());
        co_return here;
    }
    const Uuid table = command.table->id;
    const runtime::Instant start = m_view.runtime.clock.now();
    if (command.key) {
        Result<Partitions> answer = co_await readReplicated(std::move(command), level, request, warnings);
        m_view.latencies.of(table).coordinatorRead.add(m_view.runtime.clock.now() - start);
        co_return answer;
    }
    Result<Partitions> answer = co_await readRange(std::move(command), level, request, warnings);
    m_view.latencies.of(table).coordinatorScan.add(m_view.runtime.clock.now() - start);
    co_return answer;
}

void Reader::tellOwnAnswer(const Uuid& request, bool answered) {
    if (request.isNil()) {
        return;
    }
    observe::AckCounted ack;
    ack.request = request;
    ack.replica = m_view.messaging.self();
    ack.order = 1;
    ack.counted = answered;
    ack.failed = !answered;
    m_view.observer.tell(std::move(ack));
    if (answered) {
        m_view.observer.tell(observe::LevelMet{request, 1});
    }
}

Task<Result<Reader::Partitions>> Reader::readHere(rows::ReadCommand command, Uuid request,
                                                  ReadWarnings warnings) {
    const std::int64_t start = request.isNil() ? 0 : m_view.observer.nanos();
    const runtime::Instant began = m_view.runtime.clock.now();
    traceReadStart(m_view, command, request);
    storage::ReadReport report;
    Result<Partitions> answer = co_await m_view.storage.read(command, &report);
    if (warnings != nullptr) {
        warnings->insert(warnings->end(), report.warnings.begin(), report.warnings.end());
    }
    TableLatencies& latencies = m_view.latencies.of(command.table->id);
    (command.key ? latencies.localRead : latencies.localScan).add(m_view.runtime.clock.now() - began);
    latencies.tombstonesPerRead.add(static_cast<std::int64_t>(report.tombstones));
    latencies.rowsPerRead.add(static_cast<std::int64_t>(report.liveRows));
    if (!request.isNil()) {
        if (answer) {
            traceReadEnd(m_view, command, answer.value(), request);
        }
        m_view.observer.tell(observe::Work{request, "read", start, m_view.observer.nanos()});
    }
    co_return answer;
}

Task<Result<Reader::Partitions>> Reader::readReplicated(rows::ReadCommand command, Consistency level,
                                                        Uuid request, ReadWarnings warnings) {
    auto job = std::make_shared<Job>();
    job->warnings = std::move(warnings);
    job->topology = m_view.topology.current();
    const auto* keyspace = m_view.schema.current()->findKeyspace(command.table->keyspace);
    const ring::Placement& placement = job->topology->placement((*keyspace)->replication);
    const auto& natural = placement.replicasFor(command.key->token).natural;
    const auto live = liveByProximity(m_view, *job->topology, natural);
    CO_TRY_ASSIGN(auto targets, chooseTargets(*job->topology, placement, level, live));
    job->command = std::move(command);
    job->level = level;
    job->request = request;
    job->targets = std::move(targets.asked);
    job->spares = std::move(targets.spares);
    job->required = static_cast<std::uint32_t>(job->targets.size());
    Result<Partitions> answer = co_await readFrom(job);
    co_return answer;
}

/// Asks a spare when the others are late (AbstractReadExecutor.SpeculatingReadExecutor). Ends with the
/// read that waits.
class Reader::Speculation {
public:
    Speculation(Reader& reader, std::shared_ptr<Job> job, std::shared_ptr<ReadRound> round)
        : m_clock(reader.m_view.runtime.clock) {
        const runtime::Duration delay = round->isDecided() ? runtime::Duration(-1) : reader.patience(*job);
        if (delay.count() < 0) {
            return;
        }
        m_timer = m_clock.callAt(reader.m_view.in(delay), [&reader, job, round] {
            if (!round->isDecided()) {
                round->contactedMore();
                reader.m_view.tracer.trace(job->request, stage::kRequest, "speculating read retry on /{}",
                                           job->spares.front()->node);
                // The one that is late may be the one that was asked for data.
                reader.askOne(job, round, *job->spares.front(), false);
            }
        });
    }
    Speculation(const Speculation&) = delete;
    Speculation& operator=(const Speculation&) = delete;
    ~Speculation() {
        if (m_timer) {
            m_clock.cancel(*m_timer);
        }
    }

private:
    runtime::Clock& m_clock;
    std::optional<runtime::TimerId> m_timer;
};

runtime::Duration Reader::patience(const Job& job) {
    constexpr runtime::Duration kNever{-1};
    if (job.spares.empty()) {
        return kNever;
    }
    const runtime::Duration timeout = job.timeout(m_view.timeouts);
    const runtime::Duration delay = speculationDelay(job.command.table->options.speculativeRetry,
                                                     m_latencies[job.command.table->id], timeout);
    return delay < timeout ? delay : kNever;
}

Task<Result<Reader::Partitions>> Reader::readFrom(std::shared_ptr<Job> job) {
    job->started = m_view.runtime.clock.now();
    job->command.filterAtReplica = job->targets.size() == 1;
    if (job->command.useIndex && job->targets.size() > 1) {
        Result<Partitions> found = co_await readIndexed(job);
        co_return found;
    }
    const auto round = ask(job, job->targets.size() > 1, 0);
    const Speculation speculation(*this, job, round);
    Result<void> outcome = co_await round->outcome();
    if (!outcome) {
        co_return outcome.error();
    }
    if (!job->isRange) {
        m_latencies[job->command.table->id].add(m_view.runtime.clock.now() - job->started);
    }
    auto& answers = round->answers();
    const auto data = std::find_if(answers.begin(), answers.end(),
                                   [](const ReplicaAnswer& a) { return !a.isDigest; });
    if (answers.size() == 1) {
        co_return std::move(data->data);
    }
    const Bytes digest = rows::digest(data->data);
    const bool agree = std::all_of(answers.begin(), answers.end(), [&digest](const ReplicaAnswer& a) {
        return (a.isDigest ? a.digest : rows::digest(a.data)) == digest;
    });
    if (agree) {
        co_return std::move(data->data);
    }
    if (!job->request.isNil()) {
        std::vector<std::string> nodes;
        for (const ReplicaAnswer& a : answers) {
            nodes.push_back(a.node);
        }
        m_view.observer.tell(observe::DigestMismatch{job->request, std::move(nodes)});
        traceMismatch(m_view, job->command, job->request);
    }
    // Those that answered in time are the ones to compare in full.
    Targets compared;
    for (const Targets* list : {&job->targets, &job->spares}) {
        for (const ring::NodeInfo* node : *list) {
            if (std::any_of(answers.begin(), answers.end(),
                            [node](const ReplicaAnswer& a) { return a.node == node->node; })) {
                compared.push_back(node);
            }
        }
    }
    job->targets = std::move(compared);
    Result<Partitions> merged = co_await reconcile(job, round->seen());
    co_return merged;
}

namespace {

/// What any replica's index found: the rows of each partition; of tables without clustering columns,
/// and where the static row decides, the partition as a whole.
std::map<rows::DecoratedKey, std::vector<rows::Clustering>> candidatesOf(const schema::Table& table,
                                                                         const std::vector<ReplicaAnswer>& answers) {
    const auto less = [&table](const rows::Clustering& a, const rows::Clustering& b) {
        return rows::compareClustering(table, a, b) < 0;
    };
    std::map<rows::DecoratedKey, std::vector<rows::Clustering>> out;
    for (const ReplicaAnswer& answer : answers) {
        for (const rows::Partition& partition : answer.data) {
            std::vector<rows::Clustering>& rows = out[partition.key];
            for (const rows::Row& row : partition.rows) {
                rows.push_back(row.clustering);
            }
        }
    }
    for (auto& [key, rows] : out) {
        std::sort(rows.begin(), rows.end(), less);
        rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    }
    return out;
}

}  // namespace

/// A replica's index knows what that replica has: a row that it finds may be another one by what the
/// others have, which do not find it. So every row that any of them finds is read by its key from all
/// (ReplicaFilteringProtection).
Task<Result<Reader::Partitions>> Reader::readIndexed(std::shared_ptr<Job> job) {
    const std::uint32_t wanted = job->command.limits.rows;
    const schema::Table& table = *job->command.table;
    const bool byRow = !table.clustering().empty() && table.statics().empty();
    while (true) {
        const auto round = ask(job, false, 0);
        Result<void> outcome = co_await round->outcome();
        if (!outcome) {
            co_return outcome.error();
        }
        bool mayBeMore = false;
        for (const ReplicaAnswer& answer : round->answers()) {
            mayBeMore = mayBeMore || (job->command.limits.rows != rows::ReadLimits::kNone &&
                                      countRows(job->command, answer.data) >= job->command.limits.rows);
        }
        Partitions out;
        for (auto& [key, found] : candidatesOf(table, round->answers())) {
            rows::ReadCommand one = job->command;
            one.useIndex = false;
            one.key = key;
            one.limits.rows = rows::ReadLimits::kNone;
            if (byRow) {
                one.names = std::move(found);
                one.slices.clear();
            }
            Result<Partitions> part = co_await readReplicated(std::move(one), job->level, job->request, job->warnings);
            if (!part) {
                co_return part;
            }
            for (rows::Partition& partition : part.value()) {
                out.push_back(std::move(partition));
            }
        }
        rows::ReadCommand counted = job->command;
        counted.limits.rows = wanted;
        if (!mayBeMore || countRows(counted, out) >= wanted) {
            co_return out;
        }
        widen(job->command);
    }
}

Task<Result<Reader::Partitions>> Reader::reconcile(std::shared_ptr<Job> job, std::uint32_t seen) {
    const rows::ReadLimits wanted = job->command.limits;
    while (true) {
        const auto round = ask(job, false, seen);
        Result<void> outcome = co_await round->outcome();
        if (!outcome) {
            co_return outcome.error();
        }
        seen = round->seen();
        Reconciled together = coordinator::reconcile(job->command, wanted, round->answers());
        if (together.isShort) {
            widen(job->command);
            continue;
        }
        if (job->command.table->options.readRepair != "NONE") {
            Result<void> repaired = co_await repair(job, together.merged, round->answers());
            if (!repaired) {
                co_return repaired.error();
            }
        }
        co_return std::move(together.merged);
    }
}

Task<Result<void>> Reader::repair(std::shared_ptr<Job> job, const Partitions& merged,
                                  const std::vector<ReplicaAnswer>& answers) {
    WriteHandler::Plan plan;
    plan.level = Consistency::All;
    plan.writeType = "SIMPLE";
    std::vector<std::pair<const ring::NodeInfo*, rows::Mutation>> repairs;
    for (const ReplicaAnswer& answer : answers) {
        const ring::NodeInfo* node = job->topology->find(answer.node);
        for (const rows::Partition& partition : merged) {
            const auto own = std::find_if(answer.data.begin(), answer.data.end(),
                                          [&partition](const auto& p) { return p.key == partition.key; });
            rows::Partition empty;
            empty.key = partition.key;
            rows::Partition lacking = rows::difference(*job->command.table, partition,
                                                       own == answer.data.end() ? empty : *own);
            if (lacking.isEmpty()) {
                continue;
            }
            if (!job->request.isNil()) {
                std::size_t cells = lacking.staticRow.cells.size();
                for (const rows::Row& row : lacking.rows) {
                    cells += row.cells.size();
                }
                m_view.observer.tell(
                    observe::ReadRepair{job->request, answer.node, static_cast<std::uint32_t>(cells)});
            }
            rows::Mutation mutation;
            mutation.updates.push_back({job->command.table, std::move(lacking)});
            repairs.emplace_back(node, std::move(mutation));
        }
    }
    // Every repair must be acknowledged: the answer promises that a quorum has it (BlockingReadRepair).
    plan.required = static_cast<std::uint32_t>(repairs.size());
    plan.contacted = plan.required;
    if (repairs.empty()) {
        co_return ok();
    }
    const auto handler = std::make_shared<WriteHandler>(plan, m_view.observer);
    m_writer.sendRepairs(handler, std::move(repairs), job->topology, job->request);
    Result<void> outcome = co_await handler->outcome();
    if (!outcome) {
        co_return readTimeout(job->level, job->required - 1, job->required, true);
    }
    co_return ok();
}

std::shared_ptr<ReadRound> Reader::ask(const std::shared_ptr<Job>& job, bool digests, std::uint32_t seen) {
    ReadRound::Plan plan;
    plan.level = job->level;
    plan.required = static_cast<std::uint32_t>(job->targets.size());
    plan.contacted = plan.required;
    plan.request = job->request;
    plan.orderFrom = seen;
    auto round = std::make_shared<ReadRound>(plan, m_view.observer);
    // The others are under way before this node begins its own part.
    for (const bool here : {false, true}) {
        for (std::size_t i = 0; i < job->targets.size(); ++i) {
            if (m_view.isSelf(job->targets[i]->node) == here) {
                askOne(job, round, *job->targets[i], digests && i > 0);
            }
        }
    }
    return round;
}

void Reader::askOne(const std::shared_ptr<Job>& job, const std::shared_ptr<ReadRound>& round,
                    const ring::NodeInfo& target, bool wantsDigest) {
    if (m_view.isSelf(target.node)) {
        m_tasks.spawn(answerHere(job, round, target.node, wantsDigest));
        return;
    }
    if (job->isRange) {
        m_view.tracer.trace(job->request, stage::kRequest, "Enqueuing request to /{}", target.node);
    } else {
        m_view.tracer.trace(job->request, stage::kRequest, "reading {} from /{}",
                            wantsDigest ? "digest" : "data", target.node);
    }
    m_view.messaging.request(
        target.node, job->isRange ? Verb::RangeReq : Verb::ReadReq,
        encodeReadRequest(job->command, wantsDigest), m_view.in(job->timeout(m_view.timeouts)),
        [round, node = target.node](const messaging::Reply& reply) {
            if (reply.kind != messaging::Reply::Kind::Answer) {
                round->failed(node, reply.kind == messaging::Reply::Kind::Timeout ? FailureReason::Timeout
                                                                                  : reply.reason);
                return;
            }
            auto answer = decodeReadAnswer(node, reply.payload);
            if (answer) {
                round->answered(std::move(answer).value());
            } else {
                round->failed(node, FailureReason::Unknown);
            }
        },
        job->request);
}

Task<void> Reader::answerHere(std::shared_ptr<Job> job, std::shared_ptr<ReadRound> round, std::string node,
                              bool wantsDigest) {
    Result<Partitions> data = co_await readHere(job->command, job->request, job->warnings);
    if (!data) {
        m_view.log.error("cannot read {}: {}", job->command.table->qualifiedName(), data.error().message);
        round->failed(node, reasonOf(data.error()));
        co_return;
    }
    ReplicaAnswer answer;
    answer.node = std::move(node);
    answer.isDigest = wantsDigest;
    if (wantsDigest) {
        answer.digest = rows::digest(data.value());
    } else {
        answer.data = std::move(data).value();
    }
    round->answered(std::move(answer));
}

// ---- ranges ------------------------------------------------------------------------------------

namespace {

struct SubRange {
    rows::PartitionRange range;
    std::vector<const ring::NodeInfo*> natural;
};

/// The command's range cut at the ring's tokens, in token order (StorageProxy's ReplicaPlanIterator).
std::vector<SubRange> cutAtTokens(const ring::Topology& topology, const ring::Placement& placement,
                                  const rows::PartitionRange& range) {
    std::vector<SubRange> out;
    std::optional<rows::PartitionBound> from = range.start;
    for (const ring::Topology::Entry& entry : topology.tokens()) {
        const bool beforeStart = from && entry.token < from->token;
        const bool startsAfterToken = from && !from->key && !from->inclusive && entry.token == from->token;
        if (beforeStart || startsAfterToken) {
            continue;
        }
        const bool pastEnd = range.end && range.end->token <= entry.token;
        const rows::PartitionBound end{entry.token, std::nullopt, true};
        out.push_back({{from, pastEnd ? range.end : std::optional(end)},
                       placement.replicasFor(entry.token).natural});
        if (pastEnd) {
            return out;
        }
        from = rows::PartitionBound{entry.token, std::nullopt, false};
    }
    // What lies behind the last token belongs to the first.
    out.push_back({{from, range.end}, topology.tokens().empty()
                                          ? std::vector<const ring::NodeInfo*>{}
                                          : placement.replicasFor(topology.tokens().front().token).natural});
    return out;
}

std::vector<const ring::NodeInfo*> common(const std::vector<const ring::NodeInfo*>& a,
                                          const std::vector<const ring::NodeInfo*>& b) {
    std::vector<const ring::NodeInfo*> out;
    for (const ring::NodeInfo* node : a) {
        if (std::find(b.begin(), b.end(), node) != b.end()) {
            out.push_back(node);
        }
    }
    return out;
}

}  // namespace

Task<Result<Reader::Partitions>> Reader::readRange(rows::ReadCommand command, Consistency level,
                                                   Uuid request, ReadWarnings warnings) {
    const ring::TopologyPtr topology = m_view.topology.current();
    const auto* keyspace = m_view.schema.current()->findKeyspace(command.table->keyspace);
    const schema::KeyspacePtr hold = *keyspace;
    const ring::Placement& placement = topology->placement(hold->replication);
    m_view.tracer.trace(request, stage::kRequest, "Computing ranges to query");
    std::vector<SubRange> parts = cutAtTokens(*topology, placement, command.range);
    const std::uint32_t wanted = command.limits.rows;
    Partitions out;
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < parts.size() && found < wanted;) {
        auto live = liveByProximity(m_view, *topology, parts[i].natural);
        CO_TRY_ASSIGN(auto targets, chooseTargets(*topology, placement, level, live));
        auto job = std::make_shared<Job>();
        job->warnings = warnings;
        job->command = command;
        job->command.range = parts[i].range;
        // Neighbours whose replicas can serve both are read at once.
        std::size_t next = i + 1;
        for (; next < parts.size(); ++next) {
            const auto both = common(live, liveByProximity(m_view, *topology, parts[next].natural));
            auto together = chooseTargets(*topology, placement, level, both);
            if (!together) {
                break;
            }
            live = both;
            targets = std::move(together).value();
            job->command.range.end = parts[next].range.end;
        }
        i = next;
        job->command.limits.rows = wanted == rows::ReadLimits::kNone ? wanted : wanted - found;
        job->level = level;
        job->request = request;
        job->topology = topology;
        job->targets = std::move(targets.asked);
        job->spares = std::move(targets.spares);
        job->required = static_cast<std::uint32_t>(job->targets.size());
        job->isRange = true;
        Result<Partitions> part = co_await readFrom(job);
        if (!part) {
            co_return part;
        }
        if (wanted != rows::ReadLimits::kNone) {
            found += countRows(job->command, part.value());
        }
        for (rows::Partition& partition : part.value()) {
            out.push_back(std::move(partition));
        }
    }
    co_return out;
}

// ---- replica side ------------------------------------------------------------------------------

void Reader::serve() {
    m_view.messaging.on(Verb::ReadReq, [this](const messaging::Message& m) { onRead(m, Verb::ReadRsp); });
    m_view.messaging.on(Verb::RangeReq, [this](const messaging::Message& m) { onRead(m, Verb::RangeRsp); });
}

void Reader::onRead(const messaging::Message& message, Verb answer) {
    auto request = decodeReadRequest(message.payload, *m_view.schema.current());
    if (!request) {
        m_view.log.warn("a read from {} cannot be understood: {}", message.from, request.error().message);
        m_view.messaging.failure(message, FailureReason::IncompatibleSchema, request.error().message);
        return;
    }
    m_tasks.spawn(answerFor(message, answer, request.value().wantsDigest,
                            std::move(request.value().command)));
}

Task<void> Reader::answerFor(messaging::MessageHead head, Verb answer, bool wantsDigest,
                             rows::ReadCommand command) {
    const std::string table = command.table->qualifiedName();
    Result<Partitions> data = co_await readHere(std::move(command), head.request);
    if (!data) {
        m_view.log.error("cannot read {} for {}: {}", table, head.from, data.error().message);
        m_view.messaging.failure(head, reasonOf(data.error()), data.error().message);
        co_return;
    }
    m_view.messaging.reply(head, answer, encodeReadAnswer(data.value(), wantsDigest));
}

}  // namespace engine::coordinator
