#include <QtTest>

#include <set>

#include "engine/gossip/gossip_state.h"

using namespace engine;
using namespace engine::gossip;
using namespace std::chrono_literals;
using runtime::Instant;

namespace {

const std::string kA = "127.0.0.1:7000";
const std::string kB = "127.0.0.2:7000";
const std::string kC = "127.0.0.3:7000";
constexpr std::int64_t kWall = 1'700'000'000;

GossipState started(const std::string& name, std::int32_t generation = 100,
                    std::vector<std::string> seeds = {kA}) {
    GossipState state(name, std::move(seeds), {});
    state.begin(generation, {{ApplicationState::Dc, "dc1"},
                             {ApplicationState::Rack, "rack1"},
                             {ApplicationState::HostId, Uuid::random(generation, 7).toString()},
                             {ApplicationState::Tokens, "-5,10"},
                             {ApplicationState::StatusWithPort, "NORMAL,-5"}});
    state.beat();
    return state;
}

/// One exchange that `from` begins; what each side found.
std::pair<Changes, Changes> exchange(GossipState& from, GossipState& to, Instant now = {}) {
    GossipSyn syn;
    syn.digests = from.digests();
    const GossipAck ack = to.examine(syn);
    const GossipAck2 ack2 = from.answer(ack);
    Changes atFrom = from.apply(ack.states, now, kWall);
    return {std::move(atFrom), to.apply(ack2.states, now, kWall)};
}

bool has(const Changes& changes, Change::Kind kind, const std::string& node) {
    return std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
        return change.kind == kind && change.node == node;
    });
}

void befriend(GossipState& a, GossipState& b, Instant now = {}) {
    exchange(a, b, now);
    a.echoed(b.self(), b.find(b.self())->heartBeat.generation, now);
    b.echoed(a.self(), a.find(a.self())->heartBeat.generation, now);
}

}  // namespace

class GossipStateTest : public QObject {
    Q_OBJECT
private slots:
    void oneExchangeMakesBothKnowAllTheOtherKnows();
    void nodeIsAliveOnlyAfterItsEcho();
    void onlyWhatIsNewerIsTold();
    void olderNewsIsIgnored();
    void newGenerationReplacesTheOldLife();
    void unbelievableGenerationIsIgnored();
    void emptySynIsToldEverything();
    void silenceConvictsAndNewsRevives();
    void announcedShutdownIsBelievedAtOnceAndPassedOn();
    void removedNodeStaysAwayForAWhile();
    void nodeThatNeverJoinedIsForgotten();
    void savedNodeKeepsItsPlaceButIsNoNews();
    void targetsFollowTheRulesOfTheGossiper();
    void messagesReadBackAsWritten();
    void ringStatusFollowsGossip();
};

void GossipStateTest::oneExchangeMakesBothKnowAllTheOtherKnows() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    GossipState c = started(kC);
    befriend(c, a);
    const auto [atB, atA] = exchange(b, a);
    QVERIFY(has(atB, Change::Kind::Joined, kA) && has(atB, Change::Kind::Joined, kC));
    QVERIFY(has(atA, Change::Kind::Joined, kB));
    QCOMPARE(b.states().size(), std::size_t{3});
    QCOMPARE(std::string(a.find(kB)->value(ApplicationState::Tokens)).c_str(), "-5,10");
    const auto [again, nothing] = exchange(b, a);
    QVERIFY(again.empty() || !has(again, Change::Kind::Joined, kA));
    QVERIFY(nothing.empty());
}

void GossipStateTest::nodeIsAliveOnlyAfterItsEcho() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    const auto [atB, atA] = exchange(b, a);
    QVERIFY(has(atB, Change::Kind::WantsEcho, kA));
    QVERIFY(!b.isAlive(kA));
    QVERIFY(b.echoed(kA, 99, {}).empty());  // Of an earlier life.
    QVERIFY(has(b.echoed(kA, 100, {}), Change::Kind::Alive, kA));
    QVERIFY(b.isAlive(kA) && b.isAlive(kB));
    QVERIFY(b.echoed(kA, 100, {}).empty());
    QVERIFY(has(atA, Change::Kind::WantsEcho, kB));
    b.beat();
    QVERIFY(!has(exchange(b, a).second, Change::Kind::WantsEcho, kB));  // Still under way.
    a.echoFailed(kB);
    b.beat();
    QVERIFY(has(exchange(b, a).second, Change::Kind::WantsEcho, kB));
}

