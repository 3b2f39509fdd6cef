#include "engine/cql/modification/conditions.h"

#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/types/data_type.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using syntax::Operator;
using types::Kind;

/// What the condition's value is compared with: the column, one of its elements, or a field.
Result<ColumnSpec> targetOf(const syntax::Condition& condition, const schema::Column& column,
                            const ColumnSpec& receiver, PrepareContext& context) {
    if (condition.element) {
        const Kind kind = column.type->kind();
        if (kind == Kind::List || kind == Kind::Map) {
            TRY(prepareTerm(*condition.element,
                            kind == Kind::List ? indexSpec(receiver) : keySpec(receiver), context));
            return elementSpec(receiver);
        }
        return invalidAt(condition.span,
                         fmt::format("Invalid element access syntax for {} column {}",
                                     kind == Kind::Set ? "set" : "non-collection", column.name));
    }
    if (condition.field) {
        const int field =
            column.type->kind() == Kind::Udt ? column.type->fieldIndex(condition.field->text) : -1;
        if (field < 0) {
            return invalidAt(condition.span,
                             column.type->kind() == Kind::Udt
                                 ? fmt::format("Unknown field {} for column {}", condition.field->text,
                                               column.name)
                                 : fmt::format("Invalid field access syntax for non-UDT column {}",
                                               column.name));
        }
        return fieldSpec(receiver, static_cast<std::size_t>(field));
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

}  // namespace

Result<ConditionColumns> prepareConditions(const std::vector<syntax::Condition>& conditions,
                                           const schema::Table& table, PrepareContext& context) {
    ConditionColumns out;
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
        (column->kind == schema::ColumnKind::Static ? out.onStatic : out.onRegular) = true;
        TRY_ASSIGN(ColumnSpec target, targetOf(condition, *column, specOf(table, *column), context));
        if (condition.inMarker) {
            target.name = "in(" + target.name + ")";
            target.type = types::list(target.type, false);
        }
        for (const syntax::Term& value : condition.values) {
            TRY(prepareTerm(value, target, context));
        }
    }
    return out;
}

}  // namespace engine::cql
