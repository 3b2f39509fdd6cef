#pragma once

#include <optional>
#include <string>

#include "app/explorer/names.h"
#include "app/explorer/request_story.h"
#include "app/sources/selection.h"
#include "engine/ring/topology.h"

namespace app::explorer::ring {

/// The ring that a state tells of, laid out by the engine's own placement; made anew only when the
/// members or their tokens differ. GUI thread.
class TopologyCache {
public:
    engine::ring::TopologyPtr of(const engine::observe::ClusterState& state);

private:
    engine::ring::TopologyPtr m_topology;
};

/// How a keyspace is replicated, as the events tell it.
engine::schema::Replication replicationOf(const engine::observe::SchemaKeyspace& keyspace);

/// What the ring pictures look at: a key and where its copies lie, and a request for it.
struct RingFocus {
    std::optional<sources::KeySelection> key;
    std::string keyspace;
    engine::schema::Replication replication;
    std::optional<engine::ring::PlacementWalk> walk;  // Of the key, when its keyspace is known.
    RequestStory story;                               // request is null: none.
    double pace = 1;  // Of the nodes' time when the request began: so many times slower than the wall.

    /// A span of the wall in the nodes' own time.
    std::int64_t atPace(std::int64_t nanos) const { return static_cast<std::int64_t>(static_cast<double>(nanos) / pace); }
    int rankOf(const std::string& node) const;  // 1 for the first replica; 0: none.
};

/// The key chosen and the request chosen, or the console's newest, as far as they belong together.
RingFocus focusOf(const engine::observe::ClusterState& state, const engine::ring::TopologyPtr& topology,
                  const std::optional<sources::KeySelection>& key, RequestPtr request, const QString& table);

/// The key that a request went to.
std::optional<sources::KeySelection> keyOf(const engine::observe::RequestView& request);

}  // namespace app::explorer::ring
