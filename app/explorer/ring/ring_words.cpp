// The Ring view in words: its caption and its table.
#include "app/explorer/ring/ring_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace app::explorer::ring {

using engine::ring::TopologyPtr;
using shell::Caption;

namespace {

QString doing(const Leg& leg, std::int64_t now, bool isWrite) {
    switch (leg.stageAt(now)) {
    case Stage::NotSent:
    case Stage::OnItsWay: return "has not received it";
    case Stage::Arrived: return isWrite ? "has received it" : "is reading";
    case Stage::Logged: return "has logged it";
    case Stage::Applied: return isWrite ? "has applied it" : "has read it";
    case Stage::Answering: return "is answering";
    case Stage::Answered: return leg.failed ? "could not" : isWrite ? "has applied it" : "has answered";
    }
    return {};
}

QString keyWord(const RingFocus& focus) { return keyText(focus.key->bytes); }

Caption ofRequest(const RingFocus& focus, const Nodes& nodes, std::int64_t now, int replayFactor) {
    const RequestStory& story = focus.story;
    const std::int64_t shown = std::min(now, story.end);
    const auto& info = story.request->info;
    const QString word = story.isWrite ? "Write" : "Read";
    Caption caption;
    if (story.answered != 0 && story.answered <= now) {
        QStringList counted, late;
        for (const Leg& leg : story.legs) {
            if (leg.round == 0 && leg.acked != 0 && leg.acked <= now) {
                (leg.counted ? counted : late) += labelIn(nodes, leg.replica);
            }
        }
        const QString level = QString::fromStdString(info.consistency);
        if (!story.request->error.empty()) {
            caption.sentence = QString("%1 %2 at %3 failed: %4").arg(word, keyWord(focus), level, QString::fromStdString(story.request->error).section('\n', 0, 0));
        } else {
            caption.sentence = QString("%1 %2: %3 made %4%5.").arg(word, keyWord(focus), counted.isEmpty() ? QString("nobody") : joined(counted), level,
                                                                    late.isEmpty() ? QString() : ", " + joined(late) + " came late");
        }
    } else {
        QStringList parts;
        for (const Leg& leg : story.legs) {
            if (leg.round == 0) {
                parts += labelIn(nodes, leg.replica) + ' ' + doing(leg, now, story.isWrite);
            }
        }
        caption.sentence = QString("%1 %2: %3.").arg(word, keyWord(focus), parts.isEmpty() ? QString("nothing sent yet") : parts.join(", "));
    }
    if (replayFactor > 0) {
        caption.sentence = QString("Replay at 1 : %1. ").arg(replayFactor) + caption.sentence;
    }
    caption.facts = {{"acknowledged", "0", QString::number(story.countedAt(now))},
                     {"in flight", {}, QString::number(story.inFlightAt(now))},
                     {"cluster time", {}, shell::millisText(focus.atPace(std::max<std::int64_t>(0, shown - story.begin)))}};
    return caption;
}

Caption ofKey(const RingFocus& focus, const Nodes& nodes) {
    QStringList holders;
    for (const std::string& replica : focus.walk->replicas) {
        holders += labelIn(nodes, replica);
    }
    Caption caption;
    caption.sentence = QString("%1 lies on %2.").arg(keyWord(focus), joined(holders));
    caption.facts = {{"vnodes visited", {}, QString::number(focus.walk->steps.size())},
                     {"range", {}, shell::percentText(focus.walk->range.fraction())}};
    return caption;
}

}  // namespace

Caption ringCaption(const RingFocus& focus, const TopologyPtr& topology, const Nodes& nodes, const QString& selectedNode,
                    std::int64_t now, int replayFactor) {
    if (!topology || topology->tokens().empty()) {
        return {"No cluster runs.", {}};
    }
    if (focus.story.request && focus.key) {
        return ofRequest(focus, nodes, now, replayFactor);
    }
    if (focus.key && focus.walk && !focus.walk->replicas.empty()) {
        return ofKey(focus, nodes);
    }
    const auto owned = topology->ownership();
    const double ideal = 1.0 / static_cast<double>(owned.size());
    const auto most = std::max_element(owned.begin(), owned.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    Caption caption;
    if (const auto chosen = owned.find(selectedNode.toStdString()); chosen != owned.end()) {
        const auto ranges = topology->primaryRanges(chosen->first).size();
        caption.sentence = QString("%1 owns %2 of the ring in %3.").arg(labelIn(nodes, chosen->first), shell::percentText(chosen->second),
                                                                        shell::counted(static_cast<std::int64_t>(ranges), "range"));
    } else if (owned.size() == 1) {
        caption.sentence = QString("%1 owns the whole ring, in %2.").arg(labelIn(nodes, most->first),
                                                                         shell::counted(static_cast<std::int64_t>(topology->tokens().size()), "range"));
    } else {
        caption.sentence = QString("%1 own %2; %3 has most, %4.").arg(shell::counted(static_cast<std::int64_t>(owned.size()), "node"),
                                                                       shell::counted(static_cast<std::int64_t>(topology->tokens().size()), "range"),
                                                                       labelIn(nodes, most->first), shell::percentText(most->second));
    }
    const auto answering = std::count_if(nodes.begin(), nodes.end(), [](const auto& n) { return n.answering; });
    caption.facts = {{"nodes answering", QString::number(nodes.size()), QString::number(answering)},
                     {"largest over mean", {}, QString::number(most->second / ideal, 'f', 2)}};
    caption.facts.front().was = answering == static_cast<std::ptrdiff_t>(nodes.size()) ? QString() : caption.facts.front().was;
    return caption;
}

std::vector<RowsModel::Row> ringRows(const engine::ring::Topology& topology, const Nodes& nodes, const RingFocus& focus) {
    std::vector<RowsModel::Row> rows;
    for (const auto& entry : topology.tokens()) {
        const auto range = topology.rangeOf(entry.token);
        QStringList replicas;
        if (!focus.keyspace.empty()) {
            for (const auto* replica : topology.replicasFor(focus.replication, entry.token).natural) {
                replicas += labelIn(nodes, replica->node);
            }
        }
        rows.push_back({shell::tokenText(entry.token), shell::tokenText(range.left), shell::tokenText(range.right), labelIn(nodes, entry.node->node),
                        QString::number(range.fraction() * 100, 'f', 2) + " %", replicas.isEmpty() ? QString("no keyspace") : replicas.join(", ")});
    }
    return rows;
}

}  // namespace app::explorer::ring
