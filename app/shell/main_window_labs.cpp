// Labs: the one that is open, the course, and what a step's buttons do.

#include "app/shell/main_window.h"

namespace app::shell {

void MainWindow::connectLab() {
    connect(m_labPane, &learn::LabPane::courseWanted, this, &MainWindow::showCourse);
    connect(m_labPane, &learn::LabPane::finished, this, [this] {
        updateCourse();
        showCourse();
    });
    const auto toConsole = [this](const QString& cql, bool run) {
        if (m_place == Place::Learn) {
            showPlace(Place::Explore);
        }
        foldBottom(false);
        m_bottom->showPane(ConsoleIndex);
        m_console->offer(cql, run);
    };
    connect(m_labPane, &learn::LabPane::snippetRun, this, [toConsole](const QString& cql) { toConsole(cql, true); });
    connect(m_labPane, &learn::LabPane::snippetOffered, this, [toConsole](const QString& cql) { toConsole(cql, false); });
    connect(m_labPane, &learn::LabPane::changeWanted, this, &MainWindow::makeChange);
    connect(m_labPane, &learn::LabPane::momentWanted, this, &MainWindow::showMoment);
}

void MainWindow::openLab(const QString& id) {
    const lab::Lab* wanted = m_library != nullptr ? m_library->find(id) : nullptr;
    if (wanted == nullptr) {
        m_status->sayBriefly("There is no lab " + id);
        return;
    }
    m_labWanted = id;
    engine::local::ClusterSpec spec = m_library->clusterOf(*wanted);
    if (m_source != nullptr && m_source->name().toStdString() == spec.name) {
        if (m_started) {
            beginLab();
        }
    } else {
        spec.net = threeNodes(id).net;
        startCluster(spec);
    }
    showPlace(Place::Explore);
}

void MainWindow::beginLab() {
    const lab::Lab* wanted = m_library != nullptr ? m_library->find(m_labWanted) : nullptr;
    m_labWanted.clear();
    if (wanted == nullptr) {
        return;
    }
    m_settings.setValue("lab", QString::fromStdString(wanted->id));
    m_labPane->setDriver(nullptr);
    m_driver = m_library->open(*wanted, m_model);
    connect(m_driver.get(), &learn::LabDriver::announced, this, [this](const QString& words) {
        m_transcript.say("Lab", words, clockText(m_model.wallMicrosOf(m_model.live().nanos)));
        m_labPane->setAccessibleDescription(words);
        if (words.endsWith("passed")) {
            m_model.addMark(sources::MarkKind::Lab, words.section(',', 0, 0));
        }
    });
    connect(m_driver.get(), &learn::LabDriver::stepChanged, this, &MainWindow::updateCommands);
    m_labPane->setDriver(m_driver.get());
    m_right->showPane(LabPaneIndex);
    m_settings.remove(overrideKey("right"));
    applyPlan();
    updateCommands();
    emit labOpened();
}

void MainWindow::closeLab() {
    m_labPane->setDriver(nullptr);
    m_driver.reset();
    m_settings.remove("lab");
    updateCourse();
    updateCommands();
}

void MainWindow::updateCourse() {
    if (m_library == nullptr) {
        return;
    }
    std::map<QString, learn::LabProgress> progress;
    const auto labs = m_library->labs();
    for (const lab::Lab& one : labs) {
        const QString id = QString::fromStdString(one.id);
        progress[id] = m_library->progress(one);
    }
    m_first->setFirstLab(labs.empty() ? QString() : QString::fromStdString(labs.front().id));
    m_course->setLabs(labs, std::move(progress), m_library->guesses(), m_library->problems());
}

void MainWindow::showCourse() {
    updateCourse();
    showPlace(Place::Learn);
    m_places->setCurrentWidget(m_library != nullptr && !m_library->labs().empty() ? static_cast<QWidget*>(m_course) : m_first);
}

void MainWindow::makeChange(const learn::SmallestChange& change) {
    foldBottom(false);
    m_bottom->showPane(ConsoleIndex);
    m_console->runBar().markSetting(change.setting);
    if (change.setting == "Consistency") {
        m_console->runBar().setConsistency(change.value);
    } else {
        console::RunSettings settings = m_console->runBar().settings();
        settings.coordinatorLabel = change.value;
        m_console->runBar().setSettings(settings);
    }
    m_console->runChosen();
}

void MainWindow::showMoment(const QString& moment) {
    if (const auto id = engine::Uuid::parse(moment.toStdString())) {
        if (const auto request = m_model.live().request(*id)) {
            m_model.showMoment(request->answeredNanos != 0 ? request->answeredNanos : request->startedNanos);
        }
        showRequest(*id);
    }
}

}  // namespace app::shell
