#include <QtTest>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;

namespace {

/// As many cuts as this are made of a statement, over all the calls that its node makes on the disk.
constexpr std::uint64_t kCuts = seedsPlayed(40);

using Rows = std::vector<std::string>;

/// One node, a table with rows in files and in the commit log.
class OneNode {
public:
    explicit OneNode(std::uint64_t seed)
        : m_cluster({.nodes = 1, .seed = seed, .adjust = [](std::size_t, engine::node::NodeConfig& config) {
              config.storage.autoSnapshot = true;  // As a node has it.
          }}) {
        ENSURE(m_cluster.start());
        run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
        run("CREATE TABLE ks.t (k int PRIMARY KEY, a text, b text) WITH memtable_flush_period_in_ms = 1000");
        run("CREATE TABLE ks.other (k int PRIMARY KEY, a text) WITH memtable_flush_period_in_ms = 1000");
        for (int k = 0; k < 4; ++k) {
            run(fmt::format("INSERT INTO ks.t (k, a, b) VALUES ({0}, 'a{0}', 'b{0}')", k));
            run(fmt::format("INSERT INTO ks.other (k, a) VALUES ({0}, 'o{0}')", k));
            if (k == 1) {
                m_cluster.runFor(2s);  // They are flushed.
            }
        }
    }

    SimCluster& cluster() { return m_cluster; }
    engine::sim::SimDisk& disk() { return m_cluster.machine(0).disk(); }
    void run(const std::string& cql) {
        const auto done = m_cluster.cql(0, cql, Consistency::One);
        if (!done) {
            qFatal("%s: %s", cql.c_str(), done.error().message.c_str());
        }
    }
    Rows rows(const std::string& cql) {
        Rows out = m_cluster.rows(0, cql, Consistency::One);
        std::sort(out.begin(), out.end());
        return out;
    }
    /// All that the schema's tables say of the keyspace, and what the node makes of it.
    std::string schema() {
        std::string out;
        for (const char* table : {"keyspaces", "tables", "columns", "dropped_columns", "types", "indexes"}) {
            out += fmt::format("{}: ", table);
            for (const std::string& row : m_cluster.rows(0, fmt::format("SELECT * FROM system_schema.{} WHERE keyspace_name = 'ks'", table),
                                                         Consistency::One)) {
                out += row + '\n';
            }
        }
        return out;
    }
    /// The power is gone before the n-th call, or once the statement was answered and a while passed.
    /// Whether it was acknowledged; `isCut` false: there were fewer calls.
    bool runAndCut(const std::string& cql, std::uint64_t n, bool torn, bool& isCut) {
        disk().crashAtCall(n, torn);
        const auto request = m_cluster.send(0, cql, Consistency::One);
        m_cluster.runUntil([&] { return disk().hasCrashed(); }, 2s);
        isCut = disk().hasCrashed();
        const bool isAcknowledged = request->isOk();
        restart(torn, n);
        return isAcknowledged;
    }
    void restart(bool torn, std::uint64_t n) {
        m_cluster.crash(0, {torn});
        m_cluster.startNode(0);
        if (!m_cluster.runUntil([this] { return m_cluster.isReady(0); }, 60s)) {
            qFatal("call %d: %s", static_cast<int>(n), m_cluster.startError(0).c_str());
        }
    }

private:
    SimCluster m_cluster;
};

struct Change {
    std::string cql;
    std::string read;  // And what it gives before and after; an error is one row.
    Rows before;
    Rows after;
};

}  // namespace

/// The power is cut at the calls on the disk that a schema change makes, those of what comes after its
/// answer too: after the next start the change is there as a whole or not at all, and there if it was
/// acknowledged; and every row that has to be there is.
class SimSchemaPowerCutTest : public QObject {
    Q_OBJECT
private slots:
    void aChangeIsThereAsAWholeOrNotAtAll_data();
    void aChangeIsThereAsAWholeOrNotAtAll();
};

Q_DECLARE_METATYPE(Change)

