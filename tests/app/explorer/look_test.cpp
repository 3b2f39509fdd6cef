#include <QAbstractItemModelTester>
#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>

#include <mutex>
#include <set>

#include "app/explorer/inspector.h"
#include "app/explorer/storage/storage_page.h"
#include "app/explorer/storage/storage_view.h"
#include "scene.h"
#include "shots.h"

using namespace app::explorer;
using namespace app::explorer::storage;
using tests::Scene;
using tests::shoot;

namespace {

constexpr qint64 kEarlier = 1'763'719'320'000'000;  // µs.
constexpr qint64 kLater = kEarlier + 30'000'000;

QJsonObject sstableTold(int generation, const char* outcome) {
    return {{"name", QString("nb-%1").arg(generation)}, {"generation", generation}, {"outcome", outcome}, {"found", false},
            {"minTimestamp", kEarlier}, {"maxTimestamp", kLater}, {"startNanos", 9000}, {"lookupNanos", 1200}};
}

/// A read of one key that met a file of every kind.
QJsonObject readPathTold(int files = 5) {
    QJsonObject found = sstableTold(9, "found");
    found["found"] = true;
    found["rows"] = 2;
    found["cells"] = 3;
    found["bytesRead"] = 4200;
    found["lookupNanos"] = 130'000;
    found["dataOffset"] = 70'000;
    found["index"] = QJsonObject{{"summaryEntry", 3}, {"summaryEntries", 12}, {"offset", 4096}, {"bytes", 1200}, {"passed", 17}, {"cached", false}};
    found["chunks"] = QJsonArray{QJsonObject{{"number", 4}, {"offset", 9000}, {"stored", 3000}, {"bytes", 16384}, {"cached", false}},
                                 QJsonObject{{"number", 5}, {"offset", 12000}, {"stored", 3000}, {"bytes", 16384}, {"cached", true}}};
    QJsonArray sstables{found};
    const char* kOutcomes[] = {"bloom-no", "bloom-false", "out-of-range", "not-reached"};
    for (int i = 1; i < files; ++i) {
        sstables.append(sstableTold(9 - std::min(i, 8), kOutcomes[(i - 1) % 4]));
    }
    const auto version = [](const char* source, const char* value, qint64 timestamp, bool wins) {
        return QJsonObject{{"source", source}, {"value", value}, {"timestamp", timestamp}, {"tombstone", false}, {"ttl", 0}, {"wins", wins}};
    };
    return {{"statement", "SELECT * FROM library.books WHERE isbn = '978' LIMIT 100"},
            {"mayStop", false},
            {"endNanos", 310'000},
            {"liveRows", 2},
            {"tombstones", 1},
            {"memtables", QJsonArray{QJsonObject{{"name", "memtable"}, {"found", true}, {"rows", 1}, {"cells", 1}, {"rowsNanos", 900}},
                                     QJsonObject{{"name", "memtable being flushed"}, {"found", false}}}},
            {"sstables", sstables},
            {"cells", QJsonArray{QJsonObject{{"row", "1"}, {"column", "title"},
                                             {"versions", QJsonArray{version("memtable", "'Middlemarch'", kLater, true),
                                                                     version("nb-9", "'Midlemarch'", kEarlier, false)}}},
                                 QJsonObject{{"row", "2"}, {"column", "title"}, {"versions", QJsonArray{version("nb-9", "'Emma'", kEarlier, true)}}}}}};
}

QJsonObject rangeTold(const char* component, int offset, int length, int depth, const char* name, const char* meaning, const char* hex) {
    return {{"component", component}, {"offset", offset}, {"length", length}, {"depth", depth}, {"name", name}, {"meaning", meaning}, {"hex", hex}};
}

QJsonObject xrayTold() {
    return {{"file", "nb-9-big-Data.db"},
            {"key", "978"},
            {"token", "-42"},
            {"found", true},
            {"bloomSaysMaybe", true},
            {"bloomBits", QJsonArray{QJsonObject{{"bit", 12}, {"set", true}}, QJsonObject{{"bit", 99}, {"set", true}}}},
            {"summaryEntry", 0},
            {"indexScanFrom", 0},
            {"indexEntriesPassed", 1},
            {"dataOffset", 0},
            {"dataLength", 108},
            {"ranges", QJsonArray{rangeTold("Filter.db", 9, 1, 0, "bit 12", "set: may be here", "0x10"), rangeTold("Index.db", 0, 7, 0, "index entry", "", "0x00033937380000"),
                                  rangeTold("Index.db", 0, 5, 1, "partition key", "978", "0x0003393738"), rangeTold("Index.db", 5, 1, 1, "place in Data.db", "0", "0x00"),
                                  rangeTold("Index.db", 6, 1, 1, "bytes of the promoted index", "0", "0x00"), rangeTold("Data.db", 0, 5, 0, "partition key", "978", "0x0003393738"),
                                  rangeTold("Data.db", 5, 103, 0, "value", "long", "0x41424344")}}};
}

std::string jsonOf(const QJsonObject& object) { return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString(); }

}  // namespace

/// What a read of a key meets on a node, and the bytes of a file: parsing, geometry, words, and the pane.
class LookTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { app::shell::theme().install(app::shell::ThemeKind::Light); }
    void init() {
        m_model = std::make_unique<app::sources::ClusterModel>();
        Scene scene;
        scene.files(10);
        scene.into(*m_model);
        m_view = std::make_unique<StorageView>(*m_model);
        m_view->resize(1228, 846);
        m_view->show();
        m_asked.clear();
        m_view->look().question().setAsk([this](const std::string& method, const std::string& params) -> engine::Result<std::string> {
            const std::lock_guard lock(m_mutex);
            m_asked += QString::fromStdString(method + ' ' + params);
            if (m_answer.empty()) {
                return engine::invalid("library.books does not exist");
            }
            return m_answer;
        });
    }
    void cleanup() {
        m_view.reset();
        m_model.reset();
    }

