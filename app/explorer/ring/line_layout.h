#pragma once

#include <QSizeF>

#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/ring/ring_focus.h"

namespace app::explorer::ring {

/// The ring unrolled: x is the token, a lane a replica rank, so a column reads "who holds this"; below
/// it what each node owns against the ideal. Pure geometry.
struct LineLayout {
    enum Kind { RangeItem = 1, ShareItem };

    struct Block {
        QRectF rect;
        int node = 0;
        int arc = 0;   // Index of its range in ring order.
        int rank = 0;  // 0: the first replica.
        bool wraps = false;  // Half of the range that goes over the end.
    };
    struct Share {
        QRectF line;   // From nothing to twice the ideal.
        QPointF dot;
        double part = 0;
        int node = 0;
        std::string name;
    };
    /// The stretch of the ring that is seen, in [0, 1].
    struct Window {
        double from = 0;
        double to = 1;
    };

    static LineLayout compute(const engine::ring::TopologyPtr& topology, const Nodes& nodes, const RingFocus& focus,
                              Window window, QSizeF size);
    static double partOf(std::int64_t token);
    double xOf(double part) const { return lanes.left() + (part - window.from) / (window.to - window.from) * lanes.width(); }
    double partAt(double x) const { return window.from + (x - lanes.left()) / lanes.width() * (window.to - window.from); }

    Window window;
    QRectF lanes;
    QRectF overview;
    double laneHeight = 0;
    int ranks = 0;
    bool perPixel = false;  // Ranges are narrower than 4 px: a block is a pixel's majority.
    std::vector<Block> blocks;
    std::vector<Share> shares;
    double pinX = -1;       // Of the key; outside the lanes when it is not seen.
    double ideal = 0;
    double worst = 0;       // Largest over mean share.
    std::uint64_t ringVersion = 0;
    std::vector<Item> items;
};

}  // namespace app::explorer::ring
