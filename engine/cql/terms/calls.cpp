#include "engine/cql/terms/calls.h"

#include <fmt/format.h>

#include "engine/cql/errors.h"
#include "engine/cql/syntax_text.h"
#include "engine/cql/terms/function_context.h"
#include "engine/cql/terms/function_lookup.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

/// A call in any of its spellings.
struct Call {
    types::FunctionName name;
    std::vector<const syntax::Term*> arguments;
    char op = 0;  // Of an operator.
};

std::vector<const syntax::Term*> pointers(const std::vector<syntax::Term>& terms) {
    std::vector<const syntax::Term*> out;
    for (const syntax::Term& term : terms) {
        out.push_back(&term);
    }
    return out;
}

Call callOf(const syntax::Term& term) {
    if (const auto* call = std::get_if<syntax::CallTerm>(&term.node)) {
        return {{call->function.keyspace.text, call->function.name.text}, pointers(call->arguments)};
    }
    if (const auto* cast = std::get_if<syntax::CastTerm>(&term.node)) {
        return {types::castFunction(textOf(cast->type)), pointers(cast->operand)};
    }
    if (const auto* operation = std::get_if<syntax::ArithmeticTerm>(&term.node)) {
        return {types::operatorFunction(operation->op), pointers(operation->operands),
                operation->op};
    }
    const auto& negation = std::get<syntax::NegateTerm>(term.node);
    return {types::negationFunction(), pointers(negation.operand), '-'};
}

Result<types::FunctionPtr> resolve(const Call& call, const types::TypePtr& receiver,
                                   std::string_view keyspace, std::string_view table,
                                   const PrepareContext& context) {
    std::vector<std::unique_ptr<TermArgument>> arguments;
    std::vector<const types::ArgumentTerm*> views;
    for (const syntax::Term* term : call.arguments) {
        arguments.push_back(std::make_unique<TermArgument>(*term, context));
        views.push_back(arguments.back().get());
    }
    auto found = lookUpFunction(call.name, views, receiver, keyspace, table, context);
    for (const auto& argument : arguments) {
        if (argument->error()) {
            return *argument->error();
        }
    }
    return found;
}

class FunctionTerm : public Term::Computed {
public:
    FunctionTerm(std::shared_ptr<const types::ScalarFunction> function, std::vector<Term> arguments)
        : m_function(std::move(function)), m_arguments(std::move(arguments)) {}

    Result<BoundValue> bind(const Binding& binding) const override {
        std::vector<BoundValue> scratch(m_arguments.size());
        std::vector<types::Argument> arguments;
        arguments.reserve(m_arguments.size());
        for (std::size_t i = 0; i < m_arguments.size(); ++i) {
            TRY_ASSIGN(const BoundValue* value, m_arguments[i].view(binding, scratch[i]));
            if (value->state == BoundValue::State::Unset) {
                return invalid("Invalid unset value for argument in call to function " +
                               m_function->name().name);
            }
            arguments.push_back(value->state == BoundValue::State::Set
                                    ? types::Argument(value->bytes)
                                    : std::nullopt);
        }
        const types::FunctionContext context = functionContext(binding.context);
        TRY_ASSIGN(types::Value result, m_function->evaluate(context, arguments));
        return fromValue(std::move(result));
    }

private:
    std::shared_ptr<const types::ScalarFunction> m_function;
    std::vector<Term> m_arguments;
};

Error cannotAssign(const Call& call, const types::Function& function, const ColumnSpec& receiver) {
    const std::string type = types::cqlName(*function.returnType());
    const std::string wanted = types::cqlName(*receiver.type);
    if (call.op != 0) {
        return invalid(fmt::format(
            "Type error: cannot assign result of operation {} (type {}) to {} (type {})", call.op, type,
            receiver.name, wanted));
    }
    return invalid(
        fmt::format("Type error: cannot assign result of function {} (type {}) to {} (type {})",
                    function.name().toString(), type, receiver.name, wanted));
}

}  // namespace

Result<Term> prepareCall(const syntax::Term& term, const ColumnSpec& receiver,
                         PrepareContext& context) {
    const Call call = callOf(term);
    TRY_ASSIGN(types::FunctionPtr found,
               resolve(call, receiver.type, receiver.keyspace, receiver.table, context));
    if (!found) {
        return invalidAt(term.span, fmt::format("Unknown function {} called", call.name.toString()));
    }
    if (found->isAggregate()) {
        return invalidAt(term.span, "Aggregation function are not supported in the where clause");
    }
    auto function = std::static_pointer_cast<const types::ScalarFunction>(found);
    if (types::typeAssignment(*function->returnType(), *receiver.type) ==
        types::Assignment::NotAssignable) {
        return cannotAssign(call, *function, receiver);
    }
    if (function->argumentTypes().size() != call.arguments.size()) {
        return invalidAt(term.span, fmt::format("Incorrect number of arguments specified for function "
                                                "{} (expected {}, found {})",
                                                function->name().toString(),
                                                function->argumentTypes().size(),
                                                call.arguments.size()));
    }
    std::vector<Term> arguments;
    bool constant = function->isPure();
    bool marker = false;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        const ColumnSpec spec = argumentSpec(*function, i, receiver.keyspace, receiver.table);
        TRY_ASSIGN(Term argument, prepareTerm(*call.arguments[i], spec, context));
        constant = constant && argument.isConstant();
        marker = marker || argument.containsMarker();
        arguments.push_back(std::move(argument));
    }
    auto node = std::make_shared<FunctionTerm>(std::move(function), std::move(arguments));
    if (!constant) {
        return Term::computed(std::move(node), marker);
    }
    const ExecutionContext none{};
    TRY_ASSIGN(BoundValue value, node->bind(Binding{{}, none}));
    return value.state == BoundValue::State::Set ? Term::constant(std::move(value.bytes)) : Term();
}

Result<types::Assignment> testCall(const syntax::Term& term, const ColumnSpec& receiver,
                                   const PrepareContext& context) {
    const Call call = callOf(term);
    auto found = resolve(call, receiver.type, receiver.keyspace, receiver.table, context);
    // What is wrong fits: prepareCall() then says what it is, in better words.
    if (!found || !found.value()) {
        return types::Assignment::WeaklyAssignable;
    }
    return types::typeAssignment(*found.value()->returnType(), *receiver.type);
}

types::TypePtr callType(const syntax::Term& term, const PrepareContext& context) {
    auto found = resolve(callOf(term), nullptr, context.keyspace, {}, context);
    return found && found.value() ? found.value()->returnType() : nullptr;
}

}  // namespace engine::cql
