#include "engine/admin/link_methods.h"

#include "engine/admin/params.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace engine::admin {

namespace json = boost::json;
using messaging::Verb;
using std::chrono::duration_cast;
using std::chrono::microseconds;

namespace {

Result<double> numberOf(const json::object& from, std::string_view key, double max) {
    const json::value* value = from.if_contains(key);
    if (value == nullptr) {
        return 0.0;
    }
    boost::system::error_code broken;
    const auto number = value->to_number<double>(broken);
    if (broken || !(number >= 0 && number <= max)) {
        return invalid(fmt::format("link rule: {} must be a number from 0 to {}", key, max));
    }
    return number;
}

Result<std::optional<Verb>> verbNamed(const std::string& name) {
    if (name.empty()) {
        return std::optional<Verb>();
    }
    for (std::size_t i = 0; i < messaging::kVerbCount; ++i) {
        if (toString(static_cast<Verb>(i)) == name) {
            return std::optional(static_cast<Verb>(i));
        }
    }
    return invalid(fmt::format("link rule: there is no verb {}", name));
}

Result<LinkRule> ruleOf(const json::object& from) {
    LinkRule rule;
    rule.name = textOf(from, "name");
    rule.to = textOf(from, "to");
    if (rule.name.empty()) {
        return invalid("link rule: it needs a name");
    }
    TRY_ASSIGN(rule.verb, verbNamed(textOf(from, "verb")));
    TRY_ASSIGN(rule.drop, numberOf(from, "drop", 1));
    constexpr auto kMax = static_cast<double>(microseconds(kLinkDelayMax).count());
    TRY_ASSIGN(const double delay, numberOf(from, "delayMicros", kMax));
    TRY_ASSIGN(const double jitter, numberOf(from, "jitterMicros", kMax));
    rule.delay = microseconds(static_cast<std::int64_t>(delay));
    rule.jitter = microseconds(static_cast<std::int64_t>(jitter));
    return rule;
}

json::object jsonOf(const LinkRule& rule) {
    return {{"name", rule.name},
            {"to", rule.to},
            {"verb", rule.verb ? std::string(toString(*rule.verb)) : std::string()},
            {"drop", rule.drop},
            {"delayMicros", duration_cast<microseconds>(rule.delay).count()},
            {"jitterMicros", duration_cast<microseconds>(rule.jitter).count()}};
}

Result<std::vector<LinkRule>> ask(const AdminAddress& at, const json::object& params, int timeoutMillis) {
    TRY_ASSIGN(const auto text, call(at, "links", json::serialize(params), timeoutMillis));
    boost::system::error_code broken;
    const json::value answer = json::parse(text, broken);
    if (broken || !answer.is_array()) {
        return makeError(ErrorKind::Protocol, "links: the node's answer is not a list");
    }
    std::vector<LinkRule> rules;
    for (const json::value& one : answer.as_array()) {
        if (!one.is_object()) {
            return makeError(ErrorKind::Protocol, "links: the node's answer holds what is no rule");
        }
        TRY_ASSIGN(auto rule, ruleOf(one.as_object()));
        rules.push_back(std::move(rule));
    }
    return rules;
}

constexpr int kChangeMillis = 2000;

}  // namespace

Result<std::string> changeLinks(messaging::LinkRules& rules, const std::string& params) {
    boost::system::error_code broken;
    const json::value parsed = json::parse(params, broken);
    if (broken || !parsed.is_object()) {
        return invalid("params must be an object");
    }
    const json::object& wanted = parsed.as_object();
    if (const json::value* rule = wanted.if_contains("set")) {
        if (!rule->is_object()) {
            return invalid("links: set must be an object");
        }
        TRY_ASSIGN(auto made, ruleOf(rule->as_object()));
        rules.set(std::move(made));
    }
    if (const std::string name = textOf(wanted, "remove"); !name.empty()) {
        rules.remove(name);
    }
    if (const json::value* clear = wanted.if_contains("clear"); clear != nullptr && clear->is_bool() && clear->as_bool()) {
        rules.clear();
    }
    json::array out;
    for (const LinkRule& rule : rules.rules()) {
        out.push_back(jsonOf(rule));
    }
    return json::serialize(out);
}

Result<std::vector<LinkRule>> linksOf(const AdminAddress& at, int timeoutMillis) { return ask(at, {}, timeoutMillis); }

Result<std::vector<LinkRule>> setLink(const AdminAddress& at, const LinkRule& rule) {
    return ask(at, {{"set", jsonOf(rule)}}, kChangeMillis);
}

Result<std::vector<LinkRule>> removeLink(const AdminAddress& at, const std::string& name) {
    return ask(at, {{"remove", name}}, kChangeMillis);
}

Result<std::vector<LinkRule>> clearLinks(const AdminAddress& at) { return ask(at, {{"clear", true}}, kChangeMillis); }

}  // namespace engine::admin
