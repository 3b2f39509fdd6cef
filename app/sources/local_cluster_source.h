#pragma once

#include <QElapsedTimer>
#include <QThreadPool>
#include <QTimer>

#include <map>
#include <mutex>

#include "app/sources/cluster_source.h"
#include "engine/admin/admin_client.h"
#include "engine/local/local_cluster.h"

namespace app::sources {

/// Nodes as processes of this machine. Commands run one after the other on a thread of the source's
/// own; events come from EventFollower's thread and are handed over once a frame. Ends its nodes
/// when it is destroyed.
class LocalClusterSource : public ClusterSource {
    Q_OBJECT

public:
    explicit LocalClusterSource(QString home, QObject* parent = nullptr);
    ~LocalClusterSource() override;

    /// Opens the cluster `spec.name`, or creates it by `spec` when there is none; then starts it.
    void start(const engine::local::ClusterSpec& spec);
    /// Stops the nodes off the GUI thread; closed() says when the source may be dropped at no cost.
    void close();

    QString name() const override { return m_name; }
    std::vector<NodeProcess> nodes() const override { return m_nodes; }
    bool canAct() const override { return true; }
    void perform(NodeAction action, int node) override;
    void changeLinks(const LinkChange& change) override;
    void setPace(double factor) override;

signals:
    void closed();

private:
    void run(std::function<void()> work);
    void stopNodes();
    void openAndStart(const engine::local::ClusterSpec& spec);
    void publishNodes();
    engine::Result<void> keepPace();
    void showNodes(std::vector<NodeProcess> nodes);
    void take(engine::admin::EventFollower::Batch batch);
    void flushSoon();
    void flush();

    const QString m_home;
    QString m_name;
    std::vector<NodeProcess> m_nodes;
    std::vector<int> m_busy;
    QTimer m_poll;

    // Touched on m_pool's one thread only.
    std::unique_ptr<engine::local::LocalCluster> m_cluster;
    std::vector<engine::admin::EventFollower::Target> m_targets;
    std::map<int, std::vector<LinkRule>> m_links;  // Of nodes that do not answer just now: as they were.
    std::map<int, double> m_pace;  // The same of their speeds.
    QThreadPool m_pool;

    std::mutex m_mutex;  // Guards the batch that the follower's thread fills.
    SourceBatch m_pending;
    bool m_scheduled = false;
    QElapsedTimer m_sinceFlush;
    std::unique_ptr<engine::admin::EventFollower> m_follower;
};

}  // namespace app::sources
