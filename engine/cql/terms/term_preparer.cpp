#include "engine/cql/terms/term_preparer.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/errors.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/calls.h"
#include "engine/cql/terms/literals.h"
#include "engine/cql/type_ref.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using types::Assignment;
using types::Kind;

types::Constant constantOf(syntax::LiteralKind kind) {
    using enum syntax::LiteralKind;
    switch (kind) {
        case Integer: return types::Constant::Integer;
        case Float: return types::Constant::Float;
        case Boolean: return types::Constant::Boolean;
        case Uuid: return types::Constant::Uuid;
        case Hex: return types::Constant::Hex;
        case Duration: return types::Constant::Duration;
        case String:
        case Null: break;
    }
    return types::Constant::String;
}

ColumnSpec derived(const ColumnSpec& receiver, std::string name, types::TypePtr type) {
    return {receiver.keyspace, receiver.table, std::move(name), std::move(type)};
}

/// 'now' is what it is when the statement runs, so such a literal is no constant.
class NowLiteral : public Term::Computed {
public:
    NowLiteral(std::string text, types::TypePtr type)
        : m_text(std::move(text)), m_type(std::move(type)) {}
    Result<BoundValue> bind(const Binding& binding) const override {
        TRY_ASSIGN(auto bytes, types::constantValue(types::Constant::String, m_text, *m_type,
                                                    binding.context.nowMicros / 1000));
        return setValue(std::move(bytes));
    }

private:
    std::string m_text;
    types::TypePtr m_type;
};

bool saysNow(std::string_view text, const types::DataType& type) {
    return type.kind() == Kind::Timestamp && text.size() == 3 && (text[0] | 32) == 'n' &&
           (text[1] | 32) == 'o' && (text[2] | 32) == 'w';
}

Result<Term> prepareLiteral(const syntax::Literal& literal, const SourceSpan& span,
                            const ColumnSpec& receiver) {
    if (literal.kind == syntax::LiteralKind::Null) {
        if (receiver.type->isCounter()) {
            return invalidAt(span, "Invalid null value for counter increment/decrement");
        }
        return Term();
    }
    const types::Constant constant = constantOf(literal.kind);
    if (types::constantAssignment(constant, literal.text, *receiver.type) ==
        Assignment::NotAssignable) {
        return invalidAt(span, fmt::format("Invalid {} constant ({}) for \"{}\" of type {}",
                                           types::constantName(constant), literal.text,
                                           receiver.name, types::cqlName(*receiver.type)));
    }
    if (saysNow(literal.text, *receiver.type)) {
        return Term::computed(std::make_shared<NowLiteral>(literal.text, receiver.type), false);
    }
    auto bytes = types::constantValue(constant, literal.text, *receiver.type);
    if (!bytes) {
        return errorAt(bytes.error().kind, bytes.error().message, span);
    }
    return Term::constant(std::move(bytes.value()));
}

Result<Term> prepareHint(const syntax::HintTerm& hint, const syntax::Term& term,
                         const ColumnSpec& receiver, PrepareContext& context) {
    TRY_ASSIGN(auto type, resolveType(hint.type, context.schema, context.keyspace));
    const ColumnSpec casted = derived(receiver, receiver.name, type);
    TRY_ASSIGN(const auto fits, testAssignment(hint.operand[0], casted, context));
    if (fits == Assignment::NotAssignable) {
        return invalidAt(term.span, fmt::format("Cannot cast value {} to type {}",
                                                textOf(hint.operand[0]), textOf(hint.type)));
    }
    TRY_ASSIGN(const auto assigned, testAssignment(term, receiver, context));
    if (assigned == Assignment::NotAssignable) {
        return invalidAt(term.span, fmt::format("Cannot assign value {} to {} of type {}",
                                                textOf(term), receiver.name,
                                                types::cqlName(*receiver.type)));
    }
    return prepareTerm(hint.operand[0], receiver, context);
}

Assignment worse(Assignment a, Assignment b) { return std::min(a, b); }

Result<Assignment> testAll(const std::vector<syntax::Term>& items, const ColumnSpec& spec,
                           const PrepareContext& context) {
    if (items.empty()) {
        return Assignment::WeaklyAssignable;
    }
    Assignment all = Assignment::Exact;
    for (const syntax::Term& item : items) {
        TRY_ASSIGN(const auto one, testAssignment(item, spec, context));
        all = worse(all, one);
    }
    return all;
}

Result<Assignment> testList(const syntax::ListTerm& list, const ColumnSpec& receiver,
                            const PrepareContext& context) {
    const types::DataType& type = *receiver.type;
    if (type.kind() == Kind::Vector) {
        if (static_cast<std::int64_t>(list.items.size()) != type.dimension()) {
            return Assignment::NotAssignable;
        }
        return testAll(list.items, elementSpec(receiver), context);
    }
    if (type.kind() != Kind::List) {
        return invalid(
            fmt::format("Unexpected receiver type '{}'; only list and vector are expected",
                        types::cqlName(type)));
    }
    return testAll(list.items, elementSpec(receiver), context);
}

