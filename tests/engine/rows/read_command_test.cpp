#include "engine/rows/read_command.h"

#include <QtTest>

#include "rows_fixture.h"

using namespace rowstest;

Q_DECLARE_METATYPE(engine::rows::FilterExpression)

class ReadCommandTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void rowPassesItsFilters_data();
    void rowPassesItsFilters();
    void compositeKeyComponentIsFiltered();
    void limitsCountRows();
    void reversedLimitsKeepTheLastRows();
    void aStaticRowAloneCountsAsOne();
    void distinctKeepsOneRowAPartition();
    void rangeContainsTokensAndKeys();

private:
    Partition rowsOf(int pk, int count) const;
    ReadCommand m_command;
};

void ReadCommandTest::init() {
    m_command = {};
    m_command.table = makeTable();
    m_command.nowSeconds = 100;
}

Partition ReadCommandTest::rowsOf(int pk, int count) const {
    Partition out;
    out.key = key(pk);
    for (int i = 0; i < count; ++i) {
        out.rows.push_back(row(at(i, "d"), 1, {}));
    }
    return out;
}

void ReadCommandTest::rowPassesItsFilters_data() {
    QTest::addColumn<FilterExpression>("filter");
    QTest::addColumn<bool>("passes");
    const auto one = types::encodeInt(1);
    const auto two = types::encodeInt(2);
    QTest::newRow("regular equals") << FilterExpression{"a", Operator::Eq, "x"} << true;
    QTest::newRow("regular differs") << FilterExpression{"a", Operator::Eq, "y"} << false;
    QTest::newRow("absent column") << FilterExpression{"b", Operator::Eq, ""} << false;
    QTest::newRow("absent column is not unequal")
        << FilterExpression{"b", Operator::NotEq, "y"} << false;
    QTest::newRow("unequal") << FilterExpression{"a", Operator::NotEq, "y"} << true;
    QTest::newRow("less") << FilterExpression{"a", Operator::Lt, "y"} << true;
    QTest::newRow("not greater") << FilterExpression{"a", Operator::Gt, "x"} << false;
    QTest::newRow("greater or equal") << FilterExpression{"a", Operator::Gte, "x"} << true;
    QTest::newRow("in") << FilterExpression{"a", Operator::In, "", {"q", "x"}} << true;
    QTest::newRow("not in") << FilterExpression{"a", Operator::In, "", {"q"}} << false;
    QTest::newRow("clustering") << FilterExpression{"c", Operator::Gt, one} << true;
    QTest::newRow("partition key") << FilterExpression{"pk", Operator::Lte, one} << false;
    QTest::newRow("static") << FilterExpression{"s", Operator::Eq, "st"} << true;
    QTest::newRow("map contains") << FilterExpression{"m", Operator::Contains, "v"} << true;
    QTest::newRow("map lacks") << FilterExpression{"m", Operator::Contains, "w"} << false;
    QTest::newRow("map contains key") << FilterExpression{"m", Operator::ContainsKey, two} << true;
    QTest::newRow("map entry") << FilterExpression{"m", Operator::MapEntryEq, "v", {}, two} << true;
    QTest::newRow("other map entry")
        << FilterExpression{"m", Operator::MapEntryEq, "v", {}, one} << false;
    QTest::newRow("not null") << FilterExpression{"b", Operator::IsNotNull} << false;
}

void ReadCommandTest::rowPassesItsFilters() {
    QFETCH(const FilterExpression, filter);
    QFETCH(const bool, passes);
    Partition partition;
    partition.key = key(2);
    partition.staticRow.cells = {cell("s", "st", 1)};
    Row tested = row(at(2, "d"), 1, {cell("a", "x", 1), tombstone("b", 1, 1), cell("m", "v", 1)});
    tested.cells[2].path = types::encodeInt(2);
    m_command.filters = {filter};
    QCOMPARE(satisfies(m_command, partition, tested), passes);
}

void ReadCommandTest::compositeKeyComponentIsFiltered() {
    schema::Table table = *m_command.table;
    table.columns.push_back({"pk2", types::text(), schema::ColumnKind::PartitionKey, 1});
    table.finish();
    m_command.table = std::make_shared<const schema::Table>(table);
    ByteWriter composite;
    composite.shortBlob(types::encodeInt(1));
    composite.u8(0);
    composite.shortBlob("two");
    composite.u8(0);
    Partition partition;
    partition.key = decorate(composite.take());
    m_command.filters = {{"pk2", Operator::Eq, "two"}};
    QVERIFY(satisfies(m_command, partition, {}));
    m_command.filters = {{"pk", Operator::Eq, types::encodeInt(2)}};
    QVERIFY(!satisfies(m_command, partition, {}));
}

void ReadCommandTest::limitsCountRows() {
    std::vector<Partition> partitions{rowsOf(1, 3), rowsOf(2, 0), rowsOf(3, 3), rowsOf(4, 3)};
    m_command.limits.rows = 5;
    QCOMPARE(applyLimits(m_command, partitions), 5u);
    QCOMPARE(partitions.size(), std::size_t(2));
    QCOMPARE(partitions[1].rows.size(), std::size_t(2));
    m_command.limits.rowsPerPartition = 1;
    QCOMPARE(applyLimits(m_command, partitions), 2u);
}

void ReadCommandTest::reversedLimitsKeepTheLastRows() {
    std::vector<Partition> partitions{rowsOf(1, 5)};
    m_command.limits.rows = 2;
    m_command.reversed = true;
    QCOMPARE(applyLimits(m_command, partitions), 2u);
    QVERIFY(partitions[0].rows[0].clustering == at(3, "d"));
}

void ReadCommandTest::aStaticRowAloneCountsAsOne() {
    std::vector<Partition> partitions{rowsOf(1, 0), rowsOf(2, 2)};
    partitions[0].staticRow.cells = {cell("s", "v", 1)};
    m_command.limits.rows = 2;
    QCOMPARE(applyLimits(m_command, partitions), 2u);
    QCOMPARE(partitions[1].rows.size(), std::size_t(1));
}

void ReadCommandTest::distinctKeepsOneRowAPartition() {
    std::vector<Partition> partitions{rowsOf(1, 3), rowsOf(2, 3), rowsOf(3, 3)};
    m_command.limits.distinct = true;
    m_command.limits.rows = 2;
    QCOMPARE(applyLimits(m_command, partitions), 2u);
    QCOMPARE(partitions.size(), std::size_t(2));
}

void ReadCommandTest::rangeContainsTokensAndKeys() {
    const DecoratedKey at5{5, "b"};
    QVERIFY(PartitionRange{}.contains(at5));
    PartitionRange range{PartitionBound{5, std::nullopt, false}, std::nullopt};
    QVERIFY(!range.contains(at5));
    range.start->inclusive = true;
    QVERIFY(range.contains(at5));
    range.start = PartitionBound{5, Bytes("a"), false};
    QVERIFY(range.contains(at5));
    range.start->key = "b";
    QVERIFY(!range.contains(at5));
    range = {std::nullopt, PartitionBound{5, std::nullopt, true}};
    QVERIFY(range.contains(at5));
    QVERIFY(!range.contains({6, "a"}));
}

QTEST_GUILESS_MAIN(ReadCommandTest)
#include "read_command_test.moc"
