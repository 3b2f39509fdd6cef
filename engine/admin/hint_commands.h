#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/admin/node_methods.h"
#include "engine/admin/nodetool.h"

namespace engine::admin {

/// The verbs of nodetool about hinted handoff; empty: `verb` is none of them.
std::optional<NodetoolAnswer> runHintCommand(const NodeParts& parts, const std::string& verb,
                                             const std::vector<std::string>& words);

}  // namespace engine::admin
