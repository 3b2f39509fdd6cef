#pragma once

#include <QObject>

#include <functional>

#include "app/sources/cluster_model.h"
#include "engine/base/result.h"

namespace app::explorer::storage {

/// Tells nodes to flush or compact a table, as nodetool does: all that run, or one. Off the GUI
/// thread; the outcome comes back by finished(). GUI thread.
class StorageActions : public QObject {
    Q_OBJECT

public:
    /// Runs nodetool's words on a node, and those that nodetool does not have: `pause`, `resume`. Called on another thread.
    using Run = std::function<engine::Result<void>(const sources::NodeProcess& node, const QStringList& words)>;

    explicit StorageActions(sources::ClusterModel& model, QObject* parent = nullptr) : QObject(parent), m_model(model) {}
    /// Instead of the nodes' admin endpoints, for tests.
    void setRun(Run run) { m_run = std::move(run); }
    bool isBusy() const { return m_busy; }
    /// `verb`: flush, compact, verify, scrub. `node`: event name; empty: every node that runs.
    void perform(const QString& verb, const QString& table, const QString& node = {});
    /// Ends the node's compactions; their inputs stay as they are. Also while a compaction that was asked for here goes on.
    void stopCompactions(const QString& node);
    /// All of the node's stand still, or go on.
    void pauseCompactions(const QString& node, bool paused);
    /// compaction_throughput, in MiB a second; 0: no limit.
    void limitCompactions(const QString& node, int mebibytes);

signals:
    void started();
    /// `error` is empty when every node did it; else it names the node and the cause.
    void finished(const QString& verb, const QString& error);

private:
    std::vector<sources::NodeProcess> nodesAt(const QString& node) const;
    void tell(const QString& verb, const QStringList& words, const QString& node, bool alone);

    sources::ClusterModel& m_model;
    Run m_run;
    bool m_busy = false;
};

}  // namespace app::explorer::storage
