#include "engine/cql/modification/operation.h"

#include <fmt/format.h>

#include <limits>
#include <span>

#include "engine/cql/errors.h"
#include "engine/cql/modification/collection_operations.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/selection/row_values.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/function_context.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/rows/counter_context.h"
#include "engine/types/functions/native_functions.h"

namespace engine::cql {
namespace {

using types::Kind;

/// c = value of a column with one cell.
class SetValue : public Operation {
public:
    SetValue(const schema::Column& column, Term value) : Operation(column), m_value(std::move(value)) {}

    Result<void> apply(rows::Row& row, const Binding& binding, const WriteParameters& parameters,
                       const rows::Row*) const override {
        BoundValue scratch;
        TRY_ASSIGN(const BoundValue* value, m_value.view(binding, scratch));
        if (value->state == BoundValue::State::Set) {
            row.cells.push_back(parameters.live(column(), {}, value->bytes));
        } else if (value->state == BoundValue::State::Null) {
            row.cells.push_back(parameters.tombstone(column()));
        }
        return ok();
    }

private:
    Term m_value;
};

/// c = c + value of a plain column, in statements with conditions: of what the round has read
/// (Constants.Adder). What is not there stays so.
class Increase : public Operation {
public:
    Increase(const schema::Column& column, Term value, std::shared_ptr<const types::ScalarFunction> sum)
        : Operation(column), m_value(std::move(value)), m_sum(std::move(sum)) {}

    bool readsFirst() const override { return true; }
    Result<void> apply(rows::Row& row, const Binding& binding, const WriteParameters& parameters,
                       const rows::Row* existing) const override {
        const auto cells =
            existing == nullptr ? std::span<const rows::Cell>() : cellsOf(*existing, column().name);
        if (cells.empty()) {
            return ok();
        }
        TRY_ASSIGN(const BoundValue value, m_value.bind(binding));
        if (value.state != BoundValue::State::Set) {
            // Cassandra fails over it, too.
            return makeError(ErrorKind::Server, fmt::format("No value to add to column {}", column().name));
        }
        if (!m_sum) {
            row.cells.push_back(parameters.live(column(), {}, cells.front().value + value.bytes));
            return ok();
        }
        const std::vector<types::Argument> operands{cells.front().value, value.bytes};
        TRY_ASSIGN(types::Value sum, m_sum->evaluate(functionContext(binding.context), operands));
        if (sum) {
            row.cells.push_back(parameters.live(column(), {}, std::move(*sum)));
        }
        return ok();
    }

private:
    Term m_value;
    std::shared_ptr<const types::ScalarFunction> m_sum;  // Null: texts, which append.
};

/// c = c + value and c = c - value of a counter.
class CounterChange : public Operation {
public:
    CounterChange(const schema::Column& column, Term value, bool subtracts)
        : Operation(column), m_value(std::move(value)), m_subtracts(subtracts) {}

