#include "app/shell/faults.h"

#include <map>

namespace app::shell {

using sources::LinkRule;
using sources::NodeInfo;

namespace {

QString labelOf(const std::vector<NodeInfo>& nodes, const QString& name) {
    for (const NodeInfo& node : nodes) {
        if (node.name == name) {
            return node.label();
        }
    }
    return name.isEmpty() ? "all" : name;
}

QString effectOf(const LinkRule& rule) {
    if (rule.drop >= 1) {
        return "nothing arrives";
    }
    if (rule.drop > 0) {
        return QString("%1 % lost").arg(rule.drop * 100, 0, 'f', 0);
    }
    const QString delay = QString("delay %1 ms").arg(static_cast<double>(rule.delayMicros) / 1000, 0, 'f', 2);
    return rule.jitterMicros == 0 ? delay
                                  : delay + QString(" to %1 ms").arg(static_cast<double>(rule.delayMicros + rule.jitterMicros) / 1000, 0, 'f', 2);
}

const NodeInfo* cutOffBy(const std::vector<NodeInfo>& nodes, const QString& name) {
    for (const NodeInfo& node : nodes) {
        for (const LinkRule& rule : node.links) {
            if (rule.name == name && node.isCutOff() && rule.to.isEmpty()) {
                return &node;
            }
        }
    }
    return nullptr;
}

void addLinkFaults(std::vector<Fault>& faults, const std::vector<NodeInfo>& nodes) {
    std::map<QString, std::vector<std::pair<const NodeInfo*, LinkRule>>> byName;
    for (const NodeInfo& node : nodes) {
        for (const LinkRule& rule : node.links) {
            byName[rule.name].emplace_back(&node, rule);
        }
    }
    for (const auto& [name, rules] : byName) {
        Fault fault;
        fault.link = name;
        if (const NodeInfo* cut = cutOffBy(nodes, name)) {
            fault.node = cut->number;
            fault.icon = "cut";
            fault.title = cut->label() + ": cut off";
            fault.detail = "no message to it or from it, until healed";
        } else {
            const auto& [from, rule] = rules.front();
            fault.icon = rule.drop > 0 ? "cut" : "clock";
            fault.title = QString("%1 to %2: %3").arg(from->label(), labelOf(nodes, rule.to), effectOf(rule));
            fault.detail = rules.size() > 1 ? QString("and %1 more of this name, until healed").arg(rules.size() - 1)
                                            : "one way, until healed";
        }
        faults.push_back(fault);
    }
}

}  // namespace

std::vector<Fault> faultsOf(const std::vector<NodeInfo>& nodes) {
    std::vector<Fault> faults;
    for (const NodeInfo& node : nodes) {
        if (node.process == sources::ProcessState::Paused) {
            faults.push_back({node.number, "pause", node.label() + ": paused", "its process is stopped, until resumed",
                              sources::NodeAction::Resume, {}});
        } else if (node.process == sources::ProcessState::Stopped) {
            faults.push_back({node.number, "power", node.label() + ": not running", "until started",
                              sources::NodeAction::Start, {}});
        }
    }
    addLinkFaults(faults, nodes);
    return faults;
}

void heal(sources::ClusterSource& source, const Fault& fault) {
    if (fault.link.isEmpty()) {
        source.perform(fault.cure, fault.node);
        return;
    }
    sources::LinkChange change;
    change.kind = sources::LinkChange::Kind::Heal;
    change.name = fault.link;
    source.changeLinks(change);
}

}  // namespace app::shell
