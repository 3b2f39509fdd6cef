#include "engine/cql/schema_statements/properties.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "engine/base/text.h"
#include "engine/cql/errors.h"
#include "engine/types/codec.h"
#include "engine/types/json.h"

namespace engine::cql {

std::optional<std::int32_t> parseInteger(std::string_view text) {
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text[0] == '-') {
            return std::nullopt;
        }
    }
    std::int32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() && !text.empty()
               ? std::optional(value)
               : std::nullopt;
}

std::optional<double> parseReal(std::string_view text) {
    if (text == "NaN" || text == "+NaN" || text == "-NaN") {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure == std::errc() && end == text.data() + text.size() && !text.empty()) {
        return value;
    }
    return std::nullopt;
}

std::string realText(double value) {
    if (value != value) {
        return "NaN";
    }
    return types::toJson(*types::float64(), types::encodeDouble(value));
}

Result<Properties> Properties::read(const std::vector<syntax::Property>& properties,
                                    const std::set<std::string>& known,
                                    const std::set<std::string>& obsolete) {
    std::set<std::string> seen;
    for (const syntax::Property& property : properties) {
        if (!seen.insert(property.name.text).second) {
            return errorAt(ErrorKind::Syntax,
                           fmt::format("Multiple definitions for property '{}'", property.name.text),
                           property.name.span);
        }
    }
    for (const syntax::Property& property : properties) {
        if (!known.contains(property.name.text) && !obsolete.contains(property.name.text)) {
            return errorAt(ErrorKind::Syntax, fmt::format("Unknown property '{}'", property.name.text),
                           property.name.span);
        }
    }
    return Properties(properties);
}

const syntax::Property* Properties::find(const std::string& name) const {
    for (const syntax::Property& property : *m_properties) {
        if (property.name.text == name) {
            return &property;
        }
    }
    return nullptr;
}

Result<std::optional<std::string>> Properties::text(const std::string& name) const {
    const syntax::Property* property = find(name);
    if (property == nullptr) {
        return std::optional<std::string>();
    }
    if (property->isMap) {
        return errorAt(ErrorKind::Syntax,
                       fmt::format("Invalid value for property '{}'. It should be a string", name),
                       property->valueSpan);
    }
    return std::optional(property->value);
}

Result<std::optional<OptionMap>> Properties::map(const std::string& name) const {
    const syntax::Property* property = find(name);
    if (property == nullptr) {
        return std::optional<OptionMap>();
    }
    if (!property->isMap) {
        return errorAt(ErrorKind::Syntax,
                       fmt::format("Invalid value for property '{}'. It should be a map.", name),
                       property->valueSpan);
    }
    return std::optional(OptionMap(property->map.begin(), property->map.end()));
}

Result<std::optional<std::int32_t>> Properties::integer(const std::string& name) const {
    TRY_ASSIGN(const auto value, text(name));
    if (!value) {
        return std::optional<std::int32_t>();
    }
    if (const auto number = parseInteger(*value)) {
        return number;
    }
    return syntaxError(fmt::format("Invalid integer value {} for '{}'", *value, name));
}

Result<std::optional<double>> Properties::real(const std::string& name) const {
    TRY_ASSIGN(const auto value, text(name));
    if (!value) {
        return std::optional<double>();
    }
    if (const auto number = parseReal(*value)) {
        return number;
    }
    return syntaxError(fmt::format("Invalid double value {} for '{}'", *value, name));
}

Result<std::optional<bool>> Properties::boolean(const std::string& name) const {
    TRY_ASSIGN(const auto value, text(name));
    if (!value) {
        return std::optional<bool>();
    }
    const std::string word = lowerCase(*value);
    if (word == "1" || word == "true" || word == "yes") {
        return std::optional(true);
    }
    if (word == "0" || word == "false" || word == "no") {
        return std::optional(false);
    }
    return syntaxError(fmt::format("Invalid boolean value {} for '{}'. Positive values can be '1', "
                                   "'true' or 'yes'. Negative values can be '0', 'false' or 'no'.",
                                   *value, name));
}

}  // namespace engine::cql
