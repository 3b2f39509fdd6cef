#pragma once

#include <vector>

#include "engine/cql/restrictions/restriction.h"
#include "engine/rows/partition.h"

/// From values to stretches of clusterings.
namespace engine::cql {

/// Which rows of a partition are meant: none; or by full clustering; or by slices in table order,
/// which do not overlap (a single unbounded one: all rows).
struct ClusteringChoice {
    bool none = false;
    std::vector<rows::Clustering> names;
    std::vector<rows::Slice> slices;
};

/// Order of two ends of slices in a partition: negative when `a` lies before `b`.
int compareBounds(const schema::Table& table, const rows::ClusteringBound& a, bool aIsStart,
                  const rows::ClusteringBound& b, bool bIsStart);

/// Sorted in table order, each once.
void sortClusterings(const schema::Table& table, std::vector<rows::Clustering>& clusterings);
/// Sorted, empty ones gone, those that overlap made one.
void sortSlices(const schema::Table& table, std::vector<rows::Slice>& slices);

/// The slices below `prefix` that a slice restriction leaves; several when it is over columns of
/// mixed clustering order.
Result<void> appendSlices(const schema::Table& table, const rows::Clustering& prefix,
                          const Restriction& restriction, const Binding& binding,
                          std::vector<rows::Slice>& out);

}  // namespace engine::cql
