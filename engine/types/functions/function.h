#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::types {

/// The name of a function as written (keyspace perhaps empty) or as it is (keyspace `system` for
/// native ones). Names are lower case unless they came in quotes.
struct FunctionName {
    std::string keyspace;
    std::string name;

    bool operator==(const FunctionName&) const = default;
    std::string toString() const { return keyspace.empty() ? name : keyspace + "." + name; }
};

inline constexpr std::string_view kNativeKeyspace = "system";

/// What functions may know of the world while one statement runs. Made by the coordinator of the
/// statement; the callbacks are called on its node's thread.
struct FunctionContext {
    std::int64_t nowMicros = 0;          // current_timestamp() and its like.
    std::function<Uuid()> randomUuid;    // uuid(): version 4.
    std::function<Uuid()> nextTimeuuid;  // now(): version 1, each call greater than the last.
    std::function<std::int64_t()> wallMicros;       // The clock as it runs, for functions of one's own.
    std::function<void(std::string)> warn;          // Tells the client something; may be empty.
};

/// An argument's value; views into the row or into constants.
using Argument = std::optional<BytesView>;

/// A function of one signature. Constant after construction, so shared freely.
class Function {
public:
    Function(FunctionName name, std::vector<TypePtr> argumentTypes, TypePtr returnType)
        : m_name(std::move(name)),
          m_argumentTypes(std::move(argumentTypes)),
          m_returnType(std::move(returnType)) {}
    virtual ~Function() = default;
    Function(const Function&) = delete;
    Function& operator=(const Function&) = delete;

    const FunctionName& name() const { return m_name; }
    const std::vector<TypePtr>& argumentTypes() const { return m_argumentTypes; }
    const TypePtr& returnType() const { return m_returnType; }
    bool isNative() const { return m_name.keyspace == kNativeKeyspace; }
    virtual bool isAggregate() const = 0;
    /// Heading of a result column: `system.now()`, `cast(x as text)`, `a + b`.
    virtual std::string columnName(std::span<const std::string> arguments) const;
    /// `system.abs : (int) -> int`.
    std::string signature() const;

private:
    const FunctionName m_name;
    const std::vector<TypePtr> m_argumentTypes;
    const TypePtr m_returnType;
};

using FunctionPtr = std::shared_ptr<const Function>;

class ScalarFunction : public Function {
public:
    using Function::Function;

    bool isAggregate() const override { return false; }
    /// Same arguments, same result: may be computed once when a statement is prepared.
    virtual bool isPure() const { return true; }
    /// One argument for each type of the signature.
    virtual Result<Value> evaluate(const FunctionContext& context,
                                   std::span<const Argument> arguments) const = 0;
};

/// The running state of an aggregate over one group of rows.
class AggregateState {
public:
    virtual ~AggregateState() = default;
    virtual Result<void> add(const FunctionContext& context,
                             std::span<const Argument> arguments) = 0;
    virtual Result<Value> result(const FunctionContext& context) = 0;
    /// Back to the start, for the next group.
    virtual void reset() = 0;
};

class AggregateFunction : public Function {
public:
    using Function::Function;

    bool isAggregate() const override { return true; }
    virtual std::unique_ptr<AggregateState> newState() const = 0;
};

}  // namespace engine::types
