#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"
#include "engine/types/detail/big_number.h"

namespace engine::types::detail {

// A serialised number of any number type, as java.lang.Number's methods give it. Counters come as
// eight bytes, as clients see them.
std::int64_t longValue(const DataType& type, BytesView bytes);
double doubleValue(const DataType& type, BytesView bytes);
float floatValue(const DataType& type, BytesView bytes);
BigInt bigIntValue(const DataType& type, BytesView bytes);
/// NaN and the infinities have none.
Result<BigDecimal> decimalValue(const DataType& type, BytesView bytes);

/// The low bits, as Java's casts of whole numbers take them. `type` is one of tinyint to bigint,
/// or counter.
Bytes wholeBytes(const DataType& type, std::int64_t value);
bool isWholeFixed(const DataType& type);
/// Java's cast of a double to long, and to int: towards zero, NaN to zero, clamped.
std::int64_t saturatedLong(double v);
std::int32_t saturatedInt(double v);

/// Wrapping 64-bit arithmetic.
inline std::int64_t wrap(std::uint64_t v) {
    return static_cast<std::int64_t>(v);
}

}  // namespace engine::types::detail
