#include "engine/types/functions/function_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/types/functions/native_functions.h"
#include "engine/types/type_names.h"

namespace engine::types {
namespace {

struct Operator {
    char symbol;
    std::string_view name;
};
// The second name is spelt as Cassandra spells it.
constexpr std::array<Operator, 5> kOperators = {
    {{'+', "_add"}, {'-', "_substract"}, {'*', "_multiply"}, {'/', "_divide"}, {'%', "_modulo"}}};
constexpr std::string_view kNegation = "_negate";

/// '\0' when the function is none behind an operator.
char symbolOf(const FunctionName& name) {
    for (const Operator& op : kOperators) {
        if (op.name == name.name) {
            return op.symbol;
        }
    }
    return '\0';
}

/// Frozen or not makes no difference to an argument.
Assignment assignable(const ArgumentTerm& argument, const TypePtr& type) {
    const Assignment result = argument.assignableTo(type);
    if (result != Assignment::NotAssignable || type->elements().empty()) {
        return result;
    }
    const TypePtr own = argument.compatibleType();
    return own == nullptr ? result : typeAssignment(*freeze(own), *freeze(type));
}

Result<void> validateOnlyCandidate(const Function& function, const FunctionCall& call) {
    const std::vector<TypePtr>& types = function.argumentTypes();
    if (call.arguments.size() != types.size()) {
        return invalid(
            fmt::format("Invalid number of arguments in call to function {}: {} "
                        "required but {} provided",
                        function.name().toString(), types.size(), call.arguments.size()));
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (assignable(*call.arguments[i], types[i]) == Assignment::NotAssignable) {
            return invalid(fmt::format(
                "Type error: {} cannot be passed as argument {} of function "
                "{} of type {}",
                call.arguments[i]->text(), i, function.name().toString(), cqlName(types[i])));
        }
    }
    return ok();
}

Assignment matchArguments(const Function& function, const FunctionCall& call) {
    const std::vector<TypePtr>& types = function.argumentTypes();
    if (call.arguments.size() != types.size()) {
        return Assignment::NotAssignable;
    }
    Assignment result = Assignment::Exact;
    for (std::size_t i = 0; i < types.size(); ++i) {
        result = std::min(result, assignable(*call.arguments[i], types[i]));
    }
    return result;
}

std::string signatures(const std::vector<FunctionPtr>& functions) {
    std::vector<std::string> texts;
    for (const FunctionPtr& function : functions) {
        texts.push_back(function->signature());
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

Error noneMatches(const FunctionCall& call, const std::vector<FunctionPtr>& candidates) {
    const char symbol = symbolOf(call.name);
    if (symbol != '\0' && call.arguments.size() == 2) {
        return invalid(fmt::format("the '{}' operation is not supported between {} and {}", symbol,
                                   call.arguments[0]->text(), call.arguments[1]->text()));
    }
    return invalid(
        fmt::format("Invalid call to function {}, none of its type signatures match "
                    "(known type signatures: {})",
                    call.name.toString(), signatures(candidates)));
}

Result<FunctionPtr> disambiguate(const FunctionCall& call, std::vector<FunctionPtr> compatible) {
    const char symbol = symbolOf(call.name);
    if (symbol != '\0') {
        const bool markers = std::any_of(call.arguments.begin(), call.arguments.end(),
                                         [](const ArgumentTerm* a) { return a->isMarker(); });
        for (const FunctionPtr& function : compatible) {
            const std::vector<TypePtr>& types = function->argumentTypes();
            if (call.receiver != nullptr && !markers && same(call.receiver, types[0]) &&
                same(call.receiver, types[1])) {
                return function;
            }
        }
        return invalid(
            fmt::format("Ambiguous '{}' operation with args {} and {}: use type hint to "
                        "disambiguate, example '(int) ?'",
                        symbol, call.arguments[0]->text(), call.arguments[1]->text()));
    }
    if (call.name.name == kNegation) {
        return invalid("Ambiguous negation: use type casts to disambiguate");
    }
    return invalid(
        fmt::format("Ambiguous call to function {} (can be matched by following "
                    "signatures: {}): use type casts to disambiguate",
                    call.name.toString(), signatures(compatible)));
}

Result<FunctionPtr> pickBestMatch(const FunctionCall& call,
                                  const std::vector<FunctionPtr>& candidates) {
    std::vector<FunctionPtr> compatible;
    for (const FunctionPtr& function : candidates) {
        const bool fitsReceiver =
            call.receiver == nullptr ||
            typeAssignment(*function->returnType(), *call.receiver) != Assignment::NotAssignable;
        if (!fitsReceiver) {
            continue;
        }
        const Assignment match = matchArguments(*function, call);
        if (match == Assignment::Exact) {
            return function;
        }
        if (match == Assignment::WeaklyAssignable) {
            compatible.push_back(function);
        }
    }
    if (compatible.empty()) {
        return noneMatches(call, candidates);
    }
    if (compatible.size() > 1) {
        return disambiguate(call, std::move(compatible));
    }
    return compatible[0];
}

}  // namespace

Result<FunctionPtr> resolveFunction(const FunctionCall& call) {
    std::vector<FunctionPtr> candidates(call.otherCandidates.begin(), call.otherCandidates.end());
    const bool mayBeNative = call.name.keyspace.empty() || call.name.keyspace == kNativeKeyspace;
    if (mayBeNative) {
        const NativeFunctions& natives = NativeFunctions::instance();
        const auto functions = natives.functions(call.name.name);
        candidates.insert(candidates.end(), functions.begin(), functions.end());
        if (const FunctionFactory* factory = natives.factory(call.name.name)) {
            TRY_ASSIGN(FunctionPtr made, factory->make(call));
            if (made != nullptr) {
                candidates.push_back(std::move(made));
            }
        }
    }
    if (candidates.empty()) {
        return FunctionPtr();
    }
    if (candidates.size() == 1) {
        TRY(validateOnlyCandidate(*candidates[0], call));
        return candidates[0];
    }
    return pickBestMatch(call, candidates);
}

FunctionName operatorFunction(char symbol) {
    for (const Operator& op : kOperators) {
        if (op.symbol == symbol) {
            return FunctionName{std::string(kNativeKeyspace), std::string(op.name)};
        }
    }
    return FunctionName{std::string(kNativeKeyspace), ""};
}

FunctionName negationFunction() {
    return FunctionName{std::string(kNativeKeyspace), std::string(kNegation)};
}

FunctionName castFunction(std::string_view cqlTypeName) {
    return FunctionName{std::string(kNativeKeyspace), "cast_as_" + std::string(cqlTypeName)};
}

}  // namespace engine::types
