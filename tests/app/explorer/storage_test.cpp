#include <QAbstractItemModelTester>
#include <QtTest>

#include <mutex>
#include <numeric>
#include <set>

#include "app/explorer/inspector.h"
#include "app/explorer/storage/storage_page.h"
#include "app/explorer/storage/storage_view.h"
#include "scene.h"
#include "shots.h"

using namespace app::explorer;
using namespace app::explorer::storage;
using engine::observe::ClusterState;
using tests::Scene;
using tests::shoot;

/// What lies on disk and in memory: groups, geometry, words and the view.
class StorageTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { app::shell::theme().install(app::shell::ThemeKind::Light); }
    void init();
    void cleanup();
    void lengthIsBytesOnOneScale();
    void tiersAreThoseOfTheStrategy();
    void smallFilesAreOneTier();
    void levelsHaveTheirOverlaps();
    void windowsLieSideBySide();
    void unselectedNodesGiveWay();
    void moreThanFortyBecomeAHistogram();
    void aCompactionFlowsFromInputsToOutput();
    void tilesMeasureBytes();
    void whatIsNotKnownIsNotShownAsZero();
    void everyItemIsWhereItIsPainted();
    void captionsTellWhatGoesOn();
    void theTableFollowsWithoutResets();
    void theTableFollowsWhileThePictureIsHidden();
    void choosingAFileShowsItInTheInspector();
    void damagedFilesAreShownAndTold();
    void anEmptyTableOffersToBeFilled();
    void buttonsReachTheNodesAndTellWhatFailed();
    void compactionsAreSlowedAndStopped();
    void aPastMomentShowsItsFiles();
    void everyThemePaints_data();
    void everyThemePaints();

private:
    static StorageLayout layoutOf(const Scene& scene, QSizeF size = {1228, 700}, const std::string& focus = {}, bool only = false);
    static std::vector<StorageLayout::File> filesOf(const StorageLayout& layout, std::size_t column);
    std::unique_ptr<app::sources::ClusterModel> m_model;
    std::unique_ptr<StorageView> m_view;
};

StorageLayout StorageTest::layoutOf(const Scene& scene, QSizeF size, const std::string& focus, bool only) {
    const ClusterState state = scene.state();
    const Nodes nodes = scene.nodes();
    StorageLayout::Input input{&state, &nodes, "library.books", focus, only, state.nanos, {}};
    return StorageLayout::compute(input, size);
}

std::vector<StorageLayout::File> StorageTest::filesOf(const StorageLayout& layout, std::size_t column) {
    std::vector<StorageLayout::File> out;
    std::copy_if(layout.files.begin(), layout.files.end(), std::back_inserter(out), [column](const auto& f) { return f.column == column; });
    return out;
}

void StorageTest::init() {
    m_model = std::make_unique<app::sources::ClusterModel>();
    m_view = std::make_unique<StorageView>(*m_model);
    m_view->resize(1228, 846);
    m_view->show();
}

void StorageTest::cleanup() {
    m_view.reset();
    m_model.reset();
}

void StorageTest::lengthIsBytesOnOneScale() {
    Scene scene;
    scene.files(10);
    const StorageLayout layout = layoutOf(scene);
    QCOMPARE(layout.files.size(), std::size_t(30));
    for (const auto& file : layout.files) {
        QVERIFY(std::abs(file.rect.width() - static_cast<double>(file.info.bytes) * layout.pixelsPerByte) < .01);
    }
    const auto first = filesOf(layout, 0);
    QVERIFY(std::abs(first[9].rect.width() / first[0].rect.width() - 4) < .05);
    for (const auto& file : layout.files) {
        QVERIFY(layout.columns[file.column].rect.contains(file.rect));
        for (const auto& other : layout.files) {
            QVERIFY(&file == &other || !file.rect.intersects(other.rect));
        }
    }
}

