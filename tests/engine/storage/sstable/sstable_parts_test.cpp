#include <QtTest>

#include "engine/base/hash.h"
#include "engine/storage/sstable/bloom_filter.h"
#include "engine/storage/sstable/cardinality.h"
#include "engine/storage/sstable/descriptor.h"
#include "engine/storage/sstable/histograms.h"

using namespace engine;

/// The parts of an SSTable that stand alone, against values of Cassandra's own classes.
class SstablePartsTest : public QObject {
    Q_OBJECT
private slots:
    void filterOfOneKey();
    void bitsOfAKey();
    void murmur2IsCassandras_data();
    void murmur2IsCassandras();
    void sparseCardinality();
    void mergedCardinalitiesCountTheUnion();
    void cardinalityIsClose();
    void bucketsGrowByAFifth();
    void dropTimesRoundUpToMinutes();
    void droppableCountRunsBetweenPoints();
    void namesOfComponents();
};

void SstablePartsTest::filterOfOneKey() {
    storage::BloomFilter filter(1, 0.01);
    filter.add(murmur3("key1"));
    ByteWriter out;
    filter.write(out);
    QCOMPARE(toHex(out.bytes()).c_str(), "00000005000000011000224000008000");
}

void SstablePartsTest::bitsOfAKey() {
    storage::BloomFilter filter(10, 0.01);  // 128 bits.
    QCOMPARE(filter.bitCount(), 128);
    std::vector<std::uint64_t> bits;
    filter.forEachBit(murmur3("key1"), [&](std::uint64_t bit) {
        bits.push_back(bit);
        return true;
    });
    QCOMPARE(bits, (std::vector<std::uint64_t>{119, 68, 17, 94, 85}));
}

void SstablePartsTest::murmur2IsCassandras_data() {
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<quint64>("hash");
    const auto row = [](const char* key, quint64 hash) {
        QTest::newRow(key) << QByteArray(key) << hash;
    };
    row("00000001", 0x4FB1A8C3FB9EDA53);
    row("6B657931", 0x84616CA2E7BE364F);
    row("80", 0x5CB5E363145D41B2);
    row("FFFFFFFF", 0x390F0D45FCDB4A8C);
    row("808182838485868788", 0x8A6EB79A9C6EDA9E);
    row("", 0);
}

void SstablePartsTest::murmur2IsCassandras() {
    QFETCH(const QByteArray, key);
    QFETCH(const quint64, hash);
    QCOMPARE(storage::murmur2(*fromHex(key.toStdString())), hash);
}

void SstablePartsTest::sparseCardinality() {
    storage::Cardinality cardinality;
    cardinality.add(*fromHex("00000001"));
    ByteWriter out;
    cardinality.write(out);
    QCOMPARE(toHex(out.bytes()).c_str(), "fffffffe0d190101a28dfb09");
    QCOMPARE(storage::Cardinality::read(out.bytes())->estimate(), 1u);
}

