#include "engine/gossip/gossip_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace engine::gossip {

namespace {

constexpr runtime::Duration kGoneKept = std::chrono::hours(72);  // Gossiper.aVeryLongTime

std::vector<std::string> without(std::vector<std::string> names, const std::string& one) {
    std::erase(names, one);
    return names;
}

const std::string& oneOf(const std::vector<std::string>& names, runtime::Random& random) {
    return names[random.below(names.size())];
}

}  // namespace

GossipState::GossipState(std::string self, std::vector<std::string> seeds, Rules rules)
    : m_self(std::move(self)),
      m_seeds(without(seeds, m_self)),
      m_rules(rules),
      m_selfIsSeed(m_seeds.size() != seeds.size()),
      m_detector(rules.interval, rules.phiThreshold) {}

// ---- the node itself ---------------------------------------------------------------------------

void GossipState::begin(std::int32_t generation,
                        const std::vector<std::pair<ApplicationState, std::string>>& states) {
    m_version = 0;
    EndpointState& own = m_states[m_self];
    own = EndpointState();
    own.heartBeat.generation = generation;
    for (const auto& [key, value] : states) {
        own.states[key] = {value, ++m_version};
    }
}

std::int32_t GossipState::beat() {
    return m_states[m_self].heartBeat.version = ++m_version;
}

void GossipState::set(ApplicationState key, std::string value) {
    m_states[m_self].states[key] = {std::move(value), ++m_version};
}

void GossipState::setShutdown() {
    set(ApplicationState::StatusWithPort, "shutdown,true");
    set(ApplicationState::RpcReady, "false");
    m_states[m_self].heartBeat.version = std::numeric_limits<std::int32_t>::max();
}

void GossipState::addSaved(const std::string& node,
                           const std::vector<std::pair<ApplicationState, std::string>>& states) {
    if (node == m_self || m_states.contains(node)) {
        return;
    }
    EndpointState& saved = m_states[node];
    for (const auto& [key, value] : states) {
        saved.states[key] = {value, 0};
    }
    m_peers[node] = Peer();
}

// ---- exchanges ---------------------------------------------------------------------------------

std::vector<GossipDigest> GossipState::digests() const {
    std::vector<GossipDigest> all;
    for (const auto& [node, state] : m_states) {
        all.push_back({node, state.heartBeat.generation, state.maxVersion()});
    }
    return all;
}

/// Gossiper.getStateForVersionBiggerThan: what is newer, with the heartbeat in any case.
EndpointState GossipState::newerThan(const EndpointState& state, std::int32_t version) const {
    EndpointState newer;
    newer.heartBeat = state.heartBeat;
    for (const auto& [key, value] : state.states) {
        if (value.version > version) {
            newer.states.emplace(key, value);
        }
    }
    return newer;
}

GossipAck GossipState::examine(const GossipSyn& syn) const {
    GossipAck ack;
    ack.exchange = syn.exchange;
    // Cassandra's SYN lists all it knows too, but its ACK keeps silent about what is not listed;
    // telling that at once lets a starting cluster find together within one exchange each.
    ack.states = m_states;
    for (const GossipDigest& digest : syn.digests) {
        const EndpointState* local = find(digest.endpoint);
        if (local == nullptr) {
            if (!m_quarantine.contains(digest.endpoint)) {
                ack.requests.push_back({digest.endpoint, digest.generation, 0});
            }
            continue;
        }
        const HeartBeat& life = local->heartBeat;
        const std::int32_t version = local->maxVersion();
        if (digest.generation < life.generation) {
            continue;  // All of it.
        }
        ack.states.erase(digest.endpoint);
        if (digest.generation > life.generation) {
            ack.requests.push_back({digest.endpoint, digest.generation, 0});
        } else if (digest.maxVersion > version) {
            ack.requests.push_back({digest.endpoint, digest.generation, version});
        } else if (digest.maxVersion < version) {
            ack.states.emplace(digest.endpoint, newerThan(*local, digest.maxVersion));
        }
    }
    // What is only remembered is no news.
    std::erase_if(ack.states,
                  [](const auto& entry) { return entry.second.heartBeat.generation == 0; });
    return ack;
}

GossipAck2 GossipState::answer(const GossipAck& ack) const {
    GossipAck2 ack2;
    ack2.exchange = ack.exchange;
    for (const GossipDigest& request : ack.requests) {
        if (const EndpointState* local = find(request.endpoint)) {
            // It may have begun a new life meanwhile: versions of the last one say nothing of this.
            const bool sameLife = request.generation == local->heartBeat.generation;
            ack2.states.emplace(request.endpoint, newerThan(*local, sameLife ? request.maxVersion : 0));
        }
    }
    return ack2;
}

Changes GossipState::apply(const StateMap& remote, runtime::Instant now, std::int64_t wallSeconds) {
    Changes changes;
    for (const auto& [node, state] : remote) {
        if (node != m_self && !m_quarantine.contains(node)) {
            applyTo(node, state, now, wallSeconds, changes);
        }
    }
    return changes;
}

