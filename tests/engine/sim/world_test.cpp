#include "engine/sim/world.h"

#include <QtTest>

#include "engine/sim/machine.h"
#include "engine/sim/network.h"

using namespace engine;
using namespace engine::runtime;
using namespace engine::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPort = 7000;

/// A node in small: answers each 8-byte message with the same bytes, and once a second sends one
/// to its peer, connecting anew when it must. Keeps what it received in a file.
class EchoNode {
public:
    EchoNode(Runtime doors, std::string address, std::string peer)
        : m_doors(doors), m_address(std::move(address)), m_peer(std::move(peer)) {
        m_listener = m_doors.network.listen({m_address, kPort}, [this](auto c) { serve(std::move(c)); })
                         .value();
        m_tasks.spawn(run());
    }
    int answers() const { return m_answers; }
    int failures() const { return m_failures; }

private:
    void serve(std::shared_ptr<Connection> connection) {
        Connection* raw = connection.get();
        m_accepted.push_back(std::move(connection));
        raw->start([raw](BytesView bytes) { raw->send(Bytes(bytes)); }, [](const std::string&) {});
    }

    Task<void> run() {
        for (;;) {
            if (!m_out) {
                auto connected = co_await m_doors.network.connect({}, {m_peer, kPort}, 2s);
                if (connected) {
                    use(connected.value());
                } else {
                    ++m_failures;
                }
            }
            if (m_out) {
                ByteWriter message;
                message.u64(m_doors.random.next());
                m_out->send(message.take());
            }
            co_await sleep(m_doors.clock, 1s);
            co_await offload(m_doors.executor, [this] { record(); });
        }
    }

    void use(std::shared_ptr<Connection> connection) {
        m_out = std::move(connection);
        m_out->start([this](BytesView bytes) { m_answers += static_cast<int>(bytes.size()); },
                     [this](const std::string&) {
                         ++m_failures;
                         m_out.reset();
                     });
    }

    void record() {
        auto file = m_doors.files.open("/log", OpenMode::Append).value();
        QVERIFY(file->append(std::to_string(m_doors.clock.wallMicros())).has_value());
        QVERIFY(file->sync().has_value());
    }

    Runtime m_doors;
    std::string m_address;
    std::string m_peer;
    std::unique_ptr<Listener> m_listener;
    std::vector<std::shared_ptr<Connection>> m_accepted;
    std::shared_ptr<Connection> m_out;
    int m_answers = 0;
    int m_failures = 0;
    TaskGroup m_tasks;
};

/// Two nodes that talk, a crash, a cut and a restart.
struct Story {
    std::uint64_t digest = 0;
    std::vector<std::string> lines;
    Bytes log;
};

