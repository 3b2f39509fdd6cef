#include "engine/index/vector_graph.h"

// hnswlib reads one place behind a list of links to name an address to prefetch: harmless, but a
// fault to the address sanitizer. Without its hand-written SIMD it does not prefetch.
#ifdef __SANITIZE_ADDRESS__
#define NO_MANUAL_VECTORIZATION
#endif
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>

namespace engine::index {

namespace {

constexpr std::size_t kFirstCapacity = 1024;
constexpr std::size_t kSearchWidth = 256;  // Least number of candidates that a search keeps (ef).

std::unique_ptr<hnswlib::SpaceInterface<float>> spaceOf(const VectorGraph::Options& options) {
    if (options.function == rows::Similarity::Euclidean) {
        return std::make_unique<hnswlib::L2Space>(options.dimension);
    }
    return std::make_unique<hnswlib::InnerProductSpace>(options.dimension);
}

}  // namespace

struct VectorGraph::Graph {
    explicit Graph(const Options& options)
        : space(spaceOf(options)), graph(space.get(), kFirstCapacity, options.connections, options.beamWidth) {}

    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    hnswlib::HierarchicalNSW<float> graph;
};

VectorGraph::VectorGraph(const Options& options) : m_options(options), m_graph(std::make_unique<Graph>(options)) {}

VectorGraph::~VectorGraph() = default;

/// Cosines are inner products of vectors of length 1.
std::vector<float> VectorGraph::prepared(std::vector<float> vector) const {
    if (m_options.function == rows::Similarity::Cosine) {
        double sum = 0;
        for (const float x : vector) {
            sum += static_cast<double>(x) * static_cast<double>(x);
        }
        const double length = std::sqrt(sum);
        for (float& x : vector) {
            x = static_cast<float>(static_cast<double>(x) / length);
        }
    }
    return vector;
}

void VectorGraph::add(Label label, std::vector<float> vector) {
    if (m_positions == m_graph->graph.max_elements_) {
        m_graph->graph.resizeIndex(2 * m_positions);
    }
    m_graph->graph.addPoint(prepared(std::move(vector)).data(), label);
    ++m_positions;
    ++m_size;
}

void VectorGraph::remove(Label label) {
    m_graph->graph.markDelete(label);
    --m_size;
}

std::vector<VectorGraph::Label> VectorGraph::nearest(std::vector<float> wanted, std::size_t count) const {
    if (m_size == 0 || count == 0) {
        return {};
    }
    const std::vector<float> query = prepared(std::move(wanted));
    m_graph->graph.setEf(std::max(kSearchWidth, count));  // Those removed lead on, and take no place.
    auto found = m_graph->graph.searchKnn(query.data(), count);
    std::vector<Label> out(found.size());
    for (auto slot = out.rbegin(); slot != out.rend(); ++slot) {
        *slot = found.top().second;
        found.pop();
    }
    return out;
}

}  // namespace engine::index
