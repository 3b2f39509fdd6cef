#include "engine/storage/cdc_log.h"

#include <QtTest>

#include "storage_fixture.h"

using namespace storagetest;

class CdcLogTest : public QObject {
    Q_OBJECT
private slots:
    void segmentsWithTrackedWritesAreHandedOn();
    void segmentsWithoutTrackedWritesAreNot();
    void theIndexTellsWhatWasSynced();
    void writesAreRefusedWhenThereIsNoSpace();
    void theOldestGoesWhenWritesAreNotToBeBlocked();
    void replayedSegmentsAreCompleted();

private:
    static StorageOptions options() {
        StorageOptions out;
        out.segmentBytes = 4096;
        out.cdc.enabled = true;
        out.cdc.folder = "/cdc_raw";
        return out;
    }
    /// The fixture's table with cdc = true.
    static schema::TablePtr tracked(StorageFixture& f) {
        schema::Table table = *f.table();
        table.options.cdc = true;
        const auto out = std::make_shared<const schema::Table>(std::move(table));
        f.publish({out});
        return out;
    }
    static Result<void> write(StorageFixture& f, const schema::TablePtr& table, int pk) {
        return f.apply(rows::Mutation{{{table, oneRow(pk, 1, 5, 200)}}});
    }
    static std::size_t countOf(StorageFixture& f, std::string_view suffix) {
        const auto names = f.files("/cdc_raw");
        return static_cast<std::size_t>(std::count_if(
            names.begin(), names.end(), [&](const auto& name) { return name.ends_with(suffix); }));
    }
    static std::string content(StorageFixture& f, const std::string& name) {
        return runtime::readFile(f.disk(), "/cdc_raw/" + name).value();
    }
};

void CdcLogTest::segmentsWithTrackedWritesAreHandedOn() {
    StorageFixture f(1, options());
    const auto table = tracked(f);
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 50; ++pk) {
        QVERIFY(write(f, table, pk).has_value());
    }
    QVERIFY(f.flush().has_value());
    f.world().runFor(1s);
    // Full and flushed segments are gone from the commit log, but not for the consumers.
    QCOMPARE(f.files("/commitlog").size(), std::size_t(1));
    QVERIFY(countOf(f, ".log") >= 3);
    const auto names = f.files("/cdc_raw");
    QVERIFY(names.front().ends_with(".log"));
    const std::string bytes = content(f, names.front());
    const std::string index = content(f, names.front().substr(0, names.front().size() - 4) + "_cdc.idx");
    QCOMPARE(index, std::to_string(bytes.size()) + "\nCOMPLETED");
}

void CdcLogTest::segmentsWithoutTrackedWritesAreNot() {
    StorageFixture f(1, options());
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 50; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 200)).has_value());
    }
    QVERIFY(f.flush().has_value());
    f.world().runFor(1s);
    QCOMPARE(countOf(f, ".log"), std::size_t(1));  // The one that is written to.
    QCOMPARE(countOf(f, "_cdc.idx"), std::size_t(0));
}

void CdcLogTest::theIndexTellsWhatWasSynced() {
    StorageOptions batch = options();
    batch.sync = storage::CommitLogSync::Batch;
    StorageFixture f(1, batch);
    const auto table = tracked(f);
    QVERIFY(f.start().has_value());
    QVERIFY(write(f, table, 1).has_value());
    const std::string log = f.files("/cdc_raw").front();
    const std::string index = log.substr(0, log.size() - 4) + "_cdc.idx";
    QCOMPARE(content(f, index), std::to_string(content(f, log).size()));
    QVERIFY(write(f, table, 2).has_value());
    QCOMPARE(content(f, index), std::to_string(content(f, log).size()));
}

void CdcLogTest::writesAreRefusedWhenThereIsNoSpace() {
    StorageOptions small = options();
    small.cdc.totalBytes = 3 * 4096;
    StorageFixture f(1, small);
    const auto table = tracked(f);
    const auto other = makeTable("other", 2);
    f.publish({table, other});
    QVERIFY(f.start().has_value());
    int pk = 0;
    Result<void> written = ok();
    while (written && pk < 200) {
        written = write(f, table, pk++);
    }
    QVERIFY(!written.has_value());
    QVERIFY(written.error().message.starts_with(
        "Rejecting mutation to keyspace ks. Free up space in /cdc_raw by processing CDC logs."));
    // Other tables are written to all the same.
    QVERIFY(f.apply(rows::Mutation{{{other, oneRow(1, 1, 5, 10)}}}).has_value());
    // A consumer takes what is complete away.
    QVERIFY(f.flush().has_value());
    f.world().runFor(1s);
    for (const std::string& name : f.files("/cdc_raw")) {
        QVERIFY(f.disk().remove("/cdc_raw/" + name).has_value());
    }
    f.world().runFor(1s);
    QVERIFY(write(f, table, 1000).has_value());
}

void CdcLogTest::theOldestGoesWhenWritesAreNotToBeBlocked() {
    StorageOptions small = options();
    small.cdc.totalBytes = 3 * 4096;
    small.cdc.blockWrites = false;
    StorageFixture f(1, small);
    const auto table = tracked(f);
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 200; ++pk) {
        QVERIFY(write(f, table, pk).has_value());
        if (pk % 20 == 0) {
            QVERIFY(f.flush().has_value());
        }
    }
    QVERIFY(f.flush().has_value());
    f.world().runFor(1s);
    QVERIFY(write(f, table, 201).has_value());
    QVERIFY(countOf(f, ".log") <= 4);
}

void CdcLogTest::replayedSegmentsAreCompleted() {
    StorageFixture f(1, options());
    const auto table = tracked(f);
    QVERIFY(f.start().has_value());
    QVERIFY(write(f, table, 1).has_value());
    QCOMPARE(countOf(f, "_cdc.idx"), std::size_t(0));  // Not synced yet.
    f.kill();
    QVERIFY(f.start().has_value());
    QCOMPARE(countOf(f, "_cdc.idx"), std::size_t(1));
    const std::string log = f.files("/cdc_raw").front();
    QCOMPARE(content(f, log.substr(0, log.size() - 4) + "_cdc.idx"),
             std::to_string(content(f, log).size()) + "\nCOMPLETED");
}

QTEST_GUILESS_MAIN(CdcLogTest)
#include "cdc_log_test.moc"
