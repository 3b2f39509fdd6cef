#include "engine/runtime/detail/os_random.h"

#include <sys/random.h>

#include "engine/base/ensure.h"

namespace engine::runtime::detail {

std::uint64_t OsRandom::next() {
    if (m_used == m_numbers.size()) {
        // Up to 256 bytes come whole and uninterrupted: getrandom(2).
        ENSURE(getrandom(m_numbers.data(), sizeof(m_numbers), 0) == sizeof(m_numbers));
        m_used = 0;
    }
    return m_numbers[m_used++];
}

}  // namespace engine::runtime::detail