    void eachOutcomeHasItsStations() {
        const ReadPath path = parseReadPath(readPathTold());
        QCOMPARE(path.sources.size(), std::size_t(6));  // An empty memtable being flushed is not told.
        using State = StationFact::State;
        const auto bloom = static_cast<std::size_t>(Station::Bloom), data = static_cast<std::size_t>(Station::Data);
        QCOMPARE(stationsOf(path.sources[1])[data].state, State::Passed);
        QVERIFY(stationsOf(path.sources[1])[data].text.contains("2 chunks"));
        QCOMPARE(stationsOf(path.sources[2])[bloom].state, State::Ends);
        QCOMPARE(stationsOf(path.sources[2])[data].state, State::Nothing);
        QCOMPARE(stationsOf(path.sources[3])[bloom].state, State::FalseHit);
        QCOMPARE(stationsOf(path.sources[4])[bloom].state, State::Nothing);
        QCOMPARE(stationsOf(path.sources[5])[bloom].state, State::NotReached);
        QCOMPARE(path.sources[1].won, std::uint64_t(1));
        QVERIFY(sentenceOf(path.sources[3]).contains("false hit"));
    }

    void theCaptionSaysWhatWasSpared() {
        const ReadPath path = parseReadPath(readPathTold());
        const auto caption = readPathCaption(path, "n2", {}, &path);
        QCOMPARE(caption.sentence, QString("n2 found the key in memtable and nb-9; the bloom filter spared it 1 SSTable, 1 SSTable was a false hit, "
                                           "1 SSTable cannot have the key, 1 SSTable was not needed."));
        QCOMPARE(caption.facts[0].now, QString("1 of 5"));
        QCOMPARE(caption.facts[0].was, QString("1"));
    }

    void theCaptionSaysWhoKeepsAKeyThatThisNodeDoesNot() {
        ReadPath path;
        const auto caption = readPathCaption(path, "n3", {"n1", "n2"}, nullptr);
        QCOMPARE(caption.sentence, QString("n3 has nothing of this key, and is no replica of it: n1 and n2 are."));
    }

    void manySstablesFoldByOutcome() {
        const ReadPath path = parseReadPath(readPathTold(25));
        const ReadPathLayout layout = ReadPathLayout::compute(path, 900);
        // Memtable, the one with the key, six false hits, and a row each for three outcomes.
        QCOMPARE(layout.rows.size(), std::size_t(11));
        QVERIFY(std::any_of(layout.rows.begin(), layout.rows.end(), [](const auto& row) { return row.fold == "6 SSTables passed over by the bloom filter"; }));
        for (std::size_t i = 1; i < layout.rows.size(); ++i) {
            QVERIFY(layout.rows[i].rect.top() >= layout.rows[i - 1].rect.bottom());
        }
    }

    void everyByteHasItsPlaceOnce() {
        const FileBytes bytes = parseFileBytes(xrayTold());
        QVERIFY(!bytes.ranges[1].isLeaf);
        QCOMPARE(pathOf(bytes, 2), QString("index entry"));
        const BytesLayout layout = BytesLayout::compute(bytes, 500);
        QCOMPARE(layout.perLine, 16);
        int drawn = 0;
        for (const auto& piece : layout.pieces) {
            drawn += piece.count;
            for (const auto& other : layout.pieces) {
                QVERIFY(&piece == &other || !piece.rect.intersects(other.rect));
            }
        }
        QCOMPARE(drawn, 1 + 7 + 5 + 4);
        QCOMPARE(layout.pieces.back().hidden, std::uint64_t(99));
        QCOMPARE(kindOf(bytes.ranges.back()), ByteKind::Value);
    }

