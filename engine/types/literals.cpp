#include "engine/types/literals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/types/codec.h"
#include "engine/types/detail/big_number.h"
#include "engine/types/detail/inet.h"
#include "engine/types/detail/number.h"
#include "engine/types/temporal.h"
#include "engine/types/type_names.h"

namespace engine::types {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

/// Java's Integer.parseInt and the like: digits with an optional sign, within the type's range.
template <typename T>
Result<T> parseWhole(std::string_view text, const char* name) {
    std::string_view digits = text;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') {
        digits.remove_prefix(1);
    }
    T value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
        return invalid(fmt::format("Unable to make {} from '{}'", name, text));
    }
    return value;
}

/// Java's Double.parseDouble of what reaches us: blanks around, NaN, Infinity, decimal numbers.
template <typename T>
Result<T> parseFloating(std::string_view text, const char* name) {
    std::string_view body = text;
    while (!body.empty() && body.front() == ' ') {
        body.remove_prefix(1);
    }
    while (!body.empty() && body.back() == ' ') {
        body.remove_suffix(1);
    }
    const bool negative = !body.empty() && body[0] == '-';
    if (!body.empty() && (body[0] == '-' || body[0] == '+')) {
        body.remove_prefix(1);
    }
    T value = 0;
    if (lower(body) == "nan") {
        value = std::numeric_limits<T>::quiet_NaN();
        return value;
    }
    if (lower(body) == "infinity") {
        value = std::numeric_limits<T>::infinity();
    } else {
        const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value);
        const bool digits = !body.empty() && ((body[0] >= '0' && body[0] <= '9') || body[0] == '.');
        if (!digits || error == std::errc::invalid_argument || end != body.data() + body.size()) {
            return invalid(fmt::format("Unable to make {} from '{}'", name, text));
        }
        if (error == std::errc::result_out_of_range) {
            // Beyond either end: from_chars does not say which.
            value = static_cast<T>(std::strtod(std::string(body).c_str(), nullptr));
        }
    }
    return negative ? -value : value;
}

Result<Bytes> parseUuid(std::string_view text, bool timed) {
    const std::optional<Uuid> uuid = Uuid::parse(text);
    if (!uuid) {
        return invalid(timed ? fmt::format("Unknown timeuuid representation: {}", text)
                             : fmt::format("Unable to make UUID from '{}'", text));
    }
    if (timed && uuid->version() != 1) {
        return invalid("TimeUUID supports only version 1 UUIDs");
    }
    return encodeUuid(*uuid);
}

Result<Bytes> parseAscii(std::string_view text) {
    const bool ascii = std::all_of(text.begin(), text.end(),
                                   [](char c) { return static_cast<signed char>(c) >= 0; });
    if (!ascii) {
        return invalid(
            "Invalid ASCII character in string literal: "
            "java.nio.charset.UnmappableCharacterException: Input length = 1");
    }
    return Bytes(text);
}

Result<Bytes> parseBlob(std::string_view text) {
    if (text.empty()) {
        return Bytes();
    }
    std::optional<Bytes> bytes = fromHex(text);
    if (!bytes) {
        return invalid(fmt::format("cannot parse '{}' as hex bytes", text));
    }
    return std::move(*bytes);
}

Result<Bytes> parseBoolean(std::string_view text) {
    const std::string word = lower(text);
    if (word != "true" && word != "false") {
        return invalid(fmt::format("Unable to make boolean from '{}'", text));
    }
    return encodeBoolean(word == "true");
}

Result<Bytes> parseDecimal(std::string_view text) {
    const std::optional<detail::BigDecimal> value = detail::BigDecimal::parse(text);
    if (!value) {
        return invalid(fmt::format("unable to make BigDecimal from '{}'", text));
    }
    return value->toBytes();
}

Result<Bytes> parseVarint(std::string_view text) {
    const std::optional<detail::BigInt> value = detail::parseBigInt(text);
    if (!value) {
        return invalid(fmt::format("unable to make int from '{}'", text));
    }
    return detail::varintToBytes(*value);
}

Result<Bytes> parseInet(std::string_view text) {
    std::optional<Bytes> bytes = detail::parseAddress(text);
    if (!bytes) {
        return invalid(fmt::format("Unable to make inet address from '{}'", text));
    }
    return std::move(*bytes);
}

