#include <fmt/format.h>

#include <algorithm>

#include "engine/coordinator/query_run.h"
#include "engine/coordinator/request_traces.h"
#include "engine/cql/batch_rules.h"

/// INSERT, UPDATE, DELETE and BATCH.
namespace engine::coordinator {

using cql::StatementResult;
using ring::Consistency;
using runtime::Task;

namespace {

/// As StorageProxy.mutateWithTriggers chooses: a batch of one mutation is a simple write, and a statement
/// of several is an unlogged batch.
std::string writeTypeOf(std::optional<cql::BatchType> batch, std::size_t mutations) {
    if (mutations <= 1) {
        return "SIMPLE";
    }
    return batch == cql::BatchType::Logged ? "BATCH" : "UNLOGGED_BATCH";
}

Consistency readingLevel(Consistency level) {
    return level == Consistency::Any || ring::isSerial(level) ? Consistency::One : level;
}

using Statements = std::vector<std::shared_ptr<const cql::ModificationStatement>>;

Statements statementsOf(const std::vector<cql::CasPart>& parts) {
    Statements out;
    for (const cql::CasPart& part : parts) {
        out.push_back(part.statement);
    }
    return out;
}

/// What guardrails say before anything is read: of each statement, then of the levels (ModificationStatement.validate
/// and execute, BatchStatement.execute).
Result<void> guardOf(const cql::ExecutionContext& context, const cql::QueryOptions& options,
                     const Statements& statements, bool isBatch) {
    if (!context.guardrails.hold()) {
        return ok();
    }
    if (isBatch) {
        for (const auto& statement : statements) {
            TRY(statement->guard(options, context, true));
        }
        return context.guardrails.writeConsistency(options.consistency, options.serialConsistency);
    }
    TRY(context.guardrails.writeConsistency(options.consistency, options.serialConsistency));
    return statements.front()->guard(options, context, false);
}

bool anyConditional(const std::vector<cql::CasPart>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [](const cql::CasPart& part) { return part.statement->isConditional(); });
}

}  // namespace

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

/// ConsistencyLevel.validateForWrite and validateCounterForWrite. Batches are not checked.
Result<void> QueryRunner::checkUnconditional(const cql::ModificationStatement& statement, Consistency level) const {
    const schema::Table& table = *statement.table();
    if (table.isCounter) {
        if (level == Consistency::Any) {
            return invalid(fmt::format("Consistency level ANY is not yet supported for counter table {}", table.name));
        }
        if (ring::isSerial(level)) {
            return invalid("Counter operations are inherently non-serializable");
        }
        return ok();
    }
    if (ring::isSerial(level)) {
        return invalid("You must use conditional updates for serializable writes");
    }
    return ok();
}

/// ConsistencyLevel.validateForCas and validateForCasCommit.
Result<void> QueryRunner::checkConditional(const cql::QueryOptions& options, const std::string& keyspaceName) const {
    const auto serial = ring::consistencyOf(options.serialConsistency);
    if (!serial || !ring::isSerial(*serial)) {
        return invalid("Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL");
    }
    const auto commit = ring::consistencyOf(options.consistency);
    if (commit && ring::isSerial(*commit)) {
        return invalid(fmt::format("{} is not supported as conditional update commit consistency. Use ANY if you mean "
                                   "\"make sure it is accepted but I don't care how many replicas commit it for "
                                   "non-SERIAL reads\"",
                                   ring::toString(*commit)));
    }
    const schema::KeyspacePtr* keyspace = m_view.schema.current()->findKeyspace(keyspaceName);
    if (commit == Consistency::EachQuorum && keyspace != nullptr &&
        !m_view.topology.current()->placement((*keyspace)->replication).isNetworkTopology()) {
        const std::string& strategy = (*keyspace)->replication.strategy;
        return invalid(fmt::format("consistency level EACH_QUORUM not compatible with replication strategy ({}{})",
                                   strategy.find('.') == std::string::npos ? "org.apache.cassandra.locator." : "",
                                   strategy));
    }
    return ok();
}

Task<Result<StatementResult>> QueryRunner::modify(std::shared_ptr<Run> run,
                                                  std::shared_ptr<const cql::ModificationStatement> statement) {
    CO_TRY_ASSIGN(const Consistency level, writeLevel(run->options));
    if (run->context.guardrails.hold()) {
        const Statements alone(1, statement);
        CO_TRY(guardOf(run->context, run->options, alone, false));
    }
    if (statement->isConditional()) {
        if (statement->table()->isVirtual) {
            co_return invalid("Conditional updates are not supported by virtual tables");
        }
        std::vector<cql::CasPart> parts;
        parts.push_back({statement, run->options});
        Result<StatementResult> out = co_await runConditional(run, std::move(parts), false);
        co_return out;
    }
    CO_TRY(checkUnconditional(*statement, level));
    CO_TRY_ASSIGN(auto commands, statement->readsFirst(run->options, run->context));
    std::vector<std::vector<rows::Partition>> read;
    if (!commands.empty()) {
        Result<std::vector<std::vector<rows::Partition>>> answers =
            co_await readAll(run, std::move(commands), readingLevel(level));
        if (!answers) {
            co_return answers.error();
        }
        read = std::move(answers).value();
    }
    CO_TRY_ASSIGN(auto mutations, statement->mutations(run->options, run->context, read));
    if (statement->table()->isVirtual) {
        co_return writeVirtual(mutations);
    }
    Result<StatementResult> out = co_await write(run, std::move(mutations), level, std::nullopt);
    co_return out;
}

