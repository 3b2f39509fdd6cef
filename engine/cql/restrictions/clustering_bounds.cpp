#include "engine/cql/restrictions/clustering_bounds.h"

#include <algorithm>

#include "engine/types/data_type.h"

namespace engine::cql {
namespace {

using rows::ClusteringBound;
using rows::Clustering;
using rows::Slice;

int compareColumn(const schema::Column& column, BytesView a, BytesView b) {
    const int order = types::compare(*column.type, a, b);
    return column.descending ? -order : order;
}

/// Side of all rows that begin with the bound's prefix on which it stands.
int sideOf(const ClusteringBound& bound, bool isStart) {
    return bound.inclusive == isStart ? -1 : 1;
}

bool isEmpty(const schema::Table& table, const Slice& slice) {
    return compareBounds(table, slice.start, true, slice.end, false) >= 0;
}

Slice intersect(const schema::Table& table, const Slice& a, const Slice& b) {
    return {compareBounds(table, a.start, true, b.start, true) >= 0 ? a.start : b.start,
            compareBounds(table, a.end, false, b.end, false) <= 0 ? a.end : b.end};
}

Clustering extended(const Clustering& prefix, const std::vector<Bytes>& values, std::size_t count) {
    Clustering out = prefix;
    out.insert(out.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
    return out;
}

bool mixedOrder(const std::vector<const schema::Column*>& columns) {
    return std::any_of(columns.begin(), columns.end(), [&](const schema::Column* column) {
        return column->descending != columns.front()->descending;
    });
}

/// All rows below `prefix` on one side of `values`: above when `above`, by the order of values.
std::vector<Slice> halfOf(const Clustering& prefix, const std::vector<const schema::Column*>& columns,
                          const std::vector<Bytes>& values, bool above, bool inclusive) {
    const auto half = [&](std::size_t count, bool closed) {
        Slice slice{{prefix, true}, {prefix, true}};
        // The last column counts: its descending order swaps the ends.
        if (count > 1) {
            slice.start.prefix = extended(prefix, values, count - 1);
            slice.end.prefix = slice.start.prefix;
        }
        ClusteringBound& bound =
            above != columns[count - 1]->descending ? slice.start : slice.end;
        bound = {extended(prefix, values, count), closed};
        return slice;
    };
    if (!mixedOrder(columns)) {
        Slice slice{{prefix, true}, {prefix, true}};
        (above != columns[0]->descending ? slice.start : slice.end) = {
            extended(prefix, values, values.size()), inclusive};
        return {slice};
    }
    std::vector<Slice> out;
    for (std::size_t count = 1; count <= values.size(); ++count) {
        out.push_back(half(count, inclusive && count == values.size()));
    }
    return out;
}

}  // namespace

int compareBounds(const schema::Table& table, const ClusteringBound& a, bool aIsStart,
                  const ClusteringBound& b, bool bIsStart) {
    const std::size_t common = std::min(a.prefix.size(), b.prefix.size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = compareColumn(table.clustering()[i], a.prefix[i], b.prefix[i]);
        if (order != 0) {
            return order;
        }
    }
    const int aSide = sideOf(a, aIsStart);
    const int bSide = sideOf(b, bIsStart);
    if (a.prefix.size() == b.prefix.size()) {
        return aSide - bSide;
    }
    return a.prefix.size() < b.prefix.size() ? aSide : -bSide;
}

void sortClusterings(const schema::Table& table, std::vector<Clustering>& clusterings) {
    if (clusterings.size() < 2) {
        return;
    }
    std::sort(clusterings.begin(), clusterings.end(), [&](const Clustering& a, const Clustering& b) {
        return rows::compareClustering(table, a, b) < 0;
    });
    clusterings.erase(std::unique(clusterings.begin(), clusterings.end(),
                                  [&](const Clustering& a, const Clustering& b) {
                                      return rows::compareClustering(table, a, b) == 0;
                                  }),
                      clusterings.end());
}

void sortSlices(const schema::Table& table, std::vector<Slice>& slices) {
    std::erase_if(slices, [&](const Slice& slice) { return isEmpty(table, slice); });
    std::sort(slices.begin(), slices.end(), [&](const Slice& a, const Slice& b) {
        return compareBounds(table, a.start, true, b.start, true) < 0;
    });
    std::vector<Slice> merged;
    for (Slice& slice : slices) {
        if (!merged.empty() &&
            compareBounds(table, slice.start, true, merged.back().end, false) <= 0) {
            if (compareBounds(table, slice.end, false, merged.back().end, false) > 0) {
                merged.back().end = std::move(slice.end);
            }
            continue;
        }
        merged.push_back(std::move(slice));
    }
    slices = std::move(merged);
}

Result<void> appendSlices(const schema::Table& table, const Clustering& prefix,
                          const Restriction& restriction, const Binding& binding,
                          std::vector<Slice>& out) {
    const auto bound = [&](const RowValue& value) {
        return value.bind(restriction.columns, binding,
                          "Invalid null value in condition for column ", !restriction.multi);
    };
    const auto columnsOf = [&](const std::vector<Bytes>& values) {
        return std::vector<const schema::Column*>(
            restriction.columns.begin(),
            restriction.columns.begin() + static_cast<std::ptrdiff_t>(values.size()));
    };
    std::vector<Slice> slices{{{prefix, true}, {prefix, true}}};
    const auto narrow = [&](const std::vector<Slice>& half) {
        std::vector<Slice> next;
        for (const Slice& a : slices) {
            for (const Slice& b : half) {
                next.push_back(intersect(table, a, b));
            }
        }
        slices = std::move(next);
    };
    if (restriction.lower) {
        TRY_ASSIGN(const auto values, bound(*restriction.lower));
        narrow(halfOf(prefix, columnsOf(values), values, true, restriction.lowerInclusive));
    }
    if (restriction.upper) {
        TRY_ASSIGN(const auto values, bound(*restriction.upper));
        narrow(halfOf(prefix, columnsOf(values), values, false, restriction.upperInclusive));
    }
    out.insert(out.end(), slices.begin(), slices.end());
    return ok();
}

}  // namespace engine::cql
