// Labels of the ring: nodes' words and messages' verbs find places where they touch nothing.

#include <algorithm>
#include <cmath>

#include "app/explorer/label_room.h"
#include "app/explorer/ring/ring_layout.h"

namespace app::explorer::ring {

using shell::Align;

namespace {

constexpr double kNameHeight = 17;
constexpr double kNoteHeight = 16;
constexpr double kCounterHeight = 16;
constexpr double kHalo = 13;         // Around a badge: ground, the coordinator's ring.
constexpr double kNear = 5;          // Around one that is none.
constexpr double kVisitReach = 10;
constexpr double kVerbHeight = 15;
constexpr double kVerbsFrom = 95;    // Radius: in smaller rings no verb is written.

/// Where a box may stand beside a badge, nearest the design first.
std::vector<std::pair<QRectF, Align>> placesFor(QSizeF size, QPointF at, double reach, bool beside) {
    const double w = size.width(), h = size.height(), off = reach * .72;
    const std::pair<QRectF, Align> right{{at.x() + reach + 8, at.y() - h / 2, w, h}, Align::Left};
    const std::pair<QRectF, Align> left{{at.x() - reach - 8 - w, at.y() - h / 2, w, h}, Align::Right};
    const std::pair<QRectF, Align> below{{at.x() - w / 2, at.y() + reach + 2, w, h}, Align::Centre};
    const std::pair<QRectF, Align> above{{at.x() - w / 2, at.y() - reach - 2 - h, w, h}, Align::Centre};
    const std::pair<QRectF, Align> corners[] = {{{at.x() + off, at.y() + off, w, h}, Align::Left},
                                                {{at.x() - off - w, at.y() + off, w, h}, Align::Right},
                                                {{at.x() + off, at.y() - off - h, w, h}, Align::Left},
                                                {{at.x() - off - w, at.y() - off - h, w, h}, Align::Right}};
    std::vector<std::pair<QRectF, Align>> places = beside ? std::vector{right, left, below, above} : std::vector{below};
    places.insert(places.end(), std::begin(corners), std::end(corners));
    if (!beside) {
        places.insert(places.end(), {right, left, above});
    }
    return places;
}

}  // namespace

QSizeF RingLayout::Words::size() const {
    const double first = shell::widthOf(shell::sans(13, 600), name) + (note.isEmpty() ? 0 : 8 + shell::widthOf(shell::sans(11.5), note));
    double w = std::max(first, below.isEmpty() ? 0 : shell::widthOf(shell::sans(11.5), below));
    double h = kNameHeight + (below.isEmpty() ? 0 : kNoteHeight);
    if (!counter.isEmpty()) {
        w = std::max(w, counterBoxes * 20.0 + (counterBoxes > 0 ? 8 : 0) + shell::widthOf(shell::mono(12, 700), counter));
        h += kCounterHeight;
    }
    return {std::ceil(w), h};
}

void RingLayout::placeLabels() {
    words.clear();
    LabelRoom room;
    room.keepInside(centre, radius - band / 2 - 1);
    for (const Badge& badge : badges) {
        const double reach = badgeRadius + (badge.coordinator ? kHalo - 4 : kNear - 1);
        room.block(QRectF(badge.at.x() - reach, badge.at.y() - reach, 2 * reach, 2 * reach));
    }
    for (const Visit& visit : visits) {
        room.block(QRectF(visit.at.x() - kVisitReach, visit.at.y() - kVisitReach, 2 * kVisitReach, 2 * kVisitReach));
    }
    if (pin) {
        room.block(pin->label);
    }
    // Every errand of the request, begun or not, so that words stand still while it is replayed.
    for (const auto& [from, to] : ways) {
        room.block(from, to, 4);
        const QPointF way = to - from;
        const QPointF unit = way / std::max(1.0, std::hypot(way.x(), way.y()));
        for (const double back : {kOrderBack, kOrderBack + kOrderApart}) {
            const QPointF order = from + unit * (badgeRadius + kHalo + back);
            room.block(QRectF(order.x() - 10, order.y() - 10, 20, 20));
        }
    }
    if (named) {
        for (std::size_t i = 0; i < badges.size(); ++i) {
            if (static_cast<int>(i) == coordinator) {
                placeWords(room, static_cast<int>(i));
            }
        }
        for (std::size_t i = 0; i < badges.size(); ++i) {
            if (static_cast<int>(i) != coordinator) {
                placeWords(room, static_cast<int>(i));
            }
        }
    }
    for (std::size_t i = 0; i < links.size(); ++i) {
        // What runs beside another of its kind is named once.
        const bool beside = std::any_of(links.begin(), links.begin() + static_cast<std::ptrdiff_t>(i), [&](const Link& other) {
            return other.labelled && other.says == links[i].says && other.fromNode == links[i].fromNode && other.toNode == links[i].toNode;
        });
        links[i].labelled = false;
        links[i].namedBeside = beside;
        if (!beside) {
            placeVerb(room, links[i]);
        }
    }
    labelsLeftOut = room.leftOut();
}

void RingLayout::placeWords(LabelRoom& room, int index) {
    const Badge& badge = badges[static_cast<std::size_t>(index)];
    Words full;
    full.badge = index;
    full.name = QString("n%1").arg(badge.node);
    full.isState = badge.mark != shell::StateMark::Up;
    full.below = full.isState ? badge.word : badge.role;
    if (badge.coordinator) {
        full.note = "coordinator";
        if (required > 0) {
            full.counter = QString("%1 of %2").arg(counted).arg(required);
            full.counterBoxes = static_cast<int>(std::min<std::uint32_t>(required, 6));
        }
    }
    // Less and less is said until it fits: the ring says who coordinates, the mark says the state.
    std::vector<Words> variants{full};
    if (!full.note.isEmpty()) {
        variants.push_back(full);
        variants.back().note.clear();
    }
    if (!full.below.isEmpty()) {
        variants.push_back(variants.back());
        variants.back().below.clear();
    }
    if (full.counterBoxes > 0) {
        variants.push_back(variants.back());
        variants.back().counterBoxes = 0;
    }
    if (!full.counter.isEmpty()) {
        variants.push_back(variants.back());
        variants.back().counter.clear();
        variants.back().counterBoxes = 0;
    }
    for (Words& variant : variants) {
        const auto places = placesFor(variant.size(), badge.at, badgeRadius + (badge.coordinator ? kHalo - 3 : kNear), badge.coordinator);
        std::vector<QRectF> boxes;
        for (const auto& place : places) {
            boxes.push_back(place.first);
        }
        if (const int at = room.place(boxes); at >= 0) {
            variant.box = places[static_cast<std::size_t>(at)].first;
            variant.align = places[static_cast<std::size_t>(at)].second;
            words.push_back(std::move(variant));
            return;
        }
    }
    room.leaveOut();
}

void RingLayout::placeVerb(LabelRoom& room, Link& link) {
    if (!named || radius < kVerbsFrom) {
        return;
    }
    const QPointF way = link.to - link.from;
    const double length = std::max(1.0, std::hypot(way.x(), way.y()));
    const QPointF aside = QPointF(-way.y(), way.x()) / length;
    const double width = std::ceil(shell::widthOf(shell::sans(11, 600), link.says));
    const double head = link.part >= 1 ? .5 : std::hypot(link.head.x() - link.from.x(), link.head.y() - link.from.y()) / length;
    std::vector<QRectF> boxes;
    std::vector<Align> aligns;
    for (const double part : {head, .5, .38, .62, .28, .72}) {
        for (const double side : {1.0, -1.0}) {
            const QPointF off = aside * side;
            const QPointF at = link.from + way * part + off * 10;
            const Align align = off.x() > .35 ? Align::Left : off.x() < -.35 ? Align::Right : Align::Centre;
            const double left = align == Align::Left ? at.x() : align == Align::Right ? at.x() - width : at.x() - width / 2;
            const double y = std::abs(off.x()) > .35 ? at.y() : at.y() + (off.y() > 0 ? 4 : -4);
            boxes.emplace_back(left, y - kVerbHeight / 2, width, kVerbHeight);
            aligns.push_back(align);
        }
    }
    const int at = room.place(boxes);
    if (at < 0) {
        room.leaveOut();
        return;
    }
    link.labelled = true;
    link.label = boxes[static_cast<std::size_t>(at)];
}

}  // namespace app::explorer::ring
