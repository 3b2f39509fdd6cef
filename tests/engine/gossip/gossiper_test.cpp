#include <QtTest>

#include <fmt/format.h>

#include "engine/gossip/gossiper.h"
#include "engine/observe/event.h"
#include "engine/sim/machine.h"
#include "engine/sim/world.h"

using namespace engine;
using namespace engine::gossip;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPort = 7000;

std::string addressOf(std::size_t index) {
    return fmt::format("10.0.0.{}", index + 1);
}
std::string nameOf(std::size_t index) {
    return fmt::format("{}:{}", addressOf(index), kPort);
}

/// Messaging and gossip of one node, as a node wires them.
struct GossipNode {
    GossipNode(sim::SimMachine& machine, const std::string& address, GossipOptions options)
        : doors(machine.doors()),
          observer(doors.clock, address + ":7000"),
          messaging(doors, runtime::Endpoint(address, kPort), {}, observer, log),
          gossiper(doors, messaging, std::move(options), observer, log) {
        observer.listen([this](const observe::Event& event) { events.push_back(event); },
                        observe::Observer::kAll);
    }

    void start() {
        const Result<void> listening = messaging.start();
        QVERIFY(listening.has_value());
        tasks.spawn(join());
    }
    runtime::Task<void> join() {
        std::vector<std::string> nobody;
        const Result<void> seen = co_await gossiper.shadowRound(nobody, 5s);
        if (!seen) {
            ++shadowFailures;
        }
        const auto generation = static_cast<std::int32_t>(doors.clock.wallSeconds());
        gossiper.start(generation, {{ApplicationState::Dc, "dc1"},
                                    {ApplicationState::Rack, "rack1"},
                                    {ApplicationState::HostId, doors.random.uuid().toString()},
                                    {ApplicationState::Tokens, "1,2"},
                                    {ApplicationState::StatusWithPort, "NORMAL,1"}});
    }
    template <typename Body>
    std::vector<Body> told() const {
        std::vector<Body> found;
        for (const observe::Event& event : events) {
            if (const Body* body = std::get_if<Body>(&event.body)) {
                found.push_back(*body);
            }
        }
        return found;
    }

    runtime::Runtime doors;
    Log log;
    observe::Observer observer;
    std::vector<observe::Event> events;
    messaging::MessagingService messaging;
    Gossiper gossiper;
    int shadowFailures = 0;
    runtime::TaskGroup tasks;
};

/// A cluster of gossiping nodes in a simulated world.
class Cluster {
public:
    Cluster(std::size_t count, std::uint64_t seed, std::size_t seeds = 1) : m_world(seed) {
        for (std::size_t i = 0; i < seeds; ++i) {
            m_options.seeds.push_back(nameOf(i));
        }
        for (std::size_t i = 0; i < count; ++i) {
            m_world.addMachine(nameOf(i), {addressOf(i)});
        }
        m_nodes.resize(count);
    }
    void startAll() {
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            start(i);
        }
    }
    void start(std::size_t index) {
        m_nodes[index] = std::make_unique<GossipNode>(machine(index), addressOf(index), m_options);
        m_nodes[index]->start();
    }
    void crash(std::size_t index) {
        m_world.crash(machine(index));
        m_nodes[index].reset();
    }
    void restart(std::size_t index) {
        m_world.restart(machine(index));
        start(index);
    }
    bool sees(std::size_t who, std::size_t whom, bool alive) const {
        return !m_nodes[who] || who == whom ||
               (m_nodes[who]->gossiper.find(nameOf(whom)) != nullptr &&
                m_nodes[who]->gossiper.isAlive(nameOf(whom)) == alive);
    }
    bool allSee(std::size_t whom, bool alive) const {
        bool all = true;
        for (std::size_t who = 0; who < m_nodes.size(); ++who) {
            all = all && sees(who, whom, alive);
        }
        return all;
    }
    bool converged() const {
        bool all = true;
        for (std::size_t whom = 0; whom < m_nodes.size(); ++whom) {
            all = all && allSee(whom, true);
        }
        return all;
    }
    bool converges(runtime::Duration limit) {
        return m_world.runUntil([this] { return converged(); }, limit);
    }
    /// All that every node told, as text, in order of nodes.
    std::string eventLog() const {
        std::string text;
        for (const auto& node : m_nodes) {
            for (const observe::Event& event : node->events) {
                text += fmt::format("{} {} {}\n", event.node, event.nanos, observe::nameOf(event));
            }
        }
        return text;
    }

    sim::SimWorld& world() { return m_world; }
    sim::SimMachine& machine(std::size_t index) { return m_world.machine(index); }
    GossipNode& operator[](std::size_t index) { return *m_nodes[index]; }

