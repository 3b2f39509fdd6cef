#include <QtTest>

#include "engine/base/ensure.h"
#include "engine/sim/disk.h"
#include "engine/storage/sstable_reader.h"
#include "engine/storage/sstable_writer.h"
#include "tests/engine/rows/rows_fixture.h"

using namespace rowstest;
using namespace engine::storage;

namespace {

std::vector<Row> rowsIn(const PartitionSource& source, const std::vector<Slice>& slices,
                        bool reversed) {
    std::vector<Row> out;
    auto cursor = source.rows(slices, reversed);
    ENSURE(cursor.has_value());
    while (cursor.value()->current() != nullptr) {
        out.push_back(cursor.value()->take());
        ENSURE(cursor.value()->advance().has_value());
    }
    return out;
}

}  // namespace

class SstableTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void whatWasWrittenIsRead_data();
    void whatWasWrittenIsRead();
    void absentKeysAreAbsent();
    void scansWalkARangeInRingOrder();
    void slicesOfAWidePartitionReadLittle();
    void aRowLargerThanAChunkIsRead();
    void filesAppearWholeOrNotAtAll();
    void everyFlippedBitIsNoticedOrHarmless();
    void truncatedFilesAreRefused();
    void chunkCacheStaysWithinItsBytes();
    void bloomFilterKeepsItsPromise();

private:
    Result<std::shared_ptr<const SstableReader>> open() {
        return SstableReader::open(*m_disk, "/rs-7.db", m_table, *m_cache, m_cache->newFileId());
    }
    void write(const Memtable& memtable) {
        ENSURE(writeSstable(*m_disk, "/rs-7.db", memtable, {3, 4}).has_value());
    }
    std::unique_ptr<Memtable> wide(int rows) const {
        auto memtable = std::make_unique<Memtable>(m_table);
        Partition partition;
        partition.key = key(1);
        for (int c = 0; c < rows; ++c) {
            partition.rows.push_back(row(at(c, "d"), 5, {cell("a", std::string(200, 'v'), 5)}));
        }
        memtable->apply(*m_table, std::move(partition));
        return memtable;
    }

    const schema::TablePtr m_table = makeTable();
    std::unique_ptr<sim::SimDisk> m_disk;
    std::unique_ptr<ChunkCache> m_cache;
};

void SstableTest::init() {
    m_disk = std::make_unique<sim::SimDisk>(1);
    m_cache = std::make_unique<ChunkCache>(1 << 20);
}

void SstableTest::whatWasWrittenIsRead_data() {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 40; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

void SstableTest::whatWasWrittenIsRead() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    Memtable memtable(m_table);
    for (int i = 0; i < 60; ++i) {
        memtable.apply(*m_table, random.partition(*m_table, static_cast<int>(random.below(20))));
    }
    write(memtable);
    const auto reader = open();
    QVERIFY(reader.has_value());
    QCOMPARE(reader.value()->stats().partitions, memtable.partitions());
    QCOMPARE(reader.value()->stats().rows, memtable.rows());
    QVERIFY((reader.value()->stats().flushedTo == LogPosition{3, 4}));
    QCOMPARE(reader.value()->generation(), std::uint64_t(7));
    const PartitionRange all;
    for (storage::MemtableCursor cursor(memtable, all); cursor.key() != nullptr;) {
        const auto* expected = &cursor.partition();
        const auto found = reader.value()->find(expected->key());
        QVERIFY(found.has_value() && found.value());
        QVERIFY(found.value()->deletion() == expected->deletion());
        QVERIFY(found.value()->staticRow() == expected->staticRow());
        QVERIFY(found.value()->rangeTombstones() == expected->rangeTombstones());
        std::vector<Slice> slices{Slice{}};
        const Slice slice{{random.prefix(), true}, {random.prefix(), false}};
        if (!isEmpty(*m_table, slice)) {
            slices = {slice};
        }
        for (const bool reversed : {false, true}) {
            QVERIFY(rowsIn(*found.value(), slices, reversed) ==
                    rowsIn(*expected, slices, reversed));
        }
        QVERIFY(cursor.advance().has_value());
    }
}

void SstableTest::absentKeysAreAbsent() {
    write(*wide(3));
    const auto reader = open().value();
    for (int pk = 2; pk < 500; ++pk) {
        const auto found = reader->find(key(pk));
        QVERIFY(found.has_value());
        QVERIFY(!found.value());
    }
}

void SstableTest::scansWalkARangeInRingOrder() {
    Memtable memtable(m_table);
    std::vector<DecoratedKey> keys;
    for (int pk = 0; pk < 300; ++pk) {
        Partition partition;
        partition.key = key(pk);
        partition.rows = {row(at(1, "d"), 5, {})};
        keys.push_back(partition.key);
        memtable.apply(*m_table, std::move(partition));
    }
    std::sort(keys.begin(), keys.end());
    write(memtable);
    const auto reader = open().value();
    for (std::size_t from = 0; from < keys.size(); from += 37) {
        const PartitionRange range{
            PartitionBound{keys[from].token, keys[from].key, false},
            PartitionBound{keys[std::min(from + 50, keys.size() - 1)].token}};
        std::vector<DecoratedKey> expected;
        std::copy_if(keys.begin(), keys.end(), std::back_inserter(expected),
                     [&](const auto& k) { return range.contains(k); });
        std::vector<DecoratedKey> walked;
        const auto cursor = reader->scan(range);
        QVERIFY(cursor.has_value());
        while (cursor.value()->key() != nullptr) {
            walked.push_back(*cursor.value()->key());
            QVERIFY(cursor.value()->advance().has_value());
        }
        QVERIFY(walked == expected);
    }
}

