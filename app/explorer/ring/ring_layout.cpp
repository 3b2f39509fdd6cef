#include "app/explorer/ring/ring_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace app::explorer::ring {

using shell::paint::polar;

namespace {

constexpr std::size_t kGapArcsMax = 64;
constexpr std::size_t kArcsMax = 512;
constexpr double kRoundApart = 7;  // A later errand to the same replica runs so far beside the first.

double length(QPointF v) { return std::sqrt(QPointF::dotProduct(v, v)); }

}  // namespace

double RingLayout::degreesOf(std::int64_t token) {
    const auto turn = static_cast<std::uint64_t>(token) + (std::uint64_t(1) << 63);
    return static_cast<double>(turn) * (360.0 * 0x1.0p-64);
}

RingLayout RingLayout::compute(const engine::ring::TopologyPtr& topology, const Nodes& nodes,
                               const RingFocus& focus, QSizeF size) {
    RingLayout out;
    const double w = size.width(), h = size.height();
    const double above = std::clamp(h * .112, 40.0, 62.0), beside = std::clamp(w * .215, 96.0, 172.0);
    out.radius = std::max(40.0, std::min(h / 2 - above, w / 2 - beside));
    out.band = std::clamp(out.radius * .103, 12.0, 26.0);
    out.centre = {w / 2 - std::min(12.0, w * .01), h / 2 - std::min(8.0, h * .01)};
    if (!topology) {
        return out;
    }
    out.ringVersion = topology->version();
    out.placeBadges(*topology, nodes, focus);
    out.placeArcs(*topology, nodes);
    out.placeWalk(focus, nodes, size);
    out.client = QPointF(std::max(28.0, out.centre.x() - out.radius * 1.486), std::max(30.0, out.centre.y() - out.radius * .869));
    out.placeLabels();
    out.makeItems();
    return out;
}

void RingLayout::placeBadges(const engine::ring::Topology& topology, const Nodes& nodes, const RingFocus& focus) {
    const std::size_t count = topology.nodes().size();
    const double inner = radius - band / 2;
    named = count <= 6 && radius >= 95;
    badgeRadius = count <= 6 ? std::clamp(radius * .0935, 11.0, 21.0) : count <= 12 ? 13 : count <= 60 ? 8 : 5;
    orbit = count <= 6 ? radius * .551 : inner - badgeRadius - std::clamp(radius * .2, 26.0, 44.0);
    std::vector<const engine::ring::NodeInfo*> members;
    for (const auto& member : topology.nodes()) {
        members.push_back(&member);
    }
    std::stable_sort(members.begin(), members.end(), [&](const auto* a, const auto* b) {
        return numberIn(nodes, a->node) < numberIn(nodes, b->node);
    });
    for (std::size_t i = 0; i < count; ++i) {
        Badge badge;
        badge.name = members[i]->node;
        badge.at = count == 1 ? centre : polar(centre, orbit, 360.0 * static_cast<double>(i) / static_cast<double>(count));
        if (const sources::NodeInfo* info = nodeIn(nodes, badge.name)) {
            badge.node = info->number;
            badge.mark = info->mark;
            badge.word = info->word;
            badge.answering = info->answering;
        }
        if (const int rank = focus.rankOf(badge.name)) {
            badge.role = ordinalText(rank) + " replica";
        }
        badges.push_back(std::move(badge));
    }
}

void RingLayout::placeArcs(const engine::ring::Topology& topology, const Nodes&) {
    const auto& tokens = topology.tokens();
    gap = tokens.size() <= kGapArcsMax ? .7 : 0;
    perPixel = tokens.size() > kArcsMax;
    arcs.reserve(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Arc arc;
        arc.start = tokens[i == 0 ? tokens.size() - 1 : i - 1].token;
        arc.end = tokens[i].token;
        arc.from = degreesOf(arc.start) - (i == 0 ? 360 : 0);
        arc.to = degreesOf(arc.end);
        const auto at = std::find_if(badges.begin(), badges.end(),
                                     [&](const Badge& badge) { return badge.name == tokens[i].node->node; });
        arc.member = static_cast<int>(at - badges.begin());
        arc.node = at != badges.end() ? at->node : 0;
        arcs.push_back(arc);
    }
}

