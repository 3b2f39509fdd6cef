#include "engine/types/detail/big_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/types/detail/number.h"

namespace engine::types::detail {
namespace mp = boost::multiprecision;

BigInt varintFromBytes(BytesView bytes) {
    BigInt value;
    if (bytes.empty()) {
        return value;
    }
    const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
    mp::import_bits(value, begin, begin + bytes.size(), 8, true);
    if ((*begin & 0x80) != 0) {
        value -= BigInt(1) << (8 * bytes.size());
    }
    return value;
}

Bytes varintToBytes(const BigInt& value) {
    // The magnitude's bits plus one for the sign; -128 still fits one byte.
    const BigInt magnitude = value < 0 ? BigInt(-value - 1) : value;
    const std::size_t bits = magnitude == 0 ? 0 : mp::msb(magnitude) + 1;
    const std::size_t size = bits / 8 + 1;
    const BigInt unsignedForm = value < 0 ? BigInt((BigInt(1) << (8 * size)) + value) : value;
    Bytes digits;
    mp::export_bits(unsignedForm, std::back_inserter(digits), 8, true);
    if (digits.size() < size) {
        digits.insert(0, size - digits.size(), '\0');
    }
    return digits;
}

std::optional<BigInt> parseBigInt(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    // A leading zero would mean octal to the library.
    const std::size_t first = std::min(text.find_first_not_of('0'), text.size() - 1);
    BigInt value{std::string(text.substr(first))};
    return negative ? BigInt(-value) : value;
}

std::int64_t lowBits(const BigInt& value) {
    static const BigInt mask = (BigInt(1) << 64) - 1;
    const BigInt magnitude = mp::abs(value) & mask;
    const auto bits = magnitude.convert_to<std::uint64_t>();
    return static_cast<std::int64_t>(value < 0 ? ~bits + 1 : bits);
}

double toDouble(const BigInt& value) {
    const std::string digits = value.str();
    return std::strtod(digits.c_str(), nullptr);
}

BigInt powerOfTen(std::uint32_t exponent) {
    return mp::pow(BigInt(10), exponent);
}

std::uint32_t digitCount(const BigInt& value) {
    return static_cast<std::uint32_t>(BigInt(mp::abs(value)).str().size());
}

BigDecimal BigDecimal::fromBytes(BytesView bytes) {
    ByteReader reader(bytes);
    BigDecimal value;
    value.scale = reader.i32();
    value.unscaled = varintFromBytes(reader.raw(reader.remaining()));
    return value;
}

BigDecimal BigDecimal::fromDouble(double v) {
    return *parse(javaToString(v));
}

std::optional<BigDecimal> BigDecimal::parse(std::string_view text) {
    std::int64_t exponent = 0;
    const std::size_t e = text.find_first_of("eE");
    if (e != std::string_view::npos) {
        std::string_view digits = text.substr(e + 1);
        if (!digits.empty() && digits[0] == '+') {
            digits.remove_prefix(1);
        }
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (error != std::errc() || end != digits.data() + digits.size()) {
            return std::nullopt;
        }
        text = text.substr(0, e);
    }
    std::string digits(text);
    std::int64_t scale = 0;
    const std::size_t point = digits.find('.');
    if (point != std::string::npos) {
        scale = static_cast<std::int64_t>(digits.size() - point - 1);
        digits.erase(point, 1);
    }
    const std::optional<BigInt> unscaled = parseBigInt(digits);
    scale -= exponent;
    if (!unscaled || scale != static_cast<std::int32_t>(scale)) {
        return std::nullopt;
    }
    return BigDecimal{*unscaled, static_cast<std::int32_t>(scale)};
}

Bytes BigDecimal::toBytes() const {
    ByteWriter writer;
    writer.i32(scale);
    writer.raw(varintToBytes(unscaled));
    return writer.take();
}

std::string BigDecimal::toString() const {
    std::string digits = BigInt(mp::abs(unscaled)).str();
    const std::string sign = unscaled < 0 ? "-" : "";
    if (scale == 0) {
        return sign + digits;
    }
    const std::int64_t adjusted =
        static_cast<std::int64_t>(digits.size()) - 1 - static_cast<std::int64_t>(scale);
    if (scale > 0 && adjusted >= -6) {
        return toPlainString();
    }
    std::string out = sign + digits.substr(0, 1);
    if (digits.size() > 1) {
        out += "." + digits.substr(1);
    }
    if (adjusted != 0) {
        out += adjusted > 0 ? "E+" : "E";
        out += std::to_string(adjusted);
    }
    return out;
}

std::string BigDecimal::toPlainString() const {
    std::string digits = BigInt(mp::abs(unscaled)).str();
    const std::string sign = unscaled < 0 ? "-" : "";
    if (scale <= 0) {
        if (unscaled != 0) {
            digits.append(static_cast<std::size_t>(-static_cast<std::int64_t>(scale)), '0');
        }
        return sign + digits;
    }
    const auto places = static_cast<std::size_t>(scale);
    if (digits.size() <= places) {
        digits.insert(0, places + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - places, 1, '.');
    return sign + digits;
}

double BigDecimal::toDouble() const {
    const std::string text =
        unscaled.str() + "e" + std::to_string(-static_cast<std::int64_t>(scale));
    return std::strtod(text.c_str(), nullptr);
}

BigInt BigDecimal::toInteger() const {
    if (scale <= 0) {
        if (-static_cast<std::int64_t>(scale) > kExponentMax) {
            return 0;
        }
        return unscaled * powerOfTen(static_cast<std::uint32_t>(-static_cast<std::int64_t>(scale)));
    }
    // Beyond its digits nothing is left, however large the scale.
    if (static_cast<std::uint32_t>(scale) > digitCount(unscaled)) {
        return 0;
    }
    return unscaled / powerOfTen(static_cast<std::uint32_t>(scale));
}

BigDecimal BigDecimal::stripTrailingZeros() const {
    if (unscaled == 0) {
        return BigDecimal{};
    }
    std::string digits = unscaled.str();
    const auto zeros = static_cast<std::int64_t>(digits.size() - digits.find_last_not_of('0') - 1);
    // As many as the scale has room for.
    constexpr std::int64_t lowest = std::numeric_limits<std::int32_t>::min();
    const std::int64_t dropped = std::min(zeros, scale - lowest);
    digits.resize(digits.size() - static_cast<std::size_t>(dropped));
    return BigDecimal{*parseBigInt(digits), static_cast<std::int32_t>(scale - dropped)};
}

BigDecimal BigDecimal::rounded(std::int32_t newScale) const {
    if (newScale >= scale) {
        const auto up = static_cast<std::uint32_t>(newScale - scale);
        return BigDecimal{unscaled * powerOfTen(up), newScale};
    }
    const std::int64_t dropped =
        static_cast<std::int64_t>(scale) - static_cast<std::int64_t>(newScale);
    if (dropped > static_cast<std::int64_t>(digitCount(unscaled))) {
        return BigDecimal{0, newScale};
    }
    const BigInt divisor = powerOfTen(static_cast<std::uint32_t>(dropped));
    const BigInt half = divisor / 2;
    const BigInt shifted = unscaled < 0 ? BigInt(unscaled - half) : BigInt(unscaled + half);
    return BigDecimal{shifted / divisor, newScale};
}

}  // namespace engine::types::detail
