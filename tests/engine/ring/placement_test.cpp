#include <QtTest>

#include "engine/ring/allocation.h"
#include "engine/ring/topology.h"

using namespace engine;
using namespace engine::ring;

namespace {

/// Node n is 127.0.0.n:7000.
std::string nameOf(std::size_t n) {
    return "127.0.0." + std::to_string(n) + ":7000";
}

std::vector<NodeInfo> nodesOf(const char* tokenFile) {
    std::vector<NodeInfo> nodes;
    const auto places = parseTokenFile(tokenFile);
    for (const NodePlace& place : places.value()) {
        NodeInfo node;
        node.node = nameOf(nodes.size() + 1);
        node.datacenter = place.datacenter;
        node.rack = place.rack;
        node.tokens = place.tokens;
        node.status = place.later ? "JOINING" : "NORMAL";
        nodes.push_back(std::move(node));
    }
    return nodes;
}

const char* const kThree =
    "# four tokens each, every node in a rack of its own\n"
    "datacenter1 rack1 -8000000000000000000,-4069959284402364209,1000000000000000000,"
    "4000000000000000000\n"
    "datacenter1 rack2 -6000000000000000000,-2000000000000000000,2500000000000000000,"
    "8000000000000000000\n"
    "datacenter1 rack3 -5000000000000000000,-500000000000000000,5500000000000000000,"
    "7000000000000000000\n";
const char* const kRacks =
    "datacenter1 rackA -8000000000000000000,0,3000000000000000000\n"
    "datacenter1 rackA -7000000000000000000,1000000000000000000,6000000000000000000\n"
    "datacenter1 rackB -5000000000000000000,-1000000000000000000,4000000000000000000\n"
    "datacenter1 rackB -3000000000000000000,2000000000000000000,7500000000000000000\n";
const char* const kTwoDc =
    "dc1 rack1 -9223372036854775808,5000000000000000000\n"
    "dc1 rack2 -4000000000000000000,1000000000000000000\n"
    "dc2 rack1 -6000000000000000000,3000000000000000000\n"
    "dc2 rack1 -2000000000000000000,7000000000000000000\n";
const char* const kJoining =
    "datacenter1 rack1 -8000000000000000000,1000000000000000000\n"
    "datacenter1 rack2 -4069959284402364209,4000000000000000000\n"
    "datacenter1 rack3 -1000000000000000000,7000000000000000000\n"
    "later datacenter1 rack1 -6000000000000000000,2500000000000000000\n";

TopologyPtr topologyNamed(const QString& name) {
    const char* file = name == "three" ? kThree : name == "racks" ? kRacks : kTwoDc;
    return Topology::make(nodesOf(file), nameOf(1), 1);
}

/// Options as "dc1=2 dc2=1".
schema::Replication replication(const char* strategy, const char* options) {
    schema::Replication made{strategy, {}};
    for (const QString& option : QString(options).split(' ', Qt::SkipEmptyParts)) {
        const QStringList pair = option.split('=');
        made.options[pair[0].toStdString()] = pair[1].toStdString();
    }
    return made;
}

/// The last numbers of the nodes' addresses, in order.
QString digits(const std::vector<const NodeInfo*>& nodes) {
    QString text;
    for (const NodeInfo* node : nodes) {
        text += QChar(node->node[8]);
    }
    return text;
}

struct Answer {
    const char* name;
    const char* topology;
    const char* strategy;
    const char* options;
    qint64 token;
    const char* replicas;
};

/// What `nodetool getendpoints` of Apache Cassandra 5.0.6 said.
constexpr Answer kAnswers[] = {
    {"simple1 key 1", "three", "SimpleStrategy", "replication_factor=1", -4069959284402364209, "1"},
    {"simple2 key 1", "three", "SimpleStrategy", "replication_factor=2", -4069959284402364209,
     "12"},
    {"simple3 key 1", "three", "SimpleStrategy", "replication_factor=3", -4069959284402364209,
     "123"},
    {"simple4 key 1", "three", "SimpleStrategy", "replication_factor=4", -4069959284402364209,
     "123"},
    {"simple5 key 1", "three", "SimpleStrategy", "replication_factor=5", -4069959284402364209,
     "123"},
    {"simple1 key 2", "three", "SimpleStrategy", "replication_factor=1", -3248873570005575792, "2"},
    {"simple2 key 2", "three", "SimpleStrategy", "replication_factor=2", -3248873570005575792,
     "23"},
    {"simple3 key 2", "three", "SimpleStrategy", "replication_factor=3", -3248873570005575792,
     "231"},
    {"simple2 key 13", "three", "SimpleStrategy", "replication_factor=2", -5034495173465742853,
     "31"},
    {"simple2 key 12", "three", "SimpleStrategy", "replication_factor=2", 8582886034424406875,
     "12"},
    {"simple2 key 23", "three", "SimpleStrategy", "replication_factor=2", -9157060164899361011,
     "12"},
    {"simple2 key 31", "three", "SimpleStrategy", "replication_factor=2", 5865283883435733400,
     "32"},
    {"simple2 key 17", "three", "SimpleStrategy", "replication_factor=2", 5467144456125416399,
     "32"},
    {"simple3 key 17", "three", "SimpleStrategy", "replication_factor=3", 5467144456125416399,
     "321"},
    {"nts1 key 1", "three", "NetworkTopologyStrategy", "datacenter1=1", -4069959284402364209, "1"},
    {"nts2 key 1", "three", "NetworkTopologyStrategy", "datacenter1=2", -4069959284402364209, "12"},
    {"nts3 key 1", "three", "NetworkTopologyStrategy", "datacenter1=3", -4069959284402364209,
     "123"},
    {"nts4 key 1", "three", "NetworkTopologyStrategy", "datacenter1=4", -4069959284402364209,
     "123"},
    {"nts2 key 31", "three", "NetworkTopologyStrategy", "datacenter1=2", 5865283883435733400, "32"},
    {"nts3 key 17", "three", "NetworkTopologyStrategy", "datacenter1=3", 5467144456125416399,
     "321"},
    {"nts2 key 12", "three", "NetworkTopologyStrategy", "datacenter1=2", 8582886034424406875, "12"},
    {"racks_simple2 key 1", "racks", "SimpleStrategy", "replication_factor=2", -4069959284402364209,
     "43"},
    {"racks_simple3 key 1", "racks", "SimpleStrategy", "replication_factor=3", -4069959284402364209,
     "431"},
    {"racks_nts1 key 1", "racks", "NetworkTopologyStrategy", "datacenter1=1", -4069959284402364209,
     "4"},
    {"racks_nts2 key 1", "racks", "NetworkTopologyStrategy", "datacenter1=2", -4069959284402364209,
     "41"},
    {"racks_nts3 key 1", "racks", "NetworkTopologyStrategy", "datacenter1=3", -4069959284402364209,
     "431"},
    {"racks_nts4 key 1", "racks", "NetworkTopologyStrategy", "datacenter1=4", -4069959284402364209,
     "4312"},
    {"racks_nts5 key 1", "racks", "NetworkTopologyStrategy", "datacenter1=5", -4069959284402364209,
     "4312"},
    {"racks_simple2 key 13", "racks", "SimpleStrategy", "replication_factor=2",
     -5034495173465742853, "34"},
    {"racks_simple3 key 13", "racks", "SimpleStrategy", "replication_factor=3",
     -5034495173465742853, "341"},
    {"racks_nts2 key 13", "racks", "NetworkTopologyStrategy", "datacenter1=2", -5034495173465742853,
     "31"},
    {"racks_nts3 key 13", "racks", "NetworkTopologyStrategy", "datacenter1=3", -5034495173465742853,
     "341"},
    {"racks_nts4 key 13", "racks", "NetworkTopologyStrategy", "datacenter1=4", -5034495173465742853,
     "3412"},
    {"racks_simple2 key 6", "racks", "SimpleStrategy", "replication_factor=2", 2705480034054113608,
     "13"},
    {"racks_nts2 key 6", "racks", "NetworkTopologyStrategy", "datacenter1=2", 2705480034054113608,
     "13"},
    {"racks_nts3 key 6", "racks", "NetworkTopologyStrategy", "datacenter1=3", 2705480034054113608,
     "132"},
    {"racks_simple2 key 3", "racks", "SimpleStrategy", "replication_factor=2", 9010454139840013625,
     "12"},
    {"racks_nts2 key 3", "racks", "NetworkTopologyStrategy", "datacenter1=2", 9010454139840013625,
     "13"},
    {"racks_nts3 key 3", "racks", "NetworkTopologyStrategy", "datacenter1=3", 9010454139840013625,
     "123"},
    {"racks_nts4 key 3", "racks", "NetworkTopologyStrategy", "datacenter1=4", 9010454139840013625,
     "1234"},
    {"two_simple2 key 1", "two-dc", "SimpleStrategy", "replication_factor=2", -4069959284402364209,
     "24"},
    {"two_11 key 1", "two-dc", "NetworkTopologyStrategy", "dc1=1 dc2=1", -4069959284402364209,
     "24"},
    {"two_22 key 1", "two-dc", "NetworkTopologyStrategy", "dc1=2 dc2=2", -4069959284402364209,
     "2431"},
    {"two_21 key 1", "two-dc", "NetworkTopologyStrategy", "dc1=2 dc2=1", -4069959284402364209,
     "241"},
    {"two_20 key 1", "two-dc", "NetworkTopologyStrategy", "dc1=2 dc2=0", -4069959284402364209,
     "21"},
    {"two_02 key 1", "two-dc", "NetworkTopologyStrategy", "dc2=2", -4069959284402364209, "43"},
    {"two_31 key 1", "two-dc", "NetworkTopologyStrategy", "dc1=3 dc2=1", -4069959284402364209,
     "241"},
    {"two_11 key 13", "two-dc", "NetworkTopologyStrategy", "dc1=1 dc2=1", -5034495173465742853,
     "24"},
    {"two_22 key 13", "two-dc", "NetworkTopologyStrategy", "dc1=2 dc2=2", -5034495173465742853,
     "2431"},
    {"two_simple2 key 17", "two-dc", "SimpleStrategy", "replication_factor=2", 5467144456125416399,
     "41"},
    {"two_11 key 17", "two-dc", "NetworkTopologyStrategy", "dc1=1 dc2=1", 5467144456125416399,
     "41"},
    {"two_21 key 17", "two-dc", "NetworkTopologyStrategy", "dc1=2 dc2=1", 5467144456125416399,
     "412"},
    {"two_11 key 3", "two-dc", "NetworkTopologyStrategy", "dc1=1 dc2=1", 9010454139840013625, "13"},
    {"two_22 key 3", "two-dc", "NetworkTopologyStrategy", "dc1=2 dc2=2", 9010454139840013625,
     "1324"},
};

}  // namespace

