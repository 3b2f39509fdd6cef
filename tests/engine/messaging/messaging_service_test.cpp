#include <QtTest>

#include "engine/messaging/frame.h"
#include "engine/messaging/messaging_service.h"
#include "engine/runtime/real_runtime.h"

using namespace engine;
using namespace engine::messaging;
using namespace std::chrono_literals;

namespace {

/// A port of this machine that nobody listens on.
std::uint16_t freePort(runtime::Network& network) {
    const auto listener = network.listen({"127.0.0.1", 0}, [](auto) {});
    return listener.value()->local().port;
}

struct Node {
    Node(runtime::RealRuntime& world, std::string name, std::string cluster = "test")
        : doors(world.doors()),
          endpoint(parseEndpoint(name).value()),
          observer(doors.clock, name),
          service(std::make_unique<MessagingService>(doors, endpoint, optionsOf(cluster), observer,
                                                     log)) {
        observer.listen([this](const observe::Event& event) { events.push_back(event); },
                        observe::Observer::kAll);
    }
    static MessagingOptions optionsOf(const std::string& cluster) {
        MessagingOptions options;
        options.clusterName = cluster;
        return options;
    }
    template <typename Body>
    std::size_t count() const {
        return static_cast<std::size_t>(std::count_if(
            events.begin(), events.end(),
            [](const observe::Event& event) { return std::holds_alternative<Body>(event.body); }));
    }

    runtime::Runtime doors;
    runtime::Endpoint endpoint;
    Log log;
    observe::Observer observer;
    std::vector<observe::Event> events;
    std::unique_ptr<MessagingService> service;
};

/// Two nodes on one loop; the second answers READ_REQ with its payload twice.
struct Pair {
    Pair() {
        const auto doors = world.doors();
        const auto portA = freePort(doors.network);
        const auto portB = freePort(doors.network);
        a = std::make_unique<Node>(world, "127.0.0.1:" + std::to_string(portA));
        nameB = "127.0.0.1:" + std::to_string(portB);
        QVERIFY(a->service->start());
    }
    void startB(std::string cluster = "test") {
        b = std::make_unique<Node>(world, nameB, cluster);
        b->service->on(Verb::ReadReq, [service = b->service.get()](const Message& message) {
            service->reply(message, Verb::ReadRsp, Bytes(message.payload) + Bytes(message.payload));
        });
        QVERIFY(b->service->start());
    }
    Result<Bytes> call(std::string to, Verb verb, Bytes payload, runtime::Duration timeout,
                       Uuid request = {}) {
        const auto deadline = a->doors.clock.now() + timeout;
        return runtime::runUntilDone(
            world, a->service->call(std::move(to), verb, std::move(payload), deadline, request));
    }

    runtime::RealRuntime world;
    std::string nameB;
    std::unique_ptr<Node> a;
    std::unique_ptr<Node> b;
};

runtime::Task<bool> pause(runtime::Clock& clock, runtime::Duration duration) {
    co_await runtime::sleep(clock, duration);
    co_return true;
}

}  // namespace

class MessagingServiceTest : public QObject {
    Q_OBJECT
private slots:
    void requestIsAnswered();
    void nodeAnswersItselfWithoutASocket();
    void requestWaitsForAPeerThatStartsLater();
    void silentPeerEndsInTimeout();
    void failureCarriesReasonAndWords();
    void restartedPeerIsFoundAgain();
    void anotherClusterIsRefused();
    void cutLinkLosesAndDelayedLinkHolds();
    void tracedMessagesAreToldByBothSides();
    void brokenFrameClosesTheConnection();
    void roundTripsPerSecond();
};

