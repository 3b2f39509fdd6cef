#include "app/shell/tour.h"

#include <QDir>

namespace app::shell {

namespace {
constexpr int kStepPatienceMillis = 60'000;
constexpr int kSettleMillis = 700;
constexpr const char* kRecordingName = "tour.events";
}  // namespace

Tour::Tour(MainWindow& window, QString lab, QString folder)
    : QObject(&window), m_window(window), m_lab(std::move(lab)), m_folder(std::move(folder)) {
    m_patience.setSingleShot(true);
    m_patience.setInterval(kStepPatienceMillis);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        end(m_step < 0 ? QString("the lab did not open") : QString("step %1 did not pass").arg(m_step + 1));
    });
}

void Tour::start() {
    if (!QDir().mkpath(m_folder)) {
        end("cannot write to " + m_folder);
        return;
    }
    m_recorder = std::make_unique<sources::Recorder>(m_window.model(), QDir(m_folder).filePath(kRecordingName));
    connect(&m_window, &MainWindow::clusterFailed, this, &Tour::end);
    connect(&m_window, &MainWindow::labOpened, this, [this] {
        connect(m_window.labPane().driver(), &learn::LabDriver::stepChanged, this, &Tour::stepPassed);
        QTimer::singleShot(kSettleMillis, this, [this] {
            shoot("start");
            solveStep(0);
        });
    });
    m_patience.start();
    m_window.openLab(m_lab);
}

void Tour::solveStep(int step) {
    learn::LabDriver* driver = m_window.labPane().driver();
    if (driver == nullptr) {
        end("the lab was closed");
        return;
    }
    if (step == static_cast<int>(driver->lab().steps.size())) {
        showViews();
        return;
    }
    m_step = step;
    m_patience.start();
    m_window.labPane().showStep(step);
    if (driver->state(step).verdict == lab::Verdict::Passed) {
        stepPassed();
    } else {
        driver->solve(step);
    }
}

void Tour::stepPassed() {
    learn::LabDriver* driver = m_window.labPane().driver();
    if (driver == nullptr || m_step < 0 || driver->state(m_step).verdict != lab::Verdict::Passed) {
        return;
    }
    const int passed = m_step;
    m_step = -1;  // Once for each step.
    QTimer::singleShot(kSettleMillis, this, [this, passed] {
        shoot(QString("step-%1").arg(passed + 1));
        solveStep(passed + 1);
    });
}

void Tour::showViews() {
    m_patience.start();
    for (int i = 0; i < m_window.explore().count(); ++i) {
        QTimer::singleShot(kSettleMillis * (i + 1), this, [this, i] {
            m_window.explore().show(i);
            QTimer::singleShot(kSettleMillis / 2, this, [this] { shoot(m_window.explore().currentView()->title().toLower()); });
        });
    }
    QTimer::singleShot(kSettleMillis * (m_window.explore().count() + 2), this, [this] {
        m_window.console().offer("SELECT cluster_name, release_version, data_center FROM system.local;", true);
        m_window.showPlace(Place::Console);
        QTimer::singleShot(kSettleMillis * 2, this, [this] {
            shoot("console");
            end(m_recorder->trouble());
        });
    });
}

void Tour::shoot(const QString& name) {
    const QString file = QString("%1-%2.png").arg(++m_pictures, 2, 10, QChar('0')).arg(name);
    if (!m_window.grab().save(QDir(m_folder).filePath(file))) {
        end("cannot write " + file);
    }
}

void Tour::end(const QString& trouble) {
    if (!m_ended) {
        m_ended = true;
        m_patience.stop();
        emit finished(trouble);
    }
}

}  // namespace app::shell