void SstableTest::slicesOfAWidePartitionReadLittle() {
    const auto memtable = wide(20000);
    write(*memtable);
    const auto reader = open().value();
    const auto found = reader->find(key(1));
    QVERIFY(found.value());
    const DecoratedKey wanted = key(1);
    const auto expected = *memtable->find(wanted);
    const std::uint64_t headBytes = m_cache->bytes();
    const Slice middle{{{types::encodeInt(9000)}, true}, {{types::encodeInt(9010)}, false}};
    for (const bool reversed : {false, true}) {
        const auto rows = rowsIn(*found.value(), {middle}, reversed);
        QCOMPARE(rows.size(), std::size_t(10));
        QVERIFY(rows == rowsIn(expected, {middle}, reversed));
    }
    QVERIFY(m_cache->bytes() - headBytes <= 4 * kChunkBytes);
    const std::vector<Slice> several{
        {{{types::encodeInt(5)}, false}, {{types::encodeInt(7)}, true}},
        {{{types::encodeInt(8)}, true}, {{types::encodeInt(8)}, true}},
        {{{types::encodeInt(15000)}, true}, {{types::encodeInt(15300)}, true}},
        {{{types::encodeInt(19998)}, true}, {{}, true}}};
    for (const bool reversed : {false, true}) {
        const auto rows = rowsIn(*found.value(), several, reversed);
        QCOMPARE(rows.size(), std::size_t(2 + 1 + 301 + 2));
        QVERIFY(rows == rowsIn(expected, several, reversed));
    }
}

void SstableTest::aRowLargerThanAChunkIsRead() {
    Memtable memtable(m_table);
    Partition partition;
    partition.key = key(1);
    for (int c = 0; c < 4; ++c) {
        partition.rows.push_back(
            row(at(c, "d"), 5, {cell("a", std::string(50000, static_cast<char>('a' + c)), 5)}));
    }
    memtable.apply(*m_table, partition);
    write(memtable);
    const auto reader = open().value();
    const auto found = reader->find(key(1));
    QVERIFY(rowsIn(*found.value(), {Slice{}}, false) == partition.rows);
    const Slice last{{{types::encodeInt(3)}, true}, {{}, true}};
    QCOMPARE(rowsIn(*found.value(), {last}, true).size(), std::size_t(1));
}

void SstableTest::filesAppearWholeOrNotAtAll() {
    m_disk->failNextSync(sim::DiskFault::NoSpace);
    QVERIFY(!writeSstable(*m_disk, "/rs-7.db", *wide(10), {}).has_value());
    QVERIFY(!m_disk->exists("/rs-7.db"));
    write(*wide(10));
    m_disk->crash(true);
    m_disk->start();
    QVERIFY(open().has_value());
}

void SstableTest::everyFlippedBitIsNoticedOrHarmless() {
    const auto memtable = wide(4);
    const DecoratedKey wanted = key(1);
    const std::vector<Row> expected = rowsIn(*memtable->find(wanted), {Slice{}}, false);
    write(*memtable);
    const std::uint64_t size = runtime::readFile(*m_disk, "/rs-7.db").value().size();
    for (std::uint64_t byte = 0; byte < size; ++byte) {
        QVERIFY(m_disk->flipBit("/rs-7.db", byte, static_cast<int>(byte % 8)));
        m_cache = std::make_unique<ChunkCache>(1 << 20);
        const auto reader = open();
        if (reader) {
            const auto found = reader.value()->find(key(1));
            if (found && found.value()) {
                QVERIFY(rowsIn(*found.value(), {Slice{}}, false) == expected);
            } else {
                QVERIFY(!found.has_value());
                QVERIFY(found.error().message.find("/rs-7.db") != std::string::npos);
            }
        }
        QVERIFY(m_disk->flipBit("/rs-7.db", byte, static_cast<int>(byte % 8)));
    }
}

void SstableTest::truncatedFilesAreRefused() {
    write(*wide(4));
    const Bytes whole = runtime::readFile(*m_disk, "/rs-7.db").value();
    for (std::uint64_t length = 0; length < whole.size(); length += 3) {
        QVERIFY(m_disk->remove("/rs-7.db").has_value());
        const auto file = m_disk->open("/rs-7.db", runtime::OpenMode::CreateNew);
        QVERIFY(file.value()->append(BytesView(whole).substr(0, length)).has_value());
        const auto reader = open();
        QVERIFY(!reader.has_value());
        QCOMPARE(reader.error().kind, ErrorKind::Corrupt);
    }
}

void SstableTest::chunkCacheStaysWithinItsBytes() {
    ChunkCache cache(1000);
    for (std::uint64_t i = 0; i < 50; ++i) {
        cache.add(1, i, std::make_shared<const Bytes>(Bytes(100, 'x')));
        QVERIFY(cache.find(1, 0) != nullptr);  // Keeps it the most recently used.
    }
    QVERIFY(cache.bytes() <= 1000);
    QVERIFY(cache.find(1, 49) != nullptr);
    QVERIFY(cache.find(1, 20) == nullptr);
    QVERIFY(cache.find(2, 49) == nullptr);
}

void SstableTest::bloomFilterKeepsItsPromise() {
    BloomFilter filter(10000, 0.01);
    for (int i = 0; i < 10000; ++i) {
        filter.add(types::encodeInt(i));
    }
    int falsePositives = 0;
    for (int i = 0; i < 20000; ++i) {
        const bool may = filter.mayContain(types::encodeInt(i));
        QVERIFY(i >= 10000 || may);
        falsePositives += i >= 10000 && may ? 1 : 0;
    }
    QVERIFY2(falsePositives < 200, qPrintable(QString::number(falsePositives)));
    QVERIFY(BloomFilter(10, 1.0).mayContain("anything"));
}

QTEST_GUILESS_MAIN(SstableTest)
#include "sstable_test.moc"
