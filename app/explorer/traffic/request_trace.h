#pragma once

#include <QString>

#include <vector>

#include "app/explorer/names.h"
#include "app/explorer/request_story.h"
#include "app/explorer/rows_model.h"
#include "app/explorer/sheet.h"

namespace app::explorer::traffic {

/// Of what a level's answers are counted when a request has no key of its own: a scan goes to the replicas of each
/// range, several keys and batches to those of each key, a table of the node's own to no other node.
enum class EachOf { Alone, Range, Key };
EachOf eachOf(const engine::observe::RequestStarted& info);

/// One line of what happened, in order of time, in the words of Cassandra's own tracing.
struct TraceLine {
    std::int64_t nanos = 0;
    std::string node;
    QString text;
    QString verb;      // Or phase.
    std::string from;
    std::string to;
    std::int64_t duration = 0;
    QString counted;
    bool afterAnswer = false;
};
std::vector<TraceLine> traceOf(const RequestStory& story);

/// Columns: time, process, phase or verb, from, to, duration, counted.
std::vector<RowsModel::Row> traceRows(const RequestStory& story, const Nodes& nodes);
/// The Inspector's page on a request.
sheet::Lines requestLines(const RequestStory& story, const Nodes& nodes, double width);
/// Why the client waited as long as it did; empty while it waits.
QString whyText(const RequestStory& story, const Nodes& nodes);
/// What the same answers would have made with these replicas down: computed, not measured.
struct Alternative {
    std::vector<std::string> down;
    QString outcome;
    bool refused = false;
};
std::vector<Alternative> alternativesOf(const RequestStory& story, const Nodes& nodes);
/// The request as a log with vector clocks, as ShiViz reads it.
QString shivizText(const RequestStory& story, const Nodes& nodes);

/// Kinds of the page's lines that can be chosen.
enum RequestLine { kTraceLine = 11 };

}  // namespace app::explorer::traffic
