#include <QAbstractItemModelTester>
#include <QtTest>

#include "app/explorer/gossip/gossip_page.h"
#include "app/explorer/gossip/gossip_view.h"
#include "app/explorer/inspector.h"
#include "scene.h"
#include "shots.h"

using namespace app::explorer;
using namespace app::explorer::gossip;
using tests::Scene;
using tests::shoot;

/// Who knows what of whom: geometry, words and the view.
class GossipTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { app::shell::theme().install(app::shell::ThemeKind::Light); }
    void init();
    void cleanup();
    void agesHaveSteps_data();
    void agesHaveSteps();
    void aSilentNodeIsOldNewsDownItsColumn();
    void detailGivesWayToNumbers_data();
    void detailGivesWayToNumbers();
    void callsWithoutAnswerAreToldApart();
    void phiGoesOnToTheThreshold();
    void theChartGrowsInSteps();
    void aSilentObserverPredictsNothing();
    void captionsTellWhoIsSilent();
    void everyItemIsWhereItIsPainted();
    void spreadCountsWhoKnewByWhichRound();
    void theoryGrowsToAll();
    void theTableFollowsWithoutResets();
    void choosingACellIsAPair();
    void theInspectorTellsWhatFollows();
    void oneNodeHasNobodyToGossipWith();
    void everyThemePaints_data();
    void everyThemePaints();

private:
    /// Thirty seconds of gossip; n3 silent for the last twelve.
    static Scene quietThird();
    static std::int64_t nowOf(const engine::observe::ClusterState& state) { return state.nanos; }
    std::unique_ptr<app::sources::ClusterModel> m_model;
    std::unique_ptr<GossipView> m_view;
};

Scene GossipTest::quietThird() {
    Scene scene;
    scene.gossip(30, 3, 18);
    return scene;
}

void GossipTest::init() {
    m_model = std::make_unique<app::sources::ClusterModel>();
    m_view = std::make_unique<GossipView>(*m_model);
    m_view->resize(1228, 846);
    m_view->show();
}

void GossipTest::cleanup() {
    m_view.reset();
    m_model.reset();
}

void GossipTest::agesHaveSteps_data() {
    QTest::addColumn<double>("age");
    QTest::addColumn<int>("step");
    QTest::newRow("fresh") << .4 << 0;
    QTest::newRow("two seconds") << 2.0 << 1;
    QTest::newRow("twelve") << 12.1 << 4;
    QTest::newRow("older than the scale") << 400.0 << 5;
}

void GossipTest::agesHaveSteps() {
    QFETCH(const double, age);
    QFETCH(const int, step);
    QCOMPARE(heatStep(age), step);
}

void GossipTest::aSilentNodeIsOldNewsDownItsColumn() {
    const Scene scene = quietThird();
    const auto state = scene.state();
    const auto known = knowledgeOf(state, scene.nodes(), nowOf(state));
    QCOMPARE(known.size(), std::size_t(9));
    QVERIFY(known[0].isItself);
    QVERIFY(known[1].ageSeconds < 2);
    QVERIFY(known[2].ageSeconds > 10);
    QVERIFY(known[5].ageSeconds > 10);
    QVERIFY(known[6].observerSilent);  // n3's own view is not heard.
    QVERIFY(known[6].behind > 8);
    QVERIFY(!known[1].observerSilent);
}

void GossipTest::detailGivesWayToNumbers_data() {
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("detail");
    QTest::newRow("3 nodes have three lines") << 3 << static_cast<int>(HeatMap::Detail::Lines);
    QTest::newRow("12 nodes have the age") << 12 << static_cast<int>(HeatMap::Detail::Age);
    QTest::newRow("40 nodes are colours") << 40 << static_cast<int>(HeatMap::Detail::Colour);
}

void GossipTest::detailGivesWayToNumbers() {
    QFETCH(const int, nodes);
    QFETCH(const int, detail);
    Scene scene = Scene::ofSize(nodes, 1);
    scene.gossip(2);
    const auto state = scene.state();
    const HeatMap heat = HeatMap::compute(knowledgeOf(state, scene.nodes(), nowOf(state)), scene.nodes(), {0, 0, 690, 348});
    QCOMPARE(static_cast<int>(heat.detail), detail);
    QCOMPARE(heat.cells.size(), static_cast<std::size_t>(nodes * nodes));
    for (const auto& cell : heat.cells) {
        QVERIFY(heat.grid.adjusted(-1, -1, 1, 1).contains(cell.rect));
    }
}

