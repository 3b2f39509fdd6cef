#include <QtTest>

#include <variant>

#include "engine/observe/event.h"
#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;
using namespace engine;

namespace {

/// What a request's coordinator told of it, by the statement.
struct Told {
    observe::RequestStarted started;
    std::vector<observe::AckCounted> acks;
    std::uint32_t met = 0;
};

class Witness {
public:
    explicit Witness(SimCluster& cluster) {
        cluster.onEvent([this](std::size_t, const observe::Event& event) {
            if (const auto* body = std::get_if<observe::RequestStarted>(&event.body)) {
                m_told[body->request].started = *body;
            } else if (const auto* ack = std::get_if<observe::AckCounted>(&event.body)) {
                m_told[ack->request].acks.push_back(*ack);
            } else if (const auto* met = std::get_if<observe::LevelMet>(&event.body)) {
                m_told[met->request].met = met->received;
            }
        });
    }
    Told of(const std::string& statement) const {
        for (const auto& [id, told] : m_told) {
            if (told.started.statement == statement) {
                return told;
            }
        }
        return {};
    }

private:
    std::map<Uuid, Told> m_told;
};

void makeTable(SimCluster& cluster) {
    QVERIFY(cluster.start());
    QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', "
                           "'replication_factor': 3}").has_value());
    QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v int)").has_value());
    QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 10s));
    QVERIFY(cluster.cql(0, "INSERT INTO ks.t (k, v) VALUES (1, 1)", Consistency::All).has_value());
}

}  // namespace

/// What nodes tell of requests, as the explorer's captions count it.
class SimEventsTest : public QObject {
    Q_OBJECT
private slots:
    void aNodeLocalReadIsMetByTheNodeItself() {
        SimCluster cluster({.nodes = 3, .seed = 3});
        makeTable(cluster);
        const Witness witness(cluster);
        const std::string select = "SELECT v FROM ks.t WHERE k = 1";
        QCOMPARE(cluster.rows(2, select, Consistency::NodeLocal), std::vector<std::string>{"1"});
        const Told told = witness.of(select);
        QCOMPARE(told.started.required, 1u);
        QCOMPARE(told.started.replicas.size(), std::size_t(3));
        QCOMPARE(told.started.contacted, std::vector<std::string>{cluster.nameOf(2)});
        QCOMPARE(told.acks.size(), std::size_t(1));
        QCOMPARE(told.acks[0].replica, cluster.nameOf(2));
        QVERIFY(told.acks[0].counted);
        QCOMPARE(told.acks[0].order, 1u);
        QCOMPARE(told.met, 1u);
    }

    void aReadOfALocalKeyspaceIsMetByTheNodeItself() {
        SimCluster cluster({.nodes = 3, .seed = 3});
        makeTable(cluster);
        const Witness witness(cluster);
        const std::string select = "SELECT key FROM system.local";
        QVERIFY(cluster.cql(1, select, Consistency::Quorum).has_value());
        const Told told = witness.of(select);
        QCOMPARE(told.started.required, 1u);
        QVERIFY(told.started.replicas.empty());
        QCOMPARE(told.started.contacted, std::vector<std::string>{cluster.nameOf(1)});
        QCOMPARE(told.acks.size(), std::size_t(1));
        QCOMPARE(told.met, 1u);
    }

    /// Half of the older file's keys are written again. Of a table with clustering columns nobody can tell.
    void newerFilesReplaceWhatOlderOnesHave() {
        SimCluster cluster({.nodes = 1, .seed = 3});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}").has_value());
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.one (k int PRIMARY KEY, v int) WITH memtable_flush_period_in_ms = 2000").has_value());
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.many (k int, c int, PRIMARY KEY (k, c)) WITH memtable_flush_period_in_ms = 2000").has_value());
        std::map<std::pair<std::string, std::uint64_t>, double> replaced;
        cluster.onEvent([&](std::size_t, const observe::Event& event) {
            if (const auto* file = std::get_if<observe::SstableAdded>(&event.body)) {
                replaced[{file->table, file->generation}] = file->replaced;
            }
        });
        for (const int keys : {100, 50}) {
            for (int key = 0; key < keys; ++key) {
                QVERIFY(cluster.cql(0, "INSERT INTO ks.one (k, v) VALUES (" + std::to_string(key) + ", 1)").has_value());
                QVERIFY(cluster.cql(0, "INSERT INTO ks.many (k, c) VALUES (" + std::to_string(key) + ", 1)").has_value());
            }
            cluster.runFor(5s);
        }
        QCOMPARE((replaced[{"one", 1}]), .5);
        QCOMPARE((replaced[{"one", 2}]), 0.);
        QCOMPARE((replaced[{"many", 1}]), -1.);
    }

    void aQuorumReadCountsEachAnswerOnce() {
        SimCluster cluster({.nodes = 3, .seed = 3});
        makeTable(cluster);
        const Witness witness(cluster);
        const std::string select = "SELECT v FROM ks.t WHERE k = 1";
        QVERIFY(cluster.cql(0, select, Consistency::Quorum).has_value());
        cluster.runFor(1s);
        const Told told = witness.of(select);
        QCOMPARE(told.started.required, 2u);
        QCOMPARE(told.acks.size(), std::size_t(2));
        QCOMPARE(told.met, 2u);
    }
};

QTEST_GUILESS_MAIN(SimEventsTest)
#include "sim_events_test.moc"
