#include "engine/types/json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/types/detail/big_number.h"
#include "engine/types/detail/json_value.h"
#include "engine/types/detail/number.h"
#include "engine/types/literals.h"
#include "engine/types/temporal.h"

namespace engine::types {
namespace {

using detail::JsonValue;
using JsonKind = detail::JsonValue::Kind;

bool hasUpperCase(std::string_view text) {
    return lowerCase(text) != text;
}

/// JsonUtils.handleCaseSensitivity.
std::string columnName(const std::string& key) {
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
        return key.substr(1, key.size() - 2);
    }
    return lowerCase(key);
}

template <typename T>
std::string floatingJson(T value) {
    return std::isfinite(value) ? detail::javaToString(value) : "null";
}

std::string scalarJson(const DataType& type, BytesView bytes) {
    switch (type.kind()) {
        case Kind::Ascii:
        case Kind::Text:
            return jsonQuote(bytes);
        case Kind::Float:
            return floatingJson(decodeFloat(bytes));
        case Kind::Double:
            return floatingJson(decodeDouble(bytes));
        case Kind::Bigint:
        case Kind::Counter:
        case Kind::Int:
        case Kind::Smallint:
        case Kind::Tinyint:
        case Kind::Boolean:
        case Kind::Decimal:
        case Kind::Varint:
            return toText(type, bytes);
        default:
            return "\"" + toText(type, bytes) + "\"";
    }
}

std::string optionalJson(const DataType& type, const std::optional<BytesView>& bytes) {
    return bytes ? toJson(type, *bytes) : "null";
}

std::string sequenceJson(const DataType& type, BytesView bytes) {
    const auto elements =
        type.kind() == Kind::Vector ? unpackVector(type, bytes) : unpackList(bytes);
    std::string out = "[";
    if (elements) {
        for (const BytesView element : elements.value()) {
            out += (out.size() > 1 ? ", " : "") + toJson(*type.element(), element);
        }
    }
    return out + "]";
}

std::string mapJson(const DataType& type, BytesView bytes) {
    const auto entries = unpackMap(bytes);
    std::string out = "{";
    if (entries) {
        for (const auto& [key, value] : entries.value()) {
            const std::string name = toJson(*type.keyType(), key);
            out += out.size() > 1 ? ", " : "";
            out += name.starts_with('"') ? name : jsonQuote(name);
            out += ": " + toJson(*type.valueType(), value);
        }
    }
    return out + "}";
}

std::string tupleJson(const DataType& type, BytesView bytes) {
    const auto components = unpackTuple(type, bytes);
    const bool named = type.kind() == Kind::Udt;
    std::string out = named ? "{" : "[";
    for (std::size_t i = 0; components && i < type.elements().size(); ++i) {
        out += i > 0 ? ", " : "";
        if (named) {
            const std::string& field = type.fieldNames()[i];
            out += jsonQuote(hasUpperCase(field) ? "\"" + field + "\"" : field) + ": ";
        }
        out += optionalJson(*type.element(i), components.value()[i]);
    }
    return out + (named ? "}" : "]");
}

Error expected(const char* what, const JsonValue& value) {
    return invalid(
        fmt::format("Expected {}, but got a {}: {}", what, value.javaClass(), value.javaText()));
}

Result<Value> value(Bytes bytes) {
    return Value(std::move(bytes));
}

Result<Value> fromParsed(const DataType& type, const JsonValue& json);

Result<Value> stringOnly(const DataType& type, const JsonValue& json, const char* what) {
    if (json.kind != JsonKind::String) {
        return expected(what, json);
    }
    TRY_ASSIGN(Bytes bytes, fromString(type, json.text));
    return value(std::move(bytes));
}

/// int and bigint: numbers that fit, or strings.
Result<Value> wholeNumber(const DataType& type, const JsonValue& json) {
    const bool fits =
        json.kind == JsonKind::Integer || (json.kind == JsonKind::Long && type.kind() != Kind::Int);
    if (json.kind != JsonKind::String && !fits) {
        return expected(type.kind() == Kind::Int ? "an int value" : "a bigint value", json);
    }
    TRY_ASSIGN(Bytes bytes, fromString(type, json.text));
    return value(std::move(bytes));
}

/// tinyint and smallint: whatever number or string, read as text.
Result<Value> smallNumber(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::String && !json.isNumber()) {
        return expected(type.kind() == Kind::Tinyint ? "a byte value" : "a short value", json);
    }
    TRY_ASSIGN(Bytes bytes, fromString(type, json.javaText()));
    return value(std::move(bytes));
}

Result<Value> floating(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::String && !json.isNumber()) {
        return expected(type.kind() == Kind::Float ? "a float value" : "a double value", json);
    }
    TRY_ASSIGN(Bytes bytes, fromString(type, json.text));
    return value(std::move(bytes));
}