Task<Result<std::vector<rows::Mutation>>> QueryRunner::mutationsOf(std::shared_ptr<Run> run,
                                                                   std::vector<cql::CasPart> parts,
                                                                   Consistency level) {
    std::vector<rows::Mutation> out;
    for (const cql::CasPart& part : parts) {
        CO_TRY_ASSIGN(auto commands, part.statement->readsFirst(part.options, run->context));
        std::vector<std::vector<rows::Partition>> read;
        if (!commands.empty()) {
            Result<std::vector<std::vector<rows::Partition>>> answers =
                co_await readAll(run, std::move(commands), readingLevel(level));
            if (!answers) {
                co_return answers.error();
            }
            read = std::move(answers).value();
        }
        CO_TRY_ASSIGN(auto mutations, part.statement->mutations(part.options, run->context, read));
        std::move(mutations.begin(), mutations.end(), std::back_inserter(out));
    }
    co_return out;
}

Task<Result<StatementResult>> QueryRunner::runConditional(std::shared_ptr<Run> run, std::vector<cql::CasPart> parts,
                                                          bool isBatch) {
    const std::string keyspace = parts.front().statement->table()->keyspace;
    CO_TRY_ASSIGN(auto made, cql::makeCasRequest(std::move(parts), isBatch, run->context));
    std::shared_ptr<cql::CasRequest> request = std::move(made);
    CO_TRY(checkConditional(run->options, keyspace));
    const auto serial = static_cast<Consistency>(run->options.serialConsistency);
    const auto commit = static_cast<Consistency>(run->options.consistency);
    ++m_counts.writes;
    tellStarted(*run, isBatch ? "BATCH" : "WRITE", commit, true);
    Result<cql::RowsResult> done = co_await m_paxos.run(std::move(request), serial, commit, run->request);
    if (!done) {
        co_return done.error();
    }
    co_return StatementResult(std::move(done).value());
}

Result<StatementResult> QueryRunner::writeVirtual(const std::vector<rows::Mutation>& mutations) {
    for (const rows::Mutation& mutation : mutations) {
        for (const rows::PartitionUpdate& update : mutation.updates) {
            TRY(m_virtualTables.apply(*update.table, update.partition));
        }
    }
    return StatementResult(cql::VoidResult{});
}

void QueryRunner::countBatch(cql::BatchType type, std::size_t partitions) {
    CountHistogram& counts = type == cql::BatchType::Logged     ? m_batchCounts.logged
                                 : type == cql::BatchType::Unlogged ? m_batchCounts.unlogged
                                                                    : m_batchCounts.counter;
    counts.add(static_cast<std::int64_t>(partitions));
}

Task<Result<StatementResult>> QueryRunner::write(std::shared_ptr<Run> run, std::vector<rows::Mutation> mutations,
                                                 Consistency level, std::optional<cql::BatchType> batch) {
    ++m_counts.writes;
    tellStarted(*run, batch ? "BATCH" : "WRITE", level, true);
    if (batch) {
        CO_TRY(checkBatch(m_batchLimits, *batch, mutations, run->warnings));
        countBatch(*batch, mutations.size());
    }
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
        Result<void> done = co_await replicate(std::move(replicated), level, batch, run->request);
        if (!done) {
            co_return done.error();
        }
    }
    co_return StatementResult(cql::VoidResult{});
}

Task<Result<void>> QueryRunner::replicate(std::vector<rows::Mutation> mutations, Consistency level,
                                          std::optional<cql::BatchType> batch, Uuid request) {
    if (mutations.front().updates.front().table->isCounter) {
        Result<void> counted = co_await m_counters.write(std::move(mutations), level, request);
        co_return counted;
    }
    if (batch == cql::BatchType::Logged && mutations.size() > 1) {
        Result<void> logged = co_await m_batchLog.write(std::move(mutations), level, request);
        co_return logged;
    }
    std::string type = writeTypeOf(batch, mutations.size());
    Result<void> done = co_await m_writer.write(std::move(mutations), level, std::move(type), request);
    co_return done;
}

// ---- batches -----------------------------------------------------------------------------------