void StorageTest::tiersAreThoseOfTheStrategy() {
    Scene scene;
    scene.files(10);
    const Groups groups = Groups::of(scene.state(), "library.books");
    QCOMPARE(groups.all().size(), std::size_t(2));
    QCOMPARE(groups.all()[0].note, QString("about 25 MiB"));
    QCOMPARE(groups.all()[0].threshold, 4);
    Scene two;
    two.files(2);
    const StorageLayout layout = layoutOf(two);
    QCOMPARE(layout.places.size(), std::size_t(6));  // "3 of 4" and "4 of 4" on three nodes.
    QCOMPARE(layout.places[0].text, QString("3 of 4"));
}

void StorageTest::smallFilesAreOneTier() {
    Scene scene;
    scene.files(10);
    scene.tell(1, 5, engine::observe::TableStorage{"library", "books", "SizeTieredCompactionStrategy", {{"min_sstable_size", "524288000"}}, 0});
    QCOMPARE(Groups::of(scene.state(), "library.books").all().size(), std::size_t(1));
}

void StorageTest::levelsHaveTheirOverlaps() {
    Scene scene;
    scene.files(20, "LeveledCompactionStrategy");
    const StorageLayout layout = layoutOf(scene);
    QCOMPARE(layout.labels[2].title, QString("L0"));
    QCOMPARE(layout.strips.size(), std::size_t(6));  // L0 and L1 of three nodes.
    QVERIFY(!layout.strips[0].overlaps.empty());
    for (const auto& strip : layout.strips) {
        for (const QRectF& range : strip.ranges) {
            QVERIFY(strip.rect.adjusted(-1, -1, 1, 1).contains(range));
        }
    }
}

void StorageTest::windowsLieSideBySide() {
    Scene scene;
    scene.files(3, "TimeWindowCompactionStrategy");
    for (int node = 1; node <= 3; ++node) {
        scene.tell(node, 5, engine::observe::TableStorage{"library", "books", "TimeWindowCompactionStrategy",
                                                          {{"compaction_window_unit", "MINUTES"}, {"compaction_window_size", "1"}}, 0});
    }
    const StorageLayout layout = layoutOf(scene);
    const auto files = filesOf(layout, 0);
    QCOMPARE(files.size(), std::size_t(3));
    QVERIFY(files[0].rect.right() < files[1].rect.left());
    QVERIFY(files[1].rect.right() < files[2].rect.left());
    QCOMPARE(files[0].rect.top(), files[2].rect.top());
}

void StorageTest::unselectedNodesGiveWay() {
    Scene scene = Scene::ofSize(12, 4);
    scene.files(40);
    const StorageLayout layout = layoutOf(scene, {1228, 700}, Scene::node(5));
    QCOMPARE(layout.columns.size(), std::size_t(12));
    QVERIFY(layout.columns[4].isWide);
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        QVERIFY(layout.columns[i].rect.right() <= 1228);
        QVERIFY(i == 4 || !layout.columns[i].isWide);
    }
    const StorageLayout one = layoutOf(scene, {1228, 700}, Scene::node(5), true);
    QCOMPARE(one.columns.size(), std::size_t(1));
    QCOMPARE(one.columns[0].number, 5);
}

void StorageTest::moreThanFortyBecomeAHistogram() {
    Scene scene;
    scene.files(60);
    const StorageLayout layout = layoutOf(scene);
    QCOMPARE(layout.histograms.size(), std::size_t(3));
    QCOMPARE(layout.histograms[0].files, std::size_t(54));
    QCOMPARE(std::accumulate(layout.histograms[0].counts.begin(), layout.histograms[0].counts.end(), 0), 54);
}

