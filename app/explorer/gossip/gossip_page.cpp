#include "app/explorer/gossip/gossip_page.h"

#include <algorithm>

namespace app::explorer::gossip {

using namespace sheet;
using engine::observe::ClusterState;
using engine::observe::Knowledge;
using shell::Align;
using shell::Caption;
using shell::Tokens;

namespace {

PhiChart chartOf(const ClusterState& state, const Nodes& nodes, const std::string& subject, std::int64_t now) {
    return PhiChart::compute(state, nodes, subject, now, QRectF(0, 0, 1000, 400));
}

QString secondsText(double seconds) { return QString::number(seconds, 'f', 1) + " s"; }

void titleLines(Lines& out, const Nodes& nodes, const std::string& observer, const std::string& subject, const Knowledge* known, double threshold) {
    Line title{.height = 46, .spans = {{.text = labelIn(nodes, subject) + (observer.empty() ? QString() : QString(" as %1 knows it").arg(labelIn(nodes, observer))),
                                        .x = 50, .px = 17, .weight = 600}}};
    title.marks.push_back({.kind = Mark::Kind::Badge, .x = 28, .node = numberIn(nodes, subject), .size = 12});
    if (known != nullptr) {
        const bool suspected = known->alive && known->phi > threshold / 2;
        title.marks.push_back({.kind = Mark::Kind::Pill, .x = -16,
                               .colour = !known->alive ? &Tokens::down : suspected ? &Tokens::suspect : &Tokens::up,
                               .ground = !known->alive ? &Tokens::fail_tint : suspected ? &Tokens::near_tint : &Tokens::pass_tint,
                               .text = !known->alive ? "down" : suspected ? "suspected" : "up"});
    }
    out.push_back(std::move(title));
}

void stateLines(Lines& out, const Knowledge& known, double width) {
    const double valueX = 172, versionX = -16;
    out.push_back({.height = 26, .spans = {{.text = "State", .ink = &Tokens::faint, .px = 11, .weight = 500},
                                           {.text = "Value", .x = valueX, .ink = &Tokens::faint, .px = 11, .weight = 500},
                                           {.text = "Version", .x = versionX, .ink = &Tokens::faint, .px = 11, .weight = 500, .align = Align::Right}}});
    for (const auto& [key, value] : known.states) {
        out.push_back({.height = 26, .spans = {{.text = QString::fromStdString(key), .px = 12, .fit = valueX - 24},
                                               {.text = QString::fromStdString(value.first), .x = valueX, .px = 12, .mono = true, .fit = width - valueX - 76},
                                               {.text = QString::number(value.second), .x = versionX, .px = 12, .mono = true, .align = Align::Right}},
                       .tip = QString("%1 = %2").arg(QString::fromStdString(key), QString::fromStdString(value.first))});
    }
}

void step(Lines& out, const QString& when, Colour colour, const QString& text, double width) {
    Lines words;
    paragraph(words, text, width, &Tokens::text, 12.5, 92);
    for (std::size_t i = 0; i < words.size(); ++i) {
        Line line = std::move(words[i]);
        line.marks.push_back({.kind = Mark::Kind::VLine, .x = 78, .size = line.height / 2, .colour = &Tokens::line_strong});
        if (i == 0) {
            line.marks.push_back({.kind = Mark::Kind::Dot, .x = 78, .size = 4.5, .colour = colour});
            line.spans.push_back({.text = when, .x = 66, .px = 12, .weight = 700, .mono = true, .align = Align::Right});
        }
        out.push_back(std::move(line));
    }
    out.push_back({.height = 12, .marks = {{.kind = Mark::Kind::VLine, .x = 78, .size = 6, .colour = &Tokens::line_strong}}});
}

void futureLines(Lines& out, const ClusterState& state, const Nodes& nodes, const std::string& subject, std::int64_t now, double width) {
    const PhiChart chart = chartOf(state, nodes, subject, now);
    const QString name = labelIn(nodes, subject);
    out.push_back(rule());
    out.push_back(heading("What follows, if it stays silent", "computed"));
    const auto convicted = std::count_if(chart.lines.begin(), chart.lines.end(), [](const auto& line) { return line.convicted; });
    if (convicted == static_cast<std::ptrdiff_t>(chart.lines.size()) && convicted > 0) {
        step(out, "now", &Tokens::down, QString("All call %1 down: coordinators send it nothing more, and ALL is refused at once where it is a replica.").arg(name), width);
        return;
    }
    step(out, "now", &Tokens::text, QString("Writes still go to %1. QUORUM succeeds without it, ALL waits and times out.").arg(name), width);
    std::vector<std::pair<double, QString>> later;
    for (const PhiChart::Line& line : chart.lines) {
        if (line.convicted) {
            step(out, "", &Tokens::down, QString("n%1 has marked it down already.").arg(line.node), width);
        } else if (line.meanGapSeconds > 0 && line.continues) {
            const double seconds = (chart.threshold - line.phi) * line.meanGapSeconds / .4343;
            later.emplace_back(seconds, QString("n%1 marks %2 down").arg(line.node).arg(name));
        }
    }
    std::sort(later.begin(), later.end());
    for (std::size_t i = 0; i < later.size(); ++i) {
        step(out, '+' + secondsText(later[i].first), &Tokens::down,
             later[i].second + (i == 0 ? ": as coordinator it sends it nothing more, and refuses ALL at once." : " as well."), width);
    }
}

}  // namespace

Caption gossipCaption(const ClusterState& state, const Nodes& nodes, const std::string& subject, std::int64_t now) {
    const auto all = knowledgeOf(state, nodes, now);
    if (all.size() < 4) {
        return {"Gossip needs two nodes.", {}};
    }
    const PhiChart chart = chartOf(state, nodes, subject, now);
    const QString name = labelIn(nodes, subject);
    QStringList up, down;
    double silent = -1;
    for (const Known& known : all) {
        if (known.subject == subject && !known.isItself && known.isTold && !known.observerSilent) {
            (known.alive ? up : down) += labelIn(nodes, known.observer);
            silent = silent < 0 ? known.ageSeconds : std::min(silent, known.ageSeconds);
        }
    }
    Caption caption;
    if (silent > 3) {
        caption.sentence = QString("%1 has been silent for %2. ").arg(name, QString::number(static_cast<int>(silent)) + " s");
        caption.sentence += down.isEmpty() ? QString("%1 still %2 it up.").arg(joined(up), up.size() == 1 ? "calls" : "call")
                            : up.isEmpty() ? QString("%1 %2 it down.").arg(joined(down), down.size() == 1 ? "calls" : "call")
                                           : QString("%1 %2 it down, %3 still up.").arg(joined(down), down.size() == 1 ? "calls" : "call", joined(up));
    } else {
        double oldest = 0;
        for (const Known& known : all) {
            oldest = known.isItself || known.observerSilent || !known.isTold ? oldest : std::max(oldest, known.ageSeconds);
        }
        caption.sentence = oldest > 3 ? QString("Some news is older than 3 s: not everybody hears of everybody.")
                                      : QString("All nodes hear of each other: no news is older than 3 s.");
        caption.facts.push_back({"oldest news", {}, QString::number(oldest, 'f', 1) + " s"});
    }
    auto lines = chart.lines;
    std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.phi > b.phi; });
    for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 2) && caption.facts.size() < 2; ++i) {
        const QString label = i == 0 ? QString("phi of %1 at n%2").arg(name).arg(lines[i].node) : QString("at n%1").arg(lines[i].node);
        caption.facts.push_back({label, QString::number(lines[i].was, 'f', 1), QString::number(lines[i].phi, 'f', 2)});
    }
    caption.facts.push_back({"convicts above", {}, QString::number(chart.threshold, 'g', 3)});
    return caption;
}