class PlacementTest : public QObject {
    Q_OBJECT
private slots:
    void replicasAreThoseOfCassandra_data();
    void replicasAreThoseOfCassandra();
    void tokensAreThoseOfCassandra();
    void ownershipIsWhatNodetoolStatusSays();
    void rangesEndAtTheirTokenAndWrap();
    void walkTellsWhyEachVnodeWasPassed();
    void joiningNodeIsPendingWhereItWillBeReplica();
    void successorOfALeavingNodeIsPending();
    void levelsNeedWhatCassandraBlocksFor_data();
    void levelsNeedWhatCassandraBlocksFor();
    void localLevelsCountOnlyTheLocalDatacenter();
    void localStrategyKeepsEverythingHere();
    void registryPublishesOnlyDifferences();
    void levelsHaveNamesAndCodes();
};

void PlacementTest::replicasAreThoseOfCassandra_data() {
    QTest::addColumn<int>("index");
    for (int i = 0; i < int(std::size(kAnswers)); ++i) {
        QTest::newRow(kAnswers[i].name) << i;
    }
}

void PlacementTest::replicasAreThoseOfCassandra() {
    QFETCH(const int, index);
    const Answer& answer = kAnswers[index];
    const TopologyPtr topology = topologyNamed(answer.topology);
    const auto keyspace = replication(answer.strategy, answer.options);
    QCOMPARE(digits(topology->replicasFor(keyspace, answer.token).natural),
             QString(answer.replicas));
    QString walked;
    for (const std::string& node : topology->explain(keyspace, answer.token).replicas) {
        walked += QChar(node[8]);
    }
    QCOMPARE(walked, QString(answer.replicas));
}

