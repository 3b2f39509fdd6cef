#include "engine/cql/restrictions/relation_preparer.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using syntax::Operator;
using types::Kind;
using Columns = std::vector<const schema::Column*>;

bool isSlice(Operator op) {
    return op == Operator::Lt || op == Operator::Lte || op == Operator::Gt || op == Operator::Gte;
}

Result<void> checkMapEntry(const syntax::Relation& relation, const schema::Column& column) {
    if (column.type->kind() == Kind::List) {
        return invalidAt(relation.span,
                         fmt::format("Indexes on list entries ({}[index] = value) are not currently supported.",
                                     column.name));
    }
    if (column.type->kind() != Kind::Map) {
        return invalidAt(relation.span,
                         fmt::format("Column {} cannot be used as a map", column.name));
    }
    if (!column.type->isMultiCell()) {
        return invalidAt(relation.span,
                         fmt::format("Map-entry equality predicates on frozen map column {} are not "
                                     "supported",
                                     column.name));
    }
    if (relation.op != Operator::Eq) {
        return invalidAt(relation.span, "Only EQ relations are supported on map entries");
    }
    return ok();
}

/// SingleColumnRelation.toReceivers: what relations a column's type allows.
Result<void> checkColumn(const syntax::Relation& relation, const schema::Column& column) {
    const types::DataType& type = *column.type;
    if (relation.op == Operator::ContainsKey && type.kind() != Kind::Map) {
        return invalidAt(relation.span, fmt::format("Cannot use CONTAINS KEY on non-map column {}",
                                                    column.name));
    }
    // Cassandra does not look through the reversed type of a descending column.
    if (relation.op == Operator::Contains && (!type.isCollection() || column.descending)) {
        return invalidAt(relation.span, fmt::format("Cannot use CONTAINS on non-collection column {}",
                                                    column.name));
    }
    if (relation.key) {
        TRY(checkMapEntry(relation, column));
    }
    if (type.kind() == Kind::Udt && type.isMultiCell()) {
        return invalidAt(relation.span, fmt::format("Non-frozen UDT column '{}' ({}) cannot be "
                                                    "restricted by any relation",
                                                    column.name, types::cqlName(type)));
    }
    const bool legal = relation.op == Operator::Contains || relation.op == Operator::ContainsKey ||
                       relation.key;
    if (type.isCollection() && type.isMultiCell() && !legal) {
        return invalidAt(relation.span,
                         fmt::format("Collection column '{}' ({}) cannot be restricted by a '{}' relation",
                                     column.name, types::cqlName(type), textOf(relation.op)));
    }
    return ok();
}

Result<void> checkSlice(const types::DataType& type) {
    if (!type.references(Kind::Duration)) {
        return ok();
    }
    if (type.isCollection()) {
        return invalid("Slice restrictions are not supported on collections containing durations");
    }
    if (type.kind() == Kind::Udt) {
        return invalid("Slice restrictions are not supported on UDTs containing durations");
    }
    if (type.kind() == Kind::Tuple) {
        return invalid("Slice restrictions are not supported on tuples containing durations");
    }
    return invalid("Slice restrictions are not supported on duration columns");
}

void setBound(Restriction& restriction, Operator op, RowValue value) {
    restriction.kind = Restriction::Kind::Slice;
    if (op == Operator::Gt || op == Operator::Gte) {
        restriction.lower = std::move(value);
        restriction.lowerInclusive = op == Operator::Gte;
    } else {
        restriction.upper = std::move(value);
        restriction.upperInclusive = op == Operator::Lte;
    }
}

Error unsupported(const syntax::Relation& relation) {
    return invalidAt(relation.span, fmt::format("Unsupported \"{}\" relation: {}",
                                                textOf(relation.op), textOf(relation)));
}

Result<Restriction> prepareContains(const syntax::Relation& relation, const ColumnSpec& receiver,
                                    Restriction restriction, PrepareContext& context) {
    restriction.kind = Restriction::Kind::Contains;
    ContainsCondition condition;
    ColumnSpec spec = elementSpec(receiver);
    if (relation.op == Operator::ContainsKey) {
        condition.kind = ContainsCondition::Kind::Key;
        spec = keySpec(receiver);
    } else if (relation.key) {
        condition.kind = ContainsCondition::Kind::Entry;
        TRY_ASSIGN(condition.key, prepareTerm(*relation.key, keySpec(receiver), context));
    }
    TRY_ASSIGN(condition.value, prepareTerm(relation.values[0], spec, context));
    restriction.contains.push_back(std::move(condition));
    return restriction;
}