Result<Value> bigNumber(const DataType& type, const JsonValue& json) {
    const std::string text = json.javaText();
    const Result<Bytes> bytes = fromString(type, text);
    if (!bytes || text.empty()) {
        return invalid(fmt::format("Value '{}' is not a valid representation of a {} value", text,
                                   type.kind() == Kind::Varint ? "varint" : "decimal"));
    }
    return value(bytes.value());
}

Result<Value> blobValue(const JsonValue& json) {
    if (json.kind != JsonKind::String) {
        return invalid(
            fmt::format("Value '{}' is not a valid blob representation: class "
                        "java.lang.{} cannot be cast to class java.lang.String",
                        json.javaText(), json.javaClass()));
    }
    std::string why = "String representation of blob is missing 0x prefix: " + json.text;
    if (json.text.starts_with("0x")) {
        Result<Bytes> bytes = fromString(*blob(), std::string_view(json.text).substr(2));
        if (bytes) {
            return value(std::move(bytes.value()));
        }
        why = bytes.error().message;
    }
    return invalid(
        fmt::format("Value '{}' is not a valid blob representation: {}", json.text, why));
}

Result<Value> booleanValue(const JsonValue& json) {
    if (json.kind == JsonKind::Boolean) {
        return value(encodeBoolean(json.boolean));
    }
    return stringOnly(*boolean(), json, "a boolean value");
}

Result<Value> timestampValue(const JsonValue& json) {
    // Jackson gives a Long only beyond 32 bits; smaller numbers are refused.
    if (json.kind == JsonKind::Long) {
        TRY_ASSIGN(Bytes bytes, fromString(*bigint(), json.text));
        return value(std::move(bytes));
    }
    return stringOnly(*timestamp(), json,
                      "a long or a datestring representation of a timestamp value");
}

Result<Value> nativeValue(const DataType& type, const JsonValue& json) {
    switch (type.kind()) {
        case Kind::Ascii:
            return stringOnly(type, json, "an ascii string");
        case Kind::Text:
            return stringOnly(type, json, "a UTF-8 string");
        case Kind::Int:
        case Kind::Bigint:
        case Kind::Counter:
            return wholeNumber(type, json);
        case Kind::Smallint:
        case Kind::Tinyint:
            return smallNumber(type, json);
        case Kind::Float:
        case Kind::Double:
            return floating(type, json);
        case Kind::Decimal:
        case Kind::Varint:
            return bigNumber(type, json);
        case Kind::Boolean:
            return booleanValue(json);
        case Kind::Timestamp:
            return timestampValue(json);
        case Kind::Date:
            return stringOnly(type, json, "a string representation of a date value");
        case Kind::Time:
            return stringOnly(type, json, "a string representation of a time value");
        case Kind::Duration:
            return stringOnly(type, json, "a string representation of a duration");
        case Kind::Inet:
            return stringOnly(type, json, "a string representation of an inet value");
        case Kind::Uuid:
            return stringOnly(type, json, "a string representation of a uuid");
        case Kind::Timeuuid:
            return stringOnly(type, json, "a string representation of a timeuuid");
        default:
            return blobValue(json);
    }
}

Result<std::vector<Bytes>> elementsOf(const DataType& type, const JsonValue& json,
                                      const char* container) {
    std::vector<Bytes> elements;
    for (const JsonValue& item : json.items) {
        if (item.kind == JsonKind::Null) {
            return invalid(fmt::format("Invalid null element in {}", container));
        }
        TRY_ASSIGN(Value element, fromParsed(*type.element(), item));
        elements.push_back(std::move(*element));
    }
    return elements;
}

Result<Value> listValue(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::Array) {
        return expected("a list", json);
    }
    if (type.kind() == Kind::Vector &&
        json.items.size() != static_cast<std::size_t>(type.dimension())) {
        return invalid(fmt::format("List had incorrect size: expected {} but given {}; {}",
                                   type.dimension(), json.items.size(), json.javaText()));
    }
    TRY_ASSIGN(const std::vector<Bytes> elements, elementsOf(type, json, "list"));
    return value(type.kind() == Kind::Vector ? packVector(type, elements) : packList(elements));
}

Result<Value> setValue(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::Array) {
        return expected("a list (representing a set)", json);
    }
    TRY_ASSIGN(std::vector<Bytes> elements, elementsOf(type, json, "set"));
    sortSet(*type.element(), elements);
    return value(packList(elements));
}

