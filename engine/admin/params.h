#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace engine::admin {

/// A method's parameter that is text; empty when it is not there or something else.
inline std::string textOf(const boost::json::object& params, std::string_view key) {
    const boost::json::value* value = params.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

}  // namespace engine::admin
