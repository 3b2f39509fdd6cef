#include "engine/coordinator/write_handler.h"

#include <algorithm>
#include <limits>

#include "engine/coordinator/views/view_keeper.h"
#include "engine/rows/serialization.h"

namespace engine::coordinator {

using messaging::FailureReason;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

WriteHandler::WriteHandler(Plan plan, observe::Observer& observer)
    : m_plan(std::move(plan)), m_observer(observer) {}

bool WriteHandler::helps(const ring::NodeInfo& replica) {
    if (!m_plan.missing.empty()) {
        auto it = m_plan.missing.find(replica.datacenter);
        if (it == m_plan.missing.end() || it->second == 0) {
            return false;
        }
        --it->second;
        return true;
    }
    return ring::Placement::countsFor(m_plan.level, replica.datacenter, m_plan.localDatacenter);
}

void WriteHandler::tell(const ring::NodeInfo& replica, bool counted, bool failed) {
    if (m_plan.request.isNil()) {
        return;
    }
    m_observer.tell(observe::AckCounted{.request = m_plan.request,
                                        .replica = replica.node,
                                        .order = m_answers,
                                        .counted = counted,
                                        .failed = failed});
}

void WriteHandler::answered(const ring::NodeInfo& replica) {
    ++m_answers;
    const bool open = !m_outcome.isSet();
    const bool counted = helps(replica) && open;
    if (counted) {
        ++m_received;
    }
    tell(replica, counted, false);
    if (open && m_received >= m_plan.required) {
        if (!m_plan.request.isNil()) {
            m_observer.tell(observe::LevelMet{m_plan.request, m_received});
        }
        m_outcome.set(ok());
        return;
    }
    decide();
}

void WriteHandler::failed(const ring::NodeInfo& replica, FailureReason reason) {
    ++m_answers;
    if (reason == FailureReason::Timeout) {
        ++m_timeouts;
    } else {
        m_failures.push_back({replica.node, reason});
        tell(replica, false, true);
    }
    decide();
}

void WriteHandler::hinted() {
    if (m_plan.level == Consistency::Any && !m_outcome.isSet()) {
        m_outcome.set(ok());
    }
}

void WriteHandler::nobodyAsked(bool hasReplicas) {
    if (m_outcome.isSet()) {
        return;
    }
    const bool content = m_plan.required == 0 || (m_plan.level == Consistency::Any && !hasReplicas);
    m_outcome.set(content ? Result<void>(ok())
                          : Result<void>(writeTimeout(m_plan.level, 0, m_plan.required, m_plan.writeType)));
}

void WriteHandler::decide() {
    if (m_outcome.isSet()) {
        return;
    }
    const auto failures = static_cast<std::uint32_t>(m_failures.size());
    if (failures > 0 && m_plan.contacted - failures < m_plan.required) {
        m_outcome.set(writeFailure(m_plan.level, m_received, m_plan.required, m_plan.writeType, m_failures));
    } else if (m_answers >= m_plan.contacted) {
        m_outcome.set(writeTimeout(m_plan.level, m_received, m_plan.required, m_plan.writeType));
    }
}

EncodedMutation::EncodedMutation(const rows::Mutation& mutation)
    : graceSeconds(std::numeric_limits<std::int32_t>::max()) {
    ByteWriter out;
    rows::write(out, mutation);
    bytes = out.take();
    for (const rows::PartitionUpdate& update : mutation.updates) {
        graceSeconds = std::min(graceSeconds, update.table->options.gcGraceSeconds);
    }
}

namespace {

Bytes encode(const rows::Mutation& mutation) {
    ByteWriter out;
    rows::write(out, mutation);
    return out.take();
}

/// Unavailable, or how many answers the level wants.
Result<WriteHandler::Plan> planWrite(const ring::Topology& topology, const ring::Placement& placement,
                                     const ring::ReplicaPlan& replicas, Consistency level,
                                     const std::vector<const ring::NodeInfo*>& live) {
    WriteHandler::Plan plan;
    plan.level = level;
    plan.localDatacenter = topology.localDatacenter();
    plan.required = placement.requiredForWrite(level, plan.localDatacenter, replicas);
    plan.contacted = static_cast<std::uint32_t>(live.size());
    if (level == Consistency::EachQuorum && placement.isNetworkTopology()) {
        for (const ring::DatacenterQuorum& quorum : placement.eachQuorum(&replicas)) {
            std::uint32_t alive = 0;
            for (const ring::NodeInfo* node : live) {
                alive += node->datacenter == quorum.datacenter ? 1 : 0;
            }
            if (alive < quorum.required) {
                // Cassandra reports alive = 0 here (seen on 5.0.6).
                return unavailable(level, quorum.required, 0, quorum.datacenter);
            }
            plan.missing[quorum.datacenter] = quorum.required;
        }
        return plan;
    }
    if (level == Consistency::Any) {
        return plan;  // A hint is enough.
    }
    std::uint32_t alive = 0;
    for (const ring::NodeInfo* node : live) {
        alive += ring::Placement::countsFor(level, node->datacenter, plan.localDatacenter) ? 1 : 0;
    }
    if (alive < plan.required) {
        return unavailable(level, plan.required, alive);
    }
    return plan;
}

}  // namespace

Result<Writer::Targets> Writer::targets(const rows::Mutation& mutation, Consistency level,
                                        std::string writeType, const Uuid& request) const {
    Targets out;
    out.topology = m_view.topology.current();
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(mutation.keyspace());
    if (keyspace == nullptr) {
        return invalid("keyspace " + mutation.keyspace() + " does not exist");
    }
    const ring::Placement& placement = out.topology->placement((*keyspace)->replication);
    const ring::ReplicaPlan& replicas = placement.replicasFor(mutation.key().token);
    std::vector<const ring::NodeInfo*> all = replicas.natural;
    all.insert(all.end(), replicas.pending.begin(), replicas.pending.end());
    out.live = liveByProximity(m_view, *out.topology, all);
    for (const ring::NodeInfo* node : all) {
        if (!m_view.isAlive(node->node)) {
            out.dead.push_back(node);
        }
    }
    TRY_ASSIGN(out.plan, planWrite(*out.topology, placement, replicas, level, out.live));
    out.plan.writeType = std::move(writeType);
    out.plan.request = request;
    return out;
}

Result<std::shared_ptr<WriteHandler>> Writer::start(rows::Mutation mutation, Consistency level,
                                                    const std::string& writeType, const Uuid& request) {
    TRY_ASSIGN(Targets targets, this->targets(mutation, level, writeType, request));
    auto handler = std::make_shared<WriteHandler>(std::move(targets.plan), m_view.observer);
    send(handler, targets, std::move(mutation), request);
    return handler;
}

void Writer::send(const std::shared_ptr<WriteHandler>& handler, const Targets& targets, rows::Mutation mutation,
                  const Uuid& request) {
    const ring::NodeInfo* self = nullptr;
    EncodedPtr encoded;
    if (!targets.dead.empty()) {
        encoded = std::make_shared<const EncodedMutation>(mutation);
        hintDead(handler, targets, *encoded, request);
    }
    for (const ring::NodeInfo* target : targets.live) {
        if (m_view.isSelf(target->node)) {
            self = target;
            continue;
        }
        if (!encoded) {
            encoded = std::make_shared<const EncodedMutation>(mutation);
        }
        sendOne(handler, target, targets.topology, Verb::MutationReq, encoded->bytes, encoded, request);
    }
    if (self != nullptr) {
        m_tasks.spawn(applyLocal(handler, self, targets.topology, std::move(mutation), request));
    }
    if (targets.live.empty()) {
        handler->nobodyAsked(!targets.dead.empty());
    }
}

Result<std::shared_ptr<WriteHandler>> Writer::startAs(Verb verb, BytesView payload, rows::Mutation mutation,
                                                      Consistency level, std::string writeType,
                                                      const Uuid& request, bool hints) {
    TRY_ASSIGN(Targets targets, this->targets(mutation, level, std::move(writeType), request));
    auto handler = std::make_shared<WriteHandler>(std::move(targets.plan), m_view.observer);
    EncodedPtr hint;
    if (hints) {
        hint = std::make_shared<const EncodedMutation>(mutation);
        hintDead(handler, targets, *hint, request);
    }
    for (const ring::NodeInfo* target : targets.live) {
        sendOne(handler, target, targets.topology, verb, payload, hint, request);
    }
    if (targets.live.empty()) {
        handler->nobodyAsked(!targets.dead.empty());
    }
    return handler;
}

Result<std::shared_ptr<WriteHandler>> Writer::startOthers(rows::Mutation mutation, Consistency level,
                                                          std::string writeType, const Uuid& request) {
    TRY_ASSIGN(Targets targets, this->targets(mutation, level, std::move(writeType), request));
    auto handler = std::make_shared<WriteHandler>(std::move(targets.plan), m_view.observer);
    const auto hint = std::make_shared<const EncodedMutation>(mutation);
    hintDead(handler, targets, *hint, request);
    for (const ring::NodeInfo* target : targets.live) {
        if (m_view.isSelf(target->node)) {
            handler->answered(*target);
        } else {
            sendOne(handler, target, targets.topology, Verb::MutationReq, hint->bytes, hint, request);
        }
    }
    if (targets.live.empty()) {
        handler->nobodyAsked(!targets.dead.empty());
    }
    return handler;
}

Task<void> Writer::deliver(rows::Mutation mutation) {
    Result<Targets> found = targets(mutation, Consistency::Any, "UNLOGGED_BATCH", Uuid());
    if (!found) {
        co_return;  // Its keyspace is gone.
    }
    Targets& targets = found.value();
    if (targets.live.empty()) {
        const auto nobody = std::make_shared<WriteHandler>(std::move(targets.plan), m_view.observer);
        hintDead(nobody, targets, EncodedMutation(mutation), Uuid());
        co_return;
    }
    targets.plan.level = Consistency::All;
    targets.plan.required = static_cast<std::uint32_t>(targets.live.size());
    const auto handler = std::make_shared<WriteHandler>(std::move(targets.plan), m_view.observer);
    send(handler, targets, std::move(mutation), Uuid());
    const Result<void> done = co_await handler->outcome();
    if (!done) {
        m_view.log.warn("a write of the batch log waits as a hint: {}", done.error().message);
    }
}

Result<void> Writer::check(const rows::Mutation& mutation, Consistency level) const {
    TRY(targets(mutation, level, {}, {}));
    return ok();
}

void Writer::hintDead(const std::shared_ptr<WriteHandler>& handler, const Targets& targets,
                      const EncodedMutation& mutation, const Uuid& request) {
    for (const ring::NodeInfo* node : targets.dead) {
        if (m_hints != nullptr && m_hints->keep(*node, mutation, request)) {
            handler->hinted();
        }
    }
}

void Writer::sendOne(const std::shared_ptr<WriteHandler>& handler, const ring::NodeInfo* target,
                     const ring::TopologyPtr& topology, Verb verb, BytesView payload, EncodedPtr hint,
                     const Uuid& request) {
    m_view.messaging.request(
        target->node, verb, payload, m_view.in(m_view.timeouts.write),
        [this, handler, target, keep = topology, hint = std::move(hint), request](const messaging::Reply& reply) {
            if (reply.kind == messaging::Reply::Kind::Answer) {
                handler->answered(*target);
                return;
            }
            if (hint && m_hints != nullptr && !m_view.isSelf(target->node) &&
                m_hints->keep(*target, *hint, request)) {
                handler->hinted();
            }
            handler->failed(*target, reply.kind == messaging::Reply::Kind::Timeout ? FailureReason::Timeout
                                                                                   : reply.reason);
        },
        request);
}

void Writer::sendRepairs(const std::shared_ptr<WriteHandler>& handler,
                         std::vector<std::pair<const ring::NodeInfo*, rows::Mutation>> repairs,
                         const ring::TopologyPtr& topology, const Uuid& request) {
    for (auto& [target, mutation] : repairs) {
        if (m_view.isSelf(target->node)) {
            m_tasks.spawn(applyLocal(handler, target, topology, std::move(mutation), request));
        } else {
            sendOne(handler, target, topology, Verb::ReadRepairReq, encode(mutation), nullptr, request);
        }
    }
}

Task<void> Writer::applyLocal(std::shared_ptr<WriteHandler> handler, const ring::NodeInfo* self,
                              [[maybe_unused]] ring::TopologyPtr keep, rows::Mutation mutation,
                              Uuid request) {
    const Result<void> done = co_await applyHere(std::move(mutation), request);
    if (done) {
        handler->answered(*self);
    } else {
        m_view.log.error("cannot apply a write: {}", done.error().message);
        handler->failed(*self, FailureReason::Unknown);
    }
}

void Writer::traceTables(const Uuid& request, const rows::Mutation& mutation) {
    for (const rows::PartitionUpdate& update : mutation.updates) {
        m_view.tracer.trace(request, stage::kMutation, "Adding to {} memtable", update.table->name);
    }
}

Task<Result<void>> Writer::applyHere(rows::Mutation mutation, Uuid request) {
    if (m_views != nullptr && m_views->concerns(mutation)) {
        return m_views->apply(std::move(mutation), request);
    }
    return applyPlain(std::move(mutation), request);
}

void Writer::sendKept(const ring::NodeInfo& target, const ring::TopologyPtr& topology, rows::Mutation mutation,
                      const Uuid& request) {
    const std::string view = mutation.updates.front().table->name;
    const auto encoded = std::make_shared<const EncodedMutation>(mutation);
    if (!m_view.isAlive(target.node)) {
        if (m_hints == nullptr || !m_hints->keep(target, *encoded, request)) {
            m_view.log.warn("an update of view {} is lost: {} is down", view, target.node);
        }
        return;
    }
    m_view.messaging.request(
        target.node, Verb::MutationReq, encoded->bytes, m_view.in(m_view.timeouts.write),
        [this, node = &target, keep = topology, encoded, view, request](const messaging::Reply& reply) {
            if (reply.kind != messaging::Reply::Kind::Answer &&
                (m_hints == nullptr || !m_hints->keep(*node, *encoded, request))) {
                m_view.log.warn("an update of view {} is lost: {} did not take it", view, node->node);
            }
        },
        request);
}

Task<Result<void>> Writer::applyPlain(rows::Mutation mutation, Uuid request) {
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(mutation.keyspace());
    const bool durable = keyspace == nullptr || (*keyspace)->durableWrites;
    storage::ApplyTimes times;
    const bool told = !request.isNil();
    if (durable) {
        m_view.tracer.trace(request, stage::kMutation, "Appending to commitlog");
    }
    if (told) {
        traceTables(request, mutation);
    }
    const Uuid table = mutation.updates.front().table->id;
    const runtime::Instant start = m_view.runtime.clock.now();
    Result<void> done =
        co_await m_view.storage.apply(std::move(mutation), durable, told ? &times : nullptr);
    m_view.latencies.of(table).localWrite.add(m_view.runtime.clock.now() - start);
    if (told && done) {
        m_view.observer.tell(observe::Work{request, "commitlog", times.logStart, times.logEnd});
        m_view.observer.tell(observe::Work{request, "memtable", times.logEnd, times.memtableEnd});
    }
    co_return done;
}

Task<Result<void>> Writer::write(std::vector<rows::Mutation> mutations, Consistency level,
                                 std::string writeType, Uuid request) {
    m_view.tracer.trace(request, stage::kRequest, "Determining replicas for {}",
                        writeType == "BATCH" ? "atomic batch" : "mutation");
    const runtime::Instant began = m_view.runtime.clock.now();
    std::vector<std::shared_ptr<WriteHandler>> handlers;
    std::vector<Uuid> tables;
    handlers.reserve(mutations.size());
    tables.reserve(mutations.size());
    for (rows::Mutation& mutation : mutations) {
        tables.push_back(mutation.updates.front().table->id);
        CO_TRY_ASSIGN(auto handler, start(std::move(mutation), level, writeType, request));
        handlers.push_back(std::move(handler));
    }
    for (const auto& handler : handlers) {
        Result<void> done = co_await handler->outcome();
        if (!done) {
            co_return done;
        }
    }
    for (const Uuid& table : tables) {
        m_view.latencies.of(table).coordinatorWrite.add(m_view.runtime.clock.now() - began);
    }
    co_return ok();
}

void Writer::serve() {
    m_view.messaging.on(Verb::MutationReq,
                        [this](const messaging::Message& m) { onMutation(m, Verb::MutationRsp); });
    m_view.messaging.on(Verb::ReadRepairReq,
                        [this](const messaging::Message& m) { onMutation(m, Verb::ReadRepairRsp); });
}

void Writer::onMutation(const messaging::Message& message, Verb answer) {
    ByteReader in(message.payload);
    auto mutation = rows::readMutation(in, *m_view.schema.current());
    if (!mutation) {
        m_view.log.warn("a write from {} cannot be read: {}", message.from, mutation.error().message);
        m_view.messaging.failure(message, FailureReason::IncompatibleSchema, mutation.error().message);
        return;
    }
    m_tasks.spawn(applyFor(message, answer, std::move(mutation).value()));
}

Task<void> Writer::applyFor(messaging::MessageHead head, Verb answer, rows::Mutation mutation) {
    const Result<void> done = co_await applyHere(std::move(mutation), head.request);
    if (done) {
        m_view.messaging.reply(head, answer, {});
    } else {
        m_view.log.error("cannot apply a write of {}: {}", head.from, done.error().message);
        m_view.messaging.failure(head, FailureReason::Unknown, done.error().message);
    }
}

}  // namespace engine::coordinator
