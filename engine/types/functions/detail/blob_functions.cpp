#include <fmt/format.h>

#include "engine/types/functions/detail/registry.h"
#include "engine/types/type_names.h"

namespace engine::types::detail {
namespace {

void addToBlob(Registry& registry, const std::string& name, const TypePtr& type) {
    const Body body = [](const FunctionContext&, Arguments arguments) -> Result<Value> {
        return arguments[0] ? Value(Bytes(*arguments[0])) : Value();
    };
    registry.add(scalar(name, {type}, blob(), body, {.nulls = NativeScalar::Nulls::Pass}));
}

void addFromBlob(Registry& registry, const std::string& name, const TypePtr& type,
                 const std::string& typeName) {
    const Body body = [name, type, typeName](const FunctionContext&,
                                             Arguments arguments) -> Result<Value> {
        if (!arguments[0]) {
            return Value();
        }
        if (!validate(*type, *arguments[0])) {
            return invalid(
                fmt::format("In call to function {}.{}, value 0x{} is not a valid "
                            "binary representation for type {}",
                            kNativeKeyspace, name, toHex(*arguments[0]), typeName));
        }
        return Value(Bytes(*arguments[0]));
    };
    registry.add(scalar(name, {blob()}, udfType(type), body, {.nulls = NativeScalar::Nulls::Pass}));
}

void addConversions(Registry& registry, const TypePtr& type, const std::string& typeName) {
    addToBlob(registry, typeName + "_as_blob", type);
    addToBlob(registry, typeName + "asblob", type);
    addFromBlob(registry, "blob_as_" + typeName, type, typeName);
    addFromBlob(registry, "blobas" + typeName, type, typeName);
}

}  // namespace

void addBlobFunctions(Registry& registry) {
    for (const Kind kind : nativeKinds()) {
        if (kind != Kind::Blob) {
            addConversions(registry, native(kind), cqlName(native(kind)));
        }
    }
    addConversions(registry, counter(), "counter");
    addConversions(registry, text(), "varchar");
}

}  // namespace engine::types::detail
