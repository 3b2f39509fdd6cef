#include <QtTest>

#include <algorithm>
#include <chrono>

#include "engine/client/async_client.h"
#include "engine/types/codec.h"
#include "tests/sim/sim_cluster.h"

using namespace engine;
using namespace simtest;
using namespace std::chrono_literals;

namespace {

/// A cluster, and a machine of its own for clients that speak the native protocol to it.
struct Fixture {
    explicit Fixture(std::uint64_t seed) : cluster({.nodes = 3, .seed = seed}) {
        machine = &cluster.world().addMachine("client", {"10.0.1.1"});
        started = cluster.start();
    }
    std::unique_ptr<client::AsyncClient> connect(std::size_t node) {
        client::ConnectOptions options;
        options.contact = runtime::Endpoint("10.0.0." + std::to_string(node + 1), 9042);
        auto connected = sim::runUntilDone(cluster.world(), client::AsyncClient::connect(machine->doors(), options), 30s);
        return connected && *connected ? std::move(*connected).value() : nullptr;
    }
    Result<client::QueryAnswer> execute(client::AsyncClient& client, const std::string& text,
                                        Consistency level = Consistency::Quorum) {
        client::Query query;
        query.text = text;
        query.consistency = static_cast<std::uint16_t>(level);
        auto answer = sim::runUntilDone(cluster.world(), client.execute(std::move(query)), 60s);
        return answer ? std::move(*answer) : Result<client::QueryAnswer>(makeError(ErrorKind::Timeout, "no answer at all"));
    }
    bool listen(client::AsyncClient& client) {
        const auto done = sim::runUntilDone(
            cluster.world(),
            client.listen({"TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE"},
                          [this](const client::EventReply& event) { events.push_back(event); }),
            10s);
        return done && *done;
    }

    SimCluster cluster;
    sim::SimMachine* machine = nullptr;
    bool started = false;
    std::vector<client::EventReply> events;
};

constexpr const char* kKeyspace = "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}";

}  // namespace

/// Whole nodes as a client sees them: through sockets and the native protocol, all of it simulated.
class SimClientTest : public QObject {
    Q_OBJECT
private slots:
    void aClientWritesOnOneNodeAndReadsOnAnother() {
        Fixture f(1);
        QVERIFY(f.started);
        const auto first = f.connect(0);
        const auto second = f.connect(1);
        QVERIFY(first && second);
        QVERIFY(f.execute(*first, kKeyspace).has_value());
        QVERIFY(f.execute(*first, "CREATE TABLE ks.t (k int PRIMARY KEY, v text)").has_value());
        QVERIFY(f.execute(*first, "INSERT INTO ks.t (k, v) VALUES (1, 'x')").has_value());
        const auto answer = f.execute(*second, "SELECT v FROM ks.t WHERE k = 1");
        QVERIFY2(answer.has_value(), answer ? "" : answer.error().message.c_str());
        QCOMPARE(*std::get<cql::RowsResult>(answer.value().result).rows.at(0).at(0), Bytes("x"));
    }

    void aRequestWhoseNodeDiesEndsWithAnError() {
        Fixture f(2);
        const auto client = f.connect(0);
        QVERIFY(client);
        QVERIFY(f.execute(*client, kKeyspace).has_value());
        QVERIFY(f.execute(*client, "CREATE TABLE ks.t (k int PRIMARY KEY)").has_value());
        f.cluster.partition({0, 3});  // The coordinator keeps its client and waits for the others in vain.
        runtime::TaskGroup tasks;
        std::optional<Result<client::QueryAnswer>> answer;
        client::Query query;
        query.text = "INSERT INTO ks.t (k) VALUES (1)";
        query.consistency = static_cast<std::uint16_t>(Consistency::Quorum);
        tasks.spawn(sim::detail::finishInto(client->execute(std::move(query)), answer));
        f.cluster.runFor(500ms);
        QVERIFY(!answer);
        f.cluster.crash(0, {.processOnly = true});
        QVERIFY(f.cluster.runUntil([&] { return answer.has_value(); }, 15s));
        QVERIFY(!*answer);
    }

    void clientsHearOfNodesAndOfTheSchema() {
        Fixture f(3);
        const auto client = f.connect(0);
        QVERIFY(client && f.listen(*client));
        const auto other = f.connect(1);
        QVERIFY(f.execute(*other, kKeyspace).has_value());
        f.cluster.runFor(1s);
        QVERIFY(heard(f, "SCHEMA_CHANGE", "CREATED"));
        f.cluster.crash(2);
        QVERIFY(f.cluster.runUntil([&] { return heard(f, "STATUS_CHANGE", "DOWN"); }, 60s));
        f.events.clear();
        f.cluster.startNode(2);
        QVERIFY(f.cluster.runUntil([&] { return heard(f, "STATUS_CHANGE", "UP"); }, 60s));
        f.events.clear();
        f.cluster.stop(1);
        QVERIFY(f.cluster.runUntil([&] { return heard(f, "STATUS_CHANGE", "DOWN"); }, 2s));
    }

private:
    static bool heard(const Fixture& f, const std::string& kind, const std::string& change) {
        return std::any_of(f.events.begin(), f.events.end(), [&](const client::EventReply& event) {
            return event.type == kind && (event.change == change || event.schema.change == change);
        });
    }
};

QTEST_GUILESS_MAIN(SimClientTest)
#include "sim_client_test.moc"
