#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/gossip/failure_detector.h"
#include "engine/gossip/gossip_message.h"
#include "engine/runtime/random.h"

namespace engine::gossip {

/// Something that a merge or a judgement found, in the order in which it is to be told.
struct Change {
    enum class Kind {
        Joined,     // First seen, or begun a new life. All its states are new.
        Beat,       // Heartbeat or generation moved.
        State,      // `key` has a new value.
        WantsEcho,  // It may be alive: ask it.
        Alive,
        Dead,
        Removed,
    };
    Kind kind = Kind::Beat;
    std::string node;
    ApplicationState key = ApplicationState::Status;
    std::string reason;  // Of Alive and Dead, in words.
};
using Changes = std::vector<Change>;

/// What one node knows of all, and the rules by which that grows: digests, merge, judgement, choice
/// of whom to call (the deciding part of org.apache.cassandra.gms.Gossiper). Pure: time and chance
/// are parameters, nothing is sent here.
class GossipState {
public:
    struct Rules {
        runtime::Duration interval = std::chrono::seconds(1);
        runtime::Duration ringDelay = std::chrono::seconds(30);
        double phiThreshold = 8;
    };
    /// A generation further ahead than this is taken for garbage
    /// (Gossiper.MAX_GENERATION_DIFFERENCE).
    static constexpr std::int64_t kGenerationLeadMax = 86400 * 365;

    GossipState(std::string self, std::vector<std::string> seeds, Rules rules);

    // The node itself.

    void begin(std::int32_t generation,
               const std::vector<std::pair<ApplicationState, std::string>>& states);
    /// Counts its heart once more; the new version.
    std::int32_t beat();
    void set(ApplicationState key, std::string value);
    /// STATUS "shutdown", RPC_READY false, and the greatest heartbeat, which nothing in this life
    /// beats.
    void setShutdown();
    /// A member as remembered from an earlier life: unreachable until it is heard of.
    void addSaved(const std::string& node,
                  const std::vector<std::pair<ApplicationState, std::string>>& states);

    // Exchanges.

    std::vector<GossipDigest> digests() const;
    /// The answer to a SYN (Gossiper.examineGossiper): what the other side has newer is asked for,
    /// what it has older, or does not list at all, is told. To an empty SYN: everything.
    GossipAck examine(const GossipSyn& syn) const;
    GossipAck2 answer(const GossipAck& ack) const;
    /// Merges what another node told (applyStateLocally). `wallSeconds` bounds generations.
    Changes apply(const StateMap& remote, runtime::Instant now, std::int64_t wallSeconds);
    Changes applyShutdown(const std::string& node, const EndpointState& state,
                          runtime::Instant now);

    // Judgement.

    /// An echo of that generation came back.
    Changes echoed(const std::string& node, std::int32_t generation, runtime::Instant now);
    void echoFailed(const std::string& node);
    /// Once a round: convicts, forgets what stayed silent and what is over (doStatusCheck).
    Changes statusCheck(runtime::Instant now);
    Changes remove(const std::string& node, runtime::Instant now);

    // Whom to call in a round: a live node, at times an unreachable one, at times a seed.
    std::vector<std::string> chooseTargets(runtime::Random& random) const;
    /// Up to `count` live nodes by chance.
    std::vector<std::string> someLive(std::size_t count, runtime::Random& random) const;

    const StateMap& states() const { return m_states; }
    const EndpointState* find(std::string_view node) const;
    const std::string& self() const { return m_self; }
    bool isAlive(std::string_view node) const;
    std::optional<runtime::Instant> deadSince(std::string_view node) const;
    std::vector<std::string> liveNodes() const { return nodesThatAre(true); }
    std::vector<std::string> unreachableNodes() const { return nodesThatAre(false); }
    bool isSeed(std::string_view node) const;
    const FailureDetector& detector() const { return m_detector; }
    FailureDetector& detector() { return m_detector; }

private:
    /// What is known of a peer beside what it told.
    struct Peer {
        bool alive = false;
        bool echoing = false;
        std::int32_t echoGeneration = 0;
        runtime::Instant updated;  // News of it, or judgement.
        runtime::Instant deadSince;
    };

    std::vector<std::string> nodesThatAre(bool alive) const;
    void noteHeartbeat(const std::string& node, const EndpointState& remote, runtime::Instant now);
    void applyTo(const std::string& node, const EndpointState& remote, runtime::Instant now,
                 std::int64_t wallSeconds, Changes& changes);
    void join(const std::string& node, const EndpointState& remote, runtime::Instant now,
              Changes& changes);
    void mergeNewer(const std::string& node, EndpointState& local, const EndpointState& remote,
                    runtime::Instant now, Changes& changes);
    void wantEcho(const std::string& node, Peer& peer, Changes& changes);
    void die(const std::string& node, runtime::Instant now, std::string reason, Changes& changes);
    bool isGone(const EndpointState& state) const;
    bool isOver(const EndpointState& state, const Peer& peer, runtime::Instant now) const;
    EndpointState newerThan(const EndpointState& state, std::int32_t version) const;

    const std::string m_self;
    const std::vector<std::string> m_seeds;  // Without this node.
    const Rules m_rules;
    bool m_selfIsSeed = false;
    FailureDetector m_detector;
    StateMap m_states;
    std::map<std::string, Peer, std::less<>> m_peers;
    std::map<std::string, runtime::Instant, std::less<>> m_quarantine;  // Removed, and when.
    std::int32_t m_version = 0;
};

}  // namespace engine::gossip
