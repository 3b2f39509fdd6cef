#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace engine::types::detail {

/// A JSON text as Jackson hands it to Cassandra: numbers keep the Java class they would get, for
/// the rules and the messages depend on it.
struct JsonValue {
    struct Field;
    enum class Kind { Null, Boolean, Integer, Long, BigInteger, Double, String, Array, Object };

    Kind kind = Kind::Null;
    bool boolean = false;
    std::string text;  // A string's characters, or a number as written.
    std::vector<JsonValue> items;
    std::vector<Field> fields;  // In order; repeated names: the last.

    static JsonValue string(std::string text);

    bool isNumber() const { return kind >= Kind::Integer && kind <= Kind::Double; }
    /// Simple name of the Java class: "Integer", "ArrayList", "LinkedHashMap".
    std::string_view javaClass() const;
    /// Java's toString: "[1, a]", "{a=1}".
    std::string javaText() const;
};

struct JsonValue::Field {
    std::string name;
    JsonValue value;
};

/// A whole text, with nothing but blanks behind it. Nesting is bounded.
Result<JsonValue> parseJson(std::string_view text);

/// The names of an object and the raw text of each value.
Result<std::vector<std::pair<std::string, std::string>>> splitObject(std::string_view text);

}  // namespace engine::types::detail
