#include <QtTest>

#include "rows_fixture.h"

using namespace rowstest;

namespace {

const std::vector<Clustering>& allClusterings() {
    static const std::vector<Clustering> all = [] {
        std::vector<Clustering> out;
        for (int c = 0; c < 4; ++c) {
            for (const char* d : {"c", "b", "a"}) {
                out.push_back(at(c, d));
            }
        }
        return out;
    }();
    return all;
}

void addSeeds(quint64 count) {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= count; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

}  // namespace

class MergeTest : public QObject {
    Q_OBJECT
private slots:
    void tokensAreCassandras();
    void descendingColumnsSortDownwards();
    void boundsIncludeOrExcludePrefixes();
    void rangeTombstonesCoverWhatANaiveListCovers_data() { addSeeds(200); }
    void rangeTombstonesCoverWhatANaiveListCovers();
    void neighboursWithOneDeletionAreJoined();
    void clipKeepsWhatLiesInTheSlices();
    void mergeIsCommutativeAssociativeAndIdempotent_data() { addSeeds(300); }
    void mergeIsCommutativeAssociativeAndIdempotent();
    void rowDeletionHidesOlderCells();
    void complexDeletionHidesOlderElements();
    void partitionDeletionHidesOlderRowsAndRanges();
    void clientSeesOnlyWhatLives();
    void purgeTurnsExpiredIntoTombstonesAndDropsOldOnes();
    void differenceBringsAReplicaUpToDate_data() { addSeeds(200); }
    void differenceBringsAReplicaUpToDate();
    void digestTellsContentsApart();

private:
    const schema::TablePtr m_table = makeTable();
};

void MergeTest::tokensAreCassandras() {
    // SELECT token(pk) of int keys, from Cassandra 5.0.
    QCOMPARE(tokenOf(types::encodeInt(1)), -4069959284402364209LL);
    QCOMPARE(tokenOf(types::encodeInt(0)), -3485513579396041028LL);
    QCOMPARE(tokenOf({}), std::numeric_limits<std::int64_t>::min());
}

void MergeTest::descendingColumnsSortDownwards() {
    QVERIFY(compareClustering(*m_table, at(1, "b"), at(1, "a")) < 0);
    QVERIFY(compareClustering(*m_table, at(1, "a"), at(2, "z")) < 0);
    QCOMPARE(compareClustering(*m_table, at(1, "a"), at(1, "a")), 0);
}

void MergeTest::boundsIncludeOrExcludePrefixes() {
    const Clustering one{types::encodeInt(1)};
    QVERIFY(compareToBound(*m_table, at(1, "x"), {one, true}, true) > 0);
    QVERIFY(compareToBound(*m_table, at(1, "x"), {one, false}, true) < 0);
    QVERIFY(compareToBound(*m_table, at(1, "x"), {one, true}, false) < 0);
    QVERIFY(compareToBound(*m_table, at(1, "x"), {one, false}, false) > 0);
    QVERIFY(contains(*m_table, {{{}, true}, {{}, true}}, at(7, "x")));
    QVERIFY(contains(*m_table, {{at(1, "c"), false}, {at(1, "a"), true}}, at(1, "b")));
    QVERIFY(!contains(*m_table, {{at(1, "c"), false}, {at(1, "a"), true}}, at(1, "c")));
}

void MergeTest::rangeTombstonesCoverWhatANaiveListCovers() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    std::vector<RangeTombstone> list;
    std::vector<RangeTombstone> naive;
    for (int i = 0; i < 12; ++i) {
        const RangeTombstone added = range(random.prefix(), random.below(2) == 0, random.prefix(),
                                           random.below(2) == 0, random.timestamp());
        naive.push_back(added);
        addRangeTombstone(*m_table, list, added);
        for (std::size_t k = 1; k < list.size(); ++k) {
            QVERIFY(comparePositions(*m_table, endOf(list[k - 1].slice), startOf(list[k].slice)) <=
                    0);
        }
        for (const Clustering& clustering : allClusterings()) {
            DeletionTime expected;
            for (const RangeTombstone& tombstone : naive) {
                if (contains(*m_table, tombstone.slice, clustering) &&
                    tombstone.deletion.supersedes(expected)) {
                    expected = tombstone.deletion;
                }
            }
            QVERIFY(coveringDeletion(*m_table, list, clustering) == expected);
        }
    }
}

void MergeTest::neighboursWithOneDeletionAreJoined() {
    std::vector<RangeTombstone> list;
    const Clustering two{types::encodeInt(2)};
    addRangeTombstone(*m_table, list, range({}, true, two, false, 5));
    addRangeTombstone(*m_table, list, range(two, true, {}, true, 5));
    QCOMPARE(list.size(), std::size_t(1));
    QVERIFY(list.front() == range({}, true, {}, true, 5));
}

void MergeTest::clipKeepsWhatLiesInTheSlices() {
    std::vector<RangeTombstone> list;
    addRangeTombstone(*m_table, list, range({}, true, {}, true, 5));
    const Slice slice{{{types::encodeInt(1)}, true}, {{types::encodeInt(2)}, false}};
    const auto clipped = clip(*m_table, list, {slice});
    QCOMPARE(clipped.size(), std::size_t(1));
    QVERIFY(clipped.front().slice == slice);
}

