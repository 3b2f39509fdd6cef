#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ring/consistency.h"
#include "engine/ring/node_info.h"
#include "engine/ring/token.h"
#include "engine/schema/schema.h"

namespace engine::ring {

/// Who keeps a token, in ring order: the first of `natural` is the primary replica. Writes go to
/// `pending` nodes too: they are about to become replicas (joining, or taking over from one that
/// leaves). Points into the topology it came from: hold the TopologyPtr while you use it.
struct ReplicaPlan {
    std::vector<const NodeInfo*> natural;
    std::vector<const NodeInfo*> pending;
    bool contains(std::string_view node) const;
};

/// What an EACH_QUORUM needs of one datacenter.
struct DatacenterQuorum {
    std::string datacenter;
    std::uint32_t required = 0;
};

/// One replication map laid over one topology: the replicas of every range, and what each
/// consistency level needs of them. Immutable; part of its Topology and lives as long.
class Placement {
public:
    enum class Strategy { Simple, NetworkTopology, Local, Everywhere };

    const schema::Replication& replication() const { return m_replication; }
    Strategy strategy() const { return m_strategy; }
    bool isNetworkTopology() const { return m_strategy == Strategy::NetworkTopology; }

    const ReplicaPlan& replicasFor(Token token) const;

    /// The configured factor, all datacenters together; not bounded by the number of nodes.
    std::uint32_t replicationFactor() const { return m_factor; }
    /// That of one datacenter; of SimpleStrategy the whole factor.
    std::uint32_t replicationFactor(std::string_view datacenter) const;

    /// Answers a read waits for (ConsistencyLevel.blockFor). `local` is the coordinator's
    /// datacenter.
    std::uint32_t requiredResponses(Consistency level, std::string_view local) const;
    /// Acknowledgements a write waits for: pending replicas come on top (blockForWrite).
    std::uint32_t requiredForWrite(Consistency level, std::string_view local,
                                   const ReplicaPlan& plan) const;
    /// Per datacenter, for EACH_QUORUM under NetworkTopologyStrategy; with `plan`, pending ones on
    /// top.
    std::vector<DatacenterQuorum> eachQuorum(const ReplicaPlan* plan = nullptr) const;
    /// Whether an answer from a replica in `datacenter` helps to meet the level.
    static bool countsFor(Consistency level, std::string_view datacenter, std::string_view local) {
        return !isDatacenterLocal(level) || datacenter == local;
    }

private:
    friend class PlacementBuilder;

    schema::Replication m_replication;
    Strategy m_strategy = Strategy::Simple;
    std::uint32_t m_factor = 0;
    std::vector<std::pair<std::string, std::uint32_t>> m_factors;  // NetworkTopologyStrategy's.
    std::vector<Token> m_ends;         // Right ends of ranges, sorted. Empty: one plan for all.
    std::vector<ReplicaPlan> m_plans;  // One per end; at least one.
};

/// A vnode that the placement walk passed.
struct PlacementStep {
    Token token = 0;  // Right end of the vnode's range.
    std::string node;
    std::string datacenter;
    std::string rack;
    bool taken = false;
    std::string reason;  // Words for a person: "first replica", "already a replica", ...
};

/// How the replicas of one token are found, vnode by vnode, clockwise. For people, not for
/// requests.
struct PlacementWalk {
    Token token = 0;
    TokenRange range;  // That of the first vnode.
    std::vector<PlacementStep> steps;
    std::vector<std::string> replicas;
};

}  // namespace engine::ring
