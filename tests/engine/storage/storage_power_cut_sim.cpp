#include <QtTest>
#include <algorithm>
#include <map>
#include <set>

#include "storage_fixture.h"

using namespace storagetest;
using storage::CommitFailurePolicy;
using storage::DiskFailurePolicy;

namespace {

enum class Outcome { Unknown, Acknowledged, Refused };

/// A scripted life of a storage engine, and what its clients know about it.
class Script {
public:
    explicit Script(StorageFixture& f) : m_f(f) {}

    /// All of it, or as far as the disk goes along.
    void run() {
        write(0, 12);
        flush();
        write(12, 24);
        changeSchema();
        write(24, 30);
        flush();
        overwrite(0, 6);
        write(30, 44);
        flush();
        truncateOther();
        write(44, 50);
    }

    /// What has to hold whenever the end came; after a restart nothing half made is left either.
    void check(bool afterRestart = true) {
        std::map<int, Row> there;
        const auto found = m_f.read(m_f.all());
        ENSURE(found.has_value());
        for (const Partition& partition : found.value()) {
            for (const Row& row : partition.rows) {
                there[types::decodeInt(partition.key.key)] = row;
            }
        }
        for (const auto& [pk, outcome] : m_written) {
            const bool isThere = there.contains(pk);
            ENSURE(isThere || outcome != Outcome::Acknowledged);
            // A write is there as a whole or not at all.
            ENSURE(!isThere || there.at(pk).cells.size() == 2);
        }
        for (const auto& [pk, row] : there) {
            ENSURE(m_written.contains(pk));
            const auto changed = m_overwritten.find(pk);
            const bool isNew = row.cells[0].value == "new";
            ENSURE(isNew == (row.cells[1].value == "new"));
            if (changed == m_overwritten.end()) {
                ENSURE(!isNew);
            } else if (changed->second == Outcome::Acknowledged) {
                ENSURE(isNew);
            }
        }
        if (m_truncated == Outcome::Acknowledged) {
            ENSURE(othersThere() == 0);
        }
        if (afterRestart) {
            checkNothingIsLeftOver("/data");
        }
    }

    std::size_t acknowledged() const {
        return static_cast<std::size_t>(
            std::count_if(m_written.begin(), m_written.end(),
                          [](const auto& w) { return w.second == Outcome::Acknowledged; }));
    }

private:
    static Outcome outcomeOf(const Result<void>& result) {
        return result ? Outcome::Acknowledged : Outcome::Refused;
    }
    static Partition two(int pk, const std::string& value, std::int64_t timestamp) {
        Partition out;
        out.key = key(pk);
        out.rows = {row(at(1, "d"), timestamp,
                        {cell("a", value, timestamp), cell("b", value, timestamp)})};
        return out;
    }

    void write(int from, int to) {
        for (int pk = from; pk < to; ++pk) {
            m_written[pk] = Outcome::Unknown;
            m_written[pk] = outcomeOf(m_f.write(two(pk, std::string(150, 'v'), 5)));
            static_cast<void>(m_f.apply(rows::Mutation{{{m_other, oneRow(pk, 1, 5)}}}));
        }
    }
    void overwrite(int from, int to) {
        for (int pk = from; pk < to; ++pk) {
            m_overwritten[pk] = Outcome::Unknown;
            m_overwritten[pk] = outcomeOf(m_f.write(two(pk, "new", 9)));
        }
    }
    void flush() { static_cast<void>(m_f.flush()); }
    /// A column comes, a table goes.
    void changeSchema() {
        schema::Table altered = *m_f.table();
        altered.columns.push_back({"z", types::text(), schema::ColumnKind::Regular});
        altered.finish();
        const auto gone = makeTable("gone", 3);
        m_f.publish({m_f.table(), m_other, gone});
        static_cast<void>(m_f.apply(rows::Mutation{{{gone, oneRow(1, 1, 5)}}}));
        static_cast<void>(m_f.runTask(m_f.engine().flush(gone)));
        m_f.engine().drop(*gone);
        m_f.publish({std::make_shared<const schema::Table>(std::move(altered)), m_other});
    }
    void truncateOther() {
        m_truncated = outcomeOf(m_f.runTask(m_f.engine().truncate(m_other)));
        m_truncated = m_truncated == Outcome::Acknowledged ? m_truncated : Outcome::Unknown;
    }
    /// Of the truncated table: rows written before.
    std::size_t othersThere() {
        ReadCommand command;
        command.table = m_other;
        const auto found = m_f.read(command);
        ENSURE(found.has_value());
        return static_cast<std::size_t>(
            std::count_if(found.value().begin(), found.value().end(), [](const Partition& partition) {
                return types::decodeInt(partition.key.key) < 44;
            }));
    }
    void checkNothingIsLeftOver(const std::string& folder) {
        const auto names = m_f.disk().list(folder);
        if (!names) {
            return;  // A file.
        }
        for (const std::string& name : names.value()) {
            if (name.starts_with("gone-")) {
                continue;  // A table that no schema knows: nobody looks there.
            }
            if (name.ends_with(".tmp") || name.starts_with("tmp")) {
                qFatal("%s/%s is left over", folder.c_str(), name.c_str());
            }
            checkNothingIsLeftOver(folder + '/' + name);
        }
    }

    StorageFixture& m_f;
    const schema::TablePtr m_other = makeTable("other", 2);
    std::map<int, Outcome> m_written;
    std::map<int, Outcome> m_overwritten;
    Outcome m_truncated = Outcome::Unknown;

    friend class StoragePowerCutSim;
};

StorageOptions smallOptions() {
    StorageOptions options;
    options.sync = storage::CommitLogSync::Batch;
    options.segmentBytes = 2048;
    return options;
}

}  // namespace

