#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/ring/placement.h"

namespace engine::ring {

/// One vnode of a ring to place replicas on.
struct RingEntry {
    Token token = 0;
    const NodeInfo* node = nullptr;
};
using Ring = std::vector<RingEntry>;  // Sorted by token.

/// Why the walk took a vnode's node, or passed it.
enum class StepOutcome {
    TakenFirst,
    TakenNext,
    TakenNewRack,
    TakenRackRepeat,
    SkippedAlreadyReplica,
    SkippedSameRack,
    SkippedDatacenterFull,
    SkippedDatacenterWithout,
};
constexpr bool isTaken(StepOutcome outcome) {
    return outcome <= StepOutcome::TakenRackRepeat;
}

/// Finds replicas as SimpleStrategy, NetworkTopologyStrategy, LocalStrategy and EverywhereStrategy
/// of org.apache.cassandra.locator do. Pure; used once per placement and for explanations.
class PlacementBuilder {
public:
    using Visitor = std::function<void(const RingEntry&, StepOutcome)>;

    /// `nodes` outlive what is built; `local` names the node that looks.
    PlacementBuilder(const schema::Replication& replication, const std::vector<NodeInfo>& nodes,
                     std::string_view local);

    std::unique_ptr<const Placement> build() const;
    /// The walk from the vnode that owns `token`, with a word about each vnode passed.
    std::vector<const NodeInfo*> walk(Token token, const Visitor& visit) const;
    std::string describe(StepOutcome outcome, const NodeInfo& node) const;

    /// Members that own tokens, and are neither joining nor gone.
    static Ring ringOf(const std::vector<NodeInfo>& nodes);

private:
    struct Datacenter;
    using Replicas = std::vector<const NodeInfo*>;

    void parseOptions();
    std::vector<Datacenter> datacentersOf(const Ring& ring) const;
    Replicas replicasAt(const Ring& ring, Token token, const Visitor& visit) const;
    Replicas walkSimple(const Ring& ring, std::size_t first, const Visitor& visit) const;
    Replicas walkTopology(const Ring& ring, std::size_t first, const Visitor& visit) const;
    Ring ringWithout(std::string_view status) const;
    void addPending(Placement& placement) const;
    void addPendingOf(const Ring& ring, const NodeInfo* onlyNode, Placement& placement) const;

    const schema::Replication& m_replication;
    const std::vector<NodeInfo>& m_nodes;
    const std::string_view m_local;
    const Ring m_ring;
    Placement::Strategy m_strategy = Placement::Strategy::Simple;
    std::uint32_t m_factor = 0;
    std::vector<std::pair<std::string, std::uint32_t>> m_factors;
};

}  // namespace engine::ring
