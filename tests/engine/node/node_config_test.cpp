#include "engine/node/node_config.h"

#include <QtTest>

#include "engine/node/effective_settings.h"
#include "engine/sim/disk.h"

using namespace engine;
using namespace engine::node;
using namespace std::chrono_literals;

namespace {

constexpr const char* kFolders = "data_file_directories: /d\ncommitlog_directory: /c\n";

Result<NodeConfig> load(const std::string& text) {
    sim::SimDisk disk(1);
    if (const auto written = runtime::writeFileAtomically(disk, "/cassandra.yaml", text); !written) {
        return written.error();
    }
    return loadConfig(disk, "/cassandra.yaml");
}

}  // namespace

class NodeConfigTest : public QObject {
    Q_OBJECT
private slots:
    void failuresChangesAndTombstonesAreSet() {
        const auto config = load(std::string(kFolders) +
                                 "commit_failure_policy: ignore\ndisk_failure_policy: best_effort\n"
                                 "cdc_enabled: true\ncdc_total_space: 64MiB\ncdc_block_writes: false\n"
                                 "tombstone_warn_threshold: 10\ntombstone_failure_threshold: -1\n");
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        const storage::StorageOptions& c = config.value().storage;
        QVERIFY(c.commitFailurePolicy == storage::CommitFailurePolicy::Ignore);
        QVERIFY(c.diskFailurePolicy == storage::DiskFailurePolicy::BestEffort);
        QVERIFY(c.cdc.enabled && !c.cdc.blockWrites);
        QCOMPARE(c.cdc.totalBytes, std::uint64_t(64) << 20);
        QCOMPARE(c.cdc.folder, std::string("//cdc_raw"));
        QCOMPARE(c.tombstoneWarnThreshold, 10u);
        QCOMPARE(c.tombstoneFailureThreshold, 0x7fffffffu);
        const auto refused = load(std::string(kFolders) + "commit_failure_policy: best_effort\n");
        QCOMPARE(refused.error().message,
                 std::string("/cassandra.yaml:3: commit_failure_policy: 'best_effort' is none of die, "
                             "stop, stop_commit, ignore"));
    }

    /// CFG-17.
    void aTableFlushesAtItsPartOfTheMemtables() {
        const auto byDefault = load(kFolders).value().storage;
        QCOMPARE(byDefault.memtableTotalBytes, std::uint64_t(256) << 20);
        QCOMPARE(byDefault.memtableBytes, std::uint64_t(64) << 20);
        const auto config = load(std::string(kFolders) + "memtable_heap_space: 1MiB\nkey_cache_size: 3MiB\n").value();
        QCOMPARE(config.storage.memtableTotalBytes, std::uint64_t(1) << 20);
        QCOMPARE(config.storage.memtableBytes, std::uint64_t(256) << 10);
        QCOMPARE(config.storage.keyCacheBytes, std::uint64_t(3) << 20);
        const auto half = load(std::string(kFolders) + "memtable_cleanup_threshold: 0.5\nmemtable_heap_space: 8MiB\n").value();
        QCOMPARE(half.storage.memtableBytes, std::uint64_t(4) << 20);
        QCOMPARE(effectiveSettings(half).at("memtable_heap_space"), std::string("8MiB"));
        QCOMPARE(effectiveSettings(half).at("memtable_cleanup_threshold"), std::string("0.5"));
        QCOMPARE(load(std::string(kFolders) + "memtable_cleanup_threshold: 1.5\n").error().message,
                 std::string("/cassandra.yaml:3: memtable_cleanup_threshold: memtable_cleanup_threshold must be "
                             "between 0.01 and 0.99, but was 1.5"));
    }

