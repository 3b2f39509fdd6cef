#include "engine/index/postings.h"

#include "engine/types/codec.h"
#include "engine/types/data_type.h"

namespace engine::index {

using rows::IndexClass;
using rows::IndexOn;
using rows::Operator;
using schema::ColumnKind;

namespace {

Bytes entryTerm(BytesView key, BytesView value) {
    ByteWriter out;
    out.longBlob(key);
    out.raw(value);
    return out.take();
}

/// A component of a composite key: 16-bit length, bytes, end of component.
Bytes keyComponent(const schema::Table& table, BytesView key, int position) {
    if (table.partitionKey().size() == 1) {
        return Bytes(key);
    }
    ByteReader in(key);
    BytesView component;
    for (int i = 0; i <= position; ++i) {
        component = in.shortBlob();
        in.u8();
    }
    return Bytes(component);
}

/// Terms are in the type's order where ranges are asked for, so that equal numbers of different
/// bytes are one term too; Cassandra's legacy indexes go by bytes.
types::TypePtr orderOf(IndexClass indexClass, IndexOn on, const schema::Column& column) {
    if (indexClass == IndexClass::Legacy || on == IndexOn::Entries ||
        column.type->kind() == types::Kind::Vector) {
        return nullptr;
    }
    types::TypePtr type = rows::termType(column, on);
    return type->isByteOrdered() ? nullptr : type;
}

std::size_t optionOf(const schema::Index& index, const char* name, std::size_t otherwise) {
    const auto at = index.options.find(name);
    return at == index.options.end() ? otherwise : static_cast<std::size_t>(std::stoul(at->second));
}

}  // namespace

bool Postings::Less::operator()(const Bytes& a, const Bytes& b) const {
    return type == nullptr ? a < b : types::compare(*type, a, b) < 0;
}

Postings::Postings(const schema::Table& table, const schema::Index& index)
    : m_index(index),
      m_target(rows::targetOf(index)),
      m_class(rows::classOf(index)),
      m_analysis(rows::analysisOf(index)),
      m_column(*table.find(m_target.column)),
      m_isNearest(rows::isNearestIndex(table, index)),
      m_terms(Less{orderOf(m_class, m_target.on, m_column)}) {}

bool Postings::supports(const schema::Table& table, const rows::FilterExpression& filter) const {
    return rows::supports(table, m_index, filter.column, filter.op);
}

void Postings::addTerm(Bytes term, const Place& place) {
    if ((m_analysis & rows::Analysis::Words) != 0) {
        for (Bytes& word : rows::wordsOf(term)) {
            m_terms[std::move(word)].insert(place);
        }
        return;
    }
    const auto [at, isNew] = m_terms.try_emplace(m_analysis == 0 ? std::move(term) : rows::analyse(term, m_analysis));
    at->second.insert(place);
    if (isNew && m_isNearest) {
        graphAdd(at->first);
    }
}

void Postings::graphAdd(const Bytes& term) {
    const auto label = [this](const Bytes& vector) {
        std::vector<float> values = types::decodeFloatVector(vector);
        if (!rows::checkVector(rows::similarityOf(m_index), values)) {
            return;  // It was there before the index: found only where all are looked at.
        }
        m_labels[vector] = m_vectors.size();
        m_vectors.push_back(vector);
        m_graph->add(m_vectors.size() - 1, std::move(values));
    };
    if (m_graph != nullptr) {
        label(term);
    } else if (m_terms.size() >= kGraphFrom) {
        const VectorGraph::Options defaults;
        m_graph = std::make_unique<VectorGraph>(VectorGraph::Options{
            rows::similarityOf(m_index), static_cast<std::size_t>(m_column.type->dimension()),
            optionOf(m_index, "maximum_node_connections", defaults.connections),
            optionOf(m_index, "construction_beam_width", defaults.beamWidth)});
        for (const auto& [vector, places] : m_terms) {
            label(vector);
        }
    }
}

void Postings::graphRemove(const Bytes& term) {
    if (const auto at = m_labels.find(term); at != m_labels.end()) {
        m_graph->remove(at->second);
        m_vectors[at->second].clear();
        m_labels.erase(at);
    }
}

std::optional<std::vector<Bytes>> Postings::nearest(const std::vector<float>& wanted, std::size_t count) const {
    if (m_graph == nullptr) {
        return std::nullopt;
    }
    std::vector<Bytes> out;
    for (const VectorGraph::Label label : m_graph->nearest(wanted, count)) {
        out.push_back(m_vectors[label]);
    }
    return out;
}

const Postings::Places& Postings::placesOf(const Bytes& term) const {
    static const Places kNone;
    const auto at = m_terms.find(term);
    return at == m_terms.end() ? kNone : at->second;
}

void Postings::add(const schema::Table& table, const rows::DecoratedKey& key, const rows::Row& row,
                   bool isStatic) {
    Place place{key, std::nullopt};
    if (!isStatic) {
        place.clustering = row.clustering;
    }
    if (m_column.kind == ColumnKind::Clustering) {
        if (!isStatic && !(row.liveness.isEmpty() && row.cells.empty())) {
            addTerm(row.clustering[static_cast<std::size_t>(m_column.position)], place);
        }
        return;
    }
    if ((m_column.kind == ColumnKind::Static) != isStatic) {
        return;
    }
    for (const rows::Cell& cell : row.cells) {
        if (cell.column != m_column.name || cell.isTombstone()) {
            continue;
        }
        switch (m_target.on) {
            case IndexOn::Keys: addTerm(cell.path, place); break;
            case IndexOn::Values:
                addTerm(m_column.type->kind() == types::Kind::Set ? cell.path : cell.value, place);
                break;
            case IndexOn::Entries: m_terms[entryTerm(cell.path, cell.value)].insert(place); break;
            default: addTerm(cell.value, place);
        }
    }
    static_cast<void>(table);
}

void Postings::add(const schema::Table& table, const rows::Partition& update) {
    if (m_column.kind == ColumnKind::PartitionKey) {
        const auto isWritten = [](const rows::Row& row) {
            return !row.liveness.isEmpty() || !row.cells.empty();
        };
        if (isWritten(update.staticRow) || std::any_of(update.rows.begin(), update.rows.end(), isWritten)) {
            addTerm(keyComponent(table, update.key.key, m_column.position), {update.key, std::nullopt});
        }
        return;
    }
    add(table, update.key, update.staticRow, true);
    for (const rows::Row& row : update.rows) {
        add(table, update.key, row, false);
    }
}

void Postings::clear() {
    m_terms.clear();
    m_graph.reset();
    m_labels.clear();
    m_vectors.clear();
}

Bytes Postings::wanted(const rows::FilterExpression& filter) const {
    if (filter.op == Operator::MapEntryEq) {
        return entryTerm(filter.mapKey, filter.value);
    }
    return m_analysis == 0 || (m_analysis & rows::Analysis::Words) != 0
               ? filter.value
               : rows::analyse(filter.value, m_analysis);
}

void Postings::visit(const rows::FilterExpression& filter,
                     const std::function<bool(const Terms::value_type&)>& each) const {
    const Bytes value = wanted(filter);
    auto from = m_terms.begin();
    auto to = m_terms.end();
    switch (filter.op) {
        case Operator::Gt: from = m_terms.upper_bound(value); break;
        case Operator::Gte: from = m_terms.lower_bound(value); break;
        case Operator::Lt: to = m_terms.lower_bound(value); break;
        case Operator::Lte: to = m_terms.upper_bound(value); break;
        case Operator::LikePrefix:
        case Operator::LikeSuffix:
        case Operator::LikeContains:
        case Operator::LikeMatches: {
            // Every term is looked at: a word at a time, or the text as a whole.
            const bool words = (m_analysis & rows::Analysis::Words) != 0;
            const std::vector<Bytes> patterns = words ? rows::wordsOf(value) : std::vector<Bytes>{value};
            for (; from != to; ++from) {
                const BytesView term = from->first;
                const bool passes = std::any_of(patterns.begin(), patterns.end(), [&](const Bytes& p) {
                    switch (filter.op) {
                        case Operator::LikePrefix: return term.starts_with(p);
                        case Operator::LikeSuffix: return term.ends_with(p);
                        case Operator::LikeContains: return term.find(p) != BytesView::npos;
                        default: return term == BytesView(p);
                    }
                });
                if (passes && !each(*from)) {
                    return;
                }
            }
            return;
        }
        default: std::tie(from, to) = m_terms.equal_range(value);
    }
    for (; from != m_terms.end() && from != to; ++from) {
        if (!each(*from)) {
            return;
        }
    }
}

std::vector<Place> Postings::find(const rows::FilterExpression& filter) const {
    std::vector<Place> out;
    visit(filter, [&](const Terms::value_type& entry) {
        out.insert(out.end(), entry.second.begin(), entry.second.end());
        return true;
    });
    return out;
}

std::size_t Postings::count(const rows::FilterExpression& filter, std::size_t most) const {
    std::size_t out = 0;
    visit(filter, [&](const Terms::value_type& entry) {
        out += entry.second.size();
        return out < most;
    });
    return out;
}

void Postings::forget(const rows::FilterExpression& filter, const Place& place) {
    std::vector<Bytes> found;
    visit(filter, [&](const Terms::value_type& entry) {
        if (entry.second.contains(place)) {
            found.push_back(entry.first);
        }
        return true;
    });
    for (const Bytes& term : found) {
        forget(term, place);
    }
}

void Postings::forEach(const std::function<void(const Bytes&, const Place&)>& each) const {
    for (const auto& [term, places] : m_terms) {
        for (const Place& place : places) {
            each(term, place);
        }
    }
}

void Postings::forget(const Bytes& term, const Place& place) {
    const auto it = m_terms.find(term);
    if (it != m_terms.end() && it->second.erase(place) > 0 && it->second.empty()) {
        graphRemove(term);
        m_terms.erase(it);
    }
}

}  // namespace engine::index
