#include "engine/coordinator/query_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/coordinator/request_traces.h"

namespace engine::coordinator {

using cql::StatementResult;
using messaging::FailureReason;
using messaging::Verb;
using ring::Consistency;
using runtime::Task;

/// One execution of one statement.
struct QueryRunner::Run {
    ClientSession& session;  // Outlives its requests.
    cql::PreparedPtr prepared;
    cql::QueryOptions options;
    RequestInfo info;
    cql::ExecutionContext context;
    bool isPrepared = false;   // Came as EXECUTE.
    std::int64_t parsedNanos = 0;
    Uuid request;              // Nil: neither traced nor told to the explorer.
    bool told = false;         // RequestStarted went out.
    std::vector<std::string> warnings;
};

QueryRunner::QueryRunner(Parts parts)
    : m_view(parts.view),
      m_reader(parts.reader),
      m_writer(parts.writer),
      m_virtualTables(parts.virtualTables),
      m_schemaChanger(parts.schemaChanger),
      m_clusterName(std::move(parts.clusterName)),
      m_features(std::move(parts.features)) {
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

// ---- the four requests of the protocol ---------------------------------------------------------

template <typename Describe>
Uuid QueryRunner::beginTrace(const RequestInfo& info, Describe describe) {
    return info.tracing ? m_view.tracer.begin(describe(m_view.runtime.clock.wallMillis())) : Uuid();
}

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
    // QueryProcessor.process, where executeStatement has another text.
    if (options.valueNames.empty() && options.values.size() != prepared.value()->variables.size()) {
        co_return traced(trace, invalid("Invalid amount of bind variables"));
    }
    auto run = std::make_shared<Run>(Run{session, std::move(prepared).value(), std::move(options), info, context()});
    run->parsedNanos = m_view.observer.nanos();
    run->warnings = run->prepared->warnings;
    run->request = trace;
    Result<Answer> answer = co_await this->run(std::move(run));
    co_return traced(trace, std::move(answer));
}

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

namespace {

/// There is a value for each marker (ERR-83).
Result<void> checkValueCount(const cql::Prepared& prepared, const cql::QueryOptions& options) {
    if (options.values.size() != prepared.variables.size()) {
        return invalid(fmt::format("there were {} markers(?) in CQL but {} bound variables",
                                   prepared.variables.size(), options.values.size()));
    }
    return ok();
}

/// Values given by name in the order of the markers; those not named are unset.
Result<void> orderByName(const cql::Prepared& prepared, cql::QueryOptions& options) {
    if (options.valueNames.empty()) {
        return ok();
    }
    std::vector<cql::BoundValue> ordered(prepared.variables.size());
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        const auto it = std::find(options.valueNames.begin(), options.valueNames.end(), prepared.variables[i].name);
        if (it == options.valueNames.end()) {
            ordered[i].state = cql::BoundValue::State::Unset;
            continue;
        }
        ordered[i] = options.values[static_cast<std::size_t>(it - options.valueNames.begin())];
    }
    options.values = std::move(ordered);
    options.valueNames.clear();
    return ok();
}

}  // namespace

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
        CO_TRY(orderByName(*run->prepared, run->options));
        CO_TRY(checkValueCount(*run->prepared, run->options));
    }
    if (run->request.isNil() && !run->session.tellNothing &&
        m_view.observer.sampleRequest(run->session.tellAll)) {
        run->request = m_view.runtime.random.uuid();
    }
    Result<StatementResult> result = co_await dispatch(run);
    tellAnswered(*run, result);
    if (!result) {
        co_return result.error();
    }
    Answer out;
    out.result = std::move(result).value();
    out.warnings = std::move(run->warnings);
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
    // A serial read is a quorum's: without lightweight transactions no proposal can be in flight.
    return *level;
}

