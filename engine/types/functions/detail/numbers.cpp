#include "engine/types/functions/detail/numbers.h"

#include <cmath>
#include <limits>

namespace engine::types::detail {
namespace {

template <typename T>
T saturated(double v) {
    if (std::isnan(v)) {
        return 0;
    }
    // 2^31 and 2^63 are exact as doubles, the types' maxima need not be.
    const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (v >= limit) {
        return std::numeric_limits<T>::max();
    }
    if (v < -limit) {
        return std::numeric_limits<T>::min();
    }
    return static_cast<T>(v);
}

}  // namespace

bool isWholeFixed(const DataType& type) {
    switch (type.kind()) {
        case Kind::Tinyint:
        case Kind::Smallint:
        case Kind::Int:
        case Kind::Bigint:
        case Kind::Counter:
            return true;
        default:
            return false;
    }
}

std::int64_t saturatedLong(double v) {
    return saturated<std::int64_t>(v);
}
std::int32_t saturatedInt(double v) {
    return saturated<std::int32_t>(v);
}

std::int64_t longValue(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Tinyint:
            return decodeTinyint(bytes);
        case Kind::Smallint:
            return decodeSmallint(bytes);
        case Kind::Int:
            return decodeInt(bytes);
        case Kind::Float:
            return saturatedLong(decodeFloat(bytes));
        case Kind::Double:
            return saturatedLong(decodeDouble(bytes));
        case Kind::Varint:
            return lowBits(varintFromBytes(bytes));
        case Kind::Decimal:
            return lowBits(BigDecimal::fromBytes(bytes).toInteger());
        default:
            return decodeBigint(bytes);
    }
}

double doubleValue(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Float:
            return decodeFloat(bytes);
        case Kind::Double:
            return decodeDouble(bytes);
        case Kind::Varint:
            return toDouble(varintFromBytes(bytes));
        case Kind::Decimal:
            return BigDecimal::fromBytes(bytes).toDouble();
        default:
            return static_cast<double>(longValue(type, bytes));
    }
}

float floatValue(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Float:
            return decodeFloat(bytes);
        case Kind::Varint:
            return std::strtof(varintFromBytes(bytes).str().c_str(), nullptr);
        case Kind::Decimal: {
            const BigDecimal v = BigDecimal::fromBytes(bytes);
            return std::strtof(v.toString().c_str(), nullptr);
        }
        case Kind::Double:
            return static_cast<float>(decodeDouble(bytes));
        default:
            return static_cast<float>(longValue(type, bytes));
    }
}

BigInt bigIntValue(const DataType& type, BytesView bytes) {
    return type.kind() == Kind::Varint ? varintFromBytes(bytes) : BigInt(longValue(type, bytes));
}

Result<BigDecimal> decimalValue(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Decimal:
            return BigDecimal::fromBytes(bytes);
        // Small whole numbers become doubles on the way (NumberType.toBigDecimal): 1 is 1.0.
        case Kind::Tinyint:
        case Kind::Smallint:
        case Kind::Int:
        case Kind::Float:
        case Kind::Double: {
            const double v = doubleValue(type, bytes);
            if (std::isnan(v)) {
                return makeError(ErrorKind::Server, "A NaN cannot be converted into a decimal");
            }
            if (std::isinf(v)) {
                return makeError(ErrorKind::Server,
                                 "An infinite number cannot be converted into a decimal");
            }
            return BigDecimal::fromDouble(v);
        }
        default:
            return BigDecimal{bigIntValue(type, bytes), 0};
    }
}

Bytes wholeBytes(const DataType& type, std::int64_t value) {
    switch (type.kind()) {
        case Kind::Tinyint:
            return encodeTinyint(static_cast<std::int8_t>(value));
        case Kind::Smallint:
            return encodeSmallint(static_cast<std::int16_t>(value));
        case Kind::Int:
            return encodeInt(static_cast<std::int32_t>(value));
        default:
            return encodeBigint(value);
    }
}

}  // namespace engine::types::detail
