#pragma once

#include "engine/cql/masking/column_masks.h"
#include "engine/cql/restrictions/statement_restrictions.h"
#include "engine/cql/selection/selection.h"
#include "engine/cql/statement.h"

namespace engine::cql {

/// GROUP BY: rows belong to one group while their partition key, the first `clusteringColumns`
/// clustering values and the function of the last one are the same.
struct Grouping {
    std::size_t clusteringColumns = 0;
    SelectorPtr lastFunction;  // Over the selection's columns; replaces the last clustering value.
};

/// A SELECT, checked (org.apache.cassandra.cql3.statements.SelectStatement). Immutable, shared by
/// its executions.
struct SelectPlan {
    schema::TablePtr table;
    Selection selection;
    std::optional<StatementRestrictions> restrictions;
    ResultMetadataPtr metadata;
    std::optional<Grouping> grouping;
    std::vector<const schema::Column*> sortColumns;  // Of ORDER BY with IN on the partition key.
    bool reversed = false;
    bool distinct = false;
    bool allowsFiltering = false;  // As written.
    bool usesKey = false;  // A partition key column is among the selection's.
    std::optional<Term> limit;
    std::optional<Term> perPartitionLimit;
    /// Of the selection's columns, by their places; empty when none is masked.
    std::vector<std::optional<MaskCall>> masks;
    std::vector<std::string> restrictedMasked;  // Masked columns of WHERE.
    std::size_t markers = 0;
    std::vector<std::string> warnings;  // Of each run.

    bool aggregates() const { return selection.isAggregate() || grouping.has_value(); }
    const Restriction* nearest() const { return restrictions->nearest(); }
    bool sortsAfterwards() const {
        return (!sortColumns.empty() && restrictions->keyIsIn()) || nearest() != nullptr;
    }
    /// A partition of nothing but static values is a row.
    bool countsStaticOnly() const {
        return restrictions->queriesFullPartitions() && !table->statics().empty();
    }
};
using SelectPlanPtr = std::shared_ptr<const SelectPlan>;

Result<SelectPlanPtr> prepareSelect(const syntax::SelectStatement& select,
                                    const std::string& sessionKeyspace, PrepareContext& context);

/// The seam's SelectStatement over a plan.
std::shared_ptr<const SelectStatement> makeSelectStatement(SelectPlanPtr plan);

/// One run of a plan.
Result<std::unique_ptr<SelectExecution>> startSelect(SelectPlanPtr plan, const QueryOptions& options,
                                                     const ExecutionContext& context);

}  // namespace engine::cql
