#pragma once

#include <QObject>
#include <QTimer>

#include "app/shell/main_window.h"
#include "app/sources/recorder.h"

namespace app::shell {

/// `--offscreen-tour FOLDER`: opens a lab, runs each step's solution, waits until its checks pass, and
/// saves a picture of the window for each; then of every view, and of the console. What the nodes told
/// meanwhile is left as tour.events. For packaging and tests: it proves that an installed program works.
/// GUI thread.
class Tour : public QObject {
    Q_OBJECT

public:
    Tour(MainWindow& window, QString lab, QString folder);
    void start();

signals:
    /// Empty: all steps passed. Else what did not.
    void finished(const QString& trouble);

private:
    void solveStep(int step);
    void stepPassed();
    void showViews();
    void shoot(const QString& name);
    void end(const QString& trouble);

    MainWindow& m_window;
    const QString m_lab;
    const QString m_folder;
    int m_step = -1;
    int m_pictures = 0;
    bool m_ended = false;
    QTimer m_patience;
    std::unique_ptr<sources::Recorder> m_recorder;
};

}  // namespace app::shell