void RingLayout::placeWalk(const RingFocus& focus, const Nodes& nodes, QSizeF size) {
    if (!focus.key) {
        return;
    }
    Pin place;
    place.degrees = degreesOf(focus.key->token);
    place.lastDegrees = place.degrees;
    place.foot = polar(centre, radius + band / 2, place.degrees);
    place.knee = polar(centre, radius + band / 2 + std::clamp(radius * .187, 26.0, 40.0), place.degrees);
    place.text = keyText(focus.key->bytes);
    const double width = std::min(shell::widthOf(shell::mono(12.5, 700), place.text) + 20, 190.0);
    const bool left = place.knee.x() < centre.x();
    double x = left ? place.knee.x() + 8 - width : place.knee.x() - 8;
    x = std::clamp(x, 4.0, std::max(4.0, size.width() - width - 4));
    const double y = place.knee.y() > centre.y() ? place.knee.y() + 2 : place.knee.y() - 26;
    place.label = QRectF(x, std::clamp(y, 4.0, size.height() - 28), width, 24);
    double depth = 0, before = -100;
    for (const engine::ring::PlacementStep& step : focus.walk ? focus.walk->steps : std::vector<engine::ring::PlacementStep>()) {
        Visit visit;
        visit.degrees = degreesOf(step.token);
        while (visit.degrees < place.lastDegrees - 1e-9) {
            visit.degrees += 360;
        }
        place.lastDegrees = std::max(place.lastDegrees, visit.degrees);
        if (arcs.size() <= kGapArcsMax) {
            depth = visit.degrees - before < 7 ? 20 - depth : 0;
            before = visit.degrees;
        } else {  // Side by side, each with a line to its vnode.
            before = std::max(visit.degrees, before + 20 / (radius - band / 2 - 15) * 180 / std::numbers::pi);
        }
        visit.depth = depth;
        visit.at = polar(centre, radius - band / 2 - 15 - depth, before);
        visit.node = numberIn(nodes, step.node);
        visit.token = step.token;
        visit.taken = step.taken;
        visit.reason = QString::fromStdString(step.reason);
        visits.push_back(visit);
        for (Arc& arc : arcs) {
            arc.hot |= arc.end == step.token;
        }
    }
    pin = place;
}

const RingLayout::Badge* RingLayout::badgeOf(const std::string& name) const {
    const auto at = std::find_if(badges.begin(), badges.end(), [&](const Badge& badge) { return badge.name == name; });
    return at == badges.end() ? nullptr : &*at;
}

int RingLayout::arcAt(double degrees) const {
    if (arcs.empty()) {
        return -1;
    }
    degrees = std::fmod(degrees + 720, 360);
    const auto at = std::lower_bound(arcs.begin(), arcs.end(), degrees,
                                     [](const Arc& arc, double d) { return arc.to < d; });
    return at == arcs.end() ? 0 : static_cast<int>(at - arcs.begin());
}

// ---- the request ----

void RingLayout::tell(const RingFocus& focus, std::int64_t now) {
    links.clear();
    ways.clear();
    coordinator = -1;
    clientAsked = false;
    counted = required = 0;
    for (Badge& badge : badges) {
        badge.coordinator = false;
    }
    const RequestStory& story = focus.story;
    if (!story.request || story.request->coordinator.empty()) {
        placeLabels();
        makeItems();
        return;
    }
    const std::string& name = story.request->coordinator;
    for (std::size_t i = 0; i < badges.size(); ++i) {
        if (badges[i].name == name) {
            badges[i].coordinator = true;
            coordinator = static_cast<int>(i);
        }
    }
    clientAsked = coordinator >= 0;
    clientLabel = isOfConsole(*story.request) ? QString("Console") : QString::fromStdString(story.request->info.clientName);
    if (clientLabel.isEmpty()) {
        clientLabel = "Client";
    }
    counted = story.countedAt(now);
    required = story.request->info.required;
    if (coordinator >= 0 && client) {
        ways.emplace_back(*client, badges[static_cast<std::size_t>(coordinator)].at);
    }
    for (const Leg& leg : story.legs) {
        addLink(leg, name, focus, now);
    }
    placeLabels();
    makeItems();
}

