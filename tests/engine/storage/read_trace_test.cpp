#include "engine/storage/read_trace.h"

#include <QtTest>

#include "storage_fixture.h"

using namespace storagetest;
using Outcome = storage::SstableTrace::Outcome;

namespace {

/// ks.kv (pk int PRIMARY KEY, a text): rows of single cells, whose reads may stop early.
schema::TablePtr simpleTable() {
    schema::Table table;
    table.id = Uuid{7, 7};
    table.keyspace = "ks";
    table.name = "kv";
    table.columns = {{"pk", types::int32(), schema::ColumnKind::PartitionKey, 0},
                     {"a", types::text(), schema::ColumnKind::Regular}};
    table.finish();
    return std::make_shared<const schema::Table>(std::move(table));
}

/// A table, and reads of it that are looked at.
class Looked : public StorageFixture {
public:
    explicit Looked(schema::TablePtr other = nullptr) {
        if (other) {
            m_other = std::move(other);
            publish({m_other});
        }
        ENSURE(start().has_value());
    }
    void put(int pk, std::int64_t timestamp, const std::string& value = "v") {
        Partition out;
        out.key = key(pk);
        const bool hasClustering = !used()->clustering().empty();
        out.rows = {row(hasClustering ? at(1, "d") : Clustering(), timestamp, {cell("a", value, timestamp)})};
        put(std::move(out));
    }
    void put(Partition partition) {
        ENSURE(apply(rows::Mutation{{{used(), std::move(partition)}}}).has_value());
    }
    void flushAll() { ENSURE(runTask(engine().flush(used())).has_value()); }
    std::vector<std::shared_ptr<const storage::SstableReader>> readers() { return engine().readers(*used()); }

    storage::ReadTrace& look(int pk, std::vector<Clustering> names = {}, std::vector<Slice> slices = {}) {
        ReadCommand command;
        command.table = used();
        command.key = key(pk);
        command.names = std::move(names);
        command.slices = std::move(slices);
        command.nowSeconds = 1;
        trace = storage::ReadTrace();
        trace.clock = [this] { return ++m_ticks; };
        storage::ReadReport report;
        report.trace = &trace;
        auto found = runTask(engine().read(command, &report));
        ENSURE(found.has_value());
        answer = found.value().empty() ? Partition() : found.value().front();
        return trace;
    }
    Outcome outcome(std::size_t sstable) const { return trace.sstables[sstable]->lookup.outcome; }

    storage::ReadTrace trace;
    Partition answer;

private:
    schema::TablePtr used() const { return m_other ? m_other : table(); }
    schema::TablePtr m_other;
    std::int64_t m_ticks = 0;
};

}  // namespace

class ReadTraceTest : public QObject {
    Q_OBJECT
private slots:
    void aMemtableHitIsTold() {
        Looked f;
        f.put(1, 10);
        const auto& trace = f.look(1);
        QCOMPARE(trace.memtables.size(), std::size_t(2));
        QVERIFY(trace.memtables[0]->isThere);
        QCOMPARE(trace.memtables[0]->rows, std::uint64_t(1));
        QCOMPARE(trace.memtables[0]->cells, std::uint64_t(1));
        QVERIFY(!trace.memtables[1]->isThere);
        QVERIFY(trace.sstables.empty());
        QVERIFY(!f.look(2).memtables[0]->isThere);
    }

    void aFileIsPassedOverByItsFilter() {
        Looked f;
        for (int pk = 0; pk < 200; pk += 2) {
            f.put(pk, 10);
        }
        f.flushAll();
        const auto reader = f.readers().front();
        int no = -1, falseHit = -1, outside = -1;
        for (int pk = 201; pk < 200'000 && (no < 0 || falseHit < 0 || outside < 0); ++pk) {
            const DecoratedKey k = key(pk);
            if (k < reader->first() || reader->last() < k) {
                outside = pk;
            } else {
                (reader->mayContain(k) ? falseHit : no) = pk;
            }
        }
        QVERIFY(no >= 0 && falseHit >= 0 && outside >= 0);
        f.look(no);
        QCOMPARE(f.outcome(0), Outcome::BloomNo);
        QVERIFY(!f.trace.sstables[0]->lookup.interval);
        QCOMPARE(f.trace.sstables[0]->lookup.bytesRead(), std::uint64_t(0));
        f.look(falseHit);
        QCOMPARE(f.outcome(0), Outcome::BloomFalse);
        QVERIFY(f.trace.sstables[0]->lookup.interval.has_value());
        QVERIFY(f.trace.sstables[0]->lookup.chunks.empty());
        f.look(outside);
        QCOMPARE(f.outcome(0), Outcome::OutOfRange);
    }

