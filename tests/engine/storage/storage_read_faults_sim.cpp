#include <QtTest>
#include <map>
#include <optional>

#include "engine/storage/compaction_manager.h"
#include "engine/storage/lifecycle/snapshots.h"
#include "storage_fixture.h"

using namespace storagetest;
using storage::DiskFailurePolicy;

namespace {

/// What a table holds: a value by partition key.
using Content = std::map<int, std::string>;

/// A table with everything in several places, one that was truncated, and files to import into a third.
class FaultyLife {
public:
    explicit FaultyLife(std::uint64_t seed, DiskFailurePolicy policy = DiskFailurePolicy::Stop)
        : m_f(seed, options(policy)) {
        m_f.publish({m_f.table(), m_truncated, m_third});
        ENSURE(m_f.start().has_value());
        for (int from : {0, 20}) {
            for (int pk = from; pk < from + 20; ++pk) {
                put(m_f.table(), pk, "old", 5);
            }
            ENSURE(m_f.flush().has_value());
        }
        for (int pk = 0; pk < 6; ++pk) {
            put(m_f.table(), pk, "new", 9);
        }
        for (int pk = 10; pk < 13; ++pk) {
            Partition gone;
            gone.key = key(pk);
            gone.deletion = {9, 50};
            ENSURE(m_f.write(std::move(gone)).has_value());
        }
        ENSURE(m_f.flush().has_value());
        for (int pk = 40; pk < 50; ++pk) {
            put(m_f.table(), pk, "logged", 9);
        }
        for (const schema::TablePtr& table : {m_truncated, m_third}) {
            put(table, 1, "gone", 5);
            ENSURE(m_f.runTask(m_f.engine().flush(table)).has_value());
            put(table, 2, "gone", 5);
        }
        keepFilesOfThird();
        for (const schema::TablePtr& table : {m_truncated, m_third}) {
            ENSURE(m_f.runTask(m_f.engine().truncate(table)).has_value());
        }
        put(m_truncated, 3, "logged", 9);
        // Nothing is in a cache any more.
        m_f.powerCut();
        ENSURE(m_f.start().has_value());
        m_f.engine().onFailure([this](const storage::StorageFailure&) { m_isTold = true; });
    }

    StorageFixture& fixture() { return m_f; }
    sim::SimDisk& disk() { return m_f.disk(); }
    bool isTold() const { return m_isTold; }
    const schema::TablePtr& third() const { return m_third; }
    const std::string& kept() const { return m_kept; }
    /// The kept files lie in the third table's own folder, under names that are far from taken.
    void strew() {
        for (const std::string& name : m_f.files(m_kept)) {
            if (const auto component = storage::parseComponentPath(m_kept + '/' + name)) {
                const auto strewn = storage::descriptorOf(folderOf(*m_third), 20 + component->sstable.generation());
                ENSURE(disk().link(m_kept + '/' + name, strewn.pathOf(component->component)).has_value());
            }
        }
        ENSURE(disk().syncFolder(folderOf(*m_third)).has_value());
    }
    void put(const schema::TablePtr& table, int pk, const std::string& value, std::int64_t timestamp) {
        Partition out;
        out.key = key(pk);
        out.rows = {row(at(1, "d"), timestamp, {cell("a", value, timestamp)})};
        ENSURE(m_f.apply(rows::Mutation{{{table, std::move(out)}}}).has_value());
    }

    Content expected() const {
        Content out;
        for (int pk = 0; pk < 50; ++pk) {
            if (pk < 10 || pk > 12) {
                out[pk] = pk < 6 ? "new" : pk < 40 ? "old" : "logged";
            }
        }
        return out;
    }
    static Content contentOf(const std::vector<Partition>& partitions) {
        Content out;
        for (Partition partition : partitions) {
            for (const Row& row : partition.rows) {
                out[types::decodeInt(partition.key.key)] = row.cells.at(0).value;
            }
        }
        return out;
    }
    Result<Content> read(const schema::TablePtr& table, std::optional<int> pk = std::nullopt, bool reversed = false) {
        ReadCommand command;
        command.table = table;
        command.nowSeconds = 100;
        command.reversed = reversed;
        if (pk) {
            command.key = key(*pk);
        }
        TRY_ASSIGN(const auto found, m_f.read(command));
        return contentOf(found);
    }
    /// What must be so whenever nothing fails.
    void check(std::uint64_t call) {
        if (read(m_f.table()).value() != expected() ||
            read(m_truncated).value() != Content{{3, "logged"}}) {
            qFatal("call %d", static_cast<int>(call));
        }
        for (int pk : {0, 11, 30, 45, 60}) {
            const Content all = expected();
            const auto it = all.find(pk);
            if (read(m_f.table(), pk).value() != (it == all.end() ? Content() : Content{*it})) {
                qFatal("call %d, key %d", static_cast<int>(call), pk);
            }
        }
    }
    void restart(std::uint64_t call) {
        m_f.powerCut();
        const auto started = m_f.start();
        if (!started) {
            qFatal("call %d: %s", static_cast<int>(call), started.error().message.c_str());
        }
        check(call);
        for (const schema::TablePtr& table : {m_f.table(), m_truncated, m_third}) {
            for (const std::string& name : m_f.files(folderOf(*table))) {
                if (name.ends_with(".tmp") || name.ends_with(".log")) {
                    qFatal("call %d: %s is left over", static_cast<int>(call), name.c_str());
                }
            }
        }
    }

private:
    static StorageOptions options(DiskFailurePolicy policy) {
        StorageOptions out;
        out.sync = storage::CommitLogSync::Batch;
        out.segmentBytes = 2048;
        out.diskFailurePolicy = policy;
        return out;
    }
    static std::string folderOf(const schema::Table& table) {
        std::string id = table.id.toString();
        std::erase(id, '-');
        return "/data/ks/" + table.name + '-' + id;
    }
    void keepFilesOfThird() {
        ENSURE(m_f.runTask(m_f.engine().snapshot({m_third}, {"kept", false, {}})).has_value());
        m_kept = m_f.engine().snapshots().value().at(0).folder;
    }

