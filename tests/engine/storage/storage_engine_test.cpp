#include "engine/storage/storage_engine.h"

#include <QtTest>
#include <map>

#include "storage_fixture.h"

using namespace storagetest;

namespace {

constexpr int kPartitions = 6;
constexpr std::int64_t kNow = 101;

/// What a read should give, worked out from all writes at once.
class NaiveModel {
public:
    explicit NaiveModel(schema::TablePtr table) : m_table(std::move(table)) {}

    void write(const Partition& partition) {
        Partition& into = m_partitions[partition.key];
        into.key = partition.key;
        merge(*m_table, into, partition);
    }
    void clear() { m_partitions.clear(); }

    std::vector<Partition> read(const ReadCommand& command) const {
        std::vector<Partition> out;
        std::uint32_t left = command.limits.rows;
        for (const auto& [key, whole] : m_partitions) {
            const bool wanted = command.key ? *command.key == key : command.range.contains(key);
            if (wanted && left > 0) {
                Partition partition = cut(command, whole, left);
                purge(partition, kNow - m_table->options.gcGraceSeconds, kNow);
                if (!partition.isEmpty()) {
                    out.push_back(std::move(partition));
                }
            }
        }
        return out;
    }

private:
    static bool isWanted(const ReadCommand& command, const Clustering& clustering) {
        if (!command.names.empty()) {
            return std::find(command.names.begin(), command.names.end(), clustering) !=
                   command.names.end();
        }
        return command.slices.empty() ||
               std::any_of(command.slices.begin(), command.slices.end(), [&](const Slice& slice) {
                   return contains(*command.table, slice, clustering);
               });
    }

    static Partition cut(const ReadCommand& command, Partition whole, std::uint32_t& left) {
        std::vector<Row> rows = std::exchange(whole.rows, {});
        if (command.reversed) {
            std::reverse(rows.begin(), rows.end());
        }
        std::uint32_t counted = 0;
        for (Row& row : rows) {
            if (counted == std::min(left, command.limits.rowsPerPartition)) {
                break;
            }
            if (isWanted(command, row.clustering)) {
                counted += row.hasLiveData(kNow) ? 1 : 0;
                whole.rows.push_back(std::move(row));
            }
        }
        if (command.reversed) {
            std::reverse(whole.rows.begin(), whole.rows.end());
        }
        const bool all =
            command.names.empty() && (command.slices.empty() || command.slices.front() == Slice{});
        const bool staticAlone = counted == 0 && all && whole.staticRow.hasLiveData(kNow);
        left -= counted + (staticAlone ? 1 : 0);
        return whole;
    }

    schema::TablePtr m_table;
    std::map<DecoratedKey, Partition> m_partitions;
};

Slice randomSlice(RandomRows& random) {
    return {{random.prefix(), random.below(2) == 0}, {random.prefix(), random.below(2) == 0}};
}

ReadCommand randomCommand(const schema::TablePtr& table, RandomRows& random) {
    ReadCommand command;
    command.table = table;
    command.nowSeconds = kNow;
    if (random.below(3) != 0) {
        command.key = key(static_cast<int>(random.below(kPartitions)));
    } else if (random.below(2) == 0) {
        const DecoratedKey from = key(static_cast<int>(random.below(kPartitions)));
        command.range.start = PartitionBound{from.token, from.key, random.below(2) == 0};
    }
    switch (random.below(3)) {
        case 0: {
            std::vector<Clustering> names{random.clustering(), random.clustering()};
            std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
                return compareClustering(*table, a, b) < 0;
            });
            names.erase(std::unique(names.begin(), names.end()), names.end());
            command.names = names;
            break;
        }
        case 1: {
            const Slice slice = randomSlice(random);
            if (slice.start.prefix.empty() && slice.end.prefix.empty()) {
                command.slices = {Slice{}};
            } else if (!isEmpty(*table, slice)) {
                command.slices = {slice};
            }
            break;
        }
        default:
            break;
    }
    command.reversed = random.below(2) == 0;
    if (random.below(2) == 0) {
        command.limits.rows = static_cast<std::uint32_t>(1 + random.below(6));
    }
    if (random.below(4) == 0) {
        command.limits.rowsPerPartition = static_cast<std::uint32_t>(1 + random.below(3));
    }
    return command;
}