namespace {

/// Break it, or undo that; where no process is at hand there is nothing to press.
void deedLines(Lines& out, const Nodes& nodes, const std::string& subject) {
    const sources::NodeInfo* info = nodeIn(nodes, subject);
    if (info == nullptr) {
        return;
    }
    const auto add = [&](const QString& label, const QString& icon, NodeDeed deed) {
        out.push_back(button(label, icon, kNodeButton, static_cast<int>(deed)));
    };
    const QString n = info->label();
    out.push_back(rule());
    switch (info->process) {
    case sources::ProcessState::Paused:
        add("Resume " + n, "play", NodeDeed::Resume);
        add("Kill " + n, "x", NodeDeed::Kill);
        break;
    case sources::ProcessState::Running:
        add("Pause " + n, "pause", NodeDeed::Pause);
        info->isCutOff() ? add("Heal the cut", "heal", NodeDeed::Heal) : add("Cut " + n + " off", "cut", NodeDeed::CutOff);
        add("Kill " + n, "x", NodeDeed::Kill);
        break;
    case sources::ProcessState::Stopped: add("Start " + n, "play", NodeDeed::Start); break;
    case sources::ProcessState::Starting: break;
    }
}

}  // namespace

Lines nodeLines(const ClusterState& state, const Nodes& nodes, const std::string& observer, const std::string& subject, std::int64_t now, double width) {
    Lines out;
    const auto* watcher = state.node(observer);
    const auto* node = state.node(subject);
    if (node == nullptr) {
        return out;
    }
    const Knowledge* known = nullptr;
    if (watcher != nullptr) {
        const auto at = watcher->knows.find(subject);
        known = at != watcher->knows.end() ? &at->second : nullptr;
    }
    out.push_back(gap(4));
    titleLines(out, nodes, known != nullptr ? observer : std::string(), subject, known, state.phiThreshold);
    const sources::NodeInfo* info = nodeIn(nodes, subject);
    if (info != nullptr) {
        out.push_back({.spans = {{.text = "Process", .ink = &Tokens::muted}, {.text = info->word, .x = 128}},
                       .marks = {{.kind = Mark::Kind::State, .x = 117, .node = static_cast<int>(info->mark), .size = 4.5}}});
        out.push_back(fact("Address", QString::fromStdString(subject), 112, true));
    }
    out.push_back(fact("Place", QString("%1, %2").arg(QString::fromStdString(node->datacenter), QString::fromStdString(node->rack)), 112));
    if (known != nullptr) {
        const double age = known->changedNanos == 0 ? 0 : static_cast<double>(now - known->changedNanos) / 1e9;
        out.push_back(fact("Generation", QString::number(known->generation), 112, true));
        Line heartbeat = fact("Heartbeat", QString::number(known->heartbeat), 112, true);
        if (age > 3) {
            heartbeat.spans.push_back({.text = QString("unchanged for %1 s").arg(age, 0, 'f', 1),
                                       .x = 112 + shell::widthOf(shell::mono(12), QString::number(known->heartbeat)) + 12, .ink = &Tokens::suspect, .weight = 500});
        }
        out.push_back(std::move(heartbeat));
        if (!known->reason.empty()) {
            out.push_back(fact("Verdict", QString::fromStdString(known->reason), 112));
        }
        if (!known->states.empty()) {
            out.push_back(rule());
            stateLines(out, *known, width);
        }
        futureLines(out, state, nodes, subject, now, width);
    }
    deedLines(out, nodes, subject);
    out.push_back(rule());
    out.push_back(heading("Reading the map"));
    paragraph(out, "Old news down a column: nobody hears that node. Old news along a row: that node hears nobody. Both at once: it is paused, or cut off both ways.", width);
    out.push_back(gap(14));
    return out;
}

}  // namespace app::explorer::gossip