Result<Restriction> prepareColumn(const syntax::Relation& relation, const schema::Table& table,
                                  PrepareContext& context) {
    TRY_ASSIGN(const schema::Column* column, existingColumn(table, relation.columns[0]));
    if (relation.op == Operator::Neq) {
        return unsupported(relation);
    }
    const ColumnSpec receiver = specOf(table, *column);
    Restriction restriction;
    restriction.columns = {column};
    if (isSlice(relation.op)) {
        TRY(checkSlice(*column->type));
    }
    TRY(checkColumn(relation, *column));
    if (relation.key || relation.op == Operator::Contains || relation.op == Operator::ContainsKey) {
        return prepareContains(relation, receiver, std::move(restriction), context);
    }
    if (relation.op == Operator::In && relation.inMarker) {
        const ColumnSpec list{receiver.keyspace, receiver.table, "in(" + receiver.name + ")",
                              types::list(receiver.type, false)};
        restriction.kind = Restriction::Kind::In;
        TRY_ASSIGN(restriction.inMarker, prepareTerm(relation.values[0], list, context));
        return restriction;
    }
    std::vector<RowValue> values;
    for (const syntax::Term& value : relation.values) {
        TRY_ASSIGN(Term term, prepareTerm(value, receiver, context));
        values.push_back({{std::move(term)}, std::nullopt});
    }
    if (relation.op == Operator::Like) {
        restriction.kind = Restriction::Kind::Like;
        restriction.eq = std::move(values[0]);
    } else if (isSlice(relation.op)) {
        setBound(restriction, relation.op, std::move(values[0]));
    } else if (values.size() == 1) {
        restriction.eq = std::move(values[0]);
    } else {
        restriction.kind = Restriction::Kind::In;
        restriction.in = std::move(values);
    }
    return restriction;
}

Result<Columns> multiColumns(const syntax::Relation& relation, const schema::Table& table) {
    Columns columns;
    for (const syntax::Name& name : relation.columns) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(table, name));
        if (column->kind != schema::ColumnKind::Clustering) {
            return invalidAt(name.span, fmt::format("Multi-column relations can only be applied to "
                                                    "clustering columns but was applied to: {}",
                                                    column->name));
        }
        if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
            return invalidAt(name.span, fmt::format("Column \"{}\" appeared twice in a relation: {}",
                                                    column->name, textOf(relation)));
        }
        if (!columns.empty() && column->position != columns.back()->position + 1) {
            return invalidAt(name.span, fmt::format("Clustering columns must appear in the PRIMARY KEY "
                                                    "order in multi-column relations: {}",
                                                    textOf(relation)));
        }
        columns.push_back(column);
    }
    return columns;
}

ColumnSpec tupleSpec(const schema::Table& table, const Columns& columns, bool in) {
    std::string name = in ? "in(" : "(";
    std::vector<types::TypePtr> parts;
    for (const schema::Column* column : columns) {
        name += (parts.empty() ? "" : ",") + column->name;
        parts.push_back(column->type);
    }
    types::TypePtr type = types::tuple(std::move(parts));
    return {table.keyspace, table.name, name + ")", in ? types::list(type, false) : type};
}

Result<RowValue> prepareRowValue(const syntax::Term& term, const schema::Table& table,
                                 const Columns& columns, PrepareContext& context) {
    RowValue value;
    const auto* tuple = std::get_if<syntax::TupleTerm>(&term.node);
    if (tuple == nullptr) {
        TRY_ASSIGN(value.tuple, prepareTerm(term, tupleSpec(table, columns, false), context));
        return value;
    }
    if (tuple->items.size() != columns.size()) {
        return invalidAt(term.span, fmt::format("Expected {} elements in value tuple, but got {}: {}",
                                                columns.size(), tuple->items.size(), textOf(term)));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        TRY_ASSIGN(Term element, prepareTerm(tuple->items[i], specOf(table, *columns[i]), context));
        value.elements.push_back(std::move(element));
    }
    return value;
}

Result<Restriction> prepareColumns(const syntax::Relation& relation, const schema::Table& table,
                                   PrepareContext& context) {
    Restriction restriction;
    restriction.multi = true;
    TRY_ASSIGN(restriction.columns, multiColumns(relation, table));
    if (relation.op == Operator::In && relation.inMarker) {
        restriction.kind = Restriction::Kind::In;
        TRY_ASSIGN(restriction.inMarker,
                   prepareTerm(relation.values[0], tupleSpec(table, restriction.columns, true),
                               context));
        return restriction;
    }
    if (relation.op != Operator::Eq && relation.op != Operator::In && !isSlice(relation.op)) {
        return unsupported(relation);
    }
    if (isSlice(relation.op)) {
        for (const schema::Column* column : restriction.columns) {
            TRY(checkSlice(*column->type));
        }
    }
    std::vector<RowValue> values;
    for (const syntax::Term& term : relation.values) {
        TRY_ASSIGN(RowValue value, prepareRowValue(term, table, restriction.columns, context));
        values.push_back(std::move(value));
    }
    if (isSlice(relation.op)) {
        setBound(restriction, relation.op, std::move(values[0]));
    } else if (values.size() == 1) {
        restriction.eq = std::move(values[0]);
    } else {
        restriction.kind = Restriction::Kind::In;
        restriction.in = std::move(values);
    }
    return restriction;
}

