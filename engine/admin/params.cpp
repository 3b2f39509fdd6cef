#include "engine/admin/params.h"

#include <boost/json.hpp>

namespace engine::admin {

namespace json = boost::json;

std::vector<std::string> textsOf(const json::object& params, std::string_view key) {
    std::vector<std::string> out;
    const json::value* value = params.if_contains(key);
    if (value != nullptr && value->is_array()) {
        for (const json::value& item : value->as_array()) {
            if (item.is_string()) {
                out.emplace_back(item.as_string());
            }
        }
    }
    return out;
}

Result<json::object> parseParams(const std::string& params) {
    boost::system::error_code broken;
    const json::value value = json::parse(params, broken);
    if (broken || !value.is_object()) {
        return invalid("params must be an object");
    }
    return value.as_object();
}

}  // namespace engine::admin
