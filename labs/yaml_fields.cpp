#include "labs/yaml_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace lab {

namespace {

using Kind = YamlValue::Kind;

std::string_view nameOf(Kind kind) {
    switch (kind) {
        case Kind::Null:
            return "nothing";
        case Kind::Scalar:
            return "a single value";
        case Kind::List:
            return "a list";
        case Kind::Map:
            break;
    }
    return "a map";
}

}  // namespace

void Problems::add(const std::string& file, int line, std::string_view what) {
    m_lines.push_back(fmt::format("{}:{}: {}", file, line, what));
}

YamlFields::YamlFields(const YamlValue& map, std::string path, const std::string& file, Problems& problems)
    : m_map(map), m_path(std::move(path)), m_file(file), m_problems(problems) {
    if (map.kind != Kind::Map) {
        problem(map.line, fmt::format("{}: expected a map of names and values, found {}",
                                      m_path.empty() ? "the document" : m_path, nameOf(map.kind)));
    }
}

YamlFields::~YamlFields() {
    std::set<std::string_view> seen;
    for (const auto& [name, value] : m_map.fields) {
        if (!seen.insert(name).second) {
            problem(value.line, fmt::format("{}: is given twice", pathOf(name)));
        } else if (!m_asked.contains(name)) {
            problem(value.line, fmt::format("{}: is not known here; expected one of {}", pathOf(name),
                                            fmt::join(m_asked, ", ")));
        }
    }
}

std::string YamlFields::pathOf(std::string_view name) const {
    return m_path.empty() ? std::string(name) : fmt::format("{}.{}", m_path, name);
}

void YamlFields::wrongKind(std::string_view name, const YamlValue& value, std::string_view wanted) {
    problem(value.line, fmt::format("{}: expected {}, found {}", pathOf(name), wanted, nameOf(value.kind)));
}

const YamlValue* YamlFields::find(std::string_view name) {
    m_asked.emplace(name);
    return m_map.find(name);
}

std::string YamlFields::text(std::string_view name) {
    const YamlValue* value = find(name);
    if (value == nullptr) {
        if (m_map.kind == Kind::Map) {
            problem(m_map.line, fmt::format("{}: is missing; expected a text", pathOf(name)));
        }
        return {};
    }
    if (value->kind != Kind::Scalar) {
        wrongKind(name, *value, "a text");
    } else if (value->text.empty()) {
        problem(value->line, fmt::format("{}: is empty; expected a text", pathOf(name)));
    }
    return value->text;
}

std::string YamlFields::text(std::string_view name, std::string_view otherwise) {
    return find(name) == nullptr ? std::string(otherwise) : text(name);
}

std::string YamlFields::oneOf(std::string_view name, const std::vector<std::string>& choices,
                              std::string_view otherwise) {
    const std::string given = text(name, otherwise);
    const YamlValue* value = m_map.find(name);
    if (value != nullptr && value->kind == Kind::Scalar && !given.empty() &&
        std::find(choices.begin(), choices.end(), given) == choices.end()) {
        problem(value->line,
                fmt::format("{}: expected one of {}, found '{}'", pathOf(name), fmt::join(choices, ", "), given));
    }
    return given;
}

int YamlFields::number(std::string_view name, int otherwise, int least, int most) {
    const YamlValue* value = find(name);
    if (value == nullptr) {
        return otherwise;
    }
    int out = 0;
    const std::string& digits = value->text;
    const auto [end, broken] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (value->kind != Kind::Scalar || broken != std::errc() || end != digits.data() + digits.size() || out < least ||
        out > most) {
        problem(value->line, fmt::format("{}: expected a whole number from {} to {}, found {}", pathOf(name), least, most,
                                         value->kind == Kind::Scalar ? '\'' + digits + '\'' : nameOf(value->kind)));
        return otherwise;
    }
    return out;
}

bool YamlFields::flag(std::string_view name) {
    return oneOf(name, {"true", "false"}, "false") == "true";
}

std::vector<std::string> YamlFields::texts(std::string_view name) {
    const YamlValue* value = find(name);
    std::vector<std::string> out;
    if (value == nullptr) {
        return out;
    }
    if (value->kind == Kind::Scalar) {
        return {value->text};
    }
    if (value->kind != Kind::List) {
        wrongKind(name, *value, "a list of texts");
    }
    for (const YamlValue& item : value->items) {
        if (item.kind != Kind::Scalar) {
            wrongKind(name, item, "a list of texts");
        }
        out.push_back(item.text);
    }
    return out;
}

std::map<std::string, std::string> YamlFields::textMap(std::string_view name) {
    const YamlValue* value = find(name);
    std::map<std::string, std::string> out;
    if (value == nullptr) {
        return out;
    }
    if (value->kind != Kind::Map) {
        wrongKind(name, *value, "a map of names and texts");
    }
    for (const auto& [field, item] : value->fields) {
        if (item.kind != Kind::Scalar) {
            wrongKind(fmt::format("{}.{}", name, field), item, "a text");
        }
        out[field] = item.text;
    }
    return out;
}

const std::vector<YamlValue>& YamlFields::list(std::string_view name) {
    static const std::vector<YamlValue> none;
    const YamlValue* value = find(name);
    if (value == nullptr) {
        return none;
    }
    if (value->kind != Kind::List) {
        wrongKind(name, *value, "a list");
        return none;
    }
    return value->items;
}

}  // namespace lab
