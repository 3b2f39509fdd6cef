#include "engine/client/copy_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/client/copy_time.h"
#include "engine/types/codec.h"
#include "engine/types/literals.h"
#include "engine/types/temporal.h"

namespace engine::client {

namespace {

using types::DataType;
using types::Kind;

// ---- numbers --------------------------------------------------------------------------------------------------------

std::string grouped(double whole, const std::string& separator) {
    std::string digits = fmt::format("{:.0f}", whole);
    const std::size_t first = digits.front() == '-' ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, separator);
    }
    return digits;
}

double numberOf(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string integerText(const std::string& digits, const CopyStyle& style) {
    return style.thousandsSeparator.empty() ? digits : grouped(numberOf(digits), style.thousandsSeparator);
}

std::string floatText(double value, int precision, const CopyStyle& style) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "Infinity" : "-Infinity";
    }
    if (!style.thousandsSeparator.empty()) {
        double whole = 0;
        const double rest = std::modf(value, &whole);
        std::string digits = fmt::format("{:.{}f}", std::abs(rest), precision).substr(std::min(2, precision + 1));
        digits.erase(digits.find_last_not_of('0') + 1);
        return grouped(whole, style.thousandsSeparator) + (digits.empty() ? "" : style.decimalSeparator + digits);
    }
    // Digits before the point do not count where no exponent is written.
    const double size = std::abs(value);
    const int exponent = size > std::numeric_limits<double>::epsilon() ? static_cast<int>(std::log10(size))
                                                                       : std::numeric_limits<int>::min();
    std::string text = fmt::format("{:.{}g}", value, exponent >= -4 && exponent < precision ? precision + exponent + 1 : precision);
    if (const std::size_t point = text.find('.'); point != std::string::npos) {
        text.replace(point, 1, style.decimalSeparator);
    }
    return text;
}

// ---- texts ----------------------------------------------------------------------------------------------------------

/// Backslashes doubled; control characters (code points up to `last` from 0x7f) as Python's repr shows them.
std::string shownText(std::string_view text, unsigned last) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        unsigned code = c;
        const bool isLatin = (c == 0xC2 || c == 0xC3) && i + 1 < text.size();
        if (isLatin) {
            code = (c - 0xC0U) * 64U + (static_cast<unsigned char>(text[i + 1]) & 0x3FU);
        }
        const bool isControl = c < 0x20 || c == 0x7F || (isLatin && code <= last);
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\t' || c == '\n' || c == '\r') {
            out += c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\r";
        } else if (isControl) {
            out += fmt::format("\\x{:02x}", code);
            i += isLatin ? 1 : 0;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string quotedText(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + "'";
}

/// As inet_ntop writes it: the longest run of zeros of an IPv6 address left out, an IPv4 address in it in its own form.
std::string addressText(BytesView value) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(value[i])); };
    const auto four = [&](std::size_t from) {
        return fmt::format("{}.{}.{}.{}", at(from), at(from + 1), at(from + 2), at(from + 3));
    };
    constexpr std::size_t kFour = 4;
    constexpr std::size_t kSix = 16;
    if (value.size() != kSix) {
        return value.size() == kFour ? four(0) : std::string();
    }
    constexpr std::size_t kWords = 8;
    const auto word = [&](std::size_t i) { return at(2 * i) << 8 | at(2 * i + 1); };
    std::size_t start = kWords;
    std::size_t zeros = 1;  // One alone stays.
    for (std::size_t i = 0; i < kWords; ++i) {
        std::size_t end = i;
        while (end < kWords && word(end) == 0) {
            ++end;
        }
        if (end - i > zeros) {
            start = i;
            zeros = end - i;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < kWords;) {
        if (i == start) {
            out += "::";
            i += zeros;
            continue;
        }
        out += out.empty() || out.back() == ':' ? "" : ":";
        if (start == 0 && i == 6 && (zeros == 6 || (zeros == 5 && word(5) == 0xFFFF))) {
            return out + four(12);
        }
        out += fmt::format("{:x}", word(i));
        ++i;
    }
    return out;
}

class Writer {
public:
    Writer(const CopyStyle& style, int precision) : m_style(style), m_precision(precision) {}

