#include <QtTest>

#include "storage_fixture.h"

using namespace storagetest;

class TombstoneThresholdTest : public QObject {
    Q_OBJECT
private slots:
    void readsCountWhatTheyMeet();
    /// ERR-89
    void manyTombstonesAreWarnedOf();
    /// ERR-88
    void tooManyTombstonesEndTheRead();
    void purgeableTombstonesDoNotCount();
    void limitsEndTheCounting();
    void markersCountOnceEach();

private:
    static StorageOptions thresholds(std::uint32_t warn, std::uint32_t fail) {
        StorageOptions out;
        out.tombstoneWarnThreshold = warn;
        out.tombstoneFailureThreshold = fail;
        return out;
    }
    static Result<std::vector<Partition>> read(StorageFixture& f, const ReadCommand& command,
                                               storage::ReadReport& report) {
        return f.runTask(f.engine().read(command, &report));
    }
    /// `deleted` rows with a deleted cell, then `live` live ones, in partition 1.
    static void fill(StorageFixture& f, int deleted, int live, std::int64_t deletedAt = 1000) {
        Partition out;
        out.key = key(1);
        for (int c = 0; c < deleted + live; ++c) {
            Row one;
            one.clustering = at(c, "d");
            if (c < deleted) {
                one.cells = {tombstone("a", 5, deletedAt)};
            } else {
                one = row(at(c, "d"), 5, {cell("a", "x", 5)});
            }
            out.rows.push_back(std::move(one));
        }
        ENSURE(f.write(std::move(out)).has_value());
    }
    static ReadCommand commandAt(StorageFixture& f, std::int64_t now) {
        ReadCommand command = f.byKey(1);
        command.nowSeconds = now;
        return command;
    }
};

void TombstoneThresholdTest::readsCountWhatTheyMeet() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    fill(f, 7, 3);
    for (int flushed = 0; flushed < 2; ++flushed) {
        storage::ReadReport report;
        QVERIFY(read(f, commandAt(f, 2000), report).has_value());
        QCOMPARE(report.tombstones, std::uint64_t(7));
        QCOMPARE(report.liveRows, std::uint64_t(3));
        QCOMPARE(report.sstables, std::uint64_t(flushed));
        QVERIFY(report.warnings.empty());
        QVERIFY(f.flush().has_value());
    }
}

void TombstoneThresholdTest::manyTombstonesAreWarnedOf() {
    StorageFixture f(1, thresholds(6, 100));
    QVERIFY(f.start().has_value());
    fill(f, 7, 3);
    storage::ReadReport report;
    ReadCommand command = commandAt(f, 2000);
    command.limits.rows = 100;
    QCOMPARE(read(f, command, report).value().size(), std::size_t(1));
    QCOMPARE(report.warnings.size(), std::size_t(1));
    QCOMPARE(report.warnings[0],
             "Read 3 live rows and 7 tombstone cells for query SELECT * FROM ks.t WHERE pk = 1 LIMIT "
             "100 ALLOW FILTERING; token " +
                 std::to_string(command.key->token) + " (see tombstone_warn_threshold)");
}

void TombstoneThresholdTest::tooManyTombstonesEndTheRead() {
    StorageFixture f(1, thresholds(6, 7));
    QVERIFY(f.start().has_value());
    fill(f, 20, 3);
    storage::ReadReport report;
    const auto refused = read(f, commandAt(f, 2000), report);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().kind, ErrorKind::ReadFailure);
    QVERIFY(refused.error().message.starts_with(
        "Scanned over 8 tombstones during query 'SELECT * FROM ks.t WHERE pk = 1 ALLOW FILTERING'"));
    QVERIFY(refused.error().message.ends_with("query aborted"));
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QCOMPARE(f.partitionOf(2).rows.size(), std::size_t(1));
}

void TombstoneThresholdTest::purgeableTombstonesDoNotCount() {
    StorageFixture f(1, thresholds(6, 7));
    QVERIFY(f.start().has_value());
    fill(f, 20, 3, 1000);
    storage::ReadReport report;
    const auto found = read(f, commandAt(f, 1001 + f.table()->options.gcGraceSeconds), report);
    QVERIFY(found.has_value());
    QCOMPARE(report.tombstones, std::uint64_t(0));
    QCOMPARE(found.value()[0].rows.size(), std::size_t(3));
}

void TombstoneThresholdTest::limitsEndTheCounting() {
    StorageFixture f(1, thresholds(6, 7));
    QVERIFY(f.start().has_value());
    fill(f, 20, 3);
    ReadCommand command = commandAt(f, 2000);
    command.limits.rows = 1;
    command.reversed = true;
    storage::ReadReport report;
    QVERIFY(read(f, command, report).has_value());
    QCOMPARE(report.tombstones, std::uint64_t(0));
    QCOMPARE(report.liveRows, std::uint64_t(1));
}

void TombstoneThresholdTest::markersCountOnceEach() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    Partition update;
    update.key = key(1);
    update.rangeTombstones = {range(at(1, "a"), true, at(3, "a"), true, 5)};
    update.rangeTombstones[0].deletion.localDeletionTime = 1000;
    QVERIFY(f.write(std::move(update)).has_value());
    storage::ReadReport report;
    QVERIFY(read(f, commandAt(f, 2000), report).has_value());
    QCOMPARE(report.tombstones, std::uint64_t(2));
}

QTEST_GUILESS_MAIN(TombstoneThresholdTest)
#include "tombstone_threshold_test.moc"
