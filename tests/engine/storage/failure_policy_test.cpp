#include "engine/storage/failure_policy.h"

#include <QtTest>
#include <optional>

#include "storage_fixture.h"

using namespace storagetest;
using Action = storage::StorageFailure::Action;
using storage::CommitFailurePolicy;
using storage::DiskFailurePolicy;

Q_DECLARE_METATYPE(CommitFailurePolicy)
Q_DECLARE_METATYPE(DiskFailurePolicy)

class FailurePolicyTest : public QObject {
    Q_OBJECT
private slots:
    void namesAreThoseOfTheYaml();
    void commitFailuresAreAnsweredByThePolicy_data();
    void commitFailuresAreAnsweredByThePolicy();
    void failedSyncsMoveToAnotherSegmentWhenIgnored();
    void failedFlushesAreAnsweredByThePolicy_data();
    void failedFlushesAreAnsweredByThePolicy();
    void tablesFlushOnceTheirPeriodHasPassed();
};

void FailurePolicyTest::namesAreThoseOfTheYaml() {
    QVERIFY(storage::parseCommitFailurePolicy("stop_commit").value() ==
            CommitFailurePolicy::StopCommit);
    QVERIFY(storage::parseDiskFailurePolicy("best_effort").value() == DiskFailurePolicy::BestEffort);
    const auto refused = storage::parseCommitFailurePolicy("best_effort");
    QCOMPARE(refused.error().message,
             std::string("'best_effort' is none of die, stop, stop_commit, ignore"));
}

void FailurePolicyTest::commitFailuresAreAnsweredByThePolicy_data() {
    QTest::addColumn<int>("policy");
    QTest::addColumn<int>("action");  // -1: none.
    QTest::addColumn<bool>("writesGoOn");
    QTest::newRow("die") << int(CommitFailurePolicy::Die) << int(Action::Die) << false;
    QTest::newRow("stop") << int(CommitFailurePolicy::Stop) << int(Action::StopTransports) << false;
    QTest::newRow("stop_commit") << int(CommitFailurePolicy::StopCommit) << -1 << false;
    QTest::newRow("ignore") << int(CommitFailurePolicy::Ignore) << -1 << true;
}

void FailurePolicyTest::commitFailuresAreAnsweredByThePolicy() {
    QFETCH(const int, policy);
    QFETCH(const int, action);
    QFETCH(const bool, writesGoOn);
    StorageOptions options;
    options.commitFailurePolicy = static_cast<CommitFailurePolicy>(policy);
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    int told = -1;
    f.engine().onFailure([&](const storage::StorageFailure& failure) { told = int(failure.action); });
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.disk().failNextWrite(sim::DiskFault::NoSpace);
    const auto failed = f.write(oneRow(2, 1, 5));
    QVERIFY(failed.error().message.find("No space left on device") != std::string::npos);
    QCOMPARE(told, action);
    QCOMPARE(f.write(oneRow(3, 1, 5)).has_value(), writesGoOn);
    // Reads go on in any case, and nothing that was acknowledged is lost.
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(writesGoOn ? 2 : 1));
    f.kill();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.read(f.all()).value().size(), std::size_t(writesGoOn ? 2 : 1));
}

void FailurePolicyTest::failedSyncsMoveToAnotherSegmentWhenIgnored() {
    StorageOptions options;
    options.sync = storage::CommitLogSync::Batch;
    options.commitFailurePolicy = CommitFailurePolicy::Ignore;
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.disk().failNextSync(sim::DiskFault::InputOutput);
    QVERIFY(!f.write(oneRow(2, 1, 5)).has_value());
    QVERIFY(f.write(oneRow(3, 1, 5)).has_value());
    QCOMPARE(f.files("/commitlog").size(), std::size_t(2));
    f.powerCut();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
    QCOMPARE(f.partitionOf(3).rows.size(), std::size_t(1));
}

void FailurePolicyTest::failedFlushesAreAnsweredByThePolicy_data() {
    QTest::addColumn<int>("policy");
    QTest::addColumn<int>("action");
    QTest::newRow("die") << int(DiskFailurePolicy::Die) << int(Action::Die);
    QTest::newRow("stop_paranoid")
        << int(DiskFailurePolicy::StopParanoid) << int(Action::StopTransports);
    QTest::newRow("stop") << int(DiskFailurePolicy::Stop) << int(Action::StopTransports);
    QTest::newRow("best_effort") << int(DiskFailurePolicy::BestEffort) << -1;
    QTest::newRow("ignore") << int(DiskFailurePolicy::Ignore) << -1;
}

void FailurePolicyTest::failedFlushesAreAnsweredByThePolicy() {
    QFETCH(const int, policy);
    QFETCH(const int, action);
    StorageOptions options;
    options.diskFailurePolicy = static_cast<DiskFailurePolicy>(policy);
    StorageFixture f(1, options);
    QVERIFY(f.start().has_value());
    int told = -1;
    f.engine().onFailure([&](const storage::StorageFailure& failure) { told = int(failure.action); });
    QVERIFY(f.write(oneRow(1, 1, 5)).has_value());
    f.disk().failNextWrite(sim::DiskFault::NoSpace);
    QVERIFY(!f.flush().has_value());
    QCOMPARE(told, action);
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
    QVERIFY(f.flush().has_value());
    f.kill();
    QVERIFY(f.start().has_value());
    QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(1));
}

void FailurePolicyTest::tablesFlushOnceTheirPeriodHasPassed() {
    StorageFixture f;
    schema::Table table = *f.table();
    table.options.memtableFlushPeriodMillis = 5000;
    const auto periodic = std::make_shared<const schema::Table>(table);
    f.publish({periodic});
    QVERIFY(f.start().has_value());
    std::vector<storage::FlushReason> reasons;
    storage::StorageObserver observer;
    observer.flushStarted = [&](const schema::Table&, const storage::FlushInfo& info) {
        reasons.push_back(info.reason);
    };
    f.engine().observe(observer);
    QVERIFY(f.apply(rows::Mutation{{{periodic, oneRow(1, 1, 5)}}}).has_value());
    f.world().runFor(4s);
    QVERIFY(reasons.empty());
    f.world().runFor(2s);
    QVERIFY(reasons == std::vector{storage::FlushReason::MemtablePeriodExpired});
    f.world().runFor(20s);
    QCOMPARE(reasons.size(), std::size_t(1));
    QVERIFY(f.apply(rows::Mutation{{{periodic, oneRow(2, 1, 5)}}}).has_value());
    f.world().runFor(6s);
    QCOMPARE(reasons.size(), std::size_t(2));
}

QTEST_GUILESS_MAIN(FailurePolicyTest)
#include "failure_policy_test.moc"
