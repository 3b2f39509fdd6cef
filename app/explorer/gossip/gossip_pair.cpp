#include "app/explorer/gossip/gossip_pair.h"

namespace app::explorer::gossip {

GossipPair::GossipPair(sources::ClusterModel& model) : QObject(&model), m_model(model) {}

GossipPair& GossipPair::of(sources::ClusterModel& model) {
    auto* pair = model.findChild<GossipPair*>(QString(), Qt::FindDirectChildrenOnly);
    return pair != nullptr ? *pair : *new GossipPair(model);
}

std::string GossipPair::observerFor(const std::string& subject) const {
    const auto& state = m_model.state();
    if (m_observer != subject && state.node(m_observer) != nullptr) {
        return m_observer;
    }
    std::string any;
    for (const auto* view : state.ordered()) {
        if (view->node != subject && view->knows.count(subject) != 0) {
            any = any.empty() ? view->node : any;
            if (view->reachable) {
                return view->node;
            }
        }
    }
    return any;
}

void GossipPair::choose(const std::string& observer, const std::string& subject) {
    m_observer = observer;
    m_model.selection().setNode(QString::fromStdString(subject));
    emit changed();
}

void GossipPair::clear() {
    m_observer.clear();
    m_model.selection().setNode({});
    emit changed();
}

}  // namespace app::explorer::gossip