    void aReadIsAskedOfTheNodeAndToldInTheInspector() {
        answer(readPathTold());
        Inspector inspector(*m_model);
        inspector.resize(400, 800);
        inspector.show();
        m_model->selection().setNode(QString::fromStdString(Scene::node(2)));
        m_view->showForm(StorageView::ReadPathForm);
        QVERIFY(m_view->caption().sentence.contains("Type a key of library.books"));
        m_view->look().setKey("'978'");
        m_view->look().askNow();
        QTRY_COMPARE(m_view->tableModel()->rowCount(), 6);
        QVERIFY2(asked().first().startsWith("readpath") && asked().first().contains("\"key\":[\"'978'\"]"), qPrintable(asked().join('\n')));
        QVERIFY(m_view->caption().sentence.startsWith("n2 found the key"));
        m_view->selectRow(1);
        QVERIFY2(inspectorText(inspector).contains("nb-9 on n2"), qPrintable(inspectorText(inspector)));
        QVERIFY(inspectorText(inspector).contains("from the chunk cache"));
        shoot(*m_view, "read-path");
        shoot(inspector, "read-path-inspector");
        // Its bytes, from the Inspector's button.
        answer(xrayTold());
        StorageFocus::of(*m_model).openBytes(*StorageFocus::of(*m_model).told()->file);
        QTRY_COMPARE(m_view->tableModel()->rowCount(), 7);
        // Questions are asked side by side; the newest is the one that is shown.
        QTRY_VERIFY(!asked().filter("\"generation\":9").isEmpty());
        m_view->selectRow(6);
        QVERIFY(inspectorText(inspector).contains("103 bytes"));
        shoot(*m_view, "bytes");
    }

    void theTableFollowsWithoutResets() {
        m_view->showForm(StorageView::ReadPathForm);
        QAbstractItemModelTester tester(m_view->tableModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(m_view->tableModel(), &QAbstractItemModel::modelReset);
        answer(readPathTold());
        m_view->look().setKey("'978'");
        m_view->look().askNow();
        QTRY_COMPARE(m_view->tableModel()->rowCount(), 6);
        answer(readPathTold(3));
        m_view->look().askNow();
        QTRY_COMPARE(m_view->tableModel()->rowCount(), 4);
        QCOMPARE(resets.count(), 0);
        m_view->showForm(StorageView::TableForm);
        QCOMPARE(m_view->tableModel()->rowCount(), 4);
    }

    void aFailureNamesItsCause() {
        m_answer.clear();
        m_view->showForm(StorageView::ReadPathForm);
        m_view->look().setKey("978");
        m_view->look().askNow();
        QTRY_VERIFY2(m_view->caption().sentence.contains("does not exist"), qPrintable(m_view->caption().sentence));
        // Once as it is, and with quotes.
        QVERIFY(asked().join('\n').contains("\"key\":[\"978\"]") && asked().join('\n').contains("\"key\":[\"'978'\"]"));
    }

    void everyThemePaints_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("form");
        for (int kind = 0; kind < 3; ++kind) {
            QTest::addRow("read path, theme %d", kind) << kind << static_cast<int>(StorageView::ReadPathForm);
            QTest::addRow("bytes, theme %d", kind) << kind << static_cast<int>(StorageView::BytesForm);
        }
    }
    void everyThemePaints() {
        QFETCH(const int, kind);
        QFETCH(const int, form);
        const bool isPath = form == StorageView::ReadPathForm;
        app::shell::theme().setKind(static_cast<app::shell::ThemeKind>(kind));
        answer(isPath ? readPathTold() : xrayTold());
        m_view->showForm(form);
        m_view->look().setKey("'978'");
        m_view->look().askNow();
        QTRY_VERIFY(m_view->tableModel()->rowCount() > 0);
        const QImage image = m_view->grab().toImage();
        std::set<QRgb> colours;
        for (int y = 0; y < image.height(); y += 3) {
            for (int x = 0; x < image.width(); x += 3) {
                colours.insert(image.pixel(x, y));
            }
        }
        QVERIFY(colours.size() > 20);
        shoot(*m_view, QString(isPath ? "read-path-%1" : "bytes-%1").arg(kind));
        app::shell::theme().setKind(app::shell::ThemeKind::Light);
    }

private:
    void answer(const QJsonObject& object) {
        const std::lock_guard lock(m_mutex);
        m_answer = jsonOf(object);
    }
    QStringList asked() {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }
    static QString inspectorText(Inspector& inspector) {
        QStringList out;
        for (const auto& line : inspector.sheet().lines()) {
            out += sheet::textOf(line);
        }
        return out.join('\n');
    }

    std::unique_ptr<app::sources::ClusterModel> m_model;
    std::unique_ptr<StorageView> m_view;
    std::mutex m_mutex;
    std::string m_answer;
    QStringList m_asked;
};

QTEST_MAIN(LookTest)
#include "look_test.moc"
