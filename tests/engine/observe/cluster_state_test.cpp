#include <QtTest>

#include "engine/observe/cluster_state.h"

using namespace engine;
using namespace engine::observe;

namespace {

const std::string kOne = "127.0.0.1:7000";
const std::string kTwo = "127.0.0.2:7000";
const std::string kTen = "127.0.0.10:7000";
constexpr std::int64_t kSecond = 1'000'000'000;
const Uuid kRequest{7, 9};

Event at(const std::string& node, std::int64_t nanos, EventBody body) {
    return {node, nanos, nanos / 1000, 1, std::move(body)};
}

RequestStarted startedBody() {
    RequestStarted body;
    body.request = kRequest;
    body.kind = "WRITE";
    body.receivedNanos = 100;
    return body;
}

}  // namespace

/// What the views may rely on: the state is a fold of events, in whatever order nodes tell them.
class ClusterStateTest : public QObject {
    Q_OBJECT

private slots:
    void nodesAreNumberedByAddressNotByText();
    void aMessageIsOneWhicheverSideTellsFirst_data();
    void aMessageIsOneWhicheverSideTellsFirst();
    void durationRunsFromReceivedToAnswered();
    void aCheckpointKeepsItsRequests();
    void oldRequestsAreForgotten();
    void timesOutOfRangeStopAtItsEnds();
    void newsIsOldUntilTheHeartbeatMoves();
    void aCallThatNobodyHeardStaysWithoutAnswer();
    void aCallIsOneWhicheverNodeTellsFirst_data();
    void aCallIsOneWhicheverNodeTellsFirst();
    void phiIsKeptForAMinute();
    void aVerdictHasItsReason();
    void clientsGoWithTheirNode();
    void lostEventsAreCounted();
};

void ClusterStateTest::nodesAreNumberedByAddressNotByText() {
    ClusterState state;
    for (const std::string& node : {kTen, kTwo, kOne}) {
        fold(state, at(node, 1, NodeStarted{}));
    }
    QCOMPARE(state.node(kOne)->number, 1);
    QCOMPARE(state.node(kTwo)->number, 2);
    QCOMPARE(state.node(kTen)->number, 3);
}

void ClusterStateTest::aMessageIsOneWhicheverSideTellsFirst_data() {
    QTest::addColumn<bool>("sentFirst");
    QTest::newRow("sender first") << true;
    QTest::newRow("receiver first") << false;
}

void ClusterStateTest::aMessageIsOneWhicheverSideTellsFirst() {
    QFETCH(const bool, sentFirst);
    const Event sent = at(kOne, 100, MessageSent{kRequest, 5, "MUTATION_REQ", kTwo, 64});
    const Event received = at(kTwo, 200, MessageReceived{kRequest, 5, "MUTATION_REQ", kOne});
    ClusterState state;
    fold(state, sentFirst ? sent : received);
    fold(state, sentFirst ? received : sent);
    const auto request = state.request(kRequest);
    QCOMPARE(request->messages.size(), std::size_t(1));
    QCOMPARE(request->messages[0].sentNanos, std::int64_t(100));
    QCOMPARE(request->messages[0].receivedNanos, std::int64_t(200));
    QCOMPARE(request->messages[0].to, kTwo);
    QVERIFY(!request->started);
}

void ClusterStateTest::durationRunsFromReceivedToAnswered() {
    ClusterState state;
    fold(state, at(kOne, 150, startedBody()));
    QVERIFY(!state.request(kRequest)->durationNanos());
    fold(state, at(kOne, 900, RequestAnswered{kRequest, "", 0}));
    QCOMPARE(*state.request(kRequest)->durationNanos(), std::int64_t(800));
}

void ClusterStateTest::aCheckpointKeepsItsRequests() {
    ClusterState state;
    fold(state, at(kOne, 150, startedBody()));
    const ClusterState checkpoint = state;
    fold(state, at(kOne, 300, LevelMet{kRequest, 2}));
    QCOMPARE(checkpoint.request(kRequest)->levelMetNanos, std::int64_t(0));
    QCOMPARE(state.request(kRequest)->levelMetNanos, std::int64_t(300));
}

void ClusterStateTest::oldRequestsAreForgotten() {
    ClusterState state;
    for (std::uint64_t i = 1; i <= ClusterState::kRequestsMax + 10; ++i) {
        fold(state, at(kOne, 1, LevelMet{Uuid{i, 1}, 1}));
    }
    QCOMPARE(state.requests.size(), ClusterState::kRequestsMax);
    QVERIFY(state.request(Uuid{1, 1}) == nullptr);
}