/// Whether both hide and show the same: range tombstones count by what they cover of the rows asked
/// for, since an answer holds no more than these.
bool agree(const ReadCommand& command, std::vector<Partition> expected,
           std::vector<Partition> found) {
    const auto dropEmpty = [&](std::vector<Partition>& partitions) {
        for (Partition& partition : partitions) {
            if (!command.names.empty() || !command.slices.empty() || command.limits.rows < 100 ||
                command.limits.rowsPerPartition < 100) {
                partition.rangeTombstones.clear();
            }
        }
        std::erase_if(partitions, [](const Partition& partition) { return partition.isEmpty(); });
    };
    dropEmpty(expected);
    dropEmpty(found);
    return expected == found;
}

}  // namespace

class StorageEngineTest : public QObject {
    Q_OBJECT
private slots:
    void readsAgreeWithANaiveModel_data();
    void readsAgreeWithANaiveModel();
    void rangeTombstonesComeClippedToTheSlices();
    void rangeTombstonesBehindTheLimitAreLeftOut();
    void filtersCountOnlyMatchingRows();
    void filterAtReplicaLeavesOutWhatFails();
    void distinctReadsOneRowAPartition();
    void staticOnlyReadsNoRowsWhenTheStaticRowLives();
    void oldTombstonesAreLeftOut();
    void writesGoOnDuringAFlush();
    void aFullMemtableFlushesByItself();
    void theLargestMemtableFlushesWhenTheyTakeTooMuchTogether();
    void anOverfullCommitLogFlushesTheOldestTables();
    void aFailedFlushLosesNothing();
    void truncatedRowsStayAway_data();
    void truncatedRowsStayAway();
    void aFailedTruncationKeepsEverything();
    void droppedTablesLeaveNoFiles();
    void writesWithoutTheCommitLogAreNotReplayed();
    void columnsDroppedAndAddedAgainStartAnew();
    void readsByNameStopAtTheNewestFile();
    void aDeletedPartitionHidesOlderFiles();
    void statsAndObserversTellWhatHappens();
    void sumsTellWhatReadsAndFlushesTouched();
    void whatFillsUpDuringAFlushIsFlushedToo();
    void aDrainLeavesNothingInMemory();
    void waterfallTimesAreInOrder();
};

void StorageEngineTest::readsAgreeWithANaiveModel_data() {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 60; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

void StorageEngineTest::readsAgreeWithANaiveModel() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    StorageFixture f(seed);
    NaiveModel model(f.table());
    QVERIFY(f.start().has_value());
    for (int step = 0; step < 120; ++step) {
        const std::uint64_t what = random.below(40);
        if (what == 0) {
            QVERIFY(f.flush().has_value());
        } else if (what == 1) {
            f.kill();
            QVERIFY(f.start().has_value());
        } else if (what == 2) {
            f.stop();
            QVERIFY(f.start().has_value());
        } else if (what == 3 && random.below(4) == 0) {
            QVERIFY(f.truncate().has_value());
            model.clear();
        } else {
            const Partition partition =
                random.partition(*f.table(), static_cast<int>(random.below(kPartitions)));
            model.write(partition);
            QVERIFY(f.write(partition).has_value());
        }
        const ReadCommand command = randomCommand(f.table(), random);
        const auto found = f.read(command);
        QVERIFY(found.has_value());
        QVERIFY2(agree(command, model.read(command), found.value()),
                 qPrintable(QString::number(step)));
    }
}

void StorageEngineTest::rangeTombstonesComeClippedToTheSlices() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    Partition deletion;
    deletion.key = key(1);
    deletion.rangeTombstones = {range({types::encodeInt(0)}, true, {types::encodeInt(9)}, true, 5)};
    QVERIFY(f.write(deletion).has_value());
    ReadCommand command = f.byKey(1);
    command.nowSeconds = kNow;
    command.names = {at(3, "x")};
    const auto found = f.read(command).value();
    QCOMPARE(found.size(), std::size_t(1));
    QVERIFY(found[0].rangeTombstones ==
            (std::vector<RangeTombstone>{range(at(3, "x"), true, at(3, "x"), true, 5)}));
    command.names = {at(10, "x")};
    QVERIFY(f.read(command).value().empty());
}

