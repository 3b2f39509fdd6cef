#include "engine/base/utf8.h"

namespace engine {

namespace {

bool isContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

std::size_t sequenceBytes(unsigned char lead) {
    if (lead < 0x80) {
        return 1;
    }
    return lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/// Whether `second` may follow `lead`; surrogates are looked at when all three bytes are there.
bool mayFollow(unsigned char lead, unsigned char second) {
    return isContinuation(second) && !(lead == 0xE0 && second < 0xA0) &&
           !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
}

/// Malformed bytes at the start of `bytes` (not empty), or 0.
std::size_t malformedBytes(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const std::size_t needed = sequenceBytes(at(0));
    if (needed == 0) {
        return 1;
    }
    for (std::size_t i = 1; i < needed; ++i) {
        if (i == bytes.size()) {
            return i;
        }
        if (!(i == 1 ? mayFollow(at(0), at(1)) : isContinuation(at(i)))) {
            return i;
        }
    }
    const bool isSurrogate = needed == 3 && at(0) == 0xED && at(1) >= 0xA0;
    return isSurrogate ? needed : 0;
}

}  // namespace

std::optional<Utf8Fault> findUtf8Fault(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        if (const std::size_t malformed = malformedBytes(bytes.substr(i)); malformed != 0) {
            return Utf8Fault{i, malformed};
        }
        i += sequenceBytes(lead);
    }
    return std::nullopt;
}

void appendUtf8(std::string& out, std::uint32_t codePoint) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0 | (codePoint >> 6));
        put(0x80 | (codePoint & 0x3F));
    } else if (codePoint < 0x10000) {
        put(0xE0 | (codePoint >> 12));
        put(0x80 | ((codePoint >> 6) & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    } else {
        put(0xF0 | (codePoint >> 18));
        put(0x80 | ((codePoint >> 12) & 0x3F));
        put(0x80 | ((codePoint >> 6) & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    }
}

}  // namespace engine
