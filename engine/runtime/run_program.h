#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace engine::runtime {

/// Runs a program (its path, or a name that is looked up in PATH) with its arguments, waits for its
/// end, and is content with exit code 0. What it writes goes where this process's own words go.
/// Blocks.
Result<void> runProgram(const std::vector<std::string>& command);

}  // namespace engine::runtime