void StorageTest::aCompactionFlowsFromInputsToOutput() {
    Scene scene;
    scene.files(10);
    scene.compaction();
    const StorageLayout layout = layoutOf(scene);
    QCOMPARE(layout.outputs.size(), std::size_t(1));
    const auto& output = layout.outputs[0];
    QCOMPARE(output.column, std::size_t(1));
    QVERIFY(std::abs(output.share - .5) < .01);
    QCOMPARE(output.ribbons.size(), std::size_t(4));
    QVERIFY(std::abs(output.written.width() / output.estimate.width() - .5) < .01);
    const auto files = filesOf(layout, 1);
    QVERIFY(std::abs(files[0].read - .5) < .01);
    QVERIFY(files[5].read < 0);
    for (const auto& file : files) {
        QVERIFY(file.read < 0 || file.rect.bottom() < output.estimate.top());
    }
}

void StorageTest::tilesMeasureBytes() {
    Scene scene;
    scene.files(10);
    const Measures is = measuresOf(scene.state(), "library.books");
    QCOMPARE(QString::number(*is.writeAmplification, 'f', 2), QString("2.31"));
    QCOMPARE(QString::number(*is.bloomFalse, 'f', 3), QString("0.010"));
    QCOMPARE(*is.sstablesPerRead99, 3);
    QCOMPARE(QString::number(*is.spaceAmplification, 'f', 2), QString("1.18"));
    QCOMPARE(QString::number(*is.droppable, 'f', 2), QString("0.05"));
    QCOMPARE(is.sstables, std::size_t(30));
}

void StorageTest::whatIsNotKnownIsNotShownAsZero() {
    Scene scene;
    scene.tell(1, 0, engine::observe::StorageSnapshot{1 << 20, 0, 1 << 20, 0});
    scene.tell(1, 0, engine::observe::TableStorage{"library", "books", "SizeTieredCompactionStrategy", {}, 0});
    const StorageLayout layout = layoutOf(scene);
    for (const auto& tile : layout.tiles) {
        QVERIFY(tile.value.isEmpty());
    }
    QVERIFY(layout.files.empty());
    const auto rows = partRows(scene.state(), scene.nodes(), "library.books");
    QCOMPARE(rows.rows.size(), std::size_t(1));  // n1's memtable; the others told nothing.
}

void StorageTest::everyItemIsWhereItIsPainted() {
    Scene scene;
    scene.files(10);
    scene.compaction();
    const StorageLayout layout = layoutOf(scene);
    QVERIFY(layout.items.size() > 40);
    const QRectF all(0, 0, 1228, layout.height);
    for (const Item& item : layout.items) {
        QVERIFY(item.shape.contains(item.shape.anchor()));
        QVERIFY(all.contains(item.shape.anchor()));
    }
}

void StorageTest::captionsTellWhatGoesOn() {
    Scene scene;
    scene.files(10);
    const auto quiet = storageCaption(scene.state(), scene.nodes(), "library.books", {}, scene.state().nanos);
    QCOMPARE(quiet.sentence, QString("library.books has 30 SSTables; nothing is being flushed or compacted."));
    scene.tell(3, 50, engine::observe::FlushStarted{"library", "books", 100, 5, "MEMTABLE_LIMIT"});
    const auto flushing = storageCaption(scene.state(), scene.nodes(), "library.books", {}, scene.state().nanos);
    QVERIFY2(flushing.sentence.startsWith("n3 writes its memtable to an SSTable: the memtable is full"), qPrintable(flushing.sentence));
    scene.compaction();
    const auto merging = storageCaption(scene.state(), scene.nodes(), "library.books", {}, scene.state().nanos);
    QVERIFY2(merging.sentence.startsWith("n2 merges 4 SSTables in token order: 4 SSTables of one size, min_threshold 4."), qPrintable(merging.sentence));
    QCOMPARE(merging.facts[0].was, QString("10"));
    QCOMPARE(merging.facts[0].now, QString("7"));
}

