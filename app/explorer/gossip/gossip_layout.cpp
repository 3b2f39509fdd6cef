#include "app/explorer/gossip/gossip_layout.h"

#include <algorithm>
#include <cmath>

#include "app/shell/kit.h"

namespace app::explorer::gossip {

using engine::observe::ClusterState;
using engine::observe::Knowledge;
using engine::observe::NodeView;

namespace {

constexpr double kPhiFactor = .4343;  // 1 / ln 10: phi a mean gap of silence.
constexpr std::int64_t kUnanswered = kSecond;
constexpr double kSilentSeconds = 3;
constexpr double kPhiFrom = 430;  // Height: below, the phi chart has only its own form.

std::vector<const NodeView*> inOrder(const ClusterState& state, const Nodes& nodes) {
    auto views = state.ordered();
    std::erase_if(views, [](const NodeView* view) { return view->tokens.empty() && view->knows.empty(); });
    std::stable_sort(views.begin(), views.end(), [&](const NodeView* a, const NodeView* b) {
        return numberIn(nodes, a->node) < numberIn(nodes, b->node);
    });
    return views;
}

double secondsSince(std::int64_t then, std::int64_t now) { return then == 0 ? 0 : std::max(0.0, static_cast<double>(now - then) / kSecond); }

bool isSilent(const NodeView& view, const Nodes& nodes, std::int64_t now) {
    const sources::NodeInfo* info = nodeIn(nodes, view.node);
    const bool running = info == nullptr || info->process == sources::ProcessState::Running;
    return !running || !view.reachable || secondsSince(view.lastSeenNanos, now) > kSilentSeconds;
}

}  // namespace

// ---- knowledge ----

int heatStep(double age) {
    constexpr double kSteps[] = {1.5, 3, 6, 10, 18};
    int step = 0;
    while (step < 5 && age > kSteps[step]) {
        ++step;
    }
    return step;
}

std::vector<Known> knowledgeOf(const ClusterState& state, const Nodes& nodes, std::int64_t now) {
    const auto views = inOrder(state, nodes);
    std::vector<Known> out;
    for (const NodeView* observer : views) {
        for (const NodeView* subject : views) {
            Known known;
            known.observer = observer->node;
            known.subject = subject->node;
            known.isItself = observer == subject;
            known.observerSilent = isSilent(*observer, nodes, now);
            const auto at = observer->knows.find(subject->node);
            known.isTold = known.isItself || (at != observer->knows.end() && at->second.changedNanos != 0);
            known.version = known.isItself ? subject->heartbeat : 0;
            known.generation = subject->generation;
            if (at != observer->knows.end() && !known.isItself) {
                const Knowledge& knowledge = at->second;
                known.version = knowledge.heartbeat;
                known.generation = knowledge.generation;
                known.behind = knowledge.generation == subject->generation || subject->generation == 0
                                   ? std::max(0, subject->heartbeat - knowledge.heartbeat) : 0;
                known.ageSeconds = secondsSince(knowledge.changedNanos, now);
                known.phi = knowledge.phi;
                known.meanGapSeconds = knowledge.meanGapMillis / 1000;
                known.alive = knowledge.alive;
            }
            out.push_back(std::move(known));
        }
    }
    return out;
}

std::vector<RowsModel::Row> gossipRows(const std::vector<Known>& all, const Nodes& nodes) {
    std::vector<RowsModel::Row> rows;
    for (const Known& known : all) {
        const QString judged = known.isItself ? QString("itself") : !known.isTold ? QString("not told") : known.alive ? QString("up") : QString("down");
        rows.push_back({labelIn(nodes, known.observer), labelIn(nodes, known.subject), QString::number(known.generation), QString::number(known.version),
                        known.isItself ? QString() : QString::number(known.behind), known.isItself ? QString() : QString::number(known.ageSeconds, 'f', 1),
                        known.isItself ? QString() : QString::number(known.phi, 'f', 2), judged + (known.observerSilent ? ", silent itself" : "")});
    }
    return rows;
}

// ---- heat map ----

HeatMap HeatMap::compute(std::vector<Known> known, const Nodes& nodes, QRectF card) {
    HeatMap out;
    out.card = card;
    const auto count = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(known.size()))));
    if (count == 0) {
        return out;
    }
    out.detail = count <= 6 ? Detail::Lines : count <= 16 ? Detail::Age : Detail::Colour;
    const double labels = out.detail == Detail::Lines ? 118 : 64, above = out.detail == Detail::Lines ? 80 : 76;
    const double gap = out.detail == Detail::Lines ? 6 : 2;
    out.grid = QRectF(card.left() + labels, card.top() + above, card.width() - labels - 10, card.height() - above - 10);
    const double n = static_cast<double>(count);
    out.cellSize = {(out.grid.width() - gap * (n - 1)) / n, (out.grid.height() - gap * (n - 1)) / n};
    if (out.cellSize.width() < 92 || out.cellSize.height() < 58) {
        out.detail = out.cellSize.width() < 34 || out.cellSize.height() < 17 ? Detail::Colour : Detail::Age;
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
        const double row = static_cast<double>(i / count), column = static_cast<double>(i % count);
        const QRectF rect(out.grid.left() + column * (out.cellSize.width() + gap), out.grid.top() + row * (out.cellSize.height() + gap),
                          out.cellSize.width(), out.cellSize.height());
        if (i < count) {
            out.numbers.push_back(numberIn(nodes, known[i].subject));
        }
        out.cells.push_back({rect, std::move(known[i])});
    }
    return out;
}

