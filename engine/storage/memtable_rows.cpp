#include "engine/storage/memtable_rows.h"

#include <algorithm>
#include <cstring>

#include "engine/base/ensure.h"
#include "engine/types/data_type.h"

namespace engine::storage {

namespace {

/// An encoded row of this size that is written to again is opened.
constexpr std::size_t kOpenBytes = 4096;
/// A changed row gets this part of its size more room than it needs.
constexpr std::size_t kSpareShare = 4;

std::uint64_t heapBytes(const Bytes& bytes) {
    static const std::size_t inPlace = Bytes().capacity();
    return bytes.capacity() > inPlace ? bytes.capacity() + 1 : 0;
}

std::uint64_t heapBytes(const rows::Clustering& clustering) {
    std::uint64_t sum = clustering.capacity() * sizeof(Bytes);
    for (const Bytes& value : clustering) {
        sum += heapBytes(value);
    }
    return sum;
}

}  // namespace

std::uint64_t memoryOf(const rows::Row& row) {
    std::uint64_t sum = sizeof(rows::Row) + row.cells.capacity() * sizeof(rows::Cell) +
                        row.complexDeletions.capacity() * sizeof(rows::ComplexDeletion);
    for (const rows::Cell& cell : row.cells) {
        sum += heapBytes(cell.path) + heapBytes(cell.value);
    }
    return sum + heapBytes(row.clustering);
}

std::uint64_t memoryOf(const rows::RangeTombstone& tombstone) {
    return sizeof(tombstone) + heapBytes(tombstone.slice.start.prefix) +
           heapBytes(tombstone.slice.end.prefix);
}

const rows::Row* MemtableRows::open(RowRef row) const {
    const auto address = reinterpret_cast<std::uintptr_t>(row.m_at);
    return (address & 1) != 0 ? reinterpret_cast<const rows::Row*>(address - 1) : nullptr;
}

BytesView MemtableRows::encoded(RowRef row) const {
    Header header;
    std::memcpy(&header, row.m_at, sizeof(header));
    return {row.m_at + sizeof(header), header.size};
}

void MemtableRows::encode(const rows::Row& row) {
    m_scratch.buffer().clear();
    rows::writeRow(m_scratch, row, m_names);
}

RowRef MemtableRows::store(std::size_t capacity) {
    const Header header{static_cast<std::uint32_t>(capacity),
                        static_cast<std::uint32_t>(m_scratch.size())};
    char* const at = m_arena.allocate(sizeof(header) + capacity);
    std::memcpy(at, &header, sizeof(header));
    std::memcpy(at + sizeof(header), m_scratch.bytes().data(), m_scratch.size());
    RowRef out;
    out.m_at = at;
    return out;
}

void MemtableRows::noteColumns(const rows::Row& row) {
    encode(row);  // Which numbers the names that are new.
}

RowRef MemtableRows::add(const rows::Row& row) {
    encode(row);
    return store(m_scratch.size());
}

void MemtableRows::merge(const schema::Table& table, RowRef& into, rows::Row from) {
    if (const rows::Row* row = open(into)) {
        auto& changed = const_cast<rows::Row&>(*row);  // It is one of m_open.
        m_heapBytes -= static_cast<std::int64_t>(memoryOf(changed));
        rows::merge(table, changed, std::move(from));
        m_heapBytes += static_cast<std::int64_t>(memoryOf(changed));
        return;
    }
    rows::Row merged;
    read(into, merged);
    rows::merge(table, merged, std::move(from));
    encode(merged);
    if (m_scratch.size() > kOpenBytes) {
        m_open.push_back(std::move(merged));
        m_heapBytes += static_cast<std::int64_t>(memoryOf(m_open.back()));
        into.m_at = reinterpret_cast<const char*>(&m_open.back()) + 1;
        return;
    }
    Header header;
    std::memcpy(&header, into.m_at, sizeof(header));
    if (m_scratch.size() <= header.capacity) {
        header.size = static_cast<std::uint32_t>(m_scratch.size());
        char* const at = const_cast<char*>(into.m_at);  // Within our arena.
        std::memcpy(at, &header, sizeof(header));
        std::memcpy(at + sizeof(header), m_scratch.bytes().data(), m_scratch.size());
        return;
    }
    into = store(m_scratch.size() + m_scratch.size() / kSpareShare);
}

const rows::Row& MemtableRows::read(RowRef row, rows::Row& scratch) const {
    if (const rows::Row* found = open(row)) {
        return *found;
    }
    rows::ColumnNames names(m_names.names());
    ByteReader in(encoded(row));
    rows::readRow(in, names, scratch);
    ENSURE(!in.failed());
    return scratch;
}

int MemtableRows::comparePrefix(const schema::Table& table, RowRef row,
                                const rows::Clustering& to, std::size_t& values) const {
    const rows::Row* const found = open(row);
    ByteReader in(found != nullptr ? BytesView() : encoded(row));
    if (found == nullptr) {
        in.u8();
    }
    values = found != nullptr ? found->clustering.size() : in.unsignedVint();
    const auto columns = table.clustering();
    const std::size_t common = std::min(values, to.size());
    for (std::size_t i = 0; i < common; ++i) {
        const BytesView value = found != nullptr ? BytesView(found->clustering[i]) : in.blob();
        const int order = types::compare(*columns[i].type, value, to[i]);
        if (order != 0) {
            return columns[i].descending ? -order : order;
        }
    }
    return 0;
}

int MemtableRows::compare(const schema::Table& table, RowRef row,
                          const rows::Clustering& to) const {
    std::size_t values = 0;
    const int order = comparePrefix(table, row, to, values);
    return order != 0 ? order : static_cast<int>(values) - static_cast<int>(to.size());
}

int MemtableRows::compare(const schema::Table& table, RowRef row,
                          const rows::Position& place) const {
    std::size_t values = 0;
    const int order = comparePrefix(table, row, *place.prefix, values);
    return order != 0 ? order : -place.side;
}

RowList::Place RowList::next(Place place) const {
    return place.slot + 1 < m_runs[place.run].size() ? Place{place.run, place.slot + 1}
                                                     : Place{place.run + 1, 0};
}

RowList::Place RowList::previous(Place place) const {
    return place.slot > 0 ? Place{place.run, place.slot - 1}
                          : Place{place.run - 1, m_runs[place.run - 1].size() - 1};
}

void RowList::insert(Place before, RowRef row) {
    const bool atEnd = before.run == m_runs.size();
    if (atEnd && (m_runs.empty() || m_runs.back().size() == kRunRows)) {
        m_runs.emplace_back().push_back(row);
        m_bytes += sizeof(m_runs.back()) + sizeof(row);
        return;
    }
    if (atEnd) {
        before = {m_runs.size() - 1, m_runs.back().size()};
    }
    if (m_runs[before.run].size() == kRunRows) {
        constexpr std::size_t kHalf = kRunRows / 2;
        auto& full = m_runs[before.run];
        std::vector<RowRef> second(full.begin() + kHalf, full.end());
        full.resize(kHalf);
        m_runs.insert(m_runs.begin() + static_cast<std::ptrdiff_t>(before.run) + 1,
                      std::move(second));
        m_bytes += sizeof(m_runs.back()) + kHalf * sizeof(row);
        if (before.slot > kHalf) {
            before = {before.run + 1, before.slot - kHalf};
        }
    }
    auto& run = m_runs[before.run];
    run.insert(run.begin() + static_cast<std::ptrdiff_t>(before.slot), row);
    m_bytes += sizeof(row);
}

}  // namespace engine::storage
