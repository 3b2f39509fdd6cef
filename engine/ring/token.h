#pragma once

#include <cstdint>
#include <limits>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"

namespace engine::ring {

using Token = std::int64_t;

constexpr Token kMinToken = std::numeric_limits<Token>::min();
constexpr Token kMaxToken = std::numeric_limits<Token>::max();

/// Murmur3Partitioner.getToken of a serialised partition key: the empty key is the least token, and
/// no other key has it.
inline Token tokenOf(BytesView key) {
    if (key.empty()) {
        return kMinToken;
    }
    const Token token = murmur3(key)[0];
    return token == kMinToken ? kMaxToken : token;
}

/// The stretch (left, right] of the ring; it wraps when left >= right, and is the whole ring when
/// both are the same.
struct TokenRange {
    Token left = kMinToken;
    Token right = kMinToken;
    bool operator==(const TokenRange&) const = default;

    bool contains(Token token) const {
        return left < right ? token > left && token <= right : token > left || token <= right;
    }
    /// Its share of the ring, in (0, 1].
    double fraction() const {
        const auto width = static_cast<std::uint64_t>(right) - static_cast<std::uint64_t>(left);
        return width == 0 ? 1.0 : static_cast<double>(width) * 0x1.0p-64;
    }
};

}  // namespace engine::ring