bool emptyTextIsEmptyValue(Kind kind) {
    return kind != Kind::Date && kind != Kind::Time && kind != Kind::Duration;
}

/// How a scalar is written inside quotes, or without them; empty for types with structure.
std::string scalarText(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Ascii:
        case Kind::Text:
            return std::string(bytes);
        case Kind::Bigint:
        case Kind::Counter:
            return std::to_string(decodeBigint(bytes));
        case Kind::Int:
            return std::to_string(decodeInt(bytes));
        case Kind::Smallint:
            return std::to_string(decodeSmallint(bytes));
        case Kind::Tinyint:
            return std::to_string(decodeTinyint(bytes));
        case Kind::Boolean:
            return decodeBoolean(bytes) ? "true" : "false";
        case Kind::Decimal:
            return detail::BigDecimal::fromBytes(bytes).toString();
        case Kind::Varint:
            return detail::varintFromBytes(bytes).str();
        case Kind::Double:
            return detail::javaToString(decodeDouble(bytes));
        case Kind::Float:
            return detail::javaToString(decodeFloat(bytes));
        case Kind::Timestamp:
            return timestampText(decodeBigint(bytes), ' ');
        case Kind::Uuid:
        case Kind::Timeuuid:
            return decodeUuid(bytes).toString();
        case Kind::Inet:
            return decodeInet(bytes);
        case Kind::Date:
            return dateText(decodeDate(bytes));
        case Kind::Time:
            return timeText(decodeBigint(bytes));
        case Kind::Duration:
            return durationText(decodeDuration(bytes));
        default:
            return "0x" + toHex(bytes);
    }
}

bool quotedInCql(Kind kind) {
    switch (kind) {
        case Kind::Ascii:
        case Kind::Text:
        case Kind::Timestamp:
        case Kind::Inet:
        case Kind::Date:
        case Kind::Time:
            return true;
        default:
            return false;
    }
}

/// AbstractCompositeType.split: at colons that no backslash precedes; nothing gives no part.
std::vector<std::string> splitAtColons(std::string_view text) {
    std::vector<std::string> out;
    if (text.empty()) {
        return out;
    }
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ':' && (i == 0 || text[i - 1] != '\\')) {
            out.emplace_back(text.substr(start, i - start));
            start = i + 1;
        }
    }
    out.emplace_back(text.substr(start));
    return out;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escapes = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ':' || text[i + 1] == '@');
        if (!escapes) {
            out += text[i];
        }
    }
    return out;
}

/// TupleType.fromString: components with colons between them, `@` for null.
Result<Bytes> parseTuple(const DataType& type, std::string_view text, std::int64_t nowMillis) {
    const std::vector<std::string> parts = splitAtColons(text);
    if (parts.size() > type.elements().size()) {
        return invalid(fmt::format("Invalid tuple literal: too many elements. Type {} expects {} but got {}", cqlName(type),
                                   type.elements().size(), parts.size()));
    }
    std::vector<Value> components;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == "@") {
            components.emplace_back();
            continue;
        }
        TRY_ASSIGN(Bytes component, fromString(*type.element(i), unescape(parts[i]), nowMillis));
        components.emplace_back(std::move(component));
    }
    return packTuple(components);
}

std::string join(const std::vector<std::string>& parts, char open, char close) {
    return fmt::format("{}{}{}", open, fmt::join(parts, ", "), close);
}

std::string literal(const DataType& type, BytesView bytes);

std::string optionalLiteral(const DataType& type, const std::optional<BytesView>& bytes) {
    return bytes ? literal(type, *bytes) : "null";
}