private:
    sim::SimWorld m_world;
    GossipOptions m_options;
    std::vector<std::unique_ptr<GossipNode>> m_nodes;
};

}  // namespace

class GossiperTest : public QObject {
    Q_OBJECT
private slots:
    void nodesStartedAtOnceFindTogether_data();
    void nodesStartedAtOnceFindTogether();
    void nodesStartedWithAllAsSeedsFindTogether();
    void deadNodeIsConvictedWhenPhiSaysSo_data();
    void deadNodeIsConvictedWhenPhiSaysSo();
    void announcedShutdownIsSeenAtOnce();
    void partitionSplitsAndHeals();
    void urgentStateReachesAllWithoutWaitingForARound();
    void steadyClusterDoesOneRoundASecond();
    void lonelyNodeGivesUpLooking();
    void phisStayBelowTheThresholdUnderJitter();
    void sameSeedGivesTheSameEvents();
    void gossipInfoIsNodetoolsText();
};

void GossiperTest::nodesStartedAtOnceFindTogether_data() {
    QTest::addColumn<int>("nodes");
    QTest::newRow("three nodes") << 3;
    QTest::newRow("five nodes") << 5;
    QTest::newRow("twelve nodes") << 12;
}

void GossiperTest::nodesStartedAtOnceFindTogether() {
    QFETCH(const int, nodes);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Cluster cluster(static_cast<std::size_t>(nodes), seed);
        cluster.startAll();
        QVERIFY2(cluster.converges(500ms), qPrintable(QString::number(seed)));
        QCOMPARE(cluster[0].gossiper.ringNodes().size(), static_cast<std::size_t>(nodes));
    }
}

void GossiperTest::nodesStartedWithAllAsSeedsFindTogether() {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Cluster cluster(3, seed, 3);
        cluster.startAll();
        QVERIFY2(cluster.converges(500ms), qPrintable(QString::number(seed)));
    }
}

void GossiperTest::deadNodeIsConvictedWhenPhiSaysSo_data() {
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 12; ++seed) {
        QTest::addRow("seed %llu", seed) << seed;
    }
}

void GossiperTest::deadNodeIsConvictedWhenPhiSaysSo() {
    QFETCH(const quint64, seed);
    Cluster cluster(5, seed);
    cluster.startAll();
    QVERIFY(cluster.converges(1s));
    cluster.world().runFor(60s);
    QVERIFY(cluster.converged());
    cluster.crash(3);
    // 18.4 mean gaps of about a second each.
    QVERIFY(!cluster.world().runUntil([&] { return !cluster.sees(0, 3, true); }, 8s));
    QVERIFY(cluster.world().runUntil([&] { return cluster.allSee(3, false); }, 25s));
    const auto judged = cluster[0].told<observe::NodeJudged>();
    QVERIFY(judged.back().subject == nameOf(3) && !judged.back().alive);
    QVERIFY(judged.back().reason.starts_with("phi 8."));
    cluster.restart(3);
    QVERIFY(cluster.converges(3s));
}

void GossiperTest::announcedShutdownIsSeenAtOnce() {
    Cluster cluster(3, 5);
    cluster.startAll();
    QVERIFY(cluster.converges(1s));
    cluster.world().runFor(3s);
    cluster[2].tasks.spawn(cluster[2].gossiper.stop());
    QVERIFY(cluster.world().runUntil(
        [&] { return cluster.sees(0, 2, false) && cluster.sees(1, 2, false); }, 100ms));
    QVERIFY(cluster[0].gossiper.find(nameOf(2))->status() == "shutdown");
    QCOMPARE(cluster[0].told<observe::NodeJudged>().back().reason.c_str(), "shutdown announced");
    cluster.world().runFor(30s);
    QVERIFY(cluster.sees(0, 2, false));
    QCOMPARE(cluster[0].gossiper.ringNodes().size(), std::size_t{3});
}

void GossiperTest::partitionSplitsAndHeals() {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        Cluster cluster(5, seed);
        cluster.startAll();
        QVERIFY(cluster.converges(1s));
        cluster.world().runFor(20s);
        cluster.world().network().partition({&cluster.machine(3), &cluster.machine(4)});
        const auto split = [&] {
            return cluster.sees(0, 3, false) && cluster.sees(1, 3, false) &&
                   cluster.sees(2, 4, false) && cluster.sees(3, 0, false) &&
                   cluster.sees(4, 0, false) && cluster.sees(4, 2, false);
        };
        QVERIFY(cluster.world().runUntil(split, 60s));
        QVERIFY(cluster.sees(0, 1, true) && cluster.sees(3, 4, true));
        cluster.world().network().healAll();
        QVERIFY2(cluster.converges(15s), qPrintable(QString::number(seed)));
    }
}

