#pragma once

#include <QPointF>
#include <QRectF>

#include <vector>

#include "app/explorer/gossip/spread.h"
#include "app/explorer/item.h"
#include "app/explorer/names.h"
#include "app/explorer/rows_model.h"

namespace app::explorer::gossip {

constexpr std::int64_t kSecond = 1'000'000'000;

/// What one node knows of another at a moment.
struct Known {
    std::string observer;
    std::string subject;
    bool isItself = false;
    bool isTold = false;       // The observer has said anything about it.
    bool observerSilent = false;  // Its own view is not heard: what it knew last.
    bool alive = true;
    double ageSeconds = 0;     // Of the newest news.
    int version = 0;
    int behind = 0;
    int generation = 0;
    double phi = 0;
    double meanGapSeconds = 0;
};
/// Step of the heat scale for an age: 1.5, 3, 6, 10, 18 s.
int heatStep(double ageSeconds);
/// All pairs, observer by observer, in number order.
std::vector<Known> knowledgeOf(const engine::observe::ClusterState& state, const Nodes& nodes, std::int64_t now);
/// Columns: observer, subject, generation, version known, behind, age s, phi, judged.
std::vector<RowsModel::Row> gossipRows(const std::vector<Known>& known, const Nodes& nodes);

/// Observers down, subjects across.
struct HeatMap {
    enum Kind { CellItem = 21 };
    enum class Detail { Lines, Age, Colour };  // Three lines to 6 nodes, the age to 16, then colour.

    struct Cell {
        QRectF rect;
        Known known;
    };
    static HeatMap compute(std::vector<Known> known, const Nodes& nodes, QRectF card);
    Detail detail = Detail::Lines;
    QRectF card;
    QRectF grid;
    QSizeF cellSize;
    std::vector<Cell> cells;
    std::vector<int> numbers;  // Of the rows and columns.
};

/// The last seconds of who called whom: a lane a node, a line a call.
struct Rounds {
    enum Kind { CallItem = 31 };
    static constexpr std::int64_t kSpan = 8 * kSecond;

    struct Lane {
        double y = 0;
        int node = 0;
        bool silent = false;
        QString word;  // "paused".
    };
    struct Call {
        double x = 0;
        double fromY = 0;
        double toY = 0;
        int from = 0;
        int to = 0;
        bool answered = false;
        bool pending = false;  // Too young to be called unanswered.
        std::int64_t took = 0;
    };
    static Rounds compute(const engine::observe::ClusterState& state, const Nodes& nodes, std::int64_t now, QRectF card);
    QRectF card;
    QRectF plot;
    std::vector<Lane> lanes;
    std::vector<Call> calls;
};

/// Suspicion of one node over time, a line an observer; right of now what comes of it if no heartbeat
/// does, computed.
struct PhiChart {
    enum Kind { ObserverItem = 41 };
    static constexpr double kBack = 30;
    static constexpr double kAhead = 14;

    struct Line {
        std::string observer;
        int node = 0;
        std::vector<QPointF> points;
        std::vector<QPointF> marks;   // Each 2 s on a ramp.
        QPointF now;                  // The newest sample.
        QPointF badge;                // Beside it when another line's badge stands there.
        double phi = 0;
        double was = 0;               // Before the present ramp.
        double meanGapSeconds = 0;
        bool convicted = false;
        bool continues = false;
        QPointF ahead;                // End of the dotted continuation.
        double secondsToConviction = -1;  // -1: not within the chart.
    };
    static PhiChart compute(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& subject,
                            std::int64_t now, QRectF card);
    double xOf(double seconds) const { return plot.left() + (seconds + kBack) / (kBack + kAhead) * plot.width(); }
    double yOf(double phi) const { return plot.bottom() - phi / top * plot.height(); }

    QRectF card;
    QRectF plot;
    double top = 10;         // Grows in steps of 10.
    double threshold = 8;
    std::string subject;
    std::vector<Line> lines;
    double worstPhi = 0;
};

/// The Gossip picture: heat map, rounds, spread and phi chart, as cards.
struct GossipLayout {
    enum class Form { All, Rounds, Spread, Phi };

    static GossipLayout compute(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& subject,
                                std::int64_t now, Form form, const SpreadLog& log, QSizeF size);
    HeatMap heat;
    Rounds rounds;
    gossip::Spread spread;
    PhiChart phi;
    bool isEmpty = false;   // Gossip needs two nodes.
    std::vector<Item> items;
};

/// Whom to ask about: the one chosen, else the one with the greatest suspicion, else the second node.
std::string subjectOf(const engine::observe::ClusterState& state, const Nodes& nodes, const QString& chosen);

}  // namespace app::explorer::gossip
