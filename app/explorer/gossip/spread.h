#pragma once

#include <QPointF>
#include <QRectF>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "app/explorer/names.h"
#include "app/sources/cluster_source.h"

namespace app::explorer::gossip {

/// When each node first knew each of the newest versions of each other: a fold of gossip events, bounded.
/// GUI thread; a value.
class SpreadLog {
public:
    static constexpr std::size_t kVersionsMax = 64;  // A subject; about a minute.

    struct Version {
        int heartbeat = 0;
        std::int64_t born = 0;
        std::map<std::string, std::int64_t> known;  // By observer.
    };

    void take(const sources::SourceBatch& batch);
    void clear() {
        m_versions.clear();
        m_latest.clear();
    }
    const std::deque<Version>& of(const std::string& subject) const;

private:
    std::map<std::string, std::deque<Version>> m_versions;
    /// Newest version of each that each knows, and since when: events of two nodes may cross.
    std::map<std::string, std::map<std::string, std::pair<int, std::int64_t>>> m_latest;  // By subject, observer.
};

/// How many nodes know a version by round, as measured, beside what theory expects of them: each round a
/// node that knows calls one other at random, and one that does not may call one that does.
struct Spread {
    static constexpr int kRounds = 8;
    static constexpr std::int64_t kRoundNanos = 1'000'000'000;

    std::string subject;
    int nodes = 0;
    int versions = 0;               // Measured over so many.
    std::vector<double> mean;       // By round, from 0.
    std::vector<double> least;
    std::vector<double> most;
    std::vector<double> theory;
    /// The first round by which all knew, on average over the versions that all came to know; -1: none.
    double everybodyAfter = -1;

    QRectF card;
    QRectF plot;
    double xOf(double round) const { return plot.left() + round / kRounds * plot.width(); }
    double yOf(double count) const { return plot.bottom() - count / nodes * plot.height(); }

    /// Only versions that are kRounds old at `now` are counted, so that each had its time.
    static Spread compute(const SpreadLog& log, const std::string& subject, int nodes, std::int64_t now, QRectF card);
    /// Expected number of nodes that know after each round when 1 of `nodes` did at first.
    static std::vector<double> expected(int nodes);
};

}  // namespace app::explorer::gossip
