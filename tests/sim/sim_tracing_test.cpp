#include <QtTest>

#include <algorithm>
#include <chrono>
#include <set>

#include "engine/runtime/task.h"
#include "engine/types/codec.h"
#include "tests/sim/sim_cluster.h"

using namespace simtest;
using namespace std::chrono_literals;
using engine::Bytes;
using engine::Result;
using engine::Uuid;
using engine::coordinator::Answer;

namespace {

/// A client of one node that asks for traces, and for prepared statements.
class Client {
public:
    Client(SimCluster& cluster, std::size_t node) : m_cluster(cluster), m_node(node) {
        m_session.address = "10.9.9.9:51000";
    }

    Answer traced(const std::string& text, Consistency level) {
        std::optional<Result<Answer>> answer;
        m_tasks.spawn(runTraced(text, level, answer));
        m_cluster.runUntil([&] { return answer.has_value(); }, 30s);
        return answer.value().value();
    }
    engine::coordinator::PreparedAnswer prepare(const std::string& text) {
        std::optional<Result<engine::coordinator::PreparedAnswer>> answer;
        m_tasks.spawn(runPrepare(text, answer));
        m_cluster.runUntil([&] { return answer.has_value(); }, 30s);
        return answer.value().value();
    }
    Result<Answer> execute(const Bytes& id) {
        std::optional<Result<Answer>> answer;
        m_tasks.spawn(runExecute(id, answer));
        m_cluster.runUntil([&] { return answer.has_value(); }, 30s);
        return answer.value();
    }

private:
    engine::runtime::Task<void> runTraced(std::string text, Consistency level,
                                          std::optional<Result<Answer>>& out) {
        engine::cql::QueryOptions options;
        options.consistency = static_cast<std::uint16_t>(level);
        engine::coordinator::RequestInfo info;
        info.tracing = true;
        Result<Answer> answer =
            co_await m_cluster.node(m_node).queries().query(m_session, std::move(text), std::move(options), info);
        out.emplace(std::move(answer));
    }
    engine::runtime::Task<void> runPrepare(std::string text,
                                           std::optional<Result<engine::coordinator::PreparedAnswer>>& out) {
        std::string keyspace;
        auto answer = co_await m_cluster.node(m_node).queries().prepare(m_session, std::move(text), std::move(keyspace));
        out.emplace(std::move(answer));
    }
    engine::runtime::Task<void> runExecute(Bytes id, std::optional<Result<Answer>>& out) {
        engine::cql::QueryOptions options;
        engine::coordinator::RequestInfo info;
        Bytes metadataId;
        Result<Answer> answer = co_await m_cluster.node(m_node).queries().execute(
            m_session, std::move(id), std::move(metadataId), std::move(options), info);
        out.emplace(std::move(answer));
    }

    SimCluster& m_cluster;
    std::size_t m_node;
    engine::coordinator::ClientSession m_session;
    engine::runtime::TaskGroup m_tasks;
};

SimClusterOptions threeNodes() { return {.nodes = 3, .seed = 7}; }

void makeTable(SimCluster& cluster) {
    QVERIFY(cluster.start());
    QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', "
                           "'replication_factor': 3}").has_value());
    QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v text)").has_value());
    QVERIFY(cluster.runUntil([&] { return cluster.schemaAgrees(); }, 10s));
}

std::vector<std::string> activities(SimCluster& cluster, const Uuid& session) {
    return cluster.rows(0, "SELECT activity FROM system_traces.events WHERE session_id = " + session.toString(),
                        Consistency::Quorum);
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

bool isTold(SimCluster& cluster, const Uuid& session) {
    const auto rows = cluster.rows(0, "SELECT duration FROM system_traces.sessions WHERE session_id = " +
                                          session.toString());
    return rows.size() == 1 && rows.front() != "null";
}

}  // namespace

