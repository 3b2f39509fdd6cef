#pragma once

#include <QThreadPool>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>

#include "app/learn/lab_driver.h"
#include "app/sources/cluster_model.h"
#include "labs/headless.h"

namespace app::learn {

/// A lab on the window's own cluster: the session lives on a thread of its own with its own handle
/// on the nodes' processes, and its steps' states are copied here whenever they change.
class LiveLabDriver : public LabDriver {
    Q_OBJECT

public:
    /// The cluster `cluster` of `home` exists. Progress is kept in `progressFile`.
    LiveLabDriver(lab::Lab lab, const QString& home, const QString& cluster, const QString& progressFile,
                  sources::ClusterModel& model);
    ~LiveLabDriver() override;

    const lab::Lab& lab() const override { return m_lab; }
    const lab::StepState& state(int step) const override { return m_states[static_cast<std::size_t>(step)]; }
    int currentStep() const override { return m_current; }
    QString busy(int step) const override { return step == m_busyStep ? m_busy : QString(); }

    void openStep(int step) override;
    void predict(int step, std::size_t choice, int confidence) override;
    void answer(int step, std::size_t check, std::size_t choice) override;
    void showHint(int step) override;
    void recheck(int step) override;
    void skip(int step) override;
    void solve(int step) override;
    void reset(int step) override;
    void undoReset() override;

private:
    /// What lives on the worker's thread.
    struct Work {
        std::unique_ptr<engine::local::LocalCluster> cluster;
        std::unique_ptr<lab::ProgressStore> store;
        std::unique_ptr<lab::HeadlessLab> lab;
        std::atomic<bool> stopWanted = false;
    };
    using Deed = std::function<engine::Result<void>(lab::HeadlessLab&)>;

    engine::Result<void> begin(const std::string& home, const std::string& cluster, const std::string& progressFile);
    void post(int step, const QString& busy, Deed deed);
    void pump();
    /// `deeds`: how many of those that wait are done with it.
    void publish(int deeds = 0);
    void take(const lab::Lab& lab, std::vector<lab::StepState> states, int current, bool isLast);
    void setBusy(int step, const QString& what);

    lab::Lab m_lab;
    std::vector<lab::StepState> m_states;
    int m_current = 0;
    bool m_told = false;  // The session has said where it was left.
    int m_busyStep = -1;
    QString m_busy;
    int m_waiting = 0;
    bool m_pumpQueued = false;
    bool m_checkWanted = false;
    QTimer m_tick;
    std::shared_ptr<Work> m_work;
    QThreadPool m_pool;
};

}  // namespace app::learn