std::string structuredLiteral(const DataType& type, BytesView bytes) {
    std::vector<std::string> parts;
    switch (type.kind()) {
        case Kind::List:
        case Kind::Set: {
            const auto elements = unpackList(bytes);
            for (const BytesView element : elements ? elements.value() : std::vector<BytesView>()) {
                parts.push_back(literal(*type.element(), element));
            }
            return type.kind() == Kind::List ? join(parts, '[', ']') : join(parts, '{', '}');
        }
        case Kind::Map: {
            const auto entries = unpackMap(bytes);
            if (entries) {
                for (const auto& [key, value] : entries.value()) {
                    parts.push_back(literal(*type.keyType(), key) + ": " +
                                    literal(*type.valueType(), value));
                }
            }
            return join(parts, '{', '}');
        }
        case Kind::Vector: {
            const auto elements = unpackVector(type, bytes);
            for (const BytesView element : elements ? elements.value() : std::vector<BytesView>()) {
                parts.push_back(literal(*type.element(), element));
            }
            return join(parts, '[', ']');
        }
        default:
            break;
    }
    const auto components = unpackTuple(type, bytes);
    for (std::size_t i = 0; components && i < type.elements().size(); ++i) {
        const std::string value = optionalLiteral(*type.element(i), components.value()[i]);
        parts.push_back(type.kind() == Kind::Udt ? maybeQuote(type.fieldNames()[i]) + ": " + value
                                                 : value);
    }
    return type.kind() == Kind::Udt ? join(parts, '{', '}') : join(parts, '(', ')');
}

std::string literal(const DataType& type, BytesView bytes) {
    if (!type.elements().empty()) {
        return structuredLiteral(type, bytes);
    }
    if (bytes.empty() && type.emptyIsMeaningless()) {
        return "null";
    }
    const std::string text = scalarText(type, bytes);
    return quotedInCql(type.kind()) ? quoteString(text) : text;
}

/// Which constants Constants.Literal.testAssignment accepts without looking at them.
bool accepts(Constant constant, Kind receiver) {
    switch (constant) {
        case Constant::String:
            return receiver == Kind::Ascii || receiver == Kind::Text || receiver == Kind::Inet ||
                   receiver == Kind::Date || receiver == Kind::Time || receiver == Kind::Timestamp;
        case Constant::Integer:
            switch (receiver) {
                case Kind::Bigint:
                case Kind::Counter:
                case Kind::Date:
                case Kind::Decimal:
                case Kind::Double:
                case Kind::Duration:
                case Kind::Float:
                case Kind::Int:
                case Kind::Smallint:
                case Kind::Time:
                case Kind::Timestamp:
                case Kind::Tinyint:
                case Kind::Varint:
                    return true;
                default:
                    return false;
            }
        case Constant::Uuid:
            return receiver == Kind::Uuid || receiver == Kind::Timeuuid;
        case Constant::Float:
            return receiver == Kind::Decimal || receiver == Kind::Double || receiver == Kind::Float;
        case Constant::Boolean:
            return receiver == Kind::Boolean;
        case Constant::Hex:
            return receiver == Kind::Blob;
        case Constant::Duration:
            return receiver == Kind::Duration;
    }
    return false;
}

}  // namespace

std::string_view constantName(Constant constant) {
    static constexpr std::array<std::string_view, 7> names = {
        "STRING", "INTEGER", "UUID", "FLOAT", "BOOLEAN", "HEX", "DURATION"};
    return names[static_cast<std::size_t>(constant)];
}

TypePtr preferredType(Constant constant, std::string_view text) {
    switch (constant) {
        case Constant::String:
            return parseAscii(text) ? ascii() : types::text();
        case Constant::Integer: {
            if (parseWhole<std::int32_t>(text, "int")) {
                return int32();
            }
            return parseWhole<std::int64_t>(text, "long") ? bigint() : varint();
        }
        case Constant::Uuid: {
            const std::optional<Uuid> value = Uuid::parse(text);
            return value && value->version() == 1 ? timeuuid() : uuid();
        }
        case Constant::Float: {
            const std::string word = lower(text);
            if (word.find("nan") != std::string::npos || word.find("inf") != std::string::npos) {
                return float64();
            }
            const auto asDouble = parseFloating<double>(text, "double");
            const auto exact = detail::BigDecimal::parse(text);
            const bool lossless =
                asDouble && exact && std::isfinite(asDouble.value()) &&
                detail::compareDecimal(
                    exact->toBytes(), detail::BigDecimal::fromDouble(asDouble.value()).toBytes()) ==
                    0;
            return lossless ? float64() : decimal();
        }
        case Constant::Boolean:
            return boolean();
        case Constant::Hex:
            return tinyint();  // Sic: Constants.Type.HEX prefers ByteType.
        case Constant::Duration:
            return duration();
    }
    return blob();
}

