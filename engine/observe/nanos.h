#pragma once

#include <cstdint>
#include <limits>

/// Arithmetic with times out of events. What came over the wire may hold anything, so it stops at the ends of
/// the range.
namespace engine::observe {

inline std::int64_t minusNanos(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (!__builtin_sub_overflow(a, b, &out)) {
        return out;
    }
    return b > 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

inline std::int64_t nanosOfMillis(std::int64_t millis) {
    std::int64_t out = 0;
    if (!__builtin_mul_overflow(millis, std::int64_t{1'000'000}, &out)) {
        return out;
    }
    return millis < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace engine::observe