void SstablePartsTest::cardinalityIsClose() {
    for (const std::uint32_t keys : {100u, 5000u, 100'000u}) {
        storage::Cardinality cardinality;
        for (std::uint32_t key = 0; key < keys; ++key) {
            ByteWriter bytes;
            bytes.u32(key);
            cardinality.add(bytes.bytes());
        }
        ByteWriter out;
        cardinality.write(out);
        const auto estimate = static_cast<double>(storage::Cardinality::read(out.bytes())->estimate());
        QVERIFY(qAbs(estimate - keys) < 0.05 * keys);
    }
}

void SstablePartsTest::mergedCardinalitiesCountTheUnion() {
    const auto counted = [](std::uint32_t from, std::uint32_t to) {
        storage::Cardinality out;
        for (std::uint32_t key = from; key < to; ++key) {
            ByteWriter bytes;
            bytes.u32(key);
            out.add(bytes.bytes());
        }
        return out;
    };
    // Sparse with sparse, sparse with dense, dense with sparse, dense with dense.
    for (const auto& [first, second] : {std::pair(2000u, 3000u), std::pair(2000u, 60'000u), std::pair(60'000u, 2000u), std::pair(60'000u, 50'000u)}) {
        storage::Cardinality merged = counted(0, first);
        merged.merge(counted(first / 2, first / 2 + second));
        const storage::Cardinality whole = counted(0, std::max(first, first / 2 + second));
        ByteWriter ofMerged, ofWhole;
        merged.write(ofMerged);
        whole.write(ofWhole);
        QCOMPARE(toHex(ofMerged.bytes()), toHex(ofWhole.bytes()));
        QCOMPARE(storage::Cardinality::read(ofMerged.bytes())->estimate(), whole.estimate());
    }
    QVERIFY(!storage::Cardinality::read(*fromHex("fffffffe0d190105a2")));
}

void SstablePartsTest::bucketsGrowByAFifth() {
    const auto cells = storage::EstimatedHistogram::forCellCounts();
    QCOMPARE(cells.offsets().size(), 118u);
    QCOMPARE(cells.offsets().back(), std::int64_t(4139110981));
    storage::EstimatedHistogram histogram(20);
    for (const std::int64_t value : {1, 2, 12, 13, 1000}) {
        histogram.add(value);
    }
    QCOMPARE(histogram.count(), 5u);
    QCOMPARE(histogram.buckets()[9], 1);   // 12: in (10, 12].
    QCOMPARE(histogram.buckets()[10], 1);  // 13: in (12, 14].
    QCOMPARE(histogram.buckets().back(), 1);
}

void SstablePartsTest::dropTimesRoundUpToMinutes() {
    storage::TombstoneHistogram histogram;
    for (const std::int32_t seconds : {61, 119, 120, 121}) {
        histogram.add(seconds);
    }
    QCOMPARE(histogram.bins().size(), 2u);
    QCOMPARE(histogram.bins()[0].point, 120.0);
    QCOMPARE(histogram.bins()[0].count, 3);
    for (std::int32_t minute = 0; minute < 1000; ++minute) {
        histogram.add(minute * 60);
    }
    QCOMPARE(histogram.bins().size(), 100u);
}

void SstablePartsTest::droppableCountRunsBetweenPoints() {
    storage::TombstoneHistogram histogram;
    for (int i = 0; i < 14; ++i) {
        histogram.add(600);
    }
    histogram.add(1200);
    QCOMPARE(histogram.sum(599), 0.0);
    QCOMPARE(histogram.sum(1200), 15.0);
    const double half = histogram.sum(900);
    QVERIFY(half > 7 && half < 15);
}

void SstablePartsTest::namesOfComponents() {
    const auto data = storage::parseComponentPath("/d/ks/t-1/nb-12-big-Data.db");
    QVERIFY(data);
    QCOMPARE(data->sstable.generation(), 12u);
    QCOMPARE(data->sstable.pathOf(storage::Component::Toc), std::string("/d/ks/t-1/nb-12-big-TOC.txt"));
    const auto uuid =
        storage::parseComponentPath("nb-3h5p_0mhy_03uw02ekpxssfdv7ib-big-Index.db.tmp");
    QVERIFY(uuid && uuid->isTemporary && uuid->sstable.generation() == 0);
    QVERIFY(!storage::parseComponentPath("nb-1-big-Other.db"));
    QVERIFY(!storage::parseComponentPath("oa-1-big-Data.db"));
    QCOMPARE(storage::otherVersionOf("/d/oa-1-big-Data.db"), std::string("oa"));
    QCOMPARE(storage::otherVersionOf("/d/da-1-bti-Data.db"), std::string("da"));
    QVERIFY(!storage::otherVersionOf("nb-1-big-Data.db"));
}

QTEST_GUILESS_MAIN(SstablePartsTest)
#include "sstable_parts_test.moc"
