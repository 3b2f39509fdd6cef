#include "app/explorer/ring/key_panel.h"

#include <algorithm>

namespace app::explorer::ring {

using namespace sheet;
using shell::Align;
using shell::Tokens;

namespace {

constexpr double kValueX = 82;

void keyLines(Lines& out, const sources::KeySelection& key) {
    const bool readable = isReadable(key.bytes);
    const QString text = key.text.isEmpty() ? keyText(key.bytes, true) : key.text;
    out.push_back({.height = 23, .spans = {{.text = "Key", .ink = &Tokens::muted, .px = 12, .weight = 500},
                                           {.text = text, .x = kValueX, .ink = &Tokens::str, .px = 12, .mono = true, .fit = 280}}});
    const QString note = QString("%1%2").arg(shell::counted(static_cast<std::int64_t>(key.bytes.size()), "byte"), readable ? ", UTF-8" : "");
    const QString hex = hexText(key.bytes, 10);
    out.push_back({.height = 23, .spans = {{.text = "Bytes", .ink = &Tokens::muted, .px = 12, .weight = 500},
                                           {.text = hex, .x = kValueX, .px = 12, .mono = true},
                                           {.text = note, .x = kValueX + shell::widthOf(shell::mono(12), hex) + 12, .ink = &Tokens::faint, .px = 12}}});
    out.push_back({.height = 23, .spans = {{.text = "Token", .ink = &Tokens::muted, .px = 12, .weight = 500},
                                           {.text = shell::tokenText(key.token), .x = kValueX, .px = 12, .weight = 700, .mono = true}}});
    out.push_back({.height = 21, .spans = {{.text = "Murmur3, first 64 of 128 bits", .x = kValueX, .ink = &Tokens::faint, .px = 12}}});
}

void walkLines(Lines& out, const RingFocus& focus, const Nodes& nodes) {
    const auto& walk = *focus.walk;
    out.push_back(gap(5));
    out.push_back({.height = 18, .spans = {{.text = "Range", .ink = &Tokens::muted, .px = 12, .weight = 500},
                                           {.text = '(' + shell::tokenText(walk.range.left) + ',', .x = kValueX, .px = 12, .mono = true}}});
    out.push_back({.height = 18, .spans = {{.text = ' ' + shell::tokenText(walk.range.right) + ']', .x = kValueX, .px = 12, .mono = true},
                                           {.text = shell::percentText(walk.range.fraction()) + " of the ring", .x = -16, .ink = &Tokens::faint, .px = 11.5, .align = Align::Right}}});
    out.push_back(rule(18));
    const QString goal = walk.replicas.size() == 1 ? QString("Walk clockwise to the first node")
                                                   : QString("Walk clockwise until %1 different nodes").arg(walk.replicas.size());
    out.push_back({.height = 26, .spans = {{.text = goal, .ink = &Tokens::muted, .px = 12, .weight = 500}}});
    int rank = 0;
    for (std::size_t i = 0; i < walk.steps.size(); ++i) {
        const auto& step = walk.steps[i];
        const Colour ink = step.taken ? &Tokens::text : &Tokens::faint;
        const QString outcome = step.taken ? ordinalText(++rank) + " replica" : QString::fromStdString(step.reason);
        out.push_back({.height = 29,
                       .spans = {{.text = labelIn(nodes, step.node), .x = 46, .ink = ink, .weight = step.taken ? 600 : 400},
                                 {.text = shell::tokenText(step.token), .x = kValueX, .ink = ink, .px = 12, .mono = true},
                                 {.text = outcome, .x = -16, .ink = ink, .px = 12, .weight = step.taken ? 500 : 400, .align = Align::Right, .fit = 150}},
                       .marks = {{.kind = step.taken ? Mark::Kind::Badge : Mark::Kind::HollowBadge, .x = 27, .node = numberIn(nodes, step.node)}},
                       .kind = kWalkLine,
                       .index = static_cast<int>(i),
                       .tip = QString("%1: %2").arg(labelIn(nodes, step.node), QString::fromStdString(step.reason))});
    }
}

/// How many of the stages a leg has passed, of `stages`.
int stagesPassed(const Leg& leg, bool isWrite, std::int64_t now) {
    const Stage stage = leg.stageAt(now);
    if (stage == Stage::Answered) {
        return leg.failed ? 1 : isWrite ? 4 : 3;
    }
    if (!isWrite) {
        return stage >= Stage::Applied ? 2 : stage == Stage::NotSent ? 0 : 1;
    }
    return stage >= Stage::Applied ? 3 : stage == Stage::Logged ? 2 : stage == Stage::NotSent ? 0 : 1;
}

void progressLines(Lines& out, const RingFocus& focus, const Nodes& nodes, std::int64_t now, bool replaying) {
    const RequestStory& story = focus.story;
    const auto& info = story.request->info;
    out.push_back(rule(20));
    out.push_back(heading(story.isWrite ? "This write" : "This read",
                          QString("%1, coordinator %2").arg(QString::fromStdString(info.consistency), labelIn(nodes, story.request->coordinator))));
    const QStringList stages = story.isWrite ? QStringList{"sent", "log", "mem", "ack"} : QStringList{"sent", "read", "ack"};
    const Colour done = story.isWrite ? &Tokens::write : &Tokens::read;
    const auto row = [&](const std::string& node, int passed, const QString& words, bool strong, std::int64_t at) {
        Line line{.height = 28, .kind = kReplicaLine, .index = numberIn(nodes, node)};
        line.marks.push_back({.kind = Mark::Kind::Badge, .x = 27, .node = numberIn(nodes, node)});
        for (int i = 0; i < stages.size(); ++i) {
            line.marks.push_back({.kind = Mark::Kind::Bar, .x = 46 + i * 27.0, .size = 24, .colour = i < passed ? done : &Tokens::line});
        }
        line.spans.push_back({.text = words, .x = 54 + stages.size() * 27.0 + 2, .ink = strong ? &Tokens::text : &Tokens::muted, .px = 12, .weight = strong ? 500 : 400, .fit = 170});
        if (at > 0) {
            line.spans.push_back({.text = shell::millisText(focus.atPace(at - story.begin)), .x = -16, .ink = &Tokens::muted, .px = 12, .mono = true, .align = Align::Right});
        }
        line.tip = labelIn(nodes, node) + ": " + words;
        out.push_back(std::move(line));
    };
    std::vector<std::string> told;
    for (const Leg& leg : story.legs) {
        const Stage stage = leg.stageAt(now);
        const std::int64_t at = stage == Stage::Answered ? leg.acked : stage == Stage::Answering ? leg.workEnd() : 0;
        row(leg.replica, stagesPassed(leg, story.isWrite, now), legWords(leg, story.isWrite, now), stage == Stage::Answered && leg.counted, at);
        told.push_back(leg.replica);
    }
    for (const std::string& replica : info.replicas) {
        if (std::find(told.begin(), told.end(), replica) == told.end()) {
            const sources::NodeInfo* node = nodeIn(nodes, replica);
            const bool up = node == nullptr || node->answering;
            row(replica, 0, !up ? "not sent, it is down" : story.isWrite ? "nothing sent yet" : "not asked", false, 0);
        }
    }
    Line names{.height = 16};
    for (int i = 0; i < stages.size(); ++i) {
        names.spans.push_back({.text = stages[i], .x = 58 + i * 27.0, .ink = &Tokens::faint, .px = 10.5, .align = Align::Centre});
    }
    out.push_back(std::move(names));
    out.push_back(gap(6));
    if (story.isOver()) {
        out.push_back(button(replaying ? "Stop the replay" : "Replay slowly", replaying ? "stop" : "play", kReplayButton));
    }
    out.push_back(button("Show in Traffic", "chart", kTrafficButton));
}

}  // namespace

QString legWords(const Leg& leg, bool isWrite, std::int64_t now) {
    const QString done = leg.isRepair ? "mended" : isWrite ? "applied" : leg.digest ? "digest" : "data";
    switch (leg.stageAt(now)) {
    case Stage::NotSent: return "not sent yet";
    case Stage::OnItsWay: return "request on its way";
    case Stage::Arrived: return isWrite ? "has it, not applied yet" : "reading";
    case Stage::Logged: return "in the commit log";
    case Stage::Applied: return leg.isLocal ? done : done + ", not answered yet";
    case Stage::Answering: return done + ", answer on its way";
    case Stage::Answered: return leg.failed ? QString("could not") : leg.counted ? done + ", counted" : done + ", late";
    }
    return {};
}

Lines keyPanelLines(const RingFocus& focus, const Nodes& nodes, std::int64_t now, bool replaying, double width) {
    Lines out;
    out.push_back(gap(8));
    if (!focus.key) {
        paragraph(out, "Type a partition key above, or run a statement in the console: here stands how its bytes become a token, and the token "
                       "becomes replicas.", width);
        out.push_back(gap(10));
        return out;
    }
    keyLines(out, *focus.key);
    if (focus.walk && !focus.walk->steps.empty()) {
        walkLines(out, focus, nodes);
    } else {
        out.push_back(gap(8));
        paragraph(out, "Where the copies lie is not known: the keyspace " + focus.key->keyspace + " is not in the schema.", width);
    }
    if (focus.story.request) {
        progressLines(out, focus, nodes, now, replaying);
    }
    out.push_back(gap(10));
    return out;
}

}  // namespace app::explorer::ring
