#include <QtTest>

#include "engine/runtime/real_runtime.h"

using namespace engine;
using namespace engine::runtime;
using namespace std::chrono_literals;

namespace {

const Endpoint kAnyPort{"127.0.0.1", 0};

using Connections = std::vector<std::shared_ptr<Connection>>;

/// Sends back what comes in, on each connection until its other side ends it.
class EchoServer {
public:
    explicit EchoServer(Network& network, const Endpoint& at = kAnyPort) {
        auto listener = network.listen(at, [this](std::shared_ptr<Connection> c) { serve(std::move(c)); });
        m_listener = std::move(listener.value());
    }
    Endpoint address() const { return m_listener->local(); }
    const Connections& connections() const { return m_connections; }
    const std::vector<std::string>& endings() const { return m_endings; }

private:
    void serve(std::shared_ptr<Connection> connection) {
        Connection* raw = connection.get();
        m_connections.push_back(std::move(connection));
        raw->start([raw](BytesView bytes) { raw->send(Bytes(bytes)); },
                   [this](const std::string& reason) { m_endings.push_back(reason); });
    }

    std::unique_ptr<Listener> m_listener;
    Connections m_connections;
    std::vector<std::string> m_endings;
};

struct Received {
    Bytes bytes;
    std::optional<std::string> ending;
};

void collect(Connection& connection, Received& into) {
    connection.start([&into](BytesView bytes) { into.bytes.append(bytes); },
                     [&into](const std::string& reason) { into.ending = reason; });
}

Task<bool> waitFor(Clock& clock, std::function<bool()> condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) {
        co_await sleep(clock, 1ms);
    }
    co_return condition();
}

Bytes pattern(std::size_t size) {
    Bytes out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        out[i] = static_cast<char>(i * 31 + i / 251);
    }
    return out;
}

}  // namespace

class RealNetworkTest : public QObject {
    Q_OBJECT

    RealRuntime m_runtime;
    Runtime m_doors = m_runtime.doors();

