#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace engine::admin {

/// A method's parameter that is text; empty when it is not there or something else.
inline std::string textOf(const boost::json::object& params, std::string_view key) {
    const boost::json::value* value = params.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// The texts of a parameter that is a list of them; none when it is something else.
std::vector<std::string> textsOf(const boost::json::object& params, std::string_view key);
/// The parameters of a call.
Result<boost::json::object> parseParams(const std::string& params);

}  // namespace engine::admin
