#include "app/sources/history.h"

#include <algorithm>

namespace app::sources {

using engine::observe::Category;
using engine::observe::ClusterState;
using engine::observe::Event;

namespace {

/// Which family a message verb or a request kind counts to.
bool isWrite(const std::string& kind) {
    return kind.rfind("MUTATION", 0) == 0 || kind.rfind("WRITE", 0) == 0 || kind.rfind("BATCH", 0) == 0;
}
bool isRead(const std::string& kind) {
    return kind.rfind("READ", 0) == 0 || kind.rfind("RANGE", 0) == 0;
}

void count(TimeBucket& bucket, const std::string& kind) {
    isWrite(kind) ? ++bucket.write : isRead(kind) ? ++bucket.read : ++bucket.other;
}

void count(TimeBucket& bucket, const Event& event) {
    using namespace engine::observe;
    if (const auto* started = std::get_if<RequestStarted>(&event.body)) {
        count(bucket, started->kind);
    } else if (const auto* sent = std::get_if<MessageSent>(&event.body)) {
        count(bucket, sent->verb);
    } else if (const auto* received = std::get_if<MessageReceived>(&event.body)) {
        count(bucket, received->verb);
    } else if (const auto* counted = std::get_if<RequestsCounted>(&event.body)) {
        bucket.read += static_cast<std::uint32_t>(counted->reads);
        bucket.write += static_cast<std::uint32_t>(counted->writes);
    } else if (const auto* lost = std::get_if<EventsLost>(&event.body)) {
        bucket.lost += lost->count;
    } else {
        ++bucket.other;
    }
}

}  // namespace

TimeBucket& History::bucketOf(std::int64_t nanos) {
    const std::int64_t start = nanos - nanos % kBucketNanos;
    if (m_buckets.empty() || start > m_buckets.back().start) {
        m_buckets.push_back({start});
        if (m_buckets.size() > kBucketsMax) {
            m_buckets.pop_front();
        }
        return m_buckets.back();
    }
    // Nodes' events interleave; a late one belongs to a bucket a little back.
    for (auto bucket = m_buckets.rbegin(); bucket != m_buckets.rend(); ++bucket) {
        if (bucket->start <= start) {
            return *bucket;
        }
    }
    return m_buckets.front();
}

void History::add(const Event& event, const ClusterState& after) {
    count(bucketOf(event.nanos), event);
    const auto* flush = std::get_if<engine::observe::FlushStarted>(&event.body);
    if (flush != nullptr && flush->keyspace.rfind("system", 0) != 0) {
        mark({event.nanos, MarkKind::Flush, "flush " + QString::fromStdString(flush->table)});
    }
    m_events.push_back(event);
    if (m_checkpoints.empty() || after.nanos - m_checkpoints.back().nanos >= kCheckpointNanos) {
        m_checkpoints.push_back({m_firstIndex + m_events.size(), after.nanos, after});
    }
    dropOldest();
}

void History::dropOldest() {
    while (m_events.size() > kEventsMax) {
        m_events.pop_front();
        ++m_firstIndex;
    }
    while (m_checkpoints.size() > 1 && m_checkpoints.front().index < m_firstIndex) {
        m_checkpoints.pop_front();
    }
}

void History::mark(TimeMark mark) {
    m_marks.push_back(std::move(mark));
    if (m_marks.size() > kMarksMax) {
        m_marks.pop_front();
    }
}

void History::clear() { *this = History(); }

std::int64_t History::earliest() const { return m_checkpoints.empty() ? 0 : m_checkpoints.front().nanos; }

std::int64_t History::neighbour(std::int64_t nanos, int direction) const {
    using namespace engine::observe;
    std::int64_t best = 0;
    for (const Event& event : m_events) {
        const bool counts = (categoryOf(event) == Category::Requests && !std::holds_alternative<RequestsCounted>(event.body)) ||
                            std::holds_alternative<NodeJudged>(event.body) || std::holds_alternative<NodeStarted>(event.body) ||
                            std::holds_alternative<NodeStopping>(event.body);
        if (!counts || event.nanos < earliest() || (direction < 0 ? event.nanos >= nanos : event.nanos <= nanos)) {
            continue;
        }
        if (best == 0 || (direction < 0 ? event.nanos > best : event.nanos < best)) {
            best = event.nanos;
        }
    }
    return best;
}

ClusterState History::stateAt(std::int64_t nanos) const {
    if (m_checkpoints.empty()) {
        return {};
    }
    auto from = m_checkpoints.begin();
    for (auto at = m_checkpoints.begin(); at != m_checkpoints.end() && at->nanos <= nanos; ++at) {
        from = at;
    }
    ClusterState state = from->state;
    for (std::uint64_t i = std::max(from->index, m_firstIndex); i < m_firstIndex + m_events.size(); ++i) {
        const Event& event = m_events[i - m_firstIndex];
        if (event.nanos <= nanos) {
            engine::observe::fold(state, event);
        }
    }
    return state;
}

}  // namespace app::sources