void GossipTest::callsWithoutAnswerAreToldApart() {
    const Scene scene = quietThird();
    const auto state = scene.state();
    const Rounds rounds = Rounds::compute(state, scene.nodes(), nowOf(state), {0, 0, 490, 348});
    QCOMPARE(rounds.lanes.size(), std::size_t(3));
    QVERIFY(rounds.lanes[2].silent);
    int answered = 0, failed = 0;
    for (const auto& call : rounds.calls) {
        QVERIFY(call.x >= rounds.plot.left() - 1 && call.x <= rounds.plot.right() + 1);
        QVERIFY(call.from != 3);
        answered += call.answered;
        failed += !call.answered && !call.pending && call.to == 3;
    }
    QVERIFY(answered >= 6);
    QVERIFY(failed >= 6);
}

void GossipTest::phiGoesOnToTheThreshold() {
    const Scene scene = quietThird();
    const auto state = scene.state();
    const PhiChart chart = PhiChart::compute(state, scene.nodes(), Scene::node(3), nowOf(state), {0, 0, 1196, 408});
    QCOMPARE(chart.lines.size(), std::size_t(2));
    const auto& first = chart.lines[0];
    QVERIFY(first.phi > 4 && first.phi < 8);
    QVERIFY(first.continues);
    QVERIFY(first.secondsToConviction > 3 && first.secondsToConviction < 14);
    QVERIFY(std::abs(first.ahead.y() - chart.yOf(8)) < 2);
    QVERIFY(first.marks.size() >= 3);
    QVERIFY(chart.lines[1].phi < first.phi);  // n2 hears less regularly: it is slower to judge.
}

void GossipTest::theChartGrowsInSteps() {
    Scene scene;
    scene.gossip(60, 3, 5);
    const auto state = scene.state();
    const PhiChart chart = PhiChart::compute(state, scene.nodes(), Scene::node(3), nowOf(state), {0, 0, 1196, 408});
    QCOMPARE(chart.top, 30.0);
    for (const auto& line : chart.lines) {
        for (const QPointF& point : line.points) {
            QVERIFY(chart.plot.adjusted(-1, -1, 1, 1).contains(point));
        }
    }
}

void GossipTest::aSilentObserverPredictsNothing() {
    const Scene scene = quietThird();
    const auto state = scene.state();
    const PhiChart chart = PhiChart::compute(state, scene.nodes(), Scene::node(1), nowOf(state), {0, 0, 1196, 408});
    const auto third = std::find_if(chart.lines.begin(), chart.lines.end(), [](const auto& line) { return line.node == 3; });
    QVERIFY(third != chart.lines.end());
    QVERIFY(!third->continues);
}

void GossipTest::captionsTellWhoIsSilent() {
    const Scene scene = quietThird();
    const auto state = scene.state();
    const auto caption = gossipCaption(state, scene.nodes(), Scene::node(3), nowOf(state));
    QVERIFY2(caption.sentence.startsWith("n3 has been silent for 1"), qPrintable(caption.sentence));
    QVERIFY(caption.sentence.endsWith("n1 and n2 still call it up."));
    QCOMPARE(caption.facts[0].label, QString("phi of n3 at n1"));
    QCOMPARE(caption.facts[2].now, QString("8"));
}

void GossipTest::everyItemIsWhereItIsPainted() {
    const Scene scene = quietThird();
    const auto state = scene.state();
    const GossipLayout layout = GossipLayout::compute(state, scene.nodes(), Scene::node(3), nowOf(state), GossipLayout::Form::All, {}, {1228, 790});
    QVERIFY(layout.items.size() > 20);
    const QRectF all(0, 0, 1228, 790);
    for (const Item& item : layout.items) {
        QVERIFY(item.shape.contains(item.shape.anchor()));
        QVERIFY(all.contains(item.shape.anchor()));
    }
}