    std::string write(const DataType& type, BytesView value, bool nested) const {
        if (value.empty() && type.kind() != Kind::Text && type.kind() != Kind::Ascii && type.kind() != Kind::Blob) {
            return nested ? std::string() : copyNull(m_style);
        }
        switch (type.kind()) {
            case Kind::Text:
            case Kind::Ascii: {
                std::string text = shownText(value, 0xA0);
                return nested ? quotedText(text) : text;
            }
            case Kind::Boolean: return types::decodeBoolean(value) ? m_style.yes : m_style.no;
            case Kind::Float: return floatText(static_cast<double>(types::decodeFloat(value)), m_precision, m_style);
            case Kind::Double: return floatText(types::decodeDouble(value), m_precision, m_style);
            case Kind::Decimal: return decimal(type, value);
            case Kind::Tinyint:
            case Kind::Smallint:
            case Kind::Int:
            case Kind::Bigint:
            case Kind::Counter:
            case Kind::Varint: return integerText(types::toCqlLiteral(type, value), m_style);
            case Kind::Date: return types::dateText(types::decodeDate(value));
            case Kind::Time: return types::timeText(types::decodeBigint(value));
            case Kind::Timestamp: {
                const std::string text = formatTimestamp(types::decodeBigint(value), m_style.timestampFormat);
                return nested ? quotedText(text) : text;
            }
            case Kind::Inet: return nested ? quotedText(addressText(value)) : addressText(value);
            case Kind::List:
            case Kind::Set:
            case Kind::Vector: return elements(type, value);
            case Kind::Map: return entries(type, value);
            case Kind::Tuple: return components(type, value);
            case Kind::Udt: return fields(type, value);
            default: return types::toCqlLiteral(type, value);
        }
    }

private:
    std::string decimal(const DataType& type, BytesView value) const {
        const std::string text = types::toCqlLiteral(type, value);
        const bool plain = m_style.thousandsSeparator.empty() && m_style.decimalSeparator == ".";
        return plain ? text : floatText(numberOf(text), m_precision, m_style);
    }

    std::string elements(const DataType& type, BytesView value) const {
        const auto unpacked = type.kind() == Kind::Vector ? types::unpackVector(type, value) : types::unpackList(value);
        if (!unpacked) {
            return {};
        }
        std::vector<BytesView> ordered = unpacked.value();
        if (type.kind() == Kind::Set) {
            sortAsPython(*type.element(), ordered, [](BytesView one) { return one; });
        }
        std::string out;
        for (const BytesView element : ordered) {
            out += (out.empty() ? "" : ", ") + write(*type.element(), element, true);
        }
        return type.kind() == Kind::Set ? "{" + out + "}" : "[" + out + "]";
    }

    std::string entries(const DataType& type, BytesView value) const {
        const auto unpacked = types::unpackMap(value);
        if (!unpacked) {
            return {};
        }
        auto ordered = unpacked.value();
        sortAsPython(*type.keyType(), ordered, [](const auto& entry) { return entry.first; });
        std::string out;
        for (const auto& [key, mapped] : ordered) {
            out += (out.empty() ? "" : ", ") + write(*type.keyType(), key, true) + ": " + write(*type.valueType(), mapped, true);
        }
        return "{" + out + "}";
    }

    std::string components(const DataType& type, BytesView value) const {
        const auto parts = types::unpackTuple(type, value);
        std::string out;
        for (std::size_t i = 0; parts && i < parts.value().size(); ++i) {
            const auto& part = parts.value()[i];
            out += (i == 0 ? "" : ", ") + (part ? write(*type.element(i), *part, true) : copyNull(m_style));
        }
        return "(" + out + ")";
    }

    std::string fields(const DataType& type, BytesView value) const {
        const auto parts = types::unpackTuple(type, value);
        std::string out;
        for (std::size_t i = 0; parts && i < parts.value().size(); ++i) {
            const auto& part = parts.value()[i];
            out += (i == 0 ? "" : ", ") + shownText(type.fieldNames()[i], 0xA0) + ": " +
                   (part ? write(*type.element(i), *part, true) : m_style.null);
        }
        return "{" + out + "}";
    }

