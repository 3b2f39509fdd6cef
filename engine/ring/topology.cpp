#include "engine/ring/topology.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/ring/placement_builder.h"

namespace engine::ring {

namespace {

bool isDigit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Text order in which runs of digits count as numbers: 127.0.0.2 before 127.0.0.10.
bool addressLess(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (!isDigit(a[i]) || !isDigit(b[j])) {
            if (a[i] != b[j]) {
                return a[i] < b[j];
            }
            ++i, ++j;
            continue;
        }
        std::uint64_t left = 0;
        std::uint64_t right = 0;
        while (i < a.size() && isDigit(a[i])) {
            left = left * 10 + static_cast<std::uint64_t>(a[i++] - '0');
        }
        while (j < b.size() && isDigit(b[j])) {
            right = right * 10 + static_cast<std::uint64_t>(b[j++] - '0');
        }
        if (left != right) {
            return left < right;
        }
    }
    return a.size() - i < b.size() - j;
}

}  // namespace

TopologyPtr Topology::make(std::vector<NodeInfo> nodes, std::string local, std::uint64_t version) {
    std::shared_ptr<Topology> topology(new Topology());
    for (NodeInfo& node : nodes) {
        std::sort(node.tokens.begin(), node.tokens.end());
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const NodeInfo& a, const NodeInfo& b) { return addressLess(a.node, b.node); });
    topology->m_nodes = std::move(nodes);
    topology->m_local = std::move(local);
    topology->m_version = version;
    if (const NodeInfo* self = topology->find(topology->m_local)) {
        topology->m_localDatacenter = self->datacenter;
    }
    for (const RingEntry& entry : PlacementBuilder::ringOf(topology->m_nodes)) {
        topology->m_tokens.push_back({entry.token, entry.node});
    }
    return topology;
}

const NodeInfo* Topology::find(std::string_view node) const {
    const auto found = std::find_if(m_nodes.begin(), m_nodes.end(),
                                    [&](const NodeInfo& info) { return info.node == node; });
    return found == m_nodes.end() ? nullptr : &*found;
}

const NodeInfo* Topology::find(const Uuid& hostId) const {
    const auto found = std::find_if(m_nodes.begin(), m_nodes.end(),
                                    [&](const NodeInfo& info) { return info.hostId == hostId; });
    return found == m_nodes.end() ? nullptr : &*found;
}

std::vector<std::string> Topology::datacenters() const {
    std::set<std::string> names;
    for (const Entry& entry : m_tokens) {
        names.insert(entry.node->datacenter);
    }
    return {names.begin(), names.end()};
}

std::size_t Topology::nodesIn(std::string_view datacenter) const {
    std::set<const NodeInfo*> nodes;
    for (const Entry& entry : m_tokens) {
        if (entry.node->datacenter == datacenter) {
            nodes.insert(entry.node);
        }
    }
    return nodes.size();
}

TokenRange Topology::rangeOf(Token token) const {
    if (m_tokens.empty()) {
        return {};
    }
    const auto end = std::lower_bound(m_tokens.begin(), m_tokens.end(), token,
                                      [](const Entry& e, Token t) { return e.token < t; });
    if (end == m_tokens.begin() || end == m_tokens.end()) {
        return {m_tokens.back().token, m_tokens.front().token};
    }
    return {std::prev(end)->token, end->token};
}

std::vector<TokenRange> Topology::primaryRanges(std::string_view node) const {
    std::vector<TokenRange> ranges;
    for (const Entry& entry : m_tokens) {
        if (entry.node->node == node) {
            ranges.push_back(rangeOf(entry.token));
        }
    }
    return ranges;
}

std::vector<TokenRange> Topology::localPrimaryRanges(std::string_view node) const {
    const NodeInfo* found = find(node);
    std::vector<TokenRange> ranges;
    std::vector<Entry> local;
    for (const Entry& entry : m_tokens) {
        if (found != nullptr && entry.node->datacenter == found->datacenter) {
            local.push_back(entry);
        }
    }
    for (std::size_t i = 0; i < local.size(); ++i) {
        if (local[i].node->node == node) {
            ranges.push_back({local[(i + local.size() - 1) % local.size()].token, local[i].token});
        }
    }
    return ranges;
}

const Placement& Topology::placement(const schema::Replication& replication) const {
    for (const auto& placement : m_placements) {
        if (placement->replication() == replication) {
            return *placement;
        }
    }
    m_placements.push_back(PlacementBuilder(replication, m_nodes, m_local).build());
    return *m_placements.back();
}

PlacementWalk Topology::explain(const schema::Replication& replication, Token token) const {
    const PlacementBuilder builder(replication, m_nodes, m_local);
    PlacementWalk walk;
    walk.token = token;
    walk.range = rangeOf(token);
    const auto replicas = builder.walk(token, [&](const RingEntry& entry, StepOutcome outcome) {
        const NodeInfo& node = *entry.node;
        walk.steps.push_back({entry.token, node.node, node.datacenter, node.rack, isTaken(outcome),
                              builder.describe(outcome, node)});
    });
    for (const NodeInfo* replica : replicas) {
        walk.replicas.push_back(replica->node);
    }
    return walk;
}

std::map<std::string, double> Topology::ownership() const {
    std::map<std::string, double> shares;
    for (const NodeInfo& node : m_nodes) {
        shares[node.node] = 0;
    }
    for (const Entry& entry : m_tokens) {
        shares[entry.node->node] += rangeOf(entry.token).fraction();
    }
    return shares;
}

std::map<std::string, double> Topology::effectiveOwnership(
    const schema::Replication& replication) const {
    std::map<std::string, double> shares;
    for (const NodeInfo& node : m_nodes) {
        shares[node.node] = 0;
    }
    for (const DescribedRange& described : describeRing(replication)) {
        for (const NodeInfo* replica : described.replicas) {
            shares[replica->node] += described.range.fraction();
        }
    }
    return shares;
}

std::vector<DescribedRange> Topology::describeRing(const schema::Replication& replication) const {
    const Placement& laid = placement(replication);
    std::vector<DescribedRange> ranges;
    for (const Entry& entry : m_tokens) {
        ranges.push_back({rangeOf(entry.token), laid.replicasFor(entry.token).natural});
    }
    return ranges;
}

bool TopologyRegistry::publish(std::vector<NodeInfo> nodes) {
    TopologyPtr next = Topology::make(std::move(nodes), m_local, m_current->version() + 1);
    if (next->nodes() == m_current->nodes()) {
        return false;
    }
    const TopologyPtr before = std::exchange(m_current, std::move(next));
    for (const Listener& listener : m_listeners) {
        listener(before, m_current);
    }
    return true;
}

}  // namespace engine::ring
