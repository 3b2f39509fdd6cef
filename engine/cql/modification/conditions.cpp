#include "engine/cql/modification/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/cql/selection/row_values.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using syntax::Operator;
using types::Kind;

/// What the condition's value is compared with: the column, one of its elements, or a field.
Result<ColumnSpec> targetOf(const syntax::Condition& condition, const schema::Column& column,
                            const ColumnSpec& receiver, PrepareContext& context,
                            ColumnCondition& out) {
    if (condition.element) {
        const Kind kind = column.type->kind();
        if (kind == Kind::List || kind == Kind::Map) {
            TRY_ASSIGN(out.element,
                       prepareTerm(*condition.element,
                                   kind == Kind::List ? indexSpec(receiver) : keySpec(receiver), context));
            return elementSpec(receiver);
        }
        return invalidAt(condition.span,
                         fmt::format("Invalid element access syntax for {} column {}",
                                     kind == Kind::Set ? "set" : "non-collection", column.name));
    }
    if (condition.field) {
        if (column.type->kind() != Kind::Udt) {
            // Cassandra takes the column for a user type before it looks.
            return makeError(ErrorKind::Server,
                             fmt::format("Invalid field access syntax for non-UDT column {}", column.name));
        }
        out.field = column.type->fieldIndex(condition.field->text);
        if (out.field < 0) {
            return invalidAt(condition.span, fmt::format("Unknown field {} for column {}",
                                                         condition.field->text, column.name));
        }
        return fieldSpec(receiver, static_cast<std::size_t>(out.field));
    }
    if (condition.op == Operator::Contains || condition.op == Operator::ContainsKey) {
        if (!column.type->isCollection()) {
            return invalidAt(condition.span, fmt::format("Cannot use {} on non-collection column {}",
                                                         textOf(condition.op), column.name));
        }
        if (condition.op == Operator::ContainsKey && column.type->kind() != Kind::Map) {
            return invalidAt(condition.span,
                             fmt::format("Cannot use CONTAINS KEY on non-map column {}", column.name));
        }
        return condition.op == Operator::Contains ? elementSpec(receiver) : keySpec(receiver);
    }
    return receiver;
}

bool isSliceOperator(Operator op) {
    return op == Operator::Lt || op == Operator::Lte || op == Operator::Gt || op == Operator::Gte;
}

/// ColumnCondition.Raw.validateOperationOnDurations.
Result<void> checkDurations(const syntax::Condition& condition, const types::DataType& type) {
    if (!isSliceOperator(condition.op) || !type.references(Kind::Duration)) {
        return ok();
    }
    const auto refuse = [](std::string_view what) {
        return invalid(fmt::format("Slice conditions are not supported on {} containing durations", what));
    };
    if (type.isCollection()) {
        return refuse("collections");
    }
    if (type.isTuple()) {
        return refuse(type.kind() == Kind::Udt ? "UDTs" : "tuples");
    }
    return invalid(fmt::format("Slice conditions ( {} ) are not supported on durations", textOf(condition.op)));
}

/// Whether `order` of a row's value to the condition's satisfies the operator.
bool satisfies(Operator op, int order) {
    switch (op) {
        case Operator::Eq:
        case Operator::In: return order == 0;
        case Operator::Neq: return order != 0;
        case Operator::Lt: return order < 0;
        case Operator::Lte: return order <= 0;
        case Operator::Gt: return order > 0;
        case Operator::Gte: return order >= 0;
        default: return false;
    }
}

Error unsetValueError() { return invalid("Invalid 'unset' value in condition"); }

std::optional<Bytes> owned(std::optional<BytesView> view) {
    return view ? std::optional<Bytes>(*view) : std::nullopt;
}

/// The values of `IN ?`.
Result<std::vector<std::optional<Bytes>>> bindList(const Term& marker, const Binding& binding) {
    TRY_ASSIGN(const BoundValue list, marker.bind(binding));
    if (list.state == BoundValue::State::Null) {
        return invalid("Invalid null list in IN condition");
    }
    if (list.state == BoundValue::State::Unset) {
        return unsetValueError();
    }
    std::vector<std::optional<Bytes>> out;
    ByteReader in(list.bytes);
    for (std::int32_t left = in.i32(); left > 0 && !in.failed(); --left) {
        out.push_back(owned(in.longBlob()));
    }
    if (in.failed()) {
        return invalid("Not enough bytes to read a list");
    }
    return out;
}

/// One element of a frozen collection; absent when it is not there.
Result<std::optional<Bytes>> elementOf(const types::DataType& type, BytesView collection, BytesView element,
                                       std::size_t index) {
    if (type.kind() == Kind::List) {
        TRY_ASSIGN(const auto elements, types::unpackList(collection));
        return index < elements.size() ? std::optional<Bytes>(elements[index]) : std::nullopt;
    }
    TRY_ASSIGN(const auto entries, types::unpackMap(collection));
    for (const auto& [key, value] : entries) {
        if (types::compare(*type.keyType(), key, element) == 0) {
            return std::optional<Bytes>(value);
        }
    }
    return std::optional<Bytes>();
}

}  // namespace