void PlacementTest::tokensAreThoseOfCassandra() {
    QCOMPARE(tokenOf(BytesView("\0\0\0\1", 4)), Token{-4069959284402364209});
    QCOMPARE(tokenOf(BytesView("\0\0\0\3", 4)), Token{9010454139840013625});
    // A hash of the least number gives the greatest token; the least one belongs to the empty key.
    QCOMPARE(tokenOf(*fromHex("a1ded3809597e1fa5a0c902750d0d7f2")), kMaxToken);
    QCOMPARE(tokenOf(*fromHex("5f3a044d433910dad381b4e7828da8f8")), kMaxToken);
    QCOMPARE(tokenOf(*fromHex("69757472668e5412d32c0dea9c32aae4")), Token{-1});
    QCOMPARE(tokenOf(BytesView()), kMinToken);
}

void PlacementTest::ownershipIsWhatNodetoolStatusSays() {
    const auto percent = [](double share) { return QString::number(share * 100, 'f', 1); };
    const TopologyPtr three = topologyNamed("three");
    const auto two =
        three->effectiveOwnership(replication("SimpleStrategy", "replication_factor=2"));
    QCOMPARE(percent(two.at(nameOf(1))), QString("61.7"));
    QCOMPARE(percent(two.at(nameOf(2))), QString("78.3"));
    QCOMPARE(percent(two.at(nameOf(3))), QString("60.0"));

    const TopologyPtr twoDc = topologyNamed("two-dc");
    const auto primary = twoDc->ownership();
    QCOMPARE(percent(primary.at(nameOf(1))), QString("22.9"));
    QCOMPARE(percent(primary.at(nameOf(2))), QString("27.1"));
    QCOMPARE(percent(primary.at(nameOf(3))), QString("28.3"));
    QCOMPARE(percent(primary.at(nameOf(4))), QString("21.7"));
    const auto each =
        twoDc->effectiveOwnership(replication("NetworkTopologyStrategy", "dc1=1 dc2=1"));
    QCOMPARE(percent(each.at(nameOf(1))), QString("44.6"));
    QCOMPARE(percent(each.at(nameOf(2))), QString("55.4"));
    QCOMPARE(percent(each.at(nameOf(3))), QString("56.6"));
    QCOMPARE(percent(each.at(nameOf(4))), QString("43.4"));
}

