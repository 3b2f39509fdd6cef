#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QSvgGenerator>
#include <QtTest>

#include "app/explorer/ring/key_panel.h"
#include "app/explorer/ring/ring_view.h"
#include "scene.h"
#include "shots.h"

using namespace app::explorer;
using namespace app::explorer::ring;
using tests::Scene;
using tests::shoot;

namespace {

constexpr auto kExplained = R"({"keyHex":"0x6d2d31313331","token":"-6137897972142853338","replicas":[],"walk":[],
    "keyColumns":[{"name":"member","type":"text"}]})";

}  // namespace

/// The Ring view as the shell uses it, on events that no process told.
class RingViewTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { app::shell::theme().install(app::shell::ThemeKind::Light); }
    void init();
    void cleanup();
    void withoutAClusterItSaysSo();
    void theConsolesNewestWriteIsShown();
    void itLooksAtAPastMoment();
    void aKeyIsLookedUpOffTheThreadAndPinned();
    void plainTextIsTriedAgainInQuotes();
    void aFailedLookUpTellsWhy();
    void literalsAreSplitAtTheirCommas();
    void theTableFollowsTheRing();
    void arrowsReachEveryItemAndEscapeClears();
    void anotherClusterTakesTheKeyAway();
    void everyItemIsARowForAssistiveTechnology();
    void choosingANodeIsTheSelectionOfAll();
    void theNodesMenuIsAskedFor();
    void captionsTellOnceAndInWords();
    void theReplayMovesOnlyAlongTheRecord();
    void linksAreLitAndGoOut();
    void theExportHasVectors();
    void theToolbarFitsBesideThePanel();
    void theLineZoomsAtThePointer();
    void everyThemeAndSizePaints_data();
    void everyThemeAndSizePaints();

private:
    std::unique_ptr<app::sources::ClusterModel> m_model;
    std::unique_ptr<RingView> m_view;
};

void RingViewTest::init() {
    m_model = std::make_unique<app::sources::ClusterModel>();
    m_view = std::make_unique<RingView>(*m_model);
    m_view->resize(1228, 608);
    m_view->show();
}

void RingViewTest::cleanup() {
    m_view.reset();
    m_model.reset();
}

void RingViewTest::withoutAClusterItSaysSo() {
    QCOMPARE(m_view->caption().sentence, QString("No cluster runs."));
    QCOMPARE(m_view->tableModel()->rowCount(), 0);
    shoot(*m_view, "ring-empty");
}

void RingViewTest::theConsolesNewestWriteIsShown() {
    Scene scene;
    scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    QVERIFY(m_view->focus().story.request);
    QCOMPARE(m_view->focus().walk->replicas, (std::vector<std::string>{Scene::node(2), Scene::node(3), Scene::node(1)}));
    QCOMPARE(m_view->caption().sentence, QString("Write m-1131: n1 and n2 made QUORUM, n3 came late."));
    m_view->refreshNow();
    shoot(*m_view, "ring-write");
}

void RingViewTest::itLooksAtAPastMoment() {
    Scene scene;
    scene.write();
    scene.tell(2, 4000, engine::observe::NodeMetrics{});
    const std::int64_t moment = scene.nanos(.6);
    scene.into(*m_model);
    m_view->refreshNow();
    m_model->showMoment(moment);
    m_view->refreshNow();
    QCOMPARE(m_view->caption().sentence, QString("Write m-1131: n1 has applied it, n2 is answering, n3 has not received it."));
    QCOMPARE(m_view->caption().facts[0].now, QString("1"));
    m_view->refreshNow();
    shoot(*m_view, "ring-moment");
}

void RingViewTest::aKeyIsLookedUpOffTheThreadAndPinned() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    std::atomic<Qt::HANDLE> askedBy = nullptr;
    m_view->lookup().setAsk([&](const std::string& params) -> engine::Result<std::string> {
        askedBy = QThread::currentThreadId();
        return params.find("'m-1131'") != std::string::npos ? engine::Result<std::string>(kExplained)
                                                            : engine::makeError(engine::ErrorKind::Invalid, "no");
    });
    m_view->lookup().find("library", "loans_by_member", "'m-1131'");
    QTRY_VERIFY(m_model->selection().key());
    QVERIFY(askedBy != QThread::currentThreadId());
    QCOMPARE(m_model->selection().key()->bytes, std::string("m-1131"));
    QCOMPARE(m_view->caption().sentence, QString("m-1131 lies on n2, n3 and n1."));
    QVERIFY(m_view->ringCanvas().ringLayout().pin || (m_view->ringCanvas().refreshNow(), m_view->ringCanvas().ringLayout().pin));
    shoot(*m_view, "ring-key");
}

void RingViewTest::plainTextIsTriedAgainInQuotes() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    m_view->lookup().setAsk([](const std::string& params) -> engine::Result<std::string> {
        return params.find('\'') != std::string::npos ? engine::Result<std::string>(kExplained)
                                                      : engine::makeError(engine::ErrorKind::Invalid, "line 1:50 no viable alternative");
    });
    m_view->lookup().find("library", "loans_by_member", "m-1131");
    QTRY_VERIFY(m_model->selection().key());
    QCOMPARE(m_model->selection().key()->text, QString("'m-1131'"));
}

