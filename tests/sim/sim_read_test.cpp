#include <QtTest>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "engine/rows/partition.h"
#include "engine/types/codec.h"
#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;
using engine::runtime::Random;

namespace {

constexpr int kPartitions = 5;
constexpr int kRows = 12;

std::uint64_t seedOfRow() { return QByteArray(QTest::currentDataTag()).toULongLong(); }

/// What the table holds in truth, and what each query must therefore answer.
class Model {
public:
    void put(int k, int c, int v) { m_rows[k][c] = v; }
    void remove(int k, int c) { m_rows[k].erase(c); }
    void remove(int k, int from, int to) {
        auto& rows = m_rows[k];
        rows.erase(rows.lower_bound(from), rows.upper_bound(to));
    }
    void remove(int k) {
        m_rows.erase(k);
        m_statics.erase(k);
    }
    void putStatic(int k, int s) { m_statics[k] = s; }

    std::vector<std::string> slice(int k, std::size_t limit, bool reversed) const {
        std::vector<std::string> out;
        const auto it = m_rows.find(k);
        for (const auto& [c, v] : it == m_rows.end() ? std::map<int, int>() : it->second) {
            out.push_back(fmt::format("{} {}", c, v));
        }
        if (reversed) {
            std::reverse(out.begin(), out.end());
        }
        out.resize(std::min(out.size(), limit));
        return out;
    }
    /// The whole table in ring order.
    std::vector<std::string> all(std::size_t perPartition, std::size_t limit) const {
        std::vector<std::string> out;
        for (const int k : keys()) {
            const auto rows = slice(k, perPartition, false);
            for (const std::string& row : rows) {
                out.push_back(fmt::format("{} {}", k, row));
            }
            if (rows.empty()) {
                out.push_back(fmt::format("{} null null", k));
            }
        }
        out.resize(std::min(out.size(), limit));
        return out;
    }
    std::vector<std::string> withValue(int v, std::size_t limit) const {
        std::vector<std::string> out;
        for (const int k : keys()) {
            const auto it = m_rows.find(k);
            for (const auto& [c, value] : it == m_rows.end() ? std::map<int, int>() : it->second) {
                if (value == v) {
                    out.push_back(fmt::format("{} {}", k, c));
                }
            }
        }
        out.resize(std::min(out.size(), limit));
        return out;
    }
    std::vector<std::string> statics() const {
        std::vector<std::string> out;
        for (const int k : keys()) {
            const auto it = m_statics.find(k);
            out.push_back(fmt::format("{} {}", k, it == m_statics.end() ? "null" : std::to_string(it->second)));
        }
        return out;
    }

private:
    /// Partitions that a reader sees, in ring order.
    std::vector<int> keys() const {
        std::vector<int> out;
        for (int k = 0; k < kPartitions; ++k) {
            const auto it = m_rows.find(k);
            if ((it != m_rows.end() && !it->second.empty()) || m_statics.contains(k)) {
                out.push_back(k);
            }
        }
        std::sort(out.begin(), out.end(), [](int a, int b) { return tokenOf(a) < tokenOf(b); });
        return out;
    }
    static std::int64_t tokenOf(int k) { return engine::rows::tokenOf(engine::types::encodeInt(k)); }

    std::map<int, std::map<int, int>> m_rows;
    std::map<int, int> m_statics;
};

/// Three nodes of which each write misses one, so that every replica is stale somewhere.
class StaleCluster {
public:
    explicit StaleCluster(std::uint64_t seed, const std::string& readRepair)
        : m_cluster({.nodes = 3, .seed = seed}) {
        ready = m_cluster.start() &&
                m_cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                                 "{'class': 'SimpleStrategy', 'replication_factor': 3}").has_value() &&
                m_cluster.cql(0, "CREATE TABLE ks.t (k int, c int, v int, s int static, PRIMARY KEY (k, c)) "
                                 "WITH read_repair = '" + readRepair + "'").has_value() &&
                m_cluster.runUntil([this] { return m_cluster.schemaAgrees(); }, 10s);
    }

    /// Some writes that one node does not get: they expire before it can be reached again.
    bool writeWithout(std::size_t missing, int count) {
        m_cluster.partition({missing});
        bool done = true;
        for (int i = 0; i < count; ++i) {
            const std::size_t coordinator = (missing + 1 + random().below(2)) % 3;
            done = done && m_cluster.cql(coordinator, write(), Consistency::Two).has_value();
        }
        m_cluster.runFor(4s);
        m_cluster.heal();
        m_cluster.runFor(1s);
        return done;
    }

