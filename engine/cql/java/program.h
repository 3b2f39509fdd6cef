#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/types/functions/function.h"

/// The Java of functions of one's own: bodies are parsed and checked when a function is made, and
/// interpreted when it is called. README.md says how much of Java there is.
namespace engine::cql::java {

struct Signature {
    std::vector<std::string> argumentNames;
    std::vector<types::TypePtr> argumentTypes;
    types::TypePtr returnType;
    bool calledOnNullInput = false;  // Else arguments and result are primitives where there are any.
};

/// A body, ready to run any number of times. Immutable.
class Program {
public:
    virtual ~Program() = default;
    /// What an exception says of itself is the error's message: `java.lang.ArithmeticException: / by
    /// zero`. `wallMicros` is the clock, by which a call that takes too long is ended; `micros` is how
    /// long it took.
    virtual Result<types::Value> run(std::span<const types::Argument> arguments,
                                     const std::function<std::int64_t()>& wallMicros,
                                     std::int64_t& micros) const = 0;
};

/// Errors are worded as Cassandra's of its Java compiler are.
Result<std::shared_ptr<const Program>> compile(const std::string& body, const Signature& signature);

}  // namespace engine::cql::java
