#pragma once

#include <string>
#include <vector>

#include "engine/admin/admin_client.h"
#include "engine/base/result.h"
#include "engine/messaging/link_rules.h"

namespace engine::admin {

using LinkRule = messaging::LinkRules::Rule;

/// The `links` method's own side: does what `params` asks to the rules, answers with those in force.
///   links  {set: {name, to?, verb?, drop?, delayMicros?, jitterMicros?}} | {remove: name} | {clear: true} | {}
///          -> [{name, to, verb, drop, delayMicros, jitterMicros}]
/// An unknown verb, a probability outside 0 to 1 or a delay outside 0 to kLinkDelayMax is an error and
/// changes nothing.
Result<std::string> changeLinks(messaging::LinkRules& rules, const std::string& params);

constexpr std::chrono::seconds kLinkDelayMax{60};

/// The caller's side; blocks. Each answers with the rules that are then in force on the node.
Result<std::vector<LinkRule>> linksOf(const AdminAddress& at, int timeoutMillis = 2000);
Result<std::vector<LinkRule>> setLink(const AdminAddress& at, const LinkRule& rule);
Result<std::vector<LinkRule>> removeLink(const AdminAddress& at, const std::string& name);
Result<std::vector<LinkRule>> clearLinks(const AdminAddress& at);

}  // namespace engine::admin