void StorageTest::theTableFollowsWithoutResets() {
    QAbstractItemModelTester tester(m_view->tableModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy resets(m_view->tableModel(), &QAbstractItemModel::modelReset);
    Scene scene;
    scene.files(10);
    scene.compaction();
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->tableModel()->rowCount(), 3 * (2 + 1 + 10) + 1);
    QCOMPARE(resets.count(), 0);
    scene.tell(2, 200, engine::observe::SstableRemoved{"library", "books", 1, "compaction"});
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->tableModel()->rowCount(), 3 * (2 + 1 + 10));
}

void StorageTest::theTableFollowsWhileThePictureIsHidden() {
    m_view->hide();  // As while the shell shows the table instead.
    Scene scene;
    scene.files(3);
    scene.into(*m_model);
    QTRY_COMPARE(m_view->tableModel()->rowCount(), 3 * (2 + 1 + 3));
    scene.tell(1, 100, engine::observe::SstableRemoved{"library", "books", 1, "compaction"});
    scene.into(*m_model);
    QTRY_COMPARE(m_view->tableModel()->rowCount(), 3 * (2 + 1 + 3) - 1);
}

void StorageTest::choosingAFileShowsItInTheInspector() {
    Scene scene;
    scene.files(10);
    const auto id = scene.compaction();
    scene.into(*m_model);
    m_view->refreshNow();
    Inspector inspector(*m_model);
    inspector.resize(400, 800);
    inspector.show();
    for (int row = 0; row < m_view->tableModel()->rowCount(); ++row) {
        if (m_view->tableModel()->index(row, 1).data().toString() == "SSTable") {
            m_view->selectRow(row);
            QCOMPARE(m_view->selectedRow(), row);
            break;
        }
    }
    const auto text = [&inspector] {
        QStringList out;
        for (const auto& line : inspector.sheet().lines()) {
            out += sheet::textOf(line);
        }
        return out.join('\n');
    };
    QVERIFY2(text().contains("nb-1 on n1"), qPrintable(text()));
    StorageFocus::of(*m_model).choose({Part::Kind::Compaction, Scene::node(2), 0, id});
    QVERIFY2(text().contains("4 SSTables of one size, min_threshold 4"), qPrintable(text()));
    QVERIFY(text().contains("about 100 MiB"));
    shoot(inspector, "storage-inspector");
}

/// One that is open all the same, and one that the table was opened without.
void StorageTest::damagedFilesAreShownAndTold() {
    Scene scene;
    scene.files(3);
    scene.tell(2, 100, engine::observe::SstableUnreadable{"library", "books", 1, "/n2/nb-1-big-Data.db", "the checksum of a chunk does not match at offset 4096"});
    scene.tell(2, 101, engine::observe::SstableUnreadable{"library", "books", 70, "/n2/nb-70-big-Data.db", "/n2/nb-70-big-Index.db: an entry is out of order at offset 8"});
    const StorageLayout layout = layoutOf(scene);
    const auto files = filesOf(layout, 1);
    QCOMPARE(files.size(), std::size_t(4));
    QCOMPARE(std::count_if(files.begin(), files.end(), [](const auto& file) { return !file.damage.isEmpty(); }), 2);
    QCOMPARE(filesOf(layout, 0).size(), std::size_t(3));
    scene.into(*m_model);
    m_view->refreshNow();
    shoot(*m_view, "storage-damaged");
    QVERIFY2(m_view->caption().sentence.contains("n2 cannot read nb-1 of library.books, and 1 file more"), qPrintable(m_view->caption().sentence));
    Inspector inspector(*m_model);
    inspector.resize(400, 800);
    inspector.show();
    const auto text = [&inspector] {
        QString out;
        for (const auto& line : inspector.sheet().lines()) {
            out += sheet::textOf(line) + ' ';
        }
        return out;
    };
    StorageFocus::of(*m_model).choose({Part::Kind::Sstable, Scene::node(2), 1, {}});
    QVERIFY2(text().contains("does not match") && text().contains("Scrub"), qPrintable(text()));
    shoot(inspector, "storage-damaged-inspector");
    StorageFocus::of(*m_model).choose({Part::Kind::Sstable, Scene::node(2), 70, {}});
    QVERIFY2(text().contains(" nb-70-big-Index.db: an entry is out of"), qPrintable(text()));
    QVERIFY2(text().contains("File nb-70-big-Data.db") && !text().contains("Verify"), qPrintable(text()));
}

