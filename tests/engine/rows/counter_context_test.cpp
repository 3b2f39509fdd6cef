#include "engine/rows/counter_context.h"

#include <QtTest>

#include <limits>

#include "engine/rows/partition.h"
#include "engine/types/data_type.h"

using namespace engine;
using namespace engine::rows;
using Kind = CounterShard::Kind;

namespace {

const Uuid kA{1, 1};
const Uuid kB{2, 2};

Bytes context(std::vector<CounterShard> shards) { return counterContext(shards); }

}  // namespace

class CounterContextTest : public QObject {
    Q_OBJECT
private slots:
    /// As CounterContext.createGlobal of Cassandra: one element in the header, marked, then the shard.
    void bytesAreCassandras() {
        const Bytes expected = fromHex("00018000"
                                       "00000000000000010000000000000001"
                                       "0000000000000007"
                                       "fffffffffffffffd")
                                   .value();
        QCOMPARE(toHex(context({{kA, 7, -3, Kind::Global}})), toHex(expected));
        QCOMPARE(counterShards(expected).front(), (CounterShard{kA, 7, -3, Kind::Global}));
    }

    void theValueIsTheSumOfTheShards() {
        QCOMPARE(counterTotal(context({{kA, 1, 10, Kind::Global}, {kB, 5, -4, Kind::Global}})), std::int64_t(6));
        QCOMPARE(counterTotal(context({})), std::int64_t(0));
        constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
        QCOMPARE(counterTotal(context({{kA, 1, kMax, Kind::Global}, {kB, 1, 1, Kind::Global}})),
                 std::numeric_limits<std::int64_t>::min());
    }

    void ofEachWriterTheNewestShardStays() {
        const Bytes left = context({{kA, 2, 20, Kind::Global}, {kB, 1, 1, Kind::Global}});
        const Bytes right = context({{kA, 3, 15, Kind::Global}});
        for (const Bytes& merged : {mergeCounters(left, right), mergeCounters(right, left)}) {
            QCOMPARE(counterTotal(merged), std::int64_t(16));
            QCOMPARE(counterShardOf(merged, kA).clock, std::int64_t(3));
        }
        QCOMPARE(mergeCounters(left, left), left);
    }

    void aGlobalShardBeatsOthers() {
        const Bytes global = context({{kA, 1, 5, Kind::Global}});
        QCOMPARE(counterTotal(mergeCounters(global, context({{kA, 9, 100, Kind::Local}}))), std::int64_t(5));
        QCOMPARE(counterTotal(mergeCounters(context({{kA, 9, 100, Kind::Remote}}), global)), std::int64_t(5));
    }

    void whatClientsAddSumsUp() {
        const Bytes merged = mergeCounters(counterUpdate(3), counterUpdate(-5));
        QVERIFY(isCounterUpdate(merged));
        QCOMPARE(counterTotal(merged), std::int64_t(-2));
        QCOMPARE(counterTotal(mergeCounters(counterUpdate(3), counterUpdate(3))), std::int64_t(6));
        QVERIFY(!isCounterUpdate(context({{kA, 1, 1, Kind::Global}})));
    }

    void damagedBytesGiveWhatIsWhole() {
        const Bytes whole = context({{kA, 1, 1, Kind::Global}, {kB, 1, 1, Kind::Global}});
        for (std::size_t size = 0; size < whole.size(); ++size) {
            QVERIFY(counterShards(BytesView(whole).substr(0, size)).size() <= 1);
        }
    }

    /// A tombstone wins whatever its age (CASSANDRA-7346).
    void cellsOfCounterTablesMerge() {
        schema::Table table;
        table.isCounter = true;
        table.columns.push_back({"k", types::int32(), schema::ColumnKind::PartitionKey, 0});
        table.columns.push_back({"n", types::counter(), schema::ColumnKind::Regular});
        table.finish();
        Row into;
        into.cells.push_back({"n", {}, context({{kA, 1, 4, Kind::Global}}), 10});
        Row from;
        from.cells.push_back({"n", {}, context({{kB, 1, 5, Kind::Global}}), 7});
        merge(table, into, std::move(from));
        QCOMPARE(counterTotal(into.cells.front().value), std::int64_t(9));
        QCOMPARE(into.cells.front().timestamp, std::int64_t(10));
        Row gone;
        gone.cells.push_back({"n", {}, {}, 3, kNoTtl, 100});
        merge(table, into, std::move(gone));
        QVERIFY(into.cells.front().isTombstone());
    }
};

QTEST_APPLESS_MAIN(CounterContextTest)
#include "counter_context_test.moc"
