#include <QtTest>

#include <fmt/format.h>

#include <chrono>

#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;
using engine::runtime::Duration;
using engine::storage::CommitLogSync;

namespace {

/// Three nodes that all keep everything, in two tables without read repair.
class ThreeNodes {
public:
    explicit ThreeNodes(std::uint64_t seed, std::function<void(std::size_t, engine::node::NodeConfig&)> adjust = {})
        : m_cluster({.nodes = 3, .seed = seed, .sync = CommitLogSync::Batch, .adjust = std::move(adjust)}) {}

    bool begin() {
        return m_cluster.start() &&
               m_cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', "
                                "'replication_factor': 3}").has_value() &&
               m_cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v int) WITH read_repair = 'NONE' AND "
                                "speculative_retry = 'NEVER'").has_value() &&
               m_cluster.cql(0, "CREATE TABLE ks.brief (k int PRIMARY KEY, v int) WITH read_repair = 'NONE' AND "
                                "gc_grace_seconds = 0").has_value() &&
               m_cluster.runUntil([this] { return m_cluster.schemaAgrees(); }, 30s);
    }
    /// Node 2 stops, and the others know.
    bool loseOne() {
        m_cluster.stop(2);
        return m_cluster.runUntil([this] { return !m_cluster.sees(0, 2) && !m_cluster.sees(1, 2); }, 60s);
    }
    bool bringBack() {
        m_cluster.startNode(2);
        return m_cluster.runUntil([this] { return m_cluster.isReady(2) && m_cluster.converged(); }, 60s);
    }
    /// How many rows node 2 has by itself.
    std::size_t rowsOfLost(const std::string& table = "t") {
        return m_cluster.rows(2, "SELECT v FROM ks." + table, Consistency::NodeLocal).size();
    }
    SimCluster& cluster() { return m_cluster; }

private:
    SimCluster m_cluster;
};

}  // namespace

/// Hinted handoff and the batch log.
class SimHandoffTest : public QObject {
    Q_OBJECT
private slots:
    void whatANodeMissedReachesItWhenItIsBack() {
        ThreeNodes nodes(1);
        QVERIFY(nodes.begin());
        QVERIFY(nodes.loseOne());
        for (int k = 0; k < 200; ++k) {
            QVERIFY(nodes.cluster().cql(0, fmt::format("INSERT INTO ks.t (k, v) VALUES ({0}, {0})", k)).has_value());
        }
        QVERIFY(nodes.bringBack());
        QVERIFY(nodes.cluster().runUntil([&] { return nodes.rowsOfLost() == 200; }, 60s));
    }

    /// Also when the node that truncated was started again in between.
    void aHintFromBeforeATruncationDoesNotBringItsRowBack() {
        ThreeNodes nodes(11);
        QVERIFY(nodes.begin());
        QVERIFY(nodes.loseOne());
        QVERIFY(nodes.cluster().cql(0, "INSERT INTO ks.t (k, v) VALUES (1, 1)").has_value());
        QVERIFY(nodes.bringBack());
        QCOMPARE(nodes.rowsOfLost(), std::size_t(0));  // The hint is still on its way.
        QVERIFY(nodes.cluster().cql(0, "TRUNCATE ks.t").has_value());
        QVERIFY(nodes.cluster().cql(0, "INSERT INTO ks.t (k, v) VALUES (2, 2)", Consistency::All).has_value());
        nodes.cluster().crash(2);
        QVERIFY(nodes.bringBack());
        nodes.cluster().runFor(60s);
        QCOMPARE(nodes.rowsOfLost(), std::size_t(1));
    }

    void hintsOutliveTheirKeeper() {
        ThreeNodes nodes(2);
        QVERIFY(nodes.begin());
        QVERIFY(nodes.loseOne());
        QVERIFY(nodes.cluster().cql(0, "INSERT INTO ks.t (k, v) VALUES (1, 1)").has_value());
        nodes.cluster().runFor(15s);  // hints_flush_period
        nodes.cluster().crash(0);
        nodes.cluster().startNode(0);
        QVERIFY(nodes.cluster().runUntil([&] { return nodes.cluster().isReady(0); }, 60s));
        QVERIFY(nodes.bringBack());
        QVERIFY(nodes.cluster().runUntil([&] { return nodes.rowsOfLost() == 1; }, 60s));
    }

