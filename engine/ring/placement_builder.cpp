#include "engine/ring/placement_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace engine::ring {

namespace {

/// The part of a replication factor before the '/' of a transient one.
std::uint32_t parseFactor(std::string_view text) {
    std::uint32_t factor = 0;
    std::from_chars(text.data(), text.data() + text.size(), factor);
    return factor;
}

bool ownsRange(const NodeInfo& node) {
    return node.status == "NORMAL" || node.status == "LEAVING" || node.status == "MOVING";
}

void append(Ring& ring, const NodeInfo& node) {
    for (const Token token : node.tokens) {
        ring.push_back({token, &node});
    }
}

/// When two nodes claim a token the first by address has it.
void sortByToken(Ring& ring) {
    std::stable_sort(ring.begin(), ring.end(),
                     [](const RingEntry& a, const RingEntry& b) { return a.token < b.token; });
    const auto last =
        std::unique(ring.begin(), ring.end(),
                    [](const RingEntry& a, const RingEntry& b) { return a.token == b.token; });
    ring.erase(last, ring.end());
}

std::size_t ownerIndex(const Ring& ring, Token token) {
    const auto at =
        std::lower_bound(ring.begin(), ring.end(), token,
                         [](const RingEntry& entry, Token t) { return entry.token < t; });
    return at == ring.end() ? 0 : static_cast<std::size_t>(at - ring.begin());
}

bool contains(const std::vector<const NodeInfo*>& nodes, const NodeInfo* node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

std::size_t countNodes(const Ring& ring) {
    std::set<const NodeInfo*> nodes;
    for (const RingEntry& entry : ring) {
        nodes.insert(entry.node);
    }
    return nodes.size();
}

}  // namespace

/// NetworkTopologyStrategy.DatacenterEndpoints: what one datacenter still needs.
struct PlacementBuilder::Datacenter {
    std::string name;
    std::int64_t left = 0;         // Replicas to find; bounded by the number of its nodes.
    std::int64_t rackRepeats = 0;  // Replicas that may share a rack with another.
    std::set<std::string_view> racks;

