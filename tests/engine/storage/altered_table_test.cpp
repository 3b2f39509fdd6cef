#include <QtTest>

#include "engine/storage/compaction_manager.h"
#include "engine/storage/read_trace.h"
#include "engine/storage/sstable/sstable_reader.h"
#include "storage_fixture.h"

using namespace storagetest;

namespace {

/// The fixture's table with other options, as after ALTER TABLE.
template <typename F>
schema::TablePtr altered(const StorageFixture& f, F change) {
    schema::Table table = *f.table();
    change(table.options);
    return std::make_shared<const schema::Table>(std::move(table));
}

schema::TablePtr withCrcCheckChance(const StorageFixture& f, double chance) {
    return altered(f, [chance](schema::TableOptions& options) { options.crcCheckChance = chance; });
}

schema::TablePtr withKeys(const StorageFixture& f, const std::string& keys) {
    return altered(f, [&keys](schema::TableOptions& options) { options.caching["keys"] = keys; });
}

/// The checksum behind the last chunk of a file is no longer right.
void spoilChecksum(StorageFixture& f, const std::string& path) {
    auto file = f.disk().open(path, runtime::OpenMode::Read);
    ENSURE(file.has_value());
    ENSURE(f.disk().flipBit(path, file.value()->size().value() - 1, 3));
}

/// Whether a read of the wide partition finds its promoted index in the key cache.
bool isKeyCached(StorageFixture& f) {
    storage::ReadTrace trace;
    trace.clock = [] { return std::int64_t{0}; };
    storage::ReadReport report;
    report.trace = &trace;
    const ReadCommand command = f.byKey(1);
    const auto read = f.runTask(f.engine().read(command, &report));
    ENSURE(read.has_value());
    ENSURE(trace.sstables.size() == 1 && trace.sstables[0]->lookup.promoted.has_value());
    return trace.sstables[0]->lookup.promoted->isCached;
}

/// One file with a partition that has a promoted index.
void writeWide(StorageFixture& f) {
    Partition wide;
    wide.key = key(1);
    for (int c = 0; c < 200; ++c) {
        wide.rows.push_back(oneRow(1, c, 5, 1000).rows.front());
    }
    ENSURE(f.write(wide).has_value());
    ENSURE(f.flush().has_value());
}

}  // namespace

/// What ALTER TABLE says holds for files that are open.
class AlteredTableTest : public QObject {
    Q_OBJECT
private slots:
    void crcCheckChanceHoldsForOpenFiles();
    void aFileFlushedMeanwhileFollowsToo();
    void keysOfATableMayStayOutOfTheCache();
    void theKeyCacheIsEmptiedAndBounded();
    void columnIndexSizeHoldsForFlushesAndCompactions();
};

void AlteredTableTest::crcCheckChanceHoldsForOpenFiles() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int pk = 1; pk <= 2; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
    }
    for (const auto& reader : f.engine().readers(*f.table())) {
        spoilChecksum(f, reader->path());
    }
    QCOMPARE(f.read(f.byKey(1)).error().kind, ErrorKind::Corrupt);
    f.publish({withCrcCheckChance(f, 0)});
    QCOMPARE(f.read(f.byKey(1)).value().size(), std::size_t(1));
    f.publish({withCrcCheckChance(f, 1)});
    QCOMPARE(f.read(f.byKey(2)).error().kind, ErrorKind::Corrupt);
}

void AlteredTableTest::aFileFlushedMeanwhileFollowsToo() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    storage::StorageObserver observer;
    observer.flushStarted = [&f](const schema::Table&, const storage::FlushInfo&) {
        f.publish({withCrcCheckChance(f, 0)});
    };
    f.engine().observe(std::move(observer));
    QVERIFY(f.flush().has_value());
    spoilChecksum(f, f.engine().readers(*f.table()).front()->path());
    QCOMPARE(f.read(f.byKey(1)).value().size(), std::size_t(1));
}

void AlteredTableTest::keysOfATableMayStayOutOfTheCache() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    f.publish({withKeys(f, "NONE")});
    writeWide(f);
    QVERIFY(!isKeyCached(f));
    QVERIFY(!isKeyCached(f));
    f.publish({withKeys(f, "ALL")});
    QVERIFY(!isKeyCached(f));
    QVERIFY(isKeyCached(f));
    f.publish({withKeys(f, "NONE")});
    QVERIFY(!isKeyCached(f));
}

void AlteredTableTest::theKeyCacheIsEmptiedAndBounded() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    writeWide(f);
    QVERIFY(!isKeyCached(f));
    QVERIFY(isKeyCached(f));
    f.engine().clearKeyCache();
    QVERIFY(!isKeyCached(f));
    QVERIFY(isKeyCached(f));
    f.engine().setKeyCacheBytes(0);
    QVERIFY(!isKeyCached(f));
    QVERIFY(!isKeyCached(f));
    f.stop();
    f.options().keyCacheBytes = 0;
    QVERIFY(f.start().has_value());
    QVERIFY(!isKeyCached(f));
    QVERIFY(!isKeyCached(f));
}

void AlteredTableTest::columnIndexSizeHoldsForFlushesAndCompactions() {
    StorageOptions options;
    options.columnIndexBytes = 4096;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    const auto blocks = [&f] {
        storage::ReadTrace trace;
        trace.clock = [] { return std::int64_t{0}; };
        storage::ReadReport report;
        report.trace = &trace;
        const ReadCommand command = f.byKey(1);
        ENSURE(f.runTask(f.engine().read(command, &report)).has_value());
        return trace.sstables[0]->lookup.promoted->blocks;
    };
    writeWide(f);  // 200 rows of some 1,000 bytes: 50 blocks of four or five.
    QVERIFY(blocks() >= 40 && blocks() <= 50);
    QVERIFY(f.runTask(f.engine().compactions().compact(f.table(), {})).has_value());
    f.world().runFor(1s);
    QVERIFY(blocks() >= 40 && blocks() <= 50);
}

QTEST_GUILESS_MAIN(AlteredTableTest)
#include "altered_table_test.moc"
