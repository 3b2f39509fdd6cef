#include <QtTest>

#include <QDir>
#include <QFile>

#include "engine/runtime/posix_file_system.h"
#include "engine/storage/inspect/key_text.h"
#include "engine/storage/inspect/sstable_inspect.h"
#include "tests/engine/storage/sstable/sstable_fixture.h"

using namespace sstabletest;
using storage::Component;
namespace inspect = storage::inspect;

namespace {

storage::SstableDescriptor sampleOf(const QString& name) {
    std::vector<std::string> leftovers;
    runtime::PosixFileSystem files;
    const auto found = must(storage::listSstables(
        files, QStringLiteral(SAMPLES).toStdString() + '/' + name.toStdString(), leftovers));
    if (found.size() != 1) {
        qFatal("%s: %zu SSTables", qPrintable(name), found.size());
    }
    return found[0];
}

const inspect::ByteRange* find(const inspect::Xray& xray, std::string_view name,
                               std::string_view meaning = {}) {
    for (const auto& range : xray.ranges) {
        if (range.name == name && (meaning.empty() || range.meaning == meaning)) {
            return &range;
        }
    }
    return nullptr;
}

}  // namespace

/// The library functions behind `ringctl sstable`, on files of a real Cassandra.
class InspectTest : public QObject {
    Q_OBJECT
private slots:
    void metadataOfImpossibleNumbersIsPrinted();
    void metadataIsThatOfCassandra_data();
    void metadataIsThatOfCassandra();
    void soundFilesVerify_data() { metadataIsThatOfCassandra_data(); }
    void soundFilesVerify();
    void xrayCoversEveryByteOfAPartition_data() { metadataIsThatOfCassandra_data(); }
    void xrayCoversEveryByteOfAPartition();
    void xrayTellsHowAKeyIsFound();
    void xrayTellsWhyAKeyIsNotThere();
    void everyMomentHasAText();

private:
    runtime::PosixFileSystem m_files;
};

void InspectTest::everyMomentHasAText() {
    QCOMPARE(storage::inspect::instantText(-1), std::string("1969-12-31T23:59:59.999999Z"));
    QCOMPARE(storage::inspect::instantText(std::numeric_limits<std::int64_t>::min()),
             std::string("-290308-12-21T19:59:05.224192Z"));
}

/// A damaged file may tell any number: what is printed of it is a number again.
void InspectTest::metadataOfImpossibleNumbersIsPrinted() {
    const auto sample = sampleOf("all_types_none");
    sim::SimDisk disk(1);
    must(disk.createFolders("/copy"));
    const storage::SstableDescriptor copy{"/copy", sample.id};
    for (const storage::Component component : storage::kAllComponents) {
        if (m_files.exists(sample.pathOf(component))) {
            must(runtime::writeFileAtomically(disk, copy.pathOf(component), must(runtime::readFile(m_files, sample.pathOf(component)))));
        }
    }
    must(storage::mutateStats(disk, copy, [](storage::SstableStats& stats) { stats.repairedAtMillis = std::numeric_limits<std::int64_t>::max(); }));
    const std::string text = must(inspect::metadataText(disk, copy, {}));
    QVERIFY2(text.find("Repaired at: ") != std::string::npos && text.find("Repaired at: -") == std::string::npos, text.c_str());
}

void InspectTest::metadataIsThatOfCassandra_data() {
    QTest::addColumn<QString>("sample");
    for (const QString& name :
         QDir(QStringLiteral(SAMPLES)).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QTest::newRow(qPrintable(name)) << name;
    }
}

