#pragma once

#include <vector>

#include "engine/cql/modification/attributes.h"
#include "engine/cql/modification/conditions.h"
#include "engine/cql/modification/operation.h"
#include "engine/cql/restrictions/statement_restrictions.h"
#include "engine/cql/statement.h"

namespace engine::cql {

/// INSERT, UPDATE or DELETE ready to run: which rows, what to do to their columns, since when and
/// for how long (org.apache.cassandra.cql3.statements.ModificationStatement). Immutable.
class Modification : public ModificationStatement {
public:
    struct Parts {
        schema::TablePtr table;
        StatementKind kind = StatementKind::Insert;
        StatementRestrictions restrictions;
        std::vector<OperationPtr> operations;
        Attributes attributes;
        Conditions conditions;
    };
    explicit Modification(Parts parts);

    const schema::TablePtr& table() const override { return m_parts.table; }
    bool isConditional() const override { return !m_parts.conditions.empty(); }
    Result<std::vector<rows::ReadCommand>> readsFirst(const QueryOptions& options,
                                                      const ExecutionContext& context) const override;
    Result<std::vector<rows::Mutation>> mutations(
        const QueryOptions& options, const ExecutionContext& context,
        const std::vector<std::vector<rows::Partition>>& read) const override;

    Result<void> guard(const QueryOptions& options, const ExecutionContext& context, bool inBatch) const override;

    const Attributes& attributes() const { return m_parts.attributes; }
    const StatementRestrictions& restrictions() const { return m_parts.restrictions; }
    bool needsRead() const { return m_readsFirst; }
    const Conditions& conditions() const { return m_parts.conditions; }
    StatementKind kind() const { return m_parts.kind; }
    /// It is about rows rather than the static row (ModificationStatement.updatesRegularRows).
    bool updatesRows() const;
    bool updatesStatics() const { return m_hasStatic; }
    /// Nothing but static columns is changed and tested, and no row is named.
    bool isOnStaticRow() const;

    /// The same with the values of this statement alone, and the batch's timestamp.
    Result<std::vector<rows::ReadCommand>> readsFirst(const Binding& binding,
                                                      std::int64_t nowSeconds) const;
    Result<void> mutations(const Binding& binding, std::int64_t timestamp, std::int64_t nowSeconds,
                           const std::vector<std::vector<rows::Partition>>& read,
                           std::vector<rows::Mutation>& out) const;
    /// What it does to the one partition of `into`, whose live content is `existing`.
    Result<void> applyTo(rows::Partition& into, const Binding& binding, std::int64_t timestamp,
                         std::int64_t nowSeconds, const rows::Partition* existing) const;

private:
    using Read = std::vector<std::vector<rows::Partition>>;

    /// Indexes can keep what it writes.
    Result<void> checkTerms(const rows::Partition& update, const Binding& binding) const;
    Result<WriteParameters> parameters(const Binding& binding, std::int64_t timestamp,
                                       std::int64_t nowSeconds) const;
    Result<void> write(rows::Partition& partition, const ClusteringChoice& rows,
                       const Binding& binding, const WriteParameters& parameters,
                       const rows::Partition* existing) const;
    Result<void> writeRow(rows::Row& row, bool statics, const Binding& binding,
                          const WriteParameters& parameters, const rows::Row* existing) const;
    Result<void> deleteRows(rows::Partition& partition, const ClusteringChoice& rows,
                            const WriteParameters& parameters) const;

    Parts m_parts;
    bool m_hasRegular = false;
    bool m_hasStatic = false;
    bool m_readsFirst = false;
    bool m_hasMultiCell = false;
};

Result<std::shared_ptr<const Modification>> prepareModification(const syntax::Modification& statement,
                                                                const std::string& sessionKeyspace,
                                                                PrepareContext& context);

/// The table a statement names, or why it cannot be used.
Result<schema::TablePtr> tableOf(const syntax::QualifiedName& name, const std::string& sessionKeyspace,
                                 const schema::Schema& schema);

inline std::int64_t nowSecondsOf(const QueryOptions& options, const ExecutionContext& context) {
    return options.nowSeconds ? *options.nowSeconds : context.nowMicros / 1'000'000;
}

}  // namespace engine::cql
