#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/messaging/verb.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/random.h"

namespace engine::messaging {

/// What is wrong on purpose with the links from this node to others. Consulted for every message
/// sent to another node; costs one branch while there is no rule. Lives on the node's thread.
class LinkRules {
public:
    struct Rule {
        std::string name;          // Unique: setting a rule again replaces it.
        std::string to;            // Peer; empty: all.
        std::optional<Verb> verb;  // Empty: all.
        double drop = 0;           // Probability; 1 is a cut link.
        runtime::Duration delay{0};
        runtime::Duration jitter{0};  // Up to so much more, at random.
    };
    struct Verdict {
        bool drop = false;
        runtime::Duration delay{0};
    };

    void set(Rule rule);
    void remove(std::string_view name);
    void clear() { m_rules.clear(); }
    const std::vector<Rule>& rules() const { return m_rules; }
    bool empty() const { return m_rules.empty(); }

    /// All matching rules together: any may drop, delays add up.
    Verdict judge(std::string_view to, Verb verb, runtime::Random& random) const;

private:
    std::vector<Rule> m_rules;
};

}  // namespace engine::messaging