    void namesOfOlderVersionsAreKnown() {
        const auto loaded = load(std::string(kFolders) +
                                 "commitlog_segment_size_in_mb: 4\ncompaction_throughput_mb_per_sec: 7\n"
                                 "write_request_timeout_in_ms: 1500\ncolumn_index_size_in_kb: 4\nbatch_size_warn_threshold_in_kb: 9\n");
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().message.c_str());
        const NodeConfig& config = loaded.value();
        QVERIFY(config.unknown.empty());
        QCOMPARE(config.storage.segmentBytes, std::uint64_t(4) << 20);
        QCOMPARE(config.storage.compaction.bytesPerSecond, std::uint64_t(7) << 20);
        QCOMPARE(config.storage.columnIndexBytes, std::uint64_t(4) << 10);
        QVERIFY(config.timeouts.write == std::chrono::milliseconds(1500));
        QCOMPARE(config.batchLimits.warnBytes, std::uint64_t(9) << 10);
        QCOMPARE(load(std::string(kFolders) + "cdc_total_space: 1MiB\ncdc_total_space_in_mb: 2\n").error().message,
                 std::string("/cassandra.yaml:4: Config contains both old and new keys for the same configuration "
                             "parameters, migrate old -> new: [cdc_total_space_in_mb -> cdc_total_space]"));
    }

    /// CFG-47.
    void guardrailsAreSetInTheUnitsOfCassandra() {
        const auto config = load(std::string(kFolders) +
                                 "tables_warn_threshold: 3\ntables_fail_threshold: 5\n"
                                 "collection_size_warn_threshold: 200B\nminimum_timestamp_fail_threshold: 1d\n"
                                 "table_properties_disallowed: [cdc, GC_grace_seconds]\n"
                                 "read_consistency_levels_warned:\n  - all\n  - EACH_QUORUM\n"
                                 "drop_keyspace_enabled: false\nno_such_guardrail_enabled: true\n");
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        const cql::GuardrailSettings& g = config.value().guardrails;
        QCOMPARE(g.tables.warn, std::int64_t(3));
        QCOMPARE(g.tables.fail, std::int64_t(5));
        QCOMPARE(g.collectionSize.warn, std::int64_t(200));
        QCOMPARE(g.collectionSize.fail, std::int64_t(-1));
        QCOMPARE(g.minimumTimestamp.fail, std::int64_t(86'400'000'000));
        QCOMPARE(g.tableProperties.disallowed, (std::vector<std::string>{"cdc", "gc_grace_seconds"}));
        QCOMPARE(g.readConsistencyLevels.warned, (std::vector<std::string>{"ALL", "EACH_QUORUM"}));
        QVERIFY(!g.dropKeyspace && g.dropTruncateTable);
        QCOMPARE(config.value().unknown, std::vector<std::string>{"no_such_guardrail_enabled"});
        const auto shown = effectiveSettings(config.value());
        QCOMPARE(shown.at("table_properties_disallowed"), std::string("[cdc, gc_grace_seconds]"));
        QCOMPARE(shown.at("collection_size_warn_threshold"), std::string("200B"));
        QCOMPARE(shown.at("sai_string_term_size_fail_threshold"), std::string("8KiB"));
        QVERIFY(!shown.contains("no_such_guardrail_enabled"));
    }

    void guardrailsThatMakeNoSenseAreRefused() {
        const auto refusal = [](const char* line) { return load(std::string(kFolders) + line).error().message; };
        QCOMPARE(refusal("page_size_warn_threshold: -2\n"),
                 std::string("/cassandra.yaml:3: page_size_warn_threshold: '-2' is not a whole number from -1 (no limit) "
                             "to 2147483647"));
        QCOMPARE(refusal("write_consistency_levels_warned: [MOST]\n"),
                 std::string("/cassandra.yaml:3: write_consistency_levels_warned: 'MOST' is not a consistency level"));
        QCOMPARE(refusal("group_by_enabled: maybe\n"),
                 std::string("/cassandra.yaml:3: group_by_enabled: 'maybe' is not true or false"));
        QCOMPARE(refusal("tables_warn_threshold: 5\ntables_fail_threshold: 3\n"),
                 std::string("/cassandra.yaml: The warn threshold 5 for tables_warn_threshold should be lower than the "
                             "fail threshold 3"));
    }

    void limitsOfClientsAreSet() {
        const auto config = load(std::string(kFolders) +
                                 "native_transport_max_concurrent_connections: 12\n"
                                 "native_transport_max_concurrent_connections_per_ip: -1\n"
                                 "native_transport_max_frame_size: 1MiB\n"
                                 "native_transport_max_request_data_in_flight: 8MiB\n"
                                 "native_transport_max_request_data_in_flight_per_ip: 2MiB\n"
                                 "native_transport_idle_timeout: 30s\nnative_transport_allow_older_protocols: false\n");
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        const native::NativeOptions& c = config.value().clients;
        QCOMPARE(c.limits.maxConnections, std::size_t(12));
        QCOMPARE(c.limits.maxConnectionsPerAddress, native::NativeLimits::kUnlimited);
        QCOMPARE(c.limits.maxEnvelopeBytes, std::size_t(1) << 20);
        QCOMPARE(c.limits.maxRequestBytes, std::size_t(8) << 20);
        QCOMPARE(c.limits.maxRequestBytesPerAddress, std::size_t(2) << 20);
        QVERIFY(c.idleTimeout == std::chrono::seconds(30) && !c.allowOlderProtocols);
    }

    void archivingIsReadFromTheFileBeside() {
        sim::SimDisk disk(1);
        QVERIFY(runtime::writeFileAtomically(disk, "/cassandra.yaml", kFolders).has_value());
        const std::string path = "/commitlog_archiving.properties";
        QVERIFY(runtime::writeFileAtomically(disk, path, "archive_command=ln %path /b/%name\n").has_value());
        const auto config = loadConfig(disk, "/cassandra.yaml");
        QVERIFY(config.has_value());
        QVERIFY(config.value().storage.archive.archives());
        QVERIFY(runtime::writeFileAtomically(disk, path, "precision=WEEKS\n").has_value());
        const std::string refused = loadConfig(disk, "/cassandra.yaml").error().message;
        QVERIFY2(refused.find(path + ": precision: 'WEEKS'") != std::string::npos, refused.c_str());
    }

    void settingsAreTaken() {
        const auto config = load(std::string(kFolders) +
                                 "cluster_name: demo\nlisten_address: 127.0.0.2\nstorage_port: 7001\n"
                                 "rpc_address: 127.0.0.2\nnative_transport_port: 9043\nseeds: \"127.0.0.1:7001, 127.0.0.2:7001\"\n"
                                 "initial_token: -5,7\nread_request_timeout: 3000ms\nwrite_request_timeout: 2s\n"
                                 "commitlog_sync: batch\ncommitlog_segment_size: 8MiB\n");
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        const NodeConfig& c = config.value();
        QCOMPARE(c.clusterName, std::string("demo"));
        QCOMPARE(c.internode.toString(), std::string("127.0.0.2:7001"));
        QCOMPARE(c.native.toString(), std::string("127.0.0.2:9043"));
        QCOMPARE(c.seeds, (std::vector<std::string>{"127.0.0.1:7001", "127.0.0.2:7001"}));
        QCOMPARE(c.initialTokens, (std::vector<std::int64_t>{-5, 7}));
        QVERIFY(c.timeouts.read == 3s && c.timeouts.write == 2s);
        QVERIFY(c.storage.sync == storage::CommitLogSync::Batch);
        QCOMPARE(c.storage.segmentBytes, std::uint64_t(8) << 20);
        QVERIFY(c.unknown.empty());
        QCOMPARE(c.settings.at("read_request_timeout"), std::string("3000ms"));
    }

    void unknownSettingsAreKeptAside() {
        const auto config = load(std::string(kFolders) + "repair_session_space: 16MiB\n");
        QVERIFY(config.has_value());
        QCOMPARE(config.value().unknown, std::vector<std::string>{"repair_session_space"});
    }

    void mistakesNameFileLineSettingAndWhatIsWanted_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("duration") << QByteArray("read_request_timeout: soon")
                                  << QByteArray("/cassandra.yaml:3: read_request_timeout: 'soon' is not a duration");
        QTest::newRow("port") << QByteArray("storage_port: 70000")
                              << QByteArray("storage_port: '70000' is not a whole number from 0 to 65535");
        QTest::newRow("token") << QByteArray("initial_token: 1,x") << QByteArray("initial_token: 'x' is not a token");
        QTest::newRow("size") << QByteArray("commitlog_segment_size: 8 bananas") << QByteArray("is not a size such as");
        QTest::newRow("sync") << QByteArray("commitlog_sync: often") << QByteArray("'often' is not periodic, group or batch");
        QTest::newRow("not YAML") << QByteArray("a: [") << QByteArray("/cassandra.yaml:");
        QTest::newRow("vast number") << QByteArray("read_request_timeout: 99999999999999d")
                                     << QByteArray("read_request_timeout: '99999999999999d' is not a duration");
    }
    void mistakesNameFileLineSettingAndWhatIsWanted() {
        QFETCH(const QByteArray, line);
        QFETCH(const QByteArray, words);
        const auto config = load(kFolders + line.toStdString() + "\n");
        QVERIFY(!config);
        QVERIFY(config.error().kind == ErrorKind::Config);
        QVERIFY2(QByteArray::fromStdString(config.error().message).contains(words), config.error().message.c_str());
    }

    void foldersMustBeNamed() {
        const auto config = load("cluster_name: demo\n");
        QVERIFY(!config);
        QVERIFY(config.error().message.find("data_file_directories") != std::string::npos);
        QVERIFY(!load("just words\n"));
    }
};

QTEST_GUILESS_MAIN(NodeConfigTest)
#include "node_config_test.moc"