Task<Result<StatementResult>> QueryRunner::runBatch(std::shared_ptr<Run> run,
                                                    std::shared_ptr<const cql::BatchStatement> statement) {
    CO_TRY_ASSIGN(const Consistency level, writeLevel(run->options));
    std::vector<cql::CasPart> parts;
    for (const cql::BatchChild& child : statement->children()) {
        parts.push_back({child.statement, run->options});
    }
    CO_TRY(guardOf(run->context, run->options, statementsOf(parts), true));
    if (anyConditional(parts)) {
        Result<StatementResult> out = co_await runConditional(run, std::move(parts), true);
        co_return out;
    }
    CO_TRY_ASSIGN(auto commands, statement->readsFirst(run->options, run->context));
    Result<std::vector<std::vector<rows::Partition>>> read =
        co_await readAll(run, std::move(commands), readingLevel(level));
    if (!read) {
        co_return read.error();
    }
    CO_TRY_ASSIGN(auto mutations, statement->mutations(run->options, run->context, read.value()));
    // Never together with others (checkBatch).
    if (!statement->children().empty() && statement->children().front().statement->table()->isVirtual) {
        co_return writeVirtual(mutations);
    }
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

Result<QueryRunner::BatchParts> QueryRunner::partsOf(Run& run, std::vector<BatchEntry> entries) {
    BatchParts out;
    for (BatchEntry& entry : entries) {
        cql::PreparedPtr prepared;
        if (const Bytes* id = std::get_if<1>(&entry.textOrId)) {
            prepared = m_prepared.find(*id);
            if (prepared == nullptr) {
                return unprepared(*id);
            }
        } else {
            const std::string& text = std::get<0>(entry.textOrId);
            m_view.tracer.trace(run.request, stage::kRequest, "Parsing {}", text);
            m_view.tracer.trace(run.request, stage::kRequest, "Preparing statement");
            TRY_ASSIGN(prepared, cql::prepare(text, *m_view.schema.current(), run.session.state));
        }
        const auto* statement = std::get_if<std::shared_ptr<const cql::ModificationStatement>>(&prepared->statement);
        if (statement == nullptr) {
            return invalid("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.");
        }
        cql::CasPart part{*statement, run.options};
        part.options.values = std::move(entry.values);
        TRY(checkValueCount(*prepared, part.options, "There"));  // BatchMessage begins with a capital.
        out.parts.push_back(std::move(part));
        out.prepared.push_back(std::move(prepared));
    }
    return out;
}

Task<Result<Answer>> QueryRunner::runBatchRequest(std::shared_ptr<Run> run, cql::BatchType type,
                                                  std::vector<BatchEntry> entries) {
    CO_TRY_ASSIGN(const Consistency level, writeLevel(run->options));
    // One timestamp for the whole batch (BatchStatement).
    if (!run->options.timestampMicros) {
        run->options.timestampMicros = run->context.uniqueMicros();
    }
    CO_TRY_ASSIGN(BatchParts batch, partsOf(*run, std::move(entries)));
    std::vector<cql::CasPart>& parts = batch.parts;
    Answer out;
    out.result = cql::VoidResult{};
    if (parts.empty()) {
        co_return out;
    }
    run->prepared = batch.prepared.front();
    if (asksForAccess(*run)) {
        for (const cql::PreparedPtr& prepared : batch.prepared) {
            Result<void> allowed = co_await authorize(*run, *prepared);
            if (!allowed) {
                co_return allowed.error();
            }
        }
    }
    const Statements statements = statementsOf(parts);
    CO_TRY(guardOf(run->context, run->options, statements, true));
    CO_TRY(cql::checkBatch(type, statements));
    if (run->request.isNil() && !run->session.tellNothing &&
        m_view.observer.sampleRequest(run->session.tellAll)) {
        run->request = m_view.runtime.random.uuid();
    }
    run->parsedNanos = m_view.observer.nanos();
    Result<StatementResult> result = StatementResult(cql::VoidResult{});
    const bool isVirtual = statements.front()->table()->isVirtual;  // Never together with others (checkBatch).
    if (anyConditional(parts)) {
        result = co_await runConditional(run, std::move(parts), true);
    } else {
        Result<std::vector<rows::Mutation>> mutations = co_await mutationsOf(run, std::move(parts), level);
        if (!mutations) {
            co_return mutations.error();
        }
        if (isVirtual) {
            result = writeVirtual(mutations.value());
        } else {
            result = co_await write(run, combine(std::move(mutations).value()), level, type);
        }
    }
    tellAnswered(*run, result);
    if (!result) {
        co_return result.error();
    }
    out.result = std::move(result).value();
    out.warnings = std::move(run->warnings);
    out.warnings.insert(out.warnings.end(), run->readWarnings->begin(), run->readWarnings->end());
    co_return out;
}

}  // namespace engine::coordinator