Story tell(std::uint64_t seed) {
    Story story;
    SimWorld world(seed);
    world.onTrace([&](const std::string& line) { story.lines.push_back(line); });
    SimMachine& a = world.addMachine("a", {"10.0.0.1", "127.0.0.1"});
    SimMachine& b = world.addMachine("b", {"10.0.0.2"});
    auto nodeA = std::make_unique<EchoNode>(a.doors(), "10.0.0.1", "10.0.0.2");
    auto nodeB = std::make_unique<EchoNode>(b.doors(), "10.0.0.2", "10.0.0.1");
    world.runFor(5s);
    world.network().cut(a, b);
    world.runFor(3s);
    world.network().healAll();
    world.runFor(Duration(static_cast<std::int64_t>(world.random().below(2'000'000'000))));
    world.crash(b, {.tornWrites = true});
    nodeB.reset();
    world.runFor(5s);
    world.restart(b);
    nodeB = std::make_unique<EchoNode>(b.doors(), "10.0.0.2", "10.0.0.1");
    world.runFor(5s);
    story.digest = world.traceDigest();
    story.log = readFile(a.disk(), "/log").value();
    return story;
}

struct Received {
    Bytes bytes;
    std::optional<std::string> ending;
};

void collect(Connection& connection, Received& into) {
    connection.start([&into](BytesView bytes) { into.bytes.append(bytes); },
                     [&into](const std::string& reason) { into.ending = reason; });
}

/// Two machines and one open stream between them.
struct Wire {
    SimWorld world{7};
    SimMachine& a = world.addMachine("a", {"10.0.0.1"});
    SimMachine& b = world.addMachine("b", {"10.0.0.2"});
    std::shared_ptr<Connection> atA;
    std::shared_ptr<Connection> atB;
    std::unique_ptr<Listener> listener;
    Received receivedA;
    Received receivedB;

    Wire() {
        listener = b.doors()
                       .network.listen({"10.0.0.2", kPort},
                                       [this](auto c) {
                                           atB = std::move(c);
                                           collect(*atB, receivedB);
                                       })
                       .value();
        atA = connect().value();
        collect(*atA, receivedA);
    }
    Result<std::shared_ptr<Connection>> connect(Endpoint to = {"10.0.0.2", kPort}) {
        return runUntilDone(world, a.doors().network.connect({}, std::move(to), 2s), 10s).value();
    }
};

}  // namespace

class WorldTest : public QObject {
    Q_OBJECT
private slots:
    void theSameSeedGivesTheSameRun() {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            const Story first = tell(seed);
            const Story second = tell(seed);
            QVERIFY(first.lines.size() > 50);
            QVERIFY(first.lines == second.lines);
            QCOMPARE(first.digest, second.digest);
            QCOMPARE(first.log, second.log);
            QVERIFY(tell(seed + 1000).digest != first.digest);
        }
    }

    void aNodeLosesItsPeerAndFindsItAgain() {
        SimWorld world(5);
        SimMachine& a = world.addMachine("a", {"10.0.0.1"});
        SimMachine& b = world.addMachine("b", {"10.0.0.2"});
        const EchoNode nodeA(a.doors(), "10.0.0.1", "10.0.0.2");
        auto nodeB = std::make_unique<EchoNode>(b.doors(), "10.0.0.2", "10.0.0.1");
        world.runFor(10s);
        const int before = nodeA.answers();
        QVERIFY(before >= 64);
        world.crash(b);
        nodeB.reset();
        world.runFor(10s);
        QCOMPARE(nodeA.answers(), before);
        QVERIFY(nodeA.failures() > 1);
        world.restart(b);
        nodeB = std::make_unique<EchoNode>(b.doors(), "10.0.0.2", "10.0.0.1");
        world.runFor(10s);
        QVERIFY(nodeA.answers() >= before + 64);
    }

    void virtualTimePassesAtOnce() {
        SimWorld world(1);
        SimMachine& a = world.addMachine("a", {"10.0.0.1"});
        int fired = 0;
        const std::int64_t wall = a.clock().wallMicros();
        a.clock().callAt(a.clock().now() + 24h, [&] { ++fired; });
        world.runFor(24h - 1ns);
        QCOMPARE(fired, 0);
        world.runFor(1ns);
        QCOMPARE(fired, 1);
        QCOMPARE(a.clock().wallMicros() - wall, std::int64_t(86'400'000'000));
    }

    void machinesDisagreeAboutTheDate() {
        SimWorld world(1);
        SimMachine& a = world.addMachine("a", {"10.0.0.1"});
        SimMachine& b = world.addMachine("b", {"10.0.0.2"});
        QCOMPARE(a.clock().wallMicros(), b.clock().wallMicros());
        b.clock().jump(-5s);
        QCOMPARE(a.clock().wallMicros() - b.clock().wallMicros(), std::int64_t(5'000'000));
        QCOMPARE(a.clock().now().nanos, b.clock().now().nanos);
        world.crash(b);
        world.restart(b);
        QCOMPARE(a.clock().wallMicros() - b.clock().wallMicros(), std::int64_t(5'000'000));
    }

    void slowMotionStretchesTimersOfOneMachine() {
        SimWorld world(1);
        SimMachine& a = world.addMachine("a", {"10.0.0.1"});
        int fired = 0;
        a.clock().setDilation(10);
        a.clock().callAt(a.clock().now() + 1s, [&] { ++fired; });
        world.runFor(9s);
        QCOMPARE(fired, 0);
        world.runFor(2s);
        QCOMPARE(fired, 1);
    }

    void runUntilStopsAtTheMoment() {
        SimWorld world(1);
        SimMachine& a = world.addMachine("a", {"10.0.0.1"});
        bool fired = false;
        const Instant start = world.now();
        a.clock().callAt(start + 3s, [&] { fired = true; });
        QVERIFY(!world.runUntil([&] { return fired; }, 2s));
        QVERIFY(world.runUntil([&] { return fired; }, 10s));
        QCOMPARE((world.now() - start).count(), Duration(3s).count());
    }

    void bytesArriveInOrderAndLate() {
        Wire wire;
        Bytes sent;
        for (int i = 0; i < 1000; ++i) {
            const std::string message = std::to_string(i) + ',';
            sent += message;
            wire.atA->send(message);
            wire.world.runFor(10us);
        }
        QVERIFY(wire.receivedB.bytes.size() < sent.size());
        wire.world.runFor(1s);
        QCOMPARE(wire.receivedB.bytes, sent);
        QCOMPARE(wire.atB->remote(), wire.atA->local());
    }

    void closingSendsWhatIsQueuedFirst() {
        Wire wire;
        wire.atA->send("last words");
        wire.atA->close();
        wire.world.runFor(1s);
        QCOMPARE(wire.receivedB.bytes, Bytes("last words"));
        QCOMPARE(*wire.receivedB.ending, std::string("closed by the other side"));
        QVERIFY(!wire.receivedA.ending);
        wire.atB.reset();
        QCOMPARE(wire.world.network().openStreams(), std::size_t(0));
    }

    void aPausedReaderFillsTheWindow() {
        Wire wire;
        wire.atB->pauseReading(true);
        for (int i = 0; i < 100; ++i) {
            wire.atA->send(Bytes(10'000, 'x'));
            wire.world.runFor(1ms);
        }
        QVERIFY(wire.atA->unsentBytes() > 500'000);
        QVERIFY(wire.receivedB.bytes.empty());
        wire.atB->pauseReading(false);
        QVERIFY(wire.receivedB.bytes.empty());  // Never inside the call.
        wire.world.runFor(1s);
        QCOMPARE(wire.receivedB.bytes.size(), std::size_t(1'000'000));
        QCOMPARE(wire.atA->unsentBytes(), std::size_t(0));
    }

    void aShortCutDelays() {
        Wire wire;
        wire.world.network().cut(wire.a, wire.b);
        wire.atA->send("held");
        wire.world.runFor(5s);
        QVERIFY(wire.receivedB.bytes.empty());
        wire.world.network().heal(wire.a, wire.b);
        wire.world.runFor(1s);
        QCOMPARE(wire.receivedB.bytes, Bytes("held"));
        QVERIFY(!wire.receivedA.ending && !wire.receivedB.ending);
    }

    void aLongCutBreaksTheConnection() {
        Wire wire;
        wire.world.network().partition({&wire.a});
        wire.atA->send("lost");
        wire.world.runFor(31s);
        QCOMPARE(*wire.receivedA.ending, std::string("connection timed out"));
        QVERIFY(!wire.receivedB.ending);
        wire.world.network().healAll();
        wire.world.runFor(1s);
        QCOMPARE(*wire.receivedB.ending, std::string("connection reset by peer"));
        QVERIFY(wire.receivedB.bytes.empty());
    }

    void aOneWayCutLetsTheOtherWayPass() {
        Wire wire;
        wire.world.network().setRule(wire.a, wire.b, {.cut = true});
        wire.atB->send("heard");
        wire.atA->send("not heard");
        wire.world.runFor(1s);
        QCOMPARE(wire.receivedA.bytes, Bytes("heard"));
        QVERIFY(wire.receivedB.bytes.empty());
    }

    void connectingAcrossACutTimesOut() {
        Wire wire;
        wire.world.network().cut(wire.a, wire.b);
        const Instant before = wire.world.now();
        const auto cut = wire.connect();
        QCOMPARE(cut.error().message, std::string("cannot connect to 10.0.0.2:7000: timed out"));
        QVERIFY(cut.error().kind == ErrorKind::Timeout);
        QCOMPARE((wire.world.now() - before).count(), Duration(2s).count());
        wire.world.network().heal(wire.a, wire.b);
        QVERIFY(wire.connect().has_value());
    }

    void connectingToNobodyIsRefused() {
        Wire wire;
        QCOMPARE(wire.connect({"10.0.0.2", 1}).error().message,
                 std::string("cannot connect to 10.0.0.2:1: connection refused"));
        QCOMPARE(wire.connect({"10.9.9.9", 1}).error().message,
                 std::string("cannot connect to 10.9.9.9:1: timed out"));
    }

    void anAddressIsListenedOnOnce() {
        Wire wire;
        const auto again = wire.b.doors().network.listen({"10.0.0.2", kPort}, [](auto) {});
        QCOMPARE(again.error().message,
                 std::string("cannot listen on 10.0.0.2:7000: address already in use"));
        const auto foreign = wire.b.doors().network.listen({"10.0.0.1", kPort}, [](auto) {});
        QCOMPARE(foreign.error().message,
                 std::string("cannot listen on 10.0.0.1:7000: cannot assign requested address"));
        const auto any = wire.b.doors().network.listen({"10.0.0.2", 0}, [](auto) {});
        QVERIFY(any.value()->local().port != 0);
    }

    void lostSegmentsComeLater() {
        Wire wire;
        wire.world.network().setRule(wire.a, wire.b, {.loss = 0.5});
        Bytes sent;
        for (int i = 0; i < 100; ++i) {
            sent += "message ";
            wire.atA->send("message ");
            wire.world.runFor(1ms);
        }
        wire.world.runFor(60s);
        QCOMPARE(wire.receivedB.bytes, sent);
    }

    void aCrashDropsAllThatWasScheduled() {
        Wire wire;
        int ran = 0;
        const auto captured = std::make_shared<int>(0);
        const auto bump = [&ran, captured] { ++ran; };
        wire.b.clock().callAt(wire.world.now() + 1s, bump);
        wire.b.doors().executor.post(bump);
        wire.b.doors().executor.runBlocking(bump, bump);
        wire.atA->send("to the dead");
        QVERIFY(captured.use_count() > 4);
        wire.world.crash(wire.b);
        wire.b.clock().callAt(wire.world.now() + 1s, bump);  // As a node's destructor might.
        wire.b.doors().executor.post(bump);
        wire.atB->send("from the dead");
        QCOMPARE(captured.use_count(), 2L);
        wire.world.runFor(5s);
        QCOMPARE(ran, 0);
        QCOMPARE(*wire.receivedA.ending, std::string("connection reset by peer"));
        QVERIFY(!wire.receivedB.ending);
        QVERIFY(wire.connect().has_error());
        wire.atB.reset();
        wire.listener.reset();
        wire.world.restart(wire.b);
        wire.b.doors().executor.post(bump);
        wire.world.runFor(1s);
        QCOMPARE(ran, 1);
    }

    void aConnectionToAMachineThatCrashedMeanwhileIsNotAccepted() {
        Wire wire;
        wire.atB.reset();
        TaskGroup group;
        std::optional<Result<std::shared_ptr<Connection>>> out;
        group.spawn(sim::detail::finishInto(
            wire.a.doors().network.connect({}, {"10.0.0.2", kPort}, 2s), out));
        wire.world.crash(wire.a);
        wire.world.restart(wire.a);
        wire.world.runFor(5s);
        QVERIFY(!wire.atB);
        QVERIFY(!out);
    }

    void offloadedWorkTakesTime() {
        SimWorld world(1);
        SimMachine& a = world.addMachine("a", {"10.0.0.1"});
        const Instant before = world.now();
        const auto done = runUntilDone(world, answer(a.doors().executor), 1s);
        QCOMPARE(*done, 42);
        QVERIFY(world.now() > before);
    }

private:
    static Task<int> answer(Executor& executor) {
        const int value = co_await offload(executor, [] { return 42; });
        co_return value;
    }
};

QTEST_GUILESS_MAIN(WorldTest)
#include "world_test.moc"
