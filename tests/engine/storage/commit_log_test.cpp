#include <QtTest>

#include "storage_fixture.h"

using namespace storagetest;

class CommitLogTest : public QObject {
    Q_OBJECT
private slots:
    void aSegmentHasTheDocumentedLayout();
    void acknowledgedWritesSurviveAKill();
    void replayIsIdempotent();
    void aTornTailIsANormalEnd();
    void aTornTailStaysGoodBehindNewSegments();
    void aTailOfZerosIsANormalEnd();
    void aCorruptRecordStopsReplayWithFileAndOffset();
    void whatPrecedesACorruptRecordIsKept();
    void replayGoesOnBehindACorruptRecordWhenTold();
    void aRecordCutOffInASealedSegmentIsCorrupt();
    void aRecordCutOffInASegmentNotSealedIsANormalEnd();
    void segmentsRotateAndGoOnceFlushed();
    void aSegmentStaysWhileATableInItIsNotFlushed();
    void recordsOfDroppedTablesAreSkipped();
    void systemTablesAreReplayedBeforeTheOthers();
    void oversizedMutationsAreRefusedInCassandrasWords();
    void aFailedWriteIsToldAndLeavesNoDamage();
    void aFailedSyncIsToldAndEndsWriting();
    void oneTurnsWritesLeaveInOneWrite();
    void aWriteWaitsForASyncThatIsOverdue();
    void anIdleLogHasNoSyncOverdue();
    void aGroupWaitsForItsWindow();
    void modesAcknowledgeAfterTheirSync_data();
    void modesAcknowledgeAfterTheirSync();

private:
    static std::string onlySegment(StorageFixture& f) {
        const auto names = f.files("/commitlog");
        ENSURE(!names.empty());
        return "/commitlog/" + names.back();
    }
    static std::uint64_t sizeOf(StorageFixture& f, const std::string& path) {
        return runtime::readFile(f.disk(), path).value().size();
    }
    static void truncateFile(StorageFixture& f, const std::string& path, std::uint64_t length) {
        auto file = f.disk().open(path, runtime::OpenMode::Append);
        ENSURE(file.value()->truncate(length).has_value());
    }
};

void CommitLogTest::aSegmentHasTheDocumentedLayout() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    const Bytes bytes = runtime::readFile(f.disk(), onlySegment(f)).value();
    ByteReader in(bytes);
    QCOMPARE(in.raw(4), BytesView("RSCL"));
    QCOMPARE(in.u32(), 1u);
    QCOMPARE(storage::segmentName(in.u64()), f.files("/commitlog").front());
    in.u32();
    const std::uint32_t length = in.u32();
    QCOMPARE(bytes.size(), std::size_t(20 + 12 + length));
}

void CommitLogTest::acknowledgedWritesSurviveAKill() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 50; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5)).has_value());
    }
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(50));
    for (int pk = 0; pk < 50; ++pk) {
        QCOMPARE(f.partitionOf(pk).rows.size(), std::size_t(1));
    }
}

void CommitLogTest::replayIsIdempotent() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    RandomRows random(1);
    for (int i = 0; i < 60; ++i) {
        QVERIFY(f.write(random.partition(*f.table(), i % 5)).has_value());
        if (i == 30) {
            QVERIFY(f.flush().has_value());
        }
    }
    const auto before = f.read(f.all()).value();
    for (int times = 0; times < 3; ++times) {
        f.kill();
        QCOMPARE(f.start().value(), std::uint64_t(29));
        QVERIFY(f.read(f.all()).value() == before);
    }
}

void CommitLogTest::aTornTailIsANormalEnd() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    const std::uint64_t whole = sizeOf(f, onlySegment(f));
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    const std::string path = onlySegment(f);
    const Bytes all = runtime::readFile(f.disk(), path).value();
    f.kill();
    for (std::uint64_t length = all.size() - 1; length >= whole; --length) {
        truncateFile(f, path, 0);
        auto file = f.disk().open(path, runtime::OpenMode::Append);
        QVERIFY(file.value()->append(BytesView(all).substr(0, length)).has_value());
        const auto replayed = f.start();
        QVERIFY(replayed.has_value());
        QCOMPARE(replayed.value(), std::uint64_t(1));
        f.kill();
        QCOMPARE(sizeOf(f, path), whole);  // Replay has cut it down to whole records.
    }
}

