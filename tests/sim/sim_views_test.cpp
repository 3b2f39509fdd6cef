#include <QtTest>

#include "tests/sim/sim_cluster.h"

using namespace simtest;

/// Virtual tables over whole nodes.
class SimViewsTest : public QObject {
    Q_OBJECT

private slots:
    /// VRT-17: in mebibytes and milliseconds, one row a table, from the files and not from the memtables.
    void theLargestFilesAreTold() {
        SimClusterOptions options;
        options.nodes = 1;
        options.adjust = [](std::size_t, engine::node::NodeConfig& config) { config.storage.segmentBytes = 8 << 20; };
        SimCluster cluster(options);
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int, c int, v text, PRIMARY KEY (k, c)) WITH compression = {'enabled': false} "
                               "AND memtable_flush_period_in_ms = 2000"));
        const std::string quarter(1 << 18, 'x');  // Of a mebibyte.
        for (int c = 0; c < 12; ++c) {
            const std::string at = c == 11 ? "15000000" : "1000000";
            const auto written = cluster.cql(0, "INSERT INTO ks.t (k, c, v) VALUES (1, " + std::to_string(c) + ", '" + quarter +
                                       "') USING TIMESTAMP " + at);
            QVERIFY2(written, written ? "" : written.error().message.c_str());
        }
        const auto of = [&](const std::string& view, const std::string& column) {
            return cluster.rows(0, "SELECT " + column + " FROM system_views." + view + " WHERE keyspace_name = 'ks' AND table_name = 't'");
        };
        const std::string none(8, '\0');
        QCOMPARE(of("max_sstable_size", "mebibytes"), std::vector<std::string>{none});
        cluster.runFor(std::chrono::seconds(5));
        const std::string three = std::string(7, '\0') + '\3';
        QCOMPARE(of("max_sstable_size", "mebibytes"), std::vector<std::string>{three});
        QCOMPARE(of("max_partition_size", "mebibytes"), std::vector<std::string>{three});
        QCOMPARE(of("max_sstable_duration", "max_sstable_duration"),
                 std::vector<std::string>{std::string(6, '\0') + "\x36\xB0"});  // 14,000 ms.
    }

    /// VRT-09
    void snapshotsAreTold() {
        SimClusterOptions options;
        options.nodes = 1;
        options.adjust = [](std::size_t, engine::node::NodeConfig& config) { config.storage.autoSnapshot = true; };
        SimCluster cluster(options);
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k text PRIMARY KEY)"));
        QVERIFY(cluster.cql(0, "INSERT INTO ks.t (k) VALUES ('a')"));
        const std::string asked = "SELECT name, keyspace_name, table_name FROM system_views.snapshots";
        QCOMPARE(cluster.rows(0, asked), std::vector<std::string>());
        QVERIFY(cluster.cql(0, "TRUNCATE ks.t"));
        const auto told = cluster.rows(0, asked);
        QCOMPARE(told.size(), std::size_t(1));
        QVERIFY2(QString::fromStdString(told[0]).contains(QRegularExpression("truncated-[0-9]+-t.*ks.*t")), told[0].c_str());
    }
};

QTEST_APPLESS_MAIN(SimViewsTest)
#include "sim_views_test.moc"
