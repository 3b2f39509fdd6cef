#include <QtTest>

#include "engine/types/codec.h"
#include "tests/engine/storage/sstable/sstable_fixture.h"

using namespace sstabletest;

namespace {

constexpr const char* kCompressors[] = {"",                  "LZ4Compressor",     "ZstdCompressor",
                                        "SnappyCompressor", "DeflateCompressor", "NoopCompressor"};

std::vector<Partition> randomPartitions(const schema::Table& table, std::uint64_t seed, int count) {
    RandomRows random(seed);
    std::vector<Partition> out;
    for (int pk = 0; pk < count; ++pk) {
        Partition partition = random.partition(table, pk);
        if (!partition.isEmpty()) {
            out.push_back(std::move(partition));
        }
    }
    return out;
}

/// Many rows, range deletions over stretches of them, and values that do not compress.
Partition widePartition(const schema::Table& table, int pk, int rowCount, std::uint64_t seed) {
    RandomRows random(seed);
    Partition out;
    out.key = key(pk);
    out.staticRow.cells.push_back(cell("s", "static", 5));
    for (int c = 0; c < rowCount; ++c) {
        std::string value;
        for (int i = 0; i < 200; ++i) {
            value.push_back(static_cast<char>(random.below(256)));
        }
        out.rows.push_back(row(at(c, "d"), 10, {cell("a", value, 10)}));
    }
    for (int i = 0; i < 20; ++i) {
        const int from = static_cast<int>(random.below(static_cast<std::uint64_t>(rowCount)));
        const int to = from + static_cast<int>(random.below(200));
        addRangeTombstone(table, out.rangeTombstones,
                          range({types::encodeInt(from)}, random.below(2) == 0,
                                {types::encodeInt(to)}, random.below(2) == 0,
                                static_cast<std::int64_t>(1 + random.below(5))));
    }
    return out;
}

std::vector<Slice> randomSlices(const schema::Table& table, RandomRows& random, int bound) {
    std::vector<Slice> out;
    int from = static_cast<int>(random.below(static_cast<std::uint64_t>(bound)));
    for (std::uint64_t i = 1 + random.below(3); i > 0; --i) {
        const int to = from + static_cast<int>(random.below(40));
        Slice slice;
        slice.start = {{types::encodeInt(from)}, random.below(2) == 0};
        slice.end = {{types::encodeInt(to)}, random.below(2) == 0};
        if (!isEmpty(table, slice)) {
            out.push_back(slice);
        }
        from = to + 1 + static_cast<int>(random.below(50));
    }
    if (random.below(4) == 0) {
        out.push_back({{{types::encodeInt(from)}, true}, {}});
    }
    if (random.below(4) == 0 && !out.empty()) {
        out.front().start = {};
    }
    return out;
}

}  // namespace

class SstableFormatTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsWrittenIsRead_data() { addCompressors(); }
    void whatIsWrittenIsRead();
    void slicesOfWidePartitionsInBothDirections_data() { addCompressors(); }
    void slicesOfWidePartitionsInBothDirections();
    void scansGiveAllInRingOrder();
    void tenRowsOfManyTouchFewChunks();
    void absentKeysAreEmpty();
    void filterAndSummaryAreMadeAgain();
    void aFilterOfOtherKeysIsMadeAgain();
    void incompleteSetsAreLeftovers();
    void mergingSeveralFilesIsMergingTheirPartitions();

private:
    void addCompressors() {
        QTest::addColumn<QString>("compressor");
        for (const char* name : kCompressors) {
            QTest::newRow(*name == 0 ? "none" : name) << QString(name);
        }
    }
};

void SstableFormatTest::whatIsWrittenIsRead() {
    QFETCH(const QString, compressor);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SstableFolder folder(compressedWith(makeTable(), compressor.toStdString()));
        const auto partitions = randomPartitions(*folder.table(), seed, 40);
        const auto written = folder.write(1, partitions);
        QCOMPARE(written.partitions, partitions.size());
        const auto reader = must(folder.open(1));
        for (const Partition& partition : partitions) {
            const auto found = must(reader->find(partition.key));
            QVERIFY(found);
            for (const bool reversed : {false, true}) {
                QVERIFY(readPart(*folder.table(), *found, storage::allRows(), reversed) ==
                        partition);
            }
        }
    }
}

void SstableFormatTest::slicesOfWidePartitionsInBothDirections() {
    QFETCH(const QString, compressor);
    constexpr int kRows = 1500;
    SstableFolder folder(compressedWith(makeTable(), compressor.toStdString()));
    const schema::Table& table = *folder.table();
    const Partition wide = widePartition(table, 1, kRows, 7);
    folder.write(1, {wide, widePartition(table, 2, 10, 8), widePartition(table, 3, 400, 9)}, 4096);
    const auto reader = must(folder.open(1));
    const auto found = must(reader->find(wide.key));
    QVERIFY(found);
    RandomRows random(3);
    for (int i = 0; i < 300; ++i) {
        const auto slices = randomSlices(table, random, kRows);
        const Partition expected = expectedPart(table, wide, slices);
        for (const bool reversed : {false, true}) {
            const Partition got = readPart(table, *found, slices, reversed);
            QVERIFY(got.rows == expected.rows);
            QVERIFY(got.rangeTombstones == expected.rangeTombstones);
        }
    }
}