    void aHintDiesAfterTheGraceOfItsTable() {
        ThreeNodes nodes(3);
        QVERIFY(nodes.begin());
        QVERIFY(nodes.loseOne());
        QVERIFY(nodes.cluster().cql(0, "INSERT INTO ks.brief (k, v) VALUES (1, 1)").has_value());
        QVERIFY(nodes.cluster().cql(0, "INSERT INTO ks.t (k, v) VALUES (1, 1)").has_value());
        QVERIFY(nodes.bringBack());
        QVERIFY(nodes.cluster().runUntil([&] { return nodes.rowsOfLost() == 1; }, 60s));
        QCOMPARE(nodes.rowsOfLost("brief"), std::size_t(0));
    }

    void thereAreNoneWhenHandoffIsOff() {
        ThreeNodes nodes(4, [](std::size_t, engine::node::NodeConfig& config) { config.hints.enabled = false; });
        QVERIFY(nodes.begin());
        QVERIFY(nodes.loseOne());
        QVERIFY(nodes.cluster().cql(0, "INSERT INTO ks.t (k, v) VALUES (1, 1)").has_value());
        QVERIFY(nodes.bringBack());
        nodes.cluster().runFor(60s);
        QCOMPARE(nodes.rowsOfLost(), std::size_t(0));
    }

    /// ANY: a hint is enough. Nobody can read it before a replica is back.
    void aHintIsEnoughForAny() {
        ThreeNodes nodes(5);
        QVERIFY(nodes.begin());
        QVERIFY(nodes.cluster().cql(0, "CREATE KEYSPACE one WITH replication = {'class': 'SimpleStrategy', "
                                       "'replication_factor': 1}").has_value());
        QVERIFY(nodes.cluster().cql(0, "CREATE TABLE one.t (k int PRIMARY KEY, v int)").has_value());
        QVERIFY(nodes.cluster().runUntil([&] { return nodes.cluster().schemaAgrees(); }, 30s));
        QVERIFY(nodes.loseOne());
        int refused = 0;
        for (int k = 0; k < 20; ++k) {
            const std::string text = fmt::format("INSERT INTO one.t (k, v) VALUES ({0}, {0})", k);
            if (!nodes.cluster().cql(0, text, Consistency::One)) {
                ++refused;
                QVERIFY(nodes.cluster().cql(0, text, Consistency::Any).has_value());
            }
        }
        QVERIFY(refused > 0);
        QVERIFY(nodes.bringBack());
        QVERIFY(nodes.cluster().runUntil(
            [&] { return nodes.cluster().rows(1, "SELECT v FROM one.t", Consistency::One).size() == 20; }, 60s));
    }

    /// A coordinator that dies in the middle leaves a batch either whole or not at all.
    void batchesAreWholeInTheEnd_data() {
        QTest::addColumn<int>("nothing");
        for (int seed = 1; seed <= 40; ++seed) {
            QTest::addRow("%d", seed) << 0;
        }
    }
    void batchesAreWholeInTheEnd() {
        constexpr int kBatches = 12;
        constexpr int kParts = 4;
        ThreeNodes nodes(100 + QByteArray(QTest::currentDataTag()).toULongLong());
        QVERIFY(nodes.begin());
        SimCluster& cluster = nodes.cluster();
        auto& random = cluster.world().random();
        std::vector<std::shared_ptr<Request>> requests;
        for (int batch = 0; batch < kBatches; ++batch) {
            std::string text = "BEGIN BATCH ";
            for (int part = 0; part < kParts; ++part) {
                text += fmt::format("INSERT INTO ks.t (k, v) VALUES ({}, {}); ", batch * kParts + part, batch);
            }
            requests.push_back(cluster.send(0, text + "APPLY BATCH", Consistency::Quorum));
            cluster.runFor(Duration(static_cast<std::int64_t>(random.below(1'500'000))));
        }
        cluster.crash(0);
        cluster.runFor(1s);
        cluster.startNode(0);
        QVERIFY(cluster.runUntil([&] { return cluster.isReady(0) && cluster.converged(); }, 60s));
        cluster.runFor(90s);  // The batch log is replayed.
        for (int batch = 0; batch < kBatches; ++batch) {
            std::size_t found = 0;
            for (int part = 0; part < kParts; ++part) {
                found += cluster.rows(1, fmt::format("SELECT v FROM ks.t WHERE k = {}", batch * kParts + part),
                                      Consistency::Quorum).size();
            }
            QVERIFY2(found == 0 || found == kParts, qPrintable(QString("batch %1 has %2 parts").arg(batch).arg(found)));
            QVERIFY(found == kParts || !requests[static_cast<std::size_t>(batch)]->isOk());
        }
        for (std::size_t node = 0; node < 3; ++node) {
            QCOMPARE(cluster.rows(node, "SELECT version FROM system.batches", Consistency::One).size(), std::size_t(0));
        }
    }
};

QTEST_GUILESS_MAIN(SimHandoffTest)
#include "sim_handoff_test.moc"
