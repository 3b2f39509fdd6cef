#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/selection/selection_builder.h"
#include "engine/cql/selection/selectors.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/function_lookup.h"
#include "engine/cql/type_ref.h"
#include "engine/types/functions/native_functions.h"

/// Calls in select lists (Selectable.WithFunction).
namespace engine::cql {
namespace {

/// A selector as the resolver of functions sees it.
class SelectorArgument : public types::ArgumentTerm {
public:
    SelectorArgument(const syntax::Selector& selector, const SelectionBuilder& builder)
        : m_selector(selector), m_builder(builder) {}

    types::Assignment assignableTo(const types::TypePtr& type) const override {
        auto fits = m_builder.test(m_selector, type);
        return fits ? fits.value() : types::Assignment::NotAssignable;
    }
    types::TypePtr compatibleType() const override { return m_builder.compatibleType(m_selector); }
    std::string text() const override { return textOf(m_selector); }
    bool isMarker() const override {
        const auto* term = std::get_if<syntax::TermSelector>(&m_selector.node);
        return term != nullptr && std::holds_alternative<syntax::MarkerRef>(term->term.node);
    }
    std::optional<std::size_t> arrayLiteralSize() const override {
        const auto* list = std::get_if<syntax::ListSelector>(&m_selector.node);
        return list != nullptr ? std::optional(list->items.size()) : std::nullopt;
    }

private:
    const syntax::Selector& m_selector;
    const SelectionBuilder& m_builder;
};


bool isLiteral(const syntax::Selector& selector) {
    const auto* term = std::get_if<syntax::TermSelector>(&selector.node);
    const auto* literal =
        term != nullptr ? std::get_if<syntax::Literal>(&term->term.node) : nullptr;
    return literal != nullptr && literal->kind != syntax::LiteralKind::Null;
}

}  // namespace

SelectionBuilder::Call SelectionBuilder::callOf(const syntax::Selector& selector) const {
    Call call;
    const auto addAll = [&call](const std::vector<syntax::Selector>& arguments) {
        for (const syntax::Selector& argument : arguments) {
            call.arguments.push_back(&argument);
        }
    };
    if (const auto* function = std::get_if<syntax::CallSelector>(&selector.node)) {
        call.name = {function->function.keyspace.text, function->function.name.text};
        addAll(function->arguments);
        const bool native =
            call.name.keyspace.empty() || call.name.keyspace == types::kNativeKeyspace;
        // COUNT(1) is COUNT(*).
        call.countsRows = native && call.name.name == "count" && call.arguments.size() == 1 &&
                          isLiteral(*call.arguments[0]);
    } else if (const auto* cast = std::get_if<syntax::CastSelector>(&selector.node)) {
        call.name = types::castFunction(textOf(cast->type));
        addAll(cast->operand);
    } else if (const auto* operation = std::get_if<syntax::ArithmeticSelector>(&selector.node)) {
        call.name = types::operatorFunction(operation->op);
        addAll(operation->operands);
    } else if (const auto* negation = std::get_if<syntax::NegateSelector>(&selector.node)) {
        call.name = types::negationFunction();
        addAll(negation->operand);
    } else {
        call.countsRows = true;
    }
    if (call.countsRows) {
        call.arguments.clear();
    }
    return call;
}

Result<types::FunctionPtr> SelectionBuilder::resolve(const Call& call) const {
    if (call.countsRows) {
        return types::countRowsFunction();
    }
    std::vector<std::unique_ptr<SelectorArgument>> arguments;
    std::vector<const types::ArgumentTerm*> views;
    for (const syntax::Selector* argument : call.arguments) {
        arguments.push_back(std::make_unique<SelectorArgument>(*argument, *this));
        views.push_back(arguments.back().get());
    }
    return lookUpFunction(call.name, views, nullptr, m_table.keyspace, m_table.name, m_context);
}

/// The operand of a cast to the type it has already, which is nothing; null for all else.
Result<const syntax::Selector*> SelectionBuilder::castToItself(const syntax::Selector& selector) const {
    const auto* cast = std::get_if<syntax::CastSelector>(&selector.node);
    if (cast == nullptr) {
        return nullptr;
    }
    TRY(operandType(cast->operand[0]));
    const types::TypePtr has = exactType(cast->operand[0]);
    auto wanted = resolveType(cast->type, m_context.schema, m_context.keyspace);
    const bool same = has && wanted && types::same(has, wanted.value());
    return same ? &cast->operand[0] : nullptr;
}

Result<SelectionBuilder::Prepared> SelectionBuilder::prepareCall(const syntax::Selector& selector) {
    TRY_ASSIGN(const syntax::Selector* same, castToItself(selector));
    if (same != nullptr) {
        return prepare(*same, nullptr);
    }
    const Call call = callOf(selector);
    // Arguments that cannot stand by themselves are told before the call.
    for (const syntax::Selector* argument : call.arguments) {
        TRY(operandType(*argument));
        if (isCall(*argument)) {
            const Call inner = callOf(*argument);
            TRY_ASSIGN(const auto found, resolve(inner));
            if (!found) {
                return invalidAt(argument->span,
                                 fmt::format("Unknown function '{}'", inner.name.toString()));
            }
        }
    }
    const auto* cast = std::get_if<syntax::CastSelector>(&selector.node);
    if (cast != nullptr && std::holds_alternative<syntax::TermSelector>(cast->operand[0].node)) {
        TRY(prepare(cast->operand[0], nullptr));  // Nothing says what it is cast from.
    }
    TRY_ASSIGN(const types::FunctionPtr function, resolve(call));
    if (!function && cast != nullptr) {
        return invalidAt(selector.span, fmt::format("{} cannot be cast to {}", textOf(cast->operand[0]),
                                                    textOf(cast->type)));
    }
    if (!function) {
        return invalidAt(selector.span, fmt::format("Unknown function '{}'", call.name.toString()));
    }
    if (call.name.name == "from_json" || call.name.name == "fromjson") {
        return invalidAt(selector.span, call.name.name +
                                            "() cannot be used in the selection clause of a SELECT "
                                            "statement");
    }
    const bool aggregate = function->isAggregate();
    if (aggregate && m_insideAggregate) {
        return invalidAt(selector.span,
                         "aggregate functions cannot be used as arguments of aggregate functions");
    }
    m_insideAggregate = m_insideAggregate || aggregate;
    std::vector<SelectorPtr> arguments;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        auto argument = prepare(*call.arguments[i], function->argumentTypes()[i]);
        if (!argument) {
            return argument.error();
        }
        names.push_back(std::move(argument.value().name));
        arguments.push_back(std::move(argument.value().selector));
    }
    m_insideAggregate = m_insideAggregate && !aggregate;
    std::string name = function->columnName(names);
    if (!aggregate) {
        return Prepared{selectCall(std::static_pointer_cast<const types::ScalarFunction>(function),
                                   std::move(arguments)),
                        std::move(name)};
    }
    m_selection.aggregates.push_back(
        {std::static_pointer_cast<const types::AggregateFunction>(function), std::move(arguments)});
    return Prepared{selectAggregate(m_selection.aggregates.size() - 1, function->returnType()),
                    std::move(name)};
}

}  // namespace engine::cql
