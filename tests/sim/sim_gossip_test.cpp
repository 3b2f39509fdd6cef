#include <QtTest>

#include <chrono>

#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;

/// Whole nodes find, lose and find each other again.
class SimGossipTest : public QObject {
    Q_OBJECT
private slots:
    void aDeadNodeIsConvictedByAllReturnsAndConverges_data() {
        QTest::addColumn<int>("nodes");
        for (int seed = 1; seed <= 15; ++seed) {
            QTest::addRow("%d", seed) << 3 + seed % 5;
        }
    }
    void aDeadNodeIsConvictedByAllReturnsAndConverges() {
        QFETCH(const int, nodes);
        const auto count = static_cast<std::size_t>(nodes);
        SimCluster cluster({.nodes = count, .seed = QByteArray(QTest::currentDataTag()).toULongLong()});
        QVERIFY(cluster.start());
        cluster.runFor(10s);
        const std::size_t victim = cluster.world().random().below(count);
        cluster.crash(victim);
        QVERIFY(cluster.runUntil([&] { return cluster.converged(); }, 40s));
        cluster.startNode(victim);
        QVERIFY(cluster.runUntil([&] { return cluster.converged(); }, 20s));
        QVERIFY2(cluster.startError(victim).empty(), cluster.startError(victim).c_str());
    }
};

QTEST_GUILESS_MAIN(SimGossipTest)
#include "sim_gossip_test.moc"