void SstableFormatTest::scansGiveAllInRingOrder() {
    SstableFolder folder(makeTable());
    auto partitions = randomPartitions(*folder.table(), 5, 1000);
    folder.write(1, partitions);
    std::sort(partitions.begin(), partitions.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    const auto reader = must(folder.open(1));
    for (const bool bulk : {false, true}) {
        for (const std::size_t from : {std::size_t(0), partitions.size() / 3}) {
            rows::PartitionRange range;
            if (from > 0) {
                range.start = rows::PartitionBound{partitions[from].key.token, {}, true};
            }
            const auto scan = must(reader->scan(range, {bulk}));
            std::size_t at = from;
            while (scan->key() != nullptr) {
                QVERIFY(*scan->key() == partitions[at].key);
                QVERIFY(readPart(*folder.table(), scan->partition(), storage::allRows(), false) ==
                        partitions[at]);
                ++at;
                must(scan->advance());
            }
            QCOMPARE(at, partitions.size());
        }
    }
}

void SstableFormatTest::tenRowsOfManyTouchFewChunks() {
    SstableFolder folder(makeTable());
    const Partition wide = widePartition(*folder.table(), 1, 20'000, 7);
    folder.write(1, {wide});
    const auto reader = must(folder.open(1));
    const auto found = must(reader->find(wide.key));
    const auto before = folder.cache().chunks().misses();
    const std::vector<Slice> ten{{{{types::encodeInt(15'000)}, true}, {{types::encodeInt(15'009)}, true}}};
    QCOMPARE(readPart(*folder.table(), *found, ten, false).rows.size(), 10u);
    QVERIFY(folder.cache().chunks().misses() - before <= 6);
}

void SstableFormatTest::absentKeysAreEmpty() {
    SstableFolder folder(makeTable());
    folder.write(1, randomPartitions(*folder.table(), 5, 500));
    const auto reader = must(folder.open(1));
    for (int pk = 1000; pk < 3000; ++pk) {
        QVERIFY(!must(reader->find(key(pk))));
    }
    QVERIFY(reader->bloomCounters().falsePositives < 100);
}

void SstableFormatTest::filterAndSummaryAreMadeAgain() {
    SstableFolder folder(makeTable());
    const auto partitions = randomPartitions(*folder.table(), 5, 500);
    folder.write(1, partitions);
    must(folder.disk().remove(folder.at(1).pathOf(storage::Component::Filter)));
    must(folder.disk().remove(folder.at(1).pathOf(storage::Component::Summary)));
    const auto reader = must(folder.open(1));
    for (const Partition& partition : partitions) {
        QVERIFY(must(reader->find(partition.key)));
    }
}

void SstableFormatTest::aFilterOfOtherKeysIsMadeAgain() {
    SstableFolder folder(makeTable());
    const auto partitions = randomPartitions(*folder.table(), 5, 500);
    folder.write(1, partitions);
    const std::string path = folder.at(1).pathOf(storage::Component::Filter);
    Bytes filter = must(runtime::readFile(folder.disk(), path));
    std::fill(filter.begin() + 8, filter.end(), '\0');
    must(runtime::writeFileAtomically(folder.disk(), path, filter));
    const auto reader = must(folder.open(1));
    for (const Partition& partition : partitions) {
        QVERIFY(must(reader->find(partition.key)));
    }
}

void SstableFormatTest::incompleteSetsAreLeftovers() {
    SstableFolder folder(makeTable());
    folder.write(1, randomPartitions(*folder.table(), 5, 50));
    folder.write(2, randomPartitions(*folder.table(), 6, 50));
    const auto toc = folder.at(2).pathOf(storage::Component::Toc);
    must(folder.disk().rename(toc, toc + ".tmp"));
    std::vector<std::string> leftovers;
    const auto complete = must(storage::listSstables(folder.disk(), folder.folder(), leftovers));
    QCOMPARE(complete.size(), 1u);
    QCOMPARE(complete[0].generation(), 1u);
    QCOMPARE(leftovers.size(), 8u);
    QVERIFY(leftovers.back().ends_with(".tmp"));
    must(storage::removeSstable(folder.disk(), folder.at(1)));
    QVERIFY(must(storage::listSstables(folder.disk(), folder.folder(), leftovers)).empty());
}

void SstableFormatTest::mergingSeveralFilesIsMergingTheirPartitions() {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SstableFolder folder(makeTable());
        const schema::Table& table = *folder.table();
        RandomRows random(seed);
        Partition expected;
        expected.key = key(1);
        std::vector<std::shared_ptr<const SstableReader>> readers;
        std::vector<std::unique_ptr<storage::UnfilteredPartition>> parts;
        DeletionTime deletion;
        for (std::uint64_t generation = 1; generation <= 4; ++generation) {
            const Partition part = random.partition(table, 1);
            if (part.isEmpty()) {
                continue;
            }
            folder.write(generation, {part});
            merge(table, expected, part);
            readers.push_back(must(folder.open(generation)));
            parts.push_back(must(readers.back()->find(part.key)));
            if (parts.back()->deletion().supersedes(deletion)) {
                deletion = parts.back()->deletion();
            }
        }
        for (const bool reversed : {false, true}) {
            storage::UnfilteredMerger merger(table, deletion, reversed);
            for (const auto& part : parts) {
                merger.add(must(part->unfiltereds(storage::allRows(), reversed)));
            }
            must(merger.begin());
            Partition got;
            collect(table, merger, reversed, got);
            QVERIFY(got.rows == expected.rows);
            QVERIFY(got.rangeTombstones == expected.rangeTombstones);
        }
    }
}

QTEST_GUILESS_MAIN(SstableFormatTest)
#include "sstable_format_test.moc"
