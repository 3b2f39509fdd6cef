#include "engine/coordinator/reconciliation.h"

#include <QtTest>

#include "engine/types/codec.h"
#include "engine/types/data_type.h"

using namespace engine;
using namespace engine::coordinator;
using namespace engine::rows;

namespace {

schema::TablePtr makeTable() {
    schema::Table table;
    table.id = Uuid{1, 1};
    table.keyspace = "ks";
    table.name = "t";
    using schema::ColumnKind;
    table.columns = {{"k", types::int32(), ColumnKind::PartitionKey, 0},
                     {"c", types::int32(), ColumnKind::Clustering, 0},
                     {"s", types::int32(), ColumnKind::Static},
                     {"v", types::int32(), ColumnKind::Regular}};
    table.finish();
    return std::make_shared<const schema::Table>(std::move(table));
}

DecoratedKey key(int k) { return decorate(types::encodeInt(k)); }

Row live(int c, int v = 0) {
    Row out;
    out.clustering = {types::encodeInt(c)};
    out.liveness.timestamp = 1;
    out.cells.push_back({.column = "v", .value = types::encodeInt(v), .timestamp = 1});
    return out;
}
Row deleted(int c) {
    Row out;
    out.clustering = {types::encodeInt(c)};
    out.deletion = {2, 2};
    return out;
}
Partition partition(int k, std::vector<Row> rows) {
    Partition out;
    out.key = key(k);
    out.rows = std::move(rows);
    return out;
}
ReplicaAnswer answer(std::vector<Partition> data) {
    ReplicaAnswer out;
    std::sort(data.begin(), data.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    out.data = std::move(data);
    return out;
}

}  // namespace

class ReconciliationTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_command = {};
        m_command.table = makeTable();
        m_command.nowSeconds = 100;
    }

    void withoutALimitNothingIsShort() {
        const auto out = reconcile(m_command, m_command.limits,
                                   {answer({partition(1, {live(1), live(2)})}), answer({partition(1, {deleted(1), live(3)})})});
        QVERIFY(!out.isShort);
        QCOMPARE(liveRows(out), (std::vector<int>{2, 3}));
    }

    void deletionsElsewhereMakeAnAnswerShort() {
        m_command.limits.rows = 2;
        const auto out = reconcile(m_command, m_command.limits,
                                   {answer({partition(1, {live(1), live(2)})}), answer({partition(1, {deleted(1), deleted(2)})})});
        QVERIFY(out.isShort);
    }

    /// One replica stopped at row 2; what it has between there and row 20 is not known.
    void rowsBehindWhereAReplicaStoppedDoNotCount() {
        m_command.limits.rows = 2;
        const auto out = reconcile(m_command, m_command.limits,
                                   {answer({partition(1, {live(1), live(2)})}),
                                    answer({partition(1, {deleted(1), live(20), live(21)})})});
        QVERIFY(out.isShort);
    }

    void rowsUpToThereDo() {
        m_command.limits.rows = 2;
        const auto out = reconcile(m_command, m_command.limits,
                                   {answer({partition(1, {live(1), live(2)})}), answer({partition(1, {live(20), live(21)})})});
        QVERIFY(!out.isShort);
        QCOMPARE(liveRows(out), (std::vector<int>{1, 2}));
    }

    void aReversedReadIsCutAtItsOtherEnd() {
        m_command.limits.rows = 2;
        m_command.reversed = true;
        const auto fine = reconcile(m_command, m_command.limits,
                                    {answer({partition(1, {live(8), live(9)})}), answer({partition(1, {live(1), live(2)})})});
        QVERIFY(!fine.isShort);
        QCOMPARE(liveRows(fine), (std::vector<int>{8, 9}));
        const auto cut = reconcile(m_command, m_command.limits,
                                   {answer({partition(1, {live(8), live(9)})}), answer({partition(1, {live(1), live(2), deleted(9)})})});
        QVERIFY(cut.isShort);
    }

    void thePartitionLimitIsOneToo() {
        m_command.limits.rowsPerPartition = 1;
        const auto out = reconcile(m_command, m_command.limits,
                                   {answer({partition(1, {live(1)}), partition(2, {live(1)})}),
                                    answer({partition(1, {deleted(1), live(5)}), partition(2, {live(1)})})});
        QVERIFY(out.isShort);
    }

    void partitionsBehindTheLastOneToldOfAreUnknown() {
        m_command.limits.rows = 1;
        std::vector<int> keys{1, 2, 3};
        std::sort(keys.begin(), keys.end(), [](int a, int b) { return key(a) < key(b); });
        const auto out = reconcile(m_command, m_command.limits,
                                   {answer({partition(keys[0], {live(1)})}),
                                    answer({partition(keys[0], {deleted(1)}), partition(keys[2], {live(1)})})});
        QVERIFY(out.isShort);
    }

    void onlyRowsThatPassTheFiltersCount() {
        m_command.limits.rows = 1;
        m_command.filters.push_back({"v", Operator::Eq, types::encodeInt(7), {}, {}});
        const auto data = std::vector<Partition>{partition(1, {live(1, 0), live(2, 7), live(3, 0)})};
        QCOMPARE(countRows(m_command, data), 1u);
        const auto out = reconcile(m_command, m_command.limits, {answer({partition(1, {live(1, 0), live(2, 7)})}),
                                                                 answer({partition(1, {live(1, 0), live(2, 7)})})});
        QVERIFY(!out.isShort);
    }

    void aLiveStaticRowAloneCounts() {
        Partition one = partition(1, {});
        one.staticRow.cells.push_back({.column = "s", .value = types::encodeInt(1), .timestamp = 1});
        QCOMPARE(countRows(m_command, {one}), 1u);
        one.rows = {deleted(1)};
        QCOMPARE(countRows(m_command, {one}), 1u);
        one.rows = {live(1), live(2)};
        QCOMPARE(countRows(m_command, {one}), 2u);
        m_command.limits.distinct = true;
        QCOMPARE(countRows(m_command, {one}), 1u);
    }

private:
    std::vector<int> liveRows(const Reconciled& from) const {
        std::vector<int> out;
        for (Partition copy : from.merged) {
            filterLive(*m_command.table, copy, m_command.nowSeconds);
            for (const Row& row : copy.rows) {
                out.push_back(types::decodeInt(row.clustering[0]));
            }
        }
        return out;
    }

    ReadCommand m_command;
};

QTEST_GUILESS_MAIN(ReconciliationTest)
#include "reconciliation_test.moc"