Result<void> checkTokenColumns(const Columns& columns, const schema::Table& table) {
    const auto key = table.partitionKey();
    const auto isKeyColumn = [&key](const schema::Column* column) {
        return column >= key.data() && column < key.data() + key.size();
    };
    bool inOrder = columns.size() == key.size();
    for (std::size_t i = 0; inOrder && i < columns.size(); ++i) {
        inOrder = columns[i] == &key[i];
    }
    if (inOrder) {
        return ok();
    }
    std::string names;
    for (const schema::Column& column : key) {
        if (std::find(columns.begin(), columns.end(), &column) == columns.end()) {
            return invalid(
                "The token() function must be applied to all partition key components or none of them");
        }
        names += (names.empty() ? "" : ", ") + column.name;
    }
    Columns sorted = columns;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        return invalid("The token() function contains duplicate partition key components");
    }
    if (!std::all_of(columns.begin(), columns.end(), isKeyColumn)) {
        return invalid("The token() function must contains only partition key components");
    }
    return invalid("The token function arguments must be in the partition key order: " + names);
}

Result<TokenRestriction> prepareToken(const syntax::Relation& relation, const schema::Table& table,
                                      PrepareContext& context) {
    Columns columns;
    TokenRestriction restriction;
    for (const syntax::Name& name : relation.columns) {
        TRY_ASSIGN(const schema::Column* column, existingColumn(table, name));
        columns.push_back(column);
        restriction.columns += (restriction.columns.empty() ? "" : ", ") + column->name;
    }
    if (relation.op == Operator::Neq) {
        return unsupported(relation);
    }
    if (relation.op != Operator::Eq && !isSlice(relation.op)) {
        return invalidAt(relation.span, fmt::format("{} cannot be used with the token function",
                                                    textOf(relation.op)));
    }
    TRY(checkTokenColumns(columns, table));
    const ColumnSpec receiver{table.keyspace, table.name, "partition key token", types::bigint()};
    TRY_ASSIGN(Term term, prepareTerm(relation.values[0], receiver, context));
    switch (relation.op) {
        case Operator::Gt:
        case Operator::Gte:
            restriction.lower = std::move(term);
            restriction.lowerInclusive = relation.op == Operator::Gte;
            break;
        case Operator::Lt:
        case Operator::Lte:
            restriction.upper = std::move(term);
            restriction.upperInclusive = relation.op == Operator::Lte;
            break;
        default: restriction.eq = std::move(term);
    }
    return restriction;
}

/// No index that is here takes expressions of its own.
Error customExpression(const syntax::Relation& relation, const schema::Table& table) {
    const std::string& name = relation.index.name.text;
    const auto it = std::find_if(table.indexes.begin(), table.indexes.end(),
                                 [&](const schema::Index& index) { return index.name == name; });
    if (it == table.indexes.end()) {
        return invalidAt(relation.span, fmt::format("Invalid index expression, index {} not found for {}.{}",
                                                    name, table.keyspace, table.name));
    }
    if (it->kind != "CUSTOM") {
        return invalidAt(relation.span, fmt::format("Only CUSTOM indexes may be used in custom index "
                                                    "expressions, {} is not valid",
                                                    name));
    }
    return invalidAt(relation.span, fmt::format("Index {} does not support custom expressions", name));
}

}  // namespace

Result<const schema::Column*> existingColumn(const schema::Table& table, const syntax::Name& name) {
    if (const schema::Column* column = table.find(name.text)) {
        return column;
    }
    return invalidAt(name.span, fmt::format("Undefined column name {} in table {}.{}",
                                            types::maybeQuote(name.text),
                                            types::maybeQuote(table.keyspace),
                                            types::maybeQuote(table.name)));
}

ColumnSpec specOf(const schema::Table& table, const schema::Column& column) {
    return {table.keyspace, table.name, column.name, column.type};
}

Result<std::variant<Restriction, TokenRestriction>> prepareRelation(const syntax::Relation& relation,
                                                                    const schema::Table& table,
                                                                    PrepareContext& context) {
    using Both = std::variant<Restriction, TokenRestriction>;
    if (relation.op == Operator::IsNotNull) {
        return invalidAt(relation.span, "Unsupported restriction: " + textOf(relation));
    }
    switch (relation.kind) {
        case syntax::Relation::Kind::Column:
        case syntax::Relation::Kind::Element: {
            TRY_ASSIGN(auto restriction, prepareColumn(relation, table, context));
            return Both(std::move(restriction));
        }
        case syntax::Relation::Kind::Columns: {
            TRY_ASSIGN(auto restriction, prepareColumns(relation, table, context));
            return Both(std::move(restriction));
        }
        case syntax::Relation::Kind::Token: {
            TRY_ASSIGN(auto restriction, prepareToken(relation, table, context));
            return Both(std::move(restriction));
        }
        case syntax::Relation::Kind::IndexExpression: break;
    }
    return customExpression(relation, table);
}

}  // namespace engine::cql
