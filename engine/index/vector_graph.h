#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/rows/nearest.h"

namespace engine::index {

/// Vectors as a graph in which near ones are neighbours (Malkov and Yashunin, "Efficient and robust approximate nearest
/// neighbor search using Hierarchical Navigable Small World graphs"; hnswlib): a search meets a small part of them and may
/// miss some. Whoever must not miss any looks at all. Vectors are as rows::checkVector takes them.
class VectorGraph {
public:
    struct Options {
        rows::Similarity function = rows::Similarity::Cosine;
        std::size_t dimension = 0;
        std::size_t connections = 16;  // maximum_node_connections
        std::size_t beamWidth = 100;   // construction_beam_width
    };
    using Label = std::uint64_t;

    explicit VectorGraph(const Options& options);
    ~VectorGraph();

    /// A label is given once and never again.
    void add(Label label, std::vector<float> vector);
    void remove(Label label);
    /// Up to `count` labels, nearest first.
    std::vector<Label> nearest(std::vector<float> wanted, std::size_t count) const;
    std::size_t size() const { return m_size; }

private:
    struct Graph;

    std::vector<float> prepared(std::vector<float> vector) const;

    const Options m_options;
    std::unique_ptr<Graph> m_graph;
    std::size_t m_size = 0;      // Without those removed,
    std::size_t m_positions = 0;  // and with them.
};

}  // namespace engine::index