// ---- rounds ----

Rounds Rounds::compute(const ClusterState& state, const Nodes& nodes, std::int64_t now, QRectF card) {
    Rounds out;
    out.card = card;
    out.plot = QRectF(card.left() + 72, card.top() + 66, card.width() - 96, card.height() - 66 - 74);
    const auto views = inOrder(state, nodes);
    const double step = views.size() > 1 ? out.plot.height() / static_cast<double>(views.size()) : 0;
    std::map<std::string, double> y;
    for (std::size_t i = 0; i < views.size(); ++i) {
        Lane lane;
        lane.y = out.plot.top() + step * (static_cast<double>(i) + .5);
        lane.node = numberIn(nodes, views[i]->node);
        lane.silent = isSilent(*views[i], nodes, now);
        if (lane.silent) {
            const sources::NodeInfo* info = nodeIn(nodes, views[i]->node);
            const bool paused = info != nullptr && info->process == sources::ProcessState::Paused;
            lane.word = paused ? "paused" : info != nullptr && info->process == sources::ProcessState::Stopped ? "stopped" : "silent";
        }
        y[views[i]->node] = lane.y;
        out.lanes.push_back(lane);
    }
    for (const auto& exchange : state.exchanges) {
        const auto from = y.find(exchange.from), to = y.find(exchange.to);
        if (exchange.startedNanos < now - kSpan || exchange.startedNanos > now || from == y.end() || to == y.end()) {
            continue;
        }
        Call call;
        call.x = out.plot.left() + (1 - static_cast<double>(now - exchange.startedNanos) / kSpan) * out.plot.width();
        call.fromY = from->second;
        call.toY = to->second;
        call.from = numberIn(nodes, exchange.from);
        call.to = numberIn(nodes, exchange.to);
        call.answered = exchange.ackNanos != 0;
        call.pending = !call.answered && now - exchange.startedNanos < kUnanswered;
        call.took = call.answered ? exchange.ackNanos - exchange.startedNanos : 0;
        out.calls.push_back(call);
    }
    return out;
}

// ---- phi ----

namespace {

/// The saw tooth of one observer, and how it goes on if no heartbeat comes.
void follow(PhiChart& chart, PhiChart::Line& line, const NodeView& observer, std::int64_t now) {
    const auto samples = observer.phi.find(chart.subject);
    const Knowledge& knowledge = observer.knows.at(chart.subject);
    line.meanGapSeconds = knowledge.meanGapMillis / 1000;
    line.phi = knowledge.phi;
    line.convicted = !knowledge.alive;
    const double slope = line.meanGapSeconds > 0 ? kPhiFactor / line.meanGapSeconds : 0;
    const auto place = [&chart](double at, double phi) { return QPointF(chart.xOf(at), chart.yOf(std::min(phi, chart.top))); };
    double lastMark = -PhiChart::kBack, quiet = 0, before = 0, beforePhi = 0;
    std::int64_t newest = 0;
    for (const auto& point : samples->second) {
        const double at = -static_cast<double>(now - point.nanos) / kSecond;
        if (at < -PhiChart::kBack || at > 0) {
            continue;
        }
        const double heard = -static_cast<double>(now - point.heardNanos) / kSecond;
        if (newest != 0 && heard > before && heard < at) {  // A heartbeat came since the last sample.
            line.points.push_back(place(heard, beforePhi + slope * (heard - before)));
            line.points.push_back(place(heard, 0));
        }
        newest = point.nanos;
        line.points.push_back(place(at, point.phi));
        quiet = point.phi < 1 ? point.phi : quiet;
        if (point.phi > 1 && at - lastMark >= 2) {
            line.marks.push_back(line.points.back());
            lastMark = at;
        }
        before = at;
        beforePhi = point.phi;
    }
    line.was = quiet;
    const double age = newest == 0 ? PhiChart::kBack : static_cast<double>(now - newest) / kSecond;
    if (line.points.empty()) {
        return;
    }
    line.now = line.points.back();
    if (slope <= 0 || age > 4) {
        return;  // The observer itself is silent: nothing follows from what it said.
    }
    line.continues = line.phi < chart.threshold;
    const double hit = (chart.threshold - line.phi) / slope - age;
    line.secondsToConviction = line.continues && hit > 0 && hit <= PhiChart::kAhead ? hit : -1;
    const double end = line.secondsToConviction > 0 ? hit : PhiChart::kAhead;
    line.ahead = {chart.xOf(end), chart.yOf(std::min(line.phi + slope * (end + age), chart.top))};
}

}  // namespace

