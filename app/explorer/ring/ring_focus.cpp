#include "app/explorer/ring/ring_focus.h"

#include <algorithm>

namespace app::explorer::ring {

using engine::observe::ClusterState;
using engine::observe::SchemaKeyspace;

namespace {

std::vector<engine::ring::NodeInfo> membersOf(const ClusterState& state) {
    std::vector<engine::ring::NodeInfo> members;
    for (const engine::observe::NodeView* view : state.ordered()) {
        if (view->tokens.empty()) {
            continue;
        }
        engine::ring::NodeInfo node;
        node.node = view->node;
        node.hostId = view->hostId;
        node.datacenter = view->datacenter;
        node.rack = view->rack;
        node.status = view->status;
        node.tokens = view->tokens;
        std::sort(node.tokens.begin(), node.tokens.end());
        members.push_back(std::move(node));
    }
    return members;
}

const SchemaKeyspace* keyspaceIn(const ClusterState& state, const std::string& name) {
    const auto at = std::find_if(state.keyspaces.begin(), state.keyspaces.end(),
                                 [&](const SchemaKeyspace& k) { return k.name == name; });
    return at == state.keyspaces.end() ? nullptr : &*at;
}

const SchemaKeyspace* firstOfUser(const ClusterState& state) {
    const auto at = std::find_if(state.keyspaces.begin(), state.keyspaces.end(), [](const SchemaKeyspace& k) {
        return !k.name.starts_with("system") && k.strategy != "LocalStrategy";
    });
    return at == state.keyspaces.end() ? nullptr : &*at;
}

}  // namespace

engine::schema::Replication replicationOf(const SchemaKeyspace& keyspace) {
    engine::schema::Replication replication;
    replication.strategy = keyspace.strategy.substr(keyspace.strategy.rfind('.') + 1);
    for (const auto& [name, value] : keyspace.replication) {
        if (name != "class") {
            replication.options[name] = value;
        }
    }
    return replication;
}

engine::ring::TopologyPtr TopologyCache::of(const ClusterState& state) {
    auto members = membersOf(state);
    if (!m_topology || m_topology->nodes() != members) {
        const std::uint64_t version = m_topology ? m_topology->version() + 1 : 1;
        const std::string local = members.empty() ? std::string() : members.front().node;
        m_topology = engine::ring::Topology::make(std::move(members), local, version);
    }
    return m_topology;
}

int RingFocus::rankOf(const std::string& node) const {
    const auto& replicas = walk ? walk->replicas : std::vector<std::string>();
    const auto at = std::find(replicas.begin(), replicas.end(), node);
    return at == replicas.end() ? 0 : static_cast<int>(at - replicas.begin()) + 1;
}

std::optional<sources::KeySelection> keyOf(const engine::observe::RequestView& request) {
    if (!request.started || request.info.replicas.empty()) {
        return std::nullopt;
    }
    sources::KeySelection key;
    key.keyspace = QString::fromStdString(request.info.keyspace);
    key.table = QString::fromStdString(request.info.table);
    key.bytes = request.info.key;
    key.token = request.info.token;
    key.text = keyText(request.info.key, true);
    return key;
}

RingFocus focusOf(const ClusterState& state, const engine::ring::TopologyPtr& topology,
                  const std::optional<sources::KeySelection>& key, RequestPtr request, const QString& table) {
    RingFocus focus;
    focus.key = key;
    if (request && !focus.key) {
        focus.key = keyOf(*request);
    }
    const SchemaKeyspace* keyspace = nullptr;
    if (focus.key) {
        keyspace = keyspaceIn(state, focus.key->keyspace.toStdString());
    } else if (!table.isEmpty()) {
        keyspace = keyspaceIn(state, table.section('.', 0, 0).toStdString());
    }
    if (keyspace == nullptr && !focus.key) {
        keyspace = firstOfUser(state);
    }
    if (keyspace != nullptr) {
        focus.keyspace = keyspace->name;
        focus.replication = replicationOf(*keyspace);
    }
    if (focus.key && keyspace != nullptr && topology && !topology->tokens().empty()) {
        focus.walk = topology->explain(focus.replication, focus.key->token);
    }
    if (request && focus.key && request->info.token == focus.key->token) {
        focus.story = RequestStory::of(std::move(request));
    }
    return focus;
}

}  // namespace app::explorer::ring