namespace {

class TwoNodes : public app::sources::ClusterSource {
public:
    QString name() const override { return "two"; }
    std::vector<app::sources::NodeProcess> nodes() const override {
        std::vector<app::sources::NodeProcess> out(2);
        for (int i = 0; i < 2; ++i) {
            auto& node = out[static_cast<std::size_t>(i)];
            node.number = i + 1;
            node.name = QString::fromStdString(Scene::node(i + 1));
            node.adminPort = 7199;
            node.state = app::sources::ProcessState::Running;
        }
        return out;
    }
    bool canAct() const override { return true; }
    void perform(app::sources::NodeAction, int) override {}
};

}  // namespace

void StorageTest::anEmptyTableOffersToBeFilled() {
    Scene scene;
    engine::observe::TableStorage books;
    books.keyspace = "library";
    books.table = "books";
    books.strategy = "SizeTieredCompactionStrategy";
    scene.tell(1, 1, engine::observe::StorageSnapshot{32, 64, 16, 32});
    scene.tell(1, 1, books);
    scene.into(*m_model);
    m_view->refreshNow();
    const auto offer = [this]() -> app::shell::Button* {
        for (auto* button : m_view->findChildren<app::shell::Button*>()) {
            if (button->text().startsWith("Write ")) {
                return button;
            }
        }
        return nullptr;
    };
    QVERIFY(offer() != nullptr && offer()->isVisible());
    shoot(*m_view, "storage-empty");
    scene.tell(1, 2, engine::observe::MemtableGrew{"library", "books", 100, 1});
    scene.into(*m_model);
    m_view->refreshNow();
    QVERIFY(!offer()->isVisible());
}

void StorageTest::buttonsReachTheNodesAndTellWhatFailed() {
    TwoNodes source;
    m_model->setSource(&source);
    Scene scene;
    scene.files(3);
    scene.into(*m_model);
    m_view->refreshNow();
    std::vector<QStringList> ran;
    std::mutex mutex;
    m_view->actions().setRun([&](const app::sources::NodeProcess& node, const QStringList& words) -> engine::Result<void> {
        const std::lock_guard lock(mutex);
        ran.push_back(words);
        if (node.number == 2) {
            return engine::invalid("the disk is full");
        }
        return engine::ok();
    });
    QSignalSpy finished(&m_view->actions(), &StorageActions::finished);
    const auto buttons = m_view->findChildren<app::shell::Button*>();
    const auto flush = std::find_if(buttons.begin(), buttons.end(), [](const auto* b) { return b->text() == "Flush"; });
    QVERIFY(flush != buttons.end());
    QTest::mouseClick(*flush, Qt::LeftButton);
    QVERIFY(finished.wait());
    QCOMPARE(ran.size(), std::size_t(2));
    QCOMPARE(ran[0], QStringList({"flush", "library", "books"}));
    QCOMPARE(m_view->caption().sentence, QString("Could not flush: n2: the disk is full"));
    m_model->setSource(nullptr);
}

