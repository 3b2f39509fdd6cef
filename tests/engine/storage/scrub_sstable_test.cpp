#include "engine/storage/lifecycle/scrub_sstable.h"

#include <QtTest>

#include "engine/storage/inspect/sstable_inspect.h"
#include "foreign_files.h"

using namespace storagetest;
using storage::ScrubReport;

namespace {

constexpr int kPartitions = 40;
constexpr std::size_t kValueBytes = 2000;  // Some eight partitions to a chunk.
constexpr std::int64_t kNowMillis = 1'700'000'000'000;

Result<ScrubReport> scrub(StorageFixture& f, const SstableDescriptor& sstable) {
    return storage::scrubSstable(f.disk(), sstable, Uuid{7, 7}, kNowMillis);
}

/// One file, and the node stopped.
SstableDescriptor writeFile(StorageFixture& f, int partitions = kPartitions) {
    ENSURE(f.start().has_value());
    for (int pk = 0; pk < partitions; ++pk) {
        ENSURE(f.write(oneRow(pk, 1, 5, kValueBytes)).has_value());
    }
    ENSURE(f.flush().has_value());
    const SstableDescriptor out = f.engine().readers(*f.table()).front()->descriptor();
    f.stop();
    return out;
}

void replaceContent(StorageFixture& f, const std::string& path, const Bytes& content) {
    ENSURE(f.disk().remove(path).has_value());
    auto file = f.disk().open(path, runtime::OpenMode::CreateNew);
    ENSURE(file.has_value());
    ENSURE(file.value()->append(content).has_value());
    ENSURE(file.value()->sync().has_value());
    ENSURE(f.disk().syncFolder(f.tableFolder()).has_value());
}

void changeByte(StorageFixture& f, const std::string& path, double part) {
    Bytes content = contentOf(f, path);
    const auto at = static_cast<std::size_t>(static_cast<double>(content.size()) * part);
    content[at] = static_cast<char>(content[at] ^ 0x55);
    replaceContent(f, path, content);
}

bool isSound(StorageFixture& f, const SstableDescriptor& sstable) {
    const auto report = storage::inspect::verify(f.disk(), sstable, true);
    for (const auto& finding : report.findings) {
        qWarning("%s", finding.what.c_str());
    }
    return report.isGood();
}

/// So that what is there is what the file has.
Result<std::uint64_t> startWithoutLog(StorageFixture& f) {
    TRY(f.disk().removeAll("/commitlog"));
    return f.start();
}

}  // namespace

class ScrubSstableTest : public QObject {
    Q_OBJECT
private slots:
    void aSoundFileLosesNothing();
    void aDamagedChunkLosesThePartitionsInIt();
    void whatTheLogStillHasIsNotLost();
    void withoutItsIndexAFileIsReadFromItsStart_data();
    void withoutItsIndexAFileIsReadFromItsStart();
    void aPartitionIsKeptUpToTheDamage();
    void withoutStatisticsNothingIsDone();
    void aFileOfWhichNothingCanBeReadGoes();
    void aPowerCutLeavesTheOldFileOrTheNewOne();
};

void ScrubSstableTest::aSoundFileLosesNothing() {
    StorageFixture f;
    const SstableDescriptor old = writeFile(f);
    const ScrubReport report = scrub(f, old).value();
    QCOMPARE(report.partitions, std::uint64_t(kPartitions));
    QCOMPARE(report.rows, std::uint64_t(kPartitions));
    QCOMPARE(report.partitionsLost, std::uint64_t(0));
    QCOMPARE(report.rowsLost, std::uint64_t(0));
    QVERIFY(report.losses.empty() && report.indexProblem.empty());
    QVERIFY(report.written->generation() > old.generation());
    QVERIFY(isSound(f, *report.written));
    QVERIFY(!f.disk().exists(old.pathOf(Component::Data)));
    QVERIFY(f.disk().exists(report.snapshotFolder + '/' + old.nameOf(Component::Data)));
    QVERIFY(startWithoutLog(f).has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(kPartitions));
    QVERIFY(f.partitionOf(3).rows == oneRow(3, 1, 5, kValueBytes).rows);
    QCOMPARE(snapshotsOf(f).size(), std::size_t(1));
}

void ScrubSstableTest::aDamagedChunkLosesThePartitionsInIt() {
    StorageFixture f;
    const SstableDescriptor old = writeFile(f);
    changeByte(f, old.pathOf(Component::Data), 0.5);
    const ScrubReport report = scrub(f, old).value();
    QVERIFY(report.indexProblem.empty());
    QVERIFY(report.partitionsLost > 0);
    QVERIFY(report.partitionsLost < kPartitions / 2);
    QCOMPARE(report.rowsLost, report.partitionsLost);
    QCOMPARE(report.partitions + report.partitionsLost, std::uint64_t(kPartitions));
    QCOMPARE(report.losses.size(), report.partitionsLost);
    for (const storage::ScrubLoss& loss : report.losses) {
        QVERIFY(!loss.key.empty());
        QVERIFY2(loss.why.find("Data.db") != std::string::npos, loss.why.c_str());
        QCOMPARE(loss.rowsKept, std::uint64_t(0));
    }
    QVERIFY(isSound(f, *report.written));
    QVERIFY(startWithoutLog(f).has_value());
    QCOMPARE(f.read(f.all()).value().size(), report.partitions);
}

