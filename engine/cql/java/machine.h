#pragma once

#include <functional>
#include <vector>

#include "engine/cql/java/value.h"

namespace engine::cql::java {

/// How far one call may go; past it the call fails.
inline constexpr std::uint64_t kStepsMax = 200'000'000;
inline constexpr std::size_t kUnitsMax = 64u << 20;  // Characters and elements made.
inline constexpr std::int64_t kWarnMicros = 500'000;   // user_defined_functions_warn_timeout
inline constexpr std::int64_t kFailMicros = 1'500'000;  // user_defined_functions_fail_timeout

/// One call of one function while it runs. On the stack of run().
struct Machine {
    std::vector<Value> locals;
    Value result;
    types::TypePtr returnType;
    std::function<std::int64_t()> wallMicros;
    std::int64_t startMicros = 0;
    std::uint64_t steps = 0;
    std::size_t units = 0;

    void step() {
        if ((++steps & 0x3ff) == 0) {
            checkLimits();
        }
    }
    /// Counts what is kept in memory.
    void make(std::size_t more);
    void checkLimits();
};

}  // namespace engine::cql::java
