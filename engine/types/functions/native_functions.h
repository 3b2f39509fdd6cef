#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/types/functions/function.h"
#include "engine/types/functions/function_resolver.h"

namespace engine::types {

/// Makes the overload of a native function that a call needs, where there are too many to list
/// (FunctionFactory of Cassandra).
class FunctionFactory {
public:
    virtual ~FunctionFactory() = default;
    virtual const std::string& name() const = 0;
    /// nullptr when another overload may still fit.
    virtual Result<FunctionPtr> make(const FunctionCall& call) const = 0;
};

/// All functions of the `system` keyspace but token(). Constant data, built at first use.
class NativeFunctions {
public:
    static const NativeFunctions& instance();

    std::span<const FunctionPtr> functions(std::string_view name) const;
    const FunctionFactory* factory(std::string_view name) const;
    /// Names in order, for completion; hidden ones begin with an underscore.
    std::vector<std::string> names() const;

private:
    NativeFunctions();
    struct Tables;
    const std::shared_ptr<const Tables> m_tables;
};

/// token(): over the components of a partition key, by Murmur3.
FunctionPtr tokenFunction(std::vector<TypePtr> partitionKeyTypes);
/// The bytes of a partition key: the component itself, or several packed as CompositeType does
/// (16-bit length, bytes, a zero).
Bytes packPartitionKey(std::span<const BytesView> components);

/// COUNT(*), COUNT(1): heading `count`.
FunctionPtr countRowsFunction();

}  // namespace engine::types