/// How far a message that has not arrived may have come.
double RingLayout::underWay(std::int64_t sent, const RingFocus& focus) const {
    constexpr double kUsualTransitNanos = 120'000;
    constexpr double kFarthest = .92;
    return clock <= sent ? 0 : std::min(static_cast<double>(clock - sent) / (focus.pace * kUsualTransitNanos), kFarthest);
}

void RingLayout::addLink(const Leg& leg, const std::string& coordinatorName, const RingFocus& focus, std::int64_t now) {
    const Badge* there = badgeOf(leg.replica);
    const Badge* home = badgeOf(coordinatorName);
    if (leg.isLocal || there == nullptr || home == nullptr || leg.sent == 0) {
        return;
    }
    const QPointF path = there->at - home->at;
    const QPointF across = QPointF(-path.y(), path.x()) / std::max(length(path), 1.0) * (leg.round * kRoundApart);
    ways.emplace_back(home->at + across, there->at + across);
    if (leg.round > 0) {  // Its answer runs on the other side.
        ways.emplace_back(home->at - across, there->at - across);
    }
    if (leg.sent > now) {
        return;
    }
    Link link;
    link.round = leg.round;
    link.response = leg.replied != 0 && leg.replied <= now;
    const std::int64_t from = link.response ? leg.replied : leg.sent;
    const std::int64_t to = link.response ? leg.landed : leg.arrived;
    link.verb = QString::fromStdString(link.response ? leg.replyVerb : leg.verb);
    link.says = !plain ? link.verb : link.response ? QString("response") : QString("request");
    link.arrivalKnown = to != 0;
    link.transit = to != 0 ? to - from : 0;
    link.part = to == 0 ? 0 : to <= from ? 1 : std::clamp(static_cast<double>(now - from) / static_cast<double>(to - from), 0.0, 1.0);
    link.late = link.response && leg.isLate() && leg.acked <= now;  // Nothing is late before it came.
    link.order = link.response && leg.acked != 0 && leg.acked <= now ? leg.order : 0;
    const Badge& a = link.response ? *there : *home;
    const Badge& b = link.response ? *home : *there;
    link.fromNode = a.node;
    link.toNode = b.node;
    const QPointF way = b.at - a.at;
    const QPointF unit = way / std::max(length(way), 1.0);
    link.from = a.at + unit * (badgeRadius + 13);
    link.to = b.at - unit * (badgeRadius + 13);
    // A second errand to the same replica runs beside the first.
    const QPointF aside(-unit.y(), unit.x());
    link.from += aside * (leg.round * kRoundApart);
    link.to += aside * (leg.round * kRoundApart);
    const double shown = link.arrivalKnown ? std::max(link.part, .06) : std::max(.12, underWay(from, focus));
    link.head = link.from + (link.to - link.from) * shown;
    links.push_back(std::move(link));
}

void RingLayout::makeItems() {
    items.clear();
    items.reserve(badges.size() + visits.size() + links.size() + arcs.size());
    for (std::size_t i = 0; i < badges.size(); ++i) {
        items.push_back({Shape::disc(badges[i].at, badgeRadius + 5), NodeItem, static_cast<int>(i), -1});
    }
    for (std::size_t i = 0; i < visits.size(); ++i) {
        const int row = arcAt(visits[i].degrees - 1e-7);
        items.push_back({Shape::disc(visits[i].at, 10), VisitItem, static_cast<int>(i), row});
    }
    for (std::size_t i = 0; i < links.size(); ++i) {
        items.push_back({Shape::segment(links[i].from, links[i].to, 7), LinkItem, static_cast<int>(i), -1});
    }
    for (std::size_t i = 0; i < arcs.size(); ++i) {
        items.push_back({Shape::arc(centre, radius - band / 2, radius + band / 2, arcs[i].from, arcs[i].to), ArcItem,
                         static_cast<int>(i), static_cast<int>(i)});
    }
}

}  // namespace app::explorer::ring
