#include <QtTest>

#include "engine/observe/cluster_state.h"

using namespace engine;
using namespace engine::observe;

namespace {

const std::string kNode = "127.0.0.1:7000";
const std::string kTable = "library.books";
const Uuid kCompaction{3, 4};

class Story {
public:
    void tell(EventBody body) {
        m_nanos += 1'000'000;
        fold(state, {kNode, m_nanos, 5'000'000 + m_nanos / 1000, 1, std::move(body)});
    }
    void file(std::uint64_t generation, std::uint64_t bytes, int level = 0) {
        SstableAdded added;
        added.keyspace = "library";
        added.table = "books";
        added.generation = generation;
        added.bytes = bytes;
        added.level = level;
        added.origin = "flush";
        tell(added);
    }
    const NodeStorageView& storage() const { return state.node(kNode)->storage; }
    const TableStorageView& table() const { return *storage().table(kTable); }

    ClusterState state;

private:
    std::int64_t m_nanos = 0;
};

CompactionStarted twoFiles() {
    CompactionStarted out;
    out.compaction = kCompaction;
    out.keyspace = "library";
    out.table = "books";
    out.inputs = {{1, 100}, {2, 300}};
    return out;
}

}  // namespace

/// What the storage view may rely on.
class StorageViewTest : public QObject {
    Q_OBJECT

private slots:
    void aFlushEmptiesTheMemtableAndEndsWithItsFile();
    void aFileToldAgainIsTheSameFile();
    void aDamagedFileIsRememberedUntilItGoes();
    void aSnapshotReplacesWhatWasKnown();
    void aCompactionHasItsShareByBytesRead();
    void ofDiscardedSegmentsTheNewestStay();
    void statisticsOfAMinuteAgoAreKept();
    void aCheckpointKeepsItsFiles();
};

void StorageViewTest::aFlushEmptiesTheMemtableAndEndsWithItsFile() {
    Story s;
    s.tell(MemtableGrew{"library", "books", 4096, 12});
    QCOMPARE(s.table().memtableBytes, std::uint64_t{4096});
    s.tell(FlushStarted{"library", "books", 4096, 12, "MEMTABLE_LIMIT"});
    QCOMPARE(s.table().memtableRows, std::uint64_t{0});
    QCOMPARE(s.storage().flushes.back().finishedNanos, std::int64_t{0});
    s.file(1, 900);
    s.tell(FlushFinished{"library", "books", 1, 900, 7, ""});
    QCOMPARE(s.storage().flushes.size(), std::size_t{1});
    QCOMPARE(s.storage().flushes.back().started.reason, std::string("MEMTABLE_LIMIT"));
    QCOMPARE(s.storage().flushes.back().finished.generation, std::uint64_t{1});
    QCOMPARE(s.table().bytes(), std::uint64_t{900});
}

void StorageViewTest::aFileToldAgainIsTheSameFile() {
    Story s;
    s.file(1, 900);
    const std::int64_t since = s.table().sstables.at(1).addedNanos;
    s.file(1, 900, 2);
    QCOMPARE(s.table().sstables.size(), std::size_t{1});
    QCOMPARE(s.table().sstables.at(1).info.level, 2);
    QCOMPARE(s.table().sstables.at(1).addedNanos, since);
    SstableAdded aged = s.table().sstables.at(1).info;
    aged.origin = "open";
    aged.droppable = .5;
    s.tell(aged);
    QCOMPARE(s.table().sstables.at(1).info.origin, std::string("flush"));
    QCOMPARE(s.table().sstables.at(1).info.droppable, .5);
    s.tell(SstableRemoved{"library", "books", 1, "truncate"});
    QVERIFY(s.table().sstables.empty());
}

void StorageViewTest::aDamagedFileIsRememberedUntilItGoes() {
    Story s;
    s.file(1, 900);
    s.tell(SstableUnreadable{"library", "books", 1, "/data/nb-1-big-Data.db", "at offset 12"});
    s.tell(SstableUnreadable{"library", "books", 2, "/data/nb-2-big-Data.db", "the file ends early"});
    QCOMPARE(s.table().sstables.size(), std::size_t(1));
    QCOMPARE(s.table().unreadable.at(1).why, std::string("at offset 12"));
    s.tell(SstableRemoved{"library", "books", 1, "compaction"});
    QCOMPARE(s.table().unreadable.size(), std::size_t(1));
    s.tell(StorageSnapshot{32, 64, 16, 32});
    QVERIFY(s.storage().table(kTable) == nullptr);
}

void StorageViewTest::aSnapshotReplacesWhatWasKnown() {
    Story s;
    s.file(1, 900);
    s.tell(twoFiles());
    s.tell(StorageSnapshot{32, 64, 16, 32});
    QVERIFY(s.storage().told);
    QVERIFY(s.storage().table(kTable) == nullptr);
    QVERIFY(s.storage().compactions.empty());
    QCOMPARE(s.storage().limits.memtableLimitBytes, std::uint64_t{16});
}

void StorageViewTest::aCompactionHasItsShareByBytesRead() {
    Story s;
    s.tell(twoFiles());
    const CompactionView* view = &s.storage().compactions.back();
    QCOMPARE(view->share(), 0.0);
    CompactionProgress progress;
    progress.compaction = kCompaction;
    progress.readBytes = {50, 150};
    s.tell(progress);
    QCOMPARE(view->share(), 0.5);
    CompactionFinished finished;
    finished.compaction = kCompaction;
    finished.outputs = {3};
    s.tell(finished);
    QCOMPARE(s.storage().compactions.size(), std::size_t{1});
    QCOMPARE(view->share(), 1.0);
    QVERIFY(view->finishedNanos > view->startedNanos);
}

void StorageViewTest::ofDiscardedSegmentsTheNewestStay() {
    Story s;
    for (std::uint64_t id = 1; id <= 5; ++id) {
        s.tell(CommitLogSegment{id, 32, "needed", {kTable}});
    }
    for (std::uint64_t id = 1; id <= 4; ++id) {
        s.tell(CommitLogSegment{id, 32, "discarded", {}});
    }
    QCOMPARE(s.storage().segments.size(), NodeStorageView::kDiscardedMax + 1);
    QVERIFY(!s.storage().segments.contains(2));
    QVERIFY(s.storage().segments.at(4).discardedNanos != 0);
    QCOMPARE(s.storage().segments.at(5).discardedNanos, std::int64_t{0});
}

void StorageViewTest::statisticsOfAMinuteAgoAreKept() {
    ClusterState state;
    for (int second = 0; second < 100; ++second) {
        TableStatistics statistics;
        statistics.keyspace = "library";
        statistics.table = "books";
        statistics.reads = static_cast<std::uint64_t>(second);
        fold(state, {kNode, second * 1'000'000'000LL, 0, 1, statistics});
    }
    const TableStorageView& table = *state.node(kNode)->storage.table(kTable);
    QCOMPARE(table.statistics.reads, std::uint64_t{99});
    QCOMPARE(table.statisticsBefore.front().second.reads, std::uint64_t{39});
}

void StorageViewTest::aCheckpointKeepsItsFiles() {
    Story s;
    s.file(1, 900);
    const ClusterState before = s.state;
    s.file(2, 100);
    QCOMPARE(before.node(kNode)->storage.table(kTable)->sstables.size(), std::size_t{1});
    QCOMPARE(s.table().sstables.size(), std::size_t{2});
}

QTEST_GUILESS_MAIN(StorageViewTest)
#include "storage_view_test.moc"