Result<Consistency> QueryRunner::writeLevel(const cql::QueryOptions& options) const {
    const auto level = ring::consistencyOf(options.consistency);
    if (!level) {
        return makeError(ErrorKind::Protocol, fmt::format("Unknown code {} for a consistency level", options.consistency));
    }
    if (ring::isSerial(*level)) {
        return invalid("You must use conditional updates for serializable writes");
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
    run->warnings.insert(run->warnings.end(), execution->warnings().begin(), execution->warnings().end());
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
        if (isVirtual) {
            std::vector<std::vector<rows::Partition>> answers;
            for (const rows::ReadCommand& command : commands) {
                answers.push_back(readVirtual(m_virtualTables, command));
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
    co_return StatementResult(std::move(rows));
}

Task<void> QueryRunner::readInto(rows::ReadCommand command, Consistency level, Uuid request,
                                 runtime::Promise<Result<std::vector<rows::Partition>>> out) {
    Result<std::vector<rows::Partition>> answer =
        co_await m_reader.read(std::move(command), level, request);
    out.set(std::move(answer));
}

Task<Result<std::vector<std::vector<rows::Partition>>>> QueryRunner::readAll(
    std::shared_ptr<Run> run, std::vector<rows::ReadCommand> commands, Consistency level) {
    std::vector<std::vector<rows::Partition>> out;
    if (commands.size() == 1) {
        Result<std::vector<rows::Partition>> answer =
            co_await m_reader.read(std::move(commands.front()), level, run->request);
        if (!answer) {
            co_return answer.error();
        }
        out.push_back(std::move(answer).value());
        co_return out;
    }
    std::vector<runtime::Promise<Result<std::vector<rows::Partition>>>> promises(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
        m_tasks.spawn(readInto(std::move(commands[i]), level, run->request, promises[i]));
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

// ---- writing -----------------------------------------------------------------------------------

Task<Result<StatementResult>> QueryRunner::modify(std::shared_ptr<Run> run,
                                                  std::shared_ptr<const cql::ModificationStatement> statement) {
    CO_TRY_ASSIGN(const Consistency level, writeLevel(run->options));
    if (statement->table()->isVirtual) {
        co_return invalid(fmt::format("Modification is not supported by table {}",
                                      statement->table()->qualifiedName()));
    }
    CO_TRY_ASSIGN(auto commands, statement->readsFirst(run->options, run->context));
    std::vector<std::vector<rows::Partition>> read;
    if (!commands.empty()) {
        Result<std::vector<std::vector<rows::Partition>>> answers =
            co_await readAll(run, std::move(commands), level == Consistency::Any ? Consistency::One : level);
        if (!answers) {
            co_return answers.error();
        }
        read = std::move(answers).value();
    }
    CO_TRY_ASSIGN(auto mutations, statement->mutations(run->options, run->context, read));
    Result<StatementResult> out = co_await write(run, std::move(mutations), level, std::nullopt);
    co_return out;
}

namespace {

/// As StorageProxy.mutateWithTriggers chooses: a batch of one mutation is a simple write, and a statement
/// of several is an unlogged batch.
std::string writeTypeOf(std::optional<cql::BatchType> batch, std::size_t mutations) {
    if (batch == cql::BatchType::Counter) {
        return "COUNTER";
    }
    if (mutations <= 1) {
        return "SIMPLE";
    }
    return batch == cql::BatchType::Logged ? "BATCH" : "UNLOGGED_BATCH";
}

}  // namespace

Task<Result<StatementResult>> QueryRunner::write(std::shared_ptr<Run> run, std::vector<rows::Mutation> mutations,
                                                 Consistency level, std::optional<cql::BatchType> batch) {
    ++m_counts.writes;
    tellStarted(*run, batch ? "BATCH" : "WRITE", level, true);
    std::vector<rows::Mutation> replicated;
    for (rows::Mutation& mutation : mutations) {
        const auto* keyspace = m_view.schema.current()->findKeyspace(mutation.keyspace());
        if (keyspace != nullptr && (*keyspace)->isLocal()) {
            Result<void> done = co_await m_writer.applyHere(std::move(mutation), run->request);
            if (!done) {
                co_return done.error();
            }
        } else {
            replicated.push_back(std::move(mutation));
        }
    }
    if (!replicated.empty()) {
        std::string type = writeTypeOf(batch, replicated.size());
        Result<void> done = co_await m_writer.write(std::move(replicated), level, std::move(type), run->request);
        if (!done) {
            co_return done.error();
        }
    }
    co_return StatementResult(cql::VoidResult{});
}

std::vector<rows::Mutation> combine(std::vector<rows::Mutation> mutations) {
    std::vector<rows::Mutation> out;
    for (rows::Mutation& mutation : mutations) {
        const auto same = std::find_if(out.begin(), out.end(), [&mutation](const rows::Mutation& m) {
            return m.key() == mutation.key() && m.keyspace() == mutation.keyspace();
        });
        if (same == out.end()) {
            out.push_back(std::move(mutation));
            continue;
        }
        for (rows::PartitionUpdate& update : mutation.updates) {
            const auto it = std::find_if(same->updates.begin(), same->updates.end(),
                                         [&update](const auto& u) { return u.table->id == update.table->id; });
            if (it == same->updates.end()) {
                same->updates.push_back(std::move(update));
            } else {
                rows::merge(*it->table, it->partition, std::move(update.partition));
            }
        }
    }
    return out;
}

Task<Result<StatementResult>> QueryRunner::runBatch(std::shared_ptr<Run> run,
                                                    std::shared_ptr<const cql::BatchStatement> statement) {
    CO_TRY_ASSIGN(const Consistency level, writeLevel(run->options));
    CO_TRY_ASSIGN(auto commands, statement->readsFirst(run->options, run->context));
    Result<std::vector<std::vector<rows::Partition>>> read =
        co_await readAll(run, std::move(commands), level == Consistency::Any ? Consistency::One : level);
    if (!read) {
        co_return read.error();
    }
    CO_TRY_ASSIGN(auto mutations, statement->mutations(run->options, run->context, read.value()));
    Result<StatementResult> out =
        co_await write(run, combine(std::move(mutations)), level, statement->type());
    co_return out;
}

Task<Result<Answer>> QueryRunner::batch(ClientSession& session, cql::BatchType type,
                                        std::vector<BatchEntry> entries, cql::QueryOptions options,
                                        RequestInfo info) {
    auto run = std::make_shared<Run>(Run{session, nullptr, std::move(options), info, context()});
    run->request = beginTrace(info, [&](std::int64_t now) { return traceOfBatch(session, run->options, now); });
    const Uuid trace = run->request;
    Result<Answer> answer = co_await runBatchRequest(std::move(run), type, std::move(entries));
    co_return traced(trace, std::move(answer));
}

Task<Result<Answer>> QueryRunner::runBatchRequest(std::shared_ptr<Run> run, cql::BatchType type,
                                                  std::vector<BatchEntry> entries) {
    CO_TRY_ASSIGN(const Consistency level, writeLevel(run->options));
    // One timestamp for the whole batch (BatchStatement).
    if (!run->options.timestampMicros) {
        run->options.timestampMicros = run->context.uniqueMicros();
    }
    std::vector<rows::Mutation> all;
    for (BatchEntry& entry : entries) {
        cql::PreparedPtr prepared;
        if (const Bytes* id = std::get_if<1>(&entry.textOrId)) {
            prepared = m_prepared.find(*id);
            if (prepared == nullptr) {
                co_return unprepared(*id);
            }
        } else {
            const std::string& text = std::get<0>(entry.textOrId);
            m_view.tracer.trace(run->request, stage::kRequest, "Parsing {}", text);
            m_view.tracer.trace(run->request, stage::kRequest, "Preparing statement");
            CO_TRY_ASSIGN(prepared, cql::prepare(text, *m_view.schema.current(), run->session.state));
        }
        const auto* statement = std::get_if<std::shared_ptr<const cql::ModificationStatement>>(&prepared->statement);
        if (statement == nullptr) {
            co_return invalid("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.");
        }
        cql::QueryOptions own = run->options;
        own.values = std::move(entry.values);
        CO_TRY(checkValueCount(*prepared, own));
        CO_TRY_ASSIGN(auto commands, (*statement)->readsFirst(own, run->context));
        Result<std::vector<std::vector<rows::Partition>>> read =
            co_await readAll(run, std::move(commands), level == Consistency::Any ? Consistency::One : level);
        if (!read) {
            co_return read.error();
        }
        CO_TRY_ASSIGN(auto mutations, (*statement)->mutations(own, run->context, read.value()));
        for (rows::Mutation& mutation : mutations) {
            all.push_back(std::move(mutation));
        }
        if (run->prepared == nullptr) {
            run->prepared = prepared;
        }
    }
    Answer out;
    out.result = cql::VoidResult{};
    if (run->prepared == nullptr) {
        co_return out;
    }
    if (run->request.isNil() && !run->session.tellNothing &&
        m_view.observer.sampleRequest(run->session.tellAll)) {
        run->request = m_view.runtime.random.uuid();
    }
    run->parsedNanos = m_view.observer.nanos();
    Result<StatementResult> result = co_await write(run, combine(std::move(all)), level, type);
    tellAnswered(*run, result);
    if (!result) {
        co_return result.error();
    }
    out.result = std::move(result).value();
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
    co_return StatementResult(cql::SchemaChangeResult{done.value().change});
}

namespace {

Error truncateError(std::string_view reason) {
    return makeError(ErrorKind::Truncate, fmt::format("Error during truncate: {}", reason));
}

}  // namespace

Task<Result<StatementResult>> QueryRunner::truncate(std::shared_ptr<Run>, schema::TablePtr table) {
    if (table->isVirtual) {
        co_return invalid(fmt::format("Truncation is not supported by table {}", table->qualifiedName()));
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
    for (const auto& answer : answers) {
        const bool done = co_await answer;
        if (!done) {
            co_return truncateError("Truncate timed out - received only some responses");
        }
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

Task<void> QueryRunner::truncateFor(messaging::MessageHead head, schema::TablePtr table) {
    const Result<void> done = co_await m_view.storage.truncate(table);
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
                const auto live = liveByProximity(m_view, *topology, replicas);
                for (std::size_t i = 0; i < live.size() && (isWrite || i < event.required); ++i) {
                    event.contacted.push_back(live[i]->node);
                }
            }
        }
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