void MergeTest::mergeIsCommutativeAssociativeAndIdempotent() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    const Partition a = random.partition(*m_table, 1);
    const Partition b = random.partition(*m_table, 1);
    const Partition c = random.partition(*m_table, 1);
    const auto merged = [this](Partition x, const Partition& y) {
        merge(*m_table, x, y);
        return x;
    };
    QVERIFY(merged(a, a) == a);
    QVERIFY(merged(a, b) == merged(b, a));
    QVERIFY(merged(merged(a, b), c) == merged(a, merged(b, c)));
    QVERIFY(merged(merged(a, b), a) == merged(a, b));
}

void MergeTest::rowDeletionHidesOlderCells() {
    Row into = row(at(1, "a"), 5, {cell("a", "old", 5), cell("b", "new", 9)});
    Row deletion;
    deletion.clustering = at(1, "a");
    deletion.deletion = {7, 100};
    merge(*m_table, into, deletion);
    QVERIFY(into.liveness.isEmpty());
    QCOMPARE(into.cells.size(), std::size_t(1));
    QCOMPARE(into.cells[0].column.text(), std::string("b"));
}

void MergeTest::complexDeletionHidesOlderElements() {
    Row into = row(at(1, "a"), kNoTimestamp, {cell("a", "stays", 1), cell("m", "old", 5)});
    into.cells[1].path = types::encodeInt(1);
    Row from = row(at(1, "a"), kNoTimestamp, {cell("m", "new", 7)});
    from.cells[0].path = types::encodeInt(-1);
    from.complexDeletions.push_back({"m", {6, 100}});
    merge(*m_table, into, from);
    QCOMPARE(into.cells.size(), std::size_t(2));
    QCOMPARE(into.cells[0].value, std::string("stays"));
    QCOMPARE(into.cells[1].value, std::string("new"));
}

void MergeTest::partitionDeletionHidesOlderRowsAndRanges() {
    Partition into;
    into.rows = {row(at(1, "a"), 5, {}), row(at(2, "a"), 9, {})};
    into.rangeTombstones = {range({}, true, {types::encodeInt(0)}, true, 6)};
    Partition deletion;
    deletion.deletion = {7, 100};
    merge(*m_table, into, deletion);
    QCOMPARE(into.rows.size(), std::size_t(1));
    QVERIFY(into.rows[0].clustering == at(2, "a"));
    QVERIFY(into.rangeTombstones.empty());
}

void MergeTest::clientSeesOnlyWhatLives() {
    Partition partition;
    Cell expired = cell("a", "gone", 5);
    expired.ttl = 1;
    expired.localDeletionTime = 50;
    partition.rows = {row(at(1, "a"), kNoTimestamp, {expired}),
                      row(at(2, "a"), 5, {tombstone("a", 6, 40)}),
                      row(at(3, "a"), kNoTimestamp, {expired, cell("b", "here", 5)})};
    partition.rangeTombstones = {range({}, true, {types::encodeInt(0)}, true, 6)};
    filterLive(*m_table, partition, 60);
    QCOMPARE(partition.rows.size(), std::size_t(2));
    QVERIFY(partition.rows[0].cells.empty());
    QCOMPARE(partition.rows[1].cells.size(), std::size_t(1));
    QVERIFY(partition.rangeTombstones.empty());
}

void MergeTest::purgeTurnsExpiredIntoTombstonesAndDropsOldOnes() {
    Partition partition;
    Cell expired = cell("a", "gone", 5);
    expired.ttl = 10;
    expired.localDeletionTime = 50;
    partition.rows = {row(at(1, "a"), kNoTimestamp, {expired, tombstone("b", 6, 30)})};
    partition.deletion = {1, 20};
    purge(partition, 35, 60);
    QVERIFY(partition.deletion.isLive());
    QVERIFY(partition.rows[0].cells == std::vector<Cell>{tombstone("a", 5, 40)});
    purge(partition, 41, 60);
    QVERIFY(partition.isEmpty());
}

void MergeTest::differenceBringsAReplicaUpToDate() {
    QFETCH(const quint64, seed);
    RandomRows random(seed);
    Partition a = random.partition(*m_table, 1);
    const Partition b = random.partition(*m_table, 1);
    Partition merged = a;
    merge(*m_table, merged, b);
    QVERIFY(difference(*m_table, merged, merged).isEmpty());
    merge(*m_table, a, difference(*m_table, merged, a));
    QVERIFY(a == merged);
}

void MergeTest::digestTellsContentsApart() {
    RandomRows random(1);
    const Partition a = random.partition(*m_table, 1);
    const Partition b = random.partition(*m_table, 1);
    QCOMPARE(digest(a).size(), std::size_t(16));
    QVERIFY(digest(a) == digest(Partition(a)));
    QVERIFY(digest(a) != digest(b));
    QVERIFY(digest(std::vector<Partition>{a, b}) != digest(std::vector<Partition>{b, a}));
}

QTEST_GUILESS_MAIN(MergeTest)
#include "merge_test.moc"
