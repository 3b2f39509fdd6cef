#pragma once

#include "engine/cql/prepare_context.h"
#include "engine/cql/result.h"
#include "engine/cql/selection/selector.h"

namespace engine::cql {

/// The select list, prepared: which columns it needs, and how a row of theirs becomes a row of the
/// result (org.apache.cassandra.cql3.selection.Selection). Immutable.
struct Selection {
    std::vector<const schema::Column*> columns;  // What selectors index.
    std::vector<SelectorPtr> selectors;
    std::vector<AggregateCall> aggregates;
    std::vector<ColumnSpec> specs;  // Of the result, before JSON.
    bool json = false;
    bool plain = false;          // Selector i is column i: rows need no evaluation.
    bool usesMetadata = false;   // WRITETIME and TTL look at cells.

    bool isAggregate() const { return !aggregates.empty(); }
    /// The place of a column, which is added when it is new.
    std::size_t indexOf(const schema::Column& column);
};

Result<Selection> prepareSelection(const syntax::SelectStatement& select, const schema::Table& table,
                                   PrepareContext& context);

/// One more expression over the selection's columns, for GROUP BY.
Result<SelectorPtr> prepareExpression(const syntax::Selector& expression, const schema::Table& table,
                                      Selection& selection, PrepareContext& context);

/// A result row as SELECT JSON gives it.
Bytes jsonRow(const std::vector<ColumnSpec>& specs, const ResultRow& row);

}  // namespace engine::cql
