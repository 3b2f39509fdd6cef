#include "engine/storage/memtable.h"

#include <algorithm>
#include <iterator>

#include "engine/rows/range_tombstones.h"

namespace engine::storage {

namespace {

constexpr int kFirstBits = 4;
/// What a node of the row set and a partition take beside their content.
constexpr std::int64_t kRowOverheadBytes = 48;
constexpr std::int64_t kPartitionOverheadBytes = sizeof(MemtablePartition) + 16;

std::int64_t heapBytes(const Bytes& bytes) {
    static const std::size_t inPlace = Bytes().capacity();
    return bytes.capacity() > inPlace ? static_cast<std::int64_t>(bytes.capacity()) + 1 : 0;
}

std::int64_t heapBytes(const rows::Clustering& clustering) {
    std::int64_t sum = static_cast<std::int64_t>(clustering.capacity() * sizeof(Bytes));
    for (const Bytes& value : clustering) {
        sum += heapBytes(value);
    }
    return sum;
}

std::int64_t memoryOf(const rows::Row& row) {
    std::int64_t sum =
        static_cast<std::int64_t>(sizeof(rows::Row) + row.cells.capacity() * sizeof(rows::Cell) +
                                  row.complexDeletions.capacity() * sizeof(rows::ComplexDeletion));
    for (const rows::Cell& cell : row.cells) {
        sum += heapBytes(cell.path) + heapBytes(cell.value);
    }
    return sum + heapBytes(row.clustering);
}

std::int64_t memoryOf(const rows::RangeTombstone& tombstone) {
    return static_cast<std::int64_t>(sizeof(tombstone)) + heapBytes(tombstone.slice.start.prefix) +
           heapBytes(tombstone.slice.end.prefix);
}

/// Walks a row set slice by slice.
class RowSetCursor : public RowCursor {
public:
    RowSetCursor(const RowSet& rows, const std::vector<rows::Slice>& slices, bool reversed)
        : m_rows(rows), m_slices(slices), m_reversed(reversed) {
        enterNextSlice();
    }

    const rows::Row* current() const override { return m_current; }
    rows::Row take() override { return *m_current; }
    Result<void> advance() override {
        stepInSlice();
        return ok();
    }

private:
    void enterNextSlice() {
        m_current = nullptr;
        while (m_current == nullptr && m_slicesEntered < m_slices.size()) {
            const std::size_t n = m_slicesEntered++;
            const rows::Slice& slice = m_slices[m_reversed ? m_slices.size() - 1 - n : n];
            m_begin = slice.start.prefix.empty()
                          ? m_rows.begin()
                          : m_rows.lower_bound(BoundToFind{slice.start, true});
            m_end = slice.end.prefix.empty() ? m_rows.end()
                                             : m_rows.lower_bound(BoundToFind{slice.end, false});
            // An upside-down slice would never end.
            if (!slice.start.prefix.empty() && !slice.end.prefix.empty() &&
                rows::isEmpty(*m_rows.key_comp().table, slice)) {
                m_end = m_begin;
            }
            m_at = m_reversed ? m_end : m_begin;
            settle();
        }
    }

    /// Sets the current row from the place in the slice, if there is one left.
    void settle() {
        if (m_reversed) {
            m_current = m_at == m_begin ? nullptr : &std::prev(m_at)->row;
        } else {
            m_current = m_at == m_end ? nullptr : &m_at->row;
        }
    }

    void stepInSlice() {
        m_reversed ? --m_at : ++m_at;
        settle();
        if (m_current == nullptr) {
            enterNextSlice();
        }
    }

