#pragma once

#include <vector>

#include "labs/lab.h"
#include "labs/yaml_fields.h"

namespace lab {

/// Readers of the parts of a step that lab.yaml holds. `nodes`: how many the lab's topology has.
std::vector<Check> readChecks(YamlFields& step, int nodes);
std::optional<Prediction> readPrediction(YamlFields& step);
/// The list `name`: what a solution, a reset or a shortcut does.
std::vector<SolutionAction> readActions(YamlFields& fields, std::string_view name, int nodes);
std::vector<Shortcut> readShortcuts(YamlFields& step, int nodes);

}  // namespace lab
