#include "app/shell/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QListView>
#include <QTimer>
#include <QToolBar>

#include "app/explorer/inspector.h"
#include "app/shell/about.h"
#include "app/shell/cluster_pane.h"
#include "app/shell/event_list.h"
#include "app/shell/faults.h"
#include "app/shell/node_chip.h"

namespace app::shell {

namespace {

constexpr int kAutosaveMillis = 10'000;
constexpr char kDefaultCluster[] = "library-lab";

}  // namespace

MainWindow::MainWindow(const WindowOptions& options, std::unique_ptr<learn::LabLibrary> library,
                       console::CqlRunner* runner)
    : m_options(options), m_net(options.net),
      m_settings(QDir(options.home).filePath("ringside.ini"), QSettings::IniFormat),
      m_library(std::move(library)),
      m_commands(this) {
    setWindowTitle("Ringside");
    setMinimumSize(1024, 640);
    setDockNestingEnabled(false);
    setAnimated(false);
    setContextMenuPolicy(Qt::NoContextMenu);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    m_console = new console::ConsolePane(m_model, runner, QDir(options.home).filePath("console-history.jsonl"));
    buildPlaces();
    buildDocks();
    buildCommands();
    connectParts();
    updateCourse();
    restoreSession();
    auto* autosave = new QTimer(this);
    connect(autosave, &QTimer::timeout, this, &MainWindow::saveSession);
    autosave->start(kAutosaveMillis);
}

MainWindow::~MainWindow() {
    m_labPane->setDriver(nullptr);
    m_driver.reset();
    m_model.setSource(nullptr);
    m_source.reset();
}

// ---- Construction ----

void MainWindow::buildPlaces() {
    m_header = new HeaderBar(m_model);
    setMenuWidget(m_header);
    m_rail = new Rail({{"learn", "Learn", "Ctrl 1"}, {"explore", "Explore", "Ctrl 2"}, {"console", "Console", "Ctrl 3"}});
    m_railBar = new QToolBar("Places");
    m_railBar->setMovable(false);
    m_railBar->setFloatable(false);
    m_railBar->setStyleSheet("QToolBar { border: 0; margin: 0; padding: 0; spacing: 0; }");
    m_railBar->layout()->setContentsMargins(0, 0, 0, 0);
    m_rail->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    m_railBar->addWidget(m_rail);
    addToolBar(Qt::LeftToolBarArea, m_railBar);

    m_places = new QStackedWidget;
    m_first = new learn::FirstLaunch(m_model, m_options.net);
    m_course = new learn::CoursePage;
    m_explore = new ExplorePage(m_model, m_transcript);
    m_places->addWidget(m_first);
    m_places->addWidget(m_course);
    m_places->addWidget(m_explore);
    auto* central = new QWidget;
    auto* column = new QVBoxLayout(central);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_places);
    setCentralWidget(central);

    m_status = new StatusStrip(m_model);
    auto* foot = new QToolBar("Status");
    foot->setMovable(false);
    foot->setStyleSheet("QToolBar { border: 0; margin: 0; padding: 0; spacing: 0; }");
    foot->layout()->setContentsMargins(0, 0, 0, 0);
    m_status->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    foot->addWidget(m_status);
    addToolBar(Qt::BottomToolBarArea, foot);
    foot->setObjectName("status");
    m_railBar->setObjectName("rail");
    m_palette = new CommandPalette([this] { return paletteEntries(); }, this);
}

