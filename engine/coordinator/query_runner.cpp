#include "engine/coordinator/query_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/cql/access/access_refusal.h"
#include "engine/cql/access/access_statement.h"
#include "engine/coordinator/query_run.h"
#include "engine/coordinator/request_traces.h"
#include "engine/coordinator/truncations.h"

namespace engine::coordinator {

using cql::StatementResult;
using messaging::FailureReason;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

QueryRunner::QueryRunner(Parts parts)
    : m_view(parts.view),
      m_reader(parts.reader),
      m_writer(parts.writer),
      m_counters(parts.counters),
      m_paxos(parts.paxos),
      m_batchLog(parts.batchLog),
      m_batchLimits(parts.batchLimits),
      m_virtualTables(parts.virtualTables),
      m_schemaChanger(parts.schemaChanger),
      m_clusterName(std::move(parts.clusterName)),
      m_features(std::move(parts.features)),
      m_guardrails(std::move(parts.guardrails)) {
    m_view.schema.onChange([this](const schema::SchemaPtr&, const schema::SchemaPtr& after) {
        m_prepared.dropChanged(*after);
    });
}

std::int64_t QueryRunner::uniqueMicros() {
    m_lastMicros = std::max(m_view.runtime.clock.wallMicros(), m_lastMicros + 1);
    return m_lastMicros;
}

cql::ExecutionContext QueryRunner::context() {
    cql::ExecutionContext out;
    out.nowMicros = m_view.runtime.clock.wallMicros();
    out.random = [this] { return m_view.runtime.random.next(); };
    out.uniqueMicros = [this] { return uniqueMicros(); };
    out.wallMicros = [this] { return m_view.runtime.clock.wallMicros(); };
    out.schema = m_view.schema.current();
    return out;
}

cql::ClusterFacts QueryRunner::clusterFacts() const {
    cql::ClusterFacts out;
    out.features = m_features;
    const ring::TopologyPtr& topology = m_view.topology.current();
    for (const std::string& datacenter : topology->datacenters()) {
        out.datacenters.emplace_back(datacenter, static_cast<int>(topology->nodesIn(datacenter)));
    }
    out.nodes = static_cast<int>(topology->nodes().size());
    out.rangeOwners = [this](std::string_view keyspace) { return rangeOwners(keyspace); };
    return out;
}

std::map<std::string, std::vector<std::string>> QueryRunner::rangeOwners(std::string_view name) const {
    std::map<std::string, std::vector<std::string>> out;
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(name);
    if (keyspace == nullptr) {
        return out;
    }
    const ring::TopologyPtr topology = m_view.topology.current();
    const ring::Placement& placement = topology->placement((*keyspace)->replication);
    for (const ring::Topology::Entry& entry : topology->tokens()) {
        std::vector<std::string>& owners = out[std::to_string(entry.token)];
        for (const ring::NodeInfo* node : placement.replicasFor(entry.token).natural) {
            owners.push_back('/' + node->node);
        }
    }
    return out;
}

namespace {

/// Values given by name in the order of the markers. One that is not named is missing, which the
/// count of values then tells.
void orderByName(const cql::Prepared& prepared, cql::QueryOptions& options) {
    if (options.valueNames.empty()) {
        return;
    }
    std::vector<cql::BoundValue> ordered;
    for (const cql::ColumnSpec& variable : prepared.variables) {
        const auto it = std::find(options.valueNames.begin(), options.valueNames.end(), variable.name);
        if (it != options.valueNames.end()) {
            ordered.push_back(options.values[static_cast<std::size_t>(it - options.valueNames.begin())]);
        }
    }
    options.values = std::move(ordered);
    options.valueNames.clear();
}

}  // namespace

// ---- the four requests of the protocol ---------------------------------------------------------

Result<Answer> QueryRunner::traced(const Uuid& trace, Result<Answer> answer) {
    if (!trace.isNil()) {
        m_view.tracer.end(trace);
        if (answer) {
            answer.value().tracingId = trace;
        }
    }
    return answer;
}

Task<Result<Answer>> QueryRunner::query(ClientSession& session, std::string text, cql::QueryOptions options,
                                        RequestInfo info) {
    const Uuid trace = beginTrace(info, [&](std::int64_t now) { return traceOfQuery(session, text, options, now); });
    m_view.tracer.trace(trace, stage::kRequest, "Parsing {}", text);
    m_view.tracer.trace(trace, stage::kRequest, "Preparing statement");
    auto prepared = cql::prepare(text, *m_view.schema.current(), session.state);
    if (!prepared) {
        co_return traced(trace, prepared.error());
    }
    ++m_counts.regularExecuted;
    orderByName(*prepared.value(), options);
    // QueryProcessor.process, where executeStatement has another text.
    if (options.values.size() != prepared.value()->variables.size()) {
        co_return traced(trace, invalid("Invalid amount of bind variables"));
    }
    auto run = std::make_shared<Run>(Run{session, std::move(prepared).value(), std::move(options), info, context()});
    run->parsedNanos = m_view.observer.nanos();
    run->warnings = run->prepared->warnings;
    run->request = trace;
    Result<Answer> answer = co_await this->run(std::move(run));
    co_return traced(trace, std::move(answer));
}

/// Values are counted in 16 bits (QueryProcessor.prepare).
static constexpr std::size_t kMostMarkers = 0xffff;

Task<Result<PreparedAnswer>> QueryRunner::prepare(ClientSession& session, std::string text,
                                                  std::string keyspace) {
    cql::SessionState state = session.state;
    if (!keyspace.empty()) {
        state.keyspace = keyspace;
    }
    auto prepared = cql::prepare(text, *m_view.schema.current(), state);
    if (!prepared) {
        co_return prepared.error();
    }
    if (const std::size_t markers = prepared.value()->variables.size(); markers > kMostMarkers) {
        co_return invalid(fmt::format("Too many markers(?). {} markers exceed the allowed maximum of {}", markers, kMostMarkers));
    }
    PreparedAnswer out;
    out.statement = std::move(prepared).value();
    out.id = PreparedStatements::idOf(state.keyspace, text);
    out.warnings = out.statement->warnings;
    m_prepared.add(out.id, state.keyspace, out.statement);
    co_return out;
}

bool QueryRunner::restorePrepared(const Bytes& id, const std::string& keyspace, const std::string& text) {
    auto prepared = cql::prepare(text, *m_view.schema.current(), cql::SessionState{keyspace});
    if (!prepared) {
        return false;
    }
    m_prepared.restore(id, std::move(prepared).value());
    return true;
}

Error QueryRunner::unprepared(const Bytes& id) const {
    ErrorDetail detail;
    detail.preparedId = id;
    return Error{ErrorKind::Unprepared,
                 fmt::format("Prepared query with ID {} not found (either the query was not prepared on this "
                             "host (maybe the host has been restarted?) or you have prepared too many queries "
                             "and it has been evicted from the internal cache)",
                             toHex(id)),
                 std::make_shared<const ErrorDetail>(std::move(detail))};
}

Result<void> checkValueCount(const cql::Prepared& prepared, const cql::QueryOptions& options,
                             std::string_view firstWord) {
    if (options.values.size() != prepared.variables.size()) {
        return invalid(fmt::format("{} were {} markers(?) in CQL but {} bound variables", firstWord,
                                   prepared.variables.size(), options.values.size()));
    }
    return ok();
}

Task<Result<Answer>> QueryRunner::execute(ClientSession& session, Bytes id, Bytes resultMetadataId,
                                          cql::QueryOptions options, RequestInfo info) {
    cql::PreparedPtr prepared = m_prepared.find(id);
    if (prepared == nullptr) {
        co_return unprepared(id);
    }
    ++m_counts.preparedExecuted;
    auto run = std::make_shared<Run>(Run{session, std::move(prepared), std::move(options), info, context()});
    run->parsedNanos = m_view.observer.nanos();
    run->isPrepared = true;
    run->request = beginTrace(run->info, [&](std::int64_t now) {
        return traceOfExecute(session, *run->prepared, run->options, now);
    });
    const Uuid trace = run->request;
    Result<Answer> answer = co_await this->run(run);
    if (answer && !resultMetadataId.empty() && run->prepared->resultMetadata != nullptr &&
        std::holds_alternative<cql::RowsResult>(answer.value().result)) {
        answer.value().metadataChanged = run->prepared->resultMetadata->id != resultMetadataId;
    }
    co_return traced(trace, std::move(answer));
}

Task<Result<Answer>> QueryRunner::run(std::shared_ptr<Run> run) {
    if (run->prepared->variables.size() != 0 || !run->options.values.empty()) {
        orderByName(*run->prepared, run->options);
        CO_TRY(checkValueCount(*run->prepared, run->options));
    }
    if (run->request.isNil() && !run->session.tellNothing &&
        m_view.observer.sampleRequest(run->session.tellAll)) {
        run->request = m_view.runtime.random.uuid();
    }
    if (asksForAccess(*run)) {
        Result<void> allowed = co_await authorize(*run, *run->prepared);
        if (!allowed) {
            co_return allowed.error();
        }
    }
    Result<StatementResult> result = co_await dispatch(run);
    tellAnswered(*run, result);
    if (!result) {
        co_return result.error();
    }
    Answer out;
    out.result = std::move(result).value();
    out.warnings = std::move(run->warnings);
    out.warnings.insert(out.warnings.end(), run->readWarnings->begin(), run->readWarnings->end());
    co_return out;
}

Task<Result<StatementResult>> QueryRunner::dispatch(std::shared_ptr<Run> run) {
    const cql::AnyStatement& any = run->prepared->statement;
    if (const auto* s = std::get_if<std::shared_ptr<const cql::SelectStatement>>(&any)) {
        Result<StatementResult> out = co_await select(run, *s);
        co_return out;
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::ModificationStatement>>(&any)) {
        Result<StatementResult> out = co_await modify(run, *s);
        co_return out;
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::BatchStatement>>(&any)) {
        Result<StatementResult> out = co_await runBatch(run, *s);
        co_return out;
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::SchemaStatement>>(&any)) {
        Result<StatementResult> out = co_await changeSchema(run, *s);
        co_return out;
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::DescribeStatement>>(&any)) {
        CO_TRY_ASSIGN(auto rows, (*s)->describe(*m_view.schema.current(), clusterFacts(), m_clusterName,
                                                run->options));
        co_return StatementResult(std::move(rows));
    }
    if (const auto* s = std::get_if<std::shared_ptr<const cql::AccessStatement>>(&any)) {
        Result<StatementResult> out = co_await runAccess(run, *s);
        co_return out;
    }
    if (const auto* s = std::get_if<cql::UseStatement>(&any)) {
        if (m_view.schema.current()->findKeyspace(s->keyspace) == nullptr) {
            co_return invalid(fmt::format("Keyspace '{}' does not exist", s->keyspace));
        }
        run->session.state.keyspace = s->keyspace;
        co_return StatementResult(cql::SetKeyspaceResult{s->keyspace});
    }
    Result<StatementResult> out = co_await truncate(run, std::get<cql::TruncateStatement>(any).table);
    co_return out;
}

// ---- levels ------------------------------------------------------------------------------------

Result<Consistency> QueryRunner::readLevel(const cql::QueryOptions& options) const {
    const auto level = ring::consistencyOf(options.consistency);
    if (!level) {
        return makeError(ErrorKind::Protocol, fmt::format("Unknown code {} for a consistency level", options.consistency));
    }
    if (*level == Consistency::Any) {
        return invalid("ANY ConsistencyLevel is only supported for writes");
    }
    return *level;
}

Result<Consistency> QueryRunner::writeLevel(const cql::QueryOptions& options) const {
    const auto level = ring::consistencyOf(options.consistency);
    if (!level) {
        return makeError(ErrorKind::Protocol, fmt::format("Unknown code {} for a consistency level", options.consistency));
    }
    if (*level == Consistency::NodeLocal) {
        return invalid("NODE_LOCAL consistency level is highly dangerous and should be used only for debugging purposes");
    }
    return *level;
}

// ---- reading -----------------------------------------------------------------------------------

Task<Result<StatementResult>> QueryRunner::select(std::shared_ptr<Run> run,
                                                  std::shared_ptr<const cql::SelectStatement> statement) {
    CO_TRY_ASSIGN(Consistency level, readLevel(run->options));
    CO_TRY_ASSIGN(auto execution, statement->start(run->options, run->context));
    if (execution->readsAtOne()) {
        level = level == Consistency::LocalOne || level == Consistency::NodeLocal ? level : Consistency::One;
    }
    const bool isVirtual = statement->table()->isVirtual;
    bool first = true;
    while (true) {
        std::vector<rows::ReadCommand> commands = execution->next();
        if (first) {
            ++m_counts.reads;
            tellStarted(*run, !commands.empty() && !commands.front().key ? "RANGE" : "READ", level, false);
            first = false;
        }
        if (commands.empty()) {
            break;
        }
        if (ring::isSerial(level) && !isVirtual) {
            Result<Consistency> settled = co_await settle(run, commands, level);
            if (!settled) {
                co_return settled.error();
            }
            level = settled.value();
        }
        if (isVirtual) {
            std::vector<std::vector<rows::Partition>> answers;
            for (const rows::ReadCommand& command : commands) {
                answers.push_back(readVirtual(m_virtualTables, command, m_view.runtime.clock.wallMillis()));
            }
            CO_TRY(execution->feed(std::move(answers)));
            continue;
        }
        Result<std::vector<std::vector<rows::Partition>>> answers =
            co_await readAll(run, std::move(commands), level);
        if (!answers) {
            co_return answers.error();
        }
        CO_TRY(execution->feed(std::move(answers).value()));
    }
    CO_TRY_ASSIGN(auto rows, execution->finish());
    run->warnings.insert(run->warnings.end(), execution->warnings().begin(), execution->warnings().end());
    co_return StatementResult(std::move(rows));
}

/// Of a serial read: rounds of Paxos that were in flight are finished, and what follows is a read of a
/// majority. Ranges are read as they are.
Task<Result<Consistency>> QueryRunner::settle(std::shared_ptr<Run> run, const std::vector<rows::ReadCommand>& commands,
                                              Consistency level) {
    const auto* keyspace = m_view.schema.current()->findKeyspace(commands.front().table->keyspace);
    if (!commands.front().key || keyspace == nullptr || (*keyspace)->isLocal()) {
        co_return level;
    }
    if (commands.size() > 1) {
        co_return invalid("SERIAL/LOCAL_SERIAL consistency may only be requested for one partition at a time");
    }
    Result<void> done =
        co_await m_paxos.settle(commands.front().table, *commands.front().key, level, run->request);
    if (!done) {
        co_return done.error();
    }
    co_return level == Consistency::LocalSerial ? Consistency::LocalQuorum : Consistency::Quorum;
}

Task<void> QueryRunner::readInto(std::shared_ptr<Run> run, rows::ReadCommand command, Consistency level,
                                 runtime::Promise<Result<std::vector<rows::Partition>>> out) {
    Result<std::vector<rows::Partition>> answer =
        co_await m_reader.read(std::move(command), level, run->request, run->readWarnings);
    out.set(std::move(answer));
}

Task<Result<std::vector<std::vector<rows::Partition>>>> QueryRunner::readAll(
    std::shared_ptr<Run> run, std::vector<rows::ReadCommand> commands, Consistency level) {
    std::vector<std::vector<rows::Partition>> out;
    if (commands.size() == 1) {
        Result<std::vector<rows::Partition>> answer =
            co_await m_reader.read(std::move(commands.front()), level, run->request, run->readWarnings);
        if (!answer) {
            co_return answer.error();
        }
        out.push_back(std::move(answer).value());
        co_return out;
    }
    std::vector<runtime::Promise<Result<std::vector<rows::Partition>>>> promises(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
        m_tasks.spawn(readInto(run, std::move(commands[i]), level, promises[i]));
    }
    for (const auto& promise : promises) {
        Result<std::vector<rows::Partition>> answer = co_await promise;
        if (!answer) {
            co_return answer.error();
        }
        out.push_back(std::move(answer).value());
    }
    co_return out;
}

// ---- access ------------------------------------------------------------------------------------

bool QueryRunner::asksForAccess(const Run& run) const { return m_access != nullptr && !run.session.user.empty(); }

Task<Result<void>> QueryRunner::authorize(Run& run, const cql::Prepared& prepared) {
    Result<void> allowed = co_await m_access->authorize(run.session, prepared, run.context);
    if (run.context.guarded) {
        run.context.guardrails = cql::Guardrails(m_guardrails, run.warnings);
    }
    if (!m_features.dataMasking) {
        run.context.unmasks = true;
        run.context.selectsMasked = true;
    }
    co_return allowed;
}

Task<Result<StatementResult>> QueryRunner::runAccess(std::shared_ptr<Run> run,
                                                     std::shared_ptr<const cql::AccessStatement> statement) {
    if (!asksForAccess(*run)) {
        co_return cql::refusalOfAnonymous(statement->syntax);
    }
    Result<StatementResult> out = co_await m_access->run(run->session, statement, run->warnings);
    co_return out;
}

// ---- schema, truncate --------------------------------------------------------------------------

Task<Result<StatementResult>> QueryRunner::changeSchema(std::shared_ptr<Run> run,
                                                        std::shared_ptr<const cql::SchemaStatement> statement) {
    tellStarted(*run, "SCHEMA", Consistency::All, false);
    Result<cql::SchemaTransformation> done = co_await m_schemaChanger.change(statement, run->context);
    if (!done) {
        co_return done.error();
    }
    for (const std::string& warning : done.value().warnings) {
        run->warnings.push_back(warning);
    }
    if (!done.value().next) {
        co_return StatementResult(cql::VoidResult{});
    }
    if (m_access != nullptr) {
        Result<void> kept = co_await m_access->changed(run->session, *run->prepared, done.value().change);
        if (!kept) {
            co_return kept.error();
        }
    }
    co_return StatementResult(cql::SchemaChangeResult{done.value().change});
}

namespace {

Error truncateError(std::string_view reason) {
    return makeError(ErrorKind::Truncate, fmt::format("Error during truncate: {}", reason));
}

}  // namespace

Task<Result<StatementResult>> QueryRunner::truncate(std::shared_ptr<Run> run, schema::TablePtr table) {
    CO_TRY(run->context.guardrails.dropTruncateTable());
    if (table->isVirtual) {
        CO_TRY(m_virtualTables.truncate(*table));
        co_return StatementResult(cql::VoidResult{});
    }
    const auto* keyspace = m_view.schema.current()->findKeyspace(table->keyspace);
    if (keyspace != nullptr && (*keyspace)->isLocal()) {
        Result<void> done = co_await m_view.storage.truncate(table);
        if (!done) {
            co_return truncateError(done.error().message);
        }
        co_return StatementResult(cql::VoidResult{});
    }
    const ring::TopologyPtr topology = m_view.topology.current();
    for (const ring::NodeInfo& node : topology->nodes()) {
        if (!m_view.isAlive(node.node)) {
            co_return truncateError("Cannot achieve consistency level ALL");
        }
    }
    std::vector<runtime::Promise<bool>> answers;
    for (const ring::NodeInfo& node : topology->nodes()) {
        runtime::Promise<bool> answered;
        m_view.messaging.request(node.node, Verb::TruncateReq, table->id.toBytes(),
                                 m_view.in(m_view.timeouts.truncate),
                                 [answered](const messaging::Reply& reply) {
                                     answered.set(reply.kind == messaging::Reply::Kind::Answer);
                                 });
        answers.push_back(answered);
    }
    std::size_t received = 0;
    for (const auto& answer : answers) {
        const bool done = co_await answer;
        received += done ? 1 : 0;
    }
    if (received < answers.size()) {
        co_return truncateError(fmt::format("Truncate timed out - received only {} responses", received));
    }
    co_return StatementResult(cql::VoidResult{});
}

void QueryRunner::serve() {
    m_view.messaging.on(Verb::TruncateReq, [this](const messaging::Message& message) {
        const auto id = Uuid::fromBytes(message.payload);
        const schema::TablePtr table = id ? m_view.schema.current()->findTable(*id) : nullptr;
        if (table == nullptr) {
            m_view.messaging.failure(message, FailureReason::IncompatibleSchema, "unknown table");
            return;
        }
        m_tasks.spawn(truncateFor(message, table));
    });
}

Task<Result<void>> QueryRunner::truncateHere(schema::TablePtr table) {
    Result<void> done = co_await m_view.storage.truncate(table);
    if (done) {
        done = co_await m_view.truncations.note(table);
    }
    co_return done;
}

Task<void> QueryRunner::truncateFor(messaging::MessageHead head, schema::TablePtr table) {
    Result<void> done = co_await truncateHere(table);
    const schema::SchemaPtr schema = m_view.schema.current();
    for (const auto& [name, other] : (*schema->findKeyspace(table->keyspace))->tables) {
        if (done && other->view && other->view->baseId == table->id) {
            done = co_await truncateHere(other);
        }
    }
    if (done) {
        m_view.messaging.reply(head, Verb::TruncateRsp, {});
    } else {
        m_view.messaging.failure(head, FailureReason::Unknown, done.error().message);
    }
}

// ---- events ------------------------------------------------------------------------------------

void QueryRunner::tellStarted(Run& run, const char* kind, Consistency level, bool isWrite) {
    if (run.request.isNil()) {
        return;
    }
    observe::RequestStarted event;
    event.request = run.request;
    event.kind = kind;
    event.statement = run.prepared->text;
    event.prepared = run.isPrepared;
    event.keyspace = run.prepared->keyspace;
    event.table = run.prepared->table;
    event.consistency = ring::toString(level);
    event.client = run.session.address;
    event.clientName = run.session.driverName;
    event.receivedNanos = run.info.receivedNanos;
    event.parsedNanos = run.parsedNanos;
    const auto* keyspace = m_view.schema.current()->findKeyspace(event.keyspace);
    if (keyspace != nullptr && !(*keyspace)->isLocal()) {
        const ring::TopologyPtr topology = m_view.topology.current();
        const ring::Placement& placement = topology->placement((*keyspace)->replication);
        event.required = placement.requiredResponses(level, topology->localDatacenter());
        if (run.prepared->partitionKey) {
            if (auto key = run.prepared->partitionKey(run.options, run.context)) {
                const rows::DecoratedKey decorated = rows::decorate(std::move(*key));
                event.key = decorated.key;
                event.token = decorated.token;
                const auto& replicas = placement.replicasFor(decorated.token).natural;
                for (const ring::NodeInfo* node : replicas) {
                    event.replicas.push_back(node->node);
                }
                if (level == Consistency::NodeLocal) {
                    event.contacted.push_back(m_view.messaging.self());
                }
                const auto live = level == Consistency::NodeLocal ? std::vector<const ring::NodeInfo*>()
                                                                  : liveByProximity(m_view, *topology, replicas);
                for (std::size_t i = 0; i < live.size() && (isWrite || i < event.required); ++i) {
                    event.contacted.push_back(live[i]->node);
                }
            }
        }
    } else if (keyspace != nullptr) {
        event.required = 1;
        event.contacted.push_back(m_view.messaging.self());
    }
    event.plannedNanos = m_view.observer.nanos();
    run.told = true;
    m_view.observer.tell(std::move(event));
}

void QueryRunner::tellAnswered(const Run& run, const Result<StatementResult>& result) {
    if (!run.told) {
        return;
    }
    observe::RequestAnswered event;
    event.request = run.request;
    if (!result) {
        event.error = result.error().message;
    } else if (const auto* rows = std::get_if<cql::RowsResult>(&result.value())) {
        event.rows = static_cast<std::uint32_t>(rows->rows.size());
    }
    m_view.observer.tell(std::move(event));
}

}  // namespace engine::coordinator