void PlacementTest::rangesEndAtTheirTokenAndWrap() {
    const TopologyPtr three = topologyNamed("three");
    QCOMPARE(three->rangeOf(-4069959284402364209).left, Token{-5000000000000000000});
    QCOMPARE(three->rangeOf(-4069959284402364209).right, Token{-4069959284402364209});
    QCOMPARE(three->rangeOf(kMaxToken).right, Token{-8000000000000000000});
    QVERIFY(three->rangeOf(kMaxToken).contains(kMinToken));
    QVERIFY(!three->rangeOf(kMaxToken).contains(0));
    QCOMPARE(three->primaryRanges(nameOf(2)).size(), std::size_t{4});
    const TopologyPtr racks = topologyNamed("racks");
    const auto described =
        racks->describeRing(replication("NetworkTopologyStrategy", "datacenter1=3"));
    QCOMPARE(described.size(), std::size_t{12});
    QCOMPARE(described[0].range.left, Token{7500000000000000000});
    QCOMPARE(digits(described[0].replicas), QString("123"));
    QCOMPARE(digits(described[5].replicas), QString("124"));
}

void PlacementTest::walkTellsWhyEachVnodeWasPassed() {
    const PlacementWalk walk = topologyNamed("racks")->explain(
        replication("NetworkTopologyStrategy", "datacenter1=2"), -4069959284402364209);
    QCOMPARE(walk.range.right, Token{-3000000000000000000});
    QCOMPARE(walk.steps.size(), std::size_t{3});
    QVERIFY(walk.steps[0].taken);
    QCOMPARE(walk.steps[0].reason.c_str(), "datacenter1 has no replica in rackB yet");
    QVERIFY(!walk.steps[1].taken);
    QCOMPARE(walk.steps[1].reason.c_str(), "rackB of datacenter1 already has a replica");
    QVERIFY(walk.steps[2].taken);
}

void PlacementTest::joiningNodeIsPendingWhereItWillBeReplica() {
    const TopologyPtr topology = Topology::make(nodesOf(kJoining), nameOf(1), 1);
    const auto two = replication("SimpleStrategy", "replication_factor=2");
    QCOMPARE(topology->tokens().size(), std::size_t{6});
    const ReplicaPlan& taken = topology->replicasFor(two, -7000000000000000000);
    QCOMPARE(digits(taken.natural), QString("23"));
    QCOMPARE(digits(taken.pending), QString("4"));
    const ReplicaPlan& kept = topology->replicasFor(two, -5000000000000000000);
    QCOMPARE(digits(kept.natural), QString("23"));
    QVERIFY(kept.pending.empty());
    const Placement& placement = topology->placement(two);
    QCOMPARE(placement.requiredForWrite(Consistency::Quorum, "datacenter1", taken), 3u);
    QCOMPARE(placement.requiredForWrite(Consistency::Any, "datacenter1", taken), 1u);
    QCOMPARE(placement.requiredForWrite(Consistency::LocalOne, "elsewhere", taken), 1u);
}

