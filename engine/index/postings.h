#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "engine/index/vector_graph.h"
#include "engine/rows/index_rules.h"
#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"

namespace engine::index {

/// Where a term was seen: a row, or (of static columns and partition key components) a partition.
struct Place {
    rows::DecoratedKey key;
    std::optional<rows::Clustering> clustering;  // Absent: the partition as a whole.
    auto operator<=>(const Place&) const = default;
};

/// One index: its terms in order, each with the places where it was written. A superset of what is
/// there: terms come with every write and stay when they are overwritten or deleted, until a read
/// finds that the row no longer has them (as the entries of Cassandra's CassandraIndex do).
class Postings {
public:
    Postings(const schema::Table& table, const schema::Index& index);

    /// Every term that the update holds.
    void add(const schema::Table& table, const rows::Partition& update);
    void clear();
    /// The places whose terms satisfy `filter`, which the index supports.
    std::vector<Place> find(const rows::FilterExpression& filter) const;
    /// How many find() gives; counting stops at `most`.
    std::size_t count(const rows::FilterExpression& filter, std::size_t most) const;
    void forget(const rows::FilterExpression& filter, const Place& place);
    /// Of an index over vectors: every vector and its places.
    using Places = std::set<Place>;
    void forEach(const std::function<void(const Bytes& term, const Place& place)>& each) const;
    void forget(const Bytes& term, const Place& place);
    /// So many of those vectors that are nearest, nearest first, as the graph has them; nothing while there are too few for
    /// one, when all are to be looked at.
    std::optional<std::vector<Bytes>> nearest(const std::vector<float>& wanted, std::size_t count) const;
    const Places& placesOf(const Bytes& term) const;

    /// Vectors from which on there is a graph: to look at fewer takes less than a millisecond.
    static constexpr std::size_t kGraphFrom = 2000;

    const schema::Index& definition() const { return m_index; }
    std::size_t terms() const { return m_terms.size(); }
    bool supports(const schema::Table& table, const rows::FilterExpression& filter) const;

private:
    struct Less {
        types::TypePtr type;  // Null: unsigned bytes.
        bool operator()(const Bytes& a, const Bytes& b) const;
    };
    using Terms = std::map<Bytes, Places, Less>;

    void add(const schema::Table& table, const rows::DecoratedKey& key, const rows::Row& row, bool isStatic);
    void addTerm(Bytes term, const Place& place);
    /// A vector that is there for the first time, or no longer.
    void graphAdd(const Bytes& term);
    void graphRemove(const Bytes& term);
    Bytes wanted(const rows::FilterExpression& filter) const;
    /// Calls `each` with every term that satisfies the filter until it answers false.
    void visit(const rows::FilterExpression& filter,
               const std::function<bool(const Terms::value_type&)>& each) const;

    schema::Index m_index;
    rows::IndexTarget m_target;
    rows::IndexClass m_class;
    std::uint8_t m_analysis;
    schema::Column m_column;
    bool m_isNearest;
    Terms m_terms;
    std::unique_ptr<VectorGraph> m_graph;  // Of an index over vectors, once there are many,
    std::map<Bytes, VectorGraph::Label> m_labels;  // with the label of each vector,
    std::vector<Bytes> m_vectors;                  // and the vector of each label.
};

}  // namespace engine::index
