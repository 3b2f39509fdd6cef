#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace engine {

/// A 128-bit UUID as its two big-endian halves.
struct Uuid {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    auto operator<=>(const Uuid&) const = default;

    int version() const { return static_cast<int>((high >> 12) & 15); }
    bool isNil() const { return high == 0 && low == 0; }
    Bytes toBytes() const;
    std::string toString() const;
    /// Time of a version-1 UUID in 100 ns steps since 1582-10-15.
    std::int64_t timestamp() const;
    /// Milliseconds since 1970 of a version-1 UUID.
    std::int64_t unixMillis() const;

    /// Empty unless exactly 16 bytes.
    static std::optional<Uuid> fromBytes(BytesView bytes);
    /// Empty unless of the form 8-4-4-4-12 hex digits.
    static std::optional<Uuid> parse(std::string_view text);
    static Uuid random(std::uint64_t high, std::uint64_t low);  // Version 4 of 128 random bits.
    /// Version 3 (MD5) of arbitrary bytes without namespace, as Java's UUID.nameUUIDFromBytes.
    static Uuid nameBased(BytesView name);
    /// Version 1 of a time in 100 ns steps since 1970, and clock sequence and node as given.
    static Uuid timeBased(std::int64_t unixTicks, std::uint64_t clockSequenceAndNode);
};

}  // namespace engine

template <>
struct std::hash<engine::Uuid> {
    std::size_t operator()(const engine::Uuid& id) const noexcept {
        return static_cast<std::size_t>(id.high * 0x9e3779b97f4a7c15ULL ^ id.low);
    }
};
