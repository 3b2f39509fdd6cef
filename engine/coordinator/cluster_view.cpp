#include "engine/coordinator/cluster_view.h"

#include <algorithm>

namespace engine::coordinator {

std::vector<const ring::NodeInfo*> liveByProximity(const ClusterView& view, const ring::Topology& topology,
                                                   const std::vector<const ring::NodeInfo*>& replicas) {
    std::vector<const ring::NodeInfo*> out;
    for (const ring::NodeInfo* replica : replicas) {
        if (view.isAlive(replica->node)) {
            out.push_back(replica);
        }
    }
    const auto distance = [&](const ring::NodeInfo* node) {
        if (view.isSelf(node->node)) {
            return 0;
        }
        return node->datacenter == topology.localDatacenter() ? 1 : 2;
    };
    std::stable_sort(out.begin(), out.end(), [&](const auto* a, const auto* b) {
        return distance(a) < distance(b);
    });
    return out;
}

}  // namespace engine::coordinator
