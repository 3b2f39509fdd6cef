#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/coordinator/access_control.h"
#include "engine/coordinator/batch_limits.h"
#include "engine/coordinator/batchlog/batch_log.h"
#include "engine/coordinator/cluster_view.h"
#include "engine/coordinator/counters/counter_writer.h"
#include "engine/coordinator/paxos/paxos.h"
#include "engine/coordinator/prepared_statements.h"
#include "engine/coordinator/query_processor.h"
#include "engine/coordinator/reader.h"
#include "engine/coordinator/virtual_read.h"
#include "engine/coordinator/write_handler.h"

namespace engine::coordinator {

/// Makes a schema change hold: written, published, told to the other nodes.
class SchemaChanger {
public:
    virtual ~SchemaChanger() = default;
    /// `statement` is applied to the newest schema; changes come one after the other.
    virtual runtime::Task<Result<cql::SchemaTransformation>> change(
        std::shared_ptr<const cql::SchemaStatement> statement, cql::ExecutionContext context) = 0;
};

/// Counts of what this node coordinated, since it started.
struct RequestCounts {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t preparedExecuted = 0;
    std::uint64_t regularExecuted = 0;
};

/// How many partitions the batches that this node coordinated touched, by their kind (metrics/BatchMetrics).
struct BatchCounts {
    CountHistogram logged;
    CountHistogram unlogged;
    CountHistogram counter;
};

/// The QueryProcessor of a node.
class QueryRunner : public QueryProcessor {
public:
    struct Parts {
        ClusterView view;
        Reader& reader;
        Writer& writer;
        CounterWriter& counters;
        Paxos& paxos;
        BatchLog& batchLog;
        BatchLimits batchLimits;
        VirtualTables& virtualTables;
        SchemaChanger& schemaChanger;
        std::string clusterName;
        cql::Features features;
        cql::GuardrailSettings guardrails;
    };

    explicit QueryRunner(Parts parts);

    runtime::Task<Result<Answer>> query(ClientSession& session, std::string text, cql::QueryOptions options,
                                        RequestInfo info) override;
    runtime::Task<Result<PreparedAnswer>> prepare(ClientSession& session, std::string text,
                                                  std::string keyspace) override;
    runtime::Task<Result<Answer>> execute(ClientSession& session, Bytes id, Bytes resultMetadataId,
                                          cql::QueryOptions options, RequestInfo info) override;
    runtime::Task<Result<Answer>> batch(ClientSession& session, cql::BatchType type,
                                        std::vector<BatchEntry> entries, cql::QueryOptions options,
                                        RequestInfo info) override;

    void controlAccessBy(AccessControl* access) { m_access = access; }
    const RequestCounts& counts() const { return m_counts; }
    const BatchCounts& batchCounts() const { return m_batchCounts; }
    PreparedStatements& preparedStatements() { return m_prepared; }
    const PreparedStatements& preparedStatements() const { return m_prepared; }
    /// One that was prepared before this node started. False: it makes no sense any more.
    bool restorePrepared(const Bytes& id, const std::string& keyspace, const std::string& text);
    cql::ClusterFacts clusterFacts() const;
    cql::ExecutionContext context();
    /// The nodes that hold a keyspace's data, by the token that ends each range.
    std::map<std::string, std::vector<std::string>> rangeOwners(std::string_view keyspace) const;
    /// Replica side: TRUNCATE_REQ.
    void serve();

private:
    struct Run;

    Result<ring::Consistency> readLevel(const cql::QueryOptions& options) const;
    Result<ring::Consistency> writeLevel(const cql::QueryOptions& options) const;

    /// The id of the request if its client asked for a trace, else nil.
    template <typename Describe>
    Uuid beginTrace(const RequestInfo& info, Describe describe);
    /// `answer` with the trace's id, and the trace comes to its end.
    Result<Answer> traced(const Uuid& trace, Result<Answer> answer);