void StorageEngineTest::rangeTombstonesBehindTheLimitAreLeftOut() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    Partition written;
    written.key = key(1);
    written.rows = {row(at(1, "d"), 9, {}), row(at(2, "d"), 9, {})};
    written.rangeTombstones = {range({types::encodeInt(0)}, true, {types::encodeInt(9)}, true, 5)};
    QVERIFY(f.write(written).has_value());
    ReadCommand command = f.byKey(1);
    command.nowSeconds = kNow;
    command.limits.rows = 1;
    QVERIFY(f.read(command).value()[0].rangeTombstones ==
            (std::vector<RangeTombstone>{range({types::encodeInt(0)}, true, at(1, "d"), true, 5)}));
    command.reversed = true;
    QVERIFY(f.read(command).value()[0].rangeTombstones ==
            (std::vector<RangeTombstone>{range(at(2, "d"), true, {types::encodeInt(9)}, true, 5)}));
}

void StorageEngineTest::filtersCountOnlyMatchingRows() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int c = 0; c < 20; ++c) {
        Partition written = oneRow(1, c, 5);
        written.rows[0].cells[0].value = c % 5 == 0 ? "yes" : "no";
        QVERIFY(f.write(written).has_value());
    }
    ReadCommand command = f.byKey(1);
    command.filters = {{"a", Operator::Eq, "yes"}};
    command.limits.rows = 2;
    QCOMPARE(f.read(command).value()[0].rows.size(), std::size_t(6));
}

void StorageEngineTest::filterAtReplicaLeavesOutWhatFails() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int c = 0; c < 20; ++c) {
        Partition written = oneRow(1, c, 5);
        written.rows[0].cells[0].value = c % 5 == 0 ? "yes" : "no";
        QVERIFY(f.write(written).has_value());
    }
    ReadCommand command = f.byKey(1);
    command.filters = {{"a", Operator::Eq, "yes"}};
    command.filterAtReplica = true;
    QCOMPARE(f.read(command).value()[0].rows.size(), std::size_t(4));
}

void StorageEngineTest::distinctReadsOneRowAPartition() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int i = 0; i < 30; ++i) {
        QVERIFY(f.write(oneRow(i % 3, i, 5)).has_value());
    }
    ReadCommand command = f.all();
    command.limits.distinct = true;
    const auto found = f.read(command).value();
    QCOMPARE(found.size(), std::size_t(3));
    for (const Partition& partition : found) {
        QCOMPARE(partition.rows.size(), std::size_t(1));
    }
    command.limits.rows = 2;
    QCOMPARE(f.read(command).value().size(), std::size_t(2));
}

void StorageEngineTest::staticOnlyReadsNoRowsWhenTheStaticRowLives() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    Partition written = oneRow(1, 1, 5);
    written.staticRow.cells = {cell("s", "value", 5)};
    QVERIFY(f.write(written).has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.write(oneRow(2, 2, 5)).has_value());
    ReadCommand command = f.all();
    command.staticOnly = true;
    const auto found = f.read(command).value();
    QCOMPARE(found.size(), std::size_t(2));
    for (const Partition& partition : found) {
        QCOMPARE(partition.rows.size(), std::size_t(partition.key == key(1) ? 0 : 1));
    }
}

void StorageEngineTest::oldTombstonesAreLeftOut() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    Partition deletion;
    deletion.key = key(1);
    deletion.deletion = {7, 1000};
    QVERIFY(f.write(deletion).has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    ReadCommand command = f.byKey(1);
    command.nowSeconds = 1000 + f.table()->options.gcGraceSeconds;
    QCOMPARE(f.read(command).value().size(), std::size_t(1));
    command.nowSeconds += 1;
    QVERIFY(f.read(command).value().empty());
}

void StorageEngineTest::writesGoOnDuringAFlush() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int c = 0; c < 100; ++c) {
        QVERIFY(f.write(oneRow(1, c, 5)).has_value());
    }
    runtime::TaskGroup group;
    bool flushed = false;
    const auto flush = [](StorageFixture& fixture, bool& done) -> runtime::Task<void> {
        const Result<void> result = co_await fixture.engine().flush(fixture.table());
        done = result.has_value();
    };
    group.spawn(flush(f, flushed));
    for (int c = 100; !flushed && c < 1000; ++c) {
        QVERIFY(f.write(oneRow(1, c, 5)).has_value());
        QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(c + 1));
    }
    f.world().runFor(1s);
    QVERIFY(flushed);
    const std::size_t rows = f.partitionOf(1).rows.size();
    QVERIFY(rows > 100);
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(rows - 100));
    QCOMPARE(f.partitionOf(1).rows.size(), rows);
}