void GossipState::applyTo(const std::string& node, const EndpointState& remote,
                          runtime::Instant now, std::int64_t wallSeconds, Changes& changes) {
    const auto known = m_states.find(node);
    if (remote.heartBeat.generation > wallSeconds + kGenerationLeadMax) {
        return;
    }
    if (known == m_states.end()) {
        join(node, remote, now, changes);
        return;
    }
    EndpointState& local = known->second;
    if (remote.heartBeat.generation > local.heartBeat.generation) {
        if (!isAlive(node)) {
            m_detector.remove(node);
        }
        join(node, remote, now, changes);
    } else if (remote.heartBeat.generation == local.heartBeat.generation) {
        noteHeartbeat(node, remote, now);
        if (remote.maxVersion() > local.maxVersion()) {
            mergeNewer(node, local, remote, now, changes);
        }
        if (!isAlive(node) && !isGone(local) && local.status() != "shutdown") {
            wantEcho(node, m_peers[node], changes);
        }
    }
}

/// Gossiper.notifyFailureDetector: a version that grew is a heartbeat.
void GossipState::noteHeartbeat(const std::string& node, const EndpointState& remote,
                                runtime::Instant now) {
    if (remote.heartBeat.version > m_states[node].maxVersion()) {
        m_peers[node].updated = now;
        m_detector.report(node, now);
    }
}

/// Gossiper.handleMajorStateChange.
void GossipState::join(const std::string& node, const EndpointState& remote, runtime::Instant now,
                       Changes& changes) {
    m_detector.report(node, now);
    m_states[node] = remote;
    Peer& peer = m_peers[node];
    peer.alive = false;  // Until it has answered.
    peer.updated = now;
    changes.push_back({Change::Kind::Joined, node, {}, {}});
    if (remote.status() == "shutdown") {
        peer.deadSince = now;
        changes.push_back({Change::Kind::Dead, node, {}, "shutdown announced"});
    } else if (isGone(remote)) {
        peer.deadSince = now;
        changes.push_back({Change::Kind::Dead, node, {}, "has left"});
    } else {
        peer.echoing = false;
        wantEcho(node, peer, changes);
    }
}

/// Gossiper.applyNewStates.
void GossipState::mergeNewer(const std::string& node, EndpointState& local,
                             const EndpointState& remote, runtime::Instant now, Changes& changes) {
    if (remote.heartBeat.version > local.heartBeat.version) {
        local.heartBeat = remote.heartBeat;
        changes.push_back({Change::Kind::Beat, node, {}, {}});
    }
    for (const auto& [key, value] : remote.states) {
        VersionedValue& mine = local.states[key];
        if (value.version > mine.version) {
            const bool differs = value.value != mine.value;
            mine = value;
            if (differs) {
                changes.push_back({Change::Kind::State, node, key, {}});
            }
        }
    }
    if (local.status() == "shutdown") {
        die(node, now, "shutdown announced", changes);
    } else if (isGone(local)) {
        die(node, now, "has left", changes);
    }
}

Changes GossipState::applyShutdown(const std::string& node, const EndpointState& state,
                                   runtime::Instant now) {
    Changes changes;
    const auto known = m_states.find(node);
    if (known == m_states.end() ||
        known->second.heartBeat.generation > state.heartBeat.generation) {
        return changes;
    }
    known->second.heartBeat.generation = state.heartBeat.generation;
    mergeNewer(node, known->second, state, now, changes);
    die(node, now, "shutdown announced", changes);
    return changes;
}

// ---- judgement ---------------------------------------------------------------------------------

/// Gossiper.isDeadState: it is not expected back.
bool GossipState::isGone(const EndpointState& state) const {
    const std::string_view status = state.status();
    return status == "removing" || status == "removed" || status == "LEFT" || status == "hibernate";
}

void GossipState::wantEcho(const std::string& node, Peer& peer, Changes& changes) {
    const std::int32_t generation = m_states[node].heartBeat.generation;
    if (peer.echoing && peer.echoGeneration == generation) {
        return;
    }
    peer.echoing = true;
    peer.echoGeneration = generation;
    changes.push_back({Change::Kind::WantsEcho, node, {}, {}});
}

Changes GossipState::echoed(const std::string& node, std::int32_t generation,
                            runtime::Instant now) {
    Changes changes;
    const EndpointState* state = find(node);
    if (state == nullptr || state->heartBeat.generation != generation || isGone(*state) ||
        state->status() == "shutdown") {
        return changes;
    }
    Peer& peer = m_peers[node];
    peer.echoing = false;
    if (!peer.alive) {
        peer.alive = true;
        peer.updated = now;
        changes.push_back({Change::Kind::Alive, node, {}, "heartbeat"});
    }
    return changes;
}