Result<Assignment> testMap(const syntax::MapTerm& map, const ColumnSpec& receiver,
                           const PrepareContext& context) {
    if (receiver.type->kind() != Kind::Map) {
        return Assignment::NotAssignable;
    }
    Assignment all = map.entries.empty() ? Assignment::WeaklyAssignable : Assignment::Exact;
    for (const auto& [key, value] : map.entries) {
        TRY_ASSIGN(const auto keyFits, testAssignment(key, keySpec(receiver), context));
        TRY_ASSIGN(const auto valueFits, testAssignment(value, elementSpec(receiver), context));
        all = worse(all, worse(keyFits, valueFits));
    }
    return all;
}

Result<Assignment> testTuple(const syntax::TupleTerm& tuple, const ColumnSpec& receiver,
                             const PrepareContext& context) {
    if (tuple.items.size() == 1 && receiver.type->kind() != Kind::Tuple) {
        return testAssignment(tuple.items[0], receiver, context);
    }
    if (receiver.type->kind() != Kind::Tuple ||
        tuple.items.size() > receiver.type->elements().size()) {
        return Assignment::NotAssignable;
    }
    for (std::size_t i = 0; i < tuple.items.size(); ++i) {
        TRY_ASSIGN(const auto fits,
                   testAssignment(tuple.items[i], componentSpec(receiver, i), context));
        if (fits == Assignment::NotAssignable) {
            return fits;
        }
    }
    return Assignment::WeaklyAssignable;
}

Result<Assignment> testUserType(const syntax::UserTypeTerm& term, const ColumnSpec& receiver,
                                const PrepareContext& context) {
    if (receiver.type->kind() != Kind::Udt) {
        return Assignment::NotAssignable;
    }
    for (const auto& [name, value] : term.fields) {
        const int field = receiver.type->fieldIndex(name.text);
        if (field < 0) {
            continue;
        }
        TRY_ASSIGN(const auto fits,
                   testAssignment(value, fieldSpec(receiver, static_cast<std::size_t>(field)),
                                  context));
        if (fits == Assignment::NotAssignable) {
            return fits;
        }
    }
    return Assignment::WeaklyAssignable;
}

Result<Assignment> testHint(const syntax::HintTerm& hint, const ColumnSpec& receiver,
                            const PrepareContext& context) {
    TRY_ASSIGN(auto type, resolveType(hint.type, context.schema, context.keyspace));
    if (types::same(type, receiver.type)) {
        return Assignment::Exact;
    }
    return types::isValueCompatible(*receiver.type, *type) ? Assignment::WeaklyAssignable
                                                           : Assignment::NotAssignable;
}

using TypeGuess = types::TypePtr (*)(const syntax::Term&, const PrepareContext&);

types::TypePtr firstKnown(const std::vector<syntax::Term>& items, const PrepareContext& context,
                          TypeGuess guess) {
    for (const syntax::Term& item : items) {
        if (types::TypePtr type = guess(item, context)) {
            return type;
        }
    }
    return nullptr;
}

types::TypePtr mapType(const syntax::MapTerm& map, const PrepareContext& context, TypeGuess guess) {
    types::TypePtr key;
    types::TypePtr value;
    for (const auto& [k, v] : map.entries) {
        key = key ? key : guess(k, context);
        value = value ? value : guess(v, context);
    }
    return key && value ? types::map(key, value, false) : nullptr;
}

types::TypePtr tupleType(const syntax::TupleTerm& tuple, const PrepareContext& context,
                         TypeGuess guess) {
    std::vector<types::TypePtr> components;
    for (const syntax::Term& item : tuple.items) {
        types::TypePtr type = guess(item, context);
        if (!type) {
            return nullptr;
        }
        components.push_back(std::move(type));
    }
    return components.size() == 1 ? components[0] : types::tuple(std::move(components));
}

types::TypePtr guessType(const syntax::Term& term, const PrepareContext& context, TypeGuess guess) {
    if (const auto* hint = std::get_if<syntax::HintTerm>(&term.node)) {
        auto type = resolveType(hint->type, context.schema, context.keyspace);
        return type ? type.value() : nullptr;
    }
    if (const auto* list = std::get_if<syntax::ListTerm>(&term.node)) {
        types::TypePtr element = firstKnown(list->items, context, guess);
        return element ? types::list(element, false) : nullptr;
    }
    if (const auto* set = std::get_if<syntax::SetTerm>(&term.node)) {
        types::TypePtr element = firstKnown(set->items, context, guess);
        return element ? types::set(element, false) : nullptr;
    }
    if (const auto* map = std::get_if<syntax::MapTerm>(&term.node)) {
        return mapType(*map, context, guess);
    }
    if (const auto* tuple = std::get_if<syntax::TupleTerm>(&term.node)) {
        return tupleType(*tuple, context, guess);
    }
    if (std::holds_alternative<syntax::MarkerRef>(term.node) ||
        std::holds_alternative<syntax::UserTypeTerm>(term.node) ||
        std::holds_alternative<syntax::Literal>(term.node)) {
        return nullptr;
    }
    return callType(term, context);
}

}  // namespace