    Random& random() { return m_cluster.world().random(); }
    SimCluster& cluster() { return m_cluster; }
    const Model& model() const { return m_model; }
    bool ready = false;

private:
    int anyOf(int bound) { return static_cast<int>(random().below(static_cast<std::uint64_t>(bound))); }

    std::string write() {
        const int k = anyOf(kPartitions);
        const int c = anyOf(kRows);
        const int stamp = ++m_stamp;
        switch (anyOf(10)) {
            case 0: {
                const int to = c + anyOf(5);
                m_model.remove(k, c, to);
                return fmt::format("DELETE FROM ks.t USING TIMESTAMP {} WHERE k = {} AND c >= {} AND c <= {}", stamp, k, c, to);
            }
            case 1:
            case 2:
            case 3:
                m_model.remove(k, c);
                return fmt::format("DELETE FROM ks.t USING TIMESTAMP {} WHERE k = {} AND c = {}", stamp, k, c);
            case 4:
                if (anyOf(4) == 0) {
                    m_model.remove(k);
                    return fmt::format("DELETE FROM ks.t USING TIMESTAMP {} WHERE k = {}", stamp, k);
                }
                m_model.putStatic(k, stamp);
                return fmt::format("UPDATE ks.t USING TIMESTAMP {0} SET s = {0} WHERE k = {1}", stamp, k);
            default: break;
        }
        const int v = anyOf(3);
        m_model.put(k, c, v);
        return fmt::format("INSERT INTO ks.t (k, c, v) VALUES ({}, {}, {}) USING TIMESTAMP {}", k, c, v, stamp);
    }

    SimCluster m_cluster;
    Model m_model;
    int m_stamp = 0;
};

}  // namespace

/// Reads at QUORUM over replicas that are stale, each in its own way.
class SimReadTest : public QObject {
    Q_OBJECT
private slots:
    void staleReplicasTogetherTellTheTruth_data() {
        QTest::addColumn<int>("nothing");
        for (int seed = 1; seed <= 60; ++seed) {
            QTest::addRow("%d", seed) << 0;
        }
    }
    void staleReplicasTogetherTellTheTruth() {
        const std::uint64_t seed = seedOfRow();
        StaleCluster story(seed, seed % 3 == 0 ? "BLOCKING" : "NONE");
        QVERIFY(story.ready);
        for (int round = 0; round < 3; ++round) {
            for (std::size_t missing = 0; missing < 3; ++missing) {
                QVERIFY(story.writeWithout(missing, 12));
            }
            checkQueries(story);
        }
    }

    void readRepairMendsAStaleReplica_data() { staleReplicasTogetherTellTheTruth_data(); }
    void readRepairMendsAStaleReplica() {
        StaleCluster story(seedOfRow(), "BLOCKING");
        QVERIFY(story.ready);
        for (std::size_t missing = 0; missing < 3; ++missing) {
            QVERIFY(story.writeWithout(missing, 15));
        }
        SimCluster& cluster = story.cluster();
        QCOMPARE(cluster.rows(1, "SELECT k, c, v FROM ks.t", Consistency::All), story.model().all(1000, 1000));
        for (std::size_t node = 0; node < 3; ++node) {
            QCOMPARE(cluster.rows(node, "SELECT k, c, v FROM ks.t", Consistency::NodeLocal), story.model().all(1000, 1000));
        }
    }

    void aRepairThatIsForALocalLevelIsWaitedFor() {
        StaleCluster story(4, "BLOCKING");
        QVERIFY(story.ready);
        QVERIFY(story.writeWithout(2, 20));
        for (int k = 0; k < kPartitions; ++k) {
            QCOMPARE(story.cluster().rows(2, fmt::format("SELECT c, v FROM ks.t WHERE k = {}", k), Consistency::LocalQuorum),
                     story.model().slice(k, 1000, false));
        }
    }

