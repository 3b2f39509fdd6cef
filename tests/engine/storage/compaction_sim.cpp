#include <QtTest>
#include <map>
#include <set>

#include "engine/storage/compaction_manager.h"
#include "engine/storage/sstable/descriptor.h"
#include "small_strategies.h"
#include "storage_fixture.h"

using namespace storagetest;
using storage::CompactionRequest;
using storage::CompactionSummary;

namespace {

using Map = CompactionOptionsMap;

schema::TablePtr tableWith(Map compaction, std::int32_t gcGraceSeconds) {
    schema::Table out = *makeTable();
    out.options.compaction = withFullClass(std::move(compaction));
    out.options.gcGraceSeconds = gcGraceSeconds;
    return std::make_shared<const schema::Table>(std::move(out));
}

/// A table's life beside the plainest model of it: everything ever written, merged in memory.
class Life {
public:
    Life(std::uint64_t seed, const Map& strategy, std::int32_t gcGrace = 10)
        : m_random(seed), m_table(tableWith(strategy, gcGrace)), m_f(seed) {
        m_f.publish({m_table});
        m_f.options().compaction.bytesPerSecond = 0;
        m_f.options().compaction.automatic = true;
        m_f.options().sync = storage::CommitLogSync::Batch;
        ENSURE(m_f.start());
    }

    void step() {
        switch (m_random.below(12)) {
            case 0: flush(); break;
            case 1: m_f.world().runFor(std::chrono::seconds(m_random.below(30))); break;
            case 2:
                if (m_random.below(4) == 0) {
                    compact();
                }
                break;
            case 3:
                if (m_random.below(6) == 0) {
                    restart();
                }
                break;
            default: write(); break;
        }
    }

    /// What a client sees, here and in the model.
    bool isSame() {
        const std::int64_t now = wallSeconds();
        ReadCommand command;
        command.table = m_table;
        command.nowSeconds = now;
        const auto found = m_f.read(command);
        ENSURE(found.has_value());
        std::map<DecoratedKey, Partition> seen;
        for (Partition partition : found.value()) {
            filterLive(*m_table, partition, now);
            if (!partition.isEmpty()) {
                seen[partition.key] = std::move(partition);
            }
        }
        std::map<DecoratedKey, Partition> expected;
        for (const auto& [key, partition] : m_model) {
            Partition copy = partition;
            filterLive(*m_table, copy, now);
            if (!copy.isEmpty()) {
                expected[key] = std::move(copy);
            }
        }
        return seen == expected;
    }

    void flush() { ENSURE(m_f.runTask(m_f.engine().flush(m_table)).has_value()); }
    void compact() {
        CompactionRequest request;
        switch (m_random.below(4)) {
            case 0: request.kind = CompactionRequest::Kind::Upgrade; break;
            case 1:
                request.kind = CompactionRequest::Kind::GarbageCollect;
                request.shadows = m_random.below(2) == 0 ? storage::compaction::ShadowKind::Row
                                                         : storage::compaction::ShadowKind::Cell;
                break;
            default: request.kind = CompactionRequest::Kind::Major; break;
        }
        const auto done = m_f.runTask(m_f.engine().compactions().compact(m_table, request));
        ENSURE(done.has_value());
    }
    void restart() {
        if (m_random.below(2) == 0) {
            m_f.stop();
        } else {
            m_f.powerCut(m_random.below(2) == 0);
        }
        ENSURE(m_f.start());
    }
    StorageFixture& fixture() { return m_f; }
    const schema::TablePtr& table() const { return m_table; }
    std::size_t files() { return m_f.engine().sstables(*m_table).size(); }
    std::uint64_t compactions() { return m_f.engine().compactions().totals().completed; }

private:
    std::int64_t wallMicros() {
        return m_f.world().machine(0).doors().clock.wallMicros();
    }
    std::int64_t wallSeconds() { return wallMicros() / 1'000'000; }

