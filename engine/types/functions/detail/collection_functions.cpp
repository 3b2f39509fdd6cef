#include "engine/types/functions/detail/registry.h"

namespace engine::types::detail {
namespace {

Maker simple(FunctionPtr (*make)(const std::string&, const TypePtr&), const std::string& name) {
    return [make, name](const std::vector<TypePtr>& types, const TypePtr&) -> Result<FunctionPtr> {
        return make(name, types[0]);
    };
}

FunctionPtr mapKeys(const std::string& name, const TypePtr& type) {
    return scalar(name, {type}, set(type->keyType(), true),
                  [](const FunctionContext&, Arguments arguments) -> Result<Value> {
                      TRY_ASSIGN(const auto entries, unpackMap(*arguments[0]));
                      std::vector<Bytes> keys;
                      for (const auto& [key, value] : entries) {
                          keys.emplace_back(key);
                      }
                      return Value(packList(keys));
                  });
}

FunctionPtr mapValues(const std::string& name, const TypePtr& type) {
    return scalar(name, {type}, list(type->valueType(), true),
                  [](const FunctionContext&, Arguments arguments) -> Result<Value> {
                      TRY_ASSIGN(const auto entries, unpackMap(*arguments[0]));
                      std::vector<Bytes> values;
                      for (const auto& [key, value] : entries) {
                          values.emplace_back(value);
                      }
                      return Value(packList(values));
                  });
}

FunctionPtr collectionCount(const std::string& name, const TypePtr& type) {
    return scalar(name, {type}, int32(),
                  [](const FunctionContext&, Arguments arguments) -> Result<Value> {
                      return Value(encodeInt(decodeInt(arguments[0]->substr(0, 4))));
                  });
}

using AggregateMaker = std::shared_ptr<const AggregateFunction> (*)(const TypePtr&);

/// The aggregate over rows, run over the elements of one value.
void addAggregation(Registry& registry, const std::string& name, Parameter parameter,
                    AggregateMaker makeAggregate) {
    const Maker make = [name, makeAggregate](const std::vector<TypePtr>& types,
                                             const TypePtr&) -> Result<FunctionPtr> {
        const auto aggregate = makeAggregate(types[0]->element());
        const Body body = [aggregate](const FunctionContext& context,
                                      Arguments arguments) -> Result<Value> {
            TRY_ASSIGN(const auto elements, unpackList(*arguments[0]));
            const std::unique_ptr<AggregateState> state = aggregate->newState();
            for (const BytesView element : elements) {
                const Argument argument(element);
                TRY(state->add(context, std::span(&argument, 1)));
            }
            return state->result(context);
        };
        return scalar(name, types, aggregate->returnType(), body);
    };
    registry.add(name, {std::move(parameter)}, make);
}

}  // namespace

void addCollectionFunctions(Registry& registry) {
    registry.add("map_keys", {anyMap()}, simple(mapKeys, "map_keys"));
    registry.add("map_values", {anyMap()}, simple(mapValues, "map_values"));
    registry.add("collection_count", {anyCollection()},
                 simple(collectionCount, "collection_count"));
    addAggregation(registry, "collection_min", setOrList(), minimumOf);
    addAggregation(registry, "collection_max", setOrList(), maximumOf);
    addAggregation(registry, "collection_sum", numericSetOrList(), sumOf);
    addAggregation(registry, "collection_avg", numericSetOrList(), averageOf);
}

}  // namespace engine::types::detail