void GossipStateTest::onlyWhatIsNewerIsTold() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    befriend(a, b);
    a.set(ApplicationState::Load, "12.0");
    GossipSyn syn;
    syn.digests = b.digests();
    const GossipAck ack = a.examine(syn);
    QVERIFY(ack.requests.empty());
    QCOMPARE(ack.states.size(), std::size_t{1});
    QCOMPARE(ack.states.at(kA).states.size(), std::size_t{1});
    const Changes found = b.apply(ack.states, {}, kWall);
    QVERIFY(has(found, Change::Kind::State, kA) && !has(found, Change::Kind::Beat, kA));
    b.beat();
    syn.digests = b.digests();
    const GossipAck asks = a.examine(syn);
    QCOMPARE(asks.requests.size(), std::size_t{1});
    QCOMPARE(asks.requests[0].maxVersion, a.find(kB)->maxVersion());
}

void GossipStateTest::olderNewsIsIgnored() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    befriend(a, b);
    const StateMap old{{kB, *a.find(kB)}};
    b.beat();
    b.set(ApplicationState::Rack, "rack2");
    exchange(a, b);
    QVERIFY(a.apply(old, {}, kWall).empty());
    QCOMPARE(std::string(a.find(kB)->value(ApplicationState::Rack)).c_str(), "rack2");
    StateMap earlier = old;
    earlier.at(kB).heartBeat = {99, 1000};
    QVERIFY(a.apply(earlier, {}, kWall).empty());
}

void GossipStateTest::newGenerationReplacesTheOldLife() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    befriend(a, b);
    b.set(ApplicationState::Load, "1.0");
    exchange(a, b);
    GossipState reborn = started(kB, 200);
    const auto [atReborn, atA] = exchange(reborn, a);
    QVERIFY(has(atA, Change::Kind::Joined, kB) && has(atA, Change::Kind::WantsEcho, kB));
    QVERIFY(!a.isAlive(kB));
    QVERIFY(a.find(kB)->find(ApplicationState::Load) == nullptr);
    QVERIFY(has(a.echoed(kB, 200, {}), Change::Kind::Alive, kB));
}

void GossipStateTest::unbelievableGenerationIsIgnored() {
    GossipState a = started(kA);
    EndpointState state;
    state.heartBeat = {static_cast<std::int32_t>(kWall + 86400 * 366), 1};
    QVERIFY(a.apply({{kB, state}}, {}, kWall).empty());
    QVERIFY(a.find(kB) == nullptr);
}

void GossipStateTest::emptySynIsToldEverything() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    befriend(a, b);
    const GossipAck ack = a.examine({});
    QVERIFY(ack.requests.empty());
    QCOMPARE(ack.states.size(), std::size_t{2});
    QCOMPARE(ack.states.at(kB).states.size(), std::size_t{5});
}

void GossipStateTest::silenceConvictsAndNewsRevives() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    befriend(a, b);
    Instant now{};
    for (int second = 0; second < 60; ++second) {
        now = now + 1s;
        b.beat();
        exchange(b, a, now);
        QVERIFY(a.statusCheck(now).empty());
    }
    int silent = 0;
    while (a.isAlive(kB)) {
        now = now + 1s;
        ++silent;
        const Changes judged = a.statusCheck(now);
        if (!judged.empty()) {
            QVERIFY(has(judged, Change::Kind::Dead, kB));
            QVERIFY(QString::fromStdString(judged[0].reason).startsWith("phi 8."));
        }
    }
    QVERIFY(silent >= 18 && silent <= 20);
    QVERIFY(a.deadSince(kB) == now);
    b.beat();
    QVERIFY(has(exchange(b, a, now).second, Change::Kind::WantsEcho, kB));
    QVERIFY(has(a.echoed(kB, 100, now), Change::Kind::Alive, kB));
    QVERIFY(!a.deadSince(kB));
}

void GossipStateTest::announcedShutdownIsBelievedAtOnceAndPassedOn() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    GossipState c = started(kC);
    befriend(a, b);
    befriend(a, c);
    befriend(b, c);
    b.setShutdown();
    const Changes atA = a.applyShutdown(kB, *b.find(kB), {});
    QVERIFY(has(atA, Change::Kind::Dead, kB));
    QVERIFY(a.find(kB)->status() == "shutdown");
    QVERIFY(a.find(kB)->value(ApplicationState::RpcReady) == "false");
    const Changes atC = exchange(c, a).first;
    QVERIFY(has(atC, Change::Kind::Dead, kB));
    QVERIFY(!has(atC, Change::Kind::WantsEcho, kB));
    QVERIFY(nodeInfoOf(kB, *c.find(kB))->status == "NORMAL");
    GossipState reborn = started(kB, 200);
    QVERIFY(has(exchange(reborn, c).second, Change::Kind::WantsEcho, kB));
}