void ScrubSstableTest::whatTheLogStillHasIsNotLost() {
    StorageFixture f;
    const SstableDescriptor old = writeFile(f);
    changeByte(f, old.pathOf(Component::Data), 0.5);
    QVERIFY(scrub(f, old).value().partitionsLost > 0);
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(kPartitions));
}

void ScrubSstableTest::withoutItsIndexAFileIsReadFromItsStart_data() {
    QTest::addColumn<double>("left");
    QTest::newRow("half of the index") << 0.5;
    QTest::newRow("nothing of the index") << 0.0;
}

void ScrubSstableTest::withoutItsIndexAFileIsReadFromItsStart() {
    QFETCH(const double, left);
    StorageFixture f;
    const SstableDescriptor old = writeFile(f);
    Bytes index = contentOf(f, old.pathOf(Component::Index));
    index.resize(static_cast<std::size_t>(static_cast<double>(index.size()) * left));
    replaceContent(f, old.pathOf(Component::Index), index);
    QVERIFY(!f.start().has_value());
    f.kill();
    const ScrubReport report = scrub(f, old).value();
    QVERIFY2(report.indexProblem.find("Index.db") != std::string::npos, report.indexProblem.c_str());
    QCOMPARE(report.partitionsLost, std::uint64_t(0));
    QVERIFY(report.losses.empty());
    QVERIFY(isSound(f, *report.written));
    QVERIFY(startWithoutLog(f).has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(kPartitions));
}

void ScrubSstableTest::aPartitionIsKeptUpToTheDamage() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    Partition wide;
    wide.key = key(1);
    addRangeTombstone(*f.table(), wide.rangeTombstones, range({types::encodeInt(10)}, true, {types::encodeInt(90)}, true, 4));
    for (int c = 0; c < 100; ++c) {
        wide.rows.push_back(oneRow(1, c, 5, kValueBytes).rows.front());
    }
    QVERIFY(f.write(wide).has_value());
    QVERIFY(f.flush().has_value());
    const SstableDescriptor old = f.engine().readers(*f.table()).front()->descriptor();
    f.stop();
    changeByte(f, old.pathOf(Component::Data), 0.5);
    const ScrubReport report = scrub(f, old).value();
    QCOMPARE(report.partitions, std::uint64_t(1));
    QCOMPARE(report.partitionsLost, std::uint64_t(0));
    QVERIFY(report.rows > 10 && report.rows < 90);
    QCOMPARE(report.rowsLost, 100 - report.rows);
    QCOMPARE(report.losses.size(), std::size_t(1));
    QCOMPARE(report.losses.front().rowsKept, report.rows);
    QVERIFY(isSound(f, *report.written));
    QVERIFY(startWithoutLog(f).has_value());
    // The deletion that was open ends with the last row.
    const Partition left = f.partitionOf(1);
    QCOMPARE(left.rows.size(), report.rows);
    QCOMPARE(left.rangeTombstones.size(), std::size_t(1));
}

void ScrubSstableTest::withoutStatisticsNothingIsDone() {
    StorageFixture f;
    const SstableDescriptor old = writeFile(f);
    changeByte(f, old.pathOf(Component::Statistics), 0.5);
    const std::vector<std::string> before = f.files(f.tableFolder());
    const auto refused = scrub(f, old);
    QVERIFY(refused.error().message.find("Statistics.db") != std::string::npos);
    QVERIFY(f.files(f.tableFolder()) == before);
}

void ScrubSstableTest::aFileOfWhichNothingCanBeReadGoes() {
    StorageFixture f;
    const SstableDescriptor old = writeFile(f, 3);
    changeByte(f, old.pathOf(Component::Data), 0.5);
    const ScrubReport report = scrub(f, old).value();
    QVERIFY(!report.written);
    QCOMPARE(report.partitionsLost, std::uint64_t(3));
    QVERIFY(f.disk().exists(report.snapshotFolder + '/' + old.nameOf(Component::Data)));
    QVERIFY(startWithoutLog(f).has_value());
    QVERIFY(f.read(f.all()).value().empty());
}

void ScrubSstableTest::aPowerCutLeavesTheOldFileOrTheNewOne() {
    bool isOver = false;
    int cuts = 0;
    for (std::uint64_t n = 1; !isOver; ++n) {
        StorageFixture f(n);
        const SstableDescriptor old = writeFile(f);
        f.disk().crashAtCall(n, n % 2 == 0);
        const auto done = scrub(f, old);
        isOver = !f.disk().hasCrashed();
        QCOMPARE(done.has_value(), isOver);
        cuts += isOver ? 0 : 1;
        f.powerCut();
        QVERIFY(f.start().has_value());
        QCOMPARE(f.read(f.all()).value().size(), std::size_t(kPartitions));
        QCOMPARE(f.engine().readers(*f.table()).size(), std::size_t(1));
    }
    QVERIFY(cuts > 10);
}

QTEST_GUILESS_MAIN(ScrubSstableTest)
#include "scrub_sstable_test.moc"