bool BoundCondition::isSlice() const { return isSliceOperator(m_condition->op); }

Result<BoundCondition> BoundCondition::bind(const ColumnCondition& condition, const Binding& binding) {
    BoundCondition out(condition);
    if (condition.inMarker) {
        TRY_ASSIGN(out.m_values, bindList(condition.values.front(), binding));
    } else {
        for (const Term& term : condition.values) {
            TRY_ASSIGN(BoundValue value, term.bind(binding));
            if (value.state == BoundValue::State::Unset) {
                if (condition.op == Operator::In) {
                    continue;
                }
                const bool cells = condition.column->type->isMultiCell() && !condition.element;
                if (condition.op == Operator::Contains && cells) {
                    out.m_neverApplies = true;
                    continue;
                }
                return unsetValueError();
            }
            out.m_values.push_back(value.state == BoundValue::State::Set
                                       ? std::optional<Bytes>(std::move(value.bytes))
                                       : std::nullopt);
        }
    }
    if (condition.element) {
        TRY_ASSIGN(BoundValue element, condition.element->bind(binding));
        const char* kind = condition.column->type->kind() == Kind::Map ? "map" : "list";
        if (element.state != BoundValue::State::Set) {
            return invalid(fmt::format("Invalid {} value for {} element access",
                                       element.state == BoundValue::State::Null ? "null" : "unset", kind));
        }
        out.m_element = std::move(element.bytes);
    }
    return out;
}

Result<std::optional<Bytes>> BoundCondition::rowValue(const rows::Row* row) const {
    const schema::Column& column = *m_condition->column;
    const types::DataType& type = *column.type;
    std::size_t index = 0;
    if (m_condition->element && type.kind() == Kind::List) {
        const std::int32_t at = types::decodeInt(m_element);
        if (at < 0) {
            return invalid(fmt::format("Invalid negative list index {}", at));
        }
        index = static_cast<std::size_t>(at);
    }
    const auto cells = row == nullptr ? std::span<const rows::Cell>() : cellsOf(*row, column.name);
    if (cells.empty()) {
        return std::optional<Bytes>();
    }
    if (m_condition->element) {
        if (!type.isMultiCell()) {
            return elementOf(type, cells.front().value, m_element, index);
        }
        if (type.kind() == Kind::List) {
            return index < cells.size() ? std::optional<Bytes>(cells[index].value) : std::nullopt;
        }
        for (const rows::Cell& cell : cells) {
            if (types::compare(*type.keyType(), cell.path, m_element) == 0) {
                return std::optional<Bytes>(cell.value);
            }
        }
        return std::optional<Bytes>();
    }
    const Value whole = valueOf(column, *row);
    if (m_condition->field >= 0) {
        TRY_ASSIGN(const auto fields, types::unpackTuple(type, *whole));
        const auto field = static_cast<std::size_t>(m_condition->field);
        return field < fields.size() ? owned(fields[field]) : std::nullopt;
    }
    return whole;
}

/// Bound.compareWithOperator.
Result<bool> BoundCondition::compare(const types::DataType& type, const std::optional<Bytes>& value,
                                     const std::optional<Bytes>& rowValue) const {
    const Operator op = m_condition->op;
    if (!value) {
        switch (op) {
            case Operator::Eq:
            case Operator::In: return !rowValue;
            case Operator::Neq: return rowValue.has_value();
            default:
                return invalid(fmt::format("Invalid comparison with null for operator \"{}\"", textOf(op)));
        }
    }
    if (!rowValue) {
        return op == Operator::Neq;
    }
    return satisfies(op, types::compare(type, *rowValue, *value));
}

