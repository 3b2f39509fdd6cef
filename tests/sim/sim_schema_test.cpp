#include <QtTest>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;

namespace {

std::uint64_t seedOfRow() { return QByteArray(QTest::currentDataTag()).toULongLong(); }

/// What a client sees of the schema, without the version.
std::vector<std::string> tablesSeenBy(SimCluster& cluster, std::size_t node) {
    std::vector<std::string> out;
    for (const char* query : {"SELECT keyspace_name FROM system_schema.keyspaces",
                              "SELECT keyspace_name, table_name, comment FROM system_schema.tables",
                              "SELECT keyspace_name, table_name, column_name, type FROM system_schema.columns",
                              "SELECT keyspace_name, type_name FROM system_schema.types"}) {
        for (std::string& row : cluster.rows(node, query, Consistency::One)) {
            out.push_back(std::move(row));
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::string statement(engine::runtime::Random& random) {
    const auto table = random.below(4);
    switch (random.below(9)) {
        case 0: return fmt::format("CREATE TABLE IF NOT EXISTS ks.t{} (k int PRIMARY KEY, v text)", table);
        case 1: return fmt::format("ALTER TABLE ks.t{} ADD c{} int", table, random.below(6));
        case 2: return fmt::format("ALTER TABLE ks.t{} DROP c{}", table, random.below(6));
        case 3: return fmt::format("DROP TABLE IF EXISTS ks.t{}", table);
        case 4: return fmt::format("ALTER TABLE ks.t{} WITH comment = 'c{}'", table, random.below(100));
        case 5: return fmt::format("CREATE TYPE IF NOT EXISTS ks.u{} (a int, b text)", table);
        case 6: return fmt::format("ALTER TABLE ks.t{} ADD u{} frozen<u{}>", table, random.below(4), random.below(4));
        case 7: return fmt::format("DROP TYPE IF EXISTS ks.u{}", table);
        default: break;
    }
    return random.below(8) == 0 ? "DROP KEYSPACE IF EXISTS ks"
                                : "CREATE KEYSPACE IF NOT EXISTS ks WITH replication = "
                                  "{'class': 'SimpleStrategy', 'replication_factor': 3}";
}

}  // namespace

/// Schema changes made anywhere, at once, through crashes and cuts, end the same everywhere.
class SimSchemaTest : public QObject {
    Q_OBJECT
private slots:
    void changesOnDifferentNodesAtOnceConverge_data() {
        QTest::addColumn<int>("nothing");
        for (int seed = 1; seed <= seedsPlayed(60); ++seed) {
            QTest::addRow("%d", seed) << 0;
        }
    }
    /// DRV-06
    void changesOnDifferentNodesAtOnceConverge() {
        const std::uint64_t seed = seedOfRow();
        SimCluster cluster({.nodes = 3 + seed % 3, .seed = seed});
        auto& random = cluster.world().random();
        QVERIFY(cluster.start());
        for (std::size_t i = 0; i < cluster.size(); ++i) {
            cluster.skewClock(i, std::chrono::milliseconds(random.below(4000)));
        }
        for (int round = 0; round < 12; ++round) {
            for (std::size_t i = 0; i < cluster.size(); ++i) {
                cluster.send(i, statement(random), Consistency::One);
            }
            cluster.runFor(std::chrono::milliseconds(random.below(50)));
            if (random.below(5) == 0) {
                cluster.cut(random.below(cluster.size()), random.below(cluster.size()));
            }
            if (random.below(4) == 0) {
                cluster.heal();
            }
            const std::size_t victim = random.below(cluster.size());
            if (random.below(6) == 0) {
                cluster.crash(victim);
                cluster.runFor(std::chrono::milliseconds(random.below(3000)));
                cluster.startNode(victim);
            }
        }
        cluster.heal();
        cluster.runFor(5s);  // What is under way ends.
        QVERIFY(cluster.runUntil([&] { return cluster.converged() && cluster.schemaAgrees(); }, 120s));
        checkAllSeeTheSame(cluster);
        // And so they do after a restart of all.
        for (std::size_t i = 0; i < cluster.size(); ++i) {
            cluster.crash(i);
        }
        QVERIFY2(cluster.start(60s), cluster.startError(0).c_str());
        QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 60s));
        checkAllSeeTheSame(cluster);
    }

    void aChangeWinsThoughItsNodesClockIsBehind() {
        SimCluster cluster({.nodes = 3, .seed = 5});
        QVERIFY(cluster.start());
        cluster.skewClock(0, 1h);
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                               "{'class': 'SimpleStrategy', 'replication_factor': 3}").has_value());
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY) WITH comment = 'first'").has_value());
        QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 10s));
        QVERIFY(cluster.cql(1, "ALTER TABLE ks.t WITH comment = 'second'").has_value());
        QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 10s));
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(cluster.rows(i, "SELECT comment FROM system_schema.tables WHERE keyspace_name = 'ks'", Consistency::One),
                     std::vector<std::string>{"second"});
        }
    }

    void aNodeThatWasDownLearnsWhatItMissed() {
        SimCluster cluster({.nodes = 3, .seed = 6});
        QVERIFY(cluster.start());
        cluster.crash(2);
        QVERIFY(cluster.runUntil([&] { return cluster.converged(); }, 60s));
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                               "{'class': 'SimpleStrategy', 'replication_factor': 3}").has_value());
        QVERIFY(cluster.cql(1, "CREATE TABLE ks.t (k int PRIMARY KEY, v int)").has_value());
        QVERIFY(cluster.cql(1, "INSERT INTO ks.t (k, v) VALUES (1, 1)", Consistency::Two).has_value());
        cluster.startNode(2);
        QVERIFY(cluster.runUntil([&] { return cluster.converged() && cluster.schemaAgrees(); }, 60s));
        QCOMPARE(cluster.rows(2, "SELECT v FROM ks.t WHERE k = 1"), std::vector<std::string>{"1"});
    }

private:
    static void checkAllSeeTheSame(SimCluster& cluster) {
        const auto first = tablesSeenBy(cluster, 0);
        for (std::size_t i = 1; i < cluster.size(); ++i) {
            const auto other = tablesSeenBy(cluster, i);
            std::vector<std::string> differ;
            std::set_symmetric_difference(first.begin(), first.end(), other.begin(), other.end(), std::back_inserter(differ));
            QVERIFY2(other == first, fmt::format("n{} differs from n0: {}", i, fmt::join(differ, "; ")).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(SimSchemaTest)
#include "sim_schema_test.moc"