void SimSchemaPowerCutTest::aChangeIsThereAsAWholeOrNotAtAll_data() {
    QTest::addColumn<Change>("change");
    QTest::addColumn<bool>("torn");
    const Rows both{"0 a0 b0", "1 a1 b1", "2 a2 b2", "3 a3 b3"};
    const Rows none;
    const std::vector<std::pair<const char*, Change>> changes{
        {"CREATE TABLE", {"CREATE TABLE ks.x (k int, c int, s text static, v list<int>, PRIMARY KEY (k, c)) "
                          "WITH gc_grace_seconds = 7", "SELECT k FROM ks.x", {"table x does not exist"}, none}},
        {"ALTER TABLE ADD", {"ALTER TABLE ks.t ADD (z int, y map<int, text>)", "SELECT k, a, b, z FROM ks.t",
                             {"Undefined column name z in table ks.t"},
                             {"0 a0 b0 null", "1 a1 b1 null", "2 a2 b2 null", "3 a3 b3 null"}}},
        {"ALTER TABLE DROP", {"ALTER TABLE ks.t DROP b", "SELECT k, a, b FROM ks.t", both,
                              {"Undefined column name b in table ks.t"}}},
        {"ALTER TABLE WITH", {"ALTER TABLE ks.t WITH compaction = {'class': 'LeveledCompactionStrategy'}",
                              "SELECT k, a, b FROM ks.t", both, both}},
        {"DROP TABLE", {"DROP TABLE ks.t", "SELECT k, a, b FROM ks.t", both, {"table t does not exist"}}},
        {"CREATE TYPE", {"CREATE TYPE ks.u (x int, y text)", "SELECT k, a, b FROM ks.t", both, both}},
    };
    for (const auto& [name, change] : changes) {
        QTest::addRow("%s, what was not synced is gone", name) << change << false;
        QTest::addRow("%s, parts of it reached the disk", name) << change << true;
    }
}

void SimSchemaPowerCutTest::aChangeIsThereAsAWholeOrNotAtAll() {
    QFETCH(const Change, change);
    QFETCH(const bool, torn);
    std::string before;
    std::string after;
    std::uint64_t calls = 0;
    {
        OneNode one(1);
        before = one.schema();
        QCOMPARE(one.rows(change.read), change.before);
        const std::uint64_t from = one.disk().calls();
        one.run(change.cql);
        one.cluster().runFor(2s);
        calls = one.disk().calls() - from;
        after = one.schema();
        QCOMPARE(one.rows(change.read), change.after);
    }
    QVERIFY(before != after);
    QVERIFY(calls > 10);
    const Rows others{"0 o0", "1 o1", "2 o2", "3 o3"};
    std::uint64_t old = 0;
    for (std::uint64_t n = torn ? 1 : 2; n <= calls; n += std::max<std::uint64_t>(1, calls / kCuts)) {
        OneNode one(1);
        bool isCut = false;
        const bool isAcknowledged = one.runAndCut(change.cql, n, torn, isCut);
        QVERIFY(isCut);
        const std::string now = one.schema();
        if ((now != before || isAcknowledged) && now != after) {
            qFatal("call %d, %s: the schema is\n%s", static_cast<int>(n), isAcknowledged ? "acknowledged" : "not answered",
                   now.c_str());
        }
        old += now == before ? 1 : 0;
        const Rows expected = now == before ? change.before : change.after;
        const Rows found = one.rows(change.read);
        if (found != expected || one.rows("SELECT k, a FROM ks.other") != others) {
            qFatal("call %d: %s", static_cast<int>(n), found.empty() ? "no rows" : found[0].c_str());
        }
        // Said again it holds, or is refused because it does; and it stays.
        static_cast<void>(one.cluster().cql(0, change.cql, Consistency::One));
        one.restart(false, n);
        QCOMPARE(one.rows(change.read), change.after);
        QCOMPARE(one.rows("SELECT k, a FROM ks.other"), others);
    }
    QVERIFY(old > 0);
}

QTEST_GUILESS_MAIN(SimSchemaPowerCutTest)
#include "sim_schema_power_cut_test.moc"
