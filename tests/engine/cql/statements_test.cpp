#include <QtTest>

#include "engine/types/codec.h"
#include "memory_cluster.h"

using namespace engine;

namespace {

cql::BoundValue bound(Bytes bytes) { return {cql::BoundValue::State::Set, std::move(bytes)}; }

/// Rows as text, one a line; the error's text when there is one.
QString answer(MemoryCluster& cluster, const char* text, cql::QueryOptions options = {}) {
    auto result = cluster.run(text, std::move(options));
    if (!result) {
        return QString::fromStdString(result.error().message);
    }
    const auto* rows = std::get_if<cql::RowsResult>(&result.value());
    if (rows == nullptr) {
        return "ok";
    }
    QStringList lines;
    for (const cql::ResultRow& row : rows->rows) {
        QStringList values;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool isInt = rows->metadata->columns[i].type == types::int32();
            values << (!row[i]  ? "null"
                       : isInt ? QString::number(types::decodeInt(*row[i]))
                               : QString::fromStdString(*row[i]));
        }
        lines << values.join(' ');
    }
    return lines.join('\n') + (rows->pagingState ? "\n…" : "");
}

}  // namespace

/// Statements from text to rows, against partitions in memory.
class StatementsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<MemoryCluster> m_cluster;
    QString run(const char* text, cql::QueryOptions options = {}) {
        return answer(*m_cluster, text, std::move(options));
    }

private slots:
    void init() {
        m_cluster = std::make_unique<MemoryCluster>();
        run("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
        run("USE k");
        run("CREATE TABLE t (p int, c int, s int STATIC, v text, PRIMARY KEY (p, c))");
        for (int i = 1; i <= 5; ++i) {
            run(qPrintable(QString("INSERT INTO t (p, c, v) VALUES (1, %1, 'v%1')").arg(i)));
        }
    }

    void rowsComeInClusteringOrder() {
        QCOMPARE(run("SELECT c, v FROM t WHERE p = 1 AND c > 3"), "4 v4\n5 v5");
        QCOMPARE(run("SELECT c FROM t WHERE p = 1 ORDER BY c DESC LIMIT 2"), "5\n4");
    }

    void pagesGoOnWhereTheLastEnded() {
        cql::QueryOptions options;
        options.pageSize = 2;
        const auto first = m_cluster->run("SELECT c FROM t WHERE p = 1", options);
        options.pagingState = std::get<cql::RowsResult>(first.value()).pagingState;
        QVERIFY(options.pagingState.has_value());
        QCOMPARE(run("SELECT c FROM t WHERE p = 1", options), "3\n4\n…");
        options.pagingState = "nonsense";
        QCOMPARE(run("SELECT c FROM t WHERE p = 1", options), "Invalid value for the paging state");
    }

    void partitionsWithStaticsAloneAreRows() {
        run("UPDATE t SET s = 7 WHERE p = 2");
        QCOMPARE(run("SELECT p, c, s FROM t WHERE p = 2"), "2 null 7");
        QCOMPARE(run("SELECT p, c, s FROM t WHERE p = 2 AND c > 0"), "");
    }

    void updateLeavesNoMarker() {
        run("UPDATE t SET v = 'x' WHERE p = 3 AND c = 1");
        run("DELETE v FROM t WHERE p = 3 AND c = 1");
        QCOMPARE(run("SELECT c FROM t WHERE p = 3"), "");
        run("INSERT INTO t (p, c) VALUES (3, 2)");
        QCOMPARE(run("SELECT c FROM t WHERE p = 3"), "2");
    }

    void rangesAreDeleted() {
        run("DELETE FROM t WHERE p = 1 AND c >= 2 AND c < 5");
        QCOMPARE(run("SELECT c FROM t WHERE p = 1"), "1\n5");
    }

    void nullDeletesAndUnsetLeavesAlone() {
        cql::QueryOptions options;
        options.values = {cql::BoundValue{cql::BoundValue::State::Unset, {}}};
        run("UPDATE t SET v = ? WHERE p = 1 AND c = 1", options);
        QCOMPARE(run("SELECT v FROM t WHERE p = 1 AND c = 1"), "v1");
        options.values = {cql::BoundValue{}};
        run("UPDATE t SET v = ? WHERE p = 1 AND c = 1", options);
        QCOMPARE(run("SELECT v FROM t WHERE p = 1 AND c = 1"), "null");
    }

    void listPositionsAreReadFirst() {
        run("CREATE TABLE l (k int PRIMARY KEY, l list<int>)");
        run("INSERT INTO l (k, l) VALUES (1, [1, 2, 3])");
        run("UPDATE l SET l[1] = 9, l = [0] + l WHERE k = 1");
        QCOMPARE(run("SELECT JSON l FROM l WHERE k = 1"), R"({"l": [0, 1, 9, 3]})");
        QCOMPARE(run("UPDATE l SET l[7] = 9 WHERE k = 1"), "List index 7 out of bound, list has size 4");
    }

    void aggregatesAndGroups() {
        run("INSERT INTO t (p, c, v) VALUES (2, 1, 'w')");
        QCOMPARE(run("SELECT p, max(c) FROM t GROUP BY p"), "1 5\n2 1");
        QCOMPARE(QString::fromStdString(m_cluster->warnings.at(0)),
                 "Aggregation query used without partition key");
    }

    void keysOfPreparedStatementsAreKnown() {
        const auto prepared = m_cluster->prepare("SELECT * FROM t WHERE p = ? AND c = ?").value();
        QCOMPARE(prepared->partitionKeyVariables, std::vector<std::uint16_t>{0});
        cql::QueryOptions options;
        options.values = {bound(types::encodeInt(1)), bound(types::encodeInt(2))};
        QCOMPARE(prepared->partitionKey(options, m_cluster->context()).value(), types::encodeInt(1));
        QCOMPARE(prepared->variables[1].name, std::string("c"));
    }

    void errorsTellWhere() {
        const auto error = m_cluster->prepare("SELECT nope FROM t").error();
        QCOMPARE(QString::fromStdString(error.message), "Undefined column name nope in table k.t");
        QVERIFY(error.detail && error.detail->hasSpan);
        QCOMPARE(error.detail->span.offset, 7u);
    }

    void batchesMakeOneMutationOfOneKey() {
        const auto prepared =
            m_cluster->prepare("BEGIN BATCH INSERT INTO t (p, c) VALUES (9, 1); INSERT INTO t (p, c) "
                               "VALUES (9, 2); APPLY BATCH")
                .value();
        const auto& batch = *std::get<std::shared_ptr<const cql::BatchStatement>>(prepared->statement);
        const auto mutations = batch.mutations({}, m_cluster->context()).value();
        QCOMPARE(mutations.size(), 1u);
        QCOMPARE(mutations[0].updates[0].partition.rows.size(), 2u);
    }

    void columnsComeBackEmptyAfterTheyWereDropped() {
        run("ALTER TABLE t DROP v");
        QCOMPARE(run("SELECT v FROM t"), "Undefined column name v in table k.t");
        run("ALTER TABLE t ADD v text");
        QCOMPARE(run("SELECT v FROM t WHERE p = 1 AND c = 1"), "null");
    }

    void describedTablesCanBeMadeAgain() {
        const auto text = m_cluster->run("DESCRIBE TABLE t").value();
        const Bytes create = *std::get<cql::RowsResult>(text).rows[0][3];
        run("DROP TABLE t");
        QCOMPARE(run(create.c_str()), "ok");
    }
};

QTEST_GUILESS_MAIN(StatementsTest)
#include "statements_test.moc"
