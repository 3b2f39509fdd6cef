#include "engine/ring/placement.h"

#include <algorithm>

#include "engine/base/ensure.h"

namespace engine::ring {

namespace {

constexpr std::uint32_t quorumOf(std::uint32_t factor) {
    return factor / 2 + 1;
}

std::uint32_t countIn(const std::vector<const NodeInfo*>& nodes, std::string_view datacenter) {
    return static_cast<std::uint32_t>(
        std::count_if(nodes.begin(), nodes.end(),
                      [&](const NodeInfo* node) { return node->datacenter == datacenter; }));
}

}  // namespace

bool ReplicaPlan::contains(std::string_view node) const {
    const auto isIt = [&](const NodeInfo* replica) { return replica->node == node; };
    return std::any_of(natural.begin(), natural.end(), isIt) ||
           std::any_of(pending.begin(), pending.end(), isIt);
}

const ReplicaPlan& Placement::replicasFor(Token token) const {
    ENSURE(!m_plans.empty());
    const auto end = std::lower_bound(m_ends.begin(), m_ends.end(), token);
    return end == m_ends.end() ? m_plans.front()
                               : m_plans[static_cast<std::size_t>(end - m_ends.begin())];
}

std::uint32_t Placement::replicationFactor(std::string_view datacenter) const {
    if (!isNetworkTopology()) {
        return m_factor;
    }
    for (const auto& [name, factor] : m_factors) {
        if (name == datacenter) {
            return factor;
        }
    }
    return 0;
}

std::uint32_t Placement::requiredResponses(Consistency level, std::string_view local) const {
    switch (level) {
        case Consistency::Any:
        case Consistency::One:
        case Consistency::LocalOne:
        case Consistency::NodeLocal:
            return 1;
        case Consistency::Two:
            return 2;
        case Consistency::Three:
            return 3;
        case Consistency::Quorum:
        case Consistency::Serial:
            return quorumOf(m_factor);
        case Consistency::All:
            return m_factor;
        case Consistency::LocalQuorum:
        case Consistency::LocalSerial:
            return quorumOf(replicationFactor(local));
        case Consistency::EachQuorum: {
            if (!isNetworkTopology()) {
                return quorumOf(m_factor);
            }
            std::uint32_t sum = 0;
            for (const auto& [name, factor] : m_factors) {
                sum += quorumOf(factor);
            }
            return sum;
        }
    }
    return m_factor;
}

std::uint32_t Placement::requiredForWrite(Consistency level, std::string_view local,
                                          const ReplicaPlan& plan) const {
    const std::uint32_t natural = requiredResponses(level, local);
    if (plan.pending.empty() || level == Consistency::Any) {
        return natural;
    }
    return natural + (isDatacenterLocal(level) ? countIn(plan.pending, local)
                                               : static_cast<std::uint32_t>(plan.pending.size()));
}

std::vector<DatacenterQuorum> Placement::eachQuorum(const ReplicaPlan* plan) const {
    std::vector<DatacenterQuorum> quorums;
    for (const auto& [name, factor] : m_factors) {
        const std::uint32_t pending = plan == nullptr ? 0 : countIn(plan->pending, name);
        quorums.push_back({name, quorumOf(factor) + pending});
    }
    return quorums;
}

}  // namespace engine::ring
