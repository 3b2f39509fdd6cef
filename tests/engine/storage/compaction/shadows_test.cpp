#include "engine/storage/compaction/shadows.h"

#include <QtTest>

#include "engine/storage/compaction/compaction_run.h"
#include "tests/engine/storage/sstable/sstable_fixture.h"

using namespace sstabletest;
using namespace engine::storage::compaction;

namespace {

constexpr std::int64_t kLater = 1000;

Partition deletedPartition(int pk, std::int64_t timestamp) {
    Partition out;
    out.key = key(pk);
    out.deletion = {timestamp, kLater};
    return out;
}

Partition rowsAt(int pk, std::initializer_list<int> clusterings, std::int64_t timestamp) {
    Partition out;
    out.key = key(pk);
    for (const int c : clusterings) {
        out.rows.push_back(row(at(c, "d"), timestamp, {cell("a", "v", timestamp)}));
    }
    return out;
}

class Garbage {
public:
    ReaderPtr add(Partition partition) {
        const std::uint64_t generation = m_generations->fetch_add(1);
        std::vector<Partition> partitions{std::move(partition)};
        m_folder.write(generation, std::move(partitions), 512);
        return must(m_folder.open(generation));
    }
    /// What is left of a file that is rewritten beside others, none of whose deletions is old enough to go.
    std::vector<Partition> rewrite(const ReaderPtr& input, std::vector<ReaderPtr> others, ShadowKind kind) {
        CompactionJob job;
        job.id = Uuid{7, 1};
        job.table = m_folder.table();
        job.folder = m_folder.folder();
        job.inputs = {input};
        job.nowSeconds = kLater + 1;
        job.gcBefore = 0;
        job.generations = m_generations;
        job.shadows = kind;
        job.others = others;
        auto view = std::make_shared<PurgeView>();
        view->others = std::move(others);
        CompactionRun run(m_folder.disk(), {std::shared_ptr<void>(), &m_folder.cache()}, std::move(job));
        while (!must(run.step(1 << 20, view))) {
        }
        std::vector<Partition> out;
        for (const ReaderPtr& reader : must(run.open())) {
            const PartitionRange all;
            auto scan = must(reader->scan(all));
            while (scan->key() != nullptr) {
                out.push_back(readPart(*m_folder.table(), scan->partition(), storage::allRows(), false));
                must(scan->advance());
            }
        }
        return out;
    }
    const schema::Table& table() const { return *m_folder.table(); }

private:
    SstableFolder m_folder{makeTable()};
    std::shared_ptr<std::atomic<std::uint64_t>> m_generations = std::make_shared<std::atomic<std::uint64_t>>(1);
};

}  // namespace

class ShadowsTest : public QObject {
    Q_OBJECT
private slots:
    void aDeletedPartitionIsNotWrittenAgain() {
        Garbage f;
        const ReaderPtr old = f.add(rowsAt(1, {1, 2}, 5));
        const ReaderPtr deletion = f.add(deletedPartition(1, 7));
        QVERIFY(f.rewrite(old, {deletion}, ShadowKind::Row).empty());
        QCOMPARE(f.rewrite(old, {deletion}, ShadowKind::None).size(), std::size_t(1));
    }
    /// The deletion itself stays where it is, until it is old enough.
    void theDeletionStays() {
        Garbage f;
        const ReaderPtr old = f.add(rowsAt(1, {1, 2}, 5));
        const ReaderPtr deletion = f.add(deletedPartition(1, 7));
        const auto left = f.rewrite(deletion, {old}, ShadowKind::Row);
        QCOMPARE(left.size(), std::size_t(1));
        QCOMPARE(left[0].deletion.markedForDeleteAt, std::int64_t(7));
    }
    void whatIsNewerThanTheDeletionStays() {
        Garbage f;
        const ReaderPtr data = f.add(rowsAt(1, {1}, 9));
        const ReaderPtr deletion = f.add(deletedPartition(1, 7));
        QCOMPARE(f.rewrite(data, {deletion}, ShadowKind::Row).size(), std::size_t(1));
    }
    void deletedRowsAndRangesGoOneByOne() {
        Garbage f;
        const ReaderPtr old = f.add(rowsAt(1, {1, 2, 3, 4, 5}, 5));
        Partition deleting;
        deleting.key = key(1);
        Row gone;
        gone.clustering = at(2, "d");
        gone.deletion = {7, kLater};
        deleting.rows = {gone};
        deleting.rangeTombstones = {range({types::encodeInt(4)}, true, {types::encodeInt(4)}, true, 7)};
        const ReaderPtr deletion = f.add(std::move(deleting));
        const auto left = f.rewrite(old, {deletion}, ShadowKind::Row);
        QCOMPARE(left.size(), std::size_t(1));
        QCOMPARE(left[0].rows.size(), std::size_t(3));
        QVERIFY(left[0].rows[0].clustering == at(1, "d"));
        QVERIFY(left[0].rows[1].clustering == at(3, "d"));
        QVERIFY(left[0].rows[2].clustering == at(5, "d"));
    }
    void overwrittenCellsGoOnlyWhenAskedFor() {
        Garbage f;
        const ReaderPtr old = f.add(rowsAt(1, {1}, 5));
        const ReaderPtr newer = f.add(rowsAt(1, {1}, 7));
        QCOMPARE(f.rewrite(old, {newer}, ShadowKind::Row).size(), std::size_t(1));
        QVERIFY(f.rewrite(old, {newer}, ShadowKind::Cell).empty());
        QCOMPARE(f.rewrite(newer, {old}, ShadowKind::Cell).size(), std::size_t(1));
    }
    /// Or both of them would go, each for the other's sake.
    void ofEqualCellsEachStays() {
        Garbage f;
        const ReaderPtr one = f.add(rowsAt(1, {1}, 5));
        const ReaderPtr other = f.add(rowsAt(1, {1}, 5));
        const ReaderPtr newest = f.add(rowsAt(2, {1}, 9));
        QCOMPARE(f.rewrite(one, {other, newest}, ShadowKind::Cell).size(), std::size_t(1));
    }
};

QTEST_GUILESS_MAIN(ShadowsTest)
#include "shadows_test.moc"
