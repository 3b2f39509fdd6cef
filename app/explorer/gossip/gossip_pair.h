#pragma once

#include <QObject>

#include <string>

#include "app/sources/cluster_model.h"

namespace app::explorer::gossip {

/// Who is asked about whom: the heat map chooses it, the Inspector tells it. One a model, owned by
/// it; the subject is the node selected in all views. GUI thread.
class GossipPair : public QObject {
    Q_OBJECT

public:
    static GossipPair& of(sources::ClusterModel& model);

    const std::string& observer() const { return m_observer; }
    /// The observer to show for `subject`: the chosen one, else the first other node that is heard.
    std::string observerFor(const std::string& subject) const;
    void choose(const std::string& observer, const std::string& subject);
    void clear();

signals:
    void changed();

private:
    explicit GossipPair(sources::ClusterModel& model);

    sources::ClusterModel& m_model;
    std::string m_observer;
};

}  // namespace app::explorer::gossip
