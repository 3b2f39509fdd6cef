#include "engine/local/link_faults.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::local {

using admin::AdminAddress;
using admin::LinkRule;

namespace {

Result<const LocalNode*> nodeOf(const std::vector<LocalNode>& nodes, int number) {
    const auto at = std::find_if(nodes.begin(), nodes.end(), [&](const LocalNode& n) { return n.number == number; });
    if (at == nodes.end()) {
        return invalid(fmt::format("there is no node {}", number));
    }
    return &*at;
}

Result<const LocalNode*> runningNode(const std::vector<LocalNode>& nodes, int number) {
    TRY_ASSIGN(const LocalNode* node, nodeOf(nodes, number));
    if (node->state != ProcessState::Running) {
        return invalid(fmt::format("n{} does not run: a link is broken at the node that sends", number));
    }
    return node;
}

AdminAddress adminOf(const LocalNode& node) { return {node.address, node.adminPort, node.adminToken}; }

}  // namespace

std::string cutName(int number) { return fmt::format("cut n{}", number); }
std::string slowName(int from, int to) { return fmt::format("slow n{} n{}", from, to); }

Result<void> cutOff(const std::vector<LocalNode>& nodes, int number) {
    TRY_ASSIGN(const LocalNode* target, nodeOf(nodes, number));
    for (const LocalNode& node : nodes) {
        if (node.state != ProcessState::Running) {
            continue;
        }
        LinkRule rule;
        rule.name = cutName(number);
        rule.drop = 1;
        rule.to = node.number == number ? std::string() : target->name();
        TRY(admin::setLink(adminOf(node), rule));
    }
    return ok();
}

Result<void> slowDown(const std::vector<LocalNode>& nodes, int from, int to, std::chrono::microseconds delay,
                      std::chrono::microseconds jitter) {
    TRY_ASSIGN(const LocalNode* sender, runningNode(nodes, from));
    TRY_ASSIGN(const LocalNode* receiver, nodeOf(nodes, to));
    LinkRule rule;
    rule.name = slowName(from, to);
    rule.to = receiver->name();
    rule.delay = delay;
    rule.jitter = jitter;
    TRY(admin::setLink(adminOf(*sender), rule));
    return ok();
}

Result<void> setPace(const std::vector<LocalNode>& nodes, double factor) {
    for (const LocalNode& node : nodes) {
        if (node.state == ProcessState::Running) {
            TRY(admin::setPace(adminOf(node), factor));
        }
    }
    return ok();
}

Result<void> healLinks(const std::vector<LocalNode>& nodes, const std::string& name) {
    for (const LocalNode& node : nodes) {
        if (node.state != ProcessState::Running) {
            continue;
        }
        if (name.empty()) {
            TRY(admin::clearLinks(adminOf(node)));
        } else {
            TRY(admin::removeLink(adminOf(node), name));
        }
    }
    return ok();
}

}  // namespace engine::local
