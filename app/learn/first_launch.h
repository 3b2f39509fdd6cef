#pragma once

#include <QWidget>

#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

namespace app::learn {

/// Whether this machine can run the nodes, each a row with its facts.
struct LaunchCheck {
    QString name;
    QString says;
    bool fine = true;
};
/// The first of 127.0.0, 127.0.1, … 127.0.9 on which all nodes' ports are free; 127.0.0 when none is.
QString freeNet(int nodes, int nativePort, int internodePort);
/// Memory and addresses, looked up now. Pure but for the operating system.
std::vector<LaunchCheck> launchChecks(const QString& net, int nodes, int nativePort, int internodePort);

/// The three nodes in a triangle: dashed until their process runs, whole when CQL answers.
class TrioStage : public QWidget {
    Q_OBJECT

public:
    explicit TrioStage(sources::ClusterModel& model, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    sources::ClusterModel& m_model;
};

/// First launch: what this is, whether it will work, one button, Enter does it. After the start it
/// offers the ways on.
class FirstLaunch : public QWidget {
    Q_OBJECT

public:
    FirstLaunch(sources::ClusterModel& model, QString net, QWidget* parent = nullptr);
    void setStarting();
    void setStarted(qint64 milliseconds);
    void setFailed(const QString& why);
    /// The lab that "Open the first lab" means; empty: not offered.
    void setFirstLab(const QString& id);

signals:
    void startWanted();
    void courseWanted();
    void consoleWanted();
    void exploreWanted();
    void labWanted(const QString& id);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum class Phase { Offer, Starting, Started, Failed };
    void showPhase();
    void go();

    sources::ClusterModel& m_model;
    const QString m_net;  // Empty: freeNet().
    Phase m_phase = Phase::Offer;
    qint64 m_took = 0;
    QString m_why;
    QString m_lab;
    shell::Label* m_title;
    shell::Prose* m_text;
    shell::Button* m_button;
    shell::Label* m_hint;
    QVBoxLayout* m_checks;
    TrioStage* m_stage;
};

}  // namespace app::learn