    StorageFixture m_f;
    const schema::TablePtr m_truncated = makeTable("truncated", 2);
    const schema::TablePtr m_third = makeTable("third", 3);
    std::string m_kept;
    bool m_isTold = false;
};

}  // namespace

/// Each call that looks at the disk fails in turn: files opened, read, measured, folders listed.
class StorageReadFaultsSim : public QObject {
    Q_OBJECT
private slots:
    void aQueryIsRefusedOrRight_data();
    void aQueryIsRefusedOrRight();
    void aCompactionEndsAndNothingElse();
    void aFlushIsDoneOrTriedAgain();
    void anImportTakesAllOrNothing_data();
    void anImportTakesAllOrNothing();
    void aRefreshTakesAllOrNothing();
    void aStartFailsOrHasEverything();
    void aTruncationHoldsOrIsRefused();
};

void StorageReadFaultsSim::aQueryIsRefusedOrRight_data() {
    QTest::addColumn<int>("policy");
    QTest::addColumn<bool>("stops");
    QTest::newRow("ignore") << int(DiskFailurePolicy::Ignore) << false;
    QTest::newRow("best_effort") << int(DiskFailurePolicy::BestEffort) << false;
    QTest::newRow("stop") << int(DiskFailurePolicy::Stop) << true;
    QTest::newRow("die") << int(DiskFailurePolicy::Die) << true;
}

void StorageReadFaultsSim::aQueryIsRefusedOrRight() {
    QFETCH(const int, policy);
    QFETCH(const bool, stops);
    std::uint64_t refused = 0;
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call, static_cast<DiskFailurePolicy>(policy));
        const Content all = life.expected();
        const std::uint64_t before = life.disk().looks();
        life.disk().failLook(call);
        bool isRefused = false;
        for (int pk : {0, 11, 30, 45, 60}) {
            const auto it = all.find(pk);
            const auto found = life.read(life.fixture().table(), pk, pk == 30);
            isRefused = isRefused || !found;
            QVERIFY(!found || found.value() == (it == all.end() ? Content() : Content{*it}));
        }
        const auto found = life.read(life.fixture().table());
        QVERIFY(!found || found.value() == all);
        isRefused = isRefused || !found;
        if (life.disk().looks() - before < call) {
            break;
        }
        refused += isRefused ? 1 : 0;
        QCOMPARE(life.isTold(), isRefused && stops);
        life.disk().failLook(0);
        life.check(call);
    }
    QVERIFY(refused > 5);
}

void StorageReadFaultsSim::aCompactionEndsAndNothingElse() {
    std::uint64_t failed = 0;
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call);
        const std::uint64_t before = life.disk().looks();
        life.disk().failLook(call);
        const auto done = life.fixture().runTask(life.fixture().engine().compactions().compact(life.fixture().table(), {}));
        life.fixture().world().runFor(10s);
        const bool isOver = life.disk().looks() - before < call;
        failed += done ? 0 : 1;
        QCOMPARE(life.isTold(), !done);
        life.disk().failLook(0);
        life.check(call);
        life.restart(call);
        if (isOver) {
            break;
        }
    }
    QVERIFY(failed > 5);
}

