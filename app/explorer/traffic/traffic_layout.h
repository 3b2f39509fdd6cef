#pragma once

#include <QRectF>
#include <QStringList>

#include <set>
#include <string>
#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/names.h"
#include "app/explorer/request_story.h"

namespace app::explorer::traffic {

/// Which of the two pictures are drawn.
enum class Form { Both, Waterfall, SpaceTime };

/// One request as waterfall above and space-time diagram below, on one time axis. Times are nanos
/// since the coordinator received the frame: what the client's own clock says is not known. Pure
/// geometry.
struct TrafficLayout {
    enum Kind { ClientItem = 1, CoordinatorItem, LegItem, MessageItem, IdleItem };
    enum class Paint { Coordinator, Waiting, CommitLog, Memtable, Read, Client };

    struct Bar {
        QRectF rect;
        Paint paint = Paint::Coordinator;
        QString text;
    };
    struct Wire {
        QPointF from;
        QPointF to;
        bool arrived = true;  // false: drawn dashed to the end, "not received".
        bool late = false;
        QString verb;
    };
    struct Row {
        double y = 0;        // Middle.
        std::string node;    // Empty: the client.
        QString note;        // "coordinator", "local, no socket".
        std::vector<Bar> bars;
        std::vector<Wire> wires;
        double disc = -1;    // x of the answer; -1: none.
        QString ordinal;
        bool counted = false;
        bool digest = false;
        bool late = false;
        QString word;        // "counted, 1 of 2".
        int leg = -1;
        bool isIdle = false;  // A replica that was sent nothing.
    };
    struct Group {
        QRectF bar;
        QString title;
        QString note;
        bool blocking = false;
    };
    struct Lane {
        double y = 0;
        std::string node;
        QString note;
    };
    struct Slant {
        QPointF from;
        QPointF to;
        QString verb;
        QString family;   // Token of the colour; "accent" for the client's.
        bool response = false;
        bool late = false;
        bool arrived = true;
        bool labelled = false;
        QPointF labelAt;
        bool labelLeft = false;
        int leg = -1;
        std::int64_t took = 0;
    };
    struct Disc {
        QPointF at;
        QString ordinal;
        bool late = false;
        bool digest = false;
    };
    struct Tick {
        double x = 0;
        QString text;
    };

    static TrafficLayout compute(const RequestStory& story, const Nodes& nodes, Form form,
                                 const std::set<std::string>& hidden, QSizeF size);
    /// What the pictures need at least.
    static double heightFor(const RequestStory& story, Form form, const std::set<std::string>& hidden);
    double xOf(std::int64_t nanosSinceBegin) const { return left + static_cast<double>(nanosSinceBegin) * scale; }

    double left = 170;
    double right = 0;
    double scale = 0;        // Pixels a nanosecond.
    double top = 44;
    double waterfallBottom = 0;
    double laneTop = 0;
    double bottom = 0;
    std::vector<Tick> ticks;
    QString unit;            // "ms", "µs", "s".
    std::vector<Row> rows;
    std::vector<Group> groups;
    std::vector<Lane> lanes;
    std::vector<Slant> slants;
    std::vector<Bar> works;  // Outlined on the lanes.
    std::vector<Disc> discs;
    double metX = -1;
    double answeredX = -1;
    double mismatchX = -1;
    QString metText;
    QString answeredText;
    int leftOut = 0;         // Rows beyond what is drawn.
    std::vector<Item> items;
};

}  // namespace app::explorer::traffic
