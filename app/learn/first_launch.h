#pragma once

#include <QVBoxLayout>
#include <QWidget>

#include <array>

#include "app/learn/first_minute.h"
#include "app/learn/trio_stage.h"
#include "app/shell/kit.h"

namespace app::learn {

/// Whether this machine can run the nodes, each a row with its facts.
struct LaunchCheck {
    QString name;
    QString says;
    bool fine = true;
    QString remedy;  // What a button beside it offers; empty: nothing helps.
    QString net;     // The remedy: start on these addresses,
    int nodes = 0;   // or so many nodes.
};
/// The first of 127.0.0, 127.0.1, … 127.0.29 on which all nodes' ports are free; 127.0.0 when none is.
QString freeNet(int nodes, int nativePort, int internodePort);
/// Memory and addresses, looked up now, and remedies that were seen to help.
std::vector<LaunchCheck> launchChecks(const QString& net, int nodes, int nativePort, int internodePort);
/// The check of memory, with so much free.
LaunchCheck memoryCheck(std::uint64_t free, int nodes);

/// One step of the first minute: mark, title, what became of it; open it shows its statement too.
class MinuteRow : public QWidget {
    Q_OBJECT

public:
    MinuteRow(const FirstMinute& minute, int step, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {320, sizeHint().height()}; }
    /// By the minute's state.
    void refresh();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool isOpen() const;

    const FirstMinute& m_minute;
    const int m_step;
    bool m_wasOpen = false;
};

/// First launch: what this is, whether it will work, one button, Enter does it; then a write that
/// survives a cut, a step a press, and the ways on.
class FirstLaunch : public QWidget {
    Q_OBJECT

public:
    FirstLaunch(sources::ClusterModel& model, QString net, QWidget* parent = nullptr);
    FirstMinute& minute() { return m_minute; }
    void setStarting() { m_minute.setStarting(); }
    void setStarted(qint64 milliseconds) { m_minute.setStarted(milliseconds); }
    void setFailed(const QString& why) { m_minute.setFailed(why); }
    /// The lab that the way on means; empty: not offered.
    void setFirstLab(const QString& id);

signals:
    void startWanted();
    /// A remedy was chosen: use these addresses, as 127.0.7,
    void netWanted(const QString& net);
    /// or start with so many nodes, without the first minute, which takes three.
    void nodesWanted(int nodes);
    void courseWanted();
    void consoleWanted();
    /// On the ring; `request` is what it shows, nil: nothing.
    void exploreWanted(const engine::Uuid& request);
    void labWanted(const QString& id);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeOffer();
    QWidget* makeSteps();
    void showChecks();
    void showPhase();
    void showOffer();
    void showSteps();
    void go();

    sources::ClusterModel& m_model;
    FirstMinute m_minute;
    QString m_net;  // Empty: freeNet().
    QString m_lab;
    shell::Label* m_step;
    shell::Label* m_title;
    shell::Prose* m_text;
    shell::Button* m_button;
    shell::Label* m_hint;
    shell::Button* m_skip;
    QWidget* m_offer;
    QWidget* m_steps;
    std::array<MinuteRow*, FirstMinute::kSteps> m_rows{};
    QVBoxLayout* m_checks;
    shell::Label* m_mark;
    TrioStage* m_stage;
};

}  // namespace app::learn
