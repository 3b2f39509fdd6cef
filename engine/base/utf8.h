#pragma once

#include <cstdint>
#include <string>

namespace engine {

/// Appends a code point as UTF-8; surrogates too, each by itself.
void appendUtf8(std::string& out, std::uint32_t codePoint);

}  // namespace engine
