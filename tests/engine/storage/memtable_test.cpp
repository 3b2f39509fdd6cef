#include "engine/storage/memtable.h"

#include <QtTest>
#include <map>

#include "tests/engine/rows/rows_fixture.h"

using namespace rowstest;
using engine::storage::Memtable;
using engine::storage::MemtableCursor;

class MemtableTest : public QObject {
    Q_OBJECT
private slots:
    void partitionsAreFoundAndWalkedInRingOrder();
    void rangesBeginAndEndWhereTheySay();
    void neighbouringTokensShareABucketInOrder();
    void writesOfOneRowAreReconciled();
    void sizeGrowsWithContentAndNotWithOverwrites();

private:
    const schema::TablePtr m_table = makeTable();
};

void MemtableTest::partitionsAreFoundAndWalkedInRingOrder() {
    Memtable memtable(m_table);
    std::map<DecoratedKey, int> model;
    for (int pk = 0; pk < 5000; ++pk) {
        Partition partition;
        partition.key = key(pk);
        partition.rows = {row(at(pk, "d"), 1, {})};
        model[partition.key] = pk;
        memtable.apply(*m_table, std::move(partition));
    }
    QCOMPARE(memtable.partitions(), std::uint64_t(5000));
    auto expected = model.begin();
    for (auto* found = memtable.first(); found != nullptr; found = memtable.next(*found)) {
        QVERIFY(expected != model.end());
        QVERIFY(found->key() == expected->first);
        QCOMPARE(memtable.find(found->key()), found);
        ++expected;
    }
    QVERIFY(expected == model.end());
    QVERIFY(memtable.find(key(5000)) == nullptr);
}

void MemtableTest::rangesBeginAndEndWhereTheySay() {
    Memtable memtable(m_table);
    std::vector<DecoratedKey> keys;
    for (int pk = 0; pk < 200; ++pk) {
        keys.push_back(key(pk));
        Partition partition;
        partition.key = key(pk);
        memtable.apply(*m_table, std::move(partition));
    }
    std::sort(keys.begin(), keys.end());
    for (std::size_t i = 0; i < keys.size(); i += 7) {
        for (const bool inclusive : {true, false}) {
            const PartitionRange range{
                PartitionBound{keys[i].token, keys[i].key, inclusive},
                PartitionBound{keys[std::min(i + 20, keys.size() - 1)].token, {}, inclusive}};
            std::size_t expected = 0;
            for (const DecoratedKey& k : keys) {
                expected += range.contains(k) ? 1 : 0;
            }
            std::size_t walked = 0;
            for (MemtableCursor cursor(memtable, range); cursor.key() != nullptr; ++walked) {
                QVERIFY(range.contains(*cursor.key()));
                QVERIFY(cursor.advance().has_value());
            }
            QCOMPARE(walked, expected);
        }
    }
}

void MemtableTest::neighbouringTokensShareABucketInOrder() {
    Memtable memtable(m_table);
    for (int i = 999; i >= 0; --i) {
        Partition partition;
        partition.key = {i / 2, std::string(1, static_cast<char>(i % 2))};
        memtable.apply(*m_table, std::move(partition));
    }
    std::int64_t n = 0;
    for (auto* found = memtable.first(); found != nullptr; found = memtable.next(*found), ++n) {
        QCOMPARE(found->key().token, n / 2);
        QCOMPARE(int(found->key().key[0]), int(n % 2));
    }
    QCOMPARE(n, std::int64_t(1000));
}

void MemtableTest::writesOfOneRowAreReconciled() {
    Memtable memtable(m_table);
    for (const std::int64_t timestamp : {2, 3, 1}) {
        Partition partition;
        partition.key = key(1);
        partition.rows = {
            row(at(1, "d"), timestamp, {cell("a", std::to_string(timestamp), timestamp)})};
        memtable.apply(*m_table, std::move(partition));
    }
    const auto* found = memtable.find(key(1));
    QCOMPARE(found->rowSet().size(), std::size_t(1));
    QCOMPARE(found->rowSet().begin()->row.cells[0].value, Bytes("3"));
    QCOMPARE(memtable.rows(), std::uint64_t(1));
}

void MemtableTest::sizeGrowsWithContentAndNotWithOverwrites() {
    Memtable memtable(m_table);
    const auto write = [&](int c) {
        Partition partition;
        partition.key = key(1);
        partition.rows = {row(at(c, "d"), 1, {cell("a", std::string(1000, 'x'), 1)})};
        memtable.apply(*m_table, std::move(partition));
        return memtable.bytes();
    };
    const std::uint64_t first = write(1);
    QVERIFY(first > 1000);
    QCOMPARE(write(1), first);
    QVERIFY(write(2) > first + 1000);
}

QTEST_GUILESS_MAIN(MemtableTest)
#include "memtable_test.moc"