    /// The driver below cqlsh orders what it has read by Python's order, which for these is not Cassandra's.
    template <typename T, typename Key>
    static void sortAsPython(const DataType& type, std::vector<T>& items, Key key) {
        if (type.kind() == Kind::Uuid || type.kind() == Kind::Timeuuid) {
            std::stable_sort(items.begin(), items.end(), [&](const T& a, const T& b) { return key(a) < key(b); });
        } else if (type.kind() == Kind::Inet) {
            std::stable_sort(items.begin(), items.end(),
                             [&](const T& a, const T& b) { return addressText(key(a)) < addressText(key(b)); });
        }
    }

    const CopyStyle& m_style;
    int m_precision;
};

// ---- fields to values -----------------------------------------------------------------------------------------------

std::string_view withoutSpaces(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\n\r");
    return from == std::string_view::npos ? std::string_view() : text.substr(from, text.find_last_not_of(" \t\n\r") - from + 1);
}

std::string without(std::string text, const std::string& what, const std::string& instead) {
    for (std::size_t at = 0; !what.empty() && (at = text.find(what, at)) != std::string::npos; at += instead.size()) {
        text.replace(at, what.size(), instead);
    }
    return text;
}

/// A part of a collection: without spaces around it, and without quotes.
std::string part(std::string_view written) {
    const std::string_view text = withoutSpaces(written);
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
        return without(std::string(text.substr(1, text.size() - 2)), "''", "'");
    }
    return std::string(text);
}

/// What lies between separators, outside of inner brackets and of single quotes.
std::vector<std::string_view> pieces(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    std::size_t last = 0;
    int level = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\'') {
            quoted = !quoted;
        } else if (!quoted) {
            level += c == '{' || c == '[' || c == '(' ? 1 : c == '}' || c == ']' || c == ')' ? -1 : 0;
            if (c == separator && level == 0) {
                out.push_back(text.substr(last, i - last));
                last = i + 1;
            }
        }
    }
    if (last < text.size()) {
        out.push_back(text.substr(last));
    }
    return out;
}

Result<std::string_view> inside(std::string_view written) {
    const std::string_view text = withoutSpaces(written);
    const auto are = [&](char open, char close) { return text.front() == open && text.back() == close; };
    if (text.size() < 2 || !(are('{', '}') || are('[', ']') || are('(', ')'))) {
        return invalid(fmt::format("Invalid composite string, it should start and end with matching parentheses: {}", text));
    }
    return text.substr(1, text.size() - 2);
}

class Reader {
public:
    explicit Reader(const CopyStyle& style) : m_style(style) {}

    Result<Bytes> read(const DataType& type, std::string_view field) const {
        switch (type.kind()) {
            case Kind::List:
            case Kind::Set:
            case Kind::Vector: return elements(type, field);
            case Kind::Map: return entries(type, field);
            case Kind::Tuple: return components(type, field);
            case Kind::Udt: return fields(type, field);
            default: return simple(type, std::string(field));
        }
    }

private:
    Result<Bytes> simple(const DataType& type, std::string text) const {
        switch (type.kind()) {
            case Kind::Blob:
                text = text.starts_with("0x") ? text.substr(2) : text;
                break;
            case Kind::Boolean: {
                const std::string lower = lowerCase(text);
                text = lower == lowerCase(m_style.yes) ? "true" : lower == lowerCase(m_style.no) ? "false" : text;
                break;
            }
            case Kind::Float:
            case Kind::Double:
            case Kind::Decimal:
                text = without(without(std::move(text), m_style.thousandsSeparator, ""), m_style.decimalSeparator, ".");
                break;
            case Kind::Tinyint:
            case Kind::Smallint:
            case Kind::Int:
            case Kind::Bigint:
            case Kind::Counter:
            case Kind::Varint:
                text = without(std::move(text), m_style.thousandsSeparator, "");
                break;
            case Kind::Timestamp:
                if (const auto millis = parseTimestampAs(text, m_style.timestampFormat)) {
                    return types::encodeTimestamp(*millis);
                }
                break;
            default: break;
        }
        return types::fromString(type, text);
    }

