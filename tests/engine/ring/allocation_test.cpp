#include <QtTest>

#include <set>

#include "engine/ring/allocation.h"

using namespace engine;
using namespace engine::ring;

namespace {

TopologyPtr topologyOf(const std::vector<NodePlace>& places,
                       const std::vector<std::vector<Token>>& tokens) {
    std::vector<NodeInfo> nodes;
    for (std::size_t i = 0; i < places.size(); ++i) {
        NodeInfo node;
        node.node = "127.0.0." + std::to_string(i + 1) + ":7000";
        node.datacenter = places[i].datacenter;
        node.rack = places[i].rack;
        node.tokens = tokens[i];
        nodes.push_back(std::move(node));
    }
    return Topology::make(std::move(nodes), "127.0.0.1:7000", 1);
}

double worstDeviation(const std::map<std::string, double>& shares, double expected) {
    double worst = 0;
    for (const auto& [node, share] : shares) {
        worst = std::max(worst, std::abs(share / expected - 1));
    }
    return worst;
}

}  // namespace

class AllocationTest : public QObject {
    Q_OBJECT
private slots:
    void newClusterOwnsEvenShares_data();
    void newClusterOwnsEvenShares();
    void eachDatacenterIsEvenOnItsOwn();
    void walksOfThreeNodesMeetNodesTwice();
    void racksOfEqualSizeShareEvenly();
    void nodesShareRangesWithAllOthers();
    void joiningNodeGetsItsShare();
    void randomTokensAreSortedAndFree();
    void tokenFileIsRead();
    void tokenFileErrorsNameTheLine_data();
    void tokenFileErrorsNameTheLine();
};

void AllocationTest::newClusterOwnsEvenShares_data() {
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("tokens");
    QTest::newRow("one node") << 1 << 16;
    QTest::newRow("three nodes") << 3 << 16;
    QTest::newRow("six nodes") << 6 << 16;
    QTest::newRow("twelve nodes") << 12 << 16;
    QTest::newRow("four nodes of one token") << 4 << 1;
    QTest::newRow("five nodes of 256 tokens") << 5 << 256;
}

void AllocationTest::newClusterOwnsEvenShares() {
    QFETCH(const int, nodes);
    QFETCH(const int, tokens);
    const std::vector<NodePlace> places(static_cast<std::size_t>(nodes));
    const auto allocated = evenTokens(places, static_cast<std::size_t>(tokens));
    QCOMPARE(allocated, evenTokens(places, static_cast<std::size_t>(tokens)));
    std::set<Token> all;
    for (const auto& of : allocated) {
        QCOMPARE(of.size(), static_cast<std::size_t>(tokens));
        all.insert(of.begin(), of.end());
    }
    QCOMPARE(all.size(), static_cast<std::size_t>(nodes * tokens));
    const TopologyPtr topology = topologyOf(places, allocated);
    QVERIFY(worstDeviation(topology->ownership(), 1.0 / nodes) < 0.001);
    const int factor = std::min(3, nodes);
    const schema::Replication simple{"SimpleStrategy",
                                     {{"replication_factor", std::to_string(factor)}}};
    QVERIFY(worstDeviation(topology->effectiveOwnership(simple), double(factor) / nodes) < 0.03);
}

void AllocationTest::eachDatacenterIsEvenOnItsOwn() {
    std::vector<NodePlace> places;
    for (int i = 0; i < 8; ++i) {
        places.push_back({i < 3 ? "east" : "west", "rack1", {}, false});
    }
    const TopologyPtr topology = topologyOf(places, evenTokens(places, 16));
    const auto shares =
        topology->effectiveOwnership({"NetworkTopologyStrategy", {{"east", "2"}, {"west", "3"}}});
    for (const NodeInfo& node : topology->nodes()) {
        const double expected = node.datacenter == "east" ? 2.0 / 3 : 3.0 / 5;
        // Two copies on three nodes of ranges that differ in width: even within a few per cent.
        QVERIFY(std::abs(shares.at(node.node) / expected - 1) < 0.08);
    }
}

void AllocationTest::walksOfThreeNodesMeetNodesTwice() {
    const std::vector<NodePlace> places(3);
    const TopologyPtr topology = topologyOf(places, evenTokens(places, 16));
    const schema::Replication three{"SimpleStrategy", {{"replication_factor", "3"}}};
    std::size_t longer = 0;
    for (const Topology::Entry& entry : topology->tokens()) {
        longer += topology->explain(three, entry.token).steps.size() > 3 ? 1 : 0;
    }
    QVERIFY(longer > 0);
    QVERIFY(longer < topology->tokens().size());
}