    void write() {
        // Up to two seconds off, as clients' clocks are; less than gc_grace_seconds.
        const std::int64_t timestamp =
            wallMicros() - 2'000'000 + static_cast<std::int64_t>(m_random.below(4'000'000));
        const DeletionTime deletion{timestamp, wallSeconds()};
        Partition update;
        update.key = key(static_cast<int>(m_random.below(5)));
        switch (m_random.below(10)) {
            case 0: update.deletion = deletion; break;
            case 1: {
                RangeTombstone range;
                range.slice = {{prefix(), m_random.below(2) == 0}, {prefix(), m_random.below(2) == 0}};
                range.deletion = deletion;
                addRangeTombstone(*m_table, update.rangeTombstones, range);
                break;
            }
            case 2: {
                Row gone;
                gone.clustering = clustering();
                gone.deletion = deletion;
                update.rows = {gone};
                break;
            }
            case 3: update.staticRow.cells = {one("s", timestamp)}; break;
            default: {
                Row row;
                row.clustering = clustering();
                if (m_random.below(2) == 0) {
                    row.liveness.timestamp = timestamp;
                }
                for (const char* name : {"a", "b"}) {
                    if (m_random.below(2) == 0) {
                        row.cells.push_back(one(name, timestamp));
                    }
                }
                if (m_random.below(3) == 0) {
                    row.complexDeletions = {{"m", {timestamp - 1, wallSeconds()}}};
                    row.cells.push_back(one("m", timestamp));
                    row.cells.back().path = types::encodeInt(1);
                }
                update.rows = {row};
            }
        }
        if (update.isEmpty() || (update.rows.size() == 1 && update.rows[0].isEmpty())) {
            return;
        }
        auto [it, isNew] = m_model.try_emplace(update.key, update);
        if (!isNew) {
            merge(*m_table, it->second, update);
        }
        ENSURE(m_f.apply(rows::Mutation{{{m_table, std::move(update)}}}).has_value());
    }
    Cell one(std::string column, std::int64_t timestamp) {
        Cell out = cell(std::move(column), std::to_string(m_random.below(1000)), timestamp);
        if (m_random.below(4) == 0) {
            out.ttl = static_cast<std::int32_t>(1 + m_random.below(40));
            out.localDeletionTime = wallSeconds() + out.ttl;
        } else if (m_random.below(6) == 0) {
            out.value.clear();
            out.localDeletionTime = wallSeconds();
        }
        return out;
    }
    Clustering clustering() {
        return at(static_cast<int>(m_random.below(3)),
                  std::string(1, static_cast<char>('a' + m_random.below(2))));
    }
    Clustering prefix() {
        Clustering out = clustering();
        out.resize(m_random.below(3));
        return out;
    }

    RandomRows m_random;
    schema::TablePtr m_table;
    StorageFixture m_f;
    std::map<DecoratedKey, Partition> m_model;
};

/// Of 160 KiB each that do not compress: their compaction takes many steps.
void writeFourFiles(StorageFixture& f) {
    for (int i = 0; i < 4; ++i) {
        for (int k = 0; k < 40; ++k) {
            std::string noise(4096, ' ');
            std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(f.world().random().next()); });
            Partition partition;
            partition.key = key(i * 40 + k);
            partition.rows = {row(at(1, "d"), 5, {cell("a", noise, 5)})};
            ENSURE(f.write(std::move(partition)).has_value());
        }
        ENSURE(f.flush().has_value());
    }
}

}  // namespace