    StepOutcome offer(const NodeInfo* node, const Replicas& replicas) {
        if (left == 0) {
            return StepOutcome::SkippedDatacenterFull;
        }
        if (contains(replicas, node)) {
            return StepOutcome::SkippedAlreadyReplica;
        }
        if (racks.insert(node->rack).second) {
            --left;
            return StepOutcome::TakenNewRack;
        }
        if (rackRepeats <= 0) {
            return StepOutcome::SkippedSameRack;
        }
        --rackRepeats;
        --left;
        return StepOutcome::TakenRackRepeat;
    }
};

PlacementBuilder::PlacementBuilder(const schema::Replication& replication,
                                   const std::vector<NodeInfo>& nodes, std::string_view local)
    : m_replication(replication), m_nodes(nodes), m_local(local), m_ring(ringOf(nodes)) {
    parseOptions();
}

Ring PlacementBuilder::ringOf(const std::vector<NodeInfo>& nodes) {
    Ring ring;
    for (const NodeInfo& node : nodes) {
        if (ownsRange(node)) {
            append(ring, node);
        }
    }
    sortByToken(ring);
    return ring;
}

void PlacementBuilder::parseOptions() {
    const std::string& name = m_replication.strategy;
    if (name.ends_with("NetworkTopologyStrategy")) {
        m_strategy = Placement::Strategy::NetworkTopology;
        for (const auto& [datacenter, factor] : m_replication.options) {
            if (datacenter != "replication_factor") {  // A template, expanded when it was declared.
                m_factors.emplace_back(datacenter, parseFactor(factor));
                m_factor += m_factors.back().second;
            }
        }
    } else if (name.ends_with("LocalStrategy")) {
        m_strategy = Placement::Strategy::Local;
        m_factor = 1;
    } else if (name.ends_with("EverywhereStrategy")) {
        m_strategy = Placement::Strategy::Everywhere;
        m_factor = static_cast<std::uint32_t>(countNodes(m_ring));
    } else {
        const auto factor = m_replication.options.find("replication_factor");
        m_factor = factor == m_replication.options.end() ? 1 : parseFactor(factor->second);
    }
}

std::vector<PlacementBuilder::Datacenter> PlacementBuilder::datacentersOf(const Ring& ring) const {
    std::vector<Datacenter> datacenters;
    for (const auto& [name, factor] : m_factors) {
        std::set<const NodeInfo*> nodes;
        std::set<std::string_view> racks;
        for (const RingEntry& entry : ring) {
            if (entry.node->datacenter == name) {
                nodes.insert(entry.node);
                racks.insert(entry.node->rack);
            }
        }
        if (factor > 0 && !nodes.empty()) {
            Datacenter datacenter;
            datacenter.name = name;
            datacenter.left =
                std::min<std::int64_t>(factor, static_cast<std::int64_t>(nodes.size()));
            datacenter.rackRepeats =
                static_cast<std::int64_t>(factor) - static_cast<std::int64_t>(racks.size());
            datacenters.push_back(std::move(datacenter));
        }
    }
    return datacenters;
}

PlacementBuilder::Replicas PlacementBuilder::walkSimple(const Ring& ring, std::size_t first,
                                                        const Visitor& visit) const {
    Replicas replicas;
    for (std::size_t step = 0; step < ring.size() && replicas.size() < m_factor; ++step) {
        const RingEntry& entry = ring[(first + step) % ring.size()];
        StepOutcome outcome = StepOutcome::SkippedAlreadyReplica;
        if (!contains(replicas, entry.node)) {
            outcome = replicas.empty() ? StepOutcome::TakenFirst : StepOutcome::TakenNext;
            replicas.push_back(entry.node);
        }
        if (visit) {
            visit(entry, outcome);
        }
    }
    return replicas;
}

PlacementBuilder::Replicas PlacementBuilder::walkTopology(const Ring& ring, std::size_t first,
                                                          const Visitor& visit) const {
    Replicas replicas;
    std::vector<Datacenter> datacenters = datacentersOf(ring);
    std::int64_t left = 0;
    for (const Datacenter& datacenter : datacenters) {
        left += datacenter.left;
    }
    for (std::size_t step = 0; step < ring.size() && left > 0; ++step) {
        const RingEntry& entry = ring[(first + step) % ring.size()];
        const auto datacenter =
            std::find_if(datacenters.begin(), datacenters.end(),
                         [&](const Datacenter& d) { return d.name == entry.node->datacenter; });
        StepOutcome outcome = StepOutcome::SkippedDatacenterWithout;
        if (datacenter != datacenters.end()) {
            outcome = datacenter->offer(entry.node, replicas);
        }
        if (isTaken(outcome)) {
            replicas.push_back(entry.node);
            --left;
        }
        if (visit) {
            visit(entry, outcome);
        }
    }
    return replicas;
}

PlacementBuilder::Replicas PlacementBuilder::replicasAt(const Ring& ring, Token token,
                                                        const Visitor& visit) const {
    const std::size_t first = ring.empty() ? 0 : ownerIndex(ring, token);
    switch (m_strategy) {
        case Placement::Strategy::NetworkTopology:
            return walkTopology(ring, first, visit);
        case Placement::Strategy::Simple:
        case Placement::Strategy::Everywhere:
            return walkSimple(ring, first, visit);
        case Placement::Strategy::Local:
            break;
    }
    Replicas replicas;
    for (const NodeInfo& node : m_nodes) {
        if (node.node == m_local) {
            replicas.push_back(&node);
        }
    }
    return replicas;
}

std::vector<const NodeInfo*> PlacementBuilder::walk(Token token, const Visitor& visit) const {
    return replicasAt(m_ring, token, visit);
}

std::unique_ptr<const Placement> PlacementBuilder::build() const {
    auto placement = std::make_unique<Placement>();
    placement->m_replication = m_replication;
    placement->m_strategy = m_strategy;
    placement->m_factor = m_factor;
    placement->m_factors = m_factors;
    if (m_strategy == Placement::Strategy::Local || m_nodes.empty()) {
        placement->m_plans.push_back({replicasAt(m_ring, kMinToken, {}), {}});
        return placement;
    }
    Ring ends;  // Pending ranges end at the tokens of joining nodes too.
    for (const NodeInfo& node : m_nodes) {
        if (ownsRange(node) || node.status == "JOINING") {
            append(ends, node);
        }
    }
    sortByToken(ends);
    for (const RingEntry& end : ends) {
        placement->m_ends.push_back(end.token);
        placement->m_plans.push_back({replicasAt(m_ring, end.token, {}), {}});
    }
    if (ends.empty()) {
        placement->m_plans.emplace_back();
    }
    addPending(*placement);
    return placement;
}

Ring PlacementBuilder::ringWithout(std::string_view status) const {
    Ring ring;
    for (const NodeInfo& node : m_nodes) {
        if (ownsRange(node) && node.status != status) {
            append(ring, node);
        }
    }
    sortByToken(ring);
    return ring;
}

/// TokenMetadata.calculatePendingRanges: who takes over from those that leave, then each joining
/// node as if it were the only one.
void PlacementBuilder::addPending(Placement& placement) const {
    const Ring allLeft = ringWithout("LEAVING");
    if (allLeft.size() != m_ring.size()) {
        addPendingOf(allLeft, nullptr, placement);
    }
    for (const NodeInfo& node : m_nodes) {
        if (node.status == "JOINING" && !node.tokens.empty()) {
            Ring joined = allLeft;
            append(joined, node);
            sortByToken(joined);
            addPendingOf(joined, &node, placement);
        }
    }
}

void PlacementBuilder::addPendingOf(const Ring& ring, const NodeInfo* onlyNode,
                                    Placement& placement) const {
    for (std::size_t i = 0; i < placement.m_ends.size(); ++i) {
        ReplicaPlan& plan = placement.m_plans[i];
        for (const NodeInfo* node : replicasAt(ring, placement.m_ends[i], {})) {
            if ((onlyNode == nullptr || node == onlyNode) && !contains(plan.natural, node) &&
                !contains(plan.pending, node)) {
                plan.pending.push_back(node);
            }
        }
    }
}

std::string PlacementBuilder::describe(StepOutcome outcome, const NodeInfo& node) const {
    switch (outcome) {
        case StepOutcome::TakenFirst:
            return "owns the token: first replica";
        case StepOutcome::TakenNext:
            return "next node on the ring";
        case StepOutcome::TakenNewRack:
            return fmt::format("{} has no replica in {} yet", node.datacenter, node.rack);
        case StepOutcome::TakenRackRepeat:
            return fmt::format("{} has fewer racks than replicas: {} may repeat", node.datacenter,
                               node.rack);
        case StepOutcome::SkippedAlreadyReplica:
            return "already a replica";
        case StepOutcome::SkippedSameRack:
            return fmt::format("{} of {} already has a replica", node.rack, node.datacenter);
        case StepOutcome::SkippedDatacenterFull:
            return fmt::format("{} has all its replicas", node.datacenter);
        case StepOutcome::SkippedDatacenterWithout:
            return fmt::format("the keyspace keeps no replica in {}", node.datacenter);
    }
    return {};
}

}  // namespace engine::ring