void GossipState::echoFailed(const std::string& node) {
    const auto peer = m_peers.find(node);
    if (peer != m_peers.end()) {
        peer->second.echoing = false;
    }
}

void GossipState::die(const std::string& node, runtime::Instant now, std::string reason,
                      Changes& changes) {
    Peer& peer = m_peers[node];
    if (!peer.alive) {
        return;
    }
    peer.alive = false;
    peer.deadSince = now;
    changes.push_back({Change::Kind::Dead, node, {}, std::move(reason)});
}

/// A node that left some days ago, or one that never became a member and fell silent.
bool GossipState::isOver(const EndpointState& state, const Peer& peer, runtime::Instant now) const {
    if (isGone(state)) {
        return now - peer.updated > kGoneKept;
    }
    const std::string_view status = state.status();
    const bool neverMember = status.empty() || status == "BOOT" || status == "BOOT_REPLACE";
    return neverMember && now - peer.updated > m_rules.ringDelay;
}

Changes GossipState::statusCheck(runtime::Instant now) {
    Changes changes;
    m_detector.beginRound(now);
    std::vector<std::string> over;
    for (const auto& [node, peer] : m_peers) {
        if (peer.alive && m_detector.convicts(node, now)) {
            die(node, now,
                fmt::format("phi {:.1f} over threshold {:g}", m_detector.sample(node, now)->phi,
                            m_detector.threshold()),
                changes);
        }
        if (isOver(m_states[node], peer, now)) {
            over.push_back(node);
        }
    }
    for (const std::string& node : over) {
        const Changes removed = remove(node, now);
        changes.insert(changes.end(), removed.begin(), removed.end());
    }
    std::erase_if(m_quarantine,
                  [&](const auto& entry) { return now - entry.second > 2 * m_rules.ringDelay; });
    return changes;
}

Changes GossipState::remove(const std::string& node, runtime::Instant now) {
    Changes changes;
    if (node == m_self || m_states.erase(node) == 0) {
        return changes;
    }
    die(node, now, "removed", changes);
    m_peers.erase(node);
    m_detector.remove(node);
    m_quarantine[node] = now;
    changes.push_back({Change::Kind::Removed, node, {}, {}});
    return changes;
}

// ---- whom to call ------------------------------------------------------------------------------

std::vector<std::string> GossipState::chooseTargets(runtime::Random& random) const {
    const std::vector<std::string> live = liveNodes();
    std::vector<std::string> unreachable = unreachableNodes();
    std::vector<std::string> targets;
    bool reachedSeed = false;
    if (!live.empty()) {
        targets.push_back(oneOf(live, random));
        reachedSeed = isSeed(targets.back());
    }
    const auto liveCount = static_cast<double>(live.size());
    const auto unreachableCount = static_cast<double>(unreachable.size());
    if (!unreachable.empty() && random.real() < unreachableCount / (liveCount + 1)) {
        std::erase_if(unreachable, [&](const std::string& node) { return isGone(*find(node)); });
        if (!unreachable.empty()) {
            targets.push_back(oneOf(unreachable, random));
        }
    }
    if ((!reachedSeed || live.size() < m_seeds.size()) && !m_seeds.empty()) {
        const double chance = static_cast<double>(m_seeds.size()) / (liveCount + unreachableCount);
        if (live.empty() || random.real() <= chance) {
            targets.push_back(oneOf(m_seeds, random));
        }
    }
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    return targets;
}

std::vector<std::string> GossipState::someLive(std::size_t count, runtime::Random& random) const {
    std::vector<std::string> live = liveNodes();
    for (std::size_t i = 0; i < live.size() && i < count; ++i) {
        std::swap(live[i], live[i + random.below(live.size() - i)]);
    }
    live.resize(std::min(live.size(), count));
    return live;
}

// ---- questions ---------------------------------------------------------------------------------

const EndpointState* GossipState::find(std::string_view node) const {
    const auto found = m_states.find(node);
    return found == m_states.end() ? nullptr : &found->second;
}

bool GossipState::isAlive(std::string_view node) const {
    const auto peer = m_peers.find(node);
    return peer == m_peers.end() ? node == m_self : peer->second.alive;
}

std::optional<runtime::Instant> GossipState::deadSince(std::string_view node) const {
    const auto peer = m_peers.find(node);
    if (peer == m_peers.end() || peer->second.alive) {
        return std::nullopt;
    }
    return peer->second.deadSince;
}

std::vector<std::string> GossipState::nodesThatAre(bool alive) const {
    std::vector<std::string> nodes;
    for (const auto& [node, peer] : m_peers) {
        if (peer.alive == alive) {
            nodes.push_back(node);
        }
    }
    return nodes;
}

bool GossipState::isSeed(std::string_view node) const {
    return std::find(m_seeds.begin(), m_seeds.end(), node) != m_seeds.end() ||
           (m_selfIsSeed && node == m_self);
}

}  // namespace engine::gossip
