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
    void rulesOfOneNameAreOneFault();
    void theSpeedIsThatOfTheSlowestNode();
    void nothingOverlapsAtAnySize_data();
    void nothingOverlapsAtAnySize();
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
    QCOMPARE(plan.rightOverlays, size.width() < 1100);
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

void ShellTest::rulesOfOneNameAreOneFault() {
    std::vector<sources::NodeInfo> nodes(3);
    for (int i = 0; i < 3; ++i) {
        auto& node = nodes[static_cast<std::size_t>(i)];
        node.number = i + 1;
        node.name = QString("127.0.0.%1:7000").arg(i + 1);
        node.process = sources::ProcessState::Running;
        node.links = {{"cut n3", i == 2 ? QString() : QString("127.0.0.3:7000"), 1, 0, 0}};
    }
    nodes[0].links.push_back({"slow n1 n2", "127.0.0.2:7000", 0, 800, 0});
    const auto faults = faultsOf(nodes);
    QCOMPARE(faults.size(), std::size_t(2));
    QCOMPARE(faults[0].title, QString("n3: cut off"));
    QCOMPARE(faults[0].link, QString("cut n3"));
    QCOMPARE(faults[1].title, QString("n1 to n2: delay 0.80 ms"));
    QVERIFY(nodes[2].isCutOff());
    QVERIFY(!nodes[0].isCutOff());
}

namespace {

/// Nodes that run at the speed asked for.
class PacedNodes : public sources::ClusterSource {
public:
    QString name() const override { return "paced"; }
    bool canAct() const override { return true; }
    void perform(sources::NodeAction, int) override {}
    std::vector<sources::NodeProcess> nodes() const override { return m_nodes; }
    void setPace(double factor) override {
        m_nodes[1].pace = factor;
        emit nodesChanged();
    }

private:
    std::vector<sources::NodeProcess> m_nodes = [] {
        std::vector<sources::NodeProcess> out(2);
        for (int i = 0; i < 2; ++i) {
            auto& node = out[static_cast<std::size_t>(i)];
            node.number = i + 1;
            node.name = QString("127.0.0.%1:7000").arg(i + 1);
            node.state = sources::ProcessState::Running;
        }
        return out;
    }();
};

}  // namespace

void ShellTest::theSpeedIsThatOfTheSlowestNode() {
    PacedNodes source;
    sources::ClusterModel model;
    HeaderBar header(model);
    header.resize(1600, 44);
    header.show();
    connect(&header, &HeaderBar::paceWanted, &source, &PacedNodes::setPace);
    model.setSource(&source);
    const auto* speed = header.findChild<FieldCombo*>();
    QVERIFY(speed != nullptr && speed->isVisible());
    QCOMPARE(speed->currentText(), QString("1 : 1"));
    const std::int64_t before = sources::ClusterModel::machineNanos();
    emit header.paceWanted(1000);
    QCOMPARE(model.pace(), 1000.0);
    QCOMPARE(speed->currentText(), QString("1 : 1000"));
    header.resize(900, 44);
    QVERIFY(speed->isVisible());  // What makes everything slow is never hidden.
    emit header.paceWanted(1);
    QVERIFY(!speed->isVisible());
    QCOMPARE(model.paceAt(before), 1.0);
    QCOMPARE(model.paceAt(sources::ClusterModel::machineNanos()), 1.0);
    model.setSource(nullptr);
}

namespace {

/// Children that a layout placed lie inside their parent and do not lie on each other.
QString overlapIn(const QWidget& parent) {
    const auto name = [](const QWidget& w) { return QString("%1 '%2'").arg(w.metaObject()->className(), w.accessibleName()); };
    std::vector<const QWidget*> placed;
    const QLayout* layout = parent.layout();
    for (const QObject* object : parent.children()) {
        const auto* child = qobject_cast<const QWidget*>(object);
        if (child == nullptr || !child->isVisible() || child->isWindow()) {
            continue;
        }
        if (layout != nullptr && layout->indexOf(const_cast<QWidget*>(child)) >= 0 && !child->size().isEmpty()) {
            if (!parent.rect().contains(child->geometry())) {
                return name(*child) + " sticks out of " + name(parent);
            }
            for (const QWidget* other : placed) {
                if (other->geometry().intersects(child->geometry())) {
                    return name(*child) + " lies on " + name(*other) + " in " + name(parent);
                }
            }
            placed.push_back(child);
        }
        if (const QString found = overlapIn(*child); !found.isEmpty()) {
            return found;
        }
    }
    return {};
}

}  // namespace

void ShellTest::nothingOverlapsAtAnySize_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("1920x1080") << QSize(1920, 1080);
    QTest::newRow("1366x768") << QSize(1366, 768);
    QTest::newRow("1280x720") << QSize(1280, 720);
    QTest::newRow("1024x640") << QSize(1024, 640);
}

void ShellTest::nothingOverlapsAtAnySize() {
    QFETCH(const QSize, size);
    QTemporaryDir home;
    MainWindow window({.home = home.path(), .resume = false}, nullptr, new console::CqlRunner);
    window.resize(size);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    for (const Place place : {Place::Learn, Place::Explore, Place::Console}) {
        window.showPlace(place);
        for (int view = 0; view < (place == Place::Explore ? window.explore().count() : 1); ++view) {
            window.explore().show(view);
            QTest::qWait(30);
            QCOMPARE(window.size(), size);
            const QString found = overlapIn(window);
            QVERIFY2(found.isEmpty(), qPrintable(found));
        }
    }
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