void InspectTest::metadataIsThatOfCassandra() {
    QFETCH(const QString, sample);
    QFile recorded(QStringLiteral(SAMPLES) + '/' + sample + "/metadata.txt");
    QVERIFY(recorded.open(QIODevice::ReadOnly));
    const QStringList expected = QString::fromUtf8(recorded.readAll()).split('\n');
    QStringList got = QString::fromStdString(must(inspect::metadataText(m_files, sampleOf(sample), {})))
                          .split('\n');
    got.removeIf([](const QString& line) {
        return line.startsWith("SSTable: ") || line.startsWith("Estimated droppable") ||
               line.startsWith("Replay positions");
    });
    for (qsizetype i = 0; i < std::min(expected.size(), got.size()); ++i) {
        if (got[i].startsWith("RegularColumns: ")) {
            // Cassandra prints them in the order of a hash table.
            QStringList ours = got[i].mid(16).split(", ");
            QStringList theirs = expected[i].mid(16).split(", ");
            ours.sort();
            theirs.sort();
            QCOMPARE(ours, theirs);
            continue;
        }
        QCOMPARE(got[i], expected[i]);
    }
    QCOMPARE(got.size(), expected.size());
}

void InspectTest::soundFilesVerify() {
    QFETCH(const QString, sample);
    const auto report = inspect::verify(m_files, sampleOf(sample), true);
    for (const auto& finding : report.findings) {
        qWarning("%s: %s", std::string(storage::toString(finding.component)).c_str(),
                 finding.what.c_str());
    }
    QVERIFY(report.isGood());
    QVERIFY(report.partitions > 0);
}

void InspectTest::xrayCoversEveryByteOfAPartition() {
    QFETCH(const QString, sample);
    const auto descriptor = sampleOf(sample);
    storage::SstableCache cache(1 << 20);
    const auto table = must(inspect::tableOf(m_files, descriptor));
    const auto reader = must(SstableReader::open(m_files, descriptor, table, cache));
    const rows::PartitionRange all;
    const auto scan = must(reader->scan(all));
    for (int i = 0; i < 5 && scan->key() != nullptr; ++i) {
        const inspect::Xray xray = must(inspect::xray(m_files, descriptor, *scan->key()));
        QVERIFY(xray.isFound);
        QVERIFY(xray.bloomSaysMaybe);
        std::uint64_t at = xray.dataOffset;
        // Leaves follow each other without a gap.
        for (std::size_t r = 0; r < xray.ranges.size(); ++r) {
            const auto& range = xray.ranges[r];
            const bool isLeaf =
                r + 1 == xray.ranges.size() || xray.ranges[r + 1].depth <= range.depth;
            if (range.component == Component::Data && isLeaf) {
                QCOMPARE(range.offset, at);
                at += range.length;
            }
        }
        QCOMPARE(at, xray.dataOffset + xray.dataLength);
        QVERIFY(find(xray, "end of partition"));
        must(scan->advance());
    }
}

void InspectTest::xrayTellsHowAKeyIsFound() {
    const auto descriptor = sampleOf("many");
    const auto header = must(inspect::tableOf(m_files, descriptor));
    storage::SstableCache cache(1 << 20);
    const auto reader = must(SstableReader::open(m_files, descriptor, header, cache));
    const DecoratedKey key = must(inspect::parseKey(reader->header(), "77"));
    const inspect::Xray xray = must(inspect::xray(m_files, descriptor, key));
    QCOMPARE(xray.keyText, std::string("77"));
    QCOMPARE(xray.bloomBits.size(), 5u);
    QVERIFY(xray.summaryEntry.has_value());
    QVERIFY(xray.isFound);
    QVERIFY(!xray.chunks.empty());
    QVERIFY(find(xray, "length and value", "value 77"));
    QVERIFY(find(xray, "row flags", "HAS_TIMESTAMP | HAS_ALL_COLUMNS"));
}

void InspectTest::xrayTellsWhyAKeyIsNotThere() {
    const auto descriptor = sampleOf("many");
    int denied = 0;
    for (int pk = 1000; pk < 1100; ++pk) {
        const inspect::Xray xray = must(inspect::xray(m_files, descriptor, key(pk)));
        QVERIFY(!xray.isFound);
        denied += xray.bloomSaysMaybe ? 0 : 1;
    }
    QVERIFY(denied > 90);
}

QTEST_GUILESS_MAIN(InspectTest)
#include "inspect_test.moc"