void StorageReadFaultsSim::aFlushIsDoneOrTriedAgain() {
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call);
        const std::uint64_t before = life.disk().looks();
        life.disk().failLook(call);
        const auto done = life.fixture().flush();
        const bool isOver = life.disk().looks() - before < call;
        QCOMPARE(life.isTold(), !done);
        life.disk().failLook(0);
        life.check(call);
        QVERIFY(life.fixture().flush().has_value());
        life.check(call);
        life.restart(call);
        if (isOver) {
            break;
        }
    }
}

void StorageReadFaultsSim::anImportTakesAllOrNothing_data() {
    QTest::addColumn<bool>("copies");
    QTest::newRow("the files stay") << true;
    QTest::newRow("the files go") << false;
}

void StorageReadFaultsSim::anImportTakesAllOrNothing() {
    QFETCH(const bool, copies);
    const Content imported{{1, "gone"}, {2, "gone"}};
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call);
        storage::ImportRequest request;
        request.folders = {life.kept()};
        request.copies = copies;
        const std::uint64_t before = life.disk().looks();
        life.disk().failLook(call);
        const auto done = life.fixture().runTask(life.fixture().engine().importFiles(life.third(), request));
        const bool isOver = life.disk().looks() - before < call;
        life.disk().failLook(0);
        const bool isTaken = done && done.value().failedFolders.empty();
        QVERIFY(isTaken || !isOver);
        const Content expected = isTaken ? imported : Content();
        if (life.read(life.third()).value() != expected) {
            qFatal("call %d", static_cast<int>(call));
        }
        life.check(call);
        life.restart(call);
        if (life.read(life.third()).value() != expected) {
            qFatal("call %d, after a restart", static_cast<int>(call));
        }
        // Once more, of what is still there.
        if (!isTaken) {
            QVERIFY(life.fixture().runTask(life.fixture().engine().importFiles(life.third(), request)).value().failedFolders.empty());
            QCOMPARE(life.read(life.third()).value(), imported);
        }
        if (isOver) {
            break;
        }
    }
}

/// What lies in the table's folder already comes now, or at the next start; and nothing written later
/// takes its name.
void StorageReadFaultsSim::aRefreshTakesAllOrNothing() {
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call);
        life.strew();
        const std::uint64_t before = life.disk().looks();
        life.disk().failLook(call);
        const auto done = life.fixture().runTask(life.fixture().engine().importFiles(life.third(), {}));
        const bool isOver = life.disk().looks() - before < call;
        life.disk().failLook(0);
        QVERIFY(done || !isOver);
        Content expected = done ? Content{{1, "gone"}, {2, "gone"}} : Content();
        if (life.read(life.third()).value() != expected) {
            qFatal("call %d", static_cast<int>(call));
        }
        expected = {{1, "gone"}, {2, "gone"}};
        for (int pk = 50; pk < 54; ++pk) {
            life.put(life.third(), pk, "later", 9);
            expected[pk] = "later";
            QVERIFY(life.fixture().runTask(life.fixture().engine().flush(life.third())).has_value());
        }
        for (int i = 0; i < 2; ++i) {
            life.restart(call);
            if (life.read(life.third()).value() != expected) {
                qFatal("call %d, after a restart", static_cast<int>(call));
            }
        }
        if (isOver) {
            break;
        }
    }
}

void StorageReadFaultsSim::aStartFailsOrHasEverything() {
    std::uint64_t failed = 0;
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call);
        life.fixture().powerCut();
        const std::uint64_t before = life.disk().looks();
        life.disk().failLook(call);
        const auto started = life.fixture().start();
        life.fixture().world().runFor(1s);
        const bool isOver = life.disk().looks() - before < call;
        life.disk().failLook(0);
        failed += started ? 0 : 1;
        if (started) {
            life.check(call);
        } else {
            QVERIFY2(started.error().message.find("Input/output error") != std::string::npos,
                     started.error().message.c_str());
        }
        life.restart(call);
        if (isOver) {
            break;
        }
    }
    QVERIFY(failed > 20);
}

void StorageReadFaultsSim::aTruncationHoldsOrIsRefused() {
    for (std::uint64_t call = 1;; ++call) {
        FaultyLife life(call);
        Content before = life.expected();
        const std::uint64_t looks = life.disk().looks();
        life.disk().failLook(call);
        const auto done = life.fixture().truncate();
        const bool isOver = life.disk().looks() - looks < call;
        life.disk().failLook(0);
        for (int i = 0; i < 2; ++i) {
            const Content found = life.read(life.fixture().table()).value();
            if (!(found.empty() || (!done && found == before))) {
                qFatal("call %d, %d", static_cast<int>(call), i);
            }
            before = found;  // It may hold though its answer was an error; but then it stays so.
            life.fixture().powerCut();
            QVERIFY(life.fixture().start().has_value());
        }
        if (isOver) {
            break;
        }
    }
}

QTEST_GUILESS_MAIN(StorageReadFaultsSim)
#include "storage_read_faults_sim.moc"