void RingViewTest::aFailedLookUpTellsWhy() {
    QSignalSpy failed(&m_view->lookup(), &KeyLookup::failed);
    m_view->lookup().find("library", "books", "1");
    QCOMPARE(failed.count(), 1);
    m_view->lookup().setAsk([](const std::string&) -> engine::Result<std::string> {
        return engine::makeError(engine::ErrorKind::Invalid, "table library.books does not exist");
    });
    m_view->lookup().find("library", "books", "'1'");
    QTRY_COMPARE(failed.count(), 2);
    QCOMPARE(failed.last().first().toString(), QString("table library.books does not exist"));
}

void RingViewTest::literalsAreSplitAtTheirCommas() {
    QCOMPARE(splitLiterals("'a, b', 3, {1, 2}"), (QStringList{"'a, b'", "3", "{1, 2}"}));
    QCOMPARE(splitLiterals("'it''s', 2"), (QStringList{"'it''s'", "2"}));
}

void RingViewTest::theTableFollowsTheRing() {
    QAbstractItemModelTester tester(m_view->tableModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy resets(m_view->tableModel(), &QAbstractItemModel::modelReset);
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->tableModel()->rowCount(), 48);
    QCOMPARE(m_view->tableModel()->index(0, 5).data().toString().count("n"), 3);
    Scene larger = Scene::ofSize(4, 16);
    larger.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->tableModel()->rowCount(), 64);
    QCOMPARE(resets.count(), 0);
    m_view->selectRow(5);
    QCOMPARE(m_view->selectedRow(), 5);
}

void RingViewTest::arrowsReachEveryItemAndEscapeClears() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    RingCanvas& ring = m_view->ringCanvas();
    ring.refreshNow();
    QTest::keyClick(&ring, Qt::Key_Right);
    QCOMPARE(ring.focusedItem(), 0);
    QCOMPARE(m_model->selection().node(), QString::fromStdString(Scene::node(1)));
    QVERIFY(ring.accessibleDescription().contains("n1"));
    QTest::keyClick(&ring, Qt::Key_End);
    QCOMPARE(ring.focusedItem(), static_cast<int>(ring.items().size()) - 1);
    QCOMPARE(m_view->selectedRow(), 47);
    QTest::keyClick(&ring, Qt::Key_Escape);
    QCOMPARE(m_view->selectedRow(), -1);
    QVERIFY(m_model->selection().node().isEmpty());
}

void RingViewTest::anotherClusterTakesTheKeyAway() {
    Scene scene;
    scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    auto* edit = m_view->findChild<KeyField*>()->findChild<QLineEdit*>();
    QCOMPARE(edit->text(), QString("'m-1131'"));
    m_model->setSource(nullptr);
    QVERIFY(edit->text().isEmpty());
    QVERIFY(!m_view->focus().key);
}

void RingViewTest::everyItemIsARowForAssistiveTechnology() {
    Scene scene;
    scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    auto* canvas = m_view->findChild<RingCanvas*>();
    QAccessibleInterface* ring = QAccessible::queryAccessibleInterface(canvas);
    QVERIFY(ring != nullptr);
    QCOMPARE(ring->role(), QAccessible::Table);
    QCOMPARE(ring->text(QAccessible::Name), QString("Ring"));
    QAccessibleTableInterface* table = ring->tableInterface();
    QVERIFY(table != nullptr);
    QCOMPARE(table->rowCount(), static_cast<int>(canvas->items().size()));
    QCOMPARE(table->columnCount(), 1);
    for (int row = 0; row < table->rowCount(); ++row) {
        QAccessibleInterface* cell = table->cellAt(row, 0);
        QVERIFY(cell != nullptr && cell->isValid());
        QVERIFY2(!cell->text(QAccessible::Name).isEmpty(), qPrintable(QString::number(row)));
        QVERIFY(!cell->rect().isEmpty());
        QCOMPARE(cell->tableCellInterface()->rowIndex(), row);
        QCOMPARE(ring->indexOfChild(cell), row);
    }
    QVERIFY(table->cellAt(0, 0)->text(QAccessible::Name).startsWith("n1"));
    m_model->selection().setNode(QString::fromStdString(Scene::node(1)));
    m_view->refreshNow();
    QVERIFY(table->isRowSelected(0));
    QVERIFY(table->cellAt(table->rowCount(), 0) == nullptr);
}

void RingViewTest::choosingANodeIsTheSelectionOfAll() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    RingCanvas& ring = m_view->ringCanvas();
    ring.refreshNow();
    QTest::mouseClick(&ring, Qt::LeftButton, {}, ring.ringLayout().badges[1].at.toPoint());
    QCOMPARE(m_model->selection().node(), QString::fromStdString(Scene::node(2)));
    QVERIFY(m_view->caption().sentence.startsWith("n2 owns"));
    shoot(*m_view, "ring-node");
}

