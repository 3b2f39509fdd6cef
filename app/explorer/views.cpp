#include "app/explorer/views.h"

#include "app/explorer/gossip/gossip_view.h"
#include "app/explorer/ring/ring_view.h"
#include "app/explorer/storage/storage_view.h"
#include "app/explorer/traffic/traffic_view.h"

namespace app::explorer {

namespace {

template <typename View>
ViewFactory factoryOf(const QString& title) {
    return {title, [](sources::ClusterModel& model, QWidget* parent) -> ExplorerView* { return new View(model, parent); }};
}

}  // namespace

std::vector<ViewFactory> viewFactories() {
    return {factoryOf<ring::RingView>("Ring"), factoryOf<traffic::TrafficView>("Traffic"), factoryOf<gossip::GossipView>("Gossip"),
            factoryOf<storage::StorageView>("Storage")};
}

}  // namespace app::explorer