void ClusterStateTest::newsIsOldUntilTheHeartbeatMoves() {
    ClusterState state;
    fold(state, at(kOne, 1 * kSecond, EndpointKnowledge{kTwo, 10, 40, 40}));
    fold(state, at(kOne, 2 * kSecond, EndpointKnowledge{kTwo, 10, 40, 40}));
    QCOMPARE(state.node(kOne)->knows.at(kTwo).changedNanos, 1 * kSecond);
    fold(state, at(kOne, 3 * kSecond, EndpointKnowledge{kTwo, 10, 41, 41}));
    QCOMPARE(state.node(kOne)->knows.at(kTwo).changedNanos, 3 * kSecond);
}

void ClusterStateTest::aCallThatNobodyHeardStaysWithoutAnswer() {
    ClusterState state;
    fold(state, at(kOne, kSecond, GossipRound{1, 5, {kTwo}}));
    fold(state, at(kOne, 2 * kSecond, GossipRound{2, 6, {kTwo}}));
    QCOMPARE(state.exchanges.size(), std::size_t(2));
    QCOMPARE(state.exchanges[0].to, kTwo);
    QCOMPARE(state.exchanges[0].ackNanos, std::int64_t(0));
}

void ClusterStateTest::aCallIsOneWhicheverNodeTellsFirst_data() {
    QTest::addColumn<bool>("callerFirst");
    QTest::newRow("caller first") << true;
    QTest::newRow("callee first") << false;
}

void ClusterStateTest::aCallIsOneWhicheverNodeTellsFirst() {
    QFETCH(const bool, callerFirst);
    const Event round = at(kOne, kSecond, GossipRound{1, 5, {kTwo}});
    const Event syn = at(kTwo, kSecond + 90, GossipMessage{77, kOne, kTwo, "SYN", kSecond + 10, 3, 0});
    ClusterState state;
    fold(state, callerFirst ? round : syn);
    fold(state, callerFirst ? syn : round);
    fold(state, at(kOne, kSecond + 200, GossipMessage{77, kTwo, kOne, "ACK", kSecond + 100, 1, 1}));
    fold(state, at(kTwo, kSecond + 300, GossipMessage{77, kOne, kTwo, "ACK2", kSecond + 210, 0, 1}));
    QCOMPARE(state.exchanges.size(), std::size_t(1));
    const GossipExchange& call = state.exchanges.front();
    QCOMPARE(call.from, kOne);
    QCOMPARE(call.synNanos, kSecond + 90);
    QCOMPARE(call.ackNanos, kSecond + 200);
    QCOMPARE(call.ack2Nanos, kSecond + 300);
}

void ClusterStateTest::phiIsKeptForAMinute() {
    ClusterState state;
    for (int second = 0; second < 100; ++second) {
        fold(state, at(kOne, second * kSecond, PhiSample{kTwo, .4, 1000, 900, 8}));
    }
    const auto& points = state.node(kOne)->phi.at(kTwo);
    QCOMPARE(points.front().nanos, 39 * kSecond);
    QCOMPARE(points.back().nanos, 99 * kSecond);
    QCOMPARE(state.node(kOne)->knows.at(kTwo).heardNanos, 99 * kSecond - 900'000'000);
}

void ClusterStateTest::aVerdictHasItsReason() {
    ClusterState state;
    fold(state, at(kOne, 5, NodeJudged{kTwo, false, "phi 8.3 over threshold 8"}));
    const Knowledge& known = state.node(kOne)->knows.at(kTwo);
    QVERIFY(!known.alive);
    QCOMPARE(known.reason, std::string("phi 8.3 over threshold 8"));
    QCOMPARE(known.judgedNanos, std::int64_t(5));
}

void ClusterStateTest::clientsGoWithTheirNode() {
    ClusterState state;
    fold(state, at(kOne, 1, ClientConnection{"127.0.0.1:40000", "python", "3.29", 5, true}));
    QCOMPARE(state.clients.size(), std::size_t(1));
    setReachable(state, kOne, false, 2);
    QVERIFY(state.clients.empty());
    QVERIFY(!state.node(kOne)->reachable);
}

void ClusterStateTest::lostEventsAreCounted() {
    ClusterState state;
    fold(state, at(kOne, 1, EventsLost{412}));
    fold(state, at(kTwo, 2, EventsLost{8}));
    QCOMPARE(state.eventsLost, std::uint64_t(420));
}

void ClusterStateTest::timesOutOfRangeStopAtItsEnds() {
    constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
    ClusterState state;
    PhiSample sample;
    sample.subject = kTwo;
    sample.sinceHeartbeatMillis = std::numeric_limits<std::int64_t>::max();
    fold(state, at(kOne, 5 * kSecond, sample));
    QVERIFY(state.nodes.at(kOne).knows.at(kTwo).heardNanos < 0);
    fold(state, at(kOne, kLeast, sample));
    QCOMPARE(state.nodes.at(kOne).knows.at(kTwo).heardNanos, kLeast);
}

QTEST_APPLESS_MAIN(ClusterStateTest)
#include "cluster_state_test.moc"