void GossiperTest::urgentStateReachesAllWithoutWaitingForARound() {
    Cluster cluster(8, 2);
    cluster.startAll();
    QVERIFY(cluster.converges(1s));
    cluster.world().runFor(10s);
    std::vector<std::string> heard;
    cluster[7].gossiper.addListener(
        {{},
         {},
         {},
         [&](const std::string& node, ApplicationState key, const std::string& value) {
             heard.push_back(fmt::format("{} {} {}", node, toString(key), value));
         },
         {}});
    cluster[0].gossiper.setState(ApplicationState::Schema, "abc", true);
    const auto allKnow = [&] {
        for (std::size_t i = 1; i < 8; ++i) {
            if (cluster[i].gossiper.find(nameOf(0))->value(ApplicationState::Schema) != "abc") {
                return false;
            }
        }
        return true;
    };
    QVERIFY(cluster.world().runUntil(allKnow, 300ms));
    QVERIFY(std::find(heard.begin(), heard.end(), nameOf(0) + " SCHEMA abc") != heard.end());
}

void GossiperTest::steadyClusterDoesOneRoundASecond() {
    Cluster cluster(3, 4);
    cluster.startAll();
    QVERIFY(cluster.converges(1s));
    cluster.world().runFor(5s);
    cluster[0].events.clear();
    cluster.world().runFor(20s);
    QCOMPARE(cluster[0].told<observe::GossipRound>().size(), std::size_t{20});
    const auto messages = cluster[0].told<observe::GossipMessage>();
    // About two exchanges a round begin at others, and each has one or two messages to this node.
    QVERIFY(messages.size() > 40 && messages.size() < 140);
    for (const observe::GossipMessage& message : messages) {
        QVERIFY(message.exchange != 0 && message.sentNanos > 0 && message.to == nameOf(0));
    }
    QCOMPARE(cluster[0].told<observe::PhiSample>().size(), std::size_t{40});
}

void GossiperTest::lonelyNodeGivesUpLooking() {
    Cluster cluster(2, 1);
    cluster.start(1);  // Its only seed is not there.
    cluster.world().runFor(4s);
    QVERIFY(!cluster[1].gossiper.isRunning());
    cluster.world().runFor(2s);
    QCOMPARE(cluster[1].shadowFailures, 1);
    QVERIFY(cluster[1].gossiper.isRunning());
    cluster.start(0);
    QVERIFY(cluster.converges(3s));
}

void GossiperTest::phisStayBelowTheThresholdUnderJitter() {
    Cluster cluster(4, 9);
    cluster.world().network().setDefaultRule({5ms, 200ms, 0.02, false});
    cluster.startAll();
    QVERIFY(cluster.converges(10s));
    cluster.world().runFor(600s);
    for (std::size_t i = 0; i < 4; ++i) {
        for (const observe::NodeJudged& judged : cluster[i].told<observe::NodeJudged>()) {
            QVERIFY2(judged.alive, judged.reason.c_str());
        }
        for (const observe::PhiSample& sample : cluster[i].told<observe::PhiSample>()) {
            QVERIFY(sample.phi < 8);
        }
    }
}

void GossiperTest::sameSeedGivesTheSameEvents() {
    const auto run = [](std::uint64_t seed) {
        Cluster cluster(5, seed);
        cluster.startAll();
        cluster.world().runFor(10s);
        cluster.world().network().cut(cluster.machine(0), cluster.machine(1));
        cluster.world().runFor(30s);
        cluster.crash(4);
        cluster.restart(4);
        cluster.world().runFor(10s);
        return std::pair(cluster.eventLog(), cluster.world().traceDigest());
    };
    const auto first = run(11);
    QVERIFY(first == run(11));
    QVERIFY(first.second != run(12).second);
}

void GossiperTest::gossipInfoIsNodetoolsText() {
    Cluster cluster(1, 1);
    cluster.startAll();
    cluster.world().runFor(10ms);
    const EndpointState* self = cluster[0].gossiper.find(nameOf(0));
    QVERIFY(self != nullptr);
    const std::string expected = fmt::format(
        "/10.0.0.1\n  generation:{}\n  heartbeat:6\n  DC:1:dc1\n  RACK:2:rack1\n  HOST_ID:3:{}\n"
        "  STATUS_WITH_PORT:5:NORMAL,1\n  TOKENS:4:<hidden>\n",
        self->heartBeat.generation, self->value(ApplicationState::HostId));
    QCOMPARE(cluster[0].gossiper.gossipInfo().c_str(), expected.c_str());
    QVERIFY(cluster[0].gossiper.gossipInfo(true).starts_with("/10.0.0.1:7000\n"));
}

QTEST_GUILESS_MAIN(GossiperTest)
#include "gossiper_test.moc"
