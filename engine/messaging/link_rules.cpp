#include "engine/messaging/link_rules.h"

#include <algorithm>

namespace engine::messaging {

void LinkRules::set(Rule rule) {
    const auto same = std::find_if(m_rules.begin(), m_rules.end(),
                                   [&](const Rule& r) { return r.name == rule.name; });
    if (same == m_rules.end()) {
        m_rules.push_back(std::move(rule));
    } else {
        *same = std::move(rule);
    }
}

void LinkRules::remove(std::string_view name) {
    std::erase_if(m_rules, [&](const Rule& rule) { return rule.name == name; });
}

LinkRules::Verdict LinkRules::judge(std::string_view to, Verb verb, runtime::Random& random) const {
    Verdict verdict;
    for (const Rule& rule : m_rules) {
        if ((!rule.to.empty() && rule.to != to) || (rule.verb && *rule.verb != verb)) {
            continue;
        }
        if (rule.drop >= 1 || (rule.drop > 0 && random.real() < rule.drop)) {
            verdict.drop = true;
        }
        verdict.delay += rule.delay;
        if (rule.jitter.count() > 0) {
            const auto bound = static_cast<std::uint64_t>(rule.jitter.count());
            verdict.delay += runtime::Duration(static_cast<std::int64_t>(random.below(bound)));
        }
    }
    return verdict;
}

}  // namespace engine::messaging
