#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

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

/// How far scales may be apart before arithmetic refuses: numbers with more digits than this serve
/// nobody and would fill the memory.
inline constexpr std::int64_t kExponentMax = 100'000;

/// java.math.BigDecimal: unscaled * 10^-scale.
struct BigDecimal {
    BigInt unscaled;
    std::int32_t scale = 0;

    static BigDecimal fromBytes(BytesView bytes);
    /// Exactly the double's shortest decimal form (BigDecimal.valueOf). `v` must be finite.
    static BigDecimal fromDouble(double v);
    /// As the constructor from text: digits, point, exponent. Empty for all else.
    static std::optional<BigDecimal> parse(std::string_view text);

    Bytes toBytes() const;
    std::string toString() const;       // With an exponent where Java prints one.
    std::string toPlainString() const;  // Never an exponent.
    double toDouble() const;
    /// Towards zero. Beyond kExponentMax zeros, where Java gives up, the answer is zero.
    BigInt toInteger() const;
    std::uint32_t precision() const { return digitCount(unscaled); }
    BigDecimal stripTrailingZeros() const;
    /// Rounded half up to `newScale` digits behind the point.
    BigDecimal rounded(std::int32_t newScale) const;
};

// java.math's arithmetic with DecimalType's choices of scale. Messages are Java's.
Result<BigDecimal> add(const BigDecimal& a, const BigDecimal& b);
Result<BigDecimal> subtract(const BigDecimal& a, const BigDecimal& b);
Result<BigDecimal> multiply(const BigDecimal& a, const BigDecimal& b);
/// At least 32 significant digits, half up, without trailing zeros (DecimalType.divide).
Result<BigDecimal> divide(const BigDecimal& a, const BigDecimal& b);
Result<BigDecimal> remainder(const BigDecimal& a, const BigDecimal& b);
/// Keeping the scale of `a`, half even.
BigDecimal divideKeepingScale(const BigDecimal& a, std::int64_t divisor);

// To 32 significant digits, or the argument's own if those are more (up to 90).
Result<BigDecimal> exp(const BigDecimal& v);
Result<BigDecimal> log(const BigDecimal& v);
Result<BigDecimal> log10(const BigDecimal& v);

}  // namespace engine::types::detail
