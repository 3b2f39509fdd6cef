#include "engine/cql/functions/user_functions.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cql/java/machine.h"
#include "engine/cql/java/program.h"
#include "engine/types/type_names.h"

namespace engine::cql {
namespace {

using types::Argument;
using types::FunctionContext;
using Types = std::vector<types::TypePtr>;

bool sameTypes(const Types& a, const Types& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return types::same(types::freeze(x), types::freeze(y));
    });
}

/// UDFunction.
class UserScalar : public types::ScalarFunction {
public:
    UserScalar(const schema::UserFunction& function, std::shared_ptr<const java::Program> program)
        : ScalarFunction({function.keyspace, function.name}, function.argumentTypes, function.returnType),
          m_program(std::move(program)),
          m_calledOnNullInput(function.calledOnNullInput) {}

    bool isPure() const override { return false; }  // Nobody knows.
    bool takes(std::span<const Argument> arguments) const {
        return m_calledOnNullInput ||
               std::all_of(arguments.begin(), arguments.end(), [](const Argument& a) { return a.has_value(); });
    }

    Result<types::Value> evaluate(const FunctionContext& context,
                                  std::span<const Argument> arguments) const override {
        if (!takes(arguments)) {
            return types::Value();
        }
        const auto wallMicros = context.wallMicros ? context.wallMicros : [now = context.nowMicros] { return now; };
        std::int64_t micros = 0;
        auto result = m_program->run(arguments, wallMicros, micros);
        if (!result) {
            return failure(result.error().message);
        }
        if (micros > java::kWarnMicros && context.warn) {
            context.warn(fmt::format("User defined function {} ran longer than {}ms", signature(),
                                     java::kWarnMicros / 1000));
        }
        return result;
    }

private:
    Error failure(const std::string& detail) const {
        auto more = std::make_shared<ErrorDetail>();
        more->keyspace = name().keyspace;
        more->function = name().name;
        for (const types::TypePtr& type : argumentTypes()) {
            more->argumentTypes.push_back(types::cqlName(type));
        }
        Error error = makeError(ErrorKind::FunctionFailure, detail);
        error.detail = std::move(more);
        return error;
    }

    std::shared_ptr<const java::Program> m_program;
    bool m_calledOnNullInput;
};
using ScalarPtr = std::shared_ptr<const UserScalar>;

/// UDAggregate.
class UserAggregateFunction : public types::AggregateFunction {
public:
    UserAggregateFunction(const schema::UserAggregate& aggregate, ScalarPtr state, ScalarPtr final)
        : AggregateFunction({aggregate.keyspace, aggregate.name}, aggregate.argumentTypes, aggregate.returnType),
          m_initial(aggregate.initialCondition),
          m_state(std::move(state)),
          m_final(std::move(final)) {}

    std::unique_ptr<types::AggregateState> newState() const override { return std::make_unique<State>(*this); }

private:
    class State : public types::AggregateState {
    public:
        explicit State(const UserAggregateFunction& aggregate)
            : m_aggregate(aggregate), m_value(aggregate.m_initial) {}

        Result<void> add(const FunctionContext& context, std::span<const Argument> arguments) override {
            std::vector<Argument> all{view()};
            all.insert(all.end(), arguments.begin(), arguments.end());
            if (m_aggregate.m_state->takes(all)) {
                TRY_ASSIGN(types::Value next, m_aggregate.m_state->evaluate(context, all));
                m_value = std::move(next);
            }
            return ok();
        }
        Result<types::Value> result(const FunctionContext& context) override {
            if (m_aggregate.m_final == nullptr) {
                return m_value;
            }
            const std::vector<Argument> only{view()};
            return m_aggregate.m_final->evaluate(context, only);
        }
        void reset() override { m_value = m_aggregate.m_initial; }

    private:
        Argument view() const { return m_value ? Argument(*m_value) : std::nullopt; }

        const UserAggregateFunction& m_aggregate;
        types::Value m_value;
    };

    types::Value m_initial;
    ScalarPtr m_state;
    ScalarPtr m_final;
};

Result<ScalarPtr> compile(const schema::UserFunction& function) {
    const java::Signature signature{function.argumentNames, function.argumentTypes, function.returnType,
                                    function.calledOnNullInput};
    TRY_ASSIGN(auto program, java::compile(function.body, signature));
    return std::make_shared<const UserScalar>(function, std::move(program));
}

types::FunctionPtr aggregateOf(const schema::Keyspace& keyspace, const schema::UserAggregate& aggregate) {
    Types arguments{aggregate.stateType};
    arguments.insert(arguments.end(), aggregate.argumentTypes.begin(), aggregate.argumentTypes.end());
    const auto* stateFunction = findFunction(keyspace, aggregate.stateFunction, arguments);
    const auto* finalFunction = aggregate.finalFunction.empty()
                                    ? nullptr
                                    : findFunction(keyspace, aggregate.finalFunction, {aggregate.stateType});
    if (stateFunction == nullptr || (finalFunction == nullptr && !aggregate.finalFunction.empty())) {
        return nullptr;
    }
    auto state = compile(*stateFunction);
    auto final = finalFunction != nullptr ? compile(*finalFunction) : Result<ScalarPtr>(ScalarPtr());
    if (!state || !final) {
        return nullptr;
    }
    return std::make_shared<const UserAggregateFunction>(aggregate, state.value(), final.value());
}

}  // namespace

Result<types::FunctionPtr> makeFunction(const schema::UserFunction& function) {
    TRY_ASSIGN(ScalarPtr made, compile(function));
    return types::FunctionPtr(std::move(made));
}

std::vector<types::FunctionPtr> userFunctions(const schema::Keyspace& keyspace, const std::string& name) {
    std::vector<types::FunctionPtr> out;
    for (const schema::UserFunction& function : keyspace.functions) {
        if (function.name == name) {
            if (auto made = makeFunction(function)) {
                out.push_back(std::move(made).value());
            }
        }
    }
    for (const schema::UserAggregate& aggregate : keyspace.aggregates) {
        if (aggregate.name == name) {
            if (auto made = aggregateOf(keyspace, aggregate)) {
                out.push_back(std::move(made));
            }
        }
    }
    return out;
}

const schema::UserFunction* findFunction(const schema::Keyspace& keyspace, const std::string& name,
                                         const Types& argumentTypes) {
    for (const schema::UserFunction& function : keyspace.functions) {
        if (function.name == name && sameTypes(function.argumentTypes, argumentTypes)) {
            return &function;
        }
    }
    return nullptr;
}

const schema::UserAggregate* findAggregate(const schema::Keyspace& keyspace, const std::string& name,
                                           const Types& argumentTypes) {
    for (const schema::UserAggregate& aggregate : keyspace.aggregates) {
        if (aggregate.name == name && sameTypes(aggregate.argumentTypes, argumentTypes)) {
            return &aggregate;
        }
    }
    return nullptr;
}

std::string signatureText(const std::string& name, const Types& argumentTypes) {
    std::string out = types::maybeQuote(name) + "(";
    for (std::size_t i = 0; i < argumentTypes.size(); ++i) {
        out += (i == 0 ? "" : ", ") + types::cqlNameUnfrozen(*argumentTypes[i]);
    }
    return out + ")";
}

}  // namespace engine::cql
