#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QThreadPool>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "app/sources/cluster_model.h"
#include "engine/client/client.h"

namespace app::learn {

/// The guided first minute on the cluster that runs: a write at QUORUM, n3 cut off, a second write that
/// is acknowledged without it, the cut healed, and a read at ALL that mends what n3 missed. Each step
/// happens when go() is called, and what it says is read from events and from the nodes' own copies.
/// GUI thread; statements run elsewhere and come back as changed().
class FirstMinute : public QObject {
    Q_OBJECT

public:
    enum Step { Start, Write, Cut, WriteAgain, Heal, kSteps };
    using ClientFactory =
        std::function<engine::Result<std::unique_ptr<engine::client::Client>>(const engine::client::ConnectOptions&)>;

    explicit FirstMinute(sources::ClusterModel& model, ClientFactory connect = engine::client::Client::connect,
                         QObject* parent = nullptr);
    ~FirstMinute() override;

    /// The step that go() does next; kSteps when all are done.
    int next() const { return m_next; }
    bool isBusy() const { return m_busy; }
    /// What became of a step that is done, "3 of 3 replicas answered in 0.70 ms"; of the others empty.
    QString says(int step) const;
    /// What a step runs; empty for those that run nothing.
    static QString statement(int step);
    /// How long its request took; empty when it is not known.
    QString took(int step) const;
    /// Why the last step was not done; empty: it was.
    const QString& trouble() const { return m_trouble; }
    /// A node's own copy of the number, as read from it last; empty: none.
    std::optional<int> copiesOn(int node) const;
    /// The request of the newest write, null before there is one.
    std::shared_ptr<const engine::observe::RequestView> shownRequest() const;
    std::shared_ptr<const engine::observe::RequestView> requestOf(int step) const;
    /// The read that ended the last step sent n3 what it lacked.
    bool wasMended() const;

    void go();
    void setStarting();
    void setStarted(qint64 milliseconds);
    void setFailed(const QString& why);

    static constexpr int kCutNode = 3;

signals:
    void startWanted();
    void changed();

private:
    class Errand;
    using Deed = std::function<engine::Result<void>(const Errand&)>;

    void restart();
    void finish(int step);
    void fail(const QString& why);
    /// Runs `deed` on the worker; `then` on this thread when it succeeded.
    void work(Deed deed, std::function<void()> then);
    void writeStep(int step);
    void changeLinks(bool cut);
    void readCopies(std::function<void()> then);
    void findRequest(int step);

    sources::ClusterModel& m_model;
    const ClientFactory m_connect;
    int m_next = Start;
    bool m_busy = false;
    std::atomic<int> m_run = 0;  // Counts restarts: what an older run still does ends, what it brings is dropped.
    qint64 m_startMillis = 0;
    std::int64_t m_since = 0;  // Machine nanos before which no request is ours.
    std::array<std::optional<engine::Uuid>, kSteps> m_requests;
    std::map<int, std::optional<int>> m_copies;
    QString m_trouble;
    std::function<void(const QString&)> m_linksDone;
    QThreadPool m_pool;
};

}  // namespace app::learn
