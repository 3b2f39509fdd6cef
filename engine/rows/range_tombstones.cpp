#include "engine/rows/range_tombstones.h"

#include <algorithm>

#include "engine/types/data_type.h"

namespace engine::rows {

namespace {

ClusteringBound startBound(const Position& at) {
    return {*at.prefix, at.side < 0};
}
ClusteringBound endBound(const Position& at) {
    return {*at.prefix, at.side > 0};
}

/// Appends [from, to) with its deletion, joined to the last piece when both touch and agree.
void appendPiece(const schema::Table& table, std::vector<RangeTombstone>& pieces,
                 const Position& from, const Position& to, const DeletionTime& deletion) {
    if (comparePositions(table, from, to) >= 0) {
        return;
    }
    if (!pieces.empty() && pieces.back().deletion == deletion &&
        comparePositions(table, endOf(pieces.back().slice), from) == 0) {
        pieces.back().slice.end = endBound(to);
        return;
    }
    pieces.push_back({{startBound(from), endBound(to)}, deletion});
}

const Position& smaller(const schema::Table& table, const Position& a, const Position& b) {
    return comparePositions(table, b, a) < 0 ? b : a;
}
const Position& larger(const schema::Table& table, const Position& a, const Position& b) {
    return comparePositions(table, b, a) > 0 ? b : a;
}

}  // namespace

Position startOf(const Slice& slice) {
    const bool before = slice.start.prefix.empty() || slice.start.inclusive;
    return {&slice.start.prefix, before ? -1 : 1};
}

Position endOf(const Slice& slice) {
    const bool after = slice.end.prefix.empty() || slice.end.inclusive;
    return {&slice.end.prefix, after ? 1 : -1};
}

int comparePositions(const schema::Table& table, const Position& a, const Position& b) {
    const auto columns = table.clustering();
    const std::size_t common = std::min(a.prefix->size(), b.prefix->size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = types::compare(*columns[i].type, (*a.prefix)[i], (*b.prefix)[i]);
        if (order != 0) {
            return columns[i].descending ? -order : order;
        }
    }
    if (a.prefix->size() == b.prefix->size()) {
        return a.side - b.side;
    }
    return a.prefix->size() < b.prefix->size() ? a.side : -b.side;
}

bool isEmpty(const schema::Table& table, const Slice& slice) {
    return comparePositions(table, startOf(slice), endOf(slice)) >= 0;
}

void addRangeTombstone(const schema::Table& table, std::vector<RangeTombstone>& tombstones,
                       RangeTombstone added) {
    if (isEmpty(table, added.slice)) {
        return;
    }
    const Position start = startOf(added.slice);
    const Position end = endOf(added.slice);
    // Those that only touch are taken in too, so that they can be joined.
    const auto first = std::partition_point(
        tombstones.begin(), tombstones.end(),
        [&](const auto& t) { return comparePositions(table, endOf(t.slice), start) < 0; });
    const auto last = std::partition_point(first, tombstones.end(), [&](const auto& t) {
        return comparePositions(table, startOf(t.slice), end) <= 0;
    });
    std::vector<RangeTombstone> pieces;
    Position cursor = start;
    for (auto it = first; it != last; ++it) {
        const Position from = startOf(it->slice);
        const Position to = endOf(it->slice);
        const Position& overlapStart = larger(table, from, start);
        const Position& overlapEnd = smaller(table, to, end);
        const bool wins = added.deletion.supersedes(it->deletion);
        appendPiece(table, pieces, from, smaller(table, to, start), it->deletion);
        appendPiece(table, pieces, cursor, smaller(table, from, end), added.deletion);
        appendPiece(table, pieces, overlapStart, overlapEnd, wins ? added.deletion : it->deletion);
        appendPiece(table, pieces, larger(table, from, end), to, it->deletion);
        cursor = larger(table, cursor, overlapEnd);
    }
    // What lies beyond the end of the added one has been appended by the last overlap.
    appendPiece(table, pieces, cursor, end, added.deletion);
    const auto at = tombstones.erase(first, last);
    tombstones.insert(at, std::make_move_iterator(pieces.begin()),
                      std::make_move_iterator(pieces.end()));
}

DeletionTime coveringDeletion(const schema::Table& table,
                              const std::vector<RangeTombstone>& tombstones,
                              const Clustering& row) {
    const auto it = std::partition_point(tombstones.begin(), tombstones.end(), [&](const auto& t) {
        return compareToBound(table, row, t.slice.end, false) > 0;
    });
    if (it == tombstones.end() || compareToBound(table, row, it->slice.start, true) < 0) {
        return {};
    }
    return it->deletion;
}

std::vector<RangeTombstone> clip(const schema::Table& table,
                                 const std::vector<RangeTombstone>& tombstones,
                                 const std::vector<Slice>& slices) {
    std::vector<RangeTombstone> out;
    for (const Slice& slice : slices) {
        const Position start = startOf(slice);
        const Position end = endOf(slice);
        auto it = std::partition_point(tombstones.begin(), tombstones.end(), [&](const auto& t) {
            return comparePositions(table, endOf(t.slice), start) <= 0;
        });
        for (; it != tombstones.end(); ++it) {
            const Position from = startOf(it->slice);
            if (comparePositions(table, from, end) >= 0) {
                break;
            }
            appendPiece(table, out, larger(table, from, start),
                        smaller(table, endOf(it->slice), end), it->deletion);
        }
    }
    return out;
}

}  // namespace engine::rows
