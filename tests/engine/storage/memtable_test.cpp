#include "engine/storage/memtable.h"

#include <QtTest>
#include <map>

#include "engine/base/ensure.h"
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
    void randomWritesAreReconciledAsAPartitionIs_data();
    void randomWritesAreReconciledAsAPartitionIs();
    void slicesGiveRowsAndMarkersInBothDirections();
    void largeRowsStayCheapToAddTo();

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
    const PartitionRange all;
    for (MemtableCursor cursor(memtable, all); cursor.key() != nullptr; ++expected) {
        QVERIFY(expected != model.end());
        QVERIFY(*cursor.key() == expected->first);
        const auto found = memtable.find(expected->first);
        QVERIFY(found.has_value());
        QVERIFY(found->copy().rows == cursor.partition().copy().rows);
        QVERIFY(cursor.advance().has_value());
    }
    QVERIFY(expected == model.end());
    const DecoratedKey absent = key(5000);
    QVERIFY(!memtable.find(absent));
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
    const PartitionRange all;
    for (MemtableCursor cursor(memtable, all); cursor.key() != nullptr; ++n) {
        QCOMPARE(cursor.key()->token, n / 2);
        QCOMPARE(int(cursor.key()->key[0]), int(n % 2));
        QVERIFY(cursor.advance().has_value());
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
    const DecoratedKey wanted = key(1);
    const Partition found = memtable.find(wanted)->copy();
    QCOMPARE(found.rows.size(), std::size_t(1));
    QCOMPARE(found.rows[0].cells[0].value, Bytes("3"));
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

void MemtableTest::randomWritesAreReconciledAsAPartitionIs_data() {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 100; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

void MemtableTest::randomWritesAreReconciledAsAPartitionIs() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    Memtable memtable(m_table);
    std::map<DecoratedKey, Partition> model;
    for (int i = 0; i < 200; ++i) {
        Partition update = random.partition(*m_table, static_cast<int>(random.below(5)));
        Partition& known = model[update.key];
        known.key = update.key;
        merge(*m_table, known, update);
        memtable.apply(*m_table, std::move(update));
    }
    const PartitionRange all;
    MemtableCursor cursor(memtable, all);
    for (const auto& [expectedKey, expected] : model) {
        QVERIFY(cursor.key() != nullptr && *cursor.key() == expectedKey);
        Partition found = cursor.partition().copy();
        dropShadowed(*m_table, found);
        QVERIFY(found == expected);
        QVERIFY(cursor.advance().has_value());
    }
    QVERIFY(cursor.key() == nullptr);
}

namespace {

/// Rows as their clustering, markers as [ and ) with theirs; in the order they are met.
std::string walk(const Memtable& memtable, const DecoratedKey& key,
                 const std::vector<Slice>& slices, bool reversed) {
    std::string out;
    const auto found = memtable.find(key);
    const auto cursor = std::move(found->unfiltereds(slices, reversed).value());
    const auto text = [](const Clustering& clustering) {
        return clustering.empty() ? std::string("*") : std::to_string(types::decodeInt(clustering[0]));
    };
    while (cursor->kind() != storage::UnfilteredKind::End) {
        if (cursor->kind() == storage::UnfilteredKind::Row) {
            out += text(cursor->row().clustering) + ' ';
        } else {
            const storage::Marker& marker = cursor->marker();
            const std::string side = marker.side < 0 ? "<" : ">";
            out += (marker.before.isLive() ? "" : "]") + text(marker.prefix) + side +
                   (marker.after.isLive() ? "" : "[") + ' ';
        }
        ENSURE(cursor->advance().has_value());
    }
    return out;
}

}  // namespace

void MemtableTest::slicesGiveRowsAndMarkersInBothDirections() {
    Memtable memtable(m_table);
    Partition update;
    update.key = key(1);
    for (int c = 0; c < 10; ++c) {
        update.rows.push_back(row(at(c, "d"), 5, {}));
    }
    addRangeTombstone(*m_table, update.rangeTombstones,
                      range({types::encodeInt(2)}, true, {types::encodeInt(4)}, false, 1));
    addRangeTombstone(*m_table, update.rangeTombstones,
                      range({types::encodeInt(4)}, true, {types::encodeInt(7)}, true, 2));
    memtable.apply(*m_table, update);
    const DecoratedKey wanted = key(1);
    const std::vector<Slice> all{Slice{}};
    QCOMPARE(walk(memtable, wanted, all, false),
             std::string("0 1 2<[ 2 3 ]4<[ 4 5 6 7 ]7> 8 9 "));
    QCOMPARE(walk(memtable, wanted, all, true), std::string("9 8 ]7> 7 6 5 4 ]4<[ 3 2 2<[ 1 0 "));
    const std::vector<Slice> two{{{{types::encodeInt(3)}, true}, {{types::encodeInt(3)}, true}},
                                 {{{types::encodeInt(6)}, false}, {{types::encodeInt(8)}, true}}};
    QCOMPARE(walk(memtable, wanted, two, false), std::string("3<[ 3 ]3> 6>[ 7 ]7> 8 "));
    QCOMPARE(walk(memtable, wanted, two, true), std::string("8 ]7> 7 6>[ ]3> 3 3<[ "));
    QCOMPARE(walk(memtable, wanted, {}, false), std::string());
}

void MemtableTest::largeRowsStayCheapToAddTo() {
    Memtable memtable(m_table);
    constexpr int kElements = 3000;
    for (int i = 0; i < kElements; ++i) {
        Partition update;
        update.key = key(1);
        Cell element = cell("m", std::string(20, 'x'), 5);
        element.path = types::encodeInt(i);
        update.rows = {row(at(1, "d"), 5, {std::move(element)})};
        memtable.apply(*m_table, std::move(update));
    }
    // Were every version kept, it would be a thousand times as much.
    QVERIFY(memtable.bytes() < kElements * 300);
    const DecoratedKey wanted = key(1);
    const Partition found = memtable.find(wanted)->copy();
    QCOMPARE(found.rows.size(), std::size_t(1));
    QCOMPARE(found.rows[0].cells.size(), std::size_t(kElements));
    QCOMPARE(types::decodeInt(found.rows[0].cells[2999].path), 2999);
}

QTEST_GUILESS_MAIN(MemtableTest)
#include "memtable_test.moc"
