#include "engine/ring/consistency.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace engine::ring {

namespace {

constexpr std::array<std::string_view, 12> kNames = {
    "ANY",          "ONE",         "TWO",    "THREE",        "QUORUM",    "ALL",
    "LOCAL_QUORUM", "EACH_QUORUM", "SERIAL", "LOCAL_SERIAL", "LOCAL_ONE", "NODE_LOCAL"};

bool sameLetters(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::toupper(x) == std::toupper(y);
    });
}

}  // namespace

std::string_view toString(Consistency level) {
    const auto code = static_cast<std::size_t>(level);
    return code < kNames.size() ? kNames[code] : "UNKNOWN";
}

std::optional<Consistency> parseConsistency(std::string_view name) {
    for (std::size_t code = 0; code < kNames.size(); ++code) {
        if (sameLetters(name, kNames[code])) {
            return static_cast<Consistency>(code);
        }
    }
    return std::nullopt;
}

std::optional<Consistency> consistencyOf(std::uint16_t code) {
    if (code >= kNames.size()) {
        return std::nullopt;
    }
    return static_cast<Consistency>(code);
}

}  // namespace engine::ring
