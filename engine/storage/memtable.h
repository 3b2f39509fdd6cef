#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/rows/read_command.h"
#include "engine/storage/memtable_rows.h"
#include "engine/storage/token_index.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

class Memtable;

/// What a partition may have beside one row without a deletion around it, which is all that most
/// have.
struct WidePartition {
    rows::DeletionTime deletion;
    rows::Row staticRow;
    std::vector<rows::RangeTombstone> rangeTombstones;
    RowList rows;
};

/// One partition in memory. Its key follows it in the arena.
struct MemtableEntry {
    MemtableEntry* next = nullptr;  // Of its bucket, in ring order.
    std::int64_t token = 0;
    std::uint32_t keyBytes = 0;
    RowRef single;  // When it is not wide.
    WidePartition* wide = nullptr;

    BytesView key() const { return {reinterpret_cast<const char*>(this + 1), keyBytes}; }
};

/// A look at one partition of a memtable. Rows hidden by its deletions may still be there: readers
/// drop them. Refers to the key it was made with. The memtable must not change meanwhile.
class MemtablePartition final : public UnfilteredPartition {
public:
    MemtablePartition(const Memtable& memtable, const MemtableEntry& entry,
                      const rows::DecoratedKey& key)
        : m_memtable(&memtable), m_entry(&entry), m_key(&key) {}

    const rows::DecoratedKey& key() const override { return *m_key; }
    const rows::DeletionTime& deletion() const override;
    const rows::Row& staticRow() const override;
    Result<std::unique_ptr<UnfilteredCursor>> unfiltereds(const std::vector<rows::Slice>& slices,
                                                          bool reversed) const override;
    rows::Partition copy() const;

private:
    const Memtable* m_memtable;
    const MemtableEntry* m_entry;
    const rows::DecoratedKey* m_key;
};

/// What a file made of a memtable tells its numbers relative to; also limits for pruning. In the
/// units of rows::Cell; maxima and minima of nothing are what they are initialised to.
struct WrittenFacts {
    std::int64_t minTimestamp = std::numeric_limits<std::int64_t>::max();
    std::int64_t maxTimestamp = std::numeric_limits<std::int64_t>::min();
    std::int64_t minLocalDeletionTime = rows::kNoDeletionTime;
    std::int32_t minTtl = 0;  // 0: nothing expires.

    void note(const rows::DeletionTime& deletion);
    void note(const rows::Row& row);
};

/// The writes of one table since its last flush. Written to on the node's thread; once switched for
/// another one it does not change any more and may be read from anywhere.
class Memtable {
public:
    explicit Memtable(schema::TablePtr table);

    /// `current` is the table as it is now: columns may have come since the memtable was made.
    void apply(const schema::Table& current, rows::Partition update);
    /// Everything the other one has.
    void takeIn(const schema::Table& current, const Memtable& other);
    /// `key` outlives what is found.
    std::optional<MemtablePartition> find(const rows::DecoratedKey& key) const;
    /// The partitions in `range`, which outlives the scan, from its start.
    std::unique_ptr<PartitionScan> scan(const rows::PartitionRange& range) const;

    const schema::TablePtr& table() const { return m_table; }
    bool isEmpty() const { return m_partitions == 0; }
    /// The memory taken; nothing as long as it is empty.
    std::uint64_t bytes() const {
        return isEmpty() ? 0
                         : m_arena.bytes() + m_rows.heapBytes() + m_index.bytes() +
                               static_cast<std::uint64_t>(m_wideBytes);
    }
    std::uint64_t rows() const { return m_rowCount; }
    std::uint64_t partitions() const { return m_partitions; }
    const WrittenFacts& facts() const { return m_facts; }
    /// Names of all columns that were written to.
    const std::vector<rows::ColumnName>& columns() const { return m_rows.columns(); }

private:
    friend class MemtablePartition;
    friend class MemtableCursor;
    friend class MemtableUnfiltereds;

    MemtableEntry& findOrAdd(const rows::DecoratedKey& key);
    WidePartition& widen(MemtableEntry& entry);
    void mergeRow(const schema::Table& table, MemtableEntry& entry, rows::Row from);
    void mergeHead(const schema::Table& table, WidePartition& into, rows::Partition& from);

    schema::TablePtr m_table;
    Arena m_arena;
    MemtableRows m_rows{m_arena};
    TokenIndex m_index;
    std::deque<WidePartition> m_wide;
    std::int64_t m_wideBytes = 0;
    std::uint64_t m_partitions = 0;
    std::uint64_t m_rowCount = 0;
    WrittenFacts m_facts;
};

/// Walks the partitions of a memtable that lie in a range. The memtable must not change meanwhile.
class MemtableCursor final : public PartitionScan {
public:
    MemtableCursor(const Memtable& memtable, const rows::PartitionRange& range);
    const rows::DecoratedKey* key() const override { return m_at ? &m_key : nullptr; }
    const MemtablePartition& partition() const override { return *m_partition; }
    Result<void> advance() override;

private:
    const MemtableEntry* next() const;
    void enter(const MemtableEntry* entry);
    void stopBehindRange();

    const Memtable& m_memtable;
    const rows::PartitionRange& m_range;
    const MemtableEntry* m_at = nullptr;
    rows::DecoratedKey m_key;
    std::optional<MemtablePartition> m_partition;
};

}  // namespace engine::storage
