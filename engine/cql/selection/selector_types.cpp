#include <algorithm>

#include "engine/cql/selection/selection_builder.h"
#include "engine/cql/terms/term_preparer.h"
#include "engine/cql/type_ref.h"

/// What is known of selectors before anything is prepared: types and whether they fit.
namespace engine::cql {
namespace {

using types::Assignment;
using types::Kind;

Assignment worse(Assignment a, Assignment b) { return std::min(a, b); }

}  // namespace

types::TypePtr SelectionBuilder::exactType(const syntax::Selector& selector) const {
    return guess(selector, true);
}

types::TypePtr SelectionBuilder::compatibleType(const syntax::Selector& selector) const {
    return guess(selector, false);
}

types::TypePtr SelectionBuilder::guess(const syntax::Selector& selector, bool exact) const {
    if (const auto* column = std::get_if<syntax::ColumnSelector>(&selector.node)) {
        const schema::Column* found = m_table.find(column->column.text);
        return found != nullptr ? found->type : nullptr;
    }
    if (const auto* term = std::get_if<syntax::TermSelector>(&selector.node)) {
        return exact ? exactTypeIfKnown(term->term, m_context)
                     : compatibleTypeIfKnown(term->term, m_context);
    }
    if (const auto* hint = std::get_if<syntax::HintSelector>(&selector.node)) {
        auto type = resolveType(hint->type, m_context.schema, m_context.keyspace);
        return type ? types::freeze(type.value()) : nullptr;
    }
    if (const auto* field = std::get_if<syntax::FieldSelector>(&selector.node)) {
        const types::TypePtr type = guess(field->operand[0], true);
        const int index = type && type->kind() == Kind::Udt ? type->fieldIndex(field->field.text) : -1;
        return index < 0 ? nullptr : type->element(static_cast<std::size_t>(index));
    }
    if (const auto* element = std::get_if<syntax::ElementSelector>(&selector.node)) {
        const types::TypePtr type = guess(element->operand[0], true);
        return type && type->isCollection() ? type->valueType() : nullptr;
    }
    if (const auto* slice = std::get_if<syntax::SliceSelector>(&selector.node)) {
        return guess(slice->operand[0], true);
    }
    if (const auto* metadata = std::get_if<syntax::MetadataSelector>(&selector.node)) {
        const schema::Column* column = m_table.find(metadata->column.text);
        const bool single = metadata->kind == syntax::MetadataSelector::Kind::MaxWritetime ||
                            std::holds_alternative<syntax::ElementSelector>(metadata->target[0].node) ||
                            std::holds_alternative<syntax::FieldSelector>(metadata->target[0].node);
        const auto& one = metadata->kind == syntax::MetadataSelector::Kind::Ttl ? types::int32()
                                                                                : types::bigint();
        return !single && column != nullptr && column->type->isMultiCell() ? types::list(one, false)
                                                                           : one;
    }
    if (std::holds_alternative<syntax::MapSelector>(selector.node)) {
        return nullptr;  // A map or a user type: somebody has to say.
    }
    if (const auto* tuple = std::get_if<syntax::TupleSelector>(&selector.node)) {
        if (exact && tuple->items.size() == 1) {
            return nullptr;  // Parentheses or a tuple of one.
        }
        std::vector<types::TypePtr> parts;
        for (const syntax::Selector& item : tuple->items) {
            types::TypePtr type = guess(item, exact);
            if (!type) {
                return nullptr;
            }
            parts.push_back(std::move(type));
        }
        return parts.size() == 1 ? parts[0] : types::tuple(std::move(parts));
    }
    if (const auto* items = itemsOf(selector)) {
        for (const syntax::Selector& item : *items) {
            if (types::TypePtr type = guess(item, exact)) {
                return std::holds_alternative<syntax::ListSelector>(selector.node)
                           ? types::list(type, false)
                           : types::set(type, false);
            }
        }
        return nullptr;
    }
    auto found = resolve(callOf(selector));
    return found && found.value() ? found.value()->returnType() : nullptr;
}

Result<Assignment> SelectionBuilder::testElements(const Selectors& items,
                                                  const types::TypePtr& type) const {
    Assignment all = items.empty() ? Assignment::WeaklyAssignable : Assignment::Exact;
    for (const syntax::Selector* item : items) {
        TRY_ASSIGN(const auto fits, test(*item, type));
        all = worse(all, fits);
    }
    return all;
}

Result<Assignment> SelectionBuilder::test(const syntax::Selector& selector,
                                          const types::TypePtr& receiver) const {
    if (const auto* term = std::get_if<syntax::TermSelector>(&selector.node)) {
        return testAssignment(term->term, spec("[selection]", receiver), m_context);
    }
    Selectors elements;
    if (const auto* items = itemsOf(selector)) {
        for (const syntax::Selector& item : *items) {
            elements.push_back(&item);
        }
        if (const bool tuple = std::holds_alternative<syntax::TupleSelector>(selector.node); tuple) {
            if (elements.size() == 1 && receiver->kind() != Kind::Tuple) {
                return test(*elements[0], receiver);
            }
            if (receiver->kind() != Kind::Tuple || elements.size() > receiver->elements().size()) {
                return Assignment::NotAssignable;
            }
            Assignment all = Assignment::WeaklyAssignable;
            for (std::size_t i = 0; i < elements.size(); ++i) {
                TRY_ASSIGN(const auto fits, test(*elements[i], receiver->element(i)));
                all = worse(all, fits);
            }
            return all;
        }
        const bool list = std::holds_alternative<syntax::ListSelector>(selector.node);
        if (list && receiver->kind() == Kind::Vector &&
            static_cast<std::int64_t>(elements.size()) == receiver->dimension()) {
            return testElements(elements, receiver->element());
        }
        if (!list && receiver->kind() == Kind::Map && elements.empty()) {
            return Assignment::WeaklyAssignable;
        }
        if (receiver->kind() != (list ? Kind::List : Kind::Set)) {
            return Assignment::NotAssignable;
        }
        return testElements(elements, receiver->element());
    }
    if (const auto* map = std::get_if<syntax::MapSelector>(&selector.node)) {
        if (receiver->kind() == Kind::Udt) {
            return Assignment::WeaklyAssignable;
        }
        if (receiver->kind() != Kind::Map) {
            return Assignment::NotAssignable;
        }
        Assignment all = Assignment::Exact;
        for (const auto& [key, value] : map->entries) {
            TRY_ASSIGN(const auto keyFits, test(key, receiver->keyType()));
            TRY_ASSIGN(const auto valueFits, test(value, receiver->valueType()));
            all = worse(all, worse(keyFits, valueFits));
        }
        return all;
    }
    const types::TypePtr type = exactType(selector);
    return type ? types::typeAssignment(*type, *receiver) : Assignment::NotAssignable;
}

}  // namespace engine::cql