    Result<void> apply(rows::Row& row, const Binding& binding, const WriteParameters& parameters,
                       const rows::Row*) const override {
        TRY_ASSIGN(const BoundValue value, m_value.bind(binding));
        if (value.state == BoundValue::State::Null) {
            return invalid("Invalid null value for counter increment");
        }
        if (value.state == BoundValue::State::Unset) {
            return ok();
        }
        if (value.bytes.empty()) {
            return invalid("Invalid empty value for counter increment");
        }
        const std::int64_t by = types::decodeBigint(value.bytes);
        if (m_subtracts && by == std::numeric_limits<std::int64_t>::min()) {
            return invalid(fmt::format("The negation of {} overflows supported counter precision (signed 8 bytes "
                                       "integer)",
                                       by));
        }
        row.cells.push_back(parameters.live(column(), {}, rows::counterUpdate(m_subtracts ? -by : by)));
        return ok();
    }

private:
    Term m_value;
    bool m_subtracts;
};

Result<void> checkCounterChange(const Term& by) {
    return by.isNull() ? Result<void>(invalid("Invalid null value for counter increment/decrement")) : ok();
}

/// The native `+` of two values of a type; null for texts.
std::shared_ptr<const types::ScalarFunction> sumOf(const types::TypePtr& type) {
    if (type->kind() == Kind::Text || type->kind() == Kind::Ascii) {
        return nullptr;
    }
    for (const types::FunctionPtr& function :
         types::NativeFunctions::instance().functions(types::operatorFunction('+').name)) {
        const auto& operands = function->argumentTypes();
        if (operands.size() == 2 && *operands[0] == *type && *operands[1] == *type) {
            return std::static_pointer_cast<const types::ScalarFunction>(function);
        }
    }
    return nullptr;
}

std::string assignmentText(const syntax::Assignment& assignment) {
    using enum syntax::Assignment::Kind;
    const std::string& c = assignment.column.text;
    const std::string value = textOf(assignment.value);
    switch (assignment.kind) {
        case Set: return c + " = " + value;
        case SetElement: return fmt::format("{}[{}] = {}", c, textOf(*assignment.key), value);
        case SetField: return fmt::format("{}.{} = {}", c, assignment.field->text, value);
        case Add: return fmt::format("{} = {} + {}", c, c, value);
        case Subtract: return fmt::format("{} = {} - {}", c, c, value);
        case Prepend: return fmt::format("{} = {} - {}", c, value, c);
    }
    return {};
}

Error wrong(const syntax::Assignment& assignment, std::string_view forWhat) {
    return invalidAt(assignment.span, fmt::format("Invalid operation ({}) for {} {}", assignmentText(assignment),
                                                  forWhat, assignment.column.text));
}

Result<OperationPtr> prepareSetElement(const syntax::Assignment& assignment,
                                       const schema::Column& column, const ColumnSpec& receiver,
                                       PrepareContext& context) {
    if (!column.type->isCollection()) {
        return wrong(assignment, "non collection column");
    }
    if (!column.type->isMultiCell()) {
        return wrong(assignment, "frozen collection column");
    }
    if (column.type->kind() == Kind::Set) {
        return wrong(assignment, "set column");
    }
    const bool list = column.type->kind() == Kind::List;
    TRY_ASSIGN(Term key,
               prepareTerm(*assignment.key, list ? indexSpec(receiver) : keySpec(receiver), context));
    TRY_ASSIGN(Term value, prepareTerm(assignment.value, elementSpec(receiver), context));
    return list ? setListElement(column, std::move(key), std::move(value))
                : setMapEntry(column, std::move(key), std::move(value));
}

Result<int> fieldOf(const schema::Column& column, const syntax::Name& field) {
    const int index = column.type->fieldIndex(field.text);
    if (index < 0) {
        return invalidAt(field.span, fmt::format("UDT column {} does not have a field named {}",
                                                 column.name, field.text));
    }
    return index;
}

Result<OperationPtr> prepareSetField(const syntax::Assignment& assignment,
                                     const schema::Column& column, const ColumnSpec& receiver,
                                     PrepareContext& context) {
    if (column.type->kind() != Kind::Udt) {
        return wrong(assignment, "non-UDT column");
    }
    if (!column.type->isMultiCell()) {
        return wrong(assignment, "frozen UDT column");
    }
    TRY_ASSIGN(const int field, fieldOf(column, *assignment.field));
    TRY_ASSIGN(Term value,
               prepareTerm(assignment.value, fieldSpec(receiver, static_cast<std::size_t>(field)),
                           context));
    return setField(column, field, std::move(value));
}

bool isNumberOrText(const types::DataType& type) {
    switch (type.kind()) {
        case Kind::Ascii:
        case Kind::Text:
        case Kind::Bigint:
        case Kind::Decimal:
        case Kind::Double:
        case Kind::Float:
        case Kind::Int:
        case Kind::Varint:
        case Kind::Smallint:
        case Kind::Tinyint:
        case Kind::Counter: return true;
        default: return false;
    }
}

Result<OperationPtr> prepareAdd(const syntax::Assignment& assignment, const schema::Column& column,
                                const ColumnSpec& receiver, bool conditional,
                                PrepareContext& context) {
    if (!column.type->isCollection()) {
        if (column.type->isTuple()) {
            return wrong(assignment, "tuple column");
        }
        if (conditional && !isNumberOrText(*column.type)) {
            return wrong(assignment, "non-numeric and non-text type");
        }
        if (!conditional && !column.type->isCounter()) {
            return wrong(assignment, "non counter column");
        }
        TRY_ASSIGN(Term summand, prepareTerm(assignment.value, receiver, context));
        if (column.type->isCounter()) {
            TRY(checkCounterChange(summand));
            return OperationPtr(std::make_unique<CounterChange>(column, std::move(summand), false));
        }
        return OperationPtr(std::make_unique<Increase>(column, std::move(summand), sumOf(column.type)));
    }
    if (!column.type->isMultiCell()) {
        return wrong(assignment, "frozen collection column");
    }
    auto value = prepareTerm(assignment.value, receiver, context);
    if (!value && column.type->kind() == Kind::Map) {
        return invalidAt(assignment.value.span,
                         fmt::format("Value for a map addition has to be a map, but was: '{}'",
                                     textOf(assignment.value)));
    }
    TRY(value);
    switch (column.type->kind()) {
        case Kind::List: return appendToList(column, std::move(value.value()));
        case Kind::Set: return addToSet(column, std::move(value.value()));
        default: return putIntoMap(column, std::move(value.value()));
    }
}

Result<OperationPtr> prepareSubtract(const syntax::Assignment& assignment,
                                     const schema::Column& column, ColumnSpec receiver,
                                     PrepareContext& context) {
    if (!column.type->isCollection()) {
        if (!column.type->isCounter()) {
            return wrong(assignment, "non counter column");
        }
        TRY_ASSIGN(Term by, prepareTerm(assignment.value, receiver, context));
        TRY(checkCounterChange(by));
        return OperationPtr(std::make_unique<CounterChange>(column, std::move(by), true));
    }
    if (!column.type->isMultiCell()) {
        return wrong(assignment, "frozen collection column");
    }
    if (column.type->kind() == Kind::Map) {
        receiver.type = types::set(column.type->keyType(), false);
        auto keys = prepareTerm(assignment.value, receiver, context);
        if (!keys) {
            return invalidAt(assignment.value.span,
                             fmt::format("Value for a map substraction has to be a set, but was: '{}'",
                                         textOf(assignment.value)));
        }
        return discardKeys(column, std::move(keys.value()));
    }
    TRY_ASSIGN(Term value, prepareTerm(assignment.value, receiver, context));
    return column.type->kind() == Kind::List ? discardFromList(column, std::move(value))
                                             : discardKeys(column, std::move(value));
}

Result<OperationPtr> preparePrepend(const syntax::Assignment& assignment,
                                    const schema::Column& column, const ColumnSpec& receiver,
                                    PrepareContext& context) {
    TRY_ASSIGN(Term value, prepareTerm(assignment.value, receiver, context));
    if (column.type->kind() != Kind::List) {
        return wrong(assignment, "non list column");
    }
    if (!column.type->isMultiCell()) {
        return wrong(assignment, "frozen list column");
    }
    return prependToList(column, std::move(value));
}

}  // namespace

OperationPtr setTo(const schema::Column& column, Term value) {
    if (column.type->isMultiCell()) {
        return replaceCollection(column, std::move(value));
    }
    return std::make_unique<SetValue>(column, std::move(value));
}

Result<OperationPtr> prepareSet(const schema::Table& table, const schema::Column& column,
                                const syntax::Term& value, PrepareContext& context) {
    TRY_ASSIGN(Term term, prepareTerm(value, specOf(table, column), context));
    if (column.type->isCounter()) {
        TRY(checkCounterChange(term));
        return invalidAt(value.span, fmt::format("Cannot set the value of counter column {} (counters "
                                                 "can only be incremented/decremented, not set)",
                                                 column.name));
    }
    return setTo(column, std::move(term));
}

Result<OperationPtr> prepareAssignment(const schema::Table& table, const schema::Column& column,
                                       const syntax::Assignment& assignment, bool conditional,
                                       PrepareContext& context) {
    using enum syntax::Assignment::Kind;
    const ColumnSpec receiver = specOf(table, column);
    switch (assignment.kind) {
        case Set: return prepareSet(table, column, assignment.value, context);
        case SetElement: return prepareSetElement(assignment, column, receiver, context);
        case SetField: return prepareSetField(assignment, column, receiver, context);
        case Add: return prepareAdd(assignment, column, receiver, conditional, context);
        case Subtract: return prepareSubtract(assignment, column, receiver, context);
        case Prepend: return preparePrepend(assignment, column, receiver, context);
    }
    return invalid("Invalid operation");
}

Result<OperationPtr> prepareDeletion(const schema::Table& table, const schema::Column& column,
                                     const syntax::Deletion& deletion, PrepareContext& context) {
    const ColumnSpec receiver = specOf(table, column);
    if (deletion.field) {
        if (column.type->kind() != Kind::Udt) {
            return invalid("Invalid field deletion operation for non-UDT column " + column.name);
        }
        if (!column.type->isMultiCell()) {
            return invalid(fmt::format("Frozen UDT column {} does not support field deletions",
                                       column.name));
        }
        TRY_ASSIGN(const int field, fieldOf(column, *deletion.field));
        return setField(column, field, std::nullopt);
    }
    if (!deletion.element) {
        return deleteColumn(column);
    }
    if (!column.type->isCollection()) {
        return invalid("Invalid deletion operation for non collection column " + column.name);
    }
    if (!column.type->isMultiCell()) {
        return invalid("Invalid deletion operation for frozen collection column " + column.name);
    }
    switch (column.type->kind()) {
        case Kind::List: {
            TRY_ASSIGN(Term index, prepareTerm(*deletion.element, indexSpec(receiver), context));
            return setListElement(column, std::move(index), std::nullopt);
        }
        case Kind::Set: {
            TRY_ASSIGN(Term element, prepareTerm(*deletion.element, elementSpec(receiver), context));
            return deleteSetElement(column, std::move(element));
        }
        default: {
            TRY_ASSIGN(Term key, prepareTerm(*deletion.element, keySpec(receiver), context));
            return setMapEntry(column, std::move(key), std::nullopt);
        }
    }
}

}  // namespace engine::cql
