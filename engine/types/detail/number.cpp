#include "engine/types/detail/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/types/codec.h"
#include "engine/types/detail/big_number.h"

namespace engine::types::detail {
namespace {

/// Without bytes that only repeat the sign.
BytesView withoutSignBytes(BytesView bytes) {
    while (bytes.size() > 1) {
        const auto first = static_cast<unsigned char>(bytes[0]);
        const bool nextNegative = (static_cast<unsigned char>(bytes[1]) & 0x80) != 0;
        if (!((first == 0x00 && !nextNegative) || (first == 0xFF && nextNegative))) {
            break;
        }
        bytes.remove_prefix(1);
    }
    return bytes;
}

bool isNegative(BytesView bytes) {
    return !bytes.empty() && static_cast<signed char>(bytes[0]) < 0;
}

/// The digits of |value| without trailing zeros, and the place of the first one: the value is
/// 0.DIGITS * 10^exponent.
struct Scientific {
    std::string digits;
    std::int64_t exponent = 0;
};

Scientific scientific(const BigDecimal& value) {
    Scientific result;
    result.digits = BigInt(boost::multiprecision::abs(value.unscaled)).str();
    result.exponent =
        static_cast<std::int64_t>(result.digits.size()) - static_cast<std::int64_t>(value.scale);
    const std::size_t last = result.digits.find_last_not_of('0');
    result.digits.resize(last + 1);
    return result;
}

int compareMagnitudes(const BigDecimal& a, const BigDecimal& b) {
    const Scientific left = scientific(a);
    const Scientific right = scientific(b);
    if (left.exponent != right.exponent) {
        return left.exponent < right.exponent ? -1 : 1;
    }
    return left.digits.compare(right.digits);
}

/// Digits and decimal exponent of the shortest text that reads back as `v`, laid out as Java does.
template <typename T>
std::string layOut(T v) {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, std::fabs(v), std::chars_format::scientific);
    std::string_view shortest(buffer, static_cast<std::size_t>(end.ptr - buffer));
    std::size_t e = shortest.find('e');
    char twoDigits[64];
    if (e == 1) {
        // Java always has a digit behind the point and takes the nearest: 4.9E-324, not 5E-324.
        const auto two = std::to_chars(twoDigits, twoDigits + sizeof twoDigits, std::fabs(v),
                                       std::chars_format::scientific, 1);
        T again = 0;
        std::from_chars(twoDigits, two.ptr, again);
        if (again == std::fabs(v)) {
            shortest = {twoDigits, static_cast<std::size_t>(two.ptr - twoDigits)};
            e = shortest.find('e');
        }
    }
    std::string digits(1, shortest[0]);
    if (e > 2 && !(e == 3 && shortest[2] == '0')) {
        digits.append(shortest.substr(2, e - 2));
    }
    const int exponent = std::stoi(std::string(shortest.substr(e + 1)));
    std::string out = std::signbit(v) ? "-" : "";
    if (exponent < -3 || exponent >= 7) {
        out += digits.substr(0, 1) + "." + (digits.size() > 1 ? digits.substr(1) : "0") + "E" +
               std::to_string(exponent);
    } else if (exponent < 0) {
        out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    } else {
        const auto whole = static_cast<std::size_t>(exponent) + 1;
        if (digits.size() < whole + 1) {
            digits.append(whole + 1 - digits.size(), '0');
        }
        out += digits.substr(0, whole) + "." + digits.substr(whole);
    }
    return out;
}

template <typename T>
std::string javaText(T v) {
    if (std::isnan(v)) {
        return "NaN";
    }
    if (std::isinf(v)) {
        return v < 0 ? "-Infinity" : "Infinity";
    }
    if (v == 0) {
        return std::signbit(v) ? "-0.0" : "0.0";
    }
    return layOut(v);
}

}  // namespace

int compareVarint(BytesView a, BytesView b) {
    const bool aNegative = isNegative(a);
    const bool bNegative = isNegative(b);
    if (aNegative != bNegative) {
        return aNegative ? -1 : 1;
    }
    a = withoutSignBytes(a);
    b = withoutSignBytes(b);
    if (a.size() != b.size()) {
        return (a.size() < b.size()) != aNegative ? -1 : 1;
    }
    return a.compare(b);
}

int compareDecimal(BytesView a, BytesView b) {
    if (a.substr(0, 4) == b.substr(0, 4)) {
        return compareVarint(a.substr(std::min<std::size_t>(4, a.size())),
                             b.substr(std::min<std::size_t>(4, b.size())));
    }
    const BigDecimal left = BigDecimal::fromBytes(a);
    const BigDecimal right = BigDecimal::fromBytes(b);
    const int leftSign = left.unscaled.sign();
    const int rightSign = right.unscaled.sign();
    if (leftSign != rightSign || leftSign == 0) {
        return leftSign < rightSign ? -1 : (leftSign > rightSign ? 1 : 0);
    }
    const int magnitudes = compareMagnitudes(left, right);
    return leftSign > 0 ? magnitudes : -magnitudes;
}

std::string javaToString(double v) {
    return javaText(v);
}
std::string javaToString(float v) {
    return javaText(v);
}

}  // namespace engine::types::detail