void CommitLogTest::aTornTailStaysGoodBehindNewSegments() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    const std::string path = onlySegment(f);
    truncateFile(f, path, sizeOf(f, path) - 3);
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(1));
    QVERIFY(f.write(oneRow(3, 1, 5)).has_value());
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(2));
}

void CommitLogTest::aTailOfZerosIsANormalEnd() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    auto file = f.disk().open(onlySegment(f), runtime::OpenMode::Append);
    QVERIFY(file.value()->append(std::string(4096, '\0')).has_value());
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(1));
}

void CommitLogTest::aCorruptRecordStopsReplayWithFileAndOffset() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    const std::string path = onlySegment(f);
    const std::uint64_t second = sizeOf(f, path);
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    f.kill();
    for (const std::uint64_t byte : {second + 2, second + 20}) {  // In the length, in the payload.
        QVERIFY(f.disk().flipBit(path, byte, 3));
        const auto replayed = f.start();
        QVERIFY(!replayed.has_value());
        QCOMPARE(replayed.error().kind, ErrorKind::Corrupt);
        QVERIFY(replayed.error().message.find(path) != std::string::npos);
        QVERIFY(replayed.error().message.find("offset " + std::to_string(second)) !=
                std::string::npos);
        f.kill();
        QVERIFY(f.disk().flipBit(path, byte, 3));
    }
    QCOMPARE(f.start().value(), std::uint64_t(2));
}

void CommitLogTest::whatPrecedesACorruptRecordIsKept() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    const std::string path = onlySegment(f);
    const std::uint64_t second = sizeOf(f, path);
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    f.kill();
    QVERIFY(f.disk().flipBit(path, second + 20, 3));
    QVERIFY(!f.start().has_value());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
    f.kill();
    QVERIFY(f.disk().exists(path));
}

void CommitLogTest::replayGoesOnBehindACorruptRecordWhenTold() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    std::vector<std::uint64_t> starts;
    for (int pk = 1; pk <= 4; ++pk) {
        starts.push_back(pk == 1 ? storage::kSegmentHeaderBytes : sizeOf(f, onlySegment(f)));
        QVERIFY(f.write(oneRow(pk, 1, 5)).has_value());
    }
    const std::string path = onlySegment(f);
    f.kill();
    QVERIFY(f.disk().flipBit(path, starts[0] + 1, 0));   // A length.
    QVERIFY(f.disk().flipBit(path, starts[2] + 20, 0));  // A payload.
    f.options().ignoreReplayErrors = true;
    QCOMPARE(f.start().value(), std::uint64_t(2));
    QCOMPARE(f.partitionOf(2).rows.size(), std::size_t(1));
    QCOMPARE(f.partitionOf(4).rows.size(), std::size_t(1));
    QVERIFY(!f.logLines().empty());
}

void CommitLogTest::aRecordCutOffInASealedSegmentIsCorrupt() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    const std::string first = onlySegment(f);
    f.kill();
    QVERIFY(f.start().has_value());
    f.world().runFor(1s);                           // The old segment is synced,
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());  // and its seal travels with a record.
    f.kill();
    truncateFile(f, first, sizeOf(f, first) - 1);
    const auto replayed = f.start();
    QVERIFY(!replayed.has_value());
    QCOMPARE(replayed.error().kind, ErrorKind::Corrupt);
    QVERIFY(replayed.error().message.find(first) != std::string::npos);
    QCOMPARE(f.partitionOf(2).rows.size(), std::size_t(1));
}

void CommitLogTest::aRecordCutOffInASegmentNotSealedIsANormalEnd() {
    StorageOptions options;
    options.segmentBytes = 4096;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    int written = 0;
    while (f.files("/commitlog").size() < 2) {
        QVERIFY(f.write(oneRow(written++, 1, 5, 200)).has_value());
    }
    const std::string first = "/commitlog/" + f.files("/commitlog").front();
    f.kill();
    // As a power cut that took the end of the full segment, and left what was behind it.
    truncateFile(f, first, sizeOf(f, first) - 1);
    QCOMPARE(f.start().value(), std::uint64_t(written - 1));
}

