#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cql/prepare_context.h"
#include "engine/cql/terms/term.h"
#include "engine/rows/partition.h"
#include "engine/schema/table.h"

namespace engine::cql {

/// One condition of IF on a column, an element of it or one of its fields, prepared
/// (org.apache.cassandra.cql3.conditions.ColumnCondition). Immutable; its table must outlive it.
struct ColumnCondition {
    const schema::Column* column = nullptr;
    syntax::Operator op = syntax::Operator::Eq;
    std::optional<Term> element;  // column[element]
    int field = -1;               // column.field
    bool inMarker = false;        // IN ?: one value, a list.
    std::vector<Term> values;     // IN: any number, else one.
};

/// A condition with its values (ColumnCondition.Bound).
class BoundCondition {
public:
    /// 0x2200 for unset values and null elements.
    static Result<BoundCondition> bind(const ColumnCondition& condition, const Binding& binding);

    /// `row` has only what is live; null: there is no such row. 0x2200 where null has no order.
    Result<bool> appliesTo(const rows::Row* row) const;
    const schema::Column& column() const { return *m_condition->column; }

private:
    using Values = std::vector<std::optional<Bytes>>;

    explicit BoundCondition(const ColumnCondition& condition) : m_condition(&condition) {}
    bool isSlice() const;
    Result<std::optional<Bytes>> rowValue(const rows::Row* row) const;
    Result<bool> compare(const types::DataType& type, const std::optional<Bytes>& value,
                         const std::optional<Bytes>& rowValue) const;
    Result<bool> compareCells(const std::optional<Bytes>& value, const rows::Row* row) const;
    bool containedIn(BytesView value, const rows::Row* row) const;

    const ColumnCondition* m_condition;
    Bytes m_element;
    Values m_values;
    bool m_neverApplies = false;  // CONTAINS of an unset value.
};

/// What IF says (org.apache.cassandra.cql3.conditions.Conditions).
struct Conditions {
    enum class Existence : std::uint8_t { Any, Exists, NotExists };
    Existence existence = Existence::Any;
    std::vector<ColumnCondition> onRegular;  // In the order of the statement.
    std::vector<ColumnCondition> onStatic;

    bool empty() const {
        return existence == Existence::Any && onRegular.empty() && onStatic.empty();
    }
};

Result<Conditions> prepareConditions(const std::vector<syntax::Condition>& conditions,
                                     const schema::Table& table, PrepareContext& context);

}  // namespace engine::cql