void MainWindow::buildDocks() {
    m_left = new DockGroup("Cluster", 40, Qt::RightEdge, this);
    auto* cluster = new ClusterPane(m_model);
    m_left->addPane("Cluster", cluster);
    m_left->setMinimumWidth(200);
    addDockWidget(Qt::LeftDockWidgetArea, m_left);
    connect(cluster, &ClusterPane::nodeMenuWanted, this, &MainWindow::openNodeMenu);
    connect(cluster, &ClusterPane::inspectorWanted, this, &MainWindow::showInspector);
    connect(cluster, &ClusterPane::statementOffered, m_console, &console::ConsolePane::offer);

    m_right = new DockGroup("Lab", 40, Qt::LeftEdge, this);
    m_labPane = new learn::LabPane;
    m_right->addPane("Lab", m_labPane);
    auto* inspector = new explorer::Inspector(m_model);
    connect(inspector, &explorer::Inspector::failed, this, [this](const QString& why) { m_status->sayBriefly(why); });
    m_right->addPane("Inspector", inspector);
    m_right->setMinimumWidth(LayoutPlan::kRightLeast);
    auto* closeRight = new IconButton("x", "Close this dock (F3)", nullptr, 26);
    m_right->addTool(closeRight);
    connect(closeRight, &QAbstractButton::clicked, this, [this] { toggleDock(m_right, "right"); });
    addDockWidget(Qt::RightDockWidgetArea, m_right);
    m_right->showPane(InspectorIndex);

    m_bottom = new DockGroup("Console", 34, Qt::TopEdge, this);
    m_bottom->addPane("Console", m_console);
    m_bottom->addPane("Events", new EventPane(m_model));
    auto* transcript = new QListView;
    transcript->setModel(&m_transcript);
    transcript->setAccessibleName("Transcript");
    transcript->setFont(sans(12.5));
    transcript->setSpacing(2);
    connect(&m_transcript, &QAbstractItemModel::rowsInserted, transcript, &QListView::scrollToBottom, Qt::QueuedConnection);
    m_bottom->addPane("Transcript", transcript);
    m_bottom->addTool(m_console->sheetTools());
    m_foldButton = new IconButton("down", "Fold the dock to its tabs", nullptr, 26);
    auto* maximise = new IconButton("max", "Maximise the console (Ctrl Shift `)", nullptr, 26);
    m_bottom->addTool(m_foldButton);
    m_bottom->addTool(maximise);
    addDockWidget(Qt::BottomDockWidgetArea, m_bottom);
    connect(m_foldButton, &QAbstractButton::clicked, this, [this] { foldBottom(!m_bottom->isFolded()); });
    connect(maximise, &QAbstractButton::clicked, this,
            [this] { showPlace(m_place == Place::Console ? Place::Explore : Place::Console); });
    connect(m_bottom, &DockGroup::foldWanted, this, &MainWindow::foldBottom);
    connect(m_bottom, &DockGroup::paneShown, this,
            [this](int index) { m_console->sheetTools()->setVisible(index == ConsoleIndex && !m_bottom->isFolded()); });
}

void MainWindow::connectParts() {
    connect(m_rail, &Rail::chosen, this, [this](int index) { showPlace(static_cast<Place>(index)); });
    connect(m_rail->settingsButton(), &QAbstractButton::clicked, this, &MainWindow::openSettingsMenu);
    connect(m_header, &HeaderBar::paletteWanted, this, [this] { m_palette->open(); });
    connect(m_header, &HeaderBar::themeWanted, this, &MainWindow::nextTheme);
    connect(m_header, &HeaderBar::healWanted, this, &MainWindow::healAll);
    connect(m_header, &HeaderBar::faultsWanted, this, [this] { m_left->show(); });
    connect(m_header, &HeaderBar::timeWanted, this, &MainWindow::stepTime);
    connect(m_header, &HeaderBar::paceWanted, this, &MainWindow::setPace);
    connect(m_header, &HeaderBar::nodeMenuWanted, this, &MainWindow::openNodeMenu);
    connect(m_header->menuButton(), &QAbstractButton::clicked, this, &MainWindow::openMainMenu);
    connect(m_header->sourceChip(), &QAbstractButton::clicked, this, &MainWindow::openSourceMenu);
    connect(m_console, &console::ConsolePane::noteChanged, m_bottom, &DockGroup::setRowNote);
    connect(m_console, &console::ConsolePane::requestChosen, this, &MainWindow::showRequest);
    connect(m_console, &console::ConsolePane::labWanted, this, &MainWindow::openLab);
    connect(m_explore, &ExplorePage::statementOffered, this, [this](const QString& cql, bool run) {
        foldBottom(false);
        m_bottom->showPane(ConsoleIndex);
        m_console->offer(cql, run);
    });
    connect(m_explore, &ExplorePage::resultWanted, this, [this](const engine::Uuid& request) {
        if (!m_console->showResultOf(request)) {
            m_status->sayBriefly("Its result is no longer in a sheet");
            return;
        }
        foldBottom(false);
        m_bottom->showPane(ConsoleIndex);
    });
    connect(m_explore, &ExplorePage::nodeMenuWanted, this, &MainWindow::openNodeMenu);
    connect(m_explore, &ExplorePage::inspectorWanted, this, &MainWindow::showInspector);
    connect(m_explore, &ExplorePage::exportWanted, this, &MainWindow::exportView);
    connect(m_explore, &ExplorePage::transcriptWanted, this, [this] {
        foldBottom(false);
        m_bottom->showPane(TranscriptIndex);
    });
    connect(m_explore, &ExplorePage::viewShown, this, [this] {
        applyPlan();
        remember();
    });
    connect(m_first, &learn::FirstLaunch::startWanted, this, [this] {
        startCluster(threeNodes(m_options.cluster.isEmpty() ? QString(kDefaultCluster) : m_options.cluster));
    });
    connect(m_first, &learn::FirstLaunch::netWanted, this, [this](const QString& net) { m_net = net; });
    connect(m_first, &learn::FirstLaunch::nodesWanted, this, [this](int nodes) {
        engine::local::ClusterSpec spec = threeNodes("one-node");
        spec.datacenters.front().second = nodes;
        startCluster(spec);
        showPlace(Place::Explore);
    });
    connect(m_first, &learn::FirstLaunch::courseWanted, this, &MainWindow::showCourse);
    connect(m_first, &learn::FirstLaunch::consoleWanted, this, [this] { showPlace(Place::Console); });
    connect(m_first, &learn::FirstLaunch::exploreWanted, this, [this](const engine::Uuid& request) {
        showPlace(Place::Explore);
        m_explore->show("Ring");
        if (!request.isNil()) {
            m_model.selection().setRequest(request);
        }
    });
    connect(m_first, &learn::FirstLaunch::labWanted, this, &MainWindow::openLab);
    connect(m_course, &learn::CoursePage::labChosen, this, &MainWindow::openLab);
    connect(&m_model, &sources::ClusterModel::nodesChanged, this, &MainWindow::updateCommands);
    connect(&m_model, &sources::ClusterModel::momentChanged, this, &MainWindow::updateCommands);
    connectLab();
}

