// The commands of the window and the menus made from them.

#include <QMenu>

#include "app/shell/about.h"
#include "app/shell/faults.h"
#include "app/shell/main_window.h"
#include "app/shell/node_chip.h"

namespace app::shell {

void MainWindow::buildCommands() {
    addPlaceCommands();
    addViewCommands();
    addConsoleCommands();
    addLabCommands();
    addClusterCommands();
    addWindowCommands();
    updateCommands();
}

void MainWindow::addPlaceCommands() {
    m_commands.add("Go", "Learn", {QKeySequence("Ctrl+1")}, [this] { showPlace(Place::Learn); }, "learn");
    m_commands.add("Go", "Explore", {QKeySequence("Ctrl+2")}, [this] { showPlace(Place::Explore); }, "explore");
    m_commands.add("Go", "Console", {QKeySequence("Ctrl+3")}, [this] { showPlace(Place::Console); }, "console");
    for (int i = 0; i < m_explore->count(); ++i) {
        m_commands.add("Go", m_explore->view(i)->title() + " view", {QKeySequence(QString("Alt+%1").arg(i + 1))}, [this, i] {
            showPlace(Place::Explore);
            m_explore->show(i);
        });
    }
    m_commands.add("Go", "Back", {QKeySequence("Alt+Left")}, [this] { walk(-1); }, "left");
    m_commands.add("Go", "Forward", {QKeySequence("Alt+Right")}, [this] { walk(1); }, "right");
    m_commands.add("Go", "Next region", {QKeySequence("F6")}, [this] { cycleRegion(1); });
    m_commands.add("Go", "Last region", {QKeySequence("Shift+F6")}, [this] { cycleRegion(-1); });
    m_commands.add("Go", "Search or run a command", {QKeySequence("Ctrl+Shift+P")}, [this] { m_palette->open(); }, "search");
}

void MainWindow::addViewCommands() {
    const auto withView = [this](auto&& deed) {
        return [this, deed] {
            if (m_explore->count() > 0) {
                showPlace(Place::Explore);
                deed();
            }
        };
    };
    m_commands.add("View", "Look up a key", {QKeySequence("Ctrl+K")}, withView([this] {
        if (m_explore->currentView()->title() != "Ring") {
            m_explore->show("Ring");
        }
        m_explore->currentView()->focusSearch();
    }), "target");
    m_commands.add("View", "Find in this view", {QKeySequence("Ctrl+F")}, withView([this] { m_explore->currentView()->focusSearch(); }));
    m_commands.add("View", "Table of this view", {QKeySequence("Ctrl+T")},
                   withView([this] { m_explore->setTableShown(!m_explore->isTableShown()); }), "table");
    m_commands.add("View", "Transcript", {QKeySequence("Ctrl+Shift+T")}, [this] { emit m_explore->transcriptWanted(); }, "text");
    m_commands.add("View", "Export the picture", {QKeySequence("Ctrl+E")}, withView([this] { exportView(); }), "camera");
    m_liveAction = m_commands.add("View", "Go live", {QKeySequence("Ctrl+End")}, [this] { m_model.goLive(); }, "clock");
    m_commands.add("View", "Hold the picture, or go live", {QKeySequence("F8")}, [this] { stepTime(0); }, "pause");
    m_commands.add("View", "Slower: time of all nodes", {QKeySequence("Ctrl+F9")}, [this] { changePace(1); }, "clock");
    m_commands.add("View", "Faster: time of all nodes", {QKeySequence("Ctrl+Shift+F9")}, [this] { changePace(-1); }, "clock");
    m_commands.add("View", "Step to the next event", {QKeySequence("F9")}, [this] { stepTime(1); }, "step");
    m_commands.add("View", "Step back to the last event", {QKeySequence("Shift+F9")}, [this] { stepTime(-1); }, "back");
    m_commands.add("View", "Clear the selection", {}, [this] { m_model.selection().clear(); });
    m_commands.add("View", "Larger content", {QKeySequence("Ctrl+="), QKeySequence("Ctrl++")}, [this] {
        theme().setZoom(theme().zoom() + .125);
        m_settings.setValue("zoom", theme().zoom());
    });
    m_commands.add("View", "Smaller content", {QKeySequence("Ctrl+-")}, [this] {
        theme().setZoom(theme().zoom() - .125);
        m_settings.setValue("zoom", theme().zoom());
    });
    m_commands.add("View", "Content at 100 %", {QKeySequence("Ctrl+0")}, [this] {
        theme().setZoom(1);
        m_settings.setValue("zoom", 1.0);
    });
}

void MainWindow::addConsoleCommands() {
    const auto inConsole = [this](auto&& deed) {
        return [this, deed] {
            if (m_place == Place::Learn) {
                showPlace(Place::Console);
            }
            if (m_bottom->isFolded()) {
                foldBottom(false);
            }
            m_bottom->showPane(0);
            deed();
        };
    };
    m_commands.add("Console", "Run the statement", {QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")}, inConsole([this] { m_console->runChosen(); }), "play");
    m_commands.add("Console", "Run the whole sheet", {QKeySequence("Ctrl+Shift+Return"), QKeySequence("Ctrl+Shift+Enter")},
                   inConsole([this] { m_console->runAll(); }));
    m_commands.add("Console", "Stop", {QKeySequence("Esc")}, [this] { m_console->stop(); }, "stop");
    m_commands.add("Console", "Go to the console", {QKeySequence("Ctrl+`")}, inConsole([this] { m_console->focusEditor(); }), "console");
    m_commands.add("Console", "Maximise the console", {QKeySequence("Ctrl+Shift+`"), QKeySequence("Ctrl+~")},
                   [this] { showPlace(m_place == Place::Console ? Place::Explore : Place::Console); }, "max");
    m_commands.add("Console", "New sheet", {QKeySequence("Ctrl+N")}, inConsole([this] {
        m_console->newSheet();
        m_console->focusEditor();
    }), "plus");
    m_commands.add("Console", "Open a file in a sheet", {QKeySequence("Ctrl+O")}, inConsole([this] { m_console->askForFile(); }), "file");
    m_commands.add("Console", "Save the sheet", {QKeySequence("Ctrl+S")}, inConsole([this] { m_console->saveFile(); }), "download");
    m_commands.add("Console", "Save the sheet as", {QKeySequence("Ctrl+Shift+S")}, inConsole([this] { m_console->saveFileAs(); }));
    m_commands.add("Console", "Rename the sheet", {QKeySequence("Ctrl+Shift+R")}, inConsole([this] { m_console->askForName(); }));
    m_commands.add("Console", "Close the sheet", {QKeySequence("Ctrl+W")}, inConsole([this] { m_console->closeSheet(); }), "x");
    m_commands.add("Console", "Reopen the sheet closed last", {QKeySequence("Ctrl+Shift+W")}, inConsole([this] { m_console->reopenSheet(); }));
    m_commands.add("Console", "Statements run before", {}, inConsole([this] { m_console->showHistory(); }), "history");
}

void MainWindow::addLabCommands() {
    m_labActions = {
        m_commands.add("Lab", "Re-check", {QKeySequence("Ctrl+R")}, [this] { m_labPane->recheck(); }, "refresh"),
        m_commands.add("Lab", "Next step", {QKeySequence("Ctrl+Shift+N")}, [this] { m_labPane->next(); }, "right"),
        m_commands.add("Lab", "Hint", {QKeySequence("Ctrl+H")}, [this] { m_labPane->hint(); }, "bulb"),
        m_commands.add("Lab", "Undo the last reset", {}, [this] { m_driver->undoReset(); }, "undo"),
        m_commands.add("Lab", "Close the lab", {}, [this] {
            closeLab();
            showCourse();
        }, "x"),
    };
    m_commands.add("Lab", "Course", {}, [this] { showCourse(); }, "learn");
}

void MainWindow::addClusterCommands() {
    m_healAction = m_commands.add("Cluster", "Heal all", {QKeySequence("Ctrl+Shift+H")}, [this] { healAll(); }, "heal");
    using engine::local::ClusterSpec;
    const auto shape = [](std::vector<std::pair<std::string, int>> datacenters, int racks) {
        ClusterSpec spec;
        spec.datacenters = std::move(datacenters);
        spec.racks = racks;
        return spec;
    };
    m_commands.add("Cluster", "New cluster: one node", {},
                   [this, shape] { newCluster("one-node", shape({{"datacenter1", 1}}, 1)); }, "plus");
    m_commands.add("Cluster", "New cluster: three nodes", {},
                   [this, shape] { newCluster("three-nodes", shape({{"datacenter1", 3}}, 1)); }, "plus");
    m_commands.add("Cluster", "New cluster: three nodes, small memtables", {}, [this, shape] {
        ClusterSpec spec = shape({{"datacenter1", 3}}, 1);
        // Flushes and compactions within seconds instead of hours.
        spec.settings = {{"memtable_heap_space", "4MiB"}, {"commitlog_segment_size", "1MiB"}};
        newCluster("small-memtables", spec);
    }, "plus");
    m_commands.add("Cluster", "New cluster: six nodes, two datacenters, three racks", {},
                   [this, shape] { newCluster("two-datacenters", shape({{"dc1", 3}, {"dc2", 3}}, 3)); }, "plus");
}

void MainWindow::addWindowCommands() {
    m_commands.add("Window", "Cluster dock", {QKeySequence("F2")}, [this] { toggleDock(m_left, "left"); }, "db");
    m_commands.add("Window", "Lab dock", {QKeySequence("F3")}, [this] {
        if (m_right->isVisible() && m_right->currentPane() != 0) {
            m_right->showPane(0);
            return;
        }
        m_right->showPane(0);
        toggleDock(m_right, "right");
    }, "learn");
    m_commands.add("Window", "Inspector", {QKeySequence("F4")}, [this] { showInspector(); }, "search");
    m_commands.add("Window", "Restore default layout", {}, [this] { restoreDefaultLayout(); }, "undo");
    m_commands.add("Window", "Full screen", {QKeySequence("F11")}, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); }, "max");
    m_commands.add("Window", "Presenter", {QKeySequence("Ctrl+F11")}, [this] { present(!m_presenting); }, "eye");
    m_commands.add("Window", "Light theme", {}, [this] { theme().setKind(ThemeKind::Light); }, "sun");
    m_commands.add("Window", "Dark theme", {}, [this] { theme().setKind(ThemeKind::Dark); }, "moon");
    m_commands.add("Window", "High contrast theme", {}, [this] { theme().setKind(ThemeKind::Contrast); }, "contrast");
    m_commands.add("Window", "Reduce motion", {}, [this] {
        theme().setReducedMotion(!theme().reducedMotion());
        m_settings.setValue("reducedMotion", theme().reducedMotion());
        m_status->sayBriefly(theme().reducedMotion() ? "Motion is reduced" : "Motion is shown");
    });
    m_commands.add("Help", "First page", {}, [this] {
        showPlace(Place::Learn);
        m_places->setCurrentWidget(m_first);
    }, "info");
    m_commands.add("Help", "Shortcuts", {}, [this] { ShortcutsBox(m_commands, this).exec(); }, "keyboard");
    m_commands.add("Help", "About Ringside", {}, [this] { AboutBox(this).exec(); }, "info");
    m_commands.add("Help", "Quit", {QKeySequence("Ctrl+Q")}, [this] { close(); }, "power");
    m_commands.add({}, "Menu", {QKeySequence("F10")}, [this] { openMainMenu(); }, "menu");
}

void MainWindow::updateCommands() {
    const auto faults = faultsOf(m_model.nodes());
    Commands::allow(m_healAction, !faults.empty(), "no faults");
    Commands::allow(m_liveAction, !m_model.isLive(), "live already");
    for (QAction* action : m_labActions) {
        Commands::allow(action, m_driver != nullptr, "no lab is open");
    }
}

void MainWindow::openMainMenu() {
    QMenu menu(this);
    for (const QString& name : m_commands.menus()) {
        QMenu* sub = menu.addMenu(name);
        for (QAction* action : m_commands.ofMenu(name)) {
            if (!action->objectName().isEmpty()) {
                action->setIcon(menuIcon(action->objectName()));
            }
            sub->addAction(action);
        }
    }
    const QWidget* button = m_header->menuButton();
    menu.exec(button->mapToGlobal(QPoint(0, button->height() + 4)));
}

void MainWindow::openSourceMenu() {
    QMenu menu(this);
    for (const std::string& known : engine::local::LocalCluster::list(m_options.home.toStdString())) {
        const QString name = QString::fromStdString(known);
        QAction* action = menu.addAction(menuIcon("db"), name, this, [this, known] {
            engine::local::ClusterSpec spec;
            spec.name = known;
            startCluster(spec);
            if (m_place == Place::Learn) {
                showPlace(Place::Explore);
            }
        });
        action->setEnabled(m_source == nullptr || m_source->name() != name);
    }
    menu.addSeparator();
    for (QAction* action : m_commands.ofMenu("Cluster")) {
        menu.addAction(action);
    }
    const QWidget* chip = m_header->sourceChip();
    menu.exec(chip->mapToGlobal(QPoint(0, chip->height() + 4)));
}

void MainWindow::openNodeMenu(int number, const QPoint& global) {
    QMenu menu(this);
    fillNodeMenu(menu, m_model, number);
    fillLinkMenu(menu, m_model, number);
    menu.addSeparator();
    menu.addAction(menuIcon("search"), "Open in the Inspector", this, [this, number] {
        if (const sources::NodeInfo* node = m_model.node(number)) {
            m_model.selection().setNode(node->name);
        }
        showInspector();
    });
    menu.exec(global);
}

void MainWindow::openSettingsMenu() {
    QMenu menu(this);
    for (QAction* action : m_commands.ofMenu("Window")) {
        menu.addAction(action);
    }
    menu.addSeparator();
    for (QAction* action : m_commands.ofMenu("Help")) {
        menu.addAction(action);
    }
    const QWidget* button = m_rail->settingsButton();
    const QPoint corner = button->mapToGlobal(QPoint(button->width() + 8, button->height()));
    menu.exec(corner - QPoint(0, menu.sizeHint().height()));
}

std::vector<PaletteEntry> MainWindow::paletteEntries() {
    std::vector<PaletteEntry> entries;
    for (QAction* action : m_commands.all()) {
        const QList<QKeySequence> keys = action->shortcuts();
        entries.push_back({'>', action->objectName(), action->text(), keys.isEmpty() ? QString() : Commands::keyText(keys.first()),
                           action->isEnabled() ? QString() : action->statusTip(), [action] { action->trigger(); }});
    }
    using sources::NodeAction;
    using sources::ProcessState;
    for (const sources::NodeInfo& node : m_model.nodes()) {
        const auto act = [&](const QString& verb, NodeAction action, bool possible, const QString& refusal) {
            entries.push_back({'@', "db", verb + ' ' + node.label(), node.address, possible ? QString() : refusal,
                               [this, action, number = node.number] { m_model.source()->perform(action, number); }});
        };
        const bool running = node.process == ProcessState::Running;
        const bool paused = node.process == ProcessState::Paused;
        act("Pause", NodeAction::Pause, running, "not running");
        act("Resume", NodeAction::Resume, paused, "not paused");
        act("Stop", NodeAction::Stop, running, "not running");
        act("Kill", NodeAction::Kill, running || paused, "not running");
        act("Start", NodeAction::Start, node.process == ProcessState::Stopped, "already running");
        sources::LinkChange cut;
        cut.kind = sources::LinkChange::Kind::CutOff;
        cut.from = node.number;
        entries.push_back({'@', "cut", QString("Cut %1 off").arg(node.label()), node.address,
                           !running ? "not running" : node.isCutOff() ? "cut off already" : QString(),
                           [this, cut] { m_model.source()->changeLinks(cut); }});
    }
    for (const auto& keyspace : m_model.live().keyspaces) {
        for (const std::string& table : keyspace.tables) {
            const QString name = QString::fromStdString(keyspace.name + '.' + table);
            entries.push_back({'#', "table", name, "table", {}, [this, name] { m_model.selection().setTable(name); }});
        }
    }
    if (m_library != nullptr) {
        for (const lab::Lab& one : m_library->labs()) {
            const QString id = QString::fromStdString(one.id);
            entries.push_back({'?', "learn", QString::fromStdString(one.title), "lab", {}, [this, id] { openLab(id); }});
        }
    }
    return entries;
}

}  // namespace app::shell
