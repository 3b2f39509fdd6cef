#include "engine/types/json.h"

#include "engine/types/functions/detail/registry.h"

namespace engine::types::detail {
namespace {

FunctionPtr toJsonOf(const std::string& name, const TypePtr& type) {
    const Body body = [type](const FunctionContext&, Arguments arguments) -> Result<Value> {
        return Value(arguments[0] ? toJson(*type, *arguments[0]) : Bytes("null"));
    };
    return scalar(name, {type}, text(), body, {.nulls = NativeScalar::Nulls::Pass});
}

Error fromJsonFailure(const std::string& name, std::string message) {
    auto detail = std::make_shared<ErrorDetail>();
    detail->keyspace = kNativeKeyspace;
    detail->function = name;
    detail->argumentTypes = {"text"};
    return Error{ErrorKind::FunctionFailure, std::move(message), std::move(detail)};
}

FunctionPtr fromJsonFor(const std::string& name, const TypePtr& receiver) {
    const Body body = [name, receiver](const FunctionContext&,
                                       Arguments arguments) -> Result<Value> {
        if (!arguments[0]) {
            return Value();
        }
        Result<Value> value = fromJson(*receiver, *arguments[0]);
        if (value) {
            return value;
        }
        const std::string& message = value.error().message;
        const bool undecodable = message.starts_with("Could not decode JSON string");
        return fromJsonFailure(
            name, undecodable ? message
                              : "org.apache.cassandra.serializers.MarshalException: " + message);
    };
    return scalar(name, {text()}, receiver, body, {.nulls = NativeScalar::Nulls::Pass});
}

}  // namespace

void addJsonFunctions(Registry& registry) {
    for (const std::string name : {"to_json", "tojson"}) {
        registry.add(
            name, {anyType(false)},
            [name](const std::vector<TypePtr>& types, const TypePtr&) -> Result<FunctionPtr> {
                return toJsonOf(name, types[0]);
            });
    }
    for (const std::string name : {"from_json", "fromjson"}) {
        registry.add(
            name, {fixedTypes({text()}, "text")},
            [name](const std::vector<TypePtr>&, const TypePtr& receiver) -> Result<FunctionPtr> {
                if (receiver == nullptr) {
                    return invalid(name +
                                   "() cannot be used in the selection clause of "
                                   "a SELECT statement");
                }
                return fromJsonFor(name, receiver);
            });
    }
}

}  // namespace engine::types::detail