void PlacementTest::successorOfALeavingNodeIsPending() {
    std::vector<NodeInfo> nodes = nodesOf(kRacks);
    nodes[0].status = "LEAVING";
    const TopologyPtr topology = Topology::make(nodes, nameOf(2), 1);
    const ReplicaPlan& plan = topology->replicasFor(
        replication("SimpleStrategy", "replication_factor=2"), 9000000000000000000);
    QCOMPARE(digits(plan.natural), QString("12"));
    QCOMPARE(digits(plan.pending), QString("3"));
}

void PlacementTest::levelsNeedWhatCassandraBlocksFor_data() {
    QTest::addColumn<QString>("options");
    QTest::addColumn<int>("level");
    QTest::addColumn<int>("needed");
    const auto row = [](const char* name, const char* options, Consistency level, int needed) {
        QTest::newRow(name) << QString(options) << int(level) << needed;
    };
    row("one", "dc1=3 dc2=2", Consistency::One, 1);
    row("quorum is over both datacenters", "dc1=3 dc2=2", Consistency::Quorum, 3);
    row("local quorum", "dc1=3 dc2=2", Consistency::LocalQuorum, 2);
    row("each quorum adds up", "dc1=3 dc2=2", Consistency::EachQuorum, 4);
    row("all", "dc1=3 dc2=2", Consistency::All, 5);
    row("serial", "dc1=3 dc2=2", Consistency::Serial, 3);
    row("local serial", "dc1=3 dc2=2", Consistency::LocalSerial, 2);
    row("local quorum where nothing is local", "dc2=2", Consistency::LocalQuorum, 1);
    row("quorum of four", "dc1=4", Consistency::Quorum, 3);
    row("node local", "dc1=3", Consistency::NodeLocal, 1);
}

void PlacementTest::levelsNeedWhatCassandraBlocksFor() {
    QFETCH(const QString, options);
    QFETCH(const int, level);
    QFETCH(const int, needed);
    const TopologyPtr topology = topologyNamed("two-dc");
    const Placement& placement =
        topology->placement(replication("NetworkTopologyStrategy", qPrintable(options)));
    QCOMPARE(int(placement.requiredResponses(static_cast<Consistency>(level), "dc1")), needed);
}

void PlacementTest::localLevelsCountOnlyTheLocalDatacenter() {
    QVERIFY(Placement::countsFor(Consistency::LocalQuorum, "dc1", "dc1"));
    QVERIFY(!Placement::countsFor(Consistency::LocalQuorum, "dc2", "dc1"));
    QVERIFY(!Placement::countsFor(Consistency::LocalOne, "dc2", "dc1"));
    QVERIFY(Placement::countsFor(Consistency::Quorum, "dc2", "dc1"));
    const TopologyPtr topology = topologyNamed("two-dc");
    const Placement& placement =
        topology->placement(replication("NetworkTopologyStrategy", "dc1=3 dc2=2"));
    const auto each = placement.eachQuorum();
    QCOMPARE(each.size(), std::size_t{2});
    QCOMPARE(each[0].required, 2u);
    QCOMPARE(each[1].required, 2u);
}

void PlacementTest::localStrategyKeepsEverythingHere() {
    const TopologyPtr topology = Topology::make(nodesOf(kThree), nameOf(2), 1);
    const auto local = replication("LocalStrategy", "");
    QCOMPARE(digits(topology->replicasFor(local, 0).natural), QString("2"));
    QCOMPARE(topology->placement(local).requiredResponses(Consistency::Quorum, "datacenter1"), 1u);
}

void PlacementTest::registryPublishesOnlyDifferences() {
    TopologyRegistry registry(nameOf(1));
    int changes = 0;
    registry.onChange([&](const TopologyPtr&, const TopologyPtr&) { ++changes; });
    QVERIFY(registry.publish(nodesOf(kThree)));
    QVERIFY(!registry.publish(nodesOf(kThree)));
    QCOMPARE(changes, 1);
    QCOMPARE(registry.current()->version(), std::uint64_t{1});
    QCOMPARE(registry.current()->localDatacenter().c_str(), "datacenter1");
}

void PlacementTest::levelsHaveNamesAndCodes() {
    QCOMPARE(std::string(toString(Consistency::LocalOne)).c_str(), "LOCAL_ONE");
    QVERIFY(parseConsistency("each_quorum") == Consistency::EachQuorum);
    QVERIFY(!parseConsistency("most"));
    QVERIFY(consistencyOf(11) == Consistency::NodeLocal);
    QVERIFY(!consistencyOf(12));
}

QTEST_GUILESS_MAIN(PlacementTest)
#include "placement_test.moc"
