#pragma once

#include "engine/base/bytes.h"

namespace engine::types::detail {

/// Whether the bytes are UTF-8 as Cassandra's UTF8Serializer.Validator accepts it: sequences of up
/// to four bytes, whatever they stand for; NUL also in its two-byte form, surrogates too.
bool isUtf8(BytesView bytes);

}  // namespace engine::types::detail