class CompactionSim : public QObject {
    Q_OBJECT

private slots:
    void anyHistoryReadsAsItsModel_data() {
        QTest::addColumn<int>("strategy");
        for (std::size_t i = 0; i < smallStrategies().size(); ++i) {
            QTest::newRow(smallStrategies()[i].first.c_str()) << static_cast<int>(i);
        }
    }
    void anyHistoryReadsAsItsModel() {
        QFETCH(int, strategy);
        std::uint64_t compactions = 0;
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            Life life(seed, smallStrategies()[static_cast<std::size_t>(strategy)].second);
            for (int i = 0; i < 150; ++i) {
                life.step();
                if (i % 10 == 0 && !life.isSame()) {
                    qFatal("seed %d, step %d", static_cast<int>(seed), i);
                }
            }
            compactions += life.compactions();
            if (!life.isSame()) {
                qFatal("seed %d, at the end", static_cast<int>(seed));
            }
        }
        QVERIFY2(compactions > 100, std::to_string(compactions).c_str());
    }

    void fourFlushesBecomeOneFile() {
        StorageFixture f;
        f.options().compaction.automatic = true;
        QVERIFY(f.start());
        std::vector<std::string> told;
        storage::StorageObserver observer;
        observer.compactionStarted = [&](const schema::Table&, const storage::CompactionInfo& info) {
            told.push_back("started " + info.kind + " " + std::to_string(info.inputs.size()) + ": " +
                           info.why);
        };
        observer.sstableAdded = [&](const schema::Table&, const storage::SstableInfo& info,
                                    std::string_view origin) {
            told.push_back("added " + std::to_string(info.generation) + " by " + std::string(origin));
        };
        observer.sstableRemoved = [&](const schema::Table&, std::uint64_t generation,
                                      std::string_view reason) {
            told.push_back("removed " + std::to_string(generation) + " by " + std::string(reason));
        };
        observer.compactionFinished = [&](const schema::Table&, const storage::CompactionResult& result) {
            told.push_back("finished with " + std::to_string(result.outputs.size()));
        };
        f.engine().observe(observer);
        std::vector<storage::CompactionHistoryEntry> history;
        f.engine().onCompacted([&](const auto& entry) { history.push_back(entry); });
        for (int i = 0; i < 4; ++i) {
            QVERIFY(f.write(oneRow(1, i, 5 + i)));
            QVERIFY(f.flush());
        }
        f.world().runFor(10s);
        QCOMPARE(f.engine().sstables(*f.table()).size(), std::size_t(1));
        QCOMPARE(told, (std::vector<std::string>{
                           "added 1 by flush", "added 2 by flush", "added 3 by flush",
                           "added 4 by flush",
                           "started compaction 4: " + told[4].substr(22), "added 5 by compaction",
                           "removed 1 by compaction", "removed 2 by compaction",
                           "removed 3 by compaction", "removed 4 by compaction",
                           "finished with 1"}));
        QVERIFY(told[4].find("min_threshold is 4") != std::string::npos);
        QCOMPARE(history.size(), std::size_t(1));
        QCOMPARE(history[0].rowsMerged, (std::map<int, std::uint64_t>{{4, 1}}));
        for (const std::string& name : f.files(f.tableFolder())) {
            QVERIFY2(name.starts_with("nb-5-big-"), name.c_str());
        }
        QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(4));
        f.stop();
        QVERIFY(f.start());
        QCOMPARE(f.partitionOf(1).rows.size(), std::size_t(4));
    }

    void aChangedStrategyTakesEffect() {
        StorageFixture f;
        f.options().compaction.automatic = true;
        const schema::TablePtr off = tableWith({{"class", "SizeTieredCompactionStrategy"},
                                                {"enabled", "false"}}, 10);
        f.publish({off});
        QVERIFY(f.start());
        for (int i = 0; i < 6; ++i) {
            QVERIFY(f.apply(rows::Mutation{{{off, oneRow(i, 1, 5)}}}));
            QVERIFY(f.runTask(f.engine().flush(off)));
        }
        f.world().runFor(120s);
        QCOMPARE(f.engine().sstables(*off).size(), std::size_t(6));
        QVERIFY(!f.engine().compactions().isAutomatic(off->id));
        f.publish({tableWith({{"class", "LeveledCompactionStrategy"}}, 10)});
        f.world().runFor(10s);
        QCOMPARE(f.engine().sstables(*off).size(), std::size_t(1));
    }

    void pausedCompactionsStandStillAndGoOn() {
        StorageFixture f;
        f.options().compaction.automatic = true;
        f.options().compaction.bytesPerSecond = 64 << 10;  // So that it takes some seconds.
        QVERIFY(f.start());
        std::vector<bool> told;
        bool isFinished = false;
        storage::StorageObserver observer;
        observer.compactionProgressed = [&](const schema::Table&, const storage::CompactionProgressInfo& info) {
            if (told.empty() || told.back() != info.isPaused) {
                told.push_back(info.isPaused);
            }
        };
        observer.compactionFinished = [&](const schema::Table&, const storage::CompactionResult&) { isFinished = true; };
        f.engine().observe(observer);
        writeFourFiles(f);
        f.world().runFor(1s);
        QVERIFY(!isFinished);
        f.engine().compactions().setPaused(true);
        f.world().runFor(1000s);
        QVERIFY(!isFinished);
        QCOMPARE(f.engine().sstables(*f.table()).size(), std::size_t(4));
        f.engine().compactions().setPaused(false);
        f.world().runFor(1000s);
        QVERIFY(isFinished);
        QCOMPARE(f.engine().sstables(*f.table()).size(), std::size_t(1));
        QCOMPARE(told, (std::vector<bool>{false, true, false}));
    }

    /// A pause that holds nothing would be a node that never compacts again, and nobody sees why.
    void aPauseEndsWithTheLastCompactionItHolds() {
        StorageFixture f;
        f.options().compaction.automatic = true;
        f.options().compaction.bytesPerSecond = 64 << 10;
        QVERIFY(f.start());
        auto& compactions = f.engine().compactions();
        compactions.setPaused(true);
        QVERIFY(!compactions.isPaused());
        writeFourFiles(f);
        f.world().runFor(1s);
        QCOMPARE(compactions.running().size(), std::size_t(1));
        compactions.setPaused(true);
        f.world().runFor(10s);
        QVERIFY(compactions.isPaused());
        QCOMPARE(compactions.stopRunning(""), std::size_t(1));
        f.world().runFor(1000s);
        QVERIFY(!compactions.isPaused());
        QCOMPARE(f.engine().sstables(*f.table()).size(), std::size_t(1));
    }

    void aTruncationDuringACompactionBringsNothingBack() {
        StorageFixture f;
        f.options().compaction.automatic = true;
        f.options().compaction.bytesPerSecond = 1;  // It takes for ever.
        QVERIFY(f.start());
        for (int i = 0; i < 4; ++i) {
            QVERIFY(f.write(oneRow(i, 1, 5)));
            QVERIFY(f.flush());
        }
        f.world().runFor(1ms);
        QVERIFY(f.truncate());
        f.world().runFor(100s);
        QCOMPARE(f.engine().sstables(*f.table()).size(), std::size_t(0));
        f.stop();
        QVERIFY(f.start());
        QVERIFY(f.read(f.all()).value().empty());
    }

    /// When nothing is left of what was flushed, the commit log must not bring it back.
    void whatWasPurgedStaysAway() {
        StorageFixture f;
        const schema::TablePtr table =
            tableWith({{"class", "SizeTieredCompactionStrategy"}, {"enabled", "false"}}, 0);
        f.publish({table});
        QVERIFY(f.start());
        Partition gone;
        gone.key = key(1);
        gone.deletion = {9, 50};
        // The deletion is older in the log than what it hides.
        QVERIFY(f.apply(rows::Mutation{{{table, gone}}}));
        QVERIFY(f.apply(rows::Mutation{{{table, oneRow(1, 1, 5)}}}));
        QVERIFY(f.runTask(f.engine().flush(table)));
        const auto done = f.runTask(f.engine().compactions().compact(table, {}));
        QVERIFY(done.has_value());
        QCOMPARE(f.engine().sstables(*table).size(), std::size_t(0));
        f.world().runFor(1s);
        f.stop();
        const auto replayed = f.start();
        QVERIFY(replayed.has_value());
        QCOMPARE(replayed.value(), std::uint64_t(0));
    }

    void aFailingDiskEndsACompactionAndNothingElse() {
        for (std::uint64_t call = 1; call <= 60; ++call) {
            Life life(call, {{"class", "SizeTieredCompactionStrategy"}, {"enabled", "false"}});
            for (int i = 0; i < 60; ++i) {
                life.step();
            }
            life.flush();
            life.fixture().disk().failCall(call, sim::DiskFault::InputOutput);
            static_cast<void>(life.fixture().runTask(
                life.fixture().engine().compactions().compact(life.table(), {})));
            if (!life.isSame()) {
                qFatal("call %d", static_cast<int>(call));
            }
            life.fixture().world().runFor(100s);
            life.fixture().powerCut();
            ENSURE(life.fixture().start());
            if (!life.isSame()) {
                qFatal("call %d, after a restart", static_cast<int>(call));
            }
        }
    }

    /// The power is cut before each call that changes the disk, while a compaction runs and writes
    /// go on.
    void aPowerCutDuringACompactionLosesNothing() {
        for (const bool torn : {false, true}) {
            bool wasCut = true;
            for (std::uint64_t call = 1; wasCut; ++call) {
                Life life(7, {{"class", "SizeTieredCompactionStrategy"}, {"enabled", "false"}});
                for (int i = 0; i < 60; ++i) {
                    life.step();
                }
                life.flush();
                sim::SimDisk& disk = life.fixture().disk();
                disk.crashAtCall(call, torn);
                auto waiters = std::make_unique<runtime::TaskGroup>();
                bool isDone = false;
                waiters->spawn(majorOf(life, isDone));
                life.fixture().world().runUntil([&] { return isDone || disk.hasCrashed(); }, 20s);
                life.fixture().world().runFor(1s);
                wasCut = disk.hasCrashed();
                life.fixture().powerCut(torn, std::move(waiters));
                ENSURE(life.fixture().start());
                if (!life.isSame()) {
                    qFatal("call %d", static_cast<int>(call));
                }
                for (const std::string& name : life.fixture().files(life.fixture().tableFolder())) {
                    QVERIFY2(name == "truncated" || storage::parseComponentPath("/x/" + name), name.c_str());
                    QVERIFY2(!name.ends_with(".tmp"), name.c_str());
                }
            }
        }
    }

private:
    static Partition oneRow(int pk, int c, std::int64_t timestamp) {
        Partition out;
        out.key = key(pk);
        out.rows = {row(at(c, "d"), timestamp, {cell("a", "v", timestamp)})};
        return out;
    }
    static runtime::Task<void> majorOf(Life& life, bool& isDone) {
        static_cast<void>(co_await life.fixture().engine().compactions().compact(life.table(), {}));
        isDone = true;
    }
};

QTEST_GUILESS_MAIN(CompactionSim)
#include "compaction_sim.moc"
