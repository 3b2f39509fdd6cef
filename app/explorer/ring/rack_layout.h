#pragma once

#include <QRectF>
#include <QSizeF>
#include <QString>

#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/ring/ring_focus.h"

namespace app::explorer::ring {

/// Boxes in boxes: datacenter, rack, node. Size carries no meaning. Pure geometry.
struct RackLayout {
    enum Kind { NodeItem = 51 };

    struct Place {
        QRectF rect;
        QString title;  // "rack1"
        QString note;   // "no copy"; empty: none.
    };
    struct Node {
        QRectF rect;
        int node = 0;
        std::string name;
        shell::StateMark mark = shell::StateMark::Unknown;
        QString word;
        QString role;  // "1st replica"; empty: none of the key.
        std::uint64_t loadBytes = 0;
        double loadPart = 0;  // Of the largest.
        bool answering = false;
        bool cut = false;
    };
    /// A link that is broken on purpose: from one node to another, or to all.
    struct Fault {
        QPointF from;
        QPointF to;
        int fromNode = 0;
        int toNode = 0;
        bool drops = false;
        QString says;  // "+200 ms"
        QRectF label;
        bool labelled = false;
    };
    static RackLayout compute(const engine::observe::ClusterState& state, const Nodes& nodes, const RingFocus& focus, QSizeF size);

    std::vector<Place> datacenters;
    std::vector<Place> racks;
    std::vector<Node> members;
    std::vector<Fault> faults;
    bool full = true;  // Boxes have room for words; else badge and state alone.
    std::vector<Item> items;

private:
    void placeFaults(const Nodes& nodes);
};

}  // namespace app::explorer::ring