    /// A part that may not be null.
    Result<Bytes> mandatory(const DataType& type, std::string_view written) const {
        const std::string text = part(written);
        if (text == m_style.null && type.kind() != Kind::Text) {
            return invalid("Empty values are not allowed");
        }
        return read(type, text);
    }

    Result<Bytes> elements(const DataType& type, std::string_view field) const {
        TRY_ASSIGN(const std::string_view text, inside(field));
        std::vector<Bytes> out;
        for (const std::string_view piece : pieces(text, ',')) {
            TRY_ASSIGN(Bytes element, mandatory(*type.element(), piece));
            out.push_back(std::move(element));
        }
        if (type.kind() == Kind::Vector) {
            if (static_cast<std::int32_t>(out.size()) != type.dimension()) {
                return invalid(fmt::format("The length of given vector value '{}' is not equal to the vector size from the "
                                           "type definition '{}'", out.size(), type.dimension()));
            }
            return types::packVector(type, out);
        }
        if (type.kind() == Kind::Set) {
            types::sortSet(*type.element(), out);
        }
        return types::packList(out);
    }

    Result<Bytes> entries(const DataType& type, std::string_view field) const {
        TRY_ASSIGN(const std::string_view text, inside(field));
        std::vector<std::pair<Bytes, Bytes>> out;
        for (const std::string_view piece : pieces(text, ',')) {
            const auto pair = pieces(piece, ':');
            if (pair.size() != 2) {
                return invalid(fmt::format("'{}' is no key and its value", withoutSpaces(piece)));
            }
            TRY_ASSIGN(Bytes key, mandatory(*type.keyType(), pair[0]));
            TRY_ASSIGN(Bytes value, mandatory(*type.valueType(), pair[1]));
            out.emplace_back(std::move(key), std::move(value));
        }
        types::sortMap(*type.keyType(), out);
        return types::packMap(out);
    }

    Result<types::Value> optional(const DataType& type, std::string_view written) const {
        const std::string text = part(written);
        const bool isText = type.kind() == Kind::Text && !withoutSpaces(written).empty();
        if (!isText && (text.empty() || text == m_style.null)) {
            return types::Value();
        }
        TRY_ASSIGN(Bytes value, read(type, text));
        return types::Value(std::move(value));
    }

    Result<Bytes> components(const DataType& type, std::string_view field) const {
        TRY_ASSIGN(const std::string_view text, inside(field));
        const auto written = pieces(text, ',');
        if (written.size() > type.elements().size()) {
            return invalid(fmt::format("{} components for {}", written.size(), type.elements().size()));
        }
        std::vector<types::Value> out(type.elements().size());
        for (std::size_t i = 0; i < written.size(); ++i) {
            TRY_ASSIGN(out[i], optional(*type.element(i), written[i]));
        }
        return types::packTuple(out);
    }

    Result<Bytes> fields(const DataType& type, std::string_view field) const {
        TRY_ASSIGN(const std::string_view text, inside(field));
        std::vector<types::Value> out(type.elements().size());
        for (const std::string_view piece : pieces(text, ',')) {
            const auto pair = pieces(piece, ':');
            const int at = pair.empty() ? -1 : type.fieldIndex(part(pair[0]));
            if (at < 0 || pair.size() > 2) {
                return invalid(fmt::format("'{}' is no field of {} and its value", withoutSpaces(piece), type.udtName()));
            }
            if (pair.size() == 2) {
                const auto i = static_cast<std::size_t>(at);
                TRY_ASSIGN(out[i], optional(*type.element(i), pair[1]));
            }
        }
        return types::packTuple(out);
    }

    const CopyStyle& m_style;
};

}  // namespace

std::string copyText(const types::DataType& type, BytesView value, const CopyStyle& style) {
    return Writer(style, type.kind() == Kind::Double ? style.doublePrecision : style.floatPrecision).write(type, value, false);
}

std::string copyNull(const CopyStyle& style) { return shownText(style.null, 0xFF); }

Result<Bytes> copyValue(const types::DataType& type, std::string_view field, const CopyStyle& style) {
    return Reader(style).read(type, field);
}

}  // namespace engine::client
