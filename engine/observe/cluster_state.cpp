#include "engine/observe/cluster_state.h"

#include <algorithm>
#include <charconv>

#include "engine/observe/nanos.h"

namespace engine::observe {

namespace {

/// Orders "127.0.0.10:7000" behind "127.0.0.9:7000".
std::vector<int> addressParts(const std::string& node) {
    std::vector<int> out;
    int number = 0;
    bool digits = false;
    for (const char c : node + '.') {
        if (c >= '0' && c <= '9') {
            constexpr int kPartMax = 1'000'000;  // Beyond any port: a text that is no address.
            number = std::min(number * 10 + (c - '0'), kPartMax);
            digits = true;
        } else if (digits) {
            out.push_back(number);
            number = 0;
            digits = false;
        }
    }
    return out;
}

void renumber(ClusterState& state) {
    std::vector<NodeView*> nodes;
    for (auto& [name, node] : state.nodes) {
        nodes.push_back(&node);
    }
    std::sort(nodes.begin(), nodes.end(), [](const NodeView* a, const NodeView* b) {
        const auto left = addressParts(a->node);
        const auto right = addressParts(b->node);
        return left != right ? left < right : a->node < b->node;
    });
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i]->number = static_cast<int>(i) + 1;
    }
}

NodeView& nodeNamed(ClusterState& state, const std::string& name) {
    auto [it, fresh] = state.nodes.try_emplace(name);
    if (fresh) {
        it->second.node = name;
        renumber(state);
    }
    return it->second;
}

/// The request to change: shared ones are copied first, as checkpoints may hold them.
RequestView& requestWith(ClusterState& state, const Uuid& id) {
    auto& slot = state.requests[id];
    if (slot == nullptr) {
        auto fresh = std::make_shared<RequestView>();
        fresh->id = id;
        slot = fresh;
        state.requestOrder.push_back(id);
        if (state.requestOrder.size() > ClusterState::kRequestsMax) {
            state.requests.erase(state.requestOrder.front());
            state.requestOrder.pop_front();
        }
    } else if (slot.use_count() > 1) {
        slot = std::make_shared<RequestView>(*slot);
    }
    // Made here as a non-const object, and nobody else holds it.
    return const_cast<RequestView&>(*state.requests[id]);
}

MessageView& messageIn(RequestView& request, std::uint64_t id, const std::string& from) {
    for (MessageView& message : request.messages) {
        if (message.id == id && message.from == from) {
            return message;
        }
    }
    MessageView fresh;
    fresh.id = id;
    fresh.from = from;
    request.messages.push_back(std::move(fresh));
    return request.messages.back();
}

/// Folds one event's body; `m_event` has who told it and when.
class StateFolder {
public:
    StateFolder(ClusterState& state, const Event& event) : m_state(state), m_event(event) {}

    void operator()(const RingSnapshot& body) {
        m_state.clusterName = body.clusterName;
        m_state.ringVersion = std::max(m_state.ringVersion, body.ringVersion);
        NodeView& teller = nodeNamed(m_state, m_event.node);
        for (const RingNode& ring : body.nodes) {
            NodeView& node = nodeNamed(m_state, ring.node);
            node.hostId = ring.hostId;
            node.datacenter = ring.datacenter;
            node.rack = ring.rack;
            node.status = ring.status;
            node.nativeAddress = ring.nativeAddress;
            node.tokens = ring.tokens;
            if (ring.node != m_event.node) {
                teller.knows[ring.node].alive = ring.alive;
            }
        }
    }
    void operator()(const NodeJudged& body) {
        Knowledge& known = nodeNamed(m_state, m_event.node).knows[body.subject];
        known.alive = body.alive;
        known.reason = body.reason;
        known.judgedNanos = m_event.nanos;
    }
    void operator()(const NodeStarted& body) {
        NodeView& node = nodeNamed(m_state, m_event.node);
        node.hostId = body.hostId;
        node.generation = body.generation;
    }
    void operator()(const NodeStopping&) {}

