#include "app/explorer/views.h"

#include "app/explorer/ring/ring_view.h"

namespace app::explorer {

std::vector<ViewFactory> viewFactories() {
    return {{"Ring", [](sources::ClusterModel& model, QWidget* parent) -> ExplorerView* { return new ring::RingView(model, parent); }}};
}

QWidget* makeInspector(sources::ClusterModel&, QWidget* parent) {
    return new shell::EmptyNote("Select a node, a key or a request to look inside it.", {}, parent);
}

}  // namespace app::explorer