void StorageEngineTest::aFullMemtableFlushesByItself() {
    StorageOptions options;
    options.memtableBytes = 5000;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 300; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 100)).has_value());
    }
    f.world().runFor(1s);
    QVERIFY(f.engine().stats(*f.table()).sstables > 3);
    QVERIFY(f.engine().stats(*f.table()).memtableBytes < 10000);
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(300));
    f.kill();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(300));
}

void StorageEngineTest::theLargestMemtableFlushesWhenTheyTakeTooMuchTogether() {
    StorageOptions options;
    options.memtableTotalBytes = 30000;
    StorageFixture f(1, options);
    const auto other = makeTable("other", 2);
    f.publish({f.table(), other});
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 40; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 1000)).has_value());
        QVERIFY(f.apply({{{other, oneRow(pk % 4, 1, 5, 10)}}}).has_value());
    }
    f.world().runFor(1s);
    QVERIFY(f.engine().stats(*f.table()).sstables > 0);
    QCOMPARE(f.engine().stats(*other).sstables, std::uint64_t(0));
}

void StorageEngineTest::anOverfullCommitLogFlushesTheOldestTables() {
    StorageOptions options;
    options.segmentBytes = 4096;
    options.commitLogTotalBytes = 20000;
    StorageFixture f(1, options);
    const auto other = makeTable("other", 2);
    f.publish({f.table(), other});
    QVERIFY(f.start().has_value());
    QVERIFY(f.apply({{{other, oneRow(1, 1, 5)}}}).has_value());
    for (int pk = 0; pk < 300; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 500)).has_value());
        f.world().runFor(50ms);
    }
    f.world().runFor(1s);
    QCOMPARE(f.engine().stats(*other).sstables, std::uint64_t(1));
    QVERIFY(f.files("/commitlog").size() < 10);
}

void StorageEngineTest::aFailedFlushLosesNothing() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 20; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5)).has_value());
    }
    f.disk().failNextSync(sim::DiskFault::NoSpace);
    QVERIFY(!f.flush().has_value());
    QVERIFY(f.write(oneRow(20, 1, 5)).has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(21));
    QVERIFY(f.flush().has_value());
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(0));
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(21));
}

void StorageEngineTest::truncatedRowsStayAway_data() {
    QTest::addColumn<bool>("flushedBefore");
    QTest::addColumn<bool>("powerCut");
    QTest::newRow("in the memtable, killed") << false << false;
    QTest::newRow("in a file, killed") << true << false;
    QTest::newRow("in the memtable, power cut") << false << true;
    QTest::newRow("in a file, power cut") << true << true;
}

void StorageEngineTest::truncatedRowsStayAway() {
    QFETCH(const bool, flushedBefore);
    QFETCH(const bool, powerCut);
    StorageOptions options;
    options.sync = storage::CommitLogSync::Batch;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    if (flushedBefore) {
        QVERIFY(f.flush().has_value());
    }
    QVERIFY(f.truncate().has_value());
    QVERIFY(f.read(f.all()).value().empty());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    powerCut ? f.powerCut() : f.kill();
    QVERIFY(f.start().has_value());
    const auto found = f.read(f.all()).value();
    QCOMPARE(found.size(), std::size_t(1));
    QVERIFY(found[0].key == key(2));
}

void StorageEngineTest::aFailedTruncationKeepsEverything() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    f.disk().failNextSync(sim::DiskFault::InputOutput);
    const auto failed = f.truncate();
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().kind, ErrorKind::Truncate);
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(2));
}

void StorageEngineTest::droppedTablesLeaveNoFiles() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.disk().exists(f.tableFolder()));
    f.engine().drop(*f.table());
    QVERIFY(!f.disk().exists(f.tableFolder()));
    const auto refused = f.write(oneRow(3, 1, 5));
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().message, std::string("unconfigured table t"));
}

