#pragma once

#include <QObject>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/sources/node_process.h"
#include "engine/observe/event.h"

namespace app::sources {

/// What arrived since the last frame.
struct SourceBatch {
    std::vector<engine::observe::Event> events;
    /// Event streams that opened or ended, by node.
    std::vector<std::pair<std::string, bool>> reachable;
};
using SourceBatchPtr = std::shared_ptr<const SourceBatch>;

/// Where a cluster's events come from and who acts on its nodes: local processes, later an external
/// cluster, a recording or a simulation. Lives on the GUI thread; work happens elsewhere and comes
/// back by these signals, batches at most once a frame.
class ClusterSource : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    virtual QString name() const = 0;
    virtual std::vector<NodeProcess> nodes() const = 0;
    virtual bool canAct() const = 0;
    /// Returns at once; actionFinished tells the outcome.
    virtual void perform(NodeAction action, int node) = 0;
    /// The same for links; linksChanged tells the outcome. Here: it cannot.
    virtual void changeLinks(const LinkChange&) { emit linksChanged("Links", "this cluster's links cannot be changed from here"); }

    /// Slow motion: nodes' time runs `factor` times slower, messages are under way so much longer;
    /// linksChanged tells the outcome.
    virtual void setPace(double) { emit linksChanged("Speed", "this cluster's speed cannot be changed from here"); }

signals:
    void arrived(app::sources::SourceBatchPtr batch);
    void nodesChanged();
    /// All nodes answer CQL, `milliseconds` after the start began.
    void started(qint64 milliseconds);
    /// The cluster could not be opened or started; `why` names place and cause.
    void failed(const QString& why);
    void actionFinished(app::sources::NodeAction action, int node, const QString& error);
    /// `done` for people ("n3 cut off"); `error` is empty when it was done.
    void linksChanged(const QString& done, const QString& error);
};

}  // namespace app::sources
