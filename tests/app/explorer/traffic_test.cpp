#include <QAbstractItemModelTester>
#include <QtTest>

#include "app/explorer/inspector.h"
#include "app/explorer/traffic/request_trace.h"
#include "app/explorer/traffic/traffic_view.h"
#include "scene.h"
#include "shots.h"

using namespace app::explorer;
using namespace app::explorer::traffic;
using tests::Scene;
using tests::shoot;

/// Requests: the list, the waterfall, the space-time diagram, and what is told of them in words.
class TrafficTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { app::shell::theme().install(app::shell::ThemeKind::Light); }
    void init();
    void cleanup();
    void theBlockingSetStandsApart();
    void barsLieWhereTheirTimesSay();
    void bothPicturesShareTheirAxis();
    void aMessageThatNeverCameIsNotInvented();
    void aMismatchIsAGroupOfItsOwn();
    void aRoundAfterTheMismatchCountsAnew();
    void hiddenProcessesAreLeftOut();
    void nothingLeavesThePicture_data();
    void nothingLeavesThePicture();
    void theListKeepsTheSlowest();
    void systemRequestsAreLeftOutUnlessAskedFor();
    void theTraceIsInOrderOfTime();
    void theDeciderIsNamed();
    void alternativesAreComputedFromTheAnswers();
    void shivizReadsVectorClocks();
    void captionsTellWhoMadeTheLevel();
    void withoutAKeyAnswersAreOfEach_data();
    void withoutAKeyAnswersAreOfEach();
    void choosingARequestIsTheSelectionOfAll();
    void theTableFollowsTheRequest();
    void theInspectorTellsTheRequest();
    void withoutRequestsItSaysSo();
    void everyThemePaints_data();
    void everyThemePaints();

private:
    TrafficLayout layoutOf(const RequestStory& story, const Nodes& nodes, Form form = Form::Both, const std::set<std::string>& hidden = {},
                           QSizeF size = {916, 790});
    std::unique_ptr<app::sources::ClusterModel> m_model;
    std::unique_ptr<TrafficView> m_view;
};

void TrafficTest::init() {
    m_model = std::make_unique<app::sources::ClusterModel>();
    m_view = std::make_unique<TrafficView>(*m_model);
    m_view->resize(1228, 846);
    m_view->show();
}

void TrafficTest::cleanup() {
    m_view.reset();
    m_model.reset();
}

TrafficLayout TrafficTest::layoutOf(const RequestStory& story, const Nodes& nodes, Form form, const std::set<std::string>& hidden, QSizeF size) {
    return TrafficLayout::compute(story, nodes, form, hidden, size);
}

namespace {

RequestStory writeOf(Scene& scene) {
    const auto id = scene.write();
    return RequestStory::of(scene.state().request(id));
}

const TrafficLayout::Row& rowOf(const TrafficLayout& layout, int leg) {
    return *std::find_if(layout.rows.begin(), layout.rows.end(), [leg](const auto& row) { return row.leg == leg; });
}

}  // namespace

void TrafficTest::theBlockingSetStandsApart() {
    Scene scene;
    const RequestStory story = writeOf(scene);
    const TrafficLayout layout = layoutOf(story, scene.nodes());
    QCOMPARE(layout.groups.size(), std::size_t(2));
    QVERIFY(layout.groups[0].blocking);
    QVERIFY(layout.groups[0].bar.top() < rowOf(layout, 0).y && rowOf(layout, 1).y < layout.groups[0].bar.bottom());
    QVERIFY(layout.groups[1].bar.top() < rowOf(layout, 2).y);
    QCOMPARE(rowOf(layout, 0).word, QString("counted, 1 of 2"));
    QCOMPARE(rowOf(layout, 2).word, QString("late, not needed"));
}