void GossipStateTest::removedNodeStaysAwayForAWhile() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    GossipState c = started(kC);
    befriend(a, b);
    befriend(a, c);
    befriend(b, c);
    const Instant now = Instant{} + 1s;
    QVERIFY(has(a.remove(kB, now), Change::Kind::Removed, kB));
    exchange(c, a, now);
    exchange(a, c, now);
    QVERIFY(a.find(kB) == nullptr);
    a.statusCheck(now + 61s);
    exchange(c, a, now + 61s);
    QVERIFY(a.find(kB) != nullptr);
}

void GossipStateTest::nodeThatNeverJoinedIsForgotten() {
    GossipState a = started(kA);
    GossipState b = started(kB);
    b.set(ApplicationState::StatusWithPort, "BOOT,-5");
    befriend(a, b, Instant{} + 1s);
    QVERIFY(!has(a.statusCheck(Instant{} + 30s), Change::Kind::Removed, kB));
    QVERIFY(has(a.statusCheck(Instant{} + 40s), Change::Kind::Removed, kB));
}

void GossipStateTest::savedNodeKeepsItsPlaceButIsNoNews() {
    GossipState a = started(kA);
    const Uuid id = Uuid::random(1, 2);
    a.addSaved(kB, {{ApplicationState::HostId, id.toString()},
                    {ApplicationState::Tokens, "3"},
                    {ApplicationState::StatusWithPort, "NORMAL,3"}});
    QVERIFY(nodeInfoOf(kB, *a.find(kB)).has_value());
    QVERIFY(!a.isAlive(kB));
    QVERIFY(a.unreachableNodes() == std::vector<std::string>{kB});
    GossipState c = started(kC);
    exchange(c, a);
    QVERIFY(c.find(kB) == nullptr);
    GossipState b = started(kB);
    QVERIFY(has(exchange(b, a).second, Change::Kind::Joined, kB));
}

void GossipStateTest::targetsFollowTheRulesOfTheGossiper() {
    runtime::SeededRandom random(3);
    GossipState alone = started(kB, 100, {kA});
    QVERIFY(alone.chooseTargets(random) == std::vector<std::string>{kA});
    GossipState onlySeed = started(kA, 100, {kA});
    QVERIFY(onlySeed.chooseTargets(random).empty());

    GossipState a = started(kA, 100, {kA});
    GossipState b = started(kB);
    GossipState c = started(kC);
    befriend(a, b);
    exchange(c, a);  // No echo: not alive.
    int toUnreachable = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto targets = a.chooseTargets(random);
        QVERIFY(std::count(targets.begin(), targets.end(), kB) == 1);
        toUnreachable += static_cast<int>(std::count(targets.begin(), targets.end(), kC));
    }
    QVERIFY(toUnreachable > 420 && toUnreachable < 580);  // unreachable / (live + 1) = 1/2.
}

void GossipStateTest::messagesReadBackAsWritten() {
    GossipState a = started(kA);
    const GossipSyn syn{7, "cluster", "partitioner", a.digests()};
    const auto readSyn = decodeSyn(encode(syn));
    QVERIFY(readSyn && readSyn.value().exchange == 7 && readSyn.value().digests == syn.digests);
    const GossipAck ack{8, a.digests(), a.states()};
    const Bytes encoded = encode(ack);
    const auto readAck = decodeAck(encoded);
    QVERIFY(readAck && readAck.value().requests == ack.requests);
    QVERIFY(readAck.value().states.at(kA).states == ack.states.at(kA).states);
    for (std::size_t length = 0; length < encoded.size(); ++length) {
        QVERIFY(!decodeAck(BytesView(encoded).substr(0, length)));
    }
    QVERIFY(decodeAck2(encode(GossipAck2{9, a.states()})).value().exchange == 9);
    QVERIFY(decodeState(encode(*a.find(kA))).value().heartBeat == a.find(kA)->heartBeat);
}

void GossipStateTest::ringStatusFollowsGossip() {
    GossipState a = started(kA);
    const auto node = nodeInfoOf(kA, *a.find(kA));
    QVERIFY(node && node->tokens == (std::vector<std::int64_t>{-5, 10}));
    QCOMPARE(node->datacenter.c_str(), "dc1");
    const auto statusAfter = [&](const char* status) -> std::string {
        a.set(ApplicationState::StatusWithPort, status);
        const auto info = nodeInfoOf(kA, *a.find(kA));
        return info ? info->status : "none";
    };
    QCOMPARE(statusAfter("BOOT,-5").c_str(), "JOINING");
    QCOMPARE(statusAfter("LEAVING,-5").c_str(), "LEAVING");
    QCOMPARE(statusAfter("shutdown,true").c_str(), "NORMAL");
    QCOMPARE(statusAfter("LEFT,-5,1").c_str(), "none");
}

QTEST_GUILESS_MAIN(GossipStateTest)
#include "gossip_state_test.moc"
