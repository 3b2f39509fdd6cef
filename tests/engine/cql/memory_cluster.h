#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/cql/statement.h"

/// A database of one process without network or disk: statements run against maps of partitions.
/// What the tests of engine/cql and its conformance runner stand on. One thread.
class MemoryCluster {
public:
    /// What to write when the schema changes: rows of system_schema.
    using SchemaRows = std::function<std::vector<engine::rows::Mutation>(
        const engine::schema::Schema& before, const engine::schema::Schema& after, std::int64_t micros)>;

    MemoryCluster() : MemoryCluster(engine::schema::Schema(), {}) {}
    MemoryCluster(engine::schema::Schema start, SchemaRows schemaRows);

    /// One page of one statement, as a coordinator would run it. USE changes `keyspace`.
    engine::Result<engine::cql::StatementResult> run(const engine::cql::Prepared& prepared,
                                                     const engine::cql::QueryOptions& options);
    engine::Result<engine::cql::StatementResult> run(const std::string& text,
                                                     engine::cql::QueryOptions options = {});
    engine::Result<engine::cql::PreparedPtr> prepare(const std::string& text) const;

    engine::cql::ExecutionContext context();
    const engine::schema::Schema& schema() const { return *m_schema; }
    std::string keyspace;
    std::vector<std::string> warnings;  // Of the last statement.
    engine::cql::ClusterFacts facts{.datacenters = {{"datacenter1", 1}}, .nodes = 1};

private:
    using Partitions = std::map<engine::rows::DecoratedKey, engine::rows::Partition>;

    std::vector<engine::rows::Partition> read(const engine::rows::ReadCommand& command);
    void write(std::vector<engine::rows::Mutation> mutations);
    engine::Result<engine::cql::StatementResult> select(const engine::cql::SelectStatement& select,
                                                        const engine::cql::QueryOptions& options);

    engine::schema::SchemaPtr m_schema;
    SchemaRows m_schemaRows;
    std::map<engine::Uuid, Partitions> m_tables;
    std::int64_t m_lastMicros = 0;
    std::uint64_t m_random = 1;
};
