#pragma once

#include <string>

#include "engine/base/bytes.h"

namespace engine::types::detail {

/// Whether the bytes are UTF-8 as Cassandra's UTF8Serializer.Validator accepts it: sequences of up
/// to four bytes; NUL also in its two-byte form, surrogates too.
bool isUtf8(BytesView bytes);

/// Appends a code point as UTF-8.
void appendUtf8(std::string& out, std::uint32_t codePoint);

}  // namespace engine::types::detail
