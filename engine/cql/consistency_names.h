#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace engine::cql {

/// ConsistencyLevel by its protocol code, for messages; "?" for a code that is none.
constexpr std::string_view consistencyName(std::uint16_t code) {
    constexpr std::array<std::string_view, 12> kNames{"ANY",          "ONE",          "TWO",       "THREE",
                                                      "QUORUM",       "ALL",          "LOCAL_QUORUM", "EACH_QUORUM",
                                                      "SERIAL",       "LOCAL_SERIAL", "LOCAL_ONE", "NODE_LOCAL"};
    return code < kNames.size() ? kNames[code] : "?";
}

}  // namespace engine::cql
