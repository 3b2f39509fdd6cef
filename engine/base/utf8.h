#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// Appends a code point as UTF-8; surrogates too, each by itself.
void appendUtf8(std::string& out, std::uint32_t codePoint);

/// Where bytes stop being UTF-8, and how many of them Java's decoder calls malformed
/// (MalformedInputException: Input length).
struct Utf8Fault {
    std::size_t offset = 0;
    std::size_t length = 0;

    bool operator==(const Utf8Fault&) const = default;
};

/// The first fault of bytes that have to be strict UTF-8: no surrogates, nothing overlong, nothing
/// past U+10FFFF. nullopt: there is none.
std::optional<Utf8Fault> findUtf8Fault(std::string_view bytes);

}  // namespace engine