    const RowSet& m_rows;
    const std::vector<rows::Slice>& m_slices;
    const bool m_reversed;
    std::size_t m_slicesEntered = 0;
    RowSet::const_iterator m_begin;
    RowSet::const_iterator m_end;
    RowSet::const_iterator m_at;
    const rows::Row* m_current = nullptr;
};

}  // namespace

Result<std::unique_ptr<RowCursor>> MemtablePartition::rows(const std::vector<rows::Slice>& slices,
                                                           bool reversed) const {
    return std::unique_ptr<RowCursor>(std::make_unique<RowSetCursor>(m_rows, slices, reversed));
}

void MemtablePartition::merge(const schema::Table& table, rows::Partition from, std::int64_t& bytes,
                              std::int64_t& rowCount) {
    if (from.deletion.supersedes(m_deletion)) {
        m_deletion = from.deletion;
    }
    if (!from.staticRow.isEmpty()) {
        bytes -= memoryOf(m_staticRow);
        rows::merge(table, m_staticRow, std::move(from.staticRow));
        bytes += memoryOf(m_staticRow);
    }
    for (rows::Row& row : from.rows) {
        mergeRow(table, std::move(row), bytes, rowCount);
    }
    for (rows::RangeTombstone& tombstone : from.rangeTombstones) {
        bytes += memoryOf(tombstone);
        rows::addRangeTombstone(table, m_rangeTombstones, std::move(tombstone));
    }
}

void MemtablePartition::mergeRow(const schema::Table& table, rows::Row from, std::int64_t& bytes,
                                 std::int64_t& rowCount) {
    // Time series append: look at the end before searching.
    auto at = m_rows.end();
    if (!m_rows.empty()) {
        const int order =
            rows::compareClustering(table, std::prev(at)->row.clustering, from.clustering);
        if (order == 0) {
            at = std::prev(at);
        } else if (order > 0) {
            at = m_rows.lower_bound(from.clustering);
        }
    }
    if (at != m_rows.end() &&
        rows::compareClustering(table, at->row.clustering, from.clustering) == 0) {
        bytes -= memoryOf(at->row);
        rows::merge(table, at->row, std::move(from));
        bytes += memoryOf(at->row);
        return;
    }
    bytes += memoryOf(from) + kRowOverheadBytes;
    ++rowCount;
    m_rows.emplace_hint(at, PlacedRow{std::move(from)});
}

Memtable::Memtable(schema::TablePtr table)
    : m_table(std::move(table)), m_buckets(std::size_t(1) << kFirstBits), m_bits(kFirstBits) {}

std::size_t Memtable::bucketOf(std::int64_t token) const {
    const std::uint64_t fromZero = static_cast<std::uint64_t>(token) ^ (1ull << 63);
    return static_cast<std::size_t>(fromZero >> (64 - m_bits));
}

const MemtablePartition* Memtable::find(const rows::DecoratedKey& key) const {
    const MemtablePartition* at = m_buckets[bucketOf(key.token)];
    while (at != nullptr && at->m_key < key) {
        at = at->m_next;
    }
    return at != nullptr && at->m_key == key ? at : nullptr;
}

MemtablePartition& Memtable::findOrAdd(const rows::DecoratedKey& key) {
    MemtablePartition** link = &m_buckets[bucketOf(key.token)];
    while (*link != nullptr && (*link)->m_key < key) {
        link = &(*link)->m_next;
    }
    if (*link != nullptr && (*link)->m_key == key) {
        return **link;
    }
    MemtablePartition& added = m_partitions.emplace_back(*m_table, key);
    added.m_next = *link;
    *link = &added;
    m_bytes += kPartitionOverheadBytes + heapBytes(key.key);
    if (m_partitions.size() > m_buckets.size()) {
        grow();
    }
    return added;
}

/// Four times the buckets; each old one is spread over four neighbours, which keeps the order.
void Memtable::grow() {
    const auto old =
        std::exchange(m_buckets, std::vector<MemtablePartition*>(m_buckets.size() * 4));
    m_bits += 2;
    for (MemtablePartition* at : old) {
        MemtablePartition** link = nullptr;
        std::size_t last = m_buckets.size();
        while (at != nullptr) {
            MemtablePartition* following = std::exchange(at->m_next, nullptr);
            const std::size_t bucket = bucketOf(at->m_key.token);
            if (bucket != last) {
                link = &m_buckets[bucket];
                last = bucket;
            }
            *link = at;
            link = &at->m_next;
            at = following;
        }
    }
}

void Memtable::apply(const schema::Table& current, rows::Partition update) {
    findOrAdd(update.key).merge(current, std::move(update), m_bytes, m_rows);
}

const MemtablePartition* Memtable::firstFrom(std::size_t bucket) const {
    while (bucket < m_buckets.size() && m_buckets[bucket] == nullptr) {
        ++bucket;
    }
    return bucket < m_buckets.size() ? m_buckets[bucket] : nullptr;
}

const MemtablePartition* Memtable::next(const MemtablePartition& partition) const {
    return partition.m_next != nullptr ? partition.m_next
                                       : firstFrom(bucketOf(partition.m_key.token) + 1);
}

const MemtablePartition* Memtable::firstIn(const rows::PartitionRange& range) const {
    if (!range.start) {
        return first();
    }
    const rows::PartitionRange fromStart{range.start, std::nullopt};
    const MemtablePartition* at = firstFrom(bucketOf(range.start->token));
    while (at != nullptr && !fromStart.contains(at->m_key)) {
        at = next(*at);
    }
    return at;
}

MemtableCursor::MemtableCursor(const Memtable& memtable, const rows::PartitionRange& range)
    : m_memtable(memtable), m_range(range), m_at(memtable.firstIn(range)) {
    stopBehindRange();
}

Result<void> MemtableCursor::advance() {
    m_at = m_memtable.next(*m_at);
    stopBehindRange();
    return ok();
}

void MemtableCursor::stopBehindRange() {
    if (m_at != nullptr && !m_range.contains(m_at->key())) {
        m_at = nullptr;
    }
}

}  // namespace engine::storage
