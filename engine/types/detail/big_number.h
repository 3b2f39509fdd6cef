#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace engine::types::detail {

// Heavy to compile: for the sources of this folder alone.

using BigInt = boost::multiprecision::cpp_int;

BigInt varintFromBytes(BytesView bytes);
/// Two's complement, as few bytes as hold the sign (BigInteger.toByteArray).
Bytes varintToBytes(const BigInt& value);
/// Empty unless `-?[0-9]+` (a leading plus too, as Java's BigInteger takes it).
std::optional<BigInt> parseBigInt(std::string_view text);
/// The low 64 bits, as BigInteger.longValue.
std::int64_t lowBits(const BigInt& value);
double toDouble(const BigInt& value);
BigInt powerOfTen(std::uint32_t exponent);
std::uint32_t digitCount(const BigInt& value);

/// java.math.BigDecimal: unscaled * 10^-scale.
struct BigDecimal {
    BigInt unscaled;
    std::int32_t scale = 0;

    static BigDecimal fromBytes(BytesView bytes);
    /// Exactly the double's shortest decimal form (BigDecimal.valueOf). `v` must be finite.
    static BigDecimal fromDouble(double v);
    /// Exactly the double (new BigDecimal(double)). `v` must be finite.
    static BigDecimal exactly(double v);
    /// As the constructor from text: digits, point, exponent. Empty for all else.
    static std::optional<BigDecimal> parse(std::string_view text);

    Bytes toBytes() const;
    std::string toString() const;       // With an exponent where Java prints one.
    std::string toPlainString() const;  // Never an exponent.
    double toDouble() const;
    /// Towards zero.
    BigInt toInteger() const;
    BigDecimal stripTrailingZeros() const;
    /// Rounded half up to `newScale` digits behind the point.
    BigDecimal rounded(std::int32_t newScale) const;
};

}  // namespace engine::types::detail
