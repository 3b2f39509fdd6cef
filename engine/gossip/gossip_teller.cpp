#include "engine/gossip/gossip_teller.h"

namespace engine::gossip {

namespace {

std::int64_t millisOf(runtime::Duration duration) {
    return duration.count() / 1'000'000;
}

}  // namespace

void GossipTeller::round(std::uint64_t number, std::int32_t heartbeat,
                         const std::vector<std::string>& targets) {
    if (wantsGossip()) {
        m_observer.tell(observe::GossipRound{number, heartbeat, targets});
    }
}

void GossipTeller::message(std::string_view phase, std::uint64_t exchange, const std::string& from,
                           std::int64_t sentNanos, std::size_t digests, std::size_t states) {
    if (wantsGossip()) {
        m_observer.tell(observe::GossipMessage{
            exchange, from, m_observer.node(), std::string(phase), sentNanos,
            static_cast<std::uint32_t>(digests), static_cast<std::uint32_t>(states)});
    }
}

void GossipTeller::knowledge(const GossipState& known, const std::string& node) {
    const EndpointState* state = wantsGossip() ? known.find(node) : nullptr;
    if (state != nullptr) {
        m_observer.tell(observe::EndpointKnowledge{node, state->heartBeat.generation,
                                                   state->heartBeat.version, state->maxVersion()});
    }
}

void GossipTeller::state(const GossipState& known, const std::string& node, ApplicationState key) {
    const EndpointState* state = wantsGossip() ? known.find(node) : nullptr;
    const VersionedValue* value = state == nullptr ? nullptr : state->find(key);
    if (value != nullptr) {
        m_observer.tell(
            observe::EndpointState{node, std::string(toString(key)), value->value, value->version});
    }
}

void GossipTeller::everythingOf(const GossipState& known, const std::string& node) {
    knowledge(known, node);
    const EndpointState* of = wantsGossip() ? known.find(node) : nullptr;
    if (of != nullptr) {
        for (const auto& [key, value] : of->states) {
            state(known, node, key);
        }
    }
}

void GossipTeller::judged(const std::string& node, bool alive, const std::string& reason) {
    m_observer.tell(observe::NodeJudged{node, alive, reason});
}

void GossipTeller::phis(const GossipState& known, runtime::Instant now) {
    if (!wantsGossip()) {
        return;
    }
    for (const auto& [node, state] : known.states()) {
        if (const auto sample = known.detector().sample(node, now)) {
            m_observer.tell(observe::PhiSample{
                node, sample->phi, static_cast<double>(sample->mean.count()) / 1e6,
                millisOf(sample->sinceHeartbeat), known.detector().threshold()});
        }
    }
}

void GossipTeller::all(const GossipState& known, runtime::Instant now) {
    for (const auto& [node, state] : known.states()) {
        everythingOf(known, node);
        if (node != known.self()) {
            judged(node, known.isAlive(node),
                   known.isAlive(node) ? "heartbeat" : "known to be dead");
        }
    }
    phis(known, now);
}

}  // namespace engine::gossip