void CommitLogTest::segmentsRotateAndGoOnceFlushed() {
    StorageOptions options;
    options.segmentBytes = 4096;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    for (int pk = 0; pk < 100; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 200)).has_value());
    }
    QVERIFY(f.files("/commitlog").size() > 5);
    for (const std::string& name : f.files("/commitlog")) {
        QVERIFY(sizeOf(f, "/commitlog/" + name) <= 4096);
    }
    QVERIFY(f.flush().has_value());
    QCOMPARE(f.files("/commitlog").size(), std::size_t(1));
    QVERIFY(f.write(oneRow(200, 1, 5)).has_value());
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(1));
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(101));
}

void CommitLogTest::aSegmentStaysWhileATableInItIsNotFlushed() {
    StorageOptions options;
    options.segmentBytes = 4096;
    StorageFixture f(1, options);
    const auto other = makeTable("other", 2);
    f.publish({f.table(), other});
    QVERIFY(f.start().has_value());
    QVERIFY(f.apply({{{other, oneRow(1, 1, 5)}}}).has_value());
    for (int pk = 0; pk < 100; ++pk) {
        QVERIFY(f.write(oneRow(pk, 1, 5, 200)).has_value());
    }
    const std::string first = f.files("/commitlog").front();
    QVERIFY(f.flush().has_value());
    QCOMPARE(f.files("/commitlog").size(), std::size_t(2));
    QCOMPARE(f.files("/commitlog").front(), first);
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(1));
    QVERIFY(f.runTask(f.engine().flush(other)).has_value());
    QVERIFY(f.files("/commitlog").empty());
}

void CommitLogTest::recordsOfDroppedTablesAreSkipped() {
    StorageFixture f;
    const auto dropped = makeTable("dropped", 2);
    f.publish({f.table(), dropped});
    QVERIFY(f.start().has_value());
    QVERIFY(f.apply({{{dropped, oneRow(1, 1, 5)}, {f.table(), oneRow(1, 1, 5)}}}).has_value());
    QVERIFY(f.apply({{{dropped, oneRow(2, 1, 5)}}}).has_value());
    f.kill();
    f.publish({f.table()});
    QCOMPARE(f.start().value(), std::uint64_t(1));
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
    QVERIFY(f.flush().has_value());
    QVERIFY(f.files("/commitlog").empty());
}

void CommitLogTest::systemTablesAreReplayedBeforeTheOthers() {
    StorageFixture f;
    const auto user = makeTable("user", 2);
    f.publish({f.table(), user});
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.apply({{{user, oneRow(1, 1, 5)}}}).has_value());
    f.kill();
    f.publish({f.table()});  // As a node that has not read its schema yet.
    QCOMPARE(f.open().value(), std::uint64_t(1));
    QVERIFY(f.flush().has_value());
    f.publish({f.table(), user});
    QCOMPARE(f.engine().replay().value(), std::uint64_t(1));
    f.engine().start();
    ReadCommand command = f.byKey(1);
    command.table = user;
    QCOMPARE(f.read(command).value().size(), std::size_t(1));
}

void CommitLogTest::oversizedMutationsAreRefusedInCassandrasWords() {
    StorageOptions options;
    options.segmentBytes = 4096;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    const auto refused = f.write(oneRow(7, 1, 5, 3000));
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().kind, ErrorKind::Invalid);
    QVERIFY(refused.error().message.starts_with("Rejected an oversized mutation (30"));
    QVERIFY(refused.error().message.ends_with("/2048) for keyspace: ks. Top keys are: t.7"));
    QVERIFY(f.partitionOf(7).isEmpty());
    QVERIFY(f.write(oneRow(7, 1, 5, 1000)).has_value());
}

