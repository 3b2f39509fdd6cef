#pragma once

#include <array>

#include "engine/runtime/random.h"

namespace engine::runtime::detail {

/// The operating system's random numbers, fetched in batches. Fit for keys and salts.
class OsRandom : public Random {
public:
    std::uint64_t next() override;

private:
    std::array<std::uint64_t, 32> m_numbers{};
    std::size_t m_used = 32;
};

}  // namespace engine::runtime::detail
