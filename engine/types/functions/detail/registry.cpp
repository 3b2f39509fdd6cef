#include "engine/types/functions/detail/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/types/type_names.h"

namespace engine::types::detail {
namespace {

bool isNothing(const DataType& type, const Argument& value) {
    return !value || (value->empty() && type.emptyIsMeaningless());
}

std::string systemName(const std::string& name) {
    return std::string(kNativeKeyspace) + "." + name;
}

TypePtr ownType(const ArgumentTerm& argument, const TypePtr&, const std::vector<TypePtr>*) {
    return argument.compatibleType();
}

/// A parameter whose argument must have a type of its own, which `accepts`.
Parameter requiring(std::string text, std::string what, bool (*accepts)(const DataType&)) {
    Parameter parameter;
    parameter.text = std::move(text);
    parameter.infer = ownType;
    parameter.check = [what = std::move(what), accepts](const std::string& function,
                                                        const ArgumentTerm& argument,
                                                        const TypePtr& type) -> Result<void> {
        if (accepts(*type)) {
            return ok();
        }
        return invalid(
            fmt::format("Function {} requires a {} argument, but found argument {} of "
                        "type {}",
                        function, what, argument.text(), cqlName(type)));
    };
    return parameter;
}

bool isSetOrList(const DataType& type) {
    return type.kind() == Kind::Set || type.kind() == Kind::List;
}

class SimpleFactory : public FunctionFactory {
public:
    SimpleFactory(std::string name, std::vector<Parameter> parameters, Maker maker)
        : m_name(std::move(name)), m_parameters(std::move(parameters)), m_maker(std::move(maker)) {}

    const std::string& name() const override { return m_name; }

    Result<FunctionPtr> make(const FunctionCall& call) const override {
        const std::size_t count = call.arguments.size();
        const auto mandatory =
            static_cast<std::size_t>(std::count_if(m_parameters.begin(), m_parameters.end(),
                                                   [](const Parameter& p) { return !p.optional; }));
        if (count < mandatory || count > m_parameters.size()) {
            return invalid("Invalid number of arguments for function " + toString());
        }
        // First each argument by itself, then knowing the others.
        std::vector<TypePtr> types;
        for (std::size_t i = 0; i < count; ++i) {
            types.push_back(m_parameters[i].infer(*call.arguments[i], call.receiver, nullptr));
        }
        for (std::size_t i = 0; i < count; ++i) {
            const ArgumentTerm& argument = *call.arguments[i];
            TypePtr type = m_parameters[i].infer(argument, call.receiver, &types);
            if (type == nullptr) {
                return invalid(
                    fmt::format("Cannot infer type of argument {} in call to function "
                                "{}: use type casts to disambiguate",
                                argument.text(), toString()));
            }
            if (m_parameters[i].check) {
                TRY(m_parameters[i].check(systemName(m_name), argument, type));
            }
            types[i] = std::move(type);
        }
        return m_maker(types, call.receiver);
    }

private:
    std::string toString() const {
        std::vector<std::string> texts;
        for (const Parameter& parameter : m_parameters) {
            texts.push_back(parameter.text);
        }
        return fmt::format("{}({})", systemName(m_name), fmt::join(texts, ", "));
    }

    const std::string m_name;
    const std::vector<Parameter> m_parameters;
    const Maker m_maker;
};

}  // namespace

NativeScalar::NativeScalar(std::string name, std::vector<TypePtr> arguments, TypePtr result,
                           Body body, Traits traits)
    : ScalarFunction(FunctionName{std::string(kNativeKeyspace), std::move(name)},
                     std::move(arguments), std::move(result)),
      m_body(std::move(body)),
      m_traits(std::move(traits)) {}

std::string NativeScalar::columnName(std::span<const std::string> arguments) const {
    return m_traits.heading ? m_traits.heading(arguments) : Function::columnName(arguments);
}

Result<Value> NativeScalar::evaluate(const FunctionContext& context,
                                     std::span<const Argument> arguments) const {
    if (m_traits.nulls == Nulls::Absorb) {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            if (isNothing(*argumentTypes()[i], arguments[i])) {
                return Value();
            }
        }
    }
    return m_body(context, arguments);
}

FunctionPtr scalar(std::string name, std::vector<TypePtr> arguments, TypePtr result, Body body,
                   NativeScalar::Traits traits) {
    return std::make_shared<NativeScalar>(std::move(name), std::move(arguments), std::move(result),
                                          std::move(body), std::move(traits));
}

