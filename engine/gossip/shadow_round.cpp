#include "engine/gossip/shadow_round.h"

namespace engine::gossip {

bool ShadowRound::take(const std::string& from, const GossipAck& ack) {
    if (!ack.states.empty()) {
        m_states = ack.states;
        return true;
    }
    if (m_asked.contains(from)) {
        m_looking.insert(from);
    }
    return m_looking.size() == m_asked.size();
}

}  // namespace engine::gossip
