#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/rows/partition.h"
#include "engine/rows/range_tombstones.h"
#include "engine/rows/row_codec.h"
#include "engine/storage/arena.h"

namespace engine::storage {

/// A row of a memtable: eight bytes that MemtableRows understands.
class RowRef {
public:
    RowRef() = default;
    bool isNone() const { return m_at == nullptr; }
    /// Where it begins, for what fetches memory ahead.
    const char* address() const { return m_at; }

private:
    friend class MemtableRows;
    const char* m_at = nullptr;  // Of an encoded row; one further, of an open one.
};

/// The rows of one memtable, encoded by the row codec one after the other in an arena: a small row
/// costs little more than its values. A row that has become large and is still written to is kept
/// open, so that adding to it does not cost as much as all of it. Written to on the node's thread;
/// what does not change any more may be read from anywhere.
class MemtableRows {
public:
    explicit MemtableRows(Arena& arena) : m_arena(arena) {}

    RowRef add(const rows::Row& row);
    /// Columns of a row that lies elsewhere.
    void noteColumns(const rows::Row& row);
    /// The row becomes the reconciliation of both.
    void merge(const schema::Table& table, RowRef& into, rows::Row from);

    /// The row itself when it is open; otherwise read into `scratch`, whose memory is used again.
    const rows::Row& read(RowRef row, rows::Row& scratch) const;
    int compare(const schema::Table& table, RowRef row, const rows::Clustering& to) const;
    /// Negative before the place, positive behind it; never zero.
    int compare(const schema::Table& table, RowRef row, const rows::Position& place) const;

    /// Heap memory beside the arena.
    std::uint64_t heapBytes() const { return static_cast<std::uint64_t>(m_heapBytes); }
    /// Names of all columns that were written to.
    const std::vector<rows::ColumnName>& columns() const { return m_names.names(); }

private:
    struct Header {
        std::uint32_t capacity;
        std::uint32_t size;
    };

    const rows::Row* open(RowRef row) const;
    /// Over the values that both have; how many the row has.
    int comparePrefix(const schema::Table& table, RowRef row, const rows::Clustering& to,
                      std::size_t& values) const;
    BytesView encoded(RowRef row) const;
    void encode(const rows::Row& row);
    RowRef store(std::size_t capacity);

    Arena& m_arena;
    rows::ColumnNames m_names{false};
    ByteWriter m_scratch;
    std::deque<rows::Row> m_open;
    std::int64_t m_heapBytes = 0;
};

/// The rows of one partition in table order: runs of a few dozen, each full or half full, so that
/// adding anywhere moves little.
class RowList {
public:
    struct Place {
        std::size_t run = 0;
        std::size_t slot = 0;
        bool operator==(const Place&) const = default;
    };

    Place begin() const { return {}; }
    Place end() const { return {m_runs.size(), 0}; }
    bool isEmpty() const { return m_runs.empty(); }
    const RowRef& at(Place place) const { return m_runs[place.run][place.slot]; }
    RowRef& at(Place place) { return m_runs[place.run][place.slot]; }
    Place next(Place place) const;
    Place previous(Place place) const;
    /// The first row that `isBefore` does not hold for; it holds for none behind that.
    template <typename F>
    Place firstNot(F isBefore) const;
    void insert(Place before, RowRef row);
    std::uint64_t bytes() const { return m_bytes; }

private:
    static constexpr std::size_t kRunRows = 64;

    std::vector<std::vector<RowRef>> m_runs;  // None is empty.
    std::uint64_t m_bytes = 0;
};

template <typename F>
RowList::Place RowList::firstNot(F isBefore) const {
    const auto run = std::partition_point(m_runs.begin(), m_runs.end(),
                                          [&](const auto& rows) { return isBefore(rows.back()); });
    if (run == m_runs.end()) {
        return end();
    }
    const auto slot = std::partition_point(run->begin(), run->end(), isBefore);
    return {static_cast<std::size_t>(run - m_runs.begin()),
            static_cast<std::size_t>(slot - run->begin())};
}

/// Heap memory of what a partition may have beside rows.
std::uint64_t memoryOf(const rows::Row& row);
std::uint64_t memoryOf(const rows::RangeTombstone& tombstone);

}  // namespace engine::storage