    void whatNobodyKeepsCannotBeReadButWritten() {
        SimCluster cluster({.nodes = 2, .seed = 3});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                               "{'class': 'SimpleStrategy', 'replication_factor': 0}").has_value());
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY)").has_value());
        QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 10s));
        for (const char* query : {"SELECT k FROM ks.t WHERE k = 1", "SELECT k FROM ks.t"}) {
            const auto read = cluster.cql(0, query, Consistency::All);
            QVERIFY(!read && read.error().kind == engine::ErrorKind::Unavailable);
            QCOMPARE(read.error().message, std::string("Insufficient full replicas"));
        }
        // A write of it is content with nothing at ANY, and at ALL of nobody.
        QVERIFY(cluster.cql(0, "INSERT INTO ks.t (k) VALUES (1)", Consistency::Any).has_value());
        QVERIFY(cluster.cql(0, "INSERT INTO ks.t (k) VALUES (1)", Consistency::All).has_value());
    }

    void aTableOfOneNodeAloneHasOneReplica() {
        SimCluster cluster({.nodes = 2, .seed = 3});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "SELECT key FROM system.local", Consistency::All).has_value());
        const auto read = cluster.cql(0, "SELECT key FROM system.local", Consistency::Two);
        QVERIFY(!read && read.error().kind == engine::ErrorKind::Unavailable);
        QCOMPARE(read.error().message, std::string("Cannot achieve consistency level TWO"));
    }

    void aReplicaThatDiesDuringAReadIsReplacedBySpeculation() {
        SimCluster cluster({.nodes = 3, .seed = 9});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = "
                               "{'class': 'SimpleStrategy', 'replication_factor': 3}").has_value());
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v int) WITH speculative_retry = '50ms'").has_value());
        QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 10s));
        for (int k = 0; k < 20; ++k) {
            QVERIFY(cluster.cql(0, fmt::format("INSERT INTO ks.t (k, v) VALUES ({0}, {0})", k), Consistency::All).has_value());
        }
        cluster.partition({1});
        const auto before = cluster.world().now();
        for (int k = 0; k < 20; ++k) {
            QCOMPARE(cluster.rows(0, fmt::format("SELECT v FROM ks.t WHERE k = {}", k)), std::vector<std::string>{std::to_string(k)});
        }
        QVERIFY(cluster.world().now() - before < 3s);
    }

private:
    static void checkQueries(StaleCluster& story) {
        SimCluster& cluster = story.cluster();
        const Model& model = story.model();
        Random& random = story.random();
        for (int i = 0; i < 25; ++i) {
            const std::size_t node = random.below(3);
            const int k = static_cast<int>(random.below(kPartitions));
            const std::size_t limit = 1 + random.below(8);
            std::string query;
            std::vector<std::string> truth;
            std::int32_t page = 0;
            switch (random.below(7)) {
                case 0:
                    query = fmt::format("SELECT c, v FROM ks.t WHERE k = {} AND c >= 0 LIMIT {}", k, limit);
                    truth = model.slice(k, limit, false);
                    break;
                case 1:
                    query = fmt::format("SELECT c, v FROM ks.t WHERE k = {} AND c >= 0 ORDER BY c DESC LIMIT {}", k, limit);
                    truth = model.slice(k, limit, true);
                    break;
                case 2:
                    query = fmt::format("SELECT k, c, v FROM ks.t LIMIT {}", limit);
                    truth = model.all(1000, limit);
                    break;
                case 3:
                    query = fmt::format("SELECT k, c, v FROM ks.t PER PARTITION LIMIT {}", limit);
                    truth = model.all(limit, 1000);
                    break;
                case 4:
                    query = "SELECT DISTINCT k, s FROM ks.t";
                    truth = model.statics();
                    break;
                case 5:
                    query = fmt::format("SELECT k, c FROM ks.t WHERE v = {} LIMIT {} ALLOW FILTERING", k % 3, limit);
                    truth = model.withValue(k % 3, limit);
                    break;
                default:
                    query = "SELECT k, c, v FROM ks.t";
                    page = static_cast<std::int32_t>(limit);
                    truth = model.all(1000, 1000);
            }
            const auto got = page > 0 ? cluster.pagedRows(node, query, Consistency::Quorum, page)
                                      : cluster.rows(node, query);
            QVERIFY2(got == truth, qPrintable(described(query, got, truth)));
        }
    }

    static QString described(const std::string& query, const std::vector<std::string>& got,
                             const std::vector<std::string>& truth) {
        const auto list = [](const std::vector<std::string>& rows) {
            QStringList out;
            for (const std::string& row : rows) {
                out << QString::fromStdString(row);
            }
            return out.join(", ");
        };
        return QString::fromStdString(query) + "\n  got   " + list(got) + "\n  truth " + list(truth);
    }
};

QTEST_GUILESS_MAIN(SimReadTest)
#include "sim_read_test.moc"