Result<Value> mapValue(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::Object) {
        return expected("a map", json);
    }
    std::vector<std::pair<Bytes, Bytes>> entries;
    for (const auto& [key, item] : json.fields) {
        if (item.kind == JsonKind::Null) {
            return invalid("Invalid null value in map");
        }
        TRY_ASSIGN(Value keyBytes, fromParsed(*type.keyType(), JsonValue::string(key)));
        TRY_ASSIGN(Value valueBytes, fromParsed(*type.valueType(), item));
        entries.emplace_back(std::move(*keyBytes), std::move(*valueBytes));
    }
    sortMap(*type.keyType(), entries);
    return value(packMap(entries));
}

Result<Value> tupleValue(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::Array) {
        return expected("a list representation of a tuple", json);
    }
    const std::size_t size = type.elements().size();
    if (json.items.size() != size) {
        return invalid(fmt::format("Tuple {} items (expected {}): {}",
                                   json.items.size() > size ? "contains extra" : "is missing", size,
                                   json.javaText()));
    }
    std::vector<Value> components;
    for (std::size_t i = 0; i < size; ++i) {
        TRY_ASSIGN(Value component, fromParsed(*type.element(i), json.items[i]));
        components.push_back(std::move(component));
    }
    return value(packTuple(components));
}

Result<Value> udtValue(const DataType& type, const JsonValue& json) {
    if (json.kind != JsonKind::Object) {
        return expected("a map", json);
    }
    std::vector<Value> components(type.elements().size());
    for (const auto& [key, item] : json.fields) {
        const std::string name = columnName(key);
        const int index = type.fieldIndex(name);
        if (index < 0) {
            return invalid(fmt::format("Unknown field '{}' in value of user defined type {}", name,
                                       type.udtName()));
        }
        const auto at = static_cast<std::size_t>(index);
        TRY_ASSIGN(components[at], fromParsed(*type.element(at), item));
    }
    return value(packTuple(components));
}

Result<Value> fromParsed(const DataType& type, const JsonValue& json) {
    if (json.kind == JsonKind::Null) {
        return Value();
    }
    if (type.elements().empty()) {
        return nativeValue(type, json);
    }
    if (json.kind == JsonKind::String) {
        // A whole collection may come as a JSON text within a string; map keys always do.
        Result<JsonValue> inner = detail::parseJson(json.text);
        if (!inner) {
            return invalid("Error decoding JSON string: " + inner.error().message);
        }
        if (inner.value().kind != JsonKind::String) {
            return fromParsed(type, inner.value());
        }
    }
    switch (type.kind()) {
        case Kind::List:
        case Kind::Vector:
            return listValue(type, json);
        case Kind::Set:
            return setValue(type, json);
        case Kind::Map:
            return mapValue(type, json);
        case Kind::Tuple:
            return tupleValue(type, json);
        default:
            return udtValue(type, json);
    }
}

}  // namespace

std::string jsonQuote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
    return out + "\"";
}

std::string toJson(const DataType& type, BytesView bytes) {
    if (bytes.empty() && type.emptyIsMeaningless()) {
        return "\"\"";
    }
    switch (type.kind()) {
        case Kind::List:
        case Kind::Set:
        case Kind::Vector:
            return sequenceJson(type, bytes);
        case Kind::Map:
            return mapJson(type, bytes);
        case Kind::Tuple:
        case Kind::Udt:
            return tupleJson(type, bytes);
        default:
            return scalarJson(type, bytes);
    }
}

Result<Value> fromJson(const DataType& type, std::string_view json) {
    Result<JsonValue> parsed = detail::parseJson(json);
    if (!parsed) {
        return invalid(
            fmt::format("Could not decode JSON string '{}': {}", json, parsed.error().message));
    }
    return fromParsed(type, parsed.value());
}

Result<Value> columnFromJson(std::string_view column, const DataType& type, std::string_view json) {
    Result<Value> result = fromJson(type, json);
    if (result) {
        return result;
    }
    const std::string& message = result.error().message;
    const bool aboutDuration = message.starts_with("Unable to convert '") ||
                               message.starts_with("Invalid duration.") ||
                               result.error().kind != ErrorKind::Invalid;
    if (aboutDuration) {
        return result;  // Thrown as another exception in Cassandra, which nothing decorates.
    }
    return invalid(fmt::format("Error decoding JSON value for {}: {}", column, message));
}

Result<std::map<std::string, std::string>> splitJsonObject(std::string_view json) {
    Result<std::vector<std::pair<std::string, std::string>>> fields = detail::splitObject(json);
    if (!fields) {
        return invalid(fmt::format("Could not decode JSON string as a map: {}. (String was: {})",
                                   fields.error().message, json));
    }
    std::map<std::string, std::string> columns;
    for (auto& [key, text] : fields.value()) {
        columns[columnName(key)] = std::move(text);
    }
    return columns;
}

}  // namespace engine::types