class SimTracingTest : public QObject {
    Q_OBJECT
private slots:
    /// Drivers read the events as soon as the duration is there, from whichever replica answers.
    void theEventsAreThereBeforeTheDuration() {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            SimCluster cluster({.nodes = 3, .seed = seed});
            makeTable(cluster);
            Client client(cluster, 0);
            const Answer answer = client.traced("SELECT * FROM ks.t WHERE k = 1", Consistency::One);
            QVERIFY(answer.tracingId.has_value());
            const std::string which = " WHERE session_id = " + answer.tracingId->toString();
            const auto holds = [&](std::size_t node, const std::string& what) {
                const auto rows = cluster.rows(node, "SELECT " + what + which, Consistency::NodeLocal);
                return !rows.empty() && rows.front() != "null";
            };
            std::optional<std::size_t> told;
            for (int wait = 0; !told && wait < 5000; ++wait) {
                cluster.runFor(200us);
                for (std::size_t node = 0; node < 3; ++node) {
                    if (holds(node, "duration FROM system_traces.sessions")) {
                        told = node;
                    }
                }
            }
            QVERIFY(told.has_value());
            std::size_t replicas = 0;
            for (std::size_t node = 0; node < 3; ++node) {
                replicas += holds(node, "activity FROM system_traces.events") ? 1 : 0;
            }
            QCOMPARE(replicas, std::size_t(2));
        }
    }

    void aWriteIsToldByAllItsReplicas() {
        SimCluster cluster(threeNodes());
        makeTable(cluster);
        Client client(cluster, 0);
        const Answer answer = client.traced("INSERT INTO ks.t (k, v) VALUES (1, 'x')", Consistency::Quorum);
        QVERIFY(answer.tracingId.has_value());
        QCOMPARE(answer.tracingId->version(), 1);
        cluster.runFor(1s);
        QVERIFY(isTold(cluster, *answer.tracingId));

        const auto lines = activities(cluster, *answer.tracingId);
        QCOMPARE(lines.front(), std::string("Parsing INSERT INTO ks.t (k, v) VALUES (1, 'x')"));
        QVERIFY(has(lines, "Preparing statement"));
        QVERIFY(has(lines, "Determining replicas for mutation"));
        QCOMPARE(std::count(lines.begin(), lines.end(), "Appending to commitlog"), 3);
        QCOMPARE(std::count(lines.begin(), lines.end(), "Adding to t memtable"), 3);
        QVERIFY(has(lines, "MUTATION_REQ message received from /10.0.0.1:7000"));
        QVERIFY(has(lines, "Enqueuing response to /10.0.0.1:7000"));
        QVERIFY(has(lines, "MUTATION_RSP message received from /10.0.0.2:7000"));
        QVERIFY(has(lines, "Processing response from /10.0.0.3:7000"));

        const auto sources = cluster.rows(0, "SELECT source FROM system_traces.events WHERE session_id = " +
                                                 answer.tracingId->toString());
        QCOMPARE(std::set<std::string>(sources.begin(), sources.end()).size(), std::size_t{3});
    }

    void aReadTellsRowsAndTombstones() {
        SimCluster cluster(threeNodes());
        makeTable(cluster);
        QVERIFY(cluster.cql(0, "INSERT INTO ks.t (k, v) VALUES (1, 'x')", Consistency::All).has_value());
        QVERIFY(cluster.cql(0, "DELETE v FROM ks.t WHERE k = 1", Consistency::All).has_value());
        Client client(cluster, 0);
        const Answer answer = client.traced("SELECT * FROM ks.t WHERE k = 1", Consistency::Quorum);
        cluster.runFor(1s);
        const auto lines = activities(cluster, *answer.tracingId);
        QCOMPARE(std::count(lines.begin(), lines.end(), "Executing single-partition query on t"), 2);
        QCOMPARE(std::count(lines.begin(), lines.end(), "Read 1 live rows and 1 tombstone cells"), 2);
    }

    void theDurationIsThereWhenAReplicaIsSilent() {
        SimCluster cluster(threeNodes());
        makeTable(cluster);
        cluster.partition({2});
        Client client(cluster, 0);
        const Answer answer = client.traced("INSERT INTO ks.t (k, v) VALUES (2, 'x')", Consistency::Quorum);
        cluster.runFor(1s);
        QVERIFY(isTold(cluster, *answer.tracingId));
    }

    void whatIsNotAskedForIsNotTraced() {
        SimCluster cluster(threeNodes());
        makeTable(cluster);
        const auto answer = cluster.cql(0, "INSERT INTO ks.t (k, v) VALUES (3, 'x')");
        QVERIFY(answer.has_value() && !answer.value().tracingId);
        cluster.runFor(1s);
        QVERIFY(cluster.rows(0, "SELECT session_id FROM system_traces.sessions").empty());
    }

    /// NET-22, SYS-18, ERR-82
    void preparedStatementsOutliveARestart() {
        SimCluster cluster({.nodes = 1, .seed = 7});
        QVERIFY(cluster.start());
        QVERIFY(cluster.cql(0, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', "
                               "'replication_factor': 1}", Consistency::One).has_value());
        QVERIFY(cluster.cql(0, "CREATE TABLE ks.t (k int PRIMARY KEY, v text)", Consistency::One).has_value());
        Bytes id;
        {
            Client client(cluster, 0);
            id = client.prepare("SELECT * FROM ks.t").id;
            QVERIFY(client.execute(id).has_value());
        }
        cluster.crash(0, {.processOnly = true});
        cluster.startNode(0);
        QVERIFY(cluster.runUntil([&] { return cluster.isReady(0); }, 30s));
        Client client(cluster, 0);
        QVERIFY(client.execute(id).has_value());
        const auto unknown = client.execute("no such id");
        QVERIFY(unknown.has_error());
        QVERIFY(unknown.error().kind == engine::ErrorKind::Unprepared);
        QVERIFY(QString::fromStdString(unknown.error().message).startsWith("Prepared query with ID "));
    }
};

QTEST_GUILESS_MAIN(SimTracingTest)
#include "sim_tracing_test.moc"