    runtime::Task<Result<Answer>> run(std::shared_ptr<Run> run);
    runtime::Task<Result<Answer>> runBatchRequest(std::shared_ptr<Run> run, cql::BatchType type,
                                                  std::vector<BatchEntry> entries);
    runtime::Task<Result<cql::StatementResult>> dispatch(std::shared_ptr<Run> run);
    /// Nothing to ask where nobody logs in.
    bool asksForAccess(const Run& run) const;
    /// Puts into the run what its role may see and which guardrails hold for it.
    runtime::Task<Result<void>> authorize(Run& run, const cql::Prepared& prepared);
    runtime::Task<Result<cql::StatementResult>> runAccess(std::shared_ptr<Run> run,
                                                          std::shared_ptr<const cql::AccessStatement> statement);
    runtime::Task<Result<cql::StatementResult>> select(std::shared_ptr<Run> run,
                                                       std::shared_ptr<const cql::SelectStatement> statement);
    runtime::Task<Result<cql::StatementResult>> modify(
        std::shared_ptr<Run> run, std::shared_ptr<const cql::ModificationStatement> statement);
    runtime::Task<Result<cql::StatementResult>> runBatch(std::shared_ptr<Run> run,
                                                         std::shared_ptr<const cql::BatchStatement> statement);
    runtime::Task<Result<cql::StatementResult>> changeSchema(
        std::shared_ptr<Run> run, std::shared_ptr<const cql::SchemaStatement> statement);
    runtime::Task<Result<cql::StatementResult>> truncate(std::shared_ptr<Run> run, schema::TablePtr table);
    runtime::Task<Result<void>> truncateHere(schema::TablePtr table);
    runtime::Task<void> truncateFor(messaging::MessageHead head, schema::TablePtr table);
    runtime::Task<Result<std::vector<std::vector<rows::Partition>>>> readAll(
        std::shared_ptr<Run> run, std::vector<rows::ReadCommand> commands, ring::Consistency level);
    runtime::Task<void> readInto(std::shared_ptr<Run> run, rows::ReadCommand command, ring::Consistency level,
                                 runtime::Promise<Result<std::vector<rows::Partition>>> out);
    runtime::Task<Result<ring::Consistency>> settle(std::shared_ptr<Run> run,
                                                    const std::vector<rows::ReadCommand>& commands,
                                                    ring::Consistency level);
    runtime::Task<Result<cql::StatementResult>> write(std::shared_ptr<Run> run,
                                                      std::vector<rows::Mutation> mutations,
                                                      ring::Consistency level, std::optional<cql::BatchType> batch);
    runtime::Task<Result<void>> replicate(std::vector<rows::Mutation> mutations, ring::Consistency level,
                                          std::optional<cql::BatchType> batch, Uuid request);
    Result<void> checkUnconditional(const cql::ModificationStatement& statement, ring::Consistency level) const;
    Result<void> checkConditional(const cql::QueryOptions& options, const std::string& keyspace) const;
    runtime::Task<Result<cql::StatementResult>> runConditional(std::shared_ptr<Run> run,
                                                               std::vector<cql::CasPart> parts, bool isBatch);
    /// The parts' mutations, made after what they have to read first.
    runtime::Task<Result<std::vector<rows::Mutation>>> mutationsOf(std::shared_ptr<Run> run,
                                                                   std::vector<cql::CasPart> parts,
                                                                   ring::Consistency level);
    /// The statements of a BATCH request, and what they are run with.
    struct BatchParts {
        std::vector<cql::PreparedPtr> prepared;
        std::vector<cql::CasPart> parts;
    };
    Result<BatchParts> partsOf(Run& run, std::vector<BatchEntry> entries);

    Result<cql::StatementResult> writeVirtual(const std::vector<rows::Mutation>& mutations);
    void countBatch(cql::BatchType type, std::size_t partitions);
    void tellStarted(Run& run, const char* kind, ring::Consistency level, bool isWrite);
    void tellAnswered(const Run& run, const Result<cql::StatementResult>& result);
    Error unprepared(const Bytes& id) const;
    std::int64_t uniqueMicros();

    ClusterView m_view;
    Reader& m_reader;
    Writer& m_writer;
    CounterWriter& m_counters;
    Paxos& m_paxos;
    BatchLog& m_batchLog;
    BatchLimits m_batchLimits;
    VirtualTables& m_virtualTables;
    SchemaChanger& m_schemaChanger;
    std::string m_clusterName;
    cql::Features m_features;
    cql::GuardrailSettings m_guardrails;
    AccessControl* m_access = nullptr;  // Null: nobody logs in, and everybody may do everything.
    PreparedStatements m_prepared;
    RequestCounts m_counts;
    BatchCounts m_batchCounts;
    std::int64_t m_lastMicros = 0;
    runtime::TaskGroup m_tasks;
};

/// One mutation a keyspace and key out of those of several statements.
std::vector<rows::Mutation> combine(std::vector<rows::Mutation> mutations);

}  // namespace engine::coordinator