/// MultiCellCollectionBound: element by element, without ever making a value of the cells.
Result<bool> BoundCondition::compareCells(const std::optional<Bytes>& value, const rows::Row* row) const {
    const schema::Column& column = *m_condition->column;
    const types::DataType& type = *column.type;
    const auto cells = row == nullptr ? std::span<const rows::Cell>() : cellsOf(*row, column.name);
    if (!value) {
        return compare(type, value, cells.empty() ? std::optional<Bytes>() : std::optional<Bytes>(""));
    }
    std::vector<std::pair<BytesView, BytesView>> wanted;
    if (type.kind() == Kind::Map) {
        TRY_ASSIGN(wanted, types::unpackMap(*value));
    } else {
        TRY_ASSIGN(const auto elements, types::unpackList(*value));
        for (const BytesView element : elements) {
            wanted.emplace_back(element, element);
        }
    }
    if (type.kind() != Kind::List) {  // Clients send what they bind in any order.
        std::ranges::stable_sort(wanted, [&type](const auto& a, const auto& b) {
            return types::compare(*type.keyType(), a.first, b.first) < 0;
        });
    }
    if (wanted.empty() && isSlice()) {
        const char* kind = type.kind() == Kind::Map ? "map" : type.kind() == Kind::Set ? "set" : "list";
        return invalid(fmt::format("Invalid comparison with an empty {} for operator \"{}\"", kind,
                                   textOf(m_condition->op)));
    }
    for (std::size_t i = 0; i < cells.size() && i < wanted.size(); ++i) {
        int order = 0;
        if (type.kind() != Kind::List) {
            order = types::compare(*type.keyType(), cells[i].path, wanted[i].first);
        }
        if (order == 0 && type.kind() != Kind::Set) {
            order = types::compare(*type.valueType(), cells[i].value, wanted[i].second);
        }
        if (order != 0) {
            return satisfies(m_condition->op, order);
        }
    }
    const int order = static_cast<int>(cells.size() > wanted.size()) - static_cast<int>(cells.size() < wanted.size());
    return satisfies(m_condition->op, order);
}

bool BoundCondition::containedIn(BytesView value, const rows::Row* row) const {
    const schema::Column& column = *m_condition->column;
    const types::DataType& type = *column.type;
    if (row == nullptr) {
        return false;
    }
    const bool inKeys = type.kind() == Kind::Set || m_condition->op == Operator::ContainsKey;
    const types::DataType& element = inKeys ? *type.keyType() : *type.valueType();
    const auto cells = cellsOf(*row, column.name);
    if (type.isMultiCell()) {
        return std::any_of(cells.begin(), cells.end(), [&](const rows::Cell& cell) {
            return types::compare(element, inKeys ? cell.path : cell.value, value) == 0;
        });
    }
    if (cells.empty()) {
        return false;
    }
    std::vector<BytesView> elements;
    if (type.kind() == Kind::Map) {
        if (const auto entries = types::unpackMap(cells.front().value)) {
            for (const auto& [key, mapped] : entries.value()) {
                elements.push_back(inKeys ? key : mapped);
            }
        }
    } else if (auto list = types::unpackList(cells.front().value)) {
        elements = std::move(list).value();
    }
    return std::any_of(elements.begin(), elements.end(),
                       [&](BytesView e) { return types::compare(element, e, value) == 0; });
}

Result<bool> BoundCondition::appliesTo(const rows::Row* row) const {
    if (m_neverApplies) {
        return false;
    }
    const schema::Column& column = *m_condition->column;
    const bool contains =
        m_condition->op == Operator::Contains || m_condition->op == Operator::ContainsKey;
    const bool whole = !m_condition->element && m_condition->field < 0;
    for (const std::optional<Bytes>& value : m_values) {
        bool applies = false;
        if (contains && value) {
            applies = containedIn(*value, row);
        } else if (whole && column.type->isMultiCell() && column.type->isCollection()) {
            TRY_ASSIGN(applies, compareCells(value, row));
        } else {
            const types::DataType& type =
                m_condition->element ? *column.type->valueType()
                : m_condition->field >= 0
                    ? *column.type->element(static_cast<std::size_t>(m_condition->field))
                    : *column.type;
            TRY_ASSIGN(const auto current, rowValue(row));
            TRY_ASSIGN(applies, compare(type, value, current));
        }
        if (applies) {
            return true;
        }
    }
    return false;
}

Result<Conditions> prepareConditions(const std::vector<syntax::Condition>& conditions,
                                     const schema::Table& table, PrepareContext& context) {
    Conditions out;
    for (const syntax::Condition& condition : conditions) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(table, condition.column));
        if (column->kind == schema::ColumnKind::PartitionKey ||
            column->kind == schema::ColumnKind::Clustering) {
            return invalidAt(condition.span,
                             fmt::format("PRIMARY KEY column '{}' cannot have IF conditions", column->name));
        }
        if (column->type->isCounter()) {
            return invalidAt(condition.span, "Conditions on counters are not supported");
        }
        ColumnCondition prepared;
        prepared.column = column;
        prepared.op = condition.op;
        TRY_ASSIGN(ColumnSpec target,
                   targetOf(condition, *column, specOf(table, *column), context, prepared));
        TRY(checkDurations(condition, *target.type));
        if (condition.inMarker) {
            target.name = "in(" + target.name + ")";
            target.type = types::list(target.type, false);
            prepared.inMarker = true;
        }
        for (const syntax::Term& value : condition.values) {
            TRY_ASSIGN(Term term, prepareTerm(value, target, context));
            prepared.values.push_back(std::move(term));
        }
        (column->kind == schema::ColumnKind::Static ? out.onStatic : out.onRegular)
            .push_back(std::move(prepared));
    }
    return out;
}

}  // namespace engine::cql
