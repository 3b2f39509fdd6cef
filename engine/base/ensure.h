#pragma once

namespace engine {
/// Prints the broken condition with its place and stops the program.
[[noreturn]] void ensureFailed(const char* condition, const char* file, int line);
}  // namespace engine

/// An invariant of ours. Stays on in release; user input never reaches one.
#define ENSURE(condition)                                              \
    do {                                                               \
        if (!(condition)) [[unlikely]] {                               \
            ::engine::ensureFailed(#condition, __FILE__, __LINE__);    \
        }                                                              \
    } while (false)