PhiChart PhiChart::compute(const ClusterState& state, const Nodes& nodes, const std::string& subject, std::int64_t now, QRectF card) {
    PhiChart out;
    out.card = card;
    out.subject = subject;
    out.threshold = state.phiThreshold;
    const double legend = card.width() > 560 ? 196 : 24;
    out.plot = QRectF(card.left() + 52, card.top() + 62, card.width() - 52 - legend, card.height() - 62 - 40);
    std::vector<const NodeView*> observers;
    for (const NodeView* view : inOrder(state, nodes)) {
        if (view->node != subject && view->phi.count(subject) != 0 && view->knows.count(subject) != 0) {
            observers.push_back(view);
            for (const auto& point : view->phi.at(subject)) {
                if (point.nanos >= now - static_cast<std::int64_t>(kBack * kSecond) && point.nanos <= now) {
                    out.worstPhi = std::max(out.worstPhi, point.phi);
                }
            }
        }
    }
    const double highest = std::clamp(std::max(out.worstPhi, out.threshold), 1.0, 60.0);
    out.top = std::max(10.0, std::ceil(highest / 10) * 10);
    for (const NodeView* observer : observers) {
        Line line;
        line.observer = observer->node;
        line.node = numberIn(nodes, observer->node);
        follow(out, line, *observer, now);
        line.badge = line.now;
        while (std::any_of(out.lines.begin(), out.lines.end(), [&](const Line& other) {
            return std::hypot(other.badge.x() - line.badge.x(), other.badge.y() - line.badge.y()) < 17;
        })) {
            line.badge.rx() -= 18;
        }
        out.lines.push_back(std::move(line));
    }
    if (out.lines.size() > 6) {  // The most suspicious ones are told.
        std::stable_sort(out.lines.begin(), out.lines.end(), [](const Line& a, const Line& b) { return a.phi > b.phi; });
        out.lines.resize(6);
    }
    return out;
}

// ---- all ----

GossipLayout GossipLayout::compute(const ClusterState& state, const Nodes& nodes, const std::string& subject, std::int64_t now, Form form, const SpreadLog& log,
                                   QSizeF size) {
    GossipLayout out;
    const double w = size.width(), h = size.height();
    out.isEmpty = inOrder(state, nodes).size() < 2;
    if (out.isEmpty) {
        return out;
    }
    const QRectF all(16, 4, w - 32, h - 18);
    if (form == Form::All) {
        const bool tall = h >= kPhiFrom;
        const double upper = tall ? std::clamp(h * .47, 200.0, 348.0) : h - 18;
        const bool beside = w >= 860;
        const double heatWidth = beside ? (w - 48) * .585 : w - 32;
        out.heat = HeatMap::compute(knowledgeOf(state, nodes, now), nodes, {16, 4, heatWidth, upper});
        if (beside) {
            out.rounds = Rounds::compute(state, nodes, now, {16 + heatWidth + 16, 4, w - 48 - heatWidth, upper});
        }
        if (tall) {
            out.phi = PhiChart::compute(state, nodes, subject, now, {16, upper + 20, w - 32, h - upper - 34});
        }
    } else if (form == Form::Rounds) {
        out.rounds = Rounds::compute(state, nodes, now, all);
    } else if (form == Form::Spread) {
        out.spread = gossip::Spread::compute(log, subject, static_cast<int>(inOrder(state, nodes).size()), now, all);
    } else {
        out.phi = PhiChart::compute(state, nodes, subject, now, all);
    }
    for (std::size_t i = 0; i < out.heat.cells.size(); ++i) {
        out.items.push_back({Shape::rect(out.heat.cells[i].rect, 4), HeatMap::CellItem, static_cast<int>(i), static_cast<int>(i)});
    }
    for (std::size_t i = 0; i < out.rounds.calls.size(); ++i) {
        const Rounds::Call& call = out.rounds.calls[i];
        out.items.push_back({Shape::segment({call.x, call.fromY}, {call.x, call.toY}, 4), Rounds::CallItem, static_cast<int>(i), -1});
    }
    for (std::size_t i = 0; i < out.phi.lines.size(); ++i) {
        out.items.push_back({Shape::disc(out.phi.lines[i].badge, 11), PhiChart::ObserverItem, static_cast<int>(i), -1});
    }
    return out;
}

std::string subjectOf(const ClusterState& state, const Nodes& nodes, const QString& chosen) {
    const auto views = inOrder(state, nodes);
    if (state.node(chosen.toStdString()) != nullptr) {
        return chosen.toStdString();
    }
    std::string worst;
    double phi = 1;
    for (const NodeView* observer : views) {
        for (const auto& [subject, knowledge] : observer->knows) {
            if (subject != observer->node && knowledge.phi > phi) {
                phi = knowledge.phi;
                worst = subject;
            }
        }
    }
    return !worst.empty() ? worst : views.empty() ? std::string() : views.back()->node;
}

}  // namespace app::explorer::gossip