// ---- Session ----

void MainWindow::restoreSession() {
    m_console->restore(m_settings);
    if (m_settings.contains("window/geometry")) {
        restoreGeometry(m_settings.value("window/geometry").toByteArray());
    } else {
        resize(1366, 768);
    }
    theme().setZoom(m_settings.value("zoom", 1.0).toDouble());
    theme().setReducedMotion(m_settings.value("reducedMotion", false).toBool());
    if (m_explore->count() > 0) {
        m_explore->show(m_settings.value("view", 0).toInt());
    }
    const QString last = !m_options.cluster.isEmpty() ? m_options.cluster
                         : m_options.resume           ? m_settings.value("cluster").toString()
                                                      : QString();
    const auto known = engine::local::LocalCluster::list(m_options.home.toStdString());
    const bool exists = std::find(known.begin(), known.end(), last.toStdString()) != known.end();
    const QString lab = !m_options.lab.isEmpty() ? m_options.lab
                        : m_options.resume && m_options.cluster.isEmpty() ? m_settings.value("lab").toString()
                                                                          : QString();
    if (!lab.isEmpty() && m_library != nullptr && m_library->find(lab) != nullptr) {
        openLab(lab);
    } else if (!last.isEmpty() && (exists || m_options.startNow)) {
        startCluster(threeNodes(last));
    } else if (m_options.startNow) {
        startCluster(threeNodes(kDefaultCluster));
    }
    showPlace(!m_options.lab.isEmpty() ? Place::Explore
              : m_source != nullptr ? static_cast<Place>(m_settings.value("place", static_cast<int>(Place::Explore)).toInt())
                                    : Place::Learn);
}

void MainWindow::saveSession() {
    m_console->save(m_settings);
    m_settings.setValue("window/geometry", saveGeometry());
    m_settings.setValue("place", static_cast<int>(m_place));
    m_settings.setValue("view", m_explore->count() > 0 ? m_explore->current() : 0);
    m_settings.setValue("theme", nameOf(theme().kind()));
    m_settings.sync();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    saveSession();
    QMainWindow::closeEvent(event);
}

// ---- Cluster ----

void MainWindow::startCluster(const engine::local::ClusterSpec& spec) {
    if (m_source != nullptr && !m_source->nodes().empty()) {
        // One cluster at a time: the addresses are the same.
        auto* old = m_source.release();
        m_model.setSource(nullptr);
        closeLab();
        m_status->say("Stopping " + old->name());
        connect(old, &sources::LocalClusterSource::closed, this, [this, old, spec] {
            old->deleteLater();
            startCluster(spec);
        });
        old->close();
        return;
    }
    m_started = false;
    m_source = std::make_unique<sources::LocalClusterSource>(m_options.home);
    m_model.setSource(m_source.get());
    const QString name = QString::fromStdString(spec.name);
    m_header->sourceChip()->setName(name);
    m_settings.setValue("cluster", name);
    m_first->setStarting();
    m_status->say("Starting " + name);
    connect(m_source.get(), &sources::ClusterSource::started, this, [this](qint64 milliseconds) {
        m_started = true;
        m_status->say({});
        const auto count = static_cast<int>(m_model.nodes().size());
        m_status->sayBriefly(QString("%1 s, %2 answering CQL").arg(static_cast<double>(milliseconds) / 1000, 0, 'f', 1).arg(counted(count, "node")));
        m_first->setStarted(milliseconds);
        updateCommands();
        beginLab();
        emit clusterStarted(milliseconds);
    });
    connect(m_source.get(), &sources::ClusterSource::failed, this, [this](const QString& why) {
        m_status->say("Not started: " + why);
        m_first->setFailed(why);
        m_header->sourceChip()->setName({});
        m_place = Place::Learn;
        m_rail->setCurrent(0);
        m_places->setCurrentWidget(m_first);
        applyPlan();
        emit clusterFailed(why);
    });
    connect(m_source.get(), &sources::ClusterSource::actionFinished, this,
            [this](sources::NodeAction, int node, const QString& error) {
                if (!error.isEmpty()) {
                    m_status->sayBriefly(QString("n%1: %2").arg(node).arg(error));
                }
            });
    connect(m_source.get(), &sources::ClusterSource::linksChanged, this, [this](const QString& done, const QString& error) {
        m_status->sayBriefly(error.isEmpty() ? done : done + ", not done: " + error);
    });
    m_source->start(spec);
}

