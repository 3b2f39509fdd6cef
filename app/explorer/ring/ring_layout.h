#pragma once

#include <QPointF>
#include <QSizeF>

#include <optional>
#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/ring/ring_focus.h"
#include "app/shell/kit/paint.h"

namespace app::explorer {
class LabelRoom;
}

namespace app::explorer::ring {

/// Where everything on the ring goes: tokens as arcs from noon clockwise, nodes on an orbit inside,
/// the key's pin and its placement walk, and a request's messages. Pure geometry: no painter, no
/// widget, no clock.
struct RingLayout {
    enum Kind { NodeItem = 1, VisitItem, LinkItem, ArcItem };

    struct Arc {
        double from = 0;  // Degrees; to - from is its length.
        double to = 0;
        std::int64_t start = 0;  // (start, end]
        std::int64_t end = 0;
        int node = 0;
        int member = 0;   // Index in badges.
        bool hot = false; // The walk passed it.
    };
    struct Badge {
        QPointF at;
        int node = 0;
        std::string name;
        shell::StateMark mark = shell::StateMark::Unknown;
        QString word;
        QString role;      // "1st replica".
        bool coordinator = false;
        bool answering = true;
    };
    struct Visit {
        QPointF at;
        double degrees = 0;
        double depth = 0;  // How far inside the band, px.
        int node = 0;
        std::int64_t token = 0;
        bool taken = false;
        QString reason;
    };
    /// A message between two places: solid part is the way gone, dotted the way to come.
    struct Link {
        QPointF from;
        QPointF to;
        QPointF head;
        double part = 0;
        bool arrivalKnown = false;
        bool response = false;
        bool late = false;
        QString verb;
        QString says;   // The verb, or in plain words.
        int fromNode = 0;
        int toNode = 0;
        std::uint32_t order = 0;  // Of the answer it brought; 0: not yet.
        std::int64_t transit = 0;
        QRectF label;   // Its verb; valid when labelled.
        bool labelled = false;
        bool namedBeside = false;  // One like it, beside it, has the label.
        int round = 0;
    };
    /// What stands beside a node: as much of it as finds room.
    struct Words {
        int badge = -1;
        QRectF box;
        shell::Align align = shell::Align::Left;
        QString name;
        QString note;      // "coordinator".
        QString below;     // Its state when that is not up, else its rank.
        bool isState = false;
        QString counter;   // "1 of 2"; empty: none.
        int counterBoxes = 0;
        QSizeF size() const;
    };
    struct Pin {
        QPointF foot;
        QPointF knee;
        QRectF label;
        double degrees = 0;
        double lastDegrees = 0;  // Of the walk's last vnode, not less than `degrees`.
        QString text;
    };

    static RingLayout compute(const engine::ring::TopologyPtr& topology, const Nodes& nodes,
                              const RingFocus& focus, QSizeF size);
    /// Places what the request looks like at `now`; called for every frame of a replay.
    void tell(const RingFocus& focus, std::int64_t now);

    /// The disc of an answer's order stands so far before its arrow's end, those of later rounds further.
    static constexpr double kOrderBack = 22;
    static constexpr double kOrderApart = 19;

    static double degreesOf(std::int64_t token);
    const Badge* badgeOf(const std::string& name) const;
    /// Owner of the place on the ring, by binary search; -1 when the ring is empty.
    int arcAt(double degrees) const;

    QPointF centre;
    double radius = 0;   // Middle of the band.
    double band = 22;
    double orbit = 0;
    double badgeRadius = 20;
    double gap = .7;     // Degrees between arcs.
    bool perPixel = false;
    bool plain = false;  // "request" instead of MUTATION_REQ.
    /// Machine nanos in slow motion: a message that has not arrived is drawn where it would be if it took as long as
    /// messages on loopback do. 0: at its start.
    std::int64_t clock = 0;
    bool named = true;   // Nodes have name and role beside them.
    std::uint64_t ringVersion = 0;

    std::vector<Arc> arcs;
    std::vector<Badge> badges;
    std::vector<Visit> visits;
    std::vector<Link> links;
    std::vector<Words> words;
    std::vector<std::pair<QPointF, QPointF>> ways;  // Of the request's errands, begun or not.
    int labelsLeftOut = 0;
    std::optional<Pin> pin;
    std::optional<QPointF> client;
    QString clientLabel;
    bool clientAsked = false;
    int coordinator = -1;        // Index in badges.
    std::uint32_t counted = 0;
    std::uint32_t required = 0;
    std::vector<Item> items;

private:
    void placeArcs(const engine::ring::Topology& topology, const Nodes& nodes);
    void placeBadges(const engine::ring::Topology& topology, const Nodes& nodes, const RingFocus& focus);
    void placeWalk(const RingFocus& focus, const Nodes& nodes, QSizeF size);
    void addLink(const Leg& leg, const std::string& coordinatorName, const RingFocus& focus, std::int64_t now);
    double underWay(std::int64_t sent, const RingFocus& focus) const;
    void placeLabels();
    void placeWords(LabelRoom& room, int badge);
    void placeVerb(LabelRoom& room, Link& link);
    void makeItems();
};

}  // namespace app::explorer::ring