void TrafficTest::barsLieWhereTheirTimesSay() {
    Scene scene;
    const RequestStory story = writeOf(scene);
    const TrafficLayout layout = layoutOf(story, scene.nodes());
    const auto& log = rowOf(layout, 1).bars.front();
    QVERIFY(std::abs(log.rect.left() - layout.xOf(250'000)) < 1e-6);
    QVERIFY(std::abs(log.rect.right() - layout.xOf(460'000)) < 1e-6);
    QVERIFY(std::abs(rowOf(layout, 1).disc - layout.xOf(650'000)) < 1e-6);
    QCOMPARE(layout.unit, QString("ms"));
    QVERIFY(layout.ticks.size() >= 5 && layout.ticks.size() <= 12);
}

void TrafficTest::bothPicturesShareTheirAxis() {
    Scene scene;
    const RequestStory story = writeOf(scene);
    const TrafficLayout layout = layoutOf(story, scene.nodes());
    QCOMPARE(layout.discs.size(), std::size_t(3));
    for (std::size_t leg = 0; leg < 3; ++leg) {
        QCOMPARE(layout.discs[leg].at.x(), rowOf(layout, static_cast<int>(leg)).disc);
    }
    QVERIFY(layout.metX < layout.answeredX);
    QCOMPARE(layout.lanes.size(), std::size_t(4));
    QVERIFY(layout.laneTop > layout.groups.back().bar.bottom());
}

void TrafficTest::aMessageThatNeverCameIsNotInvented() {
    Scene scene;
    engine::observe::RequestStarted start;
    start.request = {1, 1};
    start.keyspace = "library";
    start.required = 1;
    start.consistency = "ONE";
    start.replicas = start.contacted = {Scene::node(2)};
    start.receivedNanos = scene.nanos(0);
    start.plannedNanos = scene.nanos(.1);
    scene.tell(1, .1, start);
    scene.tell(1, .2, engine::observe::MessageSent{{1, 1}, 1, "MUTATION_REQ", Scene::node(2), 10});
    const RequestStory story = RequestStory::of(scene.state().request({1, 1}));
    const TrafficLayout layout = layoutOf(story, scene.nodes());
    QVERIFY(!rowOf(layout, 0).wires.front().arrived);
    QCOMPARE(rowOf(layout, 0).word, QString("not received"));
    QCOMPARE(rowOf(layout, 0).disc, -1.0);
    QVERIFY(std::any_of(layout.slants.begin(), layout.slants.end(), [](const auto& slant) { return !slant.arrived; }));
    QCOMPARE(layout.answeredX, -1.0);
}

void TrafficTest::aRoundAfterTheMismatchCountsAnew() {
    Scene scene;
    const auto id = scene.readWithMismatch();
    scene.tell(2, 10.685, engine::observe::AckCounted{id, Scene::node(3), 3, true, false, false});
    const RequestStory story = RequestStory::of(scene.state().request(id));
    const TrafficLayout layout = layoutOf(story, scene.nodes());
    QStringList words;
    for (const auto& row : layout.rows) {
        words += row.word;
    }
    QVERIFY2(words.contains("digest counted, 2 of 2"), qPrintable(words.join("; ")));
    QVERIFY2(words.contains("counted, 1 of 1"), qPrintable(words.join("; ")));
    QVERIFY(words.filter("3 of").isEmpty());
}

void TrafficTest::aMismatchIsAGroupOfItsOwn() {
    Scene scene;
    const auto id = scene.readWithMismatch();
    const RequestStory story = RequestStory::of(scene.state().request(id));
    const TrafficLayout layout = layoutOf(story, scene.nodes());
    QCOMPARE(layout.groups.size(), std::size_t(3));
    QCOMPARE(layout.groups[1].title, QString("After the mismatch"));
    QCOMPARE(layout.groups[2].title, QString("Sent nothing"));
    QVERIFY(layout.mismatchX > layout.metX);
    QVERIFY(rowOf(layout, 1).digest);
}

void TrafficTest::hiddenProcessesAreLeftOut() {
    Scene scene;
    const RequestStory story = writeOf(scene);
    const TrafficLayout layout = layoutOf(story, scene.nodes(), Form::Both, {"", Scene::node(3)});
    QCOMPARE(layout.groups.size(), std::size_t(1));
    QCOMPARE(layout.lanes.size(), std::size_t(2));
    QVERIFY(layout.rows.front().node == Scene::node(1));
}

void TrafficTest::nothingLeavesThePicture_data() {
    QTest::addColumn<QSizeF>("size");
    QTest::newRow("1920 with docks") << QSizeF(916, 790);
    QTest::newRow("1366 in a lab") << QSizeF(600, 420);
}

void TrafficTest::nothingLeavesThePicture() {
    QFETCH(const QSizeF, size);
    Scene scene;
    const RequestStory story = writeOf(scene);
    const QSizeF room(size.width(), std::max(size.height(), TrafficLayout::heightFor(story, Form::Both, {})));
    const TrafficLayout layout = layoutOf(story, scene.nodes(), Form::Both, {}, room);
    const QRectF all(QPointF(), room);
    for (const Item& item : layout.items) {
        QVERIFY(all.contains(item.shape.outline().boundingRect().adjusted(1, 1, -1, -1)));
    }
    for (const auto& lane : layout.lanes) {
        QVERIFY(lane.y > layout.laneTop && lane.y < layout.bottom - 20);
    }
}

void TrafficTest::theListKeepsTheSlowest() {
    Scene scene;
    for (int i = 0; i < 250; ++i) {
        scene.write(i * 10.0);
    }
    const auto state = scene.state();
    const RequestRows rows = RequestRows::of(state, Order::Slowest, Which::All);
    QCOMPARE(rows.rows.size(), std::size_t(200));
    QCOMPARE(rows.total, std::size_t(250));
    QVERIFY(rows.rows.front().duration >= rows.rows.back().duration);
    const RequestRows newest = RequestRows::of(state, Order::Newest, Which::Reads);
    QCOMPARE(newest.total, std::size_t(0));
}

void TrafficTest::systemRequestsAreLeftOutUnlessAskedFor() {
    Scene scene;
    engine::observe::RequestStarted start;
    start.request = {1, 1};
    start.kind = "READ";
    start.keyspace = "system";
    start.table = "local";
    start.statement = "SELECT * FROM system.local";
    scene.tell(1, 0, start);
    const auto state = scene.state();
    QCOMPARE(RequestRows::of(state, Order::Newest, Which::All).total, std::size_t(0));
    QCOMPARE(RequestRows::of(state, Order::Newest, Which::SystemToo).rows.front().title, QString("SELECT local"));
}

void TrafficTest::theTraceIsInOrderOfTime() {
    Scene scene;
    const auto trace = traceOf(writeOf(scene));
    QVERIFY(std::is_sorted(trace.begin(), trace.end(), [](const auto& a, const auto& b) { return a.nanos < b.nanos; }));
    QVERIFY(std::any_of(trace.begin(), trace.end(), [](const auto& line) { return line.text == "Sending MUTATION_REQ to /127.0.0.2"; }));
    QCOMPARE(trace.back().text, QString("MUTATION_RSP from /127.0.0.3"));
    QVERIFY(trace.back().afterAnswer);
}

void TrafficTest::theDeciderIsNamed() {
    Scene scene;
    const RequestStory story = writeOf(scene);
    QCOMPARE(whyText(story, scene.nodes()), QString("n2's answer at 0.65 ms was the 2nd of 2, so n2 decided how long the client waited. "
                                                    "n3's answer came 0.61 ms later and cost nothing."));
}

void TrafficTest::alternativesAreComputedFromTheAnswers() {
    Scene scene;
    const auto alternatives = alternativesOf(writeOf(scene), scene.nodes());
    QCOMPARE(alternatives.size(), std::size_t(3));
    QCOMPARE(alternatives[0].outcome, QString("0.80 ms, the same"));
    QCOMPARE(alternatives[1].outcome, QString("about 1.56 ms, n3 decides"));
    QVERIFY(alternatives[2].refused);
    QCOMPARE(alternatives[2].outcome, QString("refused: needs 2, alive 1"));
}

void TrafficTest::shivizReadsVectorClocks() {
    Scene scene;
    const QString log = shivizText(writeOf(scene), scene.nodes());
    const QStringList lines = log.split('\n');
    const auto received = std::find_if(lines.begin(), lines.end(), [](const QString& line) { return line.startsWith("receive MUTATION_REQ"); });
    QVERIFY(received != lines.end());
    QVERIFY((received + 1)->startsWith("n2 {"));
    QVERIFY((received + 1)->contains("\"n1\":"));
}

void TrafficTest::captionsTellWhoMadeTheLevel() {
    Scene scene;
    const app::shell::Caption caption = trafficCaption(writeOf(scene), scene.nodes());
    QCOMPARE(caption.sentence, QString("2 of 3 answers made QUORUM: n1 and n2. n3 answered 0.61 ms after the client had its reply."));
    QCOMPARE(caption.facts[2].now, QString("0.80 ms"));
}

void TrafficTest::withoutAKeyAnswersAreOfEach_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("required");
    QTest::addColumn<bool>("isLocal");
    QTest::addColumn<QString>("level");
    QTest::addColumn<QString>("caption");

    QTest::newRow("a scan") << "RANGE" << 2 << false << "QUORUM, 2 of each range" << "n1 asked the replicas of each range, and waited for 2 answers of each.";
    QTest::newRow("several keys") << "READ" << 2 << false << "QUORUM, 2 of each key" << "n1 asked the replicas of each key, and waited for 2 answers of each.";
    QTest::newRow("a batch") << "BATCH" << 2 << false << "QUORUM, 2 of each key" << "n1 wrote to the replicas of each key, and waited for 2 answers of each.";
    QTest::newRow("a table of the node's own") << "RANGE" << 1 << true << "QUORUM, 1 of 1" << "n1 answered by itself: no replica was asked.";
    QTest::newRow("no table at all") << "READ" << 0 << false << "QUORUM" << "n1 answered by itself: no replica was asked.";
}

void TrafficTest::withoutAKeyAnswersAreOfEach() {
    QFETCH(const QString, kind);
    QFETCH(const int, required);
    QFETCH(const bool, isLocal);
    QFETCH(const QString, level);
    QFETCH(const QString, caption);
    Scene scene;
    const auto id = scene.write();
    auto request = std::make_shared<engine::observe::RequestView>(*scene.state().request(id));
    request->acks.clear();
    request->messages.clear();
    auto& info = request->info;
    info.kind = kind.toStdString();
    info.required = static_cast<std::uint32_t>(required);
    info.replicas.clear();
    info.contacted = isLocal ? std::vector{request->coordinator} : std::vector<std::string>();
    const RequestStory story = RequestStory::of(request);
    QCOMPARE(trafficCaption(story, scene.nodes()).sentence, caption);
    QStringList words;
    for (const auto& line : requestLines(story, scene.nodes(), 340)) {
        for (const auto& span : line.spans) {
            words << span.text;
        }
    }
    QCOMPARE(words.value(words.indexOf("Consistency") + 1), level);
}

void TrafficTest::choosingARequestIsTheSelectionOfAll() {
    Scene scene;
    const auto write = scene.write(0);
    const auto read = scene.readWithMismatch(10);
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->story().request->id, write);  // The console's own.
    QSignalSpy wanted(m_view.get(), &ExplorerView::resultWanted);
    m_view->resultButton().click();
    QCOMPARE(wanted.count(), 1);
    QCOMPARE(wanted.front().front().value<engine::Uuid>(), write);
    QTest::keyClick(&m_view->list(), Qt::Key_Home);
    QCOMPARE(m_model->selection().request(), std::optional(read));
    m_view->refreshNow();
    QCOMPARE(m_view->story().request->id, read);
    shoot(*m_view, "traffic-mismatch");
}

void TrafficTest::theTableFollowsTheRequest() {
    QAbstractItemModelTester tester(m_view->tableModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    Scene scene;
    scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    const int rows = m_view->tableModel()->rowCount();
    QVERIFY(rows > 10);
    Scene more;
    more.write(5);
    m_model->selection().setRequest(more.readWithMismatch(20));
    more.into(*m_model);
    m_view->refreshNow();
    QVERIFY(m_view->tableModel()->rowCount() > rows);
}

void TrafficTest::theInspectorTellsTheRequest() {
    Scene scene;
    const auto id = scene.write();
    scene.into(*m_model);
    Inspector inspector(*m_model);
    inspector.resize(400, 1012);
    inspector.show();
    QCOMPARE(inspector.currentIndex(), 0);
    m_model->selection().setRequest(id);
    QCOMPARE(inspector.currentIndex(), 1);
    QStringList text;
    for (const auto& line : inspector.sheet().lines()) {
        text += sheet::textOf(line);
    }
    QVERIFY(text.contains("answered in 0.80 ms Request 0000") || text.filter("answered in 0.80 ms").size() == 1);
    QVERIFY(text.contains("Why 0.80 ms"));
    QVERIFY(text.contains("n2 and n3 were down refused: needs 2, alive 1"));
    shoot(inspector, "inspector-request");
}

void TrafficTest::withoutRequestsItSaysSo() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->caption().sentence, QString("No request is chosen."));
    shoot(*m_view, "traffic-empty");
}

void TrafficTest::everyThemePaints_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("light") << 0;
    QTest::newRow("dark") << 1;
    QTest::newRow("contrast") << 2;
}

void TrafficTest::everyThemePaints() {
    QFETCH(const int, kind);
    app::shell::theme().setKind(static_cast<app::shell::ThemeKind>(kind));
    Scene scene;
    for (int i = 0; i < 6; ++i) {
        scene.write(i * 10);
    }
    scene.into(*m_model);
    m_view->refreshNow();
    shoot(*m_view, QString("traffic-%1").arg(QTest::currentDataTag()));
    QVERIFY(!m_view->grab().isNull());
    app::shell::theme().setKind(app::shell::ThemeKind::Light);
}

QTEST_MAIN(TrafficTest)
#include "traffic_test.moc"
