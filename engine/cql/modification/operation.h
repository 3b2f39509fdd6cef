#pragma once

#include <memory>

#include "engine/cql/modification/write_parameters.h"
#include "engine/cql/prepare_context.h"
#include "engine/cql/terms/term.h"

namespace engine::cql {

/// What one element of SET or DELETE does to its column (org.apache.cassandra.cql3.Operation).
/// Immutable once prepared.
class Operation {
public:
    explicit Operation(const schema::Column& column) : m_column(&column) {}
    virtual ~Operation() = default;

    const schema::Column& column() const { return *m_column; }
    bool isStatic() const { return m_column->kind == schema::ColumnKind::Static; }
    /// The row as it is must be read first: list positions.
    virtual bool readsFirst() const { return false; }
    /// Elements are put into a collection, for which guardrails have limits.
    virtual bool putsElements() const { return false; }
    /// Adds cells and deletions to `row`; `existing` is there when readsFirst() (null: no such row).
    virtual Result<void> apply(rows::Row& row, const Binding& binding,
                               const WriteParameters& parameters,
                               const rows::Row* existing) const = 0;

private:
    const schema::Column* m_column;
};
using OperationPtr = std::unique_ptr<const Operation>;

/// `column = value` (Operation.SetValue).
Result<OperationPtr> prepareSet(const schema::Table& table, const schema::Column& column,
                                const syntax::Term& value, PrepareContext& context);
/// The same with a term that is prepared already (INSERT JSON).
OperationPtr setTo(const schema::Column& column, Term value);
/// Any element of UPDATE's SET. `conditional`: the statement has IF conditions, so that `c = c + v`
/// may read plain columns.
Result<OperationPtr> prepareAssignment(const schema::Table& table, const schema::Column& column,
                                       const syntax::Assignment& assignment, bool conditional,
                                       PrepareContext& context);
/// An element of DELETE's columns.
Result<OperationPtr> prepareDeletion(const schema::Table& table, const schema::Column& column,
                                     const syntax::Deletion& deletion, PrepareContext& context);

}  // namespace engine::cql
