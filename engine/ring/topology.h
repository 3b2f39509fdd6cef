#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ring/placement.h"

namespace engine::ring {

class Topology;
using TopologyPtr = std::shared_ptr<const Topology>;

/// A vnode's range with those who keep it, as `nodetool describering` lists them.
struct DescribedRange {
    TokenRange range;
    std::vector<const NodeInfo*> replicas;
};

/// The cluster's members and their tokens at one moment (TokenMetadata). Immutable to its users,
/// who hold it by TopologyPtr for as long as they use what it hands out; a change makes a new one.
/// Placements are computed on first use and kept, so it belongs to one node's thread.
class Topology {
public:
    struct Entry {
        Token token;
        const NodeInfo* node;
    };

    /// `local` is the name of the node that looks; `version` counts changes.
    static TopologyPtr make(std::vector<NodeInfo> nodes, std::string local, std::uint64_t version);

    std::uint64_t version() const { return m_version; }
    const std::string& local() const { return m_local; }
    /// Empty while the node itself is not in the topology.
    const std::string& localDatacenter() const { return m_localDatacenter; }

    /// All members, ordered by address.
    const std::vector<NodeInfo>& nodes() const { return m_nodes; }
    const NodeInfo* find(std::string_view node) const;
    const NodeInfo* find(const Uuid& hostId) const;
    /// Datacenters with at least one member that owns tokens, sorted.
    std::vector<std::string> datacenters() const;
    std::size_t nodesIn(std::string_view datacenter) const;

    /// Tokens in use, sorted: of members that are neither joining nor gone.
    const std::vector<Entry>& tokens() const { return m_tokens; }
    /// The range in which a token lies: (previous token, next token].
    TokenRange rangeOf(Token token) const;
    /// Each node's ranges of which it is the primary replica, in ring order.
    std::vector<TokenRange> primaryRanges(std::string_view node) const;
    /// The same as if there were no nodes but those of its datacenter.
    std::vector<TokenRange> localPrimaryRanges(std::string_view node) const;

    /// Hot path; cached per replication map.
    const Placement& placement(const schema::Replication& replication) const;
    const ReplicaPlan& replicasFor(const schema::Replication& replication, Token token) const {
        return placement(replication).replicasFor(token);
    }
    PlacementWalk explain(const schema::Replication& replication, Token token) const;

    /// Share of the ring of which each node is the primary replica, in [0, 1].
    std::map<std::string, double> ownership() const;
    /// Share of the ring of which each node keeps a copy, as `nodetool status KEYSPACE` says.
    std::map<std::string, double> effectiveOwnership(const schema::Replication& replication) const;
    std::vector<DescribedRange> describeRing(const schema::Replication& replication) const;

private:
    Topology() = default;

    std::string m_local;
    std::string m_localDatacenter;
    std::uint64_t m_version = 0;
    std::vector<NodeInfo> m_nodes;
    std::vector<Entry> m_tokens;
    mutable std::vector<std::unique_ptr<const Placement>> m_placements;
};

/// The node's current topology. Lives on its thread; read it anew for every request.
class TopologyRegistry {
public:
    using Listener = std::function<void(const TopologyPtr& before, const TopologyPtr& after)>;

    explicit TopologyRegistry(std::string local)
        : m_local(std::move(local)), m_current(Topology::make({}, m_local, 0)) {}
    const TopologyPtr& current() const { return m_current; }
    /// Publishes a new topology with the next version, unless nothing differs. True: it did.
    bool publish(std::vector<NodeInfo> nodes);
    /// Listeners are called in order of adding; they live as long as the registry.
    void onChange(Listener listener) { m_listeners.push_back(std::move(listener)); }

private:
    std::string m_local;
    TopologyPtr m_current;
    std::vector<Listener> m_listeners;
};

}  // namespace engine::ring
