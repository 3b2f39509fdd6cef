#include "engine/index/vector_graph.h"

#include <QtTest>

#include <algorithm>
#include <random>
#include <set>

using namespace engine;
using index::VectorGraph;
using rows::Similarity;

namespace {

constexpr std::size_t kDimension = 16;

std::vector<float> randomVector(std::mt19937& random) {
    std::normal_distribution<float> normal;
    std::vector<float> out(kDimension);
    for (float& x : out) {
        x = normal(random);
    }
    return out;
}

}  // namespace

/// The graph beside a look at every vector.
class VectorGraphTest : public QObject {
    Q_OBJECT

private slots:
    void mostOfTheNearestAreFound_data();
    void mostOfTheNearestAreFound();
    void theOrderIsThatOfTheSimilarity();
    void whatIsRemovedIsNotFound();
    void nothingIsInAnEmptyGraph();
};

void VectorGraphTest::mostOfTheNearestAreFound_data() {
    QTest::addColumn<Similarity>("function");
    QTest::newRow("cosine") << Similarity::Cosine;
    QTest::newRow("dot product") << Similarity::DotProduct;
    QTest::newRow("euclidean") << Similarity::Euclidean;
}

void VectorGraphTest::mostOfTheNearestAreFound() {
    QFETCH(const Similarity, function);
    std::mt19937 random(7);
    VectorGraph graph({function, kDimension});
    std::vector<std::vector<float>> all;
    for (std::size_t i = 0; i < 3000; ++i) {
        all.push_back(randomVector(random));
        graph.add(i, all.back());
    }
    QCOMPARE(graph.size(), all.size());
    std::size_t hits = 0;
    constexpr std::size_t kQueries = 40, kWanted = 10;
    for (std::size_t q = 0; q < kQueries; ++q) {
        const std::vector<float> wanted = randomVector(random);
        std::vector<std::pair<float, std::uint64_t>> exact;
        for (std::size_t i = 0; i < all.size(); ++i) {
            exact.emplace_back(-rows::similarity(function, wanted, all[i]), i);
        }
        std::sort(exact.begin(), exact.end());
        const auto found = graph.nearest(wanted, kWanted);
        QCOMPARE(found.size(), kWanted);
        const std::set<std::uint64_t> given(found.begin(), found.end());
        for (std::size_t i = 0; i < kWanted; ++i) {
            hits += given.count(exact[i].second);
        }
    }
    // Everything here is seeded: this is a fixed figure, and not one of luck.
    QVERIFY2(hits >= kQueries * kWanted * 90 / 100, qPrintable(QString("%1 of %2").arg(hits).arg(kQueries * kWanted)));
}

void VectorGraphTest::theOrderIsThatOfTheSimilarity() {
    VectorGraph graph({Similarity::Cosine, 2});
    graph.add(1, {0, 5});
    graph.add(2, {1, 0});
    graph.add(3, {3, 1});
    QCOMPARE(graph.nearest({100, 0}, 3), (std::vector<VectorGraph::Label>{2, 3, 1}));
}

void VectorGraphTest::whatIsRemovedIsNotFound() {
    std::mt19937 random(3);
    VectorGraph graph({Similarity::Euclidean, kDimension});
    const std::vector<float> wanted = randomVector(random);
    for (std::size_t i = 0; i < 2000; ++i) {
        graph.add(i, randomVector(random));
    }
    const auto before = graph.nearest(wanted, 300);
    for (const auto label : before) {
        graph.remove(label);
    }
    QCOMPARE(graph.size(), std::size_t(1700));
    const auto after = graph.nearest(wanted, 10);
    QCOMPARE(after.size(), std::size_t(10));
    for (const auto label : after) {
        QVERIFY(std::find(before.begin(), before.end(), label) == before.end());
    }
}

void VectorGraphTest::nothingIsInAnEmptyGraph() {
    VectorGraph graph({Similarity::Cosine, kDimension});
    QVERIFY(graph.nearest(std::vector<float>(kDimension, 1), 5).empty());
}

QTEST_APPLESS_MAIN(VectorGraphTest)
#include "vector_graph_test.moc"