ColumnSpec elementSpec(const ColumnSpec& receiver) {
    return derived(receiver, "value(" + receiver.name + ")", receiver.type->valueType());
}
ColumnSpec keySpec(const ColumnSpec& receiver) {
    return derived(receiver, "key(" + receiver.name + ")", receiver.type->keyType());
}
ColumnSpec indexSpec(const ColumnSpec& receiver) {
    return derived(receiver, "idx(" + receiver.name + ")", types::int32());
}
ColumnSpec fieldSpec(const ColumnSpec& receiver, std::size_t field) {
    return derived(receiver, receiver.name + "." + receiver.type->fieldNames()[field],
                   receiver.type->element(field));
}
ColumnSpec componentSpec(const ColumnSpec& receiver, std::size_t i) {
    return derived(receiver, fmt::format("{}[{}]", receiver.name, i), receiver.type->element(i));
}

Result<Term> prepareTerm(const syntax::Term& term, const ColumnSpec& receiver,
                         PrepareContext& context) {
    if (const auto* literal = std::get_if<syntax::Literal>(&term.node)) {
        return prepareLiteral(*literal, term.span, receiver);
    }
    if (const auto* marker = std::get_if<syntax::MarkerRef>(&term.node)) {
        return Term::marker(context.bindMarker(*marker, receiver), receiver.type);
    }
    if (const auto* list = std::get_if<syntax::ListTerm>(&term.node)) {
        return prepareList(*list, receiver, context);
    }
    if (const auto* set = std::get_if<syntax::SetTerm>(&term.node)) {
        return prepareSet(*set, receiver, context);
    }
    if (const auto* map = std::get_if<syntax::MapTerm>(&term.node)) {
        return prepareMap(map->entries, receiver, context);
    }
    if (const auto* value = std::get_if<syntax::UserTypeTerm>(&term.node)) {
        return prepareUserType(*value, receiver, context);
    }
    if (const auto* tuple = std::get_if<syntax::TupleTerm>(&term.node)) {
        return prepareTuple(tuple->items, receiver, context);
    }
    if (const auto* hint = std::get_if<syntax::HintTerm>(&term.node)) {
        return prepareHint(*hint, term, receiver, context);
    }
    return prepareCall(term, receiver, context);
}

Result<Assignment> testAssignment(const syntax::Term& term, const ColumnSpec& receiver,
                                  const PrepareContext& context) {
    if (const auto* literal = std::get_if<syntax::Literal>(&term.node)) {
        if (literal->kind == syntax::LiteralKind::Null) {
            return receiver.type->isCounter() ? Assignment::NotAssignable
                                              : Assignment::WeaklyAssignable;
        }
        return types::constantAssignment(constantOf(literal->kind), literal->text, *receiver.type);
    }
    if (std::holds_alternative<syntax::MarkerRef>(term.node)) {
        return Assignment::WeaklyAssignable;
    }
    if (const auto* list = std::get_if<syntax::ListTerm>(&term.node)) {
        return testList(*list, receiver, context);
    }
    if (const auto* set = std::get_if<syntax::SetTerm>(&term.node)) {
        if (receiver.type->kind() == Kind::Map && set->items.empty()) {
            return Assignment::WeaklyAssignable;
        }
        if (receiver.type->kind() != Kind::Set) {
            return Assignment::NotAssignable;
        }
        return testAll(set->items, elementSpec(receiver), context);
    }
    if (const auto* map = std::get_if<syntax::MapTerm>(&term.node)) {
        return testMap(*map, receiver, context);
    }
    if (const auto* value = std::get_if<syntax::UserTypeTerm>(&term.node)) {
        return testUserType(*value, receiver, context);
    }
    if (const auto* tuple = std::get_if<syntax::TupleTerm>(&term.node)) {
        return testTuple(*tuple, receiver, context);
    }
    if (const auto* hint = std::get_if<syntax::HintTerm>(&term.node)) {
        return testHint(*hint, receiver, context);
    }
    return testCall(term, receiver, context);
}

types::TypePtr exactTypeIfKnown(const syntax::Term& term, const PrepareContext& context) {
    return guessType(term, context, exactTypeIfKnown);
}

types::TypePtr compatibleTypeIfKnown(const syntax::Term& term, const PrepareContext& context) {
    if (const auto* literal = std::get_if<syntax::Literal>(&term.node)) {
        return literal->kind == syntax::LiteralKind::Null
                   ? nullptr
                   : types::preferredType(constantOf(literal->kind), literal->text);
    }
    return guessType(term, context, exactTypeIfKnown);
}

}  // namespace engine::cql