void StorageEngineTest::writesWithoutTheCommitLogAreNotReplayed() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    rows::Mutation mutation{{{f.table(), oneRow(1, 1, 5)}}};
    QVERIFY(f.runTask(f.engine().apply(std::move(mutation), false)).has_value());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(0));
    QVERIFY(f.partitionOf(1).isEmpty());
}

void StorageEngineTest::columnsDroppedAndAddedAgainStartAnew() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    schema::Table altered = *f.table();
    altered.dropped = {{*altered.find("a"), 7}};
    const auto table = std::make_shared<const schema::Table>(altered);
    f.publish({table});
    ReadCommand command = f.byKey(1);
    command.table = table;
    QVERIFY(f.read(command).value()[0].rows[0].cells.empty());
    QVERIFY(f.write(oneRow(1, 1, 9)).has_value());
    QCOMPARE(f.read(command).value()[0].rows[0].cells.size(), std::size_t(1));
}

namespace {

/// pk 1 of a table of its own: (pk int PRIMARY KEY, v text).
schema::TablePtr plainTable() {
    schema::Table table;
    table.id = Uuid{9, 9};
    table.keyspace = "ks";
    table.name = "plain";
    table.columns = {{"pk", types::int32(), schema::ColumnKind::PartitionKey, 0},
                     {"v", types::text(), schema::ColumnKind::Regular}};
    table.finish();
    return std::make_shared<const schema::Table>(std::move(table));
}

}  // namespace

void StorageEngineTest::readsByNameStopAtTheNewestFile() {
    StorageFixture f;
    const auto table = plainTable();
    f.publish({f.table(), table});
    QVERIFY(f.start().has_value());
    for (int n = 0; n < 5; ++n) {
        Partition update;
        update.key = key(1);
        update.rows = {row({}, n, {cell("v", std::to_string(n), n)})};
        QVERIFY(f.apply(rows::Mutation{{{table, update}}}).has_value());
        QVERIFY(f.runTask(f.engine().flush(table)).has_value());
    }
    ReadCommand command;
    command.table = table;
    command.key = key(1);
    storage::ReadReport report;
    const auto newest = f.runTask(f.engine().read(command, &report));
    QCOMPARE(newest.value()[0].rows[0].cells[0].value, Bytes("4"));
    QCOMPARE(report.sstables, std::uint64_t(1));
    // A newer write of the value alone leaves open whether there is a row marker: all are looked at.
    Partition update;
    update.key = key(1);
    update.rows.emplace_back().cells = {cell("v", "5", 5)};
    QVERIFY(f.apply(rows::Mutation{{{table, update}}}).has_value());
    const auto both = f.runTask(f.engine().read(command, &report));
    QCOMPARE(both.value()[0].rows[0].cells[0].value, Bytes("5"));
    QCOMPARE(both.value()[0].rows[0].liveness.timestamp, std::int64_t(4));
    QCOMPARE(report.sstables, std::uint64_t(1));
}

void StorageEngineTest::aDeletedPartitionHidesOlderFiles() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    Partition deleted;
    deleted.key = key(1);
    deleted.deletion = {7, 1000};
    QVERIFY(f.write(std::move(deleted)).has_value());
    QVERIFY(f.write(oneRow(1, 2, 9)).has_value());
    QVERIFY(f.flush().has_value());
    ReadCommand command = f.byKey(1);
    command.nowSeconds = 1001;
    storage::ReadReport report;
    const auto found = f.runTask(f.engine().read(command, &report));
    QCOMPARE(found.value()[0].rows.size(), std::size_t(1));
    QCOMPARE(report.sstables, std::uint64_t(1));
}

