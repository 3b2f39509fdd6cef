#include <algorithm>
#include <boost/multiprecision/cpp_dec_float.hpp>

#include "engine/types/detail/big_number.h"

namespace engine::types::detail {
namespace {

namespace mp = boost::multiprecision;
using Real = mp::number<mp::cpp_dec_float<110>>;

// DecimalType's constants.
constexpr std::int32_t kMinSignificantDigits = 32;
constexpr std::int32_t kMinScale = 32;
constexpr std::int32_t kMaxScale = 1000;
constexpr std::uint32_t kTranscendentalDigitsMax = 90;

Error arithmetic(const char* message) {
    return makeError(ErrorKind::Server, message);
}

/// e to the power of more than this many digits is beyond the library's range, and anybody's.
constexpr std::int64_t kExpDigitsMax = 7;

/// Both unscaled values at the larger of the two scales.
struct Aligned {
    BigInt left;
    BigInt right;
    std::int32_t scale = 0;
};

Result<Aligned> align(const BigDecimal& a, const BigDecimal& b) {
    const std::int32_t scale = std::max(a.scale, b.scale);
    const std::int64_t leftUp = static_cast<std::int64_t>(scale) - a.scale;
    const std::int64_t rightUp = static_cast<std::int64_t>(scale) - b.scale;
    if (std::max(leftUp, rightUp) > kExponentMax) {
        return arithmetic("BigInteger would overflow supported range");
    }
    return Aligned{a.unscaled * powerOfTen(static_cast<std::uint32_t>(leftUp)),
                   b.unscaled * powerOfTen(static_cast<std::uint32_t>(rightUp)), scale};
}

BigInt divideHalfUp(const BigInt& dividend, const BigInt& divisor) {
    BigInt quotient;
    BigInt rest;
    mp::divide_qr(dividend, divisor, quotient, rest);
    if (mp::abs(rest) * 2 >= mp::abs(divisor)) {
        quotient += (dividend < 0) == (divisor < 0) ? 1 : -1;
    }
    return quotient;
}

Real toReal(const BigDecimal& v) {
    return Real(v.unscaled.str() + "e" + std::to_string(-static_cast<std::int64_t>(v.scale)));
}

std::uint32_t digitsFor(const BigDecimal& v) {
    return std::clamp<std::uint32_t>(v.precision(), kMinSignificantDigits,
                                     kTranscendentalDigitsMax);
}

/// The library's exponents end well before a decimal's.
Result<Real> toRealWithin(const BigDecimal& v) {
    const std::int64_t exponent = static_cast<std::int64_t>(v.precision()) - v.scale;
    if (exponent > kExponentMax || exponent < -kExponentMax) {
        return arithmetic("java.lang.ArithmeticException: Overflow");
    }
    return toReal(v);
}

/// Rounded to `digits` significant ones, without zeros at the end.
BigDecimal fromReal(const Real& v, std::uint32_t digits) {
    const std::string text = v.str(static_cast<std::streamsize>(digits) - 1, std::ios::scientific);
    return BigDecimal::parse(text).value_or(BigDecimal()).stripTrailingZeros();
}

}  // namespace

Result<BigDecimal> add(const BigDecimal& a, const BigDecimal& b) {
    TRY_ASSIGN(const Aligned aligned, align(a, b));
    return BigDecimal{aligned.left + aligned.right, aligned.scale};
}

Result<BigDecimal> subtract(const BigDecimal& a, const BigDecimal& b) {
    TRY_ASSIGN(const Aligned aligned, align(a, b));
    return BigDecimal{aligned.left - aligned.right, aligned.scale};
}

Result<BigDecimal> multiply(const BigDecimal& a, const BigDecimal& b) {
    const std::int64_t scale = std::int64_t(a.scale) + b.scale;
    if (scale != static_cast<std::int32_t>(scale)) {
        return arithmetic(scale > 0 ? "Underflow" : "Overflow");
    }
    return BigDecimal{a.unscaled * b.unscaled, static_cast<std::int32_t>(scale)};
}

Result<BigDecimal> divide(const BigDecimal& a, const BigDecimal& b) {
    if (b.unscaled == 0) {
        return arithmetic("BigInteger divide by zero");
    }
    const std::int64_t firstDigit = (static_cast<std::int64_t>(a.precision()) - a.scale) -
                                    (static_cast<std::int64_t>(b.precision()) - b.scale);
    std::int64_t scale = kMinSignificantDigits - firstDigit;
    scale =
        std::max({scale, std::int64_t(a.scale), std::int64_t(b.scale), std::int64_t(kMinScale)});
    scale = std::min(scale, std::int64_t(kMaxScale));
    // a/b at that scale is (a.unscaled * 10^up) / b.unscaled, or with the power below.
    const std::int64_t up = scale - a.scale + b.scale;
    if (up > kExponentMax || up < -kExponentMax) {
        return arithmetic("BigInteger would overflow supported range");
    }
    const BigInt dividend =
        up >= 0 ? BigInt(a.unscaled * powerOfTen(static_cast<std::uint32_t>(up))) : a.unscaled;
    const BigInt divisor =
        up >= 0 ? b.unscaled : BigInt(b.unscaled * powerOfTen(static_cast<std::uint32_t>(-up)));
    return BigDecimal{divideHalfUp(dividend, divisor), static_cast<std::int32_t>(scale)}
        .stripTrailingZeros();
}

Result<BigDecimal> remainder(const BigDecimal& a, const BigDecimal& b) {
    if (b.unscaled == 0) {
        return arithmetic(a.unscaled == 0 ? "Division undefined" : "Division by zero");
    }
    TRY_ASSIGN(const Aligned aligned, align(a, b));
    return BigDecimal{aligned.left % aligned.right, aligned.scale};
}

BigDecimal divideKeepingScale(const BigDecimal& a, std::int64_t divisor) {
    BigInt quotient;
    BigInt rest;
    mp::divide_qr(a.unscaled, BigInt(divisor), quotient, rest);
    const BigInt twice = mp::abs(rest) * 2;
    const bool odd = mp::bit_test(BigInt(mp::abs(quotient)), 0);
    if (twice > divisor || (twice == divisor && odd)) {
        quotient += a.unscaled < 0 ? -1 : 1;
    }
    return BigDecimal{quotient, a.scale};
}

Result<BigDecimal> exp(const BigDecimal& v) {
    if (v.unscaled == 0) {
        return BigDecimal{1, 0};
    }
    const BigDecimal stripped = v.stripTrailingZeros();
    const std::int64_t digitsBeforePoint =
        static_cast<std::int64_t>(stripped.precision()) - stripped.scale;
    if (digitsBeforePoint > kExpDigitsMax || digitsBeforePoint < -kExponentMax) {
        return arithmetic("java.lang.ArithmeticException: Overflow");
    }
    return fromReal(mp::exp(toReal(v)), digitsFor(v));
}

Result<BigDecimal> log(const BigDecimal& v) {
    if (v.unscaled <= 0) {
        return arithmetic("java.lang.ArithmeticException: Natural log of number zero or less");
    }
    TRY_ASSIGN(const Real real, toRealWithin(v));
    return fromReal(mp::log(real), digitsFor(v));
}

Result<BigDecimal> log10(const BigDecimal& v) {
    if (v.unscaled <= 0) {
        return arithmetic("java.lang.ArithmeticException: Log10 of number zero or less");
    }
    const BigDecimal stripped = v.stripTrailingZeros();
    if (stripped.unscaled == 1) {
        // Of one itself Cassandra's library gives a zero of a strange scale.
        return stripped.scale == 0 ? BigDecimal{0, -33} : BigDecimal{-stripped.scale, 0};
    }
    TRY_ASSIGN(const Real real, toRealWithin(v));
    return fromReal(mp::log10(real), digitsFor(v));
}

}  // namespace engine::types::detail
