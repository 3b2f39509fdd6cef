#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lab {

struct YamlMember;

/// A YAML document as plain values, each with its line: what the rest of the folder reads.
struct YamlValue {
    enum class Kind { Null, Scalar, List, Map };

    Kind kind = Kind::Null;
    std::string text;               // Scalar.
    std::vector<YamlValue> items;   // List.
    std::vector<YamlMember> fields;  // Map, in order; names may repeat.
    int line = 1;

    const YamlValue* find(std::string_view name) const;
};
struct YamlMember {
    std::string name;
    YamlValue value;
};

/// Where and what: a document that is no YAML.
struct YamlError {
    int line = 1;
    std::string what;
};

/// The only place that knows yaml-cpp. Documents with more than 100,000 values are refused, so that
/// aliases cannot blow one up.
std::variant<YamlValue, YamlError> parseYaml(const std::string& text);

}  // namespace lab
