#include "engine/types/detail/utf8.h"

namespace engine::types::detail {
namespace {

bool isContinuation(unsigned char c) {
    return (c & 0xC0) == 0x80;
}

/// Bytes of the sequence that starts at `p`, or 0 when it is none. `left` is at least one.
std::size_t sequenceLength(const unsigned char* p, std::size_t left) {
    const unsigned char first = p[0];
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first < 0xC0   ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF8 ? 4
                                              : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (!isContinuation(p[i])) {
            return 0;
        }
    }
    const bool overlongTwo = first == 0xC1 || (first == 0xC0 && p[1] != 0x80);
    const bool overlongThree = first == 0xE0 && p[1] < 0xA0;
    const bool overlongFour = first == 0xF0 && p[1] < 0x90;
    return overlongTwo || overlongThree || overlongFour ? 0 : length;
}

}  // namespace

bool isUtf8(BytesView bytes) {
    const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t i = 0;
    while (i < bytes.size()) {
        if (p[i] < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = sequenceLength(p + i, bytes.size() - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

}  // namespace engine::types::detail
