#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gossip/gossip_state.h"
#include "engine/observe/observer.h"

namespace engine::gossip {

/// Turns what gossip does into events. Costs a branch while nobody listens. Lives on the node's
/// thread.
class GossipTeller {
public:
    explicit GossipTeller(observe::Observer& observer) : m_observer(observer) {}

    void round(std::uint64_t number, std::int32_t heartbeat,
               const std::vector<std::string>& targets);
    /// A message that this node received.
    void message(std::string_view phase, std::uint64_t exchange, const std::string& from,
                 std::int64_t sentNanos, std::size_t digests, std::size_t states);
    void knowledge(const GossipState& known, const std::string& node);
    void state(const GossipState& known, const std::string& node, ApplicationState key);
    /// Knowledge and all states of a node.
    void everythingOf(const GossipState& known, const std::string& node);
    void judged(const std::string& node, bool alive, const std::string& reason);
    /// The suspicion of every other node.
    void phis(const GossipState& known, runtime::Instant now);
    void all(const GossipState& known, runtime::Instant now);

private:
    bool wantsGossip() const { return m_observer.wants(observe::Category::Gossip); }
    observe::Observer& m_observer;
};

}  // namespace engine::gossip