    void operator()(const GossipRound& body) {
        nodeNamed(m_state, m_event.node).heartbeat = body.heartbeat;
        for (const std::string& target : body.targets) {
            called(target);
        }
    }
    void operator()(const GossipMessage& body) {
        GossipExchange* it = exchangeOf(body);
        if (body.phase == "SYN") {
            it->startedNanos = body.sentNanos;
            it->synNanos = m_event.nanos;
        } else if (body.phase == "ACK") {
            it->ackNanos = m_event.nanos;
        } else {
            it->ack2Nanos = m_event.nanos;
        }
    }
    void operator()(const EndpointKnowledge& body) {
        if (body.subject == m_event.node) {
            nodeNamed(m_state, m_event.node).heartbeat = body.heartbeat;
            nodeNamed(m_state, m_event.node).generation = body.generation;
        }
        Knowledge& known = nodeNamed(m_state, m_event.node).knows[body.subject];
        // A new subscription is told again what is known already: that is no news.
        if (known.generation != body.generation || known.heartbeat != body.heartbeat ||
            known.changedNanos == 0) {
            known.changedNanos = m_event.nanos;
        }
        known.generation = body.generation;
        known.heartbeat = body.heartbeat;
        known.maxVersion = body.maxVersion;
    }
    void operator()(const EndpointState& body) {
        nodeNamed(m_state, m_event.node).knows[body.subject].states[body.key] = {body.value, body.version};
    }
    void operator()(const PhiSample& body) {
        NodeView& teller = nodeNamed(m_state, m_event.node);
        Knowledge& known = teller.knows[body.subject];
        known.phi = body.phi;
        m_state.phiThreshold = body.threshold;
        known.meanGapMillis = body.meanGapMillis;
        known.heardNanos = minusNanos(m_event.nanos, nanosOfMillis(body.sinceHeartbeatMillis));
        auto& points = teller.phi[body.subject];
        points.push_back({m_event.nanos, body.phi, known.heardNanos});
        while (!points.empty() && points.front().nanos < minusNanos(m_event.nanos, ClusterState::kPhiKeptNanos)) {
            points.pop_front();
        }
    }

    void operator()(const RequestStarted& body) {
        RequestView& request = requestWith(m_state, body.request);
        request.started = true;
        request.coordinator = m_event.node;
        request.info = body;
        request.startedNanos = m_event.nanos;
    }
    void operator()(const MessageSent& body) {
        MessageView& message = messageIn(requestWith(m_state, body.request), body.message, m_event.node);
        message.verb = body.verb;
        message.to = body.to;
        message.sentNanos = m_event.nanos;
        message.bytes = body.bytes;
    }
    void operator()(const MessageReceived& body) {
        MessageView& message = messageIn(requestWith(m_state, body.request), body.message, body.from);
        message.verb = body.verb;
        message.to = m_event.node;
        message.receivedNanos = m_event.nanos;
    }
    void operator()(const Work& body) {
        requestWith(m_state, body.request)
            .work.push_back({m_event.node, body.phase, body.startNanos, body.endNanos});
    }
    void operator()(const AckCounted& body) {
        requestWith(m_state, body.request)
            .acks.push_back({body.replica, body.order, body.counted, body.digest, body.failed, m_event.nanos});
    }
    void operator()(const LevelMet& body) { requestWith(m_state, body.request).levelMetNanos = m_event.nanos; }
    void operator()(const DigestMismatch& body) {
        RequestView& request = requestWith(m_state, body.request);
        request.mismatch = true;
        request.mismatchNanos = m_event.nanos;
    }
    void operator()(const ReadRepair& body) { requestWith(m_state, body.request).repairs.push_back(body); }
    void operator()(const RequestAnswered& body) {
        RequestView& request = requestWith(m_state, body.request);
        request.answeredNanos = m_event.nanos;
        request.error = body.error;
        request.rows = body.rows;
    }
    void operator()(const RequestsCounted&) {}

    /// What is left is about the teller's files.
    template <typename Storage>
    void operator()(const Storage&) {
        static_assert(Storage::kCategory == Category::Storage);
        foldStorage(nodeNamed(m_state, m_event.node).storage, m_event);
    }

