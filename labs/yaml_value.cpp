#include "labs/yaml_value.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <stdexcept>

namespace lab {

namespace {

constexpr int kValuesMax = 100'000;

struct TooLarge : std::runtime_error {
    using std::runtime_error::runtime_error;
};

YamlValue valueOf(const YAML::Node& node, int& left) {
    if (--left < 0) {
        throw TooLarge("the document has more than 100,000 values");
    }
    YamlValue out;
    out.line = node.Mark().line + 1;
    if (node.IsScalar()) {
        out.kind = YamlValue::Kind::Scalar;
        out.text = node.Scalar();
    } else if (node.IsSequence()) {
        out.kind = YamlValue::Kind::List;
        for (const YAML::Node& item : node) {
            out.items.push_back(valueOf(item, left));
        }
    } else if (node.IsMap()) {
        out.kind = YamlValue::Kind::Map;
        for (const auto& field : node) {
            const std::string name = field.first.IsScalar() ? field.first.Scalar() : std::string("?");
            YamlValue& value = out.fields.emplace_back(YamlMember{name, valueOf(field.second, left)}).value;
            // A value may be null and then has no place of its own.
            value.line = std::max(value.line, field.first.Mark().line + 1);
        }
    }
    return out;
}

}  // namespace

const YamlValue* YamlValue::find(std::string_view name) const {
    const auto it = std::find_if(fields.begin(), fields.end(), [name](const YamlMember& field) { return field.name == name; });
    return it == fields.end() ? nullptr : &it->value;
}

std::variant<YamlValue, YamlError> parseYaml(const std::string& text) {
    try {
        int left = kValuesMax;
        return valueOf(YAML::Load(text), left);
    } catch (const YAML::Exception& broken) {
        return YamlError{broken.mark.is_null() ? 1 : broken.mark.line + 1, broken.msg};
    } catch (const TooLarge& broken) {
        return YamlError{1, broken.what()};
    }
}

}  // namespace lab
