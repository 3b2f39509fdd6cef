#include "engine/cql/selection/selection_builder.h"

#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/restrictions/relation_preparer.h"
#include "engine/cql/selection/selectors.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/literals.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/cql/type_ref.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using types::Kind;

Error cannotInfer(const syntax::Selector& selector) {
    return invalidAt(selector.span, fmt::format("Cannot infer type for term {} in selection clause (try "
                                                "using a cast to force a type)",
                                                textOf(selector)));
}

bool isKey(const schema::Column& column) {
    return column.kind == schema::ColumnKind::PartitionKey ||
           column.kind == schema::ColumnKind::Clustering;
}

/// A user type's own keyspace is told in headings.
std::string hintText(const syntax::TypeRef& type, const std::string& keyspace) {
    syntax::TypeRef qualified = type;
    if (type.kind == syntax::TypeRef::Kind::User && type.keyspace.absent()) {
        qualified.keyspace.text = keyspace;
    }
    return textOf(qualified);
}

}  // namespace

Result<SelectionBuilder::Prepared> SelectionBuilder::prepare(const syntax::Selector& selector,
                                                             const types::TypePtr& expected) {
    if (const auto* column = std::get_if<syntax::ColumnSelector>(&selector.node)) {
        return prepareColumn(*column);
    }
    if (const auto* term = std::get_if<syntax::TermSelector>(&selector.node)) {
        return prepareTermSelector(selector, term->term, expected);
    }
    if (const auto* metadata = std::get_if<syntax::MetadataSelector>(&selector.node)) {
        return prepareMetadata(*metadata);
    }
    if (const auto* hint = std::get_if<syntax::HintSelector>(&selector.node)) {
        return prepareHint(*hint, selector);
    }
    if (const auto* field = std::get_if<syntax::FieldSelector>(&selector.node)) {
        return prepareField(*field);
    }
    if (const auto* element = std::get_if<syntax::ElementSelector>(&selector.node)) {
        return prepareElement(*element);
    }
    if (const auto* slice = std::get_if<syntax::SliceSelector>(&selector.node)) {
        return prepareSlice(*slice);
    }
    return isCall(selector) ? prepareCall(selector) : prepareLiteral(selector, expected);
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareColumn(
    const syntax::ColumnSelector& selector) {
    TRY_ASSIGN(const schema::Column* column, existingColumn(m_table, selector.column));
    const auto index = static_cast<int>(m_selection.indexOf(*column));
    return Prepared{selectColumn(index, column->type), column->name};
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareTermSelector(
    const syntax::Selector& selector, const syntax::Term& term, const types::TypePtr& expected) {
    types::TypePtr type = exactTypeIfKnown(term, m_context);
    type = type ? type : expected;
    if (!type) {
        return cannotInfer(selector);
    }
    TRY_ASSIGN(Term prepared, prepareTerm(term, spec("[selection]", type), m_context));
    return Prepared{selectTerm(std::move(prepared), type), textOf(term)};
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareHint(const syntax::HintSelector& hint,
                                                                 const syntax::Selector& selector) {
    TRY_ASSIGN(auto type, resolveType(hint.type, m_context.schema, m_context.keyspace));
    type = types::freeze(type);
    TRY_ASSIGN(const auto fits, test(hint.operand[0], type));
    if (fits == types::Assignment::NotAssignable) {
        const auto* list = std::get_if<syntax::ListSelector>(&hint.operand[0].node);
        if (list != nullptr && type->kind() == Kind::Vector) {
            return invalidAt(selector.span, fmt::format("Unable to create a vector selector of type {} from {} elements",
                                                        types::cqlName(*type), list->items.size()));
        }
        // A call is told by the function that was found.
        const Result<Prepared> named =
            isCall(hint.operand[0]) ? prepare(hint.operand[0], nullptr) : Result<Prepared>(cannotInfer(selector));
        const std::string text =
            named ? fmt::format("({}){}", hintText(hint.type, m_context.keyspace), named.value().name) : textOf(selector);
        return invalidAt(selector.span, fmt::format("Cannot assign value {} to {} of type {}", text, text,
                                                    types::cqlName(*type)));
    }
    TRY_ASSIGN(Prepared operand, prepare(hint.operand[0], type));
    std::string name = fmt::format("({}){}", hintText(hint.type, m_context.keyspace), operand.name);
    return Prepared{selectAs(std::move(operand.selector), type), std::move(name)};
}

Result<types::TypePtr> SelectionBuilder::operandType(const syntax::Selector& selector) const {
    if (const auto* column = std::get_if<syntax::ColumnSelector>(&selector.node)) {
        TRY(existingColumn(m_table, column->column));
    }
    return exactType(selector);
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareField(const syntax::FieldSelector& field) {
    TRY_ASSIGN(Prepared operand, prepare(field.operand[0], nullptr));
    const types::DataType& type = *operand.selector->type();
    if (type.kind() != Kind::Udt) {
        const auto* outer = std::get_if<syntax::FieldSelector>(&field.operand[0].node);
        const types::TypePtr owner = outer != nullptr ? exactType(outer->operand[0]) : nullptr;
        const types::TypePtr told =
            owner ? declaredField(*owner, static_cast<std::size_t>(owner->fieldIndex(outer->field.text)), m_context.schema)
                  : operand.selector->type();
        return invalidAt(field.field.span,
                         fmt::format("Invalid field selection: {} of type {} is not a user type",
                                     textOf(field.operand[0]), types::cqlName(*told)));
    }
    const int index = type.fieldIndex(field.field.text);
    if (index < 0) {
        return invalidAt(field.field.span,
                         fmt::format("{} of type {} has no field {}", textOf(field.operand[0]),
                                     types::cqlName(type), field.field.text));
    }
    std::string name = operand.name + "." + field.field.text;
    return Prepared{selectField(std::move(operand.selector), static_cast<std::size_t>(index)),
                    std::move(name)};
}

namespace {

Result<void> checkCollection(const types::DataType& type, const syntax::Selector& operand,
                             bool slice) {
    if (!type.isCollection()) {
        return invalidAt(operand.span,
                         slice ? fmt::format("Invalid slice selection: {} of type {} is not a collection",
                                             textOf(operand), types::cqlName(type))
                               : fmt::format("Invalid element selection: {} is of type {} is not a collection",
                                             textOf(operand), types::cqlName(type)));
    }
    if (type.kind() == Kind::List) {
        return invalidAt(operand.span,
                         fmt::format("{} selection is only allowed on sets and maps, but {} is a list",
                                     slice ? "Slice" : "Element", textOf(operand)));
    }
    return ok();
}

ColumnSpec keyOf(const ColumnSpec& receiver) {
    return receiver.type->kind() == Kind::Map ? keySpec(receiver) : elementSpec(receiver);
}

}  // namespace

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareElement(
    const syntax::ElementSelector& element) {
    TRY_ASSIGN(Prepared operand, prepare(element.operand[0], nullptr));
    const types::TypePtr type = operand.selector->type();
    TRY(checkCollection(*type, element.operand[0], false));
    TRY_ASSIGN(Term key, prepareTerm(element.key, keyOf(spec(operand.name, type)), m_context));
    std::string name = fmt::format("{}[{}]", operand.name, textOf(element.key));
    return Prepared{selectElement(std::move(operand.selector), std::move(key), operand.name),
                    std::move(name)};
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareSlice(const syntax::SliceSelector& slice) {
    TRY_ASSIGN(Prepared operand, prepare(slice.operand[0], nullptr));
    const types::TypePtr type = operand.selector->type();
    TRY(checkCollection(*type, slice.operand[0], true));
    const ColumnSpec key = keyOf(spec(operand.name, type));
    std::optional<Term> from;
    std::optional<Term> to;
    if (slice.from) {
        TRY_ASSIGN(from, prepareTerm(*slice.from, key, m_context));
    }
    if (slice.to) {
        TRY_ASSIGN(to, prepareTerm(*slice.to, key, m_context));
    }
    std::string name = fmt::format("{}[{}..{}]", operand.name, slice.from ? textOf(*slice.from) : "",
                                   slice.to ? textOf(*slice.to) : "");
    return Prepared{selectSlice(std::move(operand.selector), std::move(from), std::move(to),
                                operand.name),
                    std::move(name)};
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareMetadata(
    const syntax::MetadataSelector& metadata) {
    TRY_ASSIGN(const schema::Column* column, existingColumn(m_table, metadata.column));
    static constexpr const char* kNames[] = {"writetime", "maxwritetime", "ttl"};
    const std::string function = kNames[static_cast<int>(metadata.kind)];
    if (isKey(*column)) {
        return invalidAt(metadata.column.span,
                         fmt::format("Cannot use selection function {} on PRIMARY KEY part {}", function,
                                     column->name));
    }
    // The target is checked, and named, as a selection of its own.
    const syntax::Selector& written = metadata.target[0];
    TRY_ASSIGN(Prepared part, prepare(written, nullptr));
    const ColumnSpec receiver = specOf(m_table, *column);
    MetadataTarget target;
    target.kind = metadata.kind;
    target.column = column;
    if (const auto* element = std::get_if<syntax::ElementSelector>(&written.node)) {
        TRY_ASSIGN(target.element, prepareTerm(element->key, keyOf(receiver), m_context));
    } else if (const auto* field = std::get_if<syntax::FieldSelector>(&written.node)) {
        target.field = column->type->fieldIndex(field->field.text);
    } else if (const auto* slice = std::get_if<syntax::SliceSelector>(&written.node)) {
        target.isSlice = true;
        if (slice->from) {
            TRY_ASSIGN(target.from, prepareTerm(*slice->from, keyOf(receiver), m_context));
        }
        if (slice->to) {
            TRY_ASSIGN(target.to, prepareTerm(*slice->to, keyOf(receiver), m_context));
        }
    }
    m_selection.usesMetadata = true;
    if (!column->type->isMultiCell()) {
        target.part = std::move(part.selector);
    }
    return Prepared{selectMetadata(std::move(target)), fmt::format("{}({})", function, part.name)};
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareLiteral(const syntax::Selector& selector,
                                                                    const types::TypePtr& expected) {
    types::TypePtr type = expected;
    if (const auto* tuple = std::get_if<syntax::TupleSelector>(&selector.node)) {
        // One selector in parentheses is a tuple only where one is wanted.
        if (tuple->items.size() == 1 && (!type || type->kind() != Kind::Tuple)) {
            if (!type) {
                return cannotInfer(selector);
            }
            TRY_ASSIGN(Prepared item, prepare(tuple->items[0], type));
            return Prepared{std::move(item.selector), "(" + item.name + ")"};
        }
    }
    type = type ? type : exactType(selector);
    if (!type) {
        return cannotInfer(selector);
    }
    std::vector<SelectorPtr> parts;
    std::string names;
    const auto add = [&](const syntax::Selector& item, const types::TypePtr& itemType,
                         std::string_view before) -> Result<void> {
        TRY_ASSIGN(Prepared part, prepare(item, itemType));
        names += std::string(before) + part.name;
        parts.push_back(std::move(part.selector));
        return ok();
    };
    if (const auto* map = std::get_if<syntax::MapSelector>(&selector.node)) {
        if (type->kind() == Kind::Udt) {
            parts.resize(type->elements().size());
            for (const auto& [key, value] : map->entries) {
                const int field = type->fieldIndex(textOf(key));
                if (field < 0) {
                    return invalidAt(key.span,
                                     fmt::format("Unknown field '{}' in value of user defined type {}",
                                                 textOf(key), type->udtName()));
                }
                TRY_ASSIGN(Prepared part,
                           prepare(value, type->element(static_cast<std::size_t>(field))));
                names += (names.empty() ? "" : ", ") + textOf(key) + ": " + part.name;
                parts[static_cast<std::size_t>(field)] = std::move(part.selector);
            }
        } else {
            for (const auto& [key, value] : map->entries) {
                TRY(add(key, type->keyType(), names.empty() ? "" : ", "));
                TRY(add(value, type->valueType(), ": "));
            }
        }
        return Prepared{selectLiteral(type, std::move(parts)), "{" + names + "}"};
    }
    const auto& items = *itemsOf(selector);
    for (std::size_t i = 0; i < items.size(); ++i) {
        TRY(add(items[i], type->kind() == Kind::Tuple ? type->element(i) : type->valueType(),
                i == 0 ? "" : ", "));
    }
    const bool list = std::holds_alternative<syntax::ListSelector>(selector.node);
    const bool set = std::holds_alternative<syntax::SetSelector>(selector.node);
    const char* brackets = list ? "[]" : set ? "{}" : "()";
    return Prepared{selectLiteral(type, std::move(parts)), brackets[0] + names + brackets[1]};
}

bool isCall(const syntax::Selector& selector) {
    return std::holds_alternative<syntax::CallSelector>(selector.node) ||
           std::holds_alternative<syntax::CastSelector>(selector.node) ||
           std::holds_alternative<syntax::CountRowsSelector>(selector.node) ||
           std::holds_alternative<syntax::ArithmeticSelector>(selector.node) ||
           std::holds_alternative<syntax::NegateSelector>(selector.node);
}

const std::vector<syntax::Selector>* itemsOf(const syntax::Selector& selector) {
    if (const auto* list = std::get_if<syntax::ListSelector>(&selector.node)) {
        return &list->items;
    }
    if (const auto* set = std::get_if<syntax::SetSelector>(&selector.node)) {
        return &set->items;
    }
    if (const auto* tuple = std::get_if<syntax::TupleSelector>(&selector.node)) {
        return &tuple->items;
    }
    return nullptr;
}

}  // namespace engine::cql
