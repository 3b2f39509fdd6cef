#pragma once

#include <optional>
#include <vector>

#include "engine/rows/partition.h"

namespace engine::rows {

/// A place between rows: before (-1) or after (+1) all rows whose clustering begins with the
/// prefix. What ClusteringBound is, without the distinction of start and end. Refers to the prefix.
struct Position {
    const Clustering* prefix = nullptr;
    int side = -1;
};
Position startOf(const Slice& slice);
Position endOf(const Slice& slice);
int comparePositions(const schema::Table& table, const Position& a, const Position& b);
/// Whether no row can lie within the slice.
bool isEmpty(const schema::Table& table, const Slice& slice);

/// Range tombstones are kept sorted and disjoint, and neighbours that touch differ in deletion, so
/// that equal knowledge has one form (org.apache.cassandra.db.RangeTombstoneList). Adding one
/// splits what it overlaps; where two overlap the superseding deletion stays.
void addRangeTombstone(const schema::Table& table, std::vector<RangeTombstone>& tombstones,
                       RangeTombstone added);
/// The deletion that covers a row; live when none does.
DeletionTime coveringDeletion(const schema::Table& table,
                              const std::vector<RangeTombstone>& tombstones, const Clustering& row);
/// The parts of the tombstones that lie within the slices (disjoint, in table order).
std::vector<RangeTombstone> clip(const schema::Table& table,
                                 const std::vector<RangeTombstone>& tombstones,
                                 const std::vector<Slice>& slices);

}  // namespace engine::rows