Parameter anyType(bool inferFromReceiver) {
    Parameter parameter;
    parameter.text = "any";
    parameter.infer = [inferFromReceiver](const ArgumentTerm& argument, const TypePtr& receiver,
                                          const std::vector<TypePtr>*) {
        TypePtr type = argument.compatibleType();
        return type == nullptr && inferFromReceiver ? receiver : type;
    };
    return parameter;
}

Parameter fixedTypes(std::vector<TypePtr> types, std::string names) {
    Parameter parameter;
    parameter.text = names;
    parameter.infer = [first = types[0]](const ArgumentTerm& argument, const TypePtr&,
                                         const std::vector<TypePtr>*) {
        TypePtr type = argument.compatibleType();
        return type == nullptr ? first : type;
    };
    parameter.check = [types = std::move(types), names = std::move(names)](
                          const std::string& function, const ArgumentTerm& argument,
                          const TypePtr& type) -> Result<void> {
        const bool fits = std::any_of(types.begin(), types.end(), [&type](const TypePtr& wanted) {
            return typeAssignment(*type, *wanted) != Assignment::NotAssignable;
        });
        if (fits) {
            return ok();
        }
        return invalid(
            fmt::format("Function {} requires an argument of type {}, but found "
                        "argument {} of type {}",
                        function, names, argument.text(), cqlName(type)));
    };
    return parameter;
}

Parameter stringType() {
    return fixedTypes({text(), ascii()}, "[text|varchar|ascii]");
}

Parameter sameAs(std::size_t other, bool preferOther, Parameter parameter) {
    parameter.infer = [other, preferOther, own = parameter.infer](
                          const ArgumentTerm& argument, const TypePtr& receiver,
                          const std::vector<TypePtr>* inferred) -> TypePtr {
        const TypePtr others = inferred == nullptr ? nullptr : (*inferred)[other];
        if (preferOther) {
            return others == nullptr ? own(argument, receiver, inferred) : others;
        }
        TypePtr type = own(argument, receiver, inferred);
        return type == nullptr ? others : type;
    };
    return parameter;
}

Parameter optional(Parameter parameter) {
    parameter.text = "[" + parameter.text + "]";
    parameter.optional = true;
    return parameter;
}

Parameter anyCollection() {
    return requiring("collection", "collection",
                     [](const DataType& type) { return type.isCollection(); });
}

Parameter setOrList() {
    return requiring("numeric_set_or_list", "set or list", isSetOrList);
}

Parameter numericSetOrList() {
    return requiring("numeric_set_or_list", "numeric set/list", [](const DataType& type) {
        return isSetOrList(type) && isNumber(*type.element());
    });
}

Parameter anyMap() {
    return requiring("map", "map", [](const DataType& type) { return type.kind() == Kind::Map; });
}

Parameter floatVector() {
    Parameter parameter = requiring("vector<float, n>", "float vector", [](const DataType& type) {
        return type.kind() == Kind::Vector && type.element()->kind() == Kind::Float;
    });
    parameter.infer = [](const ArgumentTerm& argument, const TypePtr& receiver,
                         const std::vector<TypePtr>*) -> TypePtr {
        if (const std::optional<std::size_t> size = argument.arrayLiteralSize()) {
            return vector(float32(), static_cast<std::int32_t>(*size));
        }
        TypePtr type = argument.compatibleType();
        return type == nullptr ? receiver : type;
    };
    return parameter;
}

void Registry::add(FunctionPtr function) {
    functions[function->name().name].push_back(std::move(function));
}

void Registry::add(std::string name, std::vector<Parameter> parameters, Maker maker) {
    factories[name] =
        std::make_unique<SimpleFactory>(name, std::move(parameters), std::move(maker));
}

bool isNumber(const DataType& type) {
    const std::vector<TypePtr>& types = numberTypes();
    return std::any_of(types.begin(), types.end(),
                       [&type](const TypePtr& t) { return t->kind() == type.kind(); });
}

const std::vector<TypePtr>& numberTypes() {
    static const std::vector<TypePtr> types = {tinyint(), smallint(), int32(),  bigint(), float32(),
                                               float64(), decimal(),  varint(), counter()};
    return types;
}

TypePtr udfType(const TypePtr& type) {
    return type->kind() == Kind::Timeuuid ? legacyTimeuuid() : type;
}

}  // namespace engine::types::detail
