// What ANN OF costs a replica: every vector looked at, beside the graph of the same vectors; and what a vector costs to add.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <set>
#include <vector>

#include "engine/index/vector_graph.h"

using namespace engine;

namespace {

constexpr std::size_t kVectors = 20'000;
constexpr std::size_t kDimension = 64;
constexpr std::size_t kQueries = 101;
constexpr std::size_t kWanted = 10;

using Clock = std::chrono::steady_clock;

double microsSince(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double medianOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    const auto vector = [&] {
        std::vector<float> out(kDimension);
        for (float& x : out) {
            x = normal(random);
        }
        return out;
    };
    index::VectorGraph graph({rows::Similarity::Cosine, kDimension});
    std::vector<std::vector<float>> all;
    std::vector<double> adding;
    for (std::size_t i = 0; i < kVectors; ++i) {
        all.push_back(vector());
        const auto start = Clock::now();
        graph.add(i, all.back());
        adding.push_back(microsSince(start));
    }
    std::vector<double> exact, near;
    std::size_t hits = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
        const std::vector<float> wanted = vector();
        auto start = Clock::now();
        std::vector<std::pair<float, std::size_t>> ranked;
        for (std::size_t i = 0; i < all.size(); ++i) {
            ranked.emplace_back(-rows::similarity(rows::Similarity::Cosine, wanted, all[i]), i);
        }
        std::partial_sort(ranked.begin(), ranked.begin() + kWanted, ranked.end());
        exact.push_back(microsSince(start));
        start = Clock::now();
        const auto found = graph.nearest(wanted, 10 * kWanted);  // As a read asks for more than its LIMIT.
        near.push_back(microsSince(start));
        const std::set<std::size_t> given(found.begin(), found.end());
        for (std::size_t i = 0; i < kWanted; ++i) {
            hits += given.count(ranked[i].second);
        }
    }
    std::printf("%zu random vectors of %zu floats, the %zu nearest, medians of %zu\n", kVectors, kDimension, kWanted, kQueries);
    std::printf("adding one to the graph      %9.1f us\n", medianOf(adding));
    std::printf("every vector looked at       %9.1f us\n", medianOf(exact));
    std::printf("the graph                    %9.1f us   ratio %.1f   of the nearest it gives %.0f %%\n", medianOf(near),
                medianOf(exact) / medianOf(near), 100.0 * static_cast<double>(hits) / (kQueries * kWanted));
    return 0;
}