    void operator()(const SchemaSnapshot& body) {
        m_state.schemaVersion = body.version;
        m_state.keyspaces = body.keyspaces;
    }
    void operator()(const ClientConnection& body) {
        auto& clients = m_state.clients;
        std::erase_if(clients, [&](const ClientView& c) {
            return c.node == m_event.node && c.client == body.client;
        });
        if (body.open) {
            clients.push_back({m_event.node, body.client, body.driver, body.driverVersion, body.protocol});
        }
    }
    void operator()(const NodeMetrics& body) {
        NodeView& node = nodeNamed(m_state, m_event.node);
        node.residentBytes = body.residentBytes;
        node.loadBytes = body.loadBytes;
        node.reads = body.reads;
        node.writes = body.writes;
        node.clients = body.clients;
    }
    void operator()(const EventsLost& body) { m_state.eventsLost += body.count; }

private:
    /// A call and the first message about it are told by two nodes, in either order.
    static constexpr std::int64_t kSameCallNanos = 900'000'000;

    GossipExchange& newExchange(const std::string& from, const std::string& to, std::int64_t nanos) {
        auto& exchanges = m_state.exchanges;
        GossipExchange fresh;
        fresh.from = from;
        fresh.to = to;
        fresh.startedNanos = nanos;
        exchanges.push_back(std::move(fresh));
        if (exchanges.size() > ClusterState::kExchangesMax) {
            exchanges.pop_front();
        }
        return exchanges.back();
    }
    void called(const std::string& target) {
        const auto& exchanges = m_state.exchanges;
        const bool known = std::any_of(exchanges.begin(), exchanges.end(), [&](const GossipExchange& e) {
            return e.from == m_event.node && e.to == target && e.startedNanos >= m_event.nanos &&
                   e.startedNanos < m_event.nanos + kSameCallNanos;
        });
        if (!known) {
            newExchange(m_event.node, target, m_event.nanos);
        }
    }
    GossipExchange* exchangeOf(const GossipMessage& body) {
        // SYN and ACK2 go from the caller, ACK to it.
        const std::string& caller = body.phase == "ACK" ? body.to : body.from;
        const std::string& callee = body.phase == "ACK" ? body.from : body.to;
        auto& exchanges = m_state.exchanges;
        auto it = std::find_if(exchanges.rbegin(), exchanges.rend(),
                               [&body](const GossipExchange& e) { return e.id == body.exchange; });
        if (it == exchanges.rend()) {
            it = std::find_if(exchanges.rbegin(), exchanges.rend(), [&](const GossipExchange& e) {
                return e.id == 0 && e.from == caller && e.to == callee &&
                       e.startedNanos <= body.sentNanos &&
                       body.sentNanos < e.startedNanos + kSameCallNanos;
            });
        }
        GossipExchange& found =
            it != exchanges.rend() ? *it : newExchange(caller, callee, body.sentNanos);
        found.id = body.exchange;
        return &found;
    }

    ClusterState& m_state;
    const Event& m_event;
};

}  // namespace

std::optional<std::int64_t> RequestView::durationNanos() const {
    if (!started || answeredNanos == 0) {
        return std::nullopt;
    }
    const std::int64_t from = info.receivedNanos != 0 ? info.receivedNanos : startedNanos;
    return minusNanos(answeredNanos, from);
}

const NodeView* ClusterState::node(const std::string& name) const {
    const auto it = nodes.find(name);
    return it == nodes.end() ? nullptr : &it->second;
}

std::vector<const NodeView*> ClusterState::ordered() const {
    std::vector<const NodeView*> out;
    for (const auto& [name, node] : nodes) {
        out.push_back(&node);
    }
    std::sort(out.begin(), out.end(),
              [](const NodeView* a, const NodeView* b) { return a->number < b->number; });
    return out;
}

std::shared_ptr<const RequestView> ClusterState::request(const Uuid& id) const {
    const auto it = requests.find(id);
    return it == requests.end() ? nullptr : it->second;
}

void fold(ClusterState& state, const Event& event) {
    ++state.eventsSeen;
    if (event.nanos > state.nanos) {
        state.nanos = event.nanos;
        state.wallMicros = event.wallMicros;
    }
    NodeView& teller = nodeNamed(state, event.node);
    teller.lastSeenNanos = std::max(teller.lastSeenNanos, event.nanos);
    std::visit(StateFolder(state, event), event.body);
}

void setReachable(ClusterState& state, const std::string& node, bool reachable, std::int64_t nanos) {
    NodeView& view = nodeNamed(state, node);
    view.reachable = reachable;
    view.lastSeenNanos = std::max(view.lastSeenNanos, nanos);
    if (!reachable) {
        std::erase_if(state.clients, [&node](const ClientView& c) { return c.node == node; });
    }
}

}  // namespace engine::observe