void MessagingServiceTest::requestIsAnswered() {
    Pair pair;
    pair.startB();
    const auto answer = pair.call(pair.nameB, Verb::ReadReq, "ab", 5s);
    QVERIFY(answer.has_value());
    QCOMPARE(answer.value().c_str(), "abab");
    const Bytes large(3'000'000, 'z');
    const auto doubled = pair.call(pair.nameB, Verb::ReadReq, large, 5s);
    QVERIFY(doubled.has_value());
    QVERIFY(doubled.value() == large + large);
    QCOMPARE(pair.a->service->openRequests(), std::size_t{0});
}

void MessagingServiceTest::nodeAnswersItselfWithoutASocket() {
    Pair pair;
    MessagingService& service = *pair.a->service;
    service.on(Verb::PingReq, [&](const Message& message) {
        QCOMPARE(message.from, service.self());
        service.reply(message, Verb::PingRsp, "me");
    });
    const auto answer = pair.call(service.self(), Verb::PingReq, "", 5s);
    QVERIFY(answer.has_value());
    QCOMPARE(answer.value().c_str(), "me");
    QVERIFY(service.stats().empty());
}

void MessagingServiceTest::requestWaitsForAPeerThatStartsLater() {
    Pair pair;
    pair.a->doors.clock.callAt(pair.a->doors.clock.now() + 50ms, [&] { pair.startB(); });
    const auto answer = pair.call(pair.nameB, Verb::ReadReq, "x", 5s);
    QVERIFY(answer.has_value());
}

void MessagingServiceTest::silentPeerEndsInTimeout() {
    Pair pair;
    const auto answer = pair.call(pair.nameB, Verb::ReadReq, "x", 30ms);
    QVERIFY(!answer.has_value());
    QVERIFY(answer.error().kind == ErrorKind::Timeout);
    QVERIFY(runtime::runUntilDone(pair.world, pause(pair.a->doors.clock, 300ms)));
    QCOMPARE(pair.a->service->dropped(Verb::ReadReq), std::uint64_t{1});
    QCOMPARE(pair.a->service->stats()[0].queuedBytes, std::uint64_t{0});
}

void MessagingServiceTest::failureCarriesReasonAndWords() {
    Pair pair;
    pair.startB();
    pair.b->service->on(Verb::ReadReq, [&](const Message& message) {
        pair.b->service->failure(message, FailureReason::ReadTooManyTombstones, "too many");
    });
    std::optional<FailureReason> reason;
    const auto deadline = pair.a->doors.clock.now() + 5s;
    pair.a->service->request(pair.nameB, Verb::ReadReq, "x", deadline, [&](const Reply& reply) {
        reason = reply.reason;
        QVERIFY(reply.kind == Reply::Kind::Failure);
        QVERIFY(reply.payload == "too many");
        QVERIFY(reply.from == pair.nameB);
        pair.world.stop();
    });
    pair.world.run();
    QVERIFY(reason == FailureReason::ReadTooManyTombstones);
}

void MessagingServiceTest::restartedPeerIsFoundAgain() {
    Pair pair;
    pair.startB();
    QVERIFY(pair.call(pair.nameB, Verb::ReadReq, "x", 5s));
    pair.b.reset();
    QVERIFY(runtime::runUntilDone(pair.world, pause(pair.a->doors.clock, 20ms)));
    QVERIFY(!pair.call(pair.nameB, Verb::ReadReq, "x", 50ms));
    pair.startB();
    QVERIFY(pair.call(pair.nameB, Verb::ReadReq, "x", 5s));
}

void MessagingServiceTest::anotherClusterIsRefused() {
    Pair pair;
    pair.startB("another");
    std::string said;
    pair.a->log = Log([&](LogLevel, std::string_view line) { said += line; });
    QVERIFY(!pair.call(pair.nameB, Verb::ReadReq, "x", 50ms));
    QVERIFY(said.find("cluster name mismatch: 'another' here, 'test' there") != std::string::npos);
}

