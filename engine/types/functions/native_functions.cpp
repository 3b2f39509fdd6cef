#include "engine/types/functions/native_functions.h"

#include <limits>

#include "engine/base/hash.h"
#include "engine/types/functions/detail/registry.h"

namespace engine::types {

struct NativeFunctions::Tables : detail::Registry {};

const NativeFunctions& NativeFunctions::instance() {
    static const NativeFunctions natives;
    return natives;
}

NativeFunctions::NativeFunctions()
    : m_tables([] {
          const auto tables = std::make_shared<Tables>();
          detail::addAggregates(*tables);
          detail::addBlobFunctions(*tables);
          detail::addCastFunctions(*tables);
          detail::addCollectionFunctions(*tables);
          detail::addJsonFunctions(*tables);
          detail::addMaskFunctions(*tables);
          detail::addMathFunctions(*tables);
          detail::addOperators(*tables);
          detail::addTimeFunctions(*tables);
          detail::addVectorFunctions(*tables);
          return tables;
      }()) {}

std::span<const FunctionPtr> NativeFunctions::functions(std::string_view name) const {
    const auto found = m_tables->functions.find(name);
    return found == m_tables->functions.end() ? std::span<const FunctionPtr>()
                                              : std::span<const FunctionPtr>(found->second);
}

const FunctionFactory* NativeFunctions::factory(std::string_view name) const {
    const auto found = m_tables->factories.find(name);
    return found == m_tables->factories.end() ? nullptr : found->second.get();
}

std::vector<std::string> NativeFunctions::names() const {
    std::vector<std::string> names;
    for (const auto& [name, overloads] : m_tables->functions) {
        names.push_back(name);
    }
    for (const auto& [name, factory] : m_tables->factories) {
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

Bytes packPartitionKey(std::span<const BytesView> components) {
    if (components.size() == 1) {
        return Bytes(components[0]);
    }
    ByteWriter writer;
    for (const BytesView component : components) {
        writer.shortBlob(component);
        writer.u8(0);
    }
    return writer.take();
}

FunctionPtr tokenFunction(std::vector<TypePtr> partitionKeyTypes) {
    const auto body = [](const FunctionContext&, detail::Arguments arguments) -> Result<Value> {
        std::vector<BytesView> components;
        for (const Argument& argument : arguments) {
            if (!argument) {
                return Value();
            }
            components.push_back(*argument);
        }
        const Bytes key = packPartitionKey(components);
        constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
        const std::int64_t hash = key.empty() ? lowest : murmur3(key)[0];
        // The lowest token is none of a key's (Murmur3Partitioner.normalize).
        const bool normalized = !key.empty() && hash == lowest;
        return Value(encodeBigint(normalized ? std::numeric_limits<std::int64_t>::max() : hash));
    };
    return detail::scalar("token", std::move(partitionKeyTypes), bigint(), body,
                          {.nulls = detail::NativeScalar::Nulls::Pass});
}

FunctionPtr countRowsFunction() {
    return NativeFunctions::instance().functions("countRows")[0];
}

}  // namespace engine::types
