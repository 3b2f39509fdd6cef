#include "engine/base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace engine {

void ensureFailed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    std::abort();
}

}  // namespace engine
