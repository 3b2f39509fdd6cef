#pragma once

#include <string>
#include <string_view>

namespace engine {

/// ASCII letters of the other case; all other bytes stay.
std::string lowerCase(std::string_view text);
std::string upperCase(std::string_view text);

}  // namespace engine