void StorageTest::compactionsAreSlowedAndStopped() {
    TwoNodes source;
    m_model->setSource(&source);
    Scene scene;
    scene.files(10);
    const auto id = scene.compaction();
    scene.into(*m_model);
    Inspector inspector(*m_model);
    inspector.resize(400, 800);
    inspector.show();
    StorageFocus::of(*m_model).choose({Part::Kind::Compaction, Scene::node(2), 0, id});
    std::vector<QStringList> ran;
    std::mutex mutex;
    inspector.storageActions().setRun([&](const app::sources::NodeProcess& node, const QStringList& words) -> engine::Result<void> {
        const std::lock_guard lock(mutex);
        ran.push_back(QStringList{QString::number(node.number)} + words);
        return words[0] == "stop" ? engine::Result<void>(engine::invalid("nothing goes on")) : engine::ok();
    });
    QSignalSpy finished(&inspector.storageActions(), &StorageActions::finished);
    QSignalSpy failed(&inspector, &Inspector::failed);
    const auto press = [&](CompactionDeed deed) {
        emit inspector.sheet().chosen(kCompactionButton, static_cast<int>(deed));
        QVERIFY(finished.wait());
    };
    press(CompactionDeed::Slow);
    press(CompactionDeed::FullSpeed);
    press(CompactionDeed::Pause);
    press(CompactionDeed::Resume);
    press(CompactionDeed::Stop);
    QCOMPARE(ran.size(), std::size_t(5));
    QCOMPARE(ran[0], QStringList({"2", "setcompactionthroughput", "1"}));
    QCOMPARE(ran[1], QStringList({"2", "setcompactionthroughput", "64"}));  // What the scene's node had before.
    QCOMPARE(ran[2], QStringList({"2", "pause"}));
    QCOMPARE(ran[3], QStringList({"2", "resume"}));
    QCOMPARE(ran[4], QStringList({"2", "stop", "COMPACTION"}));
    emit inspector.sheet().chosen(kFileButton, static_cast<int>(FileDeed::Verify));
    QVERIFY(finished.wait());
    QCOMPARE(ran.back(), QStringList({"2", "verify", "-f", "library", "books"}));
    QCOMPARE(failed.count(), 1);
    QCOMPARE(failed.front().front().toString(), QString("Could not stop: n2: nothing goes on"));
    m_model->setSource(nullptr);
}

void StorageTest::aPastMomentShowsItsFiles() {
    Scene scene;
    scene.files(3);
    scene.into(*m_model);
    const std::int64_t before = m_model->nanos();
    scene.tell(1, 5000, engine::observe::SstableRemoved{"library", "books", 1, "truncate"});
    scene.into(*m_model);
    m_view->refreshNow();
    QCOMPARE(m_view->canvas().storageLayout().files.size(), std::size_t(8));
    m_model->showMoment(before);
    m_view->refreshNow();
    QCOMPARE(m_view->canvas().storageLayout().files.size(), std::size_t(9));
}

void StorageTest::everyThemePaints_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("strategy");
    QTest::newRow("light") << 0 << "SizeTieredCompactionStrategy";
    QTest::newRow("dark") << 1 << "SizeTieredCompactionStrategy";
    QTest::newRow("contrast") << 2 << "SizeTieredCompactionStrategy";
    QTest::newRow("leveled") << 0 << "LeveledCompactionStrategy";
    QTest::newRow("windows") << 0 << "TimeWindowCompactionStrategy";
}

void StorageTest::everyThemePaints() {
    QFETCH(const int, kind);
    QFETCH(const QString, strategy);
    app::shell::theme().setKind(static_cast<app::shell::ThemeKind>(kind));
    Scene scene;
    scene.files(10, strategy.toStdString());
    scene.compaction();
    scene.tell(1, 30'000, engine::observe::FlushFinished{"library", "books", 33, 25 << 20, 70'000'000, ""});
    scene.into(*m_model);
    m_view->refreshNow();
    const QImage image = m_view->grab().toImage();
    std::set<QRgb> colours;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3) {
            colours.insert(image.pixel(x, y));
        }
    }
    QVERIFY(colours.size() > 20);
    shoot(*m_view, QString("storage-%1").arg(QTest::currentDataTag()));
    app::shell::theme().setKind(app::shell::ThemeKind::Light);
}

QTEST_MAIN(StorageTest)
#include "storage_test.moc"
