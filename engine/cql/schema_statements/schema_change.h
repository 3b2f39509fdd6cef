#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "engine/cql/statement.h"
#include "engine/cql/syntax/ast.h"

/// What the schema statements share.
namespace engine::cql {

/// A schema statement whose work is one function of its syntax.
template <typename Syntax>
class SyntaxStatement : public SchemaStatement {
public:
    using Apply = Result<SchemaTransformation> (*)(const Syntax&, const std::string& keyspace,
                                                   const schema::Schema&, const ClusterFacts&,
                                                   const ExecutionContext&);
    SyntaxStatement(Syntax syntax, std::string keyspace, Apply work)
        : m_syntax(std::move(syntax)), m_keyspace(std::move(keyspace)), m_apply(work) {}

    Result<SchemaTransformation> apply(const schema::Schema& current, const ClusterFacts& cluster,
                                       const ExecutionContext& context) const override {
        return m_apply(m_syntax, m_keyspace, current, cluster, context);
    }

private:
    Syntax m_syntax;
    std::string m_keyspace;
    Apply m_apply;
};

/// system and the like: 0x2100 for what users may not do to them (ClientState). `what` is the
/// permission the statement needs, `resource` as messages print it.
Result<void> guardSystemKeyspace(const std::string& keyspace, std::string_view what,
                                 const std::string& resource);
/// `\w+`.
bool isWord(std::string_view name);

/// A keyspace to be changed, not yet part of a schema.
inline std::shared_ptr<schema::Keyspace> copyOf(const schema::Keyspace& keyspace) {
    return std::make_shared<schema::Keyspace>(keyspace);
}

inline SchemaTransformation unchanged() { return {}; }
SchemaTransformation changed(const schema::Schema& current, std::shared_ptr<schema::Keyspace> keyspace,
                             schema::SchemaChange change);

// One function a statement; keyspace is that of the name, or the session's.
Result<SchemaTransformation> createKeyspace(const syntax::CreateKeyspaceStatement&, const std::string&,
                                            const schema::Schema&, const ClusterFacts&,
                                            const ExecutionContext&);
Result<SchemaTransformation> alterKeyspace(const syntax::AlterKeyspaceStatement&, const std::string&,
                                           const schema::Schema&, const ClusterFacts&,
                                           const ExecutionContext&);
Result<SchemaTransformation> dropKeyspace(const syntax::DropKeyspaceStatement&, const std::string&,
                                          const schema::Schema&, const ClusterFacts&,
                                          const ExecutionContext&);
Result<SchemaTransformation> createTable(const syntax::CreateTableStatement&, const std::string&,
                                         const schema::Schema&, const ClusterFacts&,
                                         const ExecutionContext&);
/// What needs no schema: one primary key, no column twice.
Result<void> checkCreateTable(const syntax::CreateTableStatement& statement);
Result<SchemaTransformation> alterTable(const syntax::AlterTableStatement&, const std::string&,
                                        const schema::Schema&, const ClusterFacts&,
                                        const ExecutionContext&);
Result<SchemaTransformation> dropTable(const syntax::DropTableStatement&, const std::string&,
                                       const schema::Schema&, const ClusterFacts&,
                                       const ExecutionContext&);
Result<SchemaTransformation> createType(const syntax::CreateTypeStatement&, const std::string&,
                                        const schema::Schema&, const ClusterFacts&,
                                        const ExecutionContext&);
Result<SchemaTransformation> alterType(const syntax::AlterTypeStatement&, const std::string&,
                                       const schema::Schema&, const ClusterFacts&,
                                       const ExecutionContext&);
Result<SchemaTransformation> dropType(const syntax::DropTypeStatement&, const std::string&,
                                      const schema::Schema&, const ClusterFacts&,
                                      const ExecutionContext&);
Result<SchemaTransformation> createTrigger(const syntax::CreateTriggerStatement&, const std::string&,
                                           const schema::Schema&, const ClusterFacts&,
                                           const ExecutionContext&);
Result<SchemaTransformation> dropTrigger(const syntax::DropTriggerStatement&, const std::string&,
                                         const schema::Schema&, const ClusterFacts&,
                                         const ExecutionContext&);

Result<SchemaTransformation> createIndex(const syntax::CreateIndexStatement&, const std::string&,
                                         const schema::Schema&, const ClusterFacts&,
                                         const ExecutionContext&);
Result<SchemaTransformation> dropIndex(const syntax::DropIndexStatement&, const std::string&,
                                       const schema::Schema&, const ClusterFacts&,
                                       const ExecutionContext&);
Result<SchemaTransformation> createFunction(const syntax::CreateFunctionStatement&, const std::string&,
                                            const schema::Schema&, const ClusterFacts&,
                                            const ExecutionContext&);
Result<SchemaTransformation> dropFunction(const syntax::DropFunctionStatement&, const std::string&,
                                          const schema::Schema&, const ClusterFacts&,
                                          const ExecutionContext&);
Result<SchemaTransformation> createAggregate(const syntax::CreateAggregateStatement&, const std::string&,
                                             const schema::Schema&, const ClusterFacts&,
                                             const ExecutionContext&);
Result<SchemaTransformation> dropAggregate(const syntax::DropAggregateStatement&, const std::string&,
                                           const schema::Schema&, const ClusterFacts&,
                                           const ExecutionContext&);
Result<SchemaTransformation> createView(const syntax::CreateViewStatement&, const std::string&,
                                        const schema::Schema&, const ClusterFacts&,
                                        const ExecutionContext&);
Result<SchemaTransformation> alterView(const syntax::AlterViewStatement&, const std::string&,
                                       const schema::Schema&, const ClusterFacts&,
                                       const ExecutionContext&);
Result<SchemaTransformation> dropView(const syntax::DropViewStatement&, const std::string&,
                                      const schema::Schema&, const ClusterFacts&,
                                      const ExecutionContext&);
/// The views of a table, by name.
std::vector<schema::TablePtr> viewsOf(const schema::Keyspace& keyspace, const schema::Table& base);
/// Columns were added to the base, or renamed, or its types changed: its views follow.
Result<void> followBase(schema::Keyspace& keyspace, const schema::Table& before, const schema::Table& after,
                        const std::vector<std::pair<std::string, std::string>>& renamed);
/// What needs no schema: no markers, one keyspace.
Result<void> checkCreateView(const syntax::CreateViewStatement& statement, const std::string& keyspace);
/// What Cassandra says of the name of a table or view.
Result<void> checkTableName(const std::string& keyspace, const std::string& name);
/// What Cassandra tells whenever an index over vectors is set up (SAI's VectorType warning).
inline constexpr std::string_view kVectorIndexWarning =
    "SAI ANN indexes on vector columns are experimental and are not recommended for production use.\n"
    "They don't yet support SELECT queries with:\n"
    " * Consistency level higher than ONE/LOCAL_ONE.\n"
    " * Paging.\n"
    " * No LIMIT clauses.\n"
    " * PER PARTITION LIMIT clauses.\n"
    " * GROUP BY clauses.\n"
    " * Aggregation functions.\n"
    " * Filters on columns without a SAI index.";
bool hasVectorIndex(const schema::Table& table);
/// The indexes over a column, `a, b`; empty when there are none.
std::string dependentIndexes(const schema::Table& table, std::string_view column);

}  // namespace engine::cql
