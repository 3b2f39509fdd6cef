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

    /// VRT-13, VRT-16: what reads met and batches touched is counted.
    void readsAndBatchesAreCounted() {
        SimCluster cluster(SimClusterOptions{.nodes = 1});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int, c int, v int, PRIMARY KEY (k, c))"));
        QVERIFY(cluster.cql(0, "BEGIN UNLOGGED BATCH INSERT INTO ks.t (k, c, v) VALUES (1, 1, 1); INSERT INTO ks.t (k, c, v) VALUES (2, 1, 1); "
                               "INSERT INTO ks.t (k, c, v) VALUES (3, 1, 1); APPLY BATCH"));
        QVERIFY(cluster.cql(0, "DELETE FROM ks.t WHERE k = 1 AND c = 1"));
        for (const char* key : {"1", "2", "3"}) {
            QVERIFY(cluster.cql(0, std::string("SELECT v FROM ks.t WHERE k = ") + key));
        }
        const auto max = [&](const std::string& view, const std::string& column, const std::string& where) {
            const auto rows = cluster.rows(0, "SELECT CAST(" + column + " AS int) FROM system_views." + view + " WHERE " + where);
            return rows.empty() ? std::string("no row") : rows.front();
        };
        const std::string table = "keyspace_name = 'ks' AND table_name = 't'";
        QCOMPARE(max("tombstones_per_read", "count", table), std::string("3"));
        QCOMPARE(max("tombstones_per_read", "p50th", table), std::string("0"));
        QVERIFY(max("tombstones_per_read", "max", table) != "0");
        QCOMPARE(max("rows_per_read", "max", table), std::string("1"));
        QCOMPARE(max("batch_metrics", "max", "name = 'partitions_per_unlogged_batch'"), std::string("3"));
        QCOMPARE(max("batch_metrics", "max", "name = 'partitions_per_logged_batch'"), std::string("0"));
    }

    /// SYS-12, SYS-13: how much each node's files hold of each table in each of its ranges.
    void sizesOfRangesAreEstimated() {
        SimCluster cluster(SimClusterOptions{.nodes = 2});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v int) WITH memtable_flush_period_in_ms = 2000"));
        for (int k = 0; k < 200; ++k) {
            QVERIFY(cluster.cql(0, "INSERT INTO ks.t (k, v) VALUES (" + std::to_string(k) + ", 1)"));
        }
        cluster.runFor(std::chrono::seconds(40));
        for (std::size_t node = 0; node < 2; ++node) {
            const auto ranges = cluster.rows(node, "SELECT range_start FROM system.size_estimates WHERE keyspace_name = 'ks' AND table_name = 't'");
            QVERIFY2(ranges.size() == 4 || ranges.size() == 5, std::to_string(ranges.size()).c_str());  // One wraps.
            const std::string where = " FROM system.size_estimates WHERE keyspace_name = 'ks' AND table_name = 't'";
            QVERIFY(cluster.rows(node, "SELECT CAST(sum(partitions_count) AS int)" + where).front() != "0");
            QVERIFY(cluster.rows(node, "SELECT CAST(max(mean_partition_size) AS int)" + where).front() != "0");
            QCOMPARE(cluster.rows(node, "SELECT range_type FROM system.table_estimates WHERE keyspace_name = 'ks' AND table_name = 't'").size(),
                     2 * ranges.size());
        }
        QVERIFY(cluster.cql(0, "DROP KEYSPACE ks"));
        cluster.runFor(std::chrono::minutes(5));
        QCOMPARE(cluster.rows(0, "SELECT range_start FROM system.size_estimates WHERE keyspace_name = 'ks'"), std::vector<std::string>());
    }

    /// Every table of a system keyspace answers SELECT * on a node that has just started, and has the columns that its
    /// DESCRIBE names (cql/describe-system.cql); docs/fidelity.md tells which are always empty.
    void systemTablesAreRead_data() {
        QTest::addColumn<QString>("keyspace");
        QTest::addColumn<QString>("tables");
        const auto row = [](const char* id, const char* keyspace, const char* tables) { QTest::newRow(id) << keyspace << tables; };
        row("SYS-04", "system", "peer_events peer_events_v2");
        row("SYS-05", "system", "batches");
        row("SYS-06", "system", "paxos");
        row("SYS-07", "system", "paxos_repair_history");
        row("SYS-08", "system", "\"IndexInfo\"");
        row("SYS-09", "system", "compaction_history");
        row("SYS-10", "system", "sstable_activity");
        row("SYS-11", "system", "sstable_activity_v2");
        row("SYS-12", "system", "size_estimates");
        row("SYS-13", "system", "table_estimates");
        row("SYS-14", "system", "available_ranges available_ranges_v2");
        row("SYS-15", "system", "transferred_ranges transferred_ranges_v2");
        row("SYS-16", "system", "view_builds_in_progress");
        row("SYS-17", "system", "built_views");
        row("SYS-19", "system", "repairs");
        row("SYS-20", "system", "top_partitions");
        row("SYS-51", "system_auth", "role_members");
        row("SYS-52", "system_auth", "role_permissions");
        row("SYS-53", "system_auth", "resource_role_permissons_index");
        row("SYS-54", "system_auth", "network_permissions");
        row("SYS-55", "system_auth", "cidr_permissions cidr_groups identity_to_role");
        row("SYS-56", "system_traces", "sessions");
        row("SYS-57", "system_traces", "events");
        row("SYS-58", "system_distributed", "repair_history");
        row("SYS-59", "system_distributed", "parent_repair_history");
        row("SYS-60", "system_distributed", "view_build_status");
        row("SYS-61", "system_distributed", "partition_denylist");
        row("VRT-02", "system_views", "settings system_properties");
        row("VRT-03", "system_views", "caches");
        row("VRT-04", "system_views", "thread_pools");
        row("VRT-05", "system_views", "sstable_tasks");
        row("VRT-06", "system_views", "gossip_info");
        row("VRT-07", "system_views", "pending_hints");
        row("VRT-08", "system_views", "queries");
        row("VRT-10", "system_views", "system_logs");
        row("VRT-11", "system_views", "streaming");
        row("VRT-12", "system_views", "internode_inbound internode_outbound");
        row("VRT-13", "system_views", "batch_metrics");
        row("VRT-14", "system_views", "cql_metrics");
        row("VRT-15", "system_views", "local_read_latency local_scan_latency local_write_latency coordinator_read_latency "
                                      "coordinator_scan_latency coordinator_write_latency");
        row("VRT-16", "system_views", "tombstones_per_read rows_per_read");
        row("VRT-18", "system_views", "repairs repair_sessions repair_jobs repair_participates repair_validations");
        row("VRT-19", "system_views", "credentials_cache_keys permissions_cache_keys roles_cache_keys "
                                      "network_permissions_cache_keys jmx_permissions_cache_keys");
        row("VRT-20", "system_views", "sai_column_indexes sai_sstable_indexes sai_sstable_index_segments");
        row("VRT-21", "system_views", "cidr_filtering_metrics_counts cidr_filtering_metrics_latencies");
    }
    void systemTablesAreRead() {
        QFETCH(const QString, keyspace);
        QFETCH(const QString, tables);
        for (const QString& table : tables.split(' ')) {
            const auto answer = node().cql(0, ("SELECT * FROM " + keyspace + '.' + table).toStdString(), Consistency::One);
            QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
            const auto* rows = std::get_if<engine::cql::RowsResult>(&answer.value().result);
            QVERIFY(rows != nullptr && !rows->metadata->columns.empty());
        }
    }

private:
    /// One node for all rows of the data.
    SimCluster& node() {
        if (m_node == nullptr) {
            m_node = std::make_unique<SimCluster>(SimClusterOptions{.nodes = 1});
            m_node->start();
        }
        return *m_node;
    }
    std::unique_ptr<SimCluster> m_node;
};

QTEST_APPLESS_MAIN(SimViewsTest)
#include "sim_views_test.moc"
