#include "engine/rows/partition.h"

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/types/data_type.h"

namespace engine::rows {

std::int64_t tokenOf(BytesView key) {
    if (key.empty()) {
        return std::numeric_limits<std::int64_t>::min();
    }
    const std::int64_t hash = murmur3(key)[0];
    return hash == std::numeric_limits<std::int64_t>::min()
               ? std::numeric_limits<std::int64_t>::max()
               : hash;
}

DecoratedKey decorate(Bytes key) {
    const std::int64_t token = tokenOf(key);
    return {token, std::move(key)};
}

bool isThere(const schema::Table& table, const Row& row, std::int64_t nowSeconds) {
    return table.view && table.view->strictLiveness ? row.liveness.isLive(nowSeconds)
                                                    : row.hasLiveData(nowSeconds);
}

bool Row::hasLiveData(std::int64_t nowSeconds) const {
    return liveness.isLive(nowSeconds) ||
           std::any_of(cells.begin(), cells.end(),
                       [&](const Cell& cell) { return cell.isLive(nowSeconds); });
}

int compareClustering(const schema::Table& table, const Clustering& a, const Clustering& b) {
    const auto columns = table.clustering();
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = types::compare(*columns[i].type, a[i], b[i]);
        if (order != 0) {
            return columns[i].descending ? -order : order;
        }
    }
    return static_cast<int>(a.size()) - static_cast<int>(b.size());
}

int compareToBound(const schema::Table& table, const Clustering& row, const ClusteringBound& bound,
                   bool isStart) {
    const auto columns = table.clustering();
    const std::size_t common = std::min(row.size(), bound.prefix.size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = types::compare(*columns[i].type, row[i], bound.prefix[i]);
        if (order != 0) {
            return columns[i].descending ? -order : order;
        }
    }
    const bool inside = bound.inclusive || bound.prefix.empty();
    return inside == isStart ? 1 : -1;
}

bool contains(const schema::Table& table, const Slice& slice, const Clustering& row) {
    return compareToBound(table, row, slice.start, true) > 0 &&
           compareToBound(table, row, slice.end, false) < 0;
}

}  // namespace engine::rows
