#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/gossip/gossip_message.h"

namespace engine::gossip {

/// Looking at the cluster without appearing in it (Gossiper.doShadowRound): empty SYNs to some
/// nodes. It ends with the first real answer, or when all asked are themselves still looking. Pure.
class ShadowRound {
public:
    explicit ShadowRound(std::set<std::string> asked) : m_asked(std::move(asked)) {}

    const std::set<std::string>& asked() const { return m_asked; }
    /// An ACK came; true: the round is over.
    bool take(const std::string& from, const GossipAck& ack);
    /// What the real answer told; empty when there was none.
    const StateMap& states() const { return m_states; }

private:
    std::set<std::string> m_asked;
    std::set<std::string> m_looking;
    StateMap m_states;
};

}  // namespace engine::gossip