    Result<std::shared_ptr<Connection>> connect(const Endpoint& to, const Endpoint& from = {}) {
        return runUntilDone(m_runtime, m_doors.network.connect(from, to, 2s));
    }
    bool wait(std::function<bool()> condition) {
        return runUntilDone(m_runtime, waitFor(m_doors.clock, std::move(condition)));
    }

private slots:
    void echoesSmallAndLargeMessages() {
        const EchoServer server(m_doors.network);
        const auto connection = connect(server.address()).value();
        Received received;
        collect(*connection, received);
        Bytes sent;
        for (const std::size_t size : {1, 100, 5000, 3, 70'000, 2'000'000, 10}) {
            sent += pattern(size);
            connection->send(pattern(size));
        }
        QCOMPARE(connection->unsentBytes(), sent.size());
        QVERIFY(wait([&] { return received.bytes.size() >= sent.size(); }));
        QVERIFY(received.bytes == sent);
        QCOMPARE(connection->unsentBytes(), std::size_t(0));
        QCOMPARE(connection->remote(), server.address());
        QCOMPARE(server.connections()[0]->remote(), connection->local());
    }

    void closingSendsWhatIsQueuedFirst() {
        const EchoServer server(m_doors.network);
        auto connection = connect(server.address()).value();
        Received received;
        QVERIFY(wait([&] { return server.connections().size() == 1; }));
        collect(*connection, received);
        const Bytes large = pattern(3'000'000);
        server.connections()[0]->send(large);
        server.connections()[0]->close();
        server.connections()[0]->send("too late");
        QVERIFY(wait([&] { return received.ending.has_value(); }));
        QVERIFY(received.bytes == large);
        QCOMPARE(*received.ending, std::string("closed by the other side"));
        QVERIFY(server.endings().empty());  // No handler runs after one's own close().
    }

    void anAnswerSurvivesUnreadInput() {
        Connections accepted;
        const auto listener = m_doors.network.listen(kAnyPort, [&](std::shared_ptr<Connection> c) {
            Connection* raw = c.get();
            accepted.push_back(std::move(c));
            raw->start(
                [raw](BytesView) {
                    raw->send("refused");
                    raw->close();
                },
                [](const std::string&) {});
        });
        const auto connection = connect(listener.value()->local()).value();
        Received received;
        collect(*connection, received);
        connection->send(pattern(1'000'000));
        QVERIFY(wait([&] { return received.ending.has_value(); }));
        QCOMPARE(received.bytes, Bytes("refused"));
    }

    void droppingTheHandleClosesForTheOtherSide() {
        const EchoServer server(m_doors.network);
        connect(server.address()).value().reset();
        QVERIFY(wait([&] { return server.connections().size() == 1; }));
        QVERIFY(wait([&] { return server.endings().size() == 1; }));
    }

    void closingNowDropsWhatIsQueued() {
        const EchoServer server(m_doors.network);
        const auto connection = connect(server.address()).value();
        connection->send("never sent");
        connection->close(true);
        QCOMPARE(connection->unsentBytes(), std::size_t(0));
        QVERIFY(wait([&] { return server.endings().size() == 1; }));
        QCOMPARE(server.endings()[0], std::string("connection reset by peer"));
    }

    void aPausedConnectionReadsNothing() {
        const EchoServer server(m_doors.network);
        const auto connection = connect(server.address()).value();
        Received received;
        connection->pauseReading(true);
        collect(*connection, received);
        connection->send("hello");
        QVERIFY(wait([n = 0]() mutable { return ++n > 20; }));
        QVERIFY(received.bytes.empty());
        connection->pauseReading(false);
        QVERIFY(wait([&] { return received.bytes == "hello"; }));
    }

    void comesFromTheAddressAskedFor() {
        const EchoServer server(m_doors.network, {"127.0.0.3", 0});
        const auto connection = connect(server.address(), {"127.0.0.2", 0}).value();
        QCOMPARE(connection->local().host, std::string("127.0.0.2"));
        QVERIFY(wait([&] { return server.connections().size() == 1; }));
        QCOMPARE(server.connections()[0]->remote().host, std::string("127.0.0.2"));
    }

    void refusalNamesTheAddress() {
        Endpoint nobody;
        { nobody = EchoServer(m_doors.network).address(); }
        const auto refused = connect(nobody);
        QCOMPARE(QString::fromStdString(refused.error().message),
                 QString("cannot connect to 127.0.0.1:%1: connection refused").arg(nobody.port));
        QVERIFY(refused.error().kind == ErrorKind::Io);
        QCOMPARE(connect({"localhost", 1}).error().message,
                 std::string("cannot connect to localhost:1: not a numeric address"));
    }

    void aPortInUseIsNamed() {
        const EchoServer server(m_doors.network);
        const auto second = m_doors.network.listen(server.address(), [](auto) {});
        QCOMPARE(QString::fromStdString(second.error().message),
                 QString("cannot listen on 127.0.0.1:%1: address already in use").arg(server.address().port));
        QCOMPARE(m_doors.network.listen({"203.0.113.9", 0}, [](auto) {}).error().message,
                 std::string("cannot listen on 203.0.113.9:0: cannot assign requested address"));
    }

    void aFrameDestroyedWhileConnectingLeavesNothing() {
        const EchoServer server(m_doors.network);
        {
            TaskGroup group;
            std::optional<Result<std::shared_ptr<Connection>>> out;
            group.spawn(store(m_doors.network.connect({}, server.address(), 2s), out));
            QCOMPARE(group.running(), std::size_t(1));
        }
        QVERIFY(wait([n = 0]() mutable { return ++n > 20; }));
    }

    void aConnectionHeldByItsOwnHandlersDiesWithTheRuntime() {
        const auto alive = std::make_shared<int>(0);
        {
            RealRuntime runtime;
            const EchoServer server(runtime.doors().network);
            auto connection =
                runUntilDone(runtime, runtime.doors().network.connect({}, server.address(), 2s)).value();
            auto* raw = connection.get();
            raw->start([connection, alive](BytesView) {}, [](const std::string&) {});
            connection.reset();
            QCOMPARE(alive.use_count(), 2L);
        }
        QCOMPARE(alive.use_count(), 1L);
    }

private:
    static Task<void> store(Task<Result<std::shared_ptr<Connection>>> task,
                            std::optional<Result<std::shared_ptr<Connection>>>& out) {
        out.emplace(co_await task);
    }
};

QTEST_GUILESS_MAIN(RealNetworkTest)
#include "real_network_test.moc"
