#include <QtTest>
#include <map>
#include <set>

#include "storage_fixture.h"

using namespace storagetest;

namespace {

/// Writers that never wait for each other, and what they were told.
struct Writers {
    std::set<int> asked;
    std::set<int> acknowledged;
};

runtime::Task<void> writeOne(StorageEngine& engine, schema::TablePtr table, int n,
                             Writers& writers) {
    writers.asked.insert(n);
    rows::Mutation mutation{{{table, oneRow(n % 17, n, 5, static_cast<std::size_t>(n % 300))}}};
    const Result<void> applied = co_await engine.apply(std::move(mutation), true);
    if (applied) {
        writers.acknowledged.insert(n);
    }
}

std::set<int> rowsThere(StorageFixture& f) {
    std::set<int> out;
    const auto found = f.read(f.all());
    if (!found) {
        qFatal("%s", found.error().message.c_str());
    }
    for (const Partition& partition : found.value()) {
        for (const Row& row : partition.rows) {
            out.insert(types::decodeInt(row.clustering[0]));
        }
    }
    return out;
}

}  // namespace

class StorageCrashSim : public QObject {
    Q_OBJECT
private slots:
    void acknowledgedWritesSurviveCrashes_data();
    void acknowledgedWritesSurviveCrashes();
    void theSameSeedGivesTheSameRun();

private:
    static std::uint64_t run(std::uint64_t seed, storage::CommitLogSync mode, bool powerCut);
};

void StorageCrashSim::acknowledgedWritesSurviveCrashes_data() {
    QTest::addColumn<quint64>("seed");
    QTest::addColumn<int>("mode");
    QTest::addColumn<bool>("powerCut");
    for (quint64 seed = 1; seed <= 30; ++seed) {
        QTest::addRow("batch, power cut, seed %llu", seed)
            << seed << int(storage::CommitLogSync::Batch) << true;
        QTest::addRow("group, power cut, seed %llu", seed)
            << seed << int(storage::CommitLogSync::Group) << true;
        QTest::addRow("periodic, killed, seed %llu", seed)
            << seed << int(storage::CommitLogSync::Periodic) << false;
    }
}

/// Writes, flushes and crashes at random moments; checks after each restart.
std::uint64_t StorageCrashSim::run(std::uint64_t seed, storage::CommitLogSync mode, bool powerCut) {
    StorageOptions options;
    options.sync = mode;
    options.syncGroupWindow = 1ms;
    options.segmentBytes = 8192;
    options.memtableBytes = 60000;
    StorageFixture f(seed, options);
    RandomRows random(seed);
    Writers writers;
    int next = 0;
    for (int round = 0; round < 6; ++round) {
        const auto started = f.start();
        if (!started) {
            qFatal("%s", started.error().message.c_str());
        }
        const std::set<int> there = rowsThere(f);
        ENSURE(std::includes(there.begin(), there.end(), writers.acknowledged.begin(),
                             writers.acknowledged.end()));
        ENSURE(
            std::includes(writers.asked.begin(), writers.asked.end(), there.begin(), there.end()));
        auto group = std::make_unique<runtime::TaskGroup>();
        const std::uint64_t steps = 5 + random.below(60);
        for (std::uint64_t step = 0; step < steps; ++step) {
            for (std::uint64_t n = random.below(6); n > 0; --n) {
                group->spawn(writeOne(f.engine(), f.table(), next++, writers));
            }
            if (random.below(20) == 0) {
                const auto flush = [](StorageFixture& fixture) -> runtime::Task<void> {
                    static_cast<void>(co_await fixture.engine().flush(fixture.table()));
                };
                group->spawn(flush(f));
            }
            f.world().runFor(std::chrono::microseconds(random.below(1500)));
        }
        if (powerCut) {
            f.powerCut(random.below(2) == 0, std::move(group));
        } else {
            f.kill(std::move(group));
        }
    }
    ENSURE(next > 200 && writers.acknowledged.size() > 100);
    return f.world().traceDigest() + writers.acknowledged.size();
}

void StorageCrashSim::acknowledgedWritesSurviveCrashes() {
    QFETCH(const quint64, seed);
    QFETCH(const int, mode);
    QFETCH(const bool, powerCut);
    run(seed, static_cast<storage::CommitLogSync>(mode), powerCut);
}

void StorageCrashSim::theSameSeedGivesTheSameRun() {
    QCOMPARE(run(7, storage::CommitLogSync::Group, true),
             run(7, storage::CommitLogSync::Group, true));
}

QTEST_GUILESS_MAIN(StorageCrashSim)
#include "storage_crash_sim.moc"