void CommitLogTest::aFailedWriteIsToldAndLeavesNoDamage() {
    StorageOptions options;
    options.commitFailurePolicy = storage::CommitFailurePolicy::Ignore;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.disk().failNextWrite(sim::DiskFault::NoSpace);
    const auto failed = f.write(oneRow(2, 1, 5));
    QVERIFY(!failed.has_value());
    QVERIFY(failed.error().message.find("No space left on device") != std::string::npos);
    QVERIFY(f.partitionOf(2).isEmpty());
    QVERIFY(f.write(oneRow(3, 1, 5)).has_value());
    f.kill();
    QCOMPARE(f.start().value(), std::uint64_t(2));
}

void CommitLogTest::aFailedSyncIsToldAndEndsWriting() {
    StorageOptions options;
    options.sync = storage::CommitLogSync::Batch;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.disk().failNextSync(sim::DiskFault::InputOutput);
    QVERIFY(!f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(!f.write(oneRow(3, 1, 5)).has_value());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
}

void CommitLogTest::oneTurnsWritesLeaveInOneWrite() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    int told = 0;
    storage::StorageObserver observer;
    observer.segmentChanged = [&](std::uint64_t, std::uint64_t, const char*) { ++told; };
    f.engine().observe(observer);
    runtime::TaskGroup group;
    int done = 0;
    const auto one = [](StorageFixture& fixture, int pk, int& count) -> runtime::Task<void> {
        rows::Mutation mutation{{{fixture.table(), oneRow(pk, 1, 5)}}};
        const Result<void> applied = co_await fixture.engine().apply(std::move(mutation), true);
        count += applied ? 1 : 0;
    };
    for (int pk = 0; pk < 20; ++pk) {
        group.spawn(one(f, pk, done));
    }
    QCOMPARE(done, 0);
    f.world().runFor(1ms);
    QCOMPARE(done, 20);
    QCOMPARE(told, 2);  // The new segment, and one write.
}

void CommitLogTest::modesAcknowledgeAfterTheirSync_data() {
    QTest::addColumn<int>("mode");
    QTest::newRow("periodic") << int(storage::CommitLogSync::Periodic);
    QTest::newRow("group") << int(storage::CommitLogSync::Group);
    QTest::newRow("batch") << int(storage::CommitLogSync::Batch);
}

void CommitLogTest::modesAcknowledgeAfterTheirSync() {
    QFETCH(const int, mode);
    StorageOptions options;
    options.sync = static_cast<storage::CommitLogSync>(mode);
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.powerCut();
    const bool synced = options.sync != storage::CommitLogSync::Periodic;
    QCOMPARE(f.start().value(), std::uint64_t(synced ? 1 : 0));
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    f.world().runFor(11s);  // commitlog_sync_period.
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(2).rows.size(), std::size_t(1));
}

void CommitLogTest::aWriteWaitsForASyncThatIsOverdue() {
    StorageOptions options;
    options.commitFailurePolicy = storage::CommitFailurePolicy::Ignore;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    f.world().runFor(8s);
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.disk().failNextSync(sim::DiskFault::InputOutput);
    f.world().runFor(6s);  // The sync after ten seconds fails.
    QVERIFY(f.write(oneRow(2, 1, 5)).has_value());
    f.world().runFor(2s);
    // The last sync is more than fifteen seconds ago: this one is as safe as with batch.
    QVERIFY(f.write(oneRow(3, 1, 5)).has_value());
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(2).rows.size(), std::size_t(1));
    QCOMPARE(f.partitionOf(3).rows.size(), std::size_t(1));
}

void CommitLogTest::anIdleLogHasNoSyncOverdue() {
    StorageFixture f;
    QVERIFY(f.start().has_value());
    f.world().runFor(100s);
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(0));
}

void CommitLogTest::aGroupWaitsForItsWindow() {
    StorageOptions options;
    options.sync = storage::CommitLogSync::Group;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    const runtime::Instant begun = f.world().now();
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    QVERIFY(f.world().now() - begun >= 1000ms);
    QVERIFY(f.world().now() - begun < 1100ms);
}

QTEST_GUILESS_MAIN(CommitLogTest)
#include "commit_log_test.moc"
