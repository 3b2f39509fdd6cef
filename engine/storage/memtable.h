#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/storage/row_source.h"

namespace engine::storage {

/// A place a search may look for: a bound, and which side of it.
struct BoundToFind {
    const rows::ClusteringBound& bound;
    bool isStart;
};

/// A row in its place; changed by merging, which leaves its clustering alone.
struct PlacedRow {
    mutable rows::Row row;
};

struct RowOrder {
    using is_transparent = void;
    const schema::Table* table;

    bool operator()(const PlacedRow& a, const PlacedRow& b) const {
        return rows::compareClustering(*table, a.row.clustering, b.row.clustering) < 0;
    }
    bool operator()(const PlacedRow& a, const rows::Clustering& b) const {
        return rows::compareClustering(*table, a.row.clustering, b) < 0;
    }
    bool operator()(const rows::Clustering& a, const PlacedRow& b) const {
        return rows::compareClustering(*table, a, b.row.clustering) < 0;
    }
    bool operator()(const PlacedRow& a, const BoundToFind& b) const {
        return rows::compareToBound(*table, a.row.clustering, b.bound, b.isStart) < 0;
    }
};
using RowSet = std::set<PlacedRow, RowOrder>;

/// One partition in memory. Rows hidden by its deletions may still be there: readers drop them.
class MemtablePartition : public PartitionSource {
public:
    MemtablePartition(const schema::Table& table, rows::DecoratedKey key)
        : m_key(std::move(key)), m_rows(RowOrder{&table}) {}

    const rows::DeletionTime& deletion() const override { return m_deletion; }
    const rows::Row& staticRow() const override { return m_staticRow; }
    const std::vector<rows::RangeTombstone>& rangeTombstones() const override {
        return m_rangeTombstones;
    }
    Result<std::unique_ptr<RowCursor>> rows(const std::vector<rows::Slice>& slices,
                                            bool reversed) const override;
    const rows::DecoratedKey& key() const { return m_key; }
    const RowSet& rowSet() const { return m_rows; }

    /// Takes in what was written; bytes and rows that came or went are added up.
    void merge(const schema::Table& table, rows::Partition from, std::int64_t& bytes,
               std::int64_t& rowCount);

private:
    friend class Memtable;
    void mergeRow(const schema::Table& table, rows::Row from, std::int64_t& bytes,
                  std::int64_t& rowCount);

    rows::DecoratedKey m_key;
    rows::DeletionTime m_deletion;
    rows::Row m_staticRow;
    RowSet m_rows;
    std::vector<rows::RangeTombstone> m_rangeTombstones;
    MemtablePartition* m_next = nullptr;  // The next one of its bucket, in ring order.
};

/// The writes of one table since its last flush. Written to on the node's thread; once switched for
/// a new one it never changes, so that a flush on the pool and reads share it.
///
/// Partitions hang in buckets by the leading bits of their token. Tokens are hashes, so that this
/// is a hash table, and as the buckets' order is that of the tokens it is also the sorted order of
/// the ring.
class Memtable {
public:
    explicit Memtable(schema::TablePtr table);

    /// `current` is the table as it is defined now.
    void apply(const schema::Table& current, rows::Partition update);
    const MemtablePartition* find(const rows::DecoratedKey& key) const;
    /// The first partition at or behind a place; null when there is none.
    const MemtablePartition* first() const { return firstFrom(0); }
    const MemtablePartition* firstIn(const rows::PartitionRange& range) const;
    const MemtablePartition* next(const MemtablePartition& partition) const;

    const schema::TablePtr& table() const { return m_table; }
    bool isEmpty() const { return m_partitions.empty(); }
    /// An estimate of the memory taken.
    std::uint64_t bytes() const { return static_cast<std::uint64_t>(m_bytes); }
    std::uint64_t rows() const { return static_cast<std::uint64_t>(m_rows); }
    std::uint64_t partitions() const { return m_partitions.size(); }

private:
    std::size_t bucketOf(std::int64_t token) const;
    const MemtablePartition* firstFrom(std::size_t bucket) const;
    MemtablePartition& findOrAdd(const rows::DecoratedKey& key);
    void grow();

    schema::TablePtr m_table;
    std::deque<MemtablePartition> m_partitions;  // Owns them; their addresses stay.
    std::vector<MemtablePartition*> m_buckets;
    int m_bits;
    std::int64_t m_bytes = 0;
    std::int64_t m_rows = 0;
};

/// Walks the partitions of a memtable that lie in a range. The memtable must not change meanwhile.
class MemtableCursor : public PartitionCursor {
public:
    MemtableCursor(const Memtable& memtable, const rows::PartitionRange& range);
    const rows::DecoratedKey* key() const override { return m_at ? &m_at->key() : nullptr; }
    const PartitionSource& partition() const override { return *m_at; }
    Result<void> advance() override;

private:
    void stopBehindRange();

    const Memtable& m_memtable;
    const rows::PartitionRange& m_range;
    const MemtablePartition* m_at;
};

}  // namespace engine::storage