void AllocationTest::racksOfEqualSizeShareEvenly() {
    std::vector<NodePlace> places;
    for (int i = 0; i < 9; ++i) {
        places.push_back({"dc1", "rack" + std::to_string(i / 3), {}, false});
    }
    const TopologyPtr topology = topologyOf(places, evenTokens(places, 16));
    const auto shares = topology->effectiveOwnership({"NetworkTopologyStrategy", {{"dc1", "3"}}});
    QVERIFY(worstDeviation(shares, 3.0 / 9) < 0.03);
}

void AllocationTest::nodesShareRangesWithAllOthers() {
    const std::vector<NodePlace> places(6);
    const TopologyPtr topology = topologyOf(places, evenTokens(places, 16));
    std::set<std::pair<std::string, std::string>> pairs;
    for (const DescribedRange& range :
         topology->describeRing({"SimpleStrategy", {{"replication_factor", "3"}}})) {
        for (const NodeInfo* a : range.replicas) {
            for (const NodeInfo* b : range.replicas) {
                pairs.emplace(a->node, b->node);
            }
        }
    }
    QCOMPARE(pairs.size(), std::size_t{36});
}

void AllocationTest::joiningNodeGetsItsShare() {
    runtime::SeededRandom random(7);
    std::vector<NodePlace> places(3);
    auto tokens = evenTokens(places, 16);
    for (int nodes = 4; nodes <= 8; ++nodes) {
        const TopologyPtr before = topologyOf(places, tokens);
        places.emplace_back();
        tokens.push_back(joiningTokens(*before, "datacenter1", 16, random));
        QCOMPARE(tokens.back().size(), std::size_t{16});
        const auto shares = topologyOf(places, tokens)->ownership();
        QVERIFY2(worstDeviation(shares, 1.0 / nodes) < 0.12, qPrintable(QString::number(nodes)));
    }
    const TopologyPtr before = topologyOf(places, tokens);
    QCOMPARE(joiningTokens(*before, "new", 4, random).size(), std::size_t{4});
}

void AllocationTest::randomTokensAreSortedAndFree() {
    runtime::SeededRandom random(1);
    const auto first = randomTokens(random, 16);
    QVERIFY(std::is_sorted(first.begin(), first.end()));
    runtime::SeededRandom again(1);
    for (const Token token : randomTokens(again, 16, first)) {
        QVERIFY(std::find(first.begin(), first.end(), token) == first.end());
    }
}

void AllocationTest::tokenFileIsRead() {
    const auto read =
        parseTokenFile("# a comment\n\n-5,7  # two tokens\ndc2 rackB 1\nlater dc1 rack1 2,3\n");
    QVERIFY(read.has_value());
    const auto& places = read.value();
    QCOMPARE(places.size(), std::size_t{3});
    QCOMPARE(places[0].tokens, (std::vector<Token>{-5, 7}));
    QCOMPARE(places[0].rack.c_str(), "rack1");
    QCOMPARE(places[1].datacenter.c_str(), "dc2");
    QVERIFY(!places[1].later);
    QVERIFY(places[2].later);
}

void AllocationTest::tokenFileErrorsNameTheLine_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("a word for a token") << "1\nx"
                                        << "line 2: 'x' is not a token";
    QTest::newRow("a token out of range") << "9223372036854775808"
                                          << "line 1: '9223372036854775808' is not a token";
    QTest::newRow("two words")
        << "dc1 5"
        << "line 1: expected DATACENTER RACK TOKEN,TOKEN,... or the tokens alone";
    QTest::newRow("later alone")
        << "later"
        << "line 1: expected DATACENTER RACK TOKEN,TOKEN,... or the tokens alone";
}

void AllocationTest::tokenFileErrorsNameTheLine() {
    QFETCH(const QString, text);
    QFETCH(const QString, message);
    const auto read = parseTokenFile(text.toStdString());
    QVERIFY(!read.has_value());
    QCOMPARE(QString::fromStdString(read.error().message), message);
}

QTEST_GUILESS_MAIN(AllocationTest)
#include "allocation_test.moc"
