#pragma once

#include <QMainWindow>
#include <QPointer>
#include <QSettings>
#include <QStackedWidget>

#include <memory>

#include "app/console/console_pane.h"
#include "app/learn/course_page.h"
#include "app/learn/first_launch.h"
#include "app/learn/lab_library.h"
#include "app/learn/lab_pane.h"
#include "app/shell/commands.h"
#include "app/shell/dock_group.h"
#include "app/shell/explore_page.h"
#include "app/shell/header_bar.h"
#include "app/shell/layout_plan.h"
#include "app/shell/palette.h"
#include "app/shell/rail.h"
#include "app/shell/status_strip.h"
#include "app/sources/local_cluster_source.h"

namespace app::shell {

/// What the program was started with.
struct WindowOptions {
    QString home;
    QString cluster;  // Empty: the last one.
    QString lab;
    QString net;      // "127.0.0" of new clusters; empty: the first that is free.
    bool startNow = false;
    bool resume = true;  // Open the last cluster and lab.
};

/// The window: places, docks, strips, and every command. It owns the cluster's source and model and
/// hands the model to all that draws. GUI thread.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    /// `library` and `runner` are what tests replace; the window owns them.
    MainWindow(const WindowOptions& options, std::unique_ptr<learn::LabLibrary> library, console::CqlRunner* runner);
    ~MainWindow() override;

    sources::ClusterModel& model() { return m_model; }
    console::ConsolePane& console() { return *m_console; }
    ExplorePage& explore() { return *m_explore; }
    learn::LabPane& labPane() { return *m_labPane; }
    const Commands& commands() const { return m_commands; }
    CommandPalette& commandPalette() { return *m_palette; }
    Place place() const { return m_place; }

    void showPlace(Place place);
    /// Goes to the lab's own cluster first; the lab begins once it runs.
    void openLab(const QString& id);
    void closeLab();
    /// Opens or creates the cluster and starts it, in parallel with everything else.
    void startCluster(const engine::local::ClusterSpec& spec);
    bool isStarted() const { return m_started; }

signals:
    void clusterStarted(qint64 milliseconds);
    void clusterFailed(const QString& why);
    void labOpened();

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    // Construction, each part by itself.
    void buildPlaces();
    void buildDocks();
    void buildCommands();
    void addPlaceCommands();
    void addViewCommands();
    void addConsoleCommands();
    void addLabCommands();
    void addClusterCommands();
    void addWindowCommands();
    void connectParts();
    void connectLab();
    void beginLab();
    void restoreSession();
    void saveSession();

    // The panes of the right dock and of the one below, in order.
    enum RightPane { LabPaneIndex, InspectorIndex };
    enum BottomPane { ConsoleIndex, EventsIndex, TranscriptIndex };

    // Layout.
    void applyPlan();
    /// In a narrow window the right dock stands over the others instead of beside them.
    void setRightOverlays(bool overlays);
    void placeOverlay();
    void foldBottom(bool folded);
    void toggleDock(DockGroup* dock, const char* key);
    void restoreDefaultLayout();
    void present(bool presenting);
    void cycleRegion(int step);
    QString overrideKey(const char* what) const;

    // Deeds.
    void showInspector();
    void showRequest(const engine::Uuid& request);
    void showMoment(const QString& moment);
    void makeChange(const learn::SmallestChange& change);
    void healAll();
    void stepTime(int step);
    void setPace(double factor);
    /// To the next slower factor of slow motion (1), or the next faster one (-1).
    void changePace(int direction);
    void nextTheme();
    void exportView();
    void openMainMenu();
    void openSourceMenu();
    void openNodeMenu(int number, const QPoint& global);
    void openSettingsMenu();
    engine::local::ClusterSpec threeNodes(const QString& name) const;
    void newCluster(const QString& base, const engine::local::ClusterSpec& spec);
    void showCourse();
    void updateCourse();
    void updateCommands();
    std::vector<PaletteEntry> paletteEntries();
    std::pair<Place, int> here() const { return {m_place, m_explore->current()}; }
    void walk(int step);
    void remember();

    const WindowOptions m_options;
    QString m_net;  // Of the clusters that are made here; empty: one that is free.
    QSettings m_settings;
    sources::ClusterModel m_model;
    std::unique_ptr<sources::LocalClusterSource> m_source;
    std::unique_ptr<learn::LabLibrary> m_library;
    std::unique_ptr<learn::LabDriver> m_driver;
    TranscriptModel m_transcript;
    Commands m_commands;

    HeaderBar* m_header = nullptr;
    Rail* m_rail = nullptr;
    QToolBar* m_railBar = nullptr;
    StatusStrip* m_status = nullptr;
    QStackedWidget* m_places = nullptr;
    learn::FirstLaunch* m_first = nullptr;
    learn::CoursePage* m_course = nullptr;
    ExplorePage* m_explore = nullptr;
    DockGroup* m_left = nullptr;
    DockGroup* m_right = nullptr;
    DockGroup* m_bottom = nullptr;
    console::ConsolePane* m_console = nullptr;
    learn::LabPane* m_labPane = nullptr;
    IconButton* m_foldButton = nullptr;
    CommandPalette* m_palette = nullptr;

    QAction* m_healAction = nullptr;
    QAction* m_liveAction = nullptr;
    std::vector<QAction*> m_labActions;

    QString m_labWanted;  // Waits for its cluster.
    Place m_place = Place::Learn;
    Place m_plannedFor = Place::Learn;
    bool m_started = false;
    bool m_presenting = false;
    bool m_laidOut = false;
    bool m_rightOverlays = false;
    int m_sizeClass = -1;
    std::vector<std::pair<Place, int>> m_walked;
    std::size_t m_walkedAt = 0;
    bool m_walking = false;
};

}  // namespace app::shell
