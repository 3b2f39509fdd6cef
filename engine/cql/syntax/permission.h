#pragma once

#include <cstdint>

namespace engine::cql::syntax {

/// In the order of Cassandra's Permission enum.
enum class Permission : std::uint8_t {
    Create, Alter, Drop, Select, Modify, Authorize, Describe, Execute, Unmask, SelectMasked,
};

}  // namespace engine::cql::syntax
