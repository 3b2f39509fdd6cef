#include <fmt/format.h>

#include <algorithm>

#include "labs/checks.h"
#include "labs/words.h"

namespace lab {

namespace {

using engine::observe::Knowledge;

std::string_view wordOf(ProcessState state) {
    switch (state) {
        case ProcessState::Running:
            return "runs";
        case ProcessState::Paused:
            return "paused";
        case ProcessState::Stopped:
            break;
    }
    return "stopped";
}

/// What the nodes that run say of one of them.
struct Opinions {
    std::size_t asked = 0;
    std::size_t alive = 0;
    std::vector<std::string> reasons;  // "n1: phi 8.3 over threshold 8"
    std::size_t down() const { return asked - alive; }
};

const Knowledge* knowledgeOf(const std::string& teller, const std::string& subject, const Evidence& evidence) {
    const auto* view = evidence.state.node(teller);
    if (view == nullptr) {
        return nullptr;
    }
    const auto it = view->knows.find(subject);
    return it == view->knows.end() ? nullptr : &it->second;
}

Opinions opinionsOf(const WorldNode& subject, const std::vector<WorldNode>& nodes, const Evidence& evidence) {
    Opinions out;
    for (const WorldNode& teller : nodes) {
        if (teller.number == subject.number || teller.process != ProcessState::Running) {
            continue;
        }
        ++out.asked;
        // Who has told nothing yet has not noticed anything either.
        const Knowledge* knowledge = knowledgeOf(teller.name, subject.name, evidence);
        const bool alive = knowledge == nullptr || knowledge->alive;
        out.alive += alive ? 1 : 0;
        if (!alive && !knowledge->reason.empty()) {
            out.reasons.push_back(fmt::format("{}: {}", teller.label(), knowledge->reason));
        }
    }
    return out;
}

bool isDown(const WorldNode& node, const Opinions& opinions) {
    return node.process == ProcessState::Stopped && opinions.asked > 0 && opinions.alive == 0;
}

bool isUp(const WorldNode& node, const Opinions& opinions) {
    return node.process == ProcessState::Running && opinions.down() == 0;
}

void judgeDown(const WorldNode& node, const std::vector<WorldNode>& nodes, const Opinions& opinions, CheckResult& out) {
    out.progress = fmt::format("seen by {}", progressOf(opinions.down(), opinions.asked));
    out.facts.push_back(fact("Process", "stopped", std::string(wordOf(node.process))));
    out.facts.push_back({"Seen down by", std::to_string(opinions.asked), std::to_string(opinions.down()),
                         opinions.asked > 0 && opinions.alive == 0});
    if (isDown(node, opinions)) {
        out.verdict = Verdict::Passed;
        for (const std::string& reason : opinions.reasons) {
            out.facts.push_back({"Verdict", "", reason, true});
        }
        return;
    }
    out.says = node.process == ProcessState::Stopped
                   ? fmt::format("{} is gone. Waiting until the others notice", node.label())
                   : fmt::format("Waiting until {} is down", node.label());
    const auto other = std::find_if(nodes.begin(), nodes.end(), [&node](const WorldNode& n) {
        return n.number != node.number && n.process == ProcessState::Stopped;
    });
    if (node.process == ProcessState::Paused) {
        out.verdict = Verdict::Near;
        out.says = fmt::format("Near miss: {} is paused, its process is still there", node.label());
        out.smallestChange = fmt::format("kill {}.", node.label());
    } else if (node.process == ProcessState::Running && other != nodes.end()) {
        out.verdict = Verdict::Near;
        out.says = fmt::format("Near miss: a node is down, but it is {}", other->label());
        out.smallestChange = fmt::format("start {} and kill {}.", other->label(), node.label());
    }
}

void judgeUp(const WorldNode& node, const Opinions& opinions, CheckResult& out) {
    out.progress = fmt::format("seen by {}", progressOf(opinions.alive, opinions.asked));
    out.facts.push_back(fact("Process", "runs", std::string(wordOf(node.process))));
    out.facts.push_back(
        {"Seen up by", std::to_string(opinions.asked), std::to_string(opinions.alive), opinions.down() == 0});
    out.verdict = isUp(node, opinions) ? Verdict::Passed : Verdict::NotShownYet;
    out.says = node.process == ProcessState::Running
                   ? fmt::format("{} runs. Waiting until the others notice", node.label())
                   : fmt::format("Waiting until {} is up", node.label());
}

void judgePaused(const WorldNode& node, CheckResult& out) {
    out.facts.push_back(fact("Process", "paused", std::string(wordOf(node.process))));
    out.verdict = node.process == ProcessState::Paused ? Verdict::Passed : Verdict::NotShownYet;
    out.says = fmt::format("Waiting until {} is paused", node.label());
    if (node.process == ProcessState::Stopped) {
        out.verdict = Verdict::Near;
        out.says = fmt::format("Near miss: {} is stopped, not paused", node.label());
        out.smallestChange = fmt::format("start {} and pause it.", node.label());
    }
}

void judgeRing(const ClusterWants& wants, const std::vector<WorldNode>& nodes, const Evidence& evidence,
               CheckResult& out) {
    if (wants.nodesUp > 0) {
        std::size_t up = 0;
        for (const WorldNode& node : nodes) {
            up += isUp(node, opinionsOf(node, nodes, evidence)) ? 1 : 0;
        }
        out.facts.push_back(fact("Nodes up", std::to_string(wants.nodesUp), std::to_string(up)));
        out.progress = progressOf(up, static_cast<std::size_t>(wants.nodesUp));
    }
    if (wants.vnodes > 0) {
        for (const WorldNode& node : nodes) {
            const auto* view = evidence.state.node(node.name);
            const std::size_t tokens = view == nullptr ? 0 : view->tokens.size();
            out.facts.push_back(
                fact(fmt::format("Tokens of {}", node.label()), std::to_string(wants.vnodes), std::to_string(tokens)));
        }
    }
    const bool good = std::all_of(out.facts.begin(), out.facts.end(), [](const Fact& f) { return f.agrees; });
    out.verdict = good ? Verdict::Passed : Verdict::NotShownYet;
    out.says = "Waiting for the ring";
}

}  // namespace

CheckResult checkCluster(const ClusterWants& wants, const Evidence& evidence) {
    CheckResult out;
    const std::vector<WorldNode> nodes = evidence.world.nodes();
    if (wants.node == 0) {
        judgeRing(wants, nodes, evidence, out);
        return out;
    }
    const auto node =
        std::find_if(nodes.begin(), nodes.end(), [&wants](const WorldNode& n) { return n.number == wants.node; });
    if (node == nodes.end()) {
        out.says = fmt::format("This cluster has no {}", labelOf(wants.node));
        return out;
    }
    const Opinions opinions = opinionsOf(*node, nodes, evidence);
    if (wants.state == "down") {
        judgeDown(*node, nodes, opinions, out);
    } else if (wants.state == "up") {
        judgeUp(*node, opinions, out);
    } else {
        judgePaused(*node, out);
    }
    return out;
}

}  // namespace lab