Assignment constantAssignment(Constant constant, std::string_view text, const DataType& receiver) {
    // Only native types look at the kind of constant.
    if (receiver.kind() == Kind::Custom || receiver.kind() == Kind::Tuple) {
        return Assignment::WeaklyAssignable;
    }
    if (!receiver.isNative()) {
        return Assignment::NotAssignable;
    }
    if (receiver.kind() == preferredType(constant, text)->kind()) {
        return Assignment::Exact;
    }
    return accepts(constant, receiver.kind()) ? Assignment::WeaklyAssignable
                                              : Assignment::NotAssignable;
}

Result<Bytes> constantValue(Constant constant, std::string_view text, const DataType& receiver,
                            std::int64_t nowMillis) {
    if (constant == Constant::Hex) {
        text.remove_prefix(std::min<std::size_t>(2, text.size()));
        return receiver.kind() == Kind::Tuple ? fromString(receiver, text, nowMillis) : parseBlob(text);
    }
    return fromString(receiver, text, nowMillis);
}

Result<Bytes> fromString(const DataType& type, std::string_view text, std::int64_t nowMillis) {
    if (text.empty() && emptyTextIsEmptyValue(type.kind())) {
        return Bytes();
    }
    switch (type.kind()) {
        case Kind::Ascii:
            return parseAscii(text);
        case Kind::Text:
            return Bytes(text);
        case Kind::Bigint:
        case Kind::Counter: {
            TRY_ASSIGN(const std::int64_t value, parseWhole<std::int64_t>(text, "long"));
            return encodeBigint(value);
        }
        case Kind::Int: {
            TRY_ASSIGN(const std::int32_t value, parseWhole<std::int32_t>(text, "int"));
            return encodeInt(value);
        }
        case Kind::Smallint: {
            TRY_ASSIGN(const std::int16_t value, parseWhole<std::int16_t>(text, "short"));
            return encodeSmallint(value);
        }
        case Kind::Tinyint: {
            TRY_ASSIGN(const std::int8_t value, parseWhole<std::int8_t>(text, "byte"));
            return encodeTinyint(value);
        }
        case Kind::Double: {
            TRY_ASSIGN(const double value, parseFloating<double>(text, "double"));
            return encodeDouble(value);
        }
        case Kind::Float: {
            TRY_ASSIGN(const float value, parseFloating<float>(text, "float"));
            return encodeFloat(value);
        }
        case Kind::Boolean:
            return parseBoolean(text);
        case Kind::Decimal:
            return parseDecimal(text);
        case Kind::Varint:
            return parseVarint(text);
        case Kind::Timestamp: {
            TRY_ASSIGN(const std::int64_t value, parseTimestamp(text, nowMillis));
            return encodeTimestamp(value);
        }
        case Kind::Date: {
            TRY_ASSIGN(const std::int32_t value, parseDate(text));
            return encodeDate(value);
        }
        case Kind::Time: {
            TRY_ASSIGN(const std::int64_t value, parseTimeOfDay(text));
            return encodeBigint(value);
        }
        case Kind::Duration: {
            TRY_ASSIGN(const DurationValue value, parseDuration(text));
            return encodeDuration(value);
        }
        case Kind::Uuid:
            return parseUuid(text, false);
        case Kind::Timeuuid:
            return parseUuid(text, true);
        case Kind::Inet:
            return parseInet(text);
        case Kind::Tuple:
            return parseTuple(type, text, nowMillis);
        default:
            return parseBlob(text);
    }
}

std::string toText(const DataType& type, BytesView bytes) {
    if (!type.elements().empty()) {
        return structuredLiteral(type, bytes);
    }
    if (bytes.empty() && type.emptyIsMeaningless()) {
        return "";
    }
    return scalarText(type, bytes);
}

std::string toCqlLiteral(const DataType& type, BytesView bytes) {
    return literal(type, bytes);
}

std::string quoteString(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        out += c;
        if (c == '\'') {
            out += c;
        }
    }
    return out + "'";
}

}  // namespace engine::types
