#pragma once

#include <string>

#include "engine/base/bytes.h"

namespace engine::types::detail {

/// Order of two's complement numbers by value, whatever sign bytes lead them.
int compareVarint(BytesView a, BytesView b);
/// Order of decimals by value: 1.0 and 1.00 are equal. Exponents may be as far apart as they like.
int compareDecimal(BytesView a, BytesView b);

/// As Java's Double.toString and Float.toString: "1.0", "1.0E10", "NaN", "-Infinity".
std::string javaToString(double v);
std::string javaToString(float v);

}  // namespace engine::types::detail