    void whatIsReadOfAFileIsCachedTheSecondTime() {
        Looked f;
        f.put(1, 10);
        f.put(2, 10);
        f.flushAll();
        const auto first = f.look(1).sstables[0]->lookup;
        QCOMPARE(f.outcome(0), Outcome::Found);
        QVERIFY(first.interval && !first.interval->isCached && first.interval->bytes > 0);
        QCOMPARE(first.chunks.size(), std::size_t(1));
        QVERIFY(!first.chunks[0].isCached);
        QCOMPARE(first.bytesRead(), first.interval->bytes + first.chunks[0].storedBytes);
        QCOMPARE(f.trace.sstables[0]->rows, std::uint64_t(1));
        QVERIFY(f.trace.endNanos > f.trace.lookedUpNanos);
        const auto second = f.look(1).sstables[0]->lookup;
        QVERIFY(second.interval->isCached && second.chunks[0].isCached);
        QCOMPARE(second.bytesRead(), std::uint64_t(0));
    }

    void aReadByNameStopsOnceAllIsKnown() {
        Looked f(simpleTable());
        for (const std::int64_t timestamp : {10, 20, 30}) {
            f.put(1, timestamp, "at " + std::to_string(timestamp));
            f.flushAll();
        }
        f.look(1, {}, {Slice{}});  // As a SELECT asks.
        QVERIFY(f.trace.mayStop);
        QCOMPARE(f.trace.sstables.size(), std::size_t(3));
        QCOMPARE(f.trace.sstables[0]->generation, std::uint64_t(3));
        QCOMPARE(f.outcome(0), Outcome::Found);
        QCOMPARE(f.outcome(1), Outcome::Answered);
        QCOMPARE(f.outcome(2), Outcome::NotReached);
        QCOMPARE(f.trace.sstables[0]->rows, std::uint64_t(1));
    }

    void aDeletionOfThePartitionEndsTheRead() {
        Looked f;
        f.put(1, 10);
        f.flushAll();
        Partition gone;
        gone.key = key(1);
        gone.deletion = {20, 20};
        f.put(std::move(gone));
        f.look(1);
        QCOMPARE(f.outcome(0), Outcome::AllDeleted);
        QCOMPARE(f.trace.memtables[0]->deletion.markedForDeleteAt, std::int64_t(20));
        const auto cells = storage::mergeOf(f.trace, *f.table(), f.answer);
        QCOMPARE(cells.size(), std::size_t(1));
        QVERIFY(cells[0].isStatic && cells[0].versions[0].cell.column.empty() && cells[0].versions[0].wins);
    }

    void aFileWithoutRowsInTheSliceIsPassedOver() {
        schema::Table plain = *simpleTable();
        plain.columns.insert(plain.columns.begin() + 1, {"c", types::int32(), schema::ColumnKind::Clustering, 0});
        plain.finish();
        Looked f(std::make_shared<const schema::Table>(plain));
        Partition out;
        out.key = key(1);
        out.rows = {row({types::encodeInt(1)}, 10, {cell("a", "v", 10)})};
        f.put(std::move(out));
        f.flushAll();
        f.look(1, {{types::encodeInt(9)}});
        QCOMPARE(f.outcome(0), Outcome::NoRows);
        f.look(1, {{types::encodeInt(1)}});
        QCOMPARE(f.outcome(0), Outcome::Found);
    }

    void aDeletedRowHasItsDeletionInTheMerge() {
        Looked f;
        f.put(1, 10);
        f.flushAll();
        Partition gone;
        gone.key = key(1);
        gone.rows = {Row()};
        gone.rows[0].clustering = at(1, "d");
        gone.rows[0].deletion = {20, 1};
        f.put(std::move(gone));
        f.look(1);
        const auto cells = storage::mergeOf(f.trace, *f.table(), f.answer);
        QCOMPARE(cells.size(), std::size_t(2));
        QVERIFY(cells[0].versions[0].cell.column.empty() && cells[0].versions[0].wins);
        QVERIFY(!cells[1].versions[0].wins);
    }

    void theMergeNamesWhoWon() {
        Looked f;
        f.put(1, 20, "new");
        f.flushAll();
        f.put(1, 10, "old");
        f.look(1);
        const auto cells = storage::mergeOf(f.trace, *f.table(), f.answer);
        QCOMPARE(cells.size(), std::size_t(1));
        QCOMPARE(cells[0].versions.size(), std::size_t(2));
        QCOMPARE(cells[0].versions[0].source, std::string("memtable"));
        QVERIFY(!cells[0].versions[0].wins);
        QCOMPARE(cells[0].versions[1].source, std::string("nb-1"));
        QVERIFY(cells[0].versions[1].wins);
    }
};

QTEST_GUILESS_MAIN(ReadTraceTest)
#include "read_trace_test.moc"
