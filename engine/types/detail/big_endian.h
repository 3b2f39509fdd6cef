#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/base/bytes.h"

namespace engine::types::detail {

inline std::uint8_t swapToNative(std::uint8_t v) {
    return v;
}
inline std::uint16_t swapToNative(std::uint16_t v) {
    return __builtin_bswap16(v);
}
inline std::uint32_t swapToNative(std::uint32_t v) {
    return __builtin_bswap32(v);
}
inline std::uint64_t swapToNative(std::uint64_t v) {
    return __builtin_bswap64(v);
}
static_assert(std::endian::native == std::endian::little);

/// The big-endian number at `p`, which has all of its bytes.
template <typename T>
T loadBigEndian(const char* p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return swapToNative(v);
}

/// The number `bytes` are; zero when they are not as many as it has.
template <typename T>
T fromBigEndian(BytesView bytes) {
    return bytes.size() == sizeof(T) ? loadBigEndian<T>(bytes.data()) : T(0);
}

template <typename T>
Bytes toBigEndian(T v) {
    const T swapped = swapToNative(v);
    return Bytes(reinterpret_cast<const char*>(&swapped), sizeof swapped);
}

}  // namespace engine::types::detail