class StoragePowerCutSim : public QObject {
    Q_OBJECT
private slots:
    void acknowledgedWritesSurviveACutAtEveryCall_data();
    void acknowledgedWritesSurviveACutAtEveryCall();
    void everyFailingCallIsAnsweredByThePolicy_data();
    void everyFailingCallIsAnsweredByThePolicy();
    void aFullDiskLosesNothing();

private:
    static std::uint64_t callsOf(const std::function<void(StorageFixture&)>& prepare);
};

/// How many calls the whole script makes.
std::uint64_t StoragePowerCutSim::callsOf(const std::function<void(StorageFixture&)>& prepare) {
    StorageFixture f(1, smallOptions());
    prepare(f);
    Script script(f);
    f.publish({f.table(), makeTable("other", 2)});
    ENSURE(f.start().has_value());
    const std::uint64_t before = f.disk().calls();
    script.run();
    ENSURE(script.acknowledged() == 50);
    return f.disk().calls() - before;
}

void StoragePowerCutSim::acknowledgedWritesSurviveACutAtEveryCall_data() {
    QTest::addColumn<bool>("torn");
    QTest::newRow("what was not synced is gone") << false;
    QTest::newRow("parts of it reached the disk") << true;
}

void StoragePowerCutSim::acknowledgedWritesSurviveACutAtEveryCall() {
    QFETCH(const bool, torn);
    const std::uint64_t calls = callsOf([](StorageFixture&) {});
    QVERIFY(calls > 200);
    for (std::uint64_t n = 1; n <= calls; ++n) {
        StorageFixture f(n, smallOptions());
        Script script(f);
        f.publish({f.table(), makeTable("other", 2)});
        QVERIFY(f.start().has_value());
        f.disk().crashAtCall(n, torn);
        script.run();
        QVERIFY(f.disk().hasCrashed());
        f.powerCut(torn);
        const auto started = f.start();
        QVERIFY2(started.has_value(),
                 QByteArray::fromStdString("call " + std::to_string(n) + ": " +
                                           (started ? "" : started.error().message)));
        script.check();
        // It is a whole engine again, also for the next restart.
        QVERIFY(f.write(oneRow(1000, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
        f.powerCut();
        QVERIFY(f.start().has_value());
        QCOMPARE(f.partitionOf(1000).rows.size(), std::size_t(1));
    }
}

void StoragePowerCutSim::everyFailingCallIsAnsweredByThePolicy_data() {
    QTest::addColumn<int>("fault");
    QTest::addColumn<bool>("ignored");
    QTest::newRow("EIO, ignored") << int(sim::DiskFault::InputOutput) << true;
    QTest::newRow("EIO, stopped") << int(sim::DiskFault::InputOutput) << false;
    QTest::newRow("ENOSPC, ignored") << int(sim::DiskFault::NoSpace) << true;
    QTest::newRow("ENOSPC, stopped") << int(sim::DiskFault::NoSpace) << false;
}

void StoragePowerCutSim::everyFailingCallIsAnsweredByThePolicy() {
    QFETCH(const int, fault);
    QFETCH(const bool, ignored);
    StorageOptions options = smallOptions();
    if (ignored) {
        options.commitFailurePolicy = CommitFailurePolicy::Ignore;
        options.diskFailurePolicy = DiskFailurePolicy::Ignore;
    }
    const std::uint64_t calls = callsOf([](StorageFixture&) {});
    for (std::uint64_t n = 1; n <= calls; ++n) {
        StorageFixture f(n, options);
        Script script(f);
        f.publish({f.table(), makeTable("other", 2)});
        QVERIFY(f.start().has_value());
        bool told = false;
        f.engine().onFailure([&](const storage::StorageFailure&) { told = true; });
        f.disk().failCall(n, static_cast<sim::DiskFault>(fault));
        script.run();
        QVERIFY(!told || !ignored);
        if (ignored) {
            QVERIFY(script.acknowledged() >= 44);  // One call fails: little else with it.
        }
        script.check(false);  // While it still runs,
        f.powerCut();
        const auto started = f.start();
        QVERIFY2(started.has_value(),
                 QByteArray::fromStdString("call " + std::to_string(n) + ": " +
                                           (started ? "" : started.error().message)));
        script.check();  // and after its end.
    }
}

void StoragePowerCutSim::aFullDiskLosesNothing() {
    const std::uint64_t calls = callsOf([](StorageFixture&) {});
    for (std::uint64_t n = 1; n <= calls; n += 3) {
        StorageOptions options = smallOptions();
        options.commitFailurePolicy = CommitFailurePolicy::Ignore;
        options.diskFailurePolicy = DiskFailurePolicy::BestEffort;
        StorageFixture f(n, options);
        Script script(f);
        f.publish({f.table(), makeTable("other", 2)});
        QVERIFY(f.start().has_value());
        f.disk().failCall(n, sim::DiskFault::NoSpace, true);
        script.run();
        f.disk().failCall(0, sim::DiskFault::NoSpace);  // Somebody made room.
        f.world().runFor(10s);
        QVERIFY(f.write(oneRow(1000, 1, 5)).has_value());
        QVERIFY(f.flush().has_value());
        QCOMPARE(f.partitionOf(1000).rows.size(), std::size_t(1));
        f.powerCut();
        QVERIFY(f.start().has_value());
        QCOMPARE(f.partitionOf(1000).rows.size(), std::size_t(1));
    }
}

QTEST_GUILESS_MAIN(StoragePowerCutSim)
#include "storage_power_cut_sim.moc"
