#include <QAbstractItemModelTester>
#include <QtTest>

#include "app/shell/event_list.h"
#include "app/shell/faults.h"
#include "app/shell/main_window.h"

using namespace app;
using namespace app::shell;

namespace {

engine::observe::Event heartbeat(std::int64_t nanos) {
    return {"127.0.0.1:7000", nanos, nanos / 1000, 1, engine::observe::NodeMetrics{}};
}

}  // namespace

/// The window's parts: what size and place ask of the docks, lists, palette, timeline, keyboard.
class ShellTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { theme().install(ThemeKind::Light); }
    void theWindowsSizeDecidesTheDocks_data();
    void theWindowsSizeDecidesTheDocks();
    void aDocksRowShowsItsTabs();
    void eventListIsBounded();
    void transcriptTellsASentenceOnce();
    void thePaletteFindsByLettersInOrder();
    void pausedAndStoppedNodesAreFaults();
    void theTimelineMapsTimeBothWays();
    void thePastIsFoldedAgain();
    void shortcutsReachEveryPlace();
};

void ShellTest::theWindowsSizeDecidesTheDocks_data() {
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("lab");
    QTest::addColumn<bool>("cluster");
    QTest::addColumn<bool>("right");
    QTest::addColumn<bool>("folded");
    QTest::newRow("wide") << QSize(1920, 1080) << false << true << true << false;
    QTest::newRow("laptop without a lab") << QSize(1366, 768) << false << false << false << true;
    QTest::newRow("laptop in a lab") << QSize(1366, 768) << true << false << true << false;
    QTest::newRow("smallest in a lab") << QSize(1024, 640) << true << false << true << false;
}

void ShellTest::theWindowsSizeDecidesTheDocks() {
    QFETCH(const QSize, size);
    QFETCH(const bool, lab);
    const LayoutPlan plan = LayoutPlan::of(size, Place::Explore, "Ring", lab);
    QTEST(plan.clusterOpen, "cluster");
    QTEST(plan.rightOpen, "right");
    QTEST(plan.bottomFolded, "folded");
    QVERIFY(!LayoutPlan::of(size, Place::Learn, "Ring", lab).bottomShown);
}

void ShellTest::aDocksRowShowsItsTabs() {
    QMainWindow window;
    auto* dock = new DockGroup("Lab", 40, Qt::LeftEdge, &window);
    dock->addPane("Lab", new QWidget);
    dock->addPane("Inspector", new QWidget);
    window.setCentralWidget(new QWidget);
    window.addDockWidget(Qt::RightDockWidgetArea, dock);
    window.resize(800, 600);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCOMPARE(dock->titleBarWidget()->height(), 40);
    QVERIFY(dock->findChild<TabStrip*>()->width() > 60);
}

void ShellTest::eventListIsBounded() {
    sources::ClusterModel cluster;
    EventListModel model(cluster);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (int batch = 0; batch < 4; ++batch) {
        model.append(std::vector<engine::observe::Event>(1500, heartbeat(batch)));
    }
    QCOMPARE(model.rowCount(), EventListModel::kEventsMax);
    QCOMPARE(model.index(0, EventListModel::Name).data().toString(), QString("NodeMetrics"));
}

void ShellTest::transcriptTellsASentenceOnce() {
    TranscriptModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.say("Ring", "n1 answers.", "10:00:00");
    model.say("Ring", "n1 answers.", "10:00:01");
    model.say("Ring", "n2 answers.", "10:00:02");
    QCOMPARE(model.rowCount(), 2);
}

void ShellTest::thePaletteFindsByLettersInOrder() {
    QVERIFY(fuzzyScore("heal", "Heal all") > fuzzyScore("heal", "The alert"));
    QVERIFY(fuzzyScore("dt", "Dark theme") >= 0);
    QVERIFY(fuzzyScore("xyz", "Dark theme") < 0);
}

void ShellTest::pausedAndStoppedNodesAreFaults() {
    std::vector<sources::NodeInfo> nodes(3);
    for (int i = 0; i < 3; ++i) {
        nodes[static_cast<std::size_t>(i)].number = i + 1;
        nodes[static_cast<std::size_t>(i)].process = static_cast<sources::ProcessState>(i == 0 ? 2 : i == 1 ? 3 : 0);
    }
    const auto faults = faultsOf(nodes);
    QCOMPARE(faults.size(), std::size_t(2));
    QCOMPARE(faults[0].title, QString("n2: paused"));
    QCOMPARE(faults[1].cure, sources::NodeAction::Start);
}

void ShellTest::theTimelineMapsTimeBothWays() {
    sources::ClusterModel model;
    model.take({{heartbeat(200'000'000'000)}, {}});
    const TimelineLayout layout = TimelineLayout::of(model, 1000, 120'000'000'000);
    QCOMPARE(layout.to, std::int64_t(200'000'000'000));
    QVERIFY(std::abs(layout.xOf(layout.to) - layout.right) < .5);
    QVERIFY(std::llabs(layout.nanosAt(layout.xOf(150'000'000'000)) - 150'000'000'000) < 1'000'000);
    QVERIFY(!layout.bars.empty());
}

void ShellTest::thePastIsFoldedAgain() {
    sources::ClusterModel model;
    for (std::int64_t second = 1; second <= 30; ++second) {
        model.take({{heartbeat(second * 1'000'000'000)}, {}});
    }
    QSignalSpy moved(&model, &sources::ClusterModel::momentChanged);
    model.showMoment(12'000'000'000);
    QVERIFY(!model.isLive());
    QCOMPARE(model.state().nanos, std::int64_t(12'000'000'000));
    model.goLive();
    QCOMPARE(model.state().nanos, std::int64_t(30'000'000'000));
    QCOMPARE(moved.count(), 2);
}

void ShellTest::shortcutsReachEveryPlace() {
    QTemporaryDir home;
    MainWindow window({.home = home.path(), .resume = false}, nullptr, new console::CqlRunner);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
    QTRY_COMPARE(window.place(), Place::Explore);
    QTest::keyClick(&window, Qt::Key_3, Qt::ControlModifier);
    QTRY_COMPARE(window.place(), Place::Console);
    QTest::keyClick(&window, Qt::Key_1, Qt::ControlModifier);
    QTRY_COMPARE(window.place(), Place::Learn);
    QTest::keyClick(&window, Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY(window.commandPalette().isVisible());
    for (const QAbstractButton* button : window.findChildren<QAbstractButton*>()) {
        QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty() || !button->isVisible(), button->metaObject()->className());
    }
}

QTEST_MAIN(ShellTest)
#include "shell_test.moc"