void RingViewTest::theNodesMenuIsAskedFor() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    RingCanvas& ring = m_view->ringCanvas();
    ring.refreshNow();
    QSignalSpy asked(m_view.get(), &ExplorerView::nodeMenuWanted);
    const QPoint at = ring.ringLayout().badges[2].at.toPoint();
    QContextMenuEvent event(QContextMenuEvent::Mouse, at, ring.mapToGlobal(at));
    QApplication::sendEvent(&ring, &event);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked.first().first().toInt(), 3);
}

void RingViewTest::captionsTellOnceAndInWords() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    QSignalSpy told(m_view.get(), &ExplorerView::captionChanged);
    m_model->take({});
    QCOMPARE(told.count(), 0);
    Scene more;
    more.write();
    more.into(*m_model);
    QTRY_COMPARE(told.count(), 1);
}

void RingViewTest::theReplayMovesOnlyAlongTheRecord() {
    QCOMPARE(Replay::factorFor(800'000), 5000);
    QCOMPARE(Replay::factorFor(3'000'000'000), 1);
    Scene scene;
    const auto id = scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    Replay replay;
    replay.start(RequestStory::of(m_model->state().request(id)));
    const std::int64_t first = replay.now();
    QVERIFY(first >= scene.nanos(0));
    QTest::qWait(30);
    QVERIFY(replay.now() > first);
    QVERIFY(replay.now() < scene.nanos(.2));
    QVERIFY(replay.isRunning());
}

void RingViewTest::linksAreLitAndGoOut() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    m_view->ringCanvas().refreshNow();
    const QImage quiet = m_view->ringCanvas().grab().toImage();
    m_view->ringCanvas().light(Scene::node(1), Scene::node(2), "write");
    QVERIFY(m_view->ringCanvas().grab().toImage() != quiet);
    QTest::qWait(RingCanvas::kLitMillis + 80);
    QVERIFY(m_view->ringCanvas().grab().toImage() == quiet);
}

void RingViewTest::theExportHasVectors() {
    Scene scene;
    scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    QBuffer buffer;
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize({1228, 608});
    QPainter painter(&svg);
    m_view->drawTo(painter, {1228, 608});
    painter.end();
    QVERIFY(buffer.data().count("<path") > 50);
    QVERIFY(buffer.data().contains("From key to replicas"));
    QVERIFY(buffer.data().count("<image") <= 3);  // Icons are pixmaps.
}

void RingViewTest::theToolbarFitsBesideThePanel() {
    m_view->resize(820, 380);  // 1280 wide, in a lab.
    QTest::qWait(20);
    const auto* form = m_view->findChild<app::shell::SegmentedControl*>();
    const auto* field = m_view->findChild<KeyField*>();
    QVERIFY(form->width() >= form->sizeHint().width());
    QVERIFY(!form->geometry().intersects(field->geometry()));
    QVERIFY(field->parentWidget()->rect().contains(field->geometry()));
}

void RingViewTest::theLineZoomsAtThePointer() {
    Scene scene;
    scene.into(*m_model);
    m_view->refreshNow();
    m_view->showForm(1);
    LineCanvas& line = m_view->lineCanvas();
    line.refreshNow();
    shoot(*m_view, "line");
    const double before = line.lineLayout().partAt(600);
    line.zoomAt(before, .5);
    QVERIFY(std::abs(line.lineLayout().partAt(600) - before) < 1e-9);
    QTest::keyClick(&line, Qt::Key_0);
    QCOMPARE(line.lineLayout().window.to, 1.0);
    m_view->showForm(2);
    m_view->refreshNow();
    shoot(*m_view, "racks");
}

void RingViewTest::everyThemeAndSizePaints_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("vnodes");
    QTest::addColumn<QSize>("size");
    using Kind = app::shell::ThemeKind;
    QTest::newRow("dark, 12 x 16") << static_cast<int>(Kind::Dark) << 12 << 16 << QSize(1228, 608);
    QTest::newRow("contrast, 12 x 256") << static_cast<int>(Kind::Contrast) << 12 << 256 << QSize(1228, 608);
    QTest::newRow("light, in a lab at 1366") << static_cast<int>(Kind::Light) << 3 << 16 << QSize(906, 356);
    QTest::newRow("light, narrow") << static_cast<int>(Kind::Light) << 6 << 16 << QSize(560, 420);
}

void RingViewTest::everyThemeAndSizePaints() {
    QFETCH(const int, kind);
    QFETCH(const int, nodes);
    QFETCH(const int, vnodes);
    QFETCH(const QSize, size);
    app::shell::theme().setKind(static_cast<app::shell::ThemeKind>(kind));
    Scene scene = nodes == 3 ? Scene() : Scene::ofSize(nodes, vnodes);
    scene.write();
    scene.into(*m_model);
    m_view->refreshNow();
    m_view->resize(size);
    m_view->refreshNow();
    QVERIFY(!m_view->grab().isNull());
    shoot(*m_view, QString("ring-%1").arg(QString(QTest::currentDataTag()).remove(',').replace(' ', '-')));
    app::shell::theme().setKind(app::shell::ThemeKind::Light);
}

QTEST_MAIN(RingViewTest)
#include "ring_view_test.moc"