engine::local::ClusterSpec MainWindow::threeNodes(const QString& name) const {
    engine::local::ClusterSpec spec;
    spec.name = name.toStdString();
    spec.net = (m_net.isEmpty() ? learn::freeNet(3, spec.nativePort, spec.internodePort) : m_net).toStdString();
    return spec;
}

void MainWindow::newCluster(const QString& base, const engine::local::ClusterSpec& shape) {
    const auto known = engine::local::LocalCluster::list(m_options.home.toStdString());
    engine::local::ClusterSpec spec = shape;
    spec.net = threeNodes(base).net;
    for (int n = 1;; ++n) {
        spec.name = (n == 1 ? base : QString("%1-%2").arg(base).arg(n)).toStdString();
        if (std::find(known.begin(), known.end(), spec.name) == known.end()) {
            break;
        }
    }
    startCluster(spec);
    if (m_place == Place::Learn) {
        showPlace(Place::Explore);
    }
}

void MainWindow::healAll() {
    for (const Fault& fault : faultsOf(m_model.nodes())) {
        heal(*m_model.source(), fault);
    }
}

// ---- Deeds ----

void MainWindow::showInspector() {
    if (!m_right->isVisible()) {
        toggleDock(m_right, "right");
    }
    m_right->showPane(InspectorIndex);
}

void MainWindow::showRequest(const engine::Uuid& request) {
    m_model.selection().setRequest(request);
    showPlace(Place::Explore);
    m_explore->show("Traffic");
}

void MainWindow::setPace(double factor) {
    if (m_model.source() != nullptr) {
        m_model.source()->setPace(factor);
    }
}

void MainWindow::changePace(int direction) {
    const auto& all = paces();
    const auto at = std::lower_bound(all.begin(), all.end(), static_cast<int>(m_model.pace())) - all.begin();
    const auto next = std::clamp<std::ptrdiff_t>(at + direction, 0, static_cast<std::ptrdiff_t>(all.size()) - 1);
    setPace(all[static_cast<std::size_t>(next)]);
}

void MainWindow::stepTime(int step) {
    if (step != 0) {
        m_model.step(step);
    } else if (m_model.isLive()) {
        m_model.showMoment(m_model.live().nanos);
    } else {
        m_model.goLive();
    }
}

void MainWindow::nextTheme() {
    theme().setKind(static_cast<ThemeKind>((static_cast<int>(theme().kind()) + 1) % 3));
    m_settings.setValue("theme", nameOf(theme().kind()));
}

void MainWindow::exportView() {
    if (m_explore->count() == 0) {
        return;
    }
    const QString suggested = m_explore->currentView()->title().toLower() + ".png";
    const QString file = QFileDialog::getSaveFileName(this, "Export the picture", suggested, "PNG (*.png);;SVG (*.svg)");
    if (!file.isEmpty()) {
        const QString trouble = m_explore->exportTo(file);
        m_status->sayBriefly(trouble.isEmpty() ? "Exported to " + file : trouble);
    }
}

void MainWindow::remember() {
    if (m_walking || (!m_walked.empty() && m_walked[m_walkedAt] == here())) {
        return;
    }
    m_walked.resize(m_walked.empty() ? 0 : m_walkedAt + 1);
    m_walked.push_back(here());
    m_walkedAt = m_walked.size() - 1;
}

void MainWindow::walk(int step) {
    const auto to = static_cast<std::ptrdiff_t>(m_walkedAt) + step;
    if (to < 0 || to >= static_cast<std::ptrdiff_t>(m_walked.size())) {
        return;
    }
    m_walkedAt = static_cast<std::size_t>(to);
    m_walking = true;
    const auto [place, view] = m_walked[m_walkedAt];
    showPlace(place);
    if (m_explore->count() > 0) {
        m_explore->show(view);
    }
    m_walking = false;
}

}  // namespace app::shell
