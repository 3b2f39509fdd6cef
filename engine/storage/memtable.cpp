#include "engine/storage/memtable.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/base/ensure.h"
#include "engine/rows/merge.h"
#include "engine/rows/range_tombstones.h"
#include "engine/storage/memtable_cursor.h"

namespace engine::storage {

namespace {

/// Negative when the entry comes before the key on the ring.
int compareKeys(const MemtableEntry& entry, const rows::DecoratedKey& key) {
    if (entry.token != key.token) {
        return entry.token < key.token ? -1 : 1;
    }
    return entry.key().compare(key.key);
}

}  // namespace

const rows::DeletionTime& MemtablePartition::deletion() const {
    static const rows::DeletionTime kLive;
    return m_entry->wide != nullptr ? m_entry->wide->deletion : kLive;
}

const rows::Row& MemtablePartition::staticRow() const {
    static const rows::Row kNone;
    return m_entry->wide != nullptr ? m_entry->wide->staticRow : kNone;
}

Result<std::unique_ptr<UnfilteredCursor>> MemtablePartition::unfiltereds(
    const std::vector<rows::Slice>& slices, bool reversed) const {
    return std::unique_ptr<UnfilteredCursor>(
        std::make_unique<MemtableUnfiltereds>(*m_memtable, *m_entry, slices, reversed));
}

rows::Partition MemtablePartition::copy() const {
    rows::Partition out;
    out.key = *m_key;
    out.deletion = deletion();
    out.staticRow = staticRow();
    if (m_entry->wide != nullptr) {
        out.rangeTombstones = m_entry->wide->rangeTombstones;
    }
    const std::vector<rows::Slice> all{rows::Slice{}};
    MemtableUnfiltereds cursor(*m_memtable, *m_entry, all, false);
    while (cursor.kind() != UnfilteredKind::End) {
        if (cursor.kind() == UnfilteredKind::Row) {
            out.rows.push_back(cursor.takeRow());
        }
        ENSURE(cursor.advance().has_value());
    }
    return out;
}

void WrittenFacts::note(const rows::DeletionTime& deletion) {
    if (!deletion.isLive()) {
        minTimestamp = std::min(minTimestamp, deletion.markedForDeleteAt);
        maxTimestamp = std::max(maxTimestamp, deletion.markedForDeleteAt);
        minLocalDeletionTime = std::min(minLocalDeletionTime, deletion.localDeletionTime);
    }
}

void WrittenFacts::note(const rows::Row& row) {
    const auto one = [this](std::int64_t timestamp, std::int64_t localDeletionTime,
                            std::int32_t ttl) {
        minTimestamp = std::min(minTimestamp, timestamp);
        maxTimestamp = std::max(maxTimestamp, timestamp);
        minLocalDeletionTime = std::min(minLocalDeletionTime, localDeletionTime);
        if (ttl != rows::kNoTtl) {
            minTtl = minTtl == 0 ? ttl : std::min(minTtl, ttl);
        }
    };
    if (!row.liveness.isEmpty()) {
        one(row.liveness.timestamp, row.liveness.localExpirationTime, row.liveness.ttl);
    }
    note(row.deletion);
    for (const rows::ComplexDeletion& complex : row.complexDeletions) {
        note(complex.deletion);
    }
    for (const rows::Cell& cell : row.cells) {
        one(cell.timestamp, cell.localDeletionTime, cell.ttl);
    }
}

Memtable::Memtable(schema::TablePtr table) : m_table(std::move(table)) {}

std::optional<MemtablePartition> Memtable::find(const rows::DecoratedKey& key) const {
    const MemtableEntry* at = m_index.chain(key.token);
    while (at != nullptr) {
        const int order = compareKeys(*at, key);
        if (order >= 0) {
            return order == 0 ? std::optional(MemtablePartition(*this, *at, key)) : std::nullopt;
        }
        at = at->next;
    }
    return std::nullopt;
}

MemtableEntry& Memtable::findOrAdd(const rows::DecoratedKey& key) {
    MemtableEntry** link = &m_index.chain(key.token);
    while (*link != nullptr) {
        const int order = compareKeys(**link, key);
        if (order == 0) {
            return **link;
        }
        if (order > 0) {
            break;
        }
        link = &(*link)->next;
    }
    char* const memory = m_arena.allocate(sizeof(MemtableEntry) + key.key.size());
    auto* const added = new (memory) MemtableEntry;
    added->token = key.token;
    added->keyBytes = static_cast<std::uint32_t>(key.key.size());
    std::memcpy(memory + sizeof(MemtableEntry), key.key.data(), key.key.size());
    added->next = *link;
    *link = added;
    ++m_partitions;
    m_index.onAdded();
    return *added;
}

WidePartition& Memtable::widen(MemtableEntry& entry) {
    if (entry.wide == nullptr) {
        entry.wide = &m_wide.emplace_back();
        m_wideBytes += sizeof(WidePartition);
        if (!entry.single.isNone()) {
            entry.wide->rows.insert(entry.wide->rows.end(), entry.single);
            m_wideBytes += static_cast<std::int64_t>(entry.wide->rows.bytes());
        }
    }
    return *entry.wide;
}

void Memtable::apply(const schema::Table& current, rows::Partition update) {
    MemtableEntry& entry = findOrAdd(update.key);
    if (!update.deletion.isLive() || !update.staticRow.isEmpty() ||
        !update.rangeTombstones.empty()) {
        mergeHead(current, widen(entry), update);
    }
    for (rows::Row& row : update.rows) {
        m_facts.note(row);
        if (!row.deletion.isLive() || !row.complexDeletions.empty()) {
            rows::dropShadowed(row, {});  // What a batch wrote and deleted.
        }
        mergeRow(current, entry, std::move(row));
    }
}

void Memtable::mergeHead(const schema::Table& table, WidePartition& into, rows::Partition& from) {
    m_facts.note(from.deletion);
    if (from.deletion.supersedes(into.deletion)) {
        into.deletion = from.deletion;
    }
    if (!from.staticRow.isEmpty()) {
        m_facts.note(from.staticRow);
        m_rows.noteColumns(from.staticRow);
        m_wideBytes -= static_cast<std::int64_t>(memoryOf(into.staticRow));
        rows::merge(table, into.staticRow, std::move(from.staticRow));
        m_wideBytes += static_cast<std::int64_t>(memoryOf(into.staticRow));
    }
    for (rows::RangeTombstone& tombstone : from.rangeTombstones) {
        m_facts.note(tombstone.deletion);
        m_wideBytes += static_cast<std::int64_t>(memoryOf(tombstone));
        rows::addRangeTombstone(table, into.rangeTombstones, std::move(tombstone));
    }
}

void Memtable::mergeRow(const schema::Table& table, MemtableEntry& entry, rows::Row from) {
    if (entry.wide == nullptr) {
        if (entry.single.isNone()) {
            entry.single = m_rows.add(from);
            ++m_rowCount;
            return;
        }
        if (m_rows.compare(table, entry.single, from.clustering) == 0) {
            m_rows.merge(table, entry.single, std::move(from));
            return;
        }
    }
    RowList& list = widen(entry).rows;
    RowList::Place at = list.end();
    // Time series append: look at the end before searching.
    if (!list.isEmpty() &&
        m_rows.compare(table, list.at(list.previous(at)), from.clustering) >= 0) {
        at = list.firstNot(
            [&](RowRef row) { return m_rows.compare(table, row, from.clustering) < 0; });
        if (m_rows.compare(table, list.at(at), from.clustering) == 0) {
            m_rows.merge(table, list.at(at), std::move(from));
            return;
        }
    }
    m_wideBytes -= static_cast<std::int64_t>(list.bytes());
    list.insert(at, m_rows.add(from));
    m_wideBytes += static_cast<std::int64_t>(list.bytes());
    ++m_rowCount;
}

void Memtable::takeIn(const schema::Table& current, const Memtable& other) {
    const rows::PartitionRange all;
    MemtableCursor cursor(other, all);
    while (cursor.key() != nullptr) {
        apply(current, cursor.partition().copy());
        ENSURE(cursor.advance().has_value());
    }
}

std::unique_ptr<PartitionScan> Memtable::scan(const rows::PartitionRange& range) const {
    return std::make_unique<MemtableCursor>(*this, range);
}

MemtableCursor::MemtableCursor(const Memtable& memtable, const rows::PartitionRange& range)
    : m_memtable(memtable), m_range(range) {
    const TokenIndex& index = memtable.m_index;
    if (range.start) {
        const std::int64_t token = range.start->token;
        const MemtableEntry* const chain = index.chain(token);
        enter(chain != nullptr ? chain : index.firstBehind(token));
        const rows::PartitionRange fromStart{range.start, std::nullopt};
        while (m_at != nullptr && !fromStart.contains(m_key)) {
            enter(next());
        }
    } else {
        enter(index.first());
    }
    stopBehindRange();
}

const MemtableEntry* MemtableCursor::next() const {
    return m_at->next != nullptr ? m_at->next : m_memtable.m_index.firstBehind(m_at->token);
}

Result<void> MemtableCursor::advance() {
    enter(next());
    stopBehindRange();
    return ok();
}

void MemtableCursor::enter(const MemtableEntry* entry) {
    m_at = entry;
    if (entry != nullptr) {
        m_key.token = entry->token;
        m_key.key = entry->key();
        m_partition.emplace(m_memtable, *entry, m_key);
    }
}

void MemtableCursor::stopBehindRange() {
    if (m_at != nullptr && !m_range.contains(m_key)) {
        m_at = nullptr;
    }
}

}  // namespace engine::storage