void GossipTest::spreadCountsWhoKnewByWhichRound() {
    using engine::observe::EndpointKnowledge;
    using engine::observe::GossipRound;
    Scene scene;
    (void)scene.take();
    for (int version = 1; version <= 12; ++version) {
        const double born = version * 1000.0;
        scene.tell(2, born + 1500, EndpointKnowledge{Scene::node(1), 1, version, version});  // Two rounds later.
        scene.tell(1, born, GossipRound{static_cast<std::uint64_t>(version), version, {Scene::node(3)}});
        scene.tell(3, born + 300, EndpointKnowledge{Scene::node(1), 1, version, version});   // One round later.
    }
    SpreadLog log;
    log.take(scene.take());
    const Spread spread = Spread::compute(log, Scene::node(1), 3, scene.nanos(14'000), {0, 0, 900, 500});
    QCOMPARE(spread.versions, 6);  // Those that are eight rounds old.
    QCOMPARE(spread.mean[0], 1.0);
    QCOMPARE(spread.mean[1], 2.0);
    QCOMPARE(spread.mean[2], 3.0);
    QCOMPARE(spread.least[2], 3.0);
    QVERIFY(std::abs(spread.everybodyAfter - 1.5) < .01);
    QVERIFY(spread.plot.contains(QPointF(spread.xOf(8), spread.yOf(1))) || spread.xOf(8) == spread.plot.right());
}

void GossipTest::theoryGrowsToAll() {
    for (const int nodes : {2, 3, 12, 100}) {
        const auto expected = Spread::expected(nodes);
        QCOMPARE(expected.front(), 1.0);
        QVERIFY(std::is_sorted(expected.begin(), expected.end()));
        QVERIFY(expected.back() <= nodes);
        QVERIFY(expected.back() > nodes * .9);
    }
    QCOMPARE(Spread::expected(2)[1], 2.0);
}

void GossipTest::theTableFollowsWithoutResets() {
    QAbstractItemModelTester tester(m_view->tableModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy resets(m_view->tableModel(), &QAbstractItemModel::modelReset);
    Scene scene = quietThird();
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->tableModel()->rowCount(), 9);
    QCOMPARE(resets.count(), 0);
    m_view->selectRow(2);
    QCOMPARE(m_view->selectedRow(), 2);
    QCOMPARE(m_model->selection().node(), QString::fromStdString(Scene::node(3)));
}

void GossipTest::choosingACellIsAPair() {
    Scene scene = quietThird();
    scene.into(*m_model);
    m_view->refreshNow();
    const auto& cell = m_view->canvas().gossipLayout().heat.cells[5];
    QTest::mouseClick(&m_view->canvas(), Qt::LeftButton, {}, cell.rect.center().toPoint());
    QCOMPARE(GossipPair::of(*m_model).observer(), Scene::node(2));
    QCOMPARE(m_model->selection().node(), QString::fromStdString(Scene::node(3)));
    m_view->refreshNow();
    shoot(*m_view, "gossip-chosen");
    QTest::keyClick(&m_view->canvas(), Qt::Key_Escape);
    QVERIFY(m_model->selection().node().isEmpty());
}

void GossipTest::theInspectorTellsWhatFollows() {
    Scene scene = quietThird();
    scene.tell(1, 29'900, engine::observe::EndpointState{Scene::node(3), "STATUS_WITH_PORT", "NORMAL,-8981069016350794240", 22});
    scene.tell(1, 29'900, engine::observe::EndpointState{Scene::node(3), "LOAD", "31204.0", 781});
    scene.into(*m_model);
    Inspector inspector(*m_model);
    inspector.resize(400, 900);
    inspector.show();
    GossipPair::of(*m_model).choose(Scene::node(1), Scene::node(3));
    QStringList text;
    for (const auto& line : inspector.sheet().lines()) {
        text += sheet::textOf(line);
    }
    QVERIFY(text.contains("suspected n3 as n1 knows it"));
    QVERIFY(text.contains("LOAD 31204.0 781"));
    QVERIFY(!text.filter("n1 marks n3 down").isEmpty());
    QVERIFY(!text.filter("Cut n3 off").isEmpty() || !text.filter("Start n3").isEmpty() || !text.filter("Resume n3").isEmpty());
    shoot(inspector, "inspector-node");
}

void GossipTest::oneNodeHasNobodyToGossipWith() {
    Scene scene = Scene::ofSize(1, 16);
    scene.into(*m_model);
    m_view->refreshNow();
    QVERIFY(m_view->canvas().gossipLayout().isEmpty);
    QCOMPARE(m_view->caption().sentence, QString("Gossip needs two nodes."));
}

void GossipTest::everyThemePaints_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("form");
    QTest::addColumn<int>("nodes");
    QTest::newRow("dark") << 1 << 0 << 3;
    QTest::newRow("light-12") << 0 << 0 << 12;
    QTest::newRow("contrast") << 2 << 0 << 3;
    QTest::newRow("rounds") << 0 << 1 << 3;
    QTest::newRow("phi") << 1 << 2 << 3;
}

void GossipTest::everyThemePaints() {
    QFETCH(const int, kind);
    QFETCH(const int, form);
    QFETCH(const int, nodes);
    app::shell::theme().setKind(static_cast<app::shell::ThemeKind>(kind));
    Scene scene = nodes == 3 ? quietThird() : Scene::ofSize(nodes, 16);
    if (nodes != 3) {
        scene.gossip(20, 5, 12);
    }
    scene.into(*m_model);
    m_view->showForm(form);
    m_view->refreshNow();
    shoot(*m_view, QString("gossip-%1").arg(QTest::currentDataTag()));
    QVERIFY(!m_view->grab().isNull());
    app::shell::theme().setKind(app::shell::ThemeKind::Light);
}

QTEST_MAIN(GossipTest)
#include "gossip_test.moc"
