#include "engine/types/detail/json_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "engine/base/utf8.h"
#include "engine/types/detail/number.h"
#include "engine/types/detail/utf8.h"

namespace engine::types::detail {
namespace {

constexpr int kDepthMax = 500;

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<JsonValue> parseAll() {
        TRY_ASSIGN(JsonValue value, parseValue(0));
        TRY(expectEnd());
        return value;
    }

    Result<std::vector<std::pair<std::string, std::string>>> splitAll() {
        std::vector<std::pair<std::string, std::string>> fields;
        if (!take('{')) {
            return unexpected();
        }
        if (!take('}')) {
            do {
                TRY_ASSIGN(std::string name, parseName());
                skipBlanks();
                const std::size_t start = m_at;
                TRY(parseValue(0));
                fields.emplace_back(std::move(name), m_text.substr(start, m_at - start));
            } while (take(','));
            if (!take('}')) {
                return unexpected();
            }
        }
        // What follows the object is not looked at, as Jackson does not.
        return fields;
    }

private:
    void skipBlanks() {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t' ||
                                        m_text[m_at] == '\n' || m_text[m_at] == '\r')) {
            ++m_at;
        }
    }

    char peek() {
        skipBlanks();
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    bool take(char c) {
        if (peek() != c || m_at >= m_text.size()) {
            return false;
        }
        ++m_at;
        return true;
    }

    Result<void> expectEnd() {
        skipBlanks();
        return m_at == m_text.size() ? ok() : Result<void>(unexpected());
    }

    Error unexpected() {
        skipBlanks();
        if (m_at >= m_text.size()) {
            return invalid("Unexpected end-of-input");
        }
        std::size_t end = m_at;
        while (end < m_text.size() && std::isalnum(static_cast<unsigned char>(m_text[end])) != 0) {
            ++end;
        }
        if (end > m_at) {
            return invalid(
                fmt::format("Unrecognized token '{}': was expecting (JSON String, "
                            "Number, Array, Object or token 'null', 'true' or 'false')",
                            m_text.substr(m_at, end - m_at)));
        }
        return invalid(fmt::format("Unexpected character ('{}' (code {}))", m_text[m_at],
                                   static_cast<int>(static_cast<unsigned char>(m_text[m_at]))));
    }

    bool takeWord(std::string_view word) {
        const std::string_view rest = m_text.substr(m_at);
        const bool longer = rest.size() > word.size() &&
                            std::isalnum(static_cast<unsigned char>(rest[word.size()])) != 0;
        if (!rest.starts_with(word) || longer) {
            return false;
        }
        m_at += word.size();
        return true;
    }

    Result<JsonValue> parseValue(int depth) {
        JsonValue value;
        if (depth > kDepthMax) {
            return invalid("Document nesting depth exceeds the maximum");
        }
        switch (peek()) {
            case '{':
                return parseObject(depth);
            case '[':
                return parseArray(depth);
            case '"':
                return parseText();
            default:
                break;
        }
        if (takeWord("null")) {
            return value;
        }
        if (takeWord("true") || takeWord("false")) {
            value.kind = JsonValue::Kind::Boolean;
            value.boolean = m_text[m_at - 2] == 'u';
            value.text = value.boolean ? "true" : "false";
            return value;
        }
        return parseNumber();
    }

    Result<JsonValue> parseText() {
        TRY_ASSIGN(std::string text, parseString());
        return JsonValue::string(std::move(text));
    }

    Result<JsonValue> parseObject(int depth) {
        JsonValue object;
        object.kind = JsonValue::Kind::Object;
        take('{');
        if (take('}')) {
            return object;
        }
        do {
            TRY_ASSIGN(std::string name, parseName());
            TRY_ASSIGN(JsonValue value, parseValue(depth + 1));
            setField(object, std::move(name), std::move(value));
        } while (take(','));
        if (!take('}')) {
            return unexpected();
        }
        return object;
    }

    static void setField(JsonValue& object, std::string name, JsonValue value) {
        for (auto& [existing, old] : object.fields) {
            if (existing == name) {
                old = std::move(value);
                return;
            }
        }
        object.fields.push_back({std::move(name), std::move(value)});
    }

    Result<std::string> parseName() {
        if (peek() != '"') {
            return unexpected();
        }
        TRY_ASSIGN(std::string name, parseString());
        if (!take(':')) {
            return unexpected();
        }
        return name;
    }

    Result<JsonValue> parseArray(int depth) {
        JsonValue array;
        array.kind = JsonValue::Kind::Array;
        take('[');
        if (take(']')) {
            return array;
        }
        do {
            TRY_ASSIGN(JsonValue item, parseValue(depth + 1));
            array.items.push_back(std::move(item));
        } while (take(','));
        if (!take(']')) {
            return unexpected();
        }
        return array;
    }

    Result<std::string> parseString() {
        std::string out;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                return out;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return invalid(
                    fmt::format("Illegal unquoted character ((CTRL-CHAR, code {})): has "
                                "to be escaped using backslash to be included in string "
                                "value",
                                static_cast<int>(c)));
            }
            if (c != '\\') {
                out += c;
                continue;
            }
            TRY(parseEscape(out));
        }
        return invalid("Unexpected end-of-input: was expecting closing quote for a string value");
    }

    /// Leaves the position on the escape's last character.
    Result<void> parseEscape(std::string& out) {
        ++m_at;
        static constexpr std::string_view from = "\"\\/bfnrt";
        static constexpr std::string_view to = "\"\\/\b\f\n\r\t";
        const char c = m_at < m_text.size() ? m_text[m_at] : '\0';
        if (c != 'u') {
            const std::size_t at = from.find(c);
            if (c == '\0' || at == std::string_view::npos) {
                return invalid("Unrecognized character escape");
            }
            out += to[at];
            return ok();
        }
        std::optional<std::uint32_t> unit = hexUnit(m_at + 1);
        if (!unit) {
            return invalid("Unexpected character in \\u escape");
        }
        m_at += 4;
        const bool high = *unit >= 0xD800 && *unit < 0xDC00;
        if (high && m_text.substr(m_at + 1, 2) == "\\u") {
            const std::optional<std::uint32_t> low = hexUnit(m_at + 3);
            if (low && *low >= 0xDC00 && *low < 0xE000) {
                unit = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
                m_at += 6;
            }
        }
        appendUtf8(out, *unit);
        return ok();
    }

    std::optional<std::uint32_t> hexUnit(std::size_t at) const {
        const std::string_view digits = m_text.substr(std::min(at, m_text.size()), 4);
        std::uint32_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) {
            return std::nullopt;
        }
        return value;
    }

    std::size_t takeDigits() {
        const std::size_t start = m_at;
        while (m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9') {
            ++m_at;
        }
        return m_at - start;
    }

    Result<JsonValue> parseNumber() {
        const std::size_t start = m_at;
        const auto refuse = [this, start] {
            m_at = start;
            return unexpected();
        };
        if (m_at < m_text.size() && m_text[m_at] == '-') {
            ++m_at;
        }
        const std::size_t whole = m_at;
        const std::size_t digits = takeDigits();
        if (digits == 0 || (digits > 1 && m_text[whole] == '0')) {
            return refuse();
        }
        bool fractional = false;
        if (m_at < m_text.size() && m_text[m_at] == '.') {
            fractional = true;
            ++m_at;
            if (takeDigits() == 0) {
                return refuse();
            }
        }
        if (m_at < m_text.size() && (m_text[m_at] == 'e' || m_text[m_at] == 'E')) {
            fractional = true;
            ++m_at;
            if (m_at < m_text.size() && (m_text[m_at] == '+' || m_text[m_at] == '-')) {
                ++m_at;
            }
            if (takeDigits() == 0) {
                return refuse();
            }
        }
        if (m_at < m_text.size() && std::isalpha(static_cast<unsigned char>(m_text[m_at])) != 0) {
            return refuse();
        }
        return number(m_text.substr(start, m_at - start), fractional);
    }

    static JsonValue number(std::string_view text, bool fractional) {
        JsonValue value;
        value.text = text;
        if (fractional) {
            value.kind = JsonValue::Kind::Double;
            return value;
        }
        std::int64_t whole = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
        const bool isInt = whole == static_cast<std::int32_t>(whole);
        value.kind = error != std::errc() ? JsonValue::Kind::BigInteger
                     : isInt              ? JsonValue::Kind::Integer
                                          : JsonValue::Kind::Long;
        return value;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

}  // namespace