void MessagingServiceTest::cutLinkLosesAndDelayedLinkHolds() {
    Pair pair;
    pair.startB();
    pair.a->service->rules().set({"cut", pair.nameB, std::nullopt, 1, 0ns, 0ns});
    QVERIFY(!pair.call(pair.nameB, Verb::ReadReq, "x", 30ms));
    QCOMPARE(pair.a->service->dropped(Verb::ReadReq), std::uint64_t{1});
    pair.a->service->rules().set({"cut", pair.nameB, std::nullopt, 0, 40ms, 0ns});
    const auto before = pair.a->doors.clock.now();
    QVERIFY(pair.call(pair.nameB, Verb::ReadReq, "x", 5s));
    QVERIFY(pair.a->doors.clock.now() - before >= 40ms);
}

void MessagingServiceTest::tracedMessagesAreToldByBothSides() {
    Pair pair;
    pair.startB();
    const Uuid request{5, 6};
    QVERIFY(pair.call(pair.nameB, Verb::ReadReq, "x", 5s, request));
    QVERIFY(pair.call(pair.nameB, Verb::ReadReq, "x", 5s));
    QCOMPARE(pair.a->count<observe::MessageSent>(), std::size_t{1});
    QCOMPARE(pair.a->count<observe::MessageReceived>(), std::size_t{1});
    QCOMPARE(pair.b->count<observe::MessageSent>(), std::size_t{1});
    QCOMPARE(pair.b->count<observe::MessageReceived>(), std::size_t{1});
    const auto& sent = std::get<observe::MessageSent>(pair.a->events[0].body);
    const auto& received = std::get<observe::MessageReceived>(pair.b->events[0].body);
    QCOMPARE(sent.message, received.message);
    QVERIFY(sent.request == request && received.request == request);
    QCOMPARE(sent.verb.c_str(), "READ_REQ");
    QCOMPARE(received.from, pair.a->service->self());
}

void MessagingServiceTest::brokenFrameClosesTheConnection() {
    Pair pair;
    std::string said;
    pair.a->log = Log([&](LogLevel, std::string_view line) { said += line; });
    const auto stranger =
        runtime::runUntilDone(pair.world, pair.a->doors.network.connect({}, pair.a->endpoint, 1s));
    QVERIFY(stranger.has_value());
    stranger.value()->start([](BytesView) {}, [&](const std::string&) { pair.world.stop(); });
    stranger.value()->send("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n");
    pair.world.run();
    QVERIFY(said.find("checksum of a frame header does not match") != std::string::npos);
}

/// Both ends on one thread: each round trip is two messages written and two read.
void MessagingServiceTest::roundTripsPerSecond() {
    constexpr std::size_t kTotal = 200'000;
    constexpr std::size_t kAtOnce = 256;
    Pair pair;
    pair.startB();
    pair.b->observer.listen({}, 0);
    pair.a->observer.listen({}, 0);
    const Bytes payload(100, 'p');
    std::size_t sent = 0;
    std::size_t answered = 0;
    std::function<void()> next;
    next = [&] {
        ++sent;
        const auto deadline = pair.a->doors.clock.now() + 10s;
        pair.a->service->request(pair.nameB, Verb::ReadReq, payload, deadline,
                                 [&](const Reply& reply) {
                                     QVERIFY(reply.kind == Reply::Kind::Answer);
                                     if (++answered == kTotal) {
                                         pair.world.stop();
                                     } else if (sent < kTotal) {
                                         next();
                                     }
                                 });
    };
    QElapsedTimer timer;
    timer.start();
    pair.world.post([&] {
        for (std::size_t i = 0; i < kAtOnce; ++i) {
            next();
        }
    });
    pair.world.run();
    const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
    qInfo("%.0f round trips a second on one thread, %.0f messages sent and received",
          static_cast<double>(kTotal) / seconds, 2.0 * static_cast<double>(kTotal) / seconds);
    QCOMPARE(answered, kTotal);
}

QTEST_GUILESS_MAIN(MessagingServiceTest)
#include "messaging_service_test.moc"
