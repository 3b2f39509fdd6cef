#pragma once

#include <map>
#include <string>

#include "engine/base/result.h"
#include "engine/cql/guardrails/guardrail_settings.h"

namespace engine::node {

/// Takes one of cassandra.yaml's guardrails; false when the name is none of theirs.
Result<bool> setGuardrail(cql::GuardrailSettings& settings, const std::string& name, const std::string& value);

/// A warning that would only come once the statement fails is a mistake of the file.
Result<void> checkGuardrails(const cql::GuardrailSettings& settings);

/// As system_views.settings shows them. Sizes and times that are not set are left out.
std::map<std::string, std::string> guardrailTexts(const cql::GuardrailSettings& settings);

}  // namespace engine::node