JsonValue JsonValue::string(std::string text) {
    JsonValue value;
    value.kind = Kind::String;
    value.text = std::move(text);
    return value;
}

std::string_view JsonValue::javaClass() const {
    switch (kind) {
        case Kind::Null:
            return "null";
        case Kind::Boolean:
            return "Boolean";
        case Kind::Integer:
            return "Integer";
        case Kind::Long:
            return "Long";
        case Kind::BigInteger:
            return "BigInteger";
        case Kind::Double:
            return "Double";
        case Kind::String:
            return "String";
        case Kind::Array:
            return "ArrayList";
        case Kind::Object:
            return "LinkedHashMap";
    }
    return "";
}

std::string JsonValue::javaText() const {
    std::string out;
    switch (kind) {
        case Kind::Null:
            return "null";
        case Kind::Double:
            return javaToString(std::strtod(text.c_str(), nullptr));
        case Kind::Array:
            for (const JsonValue& item : items) {
                out += (out.empty() ? "" : ", ") + item.javaText();
            }
            return "[" + out + "]";
        case Kind::Object:
            for (const auto& [name, value] : fields) {
                out += (out.empty() ? "" : ", ") + name + "=" + value.javaText();
            }
            return "{" + out + "}";
        default:
            return text;
    }
}

Result<JsonValue> parseJson(std::string_view text) {
    return Parser(text).parseAll();
}

Result<std::vector<std::pair<std::string, std::string>>> splitObject(std::string_view text) {
    return Parser(text).splitAll();
}

}  // namespace engine::types::detail
