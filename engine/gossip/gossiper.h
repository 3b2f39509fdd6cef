#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/log.h"
#include "engine/gossip/endpoint_state.h"
#include "engine/messaging/messaging_service.h"
#include "engine/observe/observer.h"
#include "engine/runtime/runtime.h"

namespace engine::gossip {

struct GossipOptions {
    std::string clusterName = "Test Cluster";
    std::string partitioner = "org.apache.cassandra.dht.Murmur3Partitioner";
    std::vector<std::string> seeds;  // Names of nodes; this one may be among them.
    runtime::Duration interval = std::chrono::seconds(1);
    double phiConvictThreshold = 8;
    runtime::Duration ringDelay = std::chrono::seconds(30);
};

/// Who wants to know what gossip learns (IEndpointStateChangeSubscriber). Every function may be
/// empty. Called on the node's thread, after the state has changed.
struct GossipListener {
    std::function<void(const std::string& node, const EndpointState&)>
        onJoin;  // First seen, or restarted.
    std::function<void(const std::string& node, const EndpointState&)> onAlive;
    std::function<void(const std::string& node, const EndpointState&)> onDead;
    std::function<void(const std::string& node, ApplicationState, const std::string& value)>
        onChange;
    std::function<void(const std::string& node)> onRemove;
};

/// Membership by gossip and judgement by heartbeat (org.apache.cassandra.gms.Gossiper). Moves
/// messages and timers; what they mean is decided by GossipState (merge) and FailureDetector (phi).
/// Lives on the node's thread; takes the gossip verbs of `messaging` for itself.
class Gossiper {
public:
    Gossiper(const runtime::Runtime& runtime, messaging::MessagingService& messaging,
             GossipOptions options, observe::Observer& observer, Log& log);
    ~Gossiper();
    Gossiper(const Gossiper&) = delete;
    Gossiper& operator=(const Gossiper&) = delete;

    /// Listeners live as long as the gossiper. Add them before start().
    void addListener(GossipListener listener);

    /// A member of the ring as remembered from an earlier life: in states() and ringNodes(), and
    /// called now and then, though dead until heard of. Before start().
    void addSavedEndpoint(const std::string& node,
                          const std::vector<std::pair<ApplicationState, std::string>>& states);
    /// Asks the seeds and `peers` (as remembered from an earlier life) for all they know without
    /// appearing in the ring. Ok when one answered, when all asked are in their own shadow round,
    /// or when there is nobody to ask; Timeout when nobody answered. What was learnt is kept: see
    /// states().
    runtime::Task<Result<void>> shadowRound(std::vector<std::string> peers,
                                            runtime::Duration timeout);
    /// Begins to tell and to listen. `generation` is the time in seconds, above that of the last
    /// life as far as the disk knows; raised when a shadow round knew a later one.
    void start(std::int32_t generation,
               const std::vector<std::pair<ApplicationState, std::string>>& states);
    /// Tells everyone that this node goes down, then falls silent.
    runtime::Task<void> stop(bool announce = true);
    bool isRunning() const;

    /// Changes what this node tells of itself; goes out with the next round, or at once when
    /// `urgent`. Before start() it is kept for start(), whose own list wins.
    void setState(ApplicationState key, std::string value, bool urgent = false);
    /// Forgets an endpoint and does not listen to tales of it for twice the ring delay.
    void removeEndpoint(const std::string& node);

    /// Hot path. This node itself is alive.
    bool isAlive(std::string_view node) const;
    /// All endpoints, this node among them.
    const std::map<std::string, EndpointState, std::less<>>& states() const;
    const EndpointState* find(std::string_view node) const;
    /// Others that are alive, sorted.
    std::vector<std::string> liveNodes() const;
    std::vector<std::string> unreachableNodes() const;
    /// Members of the ring, this node among them.
    std::vector<ring::NodeInfo> ringNodes() const;
    bool isSeed(std::string_view node) const;

    /// Current suspicion of a peer, comparable with the threshold; 0 for one never heard of.
    double phi(std::string_view node) const;
    double phiConvictThreshold() const;
    void setPhiConvictThreshold(double threshold);
    /// When a peer was judged dead, by the node's clock; empty while it is alive or unknown.
    std::optional<runtime::Instant> deadSince(std::string_view node) const;

    /// Tells the observer all that is known as if it were news: for who begins to listen.
    void tellAll() const;
    /// The text of `nodetool gossipinfo`.
    std::string gossipInfo(bool withPort = false) const;

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

}  // namespace engine::gossip
