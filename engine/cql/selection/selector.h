#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/cql/terms/term.h"
#include "engine/rows/partition.h"
#include "engine/types/functions/function.h"

namespace engine::cql {

/// One row as selectors see it. Lives while one row is turned into a result row.
struct RowInput {
    std::span<const Value> values;           // Of the selection's columns, in their order.
    const rows::Row* row = nullptr;          // Null: the partition has nothing but its static row.
    const rows::Row* staticRow = nullptr;
    std::int64_t nowSeconds = 0;
    const Binding& binding;
    const types::FunctionContext& functions;
    /// The running group's aggregates; empty while rows are added to it.
    std::span<const std::unique_ptr<types::AggregateState>> aggregates;
};

/// An expression of a select list, prepared (org.apache.cassandra.cql3.selection.Selector).
/// Immutable.
class Selector {
public:
    explicit Selector(types::TypePtr type) : m_type(std::move(type)) {}
    virtual ~Selector() = default;

    const types::TypePtr& type() const { return m_type; }
    virtual Result<Value> evaluate(const RowInput& input) const = 0;
    /// A bind marker that was left unset: what that means depends on where it stands.
    virtual bool isUnset(const RowInput&) const { return false; }
    /// The column it is when it is nothing else: its place among the selection's columns, else -1.
    virtual int plainColumn() const { return -1; }

private:
    types::TypePtr m_type;
};
using SelectorPtr = std::unique_ptr<const Selector>;

/// A call of an aggregate function: its place among the selection's aggregates, what each row adds.
struct AggregateCall {
    std::shared_ptr<const types::AggregateFunction> function;
    std::vector<SelectorPtr> arguments;
};

}  // namespace engine::cql