void StorageEngineTest::statsAndObserversTellWhatHappens() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    std::vector<std::string> told;
    storage::StorageObserver observer;
    observer.memtableGrew = [&](const schema::Table& table, std::uint64_t bytes,
                                std::uint64_t rows) {
        told.push_back("grew " + table.name + ' ' + std::to_string(rows) +
                       (bytes > 0 ? "" : " empty"));
    };
    observer.segmentChanged = [&](std::uint64_t, std::uint64_t, const char* state) {
        told.push_back(state);
    };
    observer.flushStarted = [&](const schema::Table&, const storage::FlushInfo& info) {
        told.push_back("flush " + std::string(storage::toString(info.reason)));
    };
    observer.flushFinished = [&](const schema::Table&, const storage::FlushResult& result) {
        told.push_back("flushed " + std::to_string(result.generation) + result.error);
    };
    observer.sstableAdded = [&](const schema::Table&, const storage::SstableInfo& info,
                                std::string_view origin) {
        told.push_back("added " + std::to_string(info.generation) + ' ' +
                       std::to_string(info.partitions) + ' ' + std::string(origin));
    };
    observer.sstableRemoved = [&](const schema::Table&, std::uint64_t generation,
                                  std::string_view reason) {
        told.push_back("removed " + std::to_string(generation) + ' ' + std::string(reason));
    };
    f.engine().observe(observer);
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.flush().has_value());
    QVERIFY(f.truncate().has_value());
    QVERIFY(told == (std::vector<std::string>{"active", "active", "grew t 1",
                                              "flush USER_FORCED", "grew t 0 empty",
                                              "added 1 1 flush", "flushed 1",
                                              "removed 1 truncate"}));
    const storage::TableStats stats = f.engine().stats(*f.table());
    QCOMPARE(stats.writes, std::uint64_t(1));
    QCOMPARE(stats.sstables, std::uint64_t(0));
    QCOMPARE(f.engine().loadBytes(), std::uint64_t(0));
}

void StorageEngineTest::sumsTellWhatReadsAndFlushesTouched() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int round = 0; round < 3; ++round) {
        QVERIFY(f.write(oneRow(1, round, 5)).has_value());
        QVERIFY(f.write(oneRow(2 + round, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
    }
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(3));
    QCOMPARE(f.partitionOf(2).rows.size(), std::size_t(1));
    const storage::TableStats stats = f.engine().stats(*f.table());
    QVERIFY(stats.sstablesPerRead == (std::vector<std::uint64_t>{0, 1, 0, 1}));
    QCOMPARE(stats.bloomTrue, std::uint64_t(4));
    QCOMPARE(stats.flushedBytes, stats.sstableBytes);
    const auto files = f.engine().sstables(*f.table());
    QCOMPARE(files.size(), std::size_t(3));
    QCOMPARE(files[0].generation, std::uint64_t(1));
    QCOMPARE(files[0].rows, std::uint64_t(2));
    QVERIFY(files[0].minToken < files[0].maxToken);
}

void StorageEngineTest::whatFillsUpDuringAFlushIsFlushedToo() {
    StorageOptions options;
    options.memtableBytes = 8192;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    runtime::TaskGroup group;
    const auto one = [](StorageFixture& fixture, int pk) -> runtime::Task<void> {
        rows::Mutation mutation{{{fixture.table(), oneRow(pk, 1, 5)}}};
        static_cast<void>(co_await fixture.engine().apply(std::move(mutation), true));
    };
    for (int pk = 0; pk < 400; ++pk) {
        group.spawn(one(f, pk));
    }
    f.world().runFor(5s);
    QCOMPARE(group.running(), std::size_t(0));
    QVERIFY(f.engine().stats(*f.table()).memtableBytes < options.memtableBytes);
}

void StorageEngineTest::aDrainLeavesNothingInMemory() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    std::string reason;
    storage::StorageObserver observer;
    observer.flushStarted = [&](const schema::Table&, const storage::FlushInfo& info) {
        reason = storage::toString(info.reason);
    };
    f.engine().observe(observer);
    runtime::TaskGroup group;
    group.spawn(f.engine().drain());
    f.world().runFor(1s);
    QCOMPARE(group.running(), std::size_t(0));
    QCOMPARE(reason, std::string("DRAIN"));
    const storage::TableStats stats = f.engine().stats(*f.table());
    QCOMPARE(stats.memtableRows, std::uint64_t(0));
    QCOMPARE(stats.sstables, std::uint64_t(1));
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
}

void StorageEngineTest::waterfallTimesAreInOrder() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    storage::ApplyTimes times;
    rows::Mutation mutation{{{f.table(), oneRow(1, 1, 5)}}};
    f.world().runFor(1s);
    QVERIFY(f.runTask(f.engine().apply(std::move(mutation), true, &times)).has_value());
    QVERIFY(times.logStart > 0);
    QVERIFY(times.logStart <= times.logEnd);
    QVERIFY(times.logEnd <= times.memtableEnd);
}

QTEST_GUILESS_MAIN(StorageEngineTest)
#include "storage_engine_test.moc"
