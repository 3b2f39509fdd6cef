#include "engine/storage/sstable/serialization_header.h"

#include <algorithm>
#include <limits>

#include "engine/types/type_names.h"

namespace engine::storage {

namespace {

constexpr std::uint64_t kColumnsMax = 65'536;
constexpr std::int64_t kLargestDeletionTime = 0x7ffffffe;

/// Simple columns first, each kind by the bytes of the name (ColumnMetadata.comparisonOrder).
void sortColumns(std::vector<SerializationHeader::Column>& columns) {
    std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) {
        return a.isComplex() != b.isComplex() ? b.isComplex() : a.name < b.name;
    });
}

void writeType(ByteWriter& out, const types::DataType& type, bool reversed = false) {
    out.blob(types::className(type, reversed));
}

void writeColumns(ByteWriter& out, const std::vector<SerializationHeader::Column>& columns) {
    out.unsignedVint(columns.size());
    for (const auto& column : columns) {
        out.blob(column.name);
        writeType(out, *column.type);
    }
}

std::uint64_t readCount(ByteReader& in) {
    const std::uint64_t count = in.unsignedVint();
    if (count > kColumnsMax || count > in.remaining()) {
        in.fail();
        return 0;
    }
    return count;
}

Result<std::vector<SerializationHeader::Column>> readColumns(ByteReader& in) {
    std::vector<SerializationHeader::Column> out;
    const std::uint64_t count = readCount(in);
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        std::string name(in.blob());
        TRY_ASSIGN(auto parsed, types::parseClassName(in.blob()));
        out.push_back({std::move(name), std::move(parsed.type)});
    }
    sortColumns(out);  // As Cassandra does: rows refer to columns in this order whatever the list's.
    return out;
}

/// The column of a table, among those it has and those it had.
const schema::Column* findColumn(const schema::Table& table, std::string_view name, bool isStatic) {
    const auto fits = [&](const schema::Column& column) {
        return column.name == name && (column.kind == schema::ColumnKind::Static) == isStatic;
    };
    if (const schema::Column* column = table.find(name); column != nullptr && fits(*column)) {
        return column;
    }
    for (const schema::DroppedColumn& dropped : table.dropped) {
        if (fits(dropped.column)) {
            return &dropped.column;
        }
    }
    return nullptr;
}

SerializationHeader keysOf(const schema::Table& table) {
    SerializationHeader out;
    for (const schema::Column& column : table.partitionKey()) {
        out.keyTypes.push_back(column.type);
    }
    for (const schema::Column& column : table.clustering()) {
        out.clustering.push_back({column.type, column.descending});
    }
    return out;
}

void addColumns(std::vector<SerializationHeader::Column>& to,
                const std::vector<SerializationHeader::Column>& from, const schema::Table& table,
                bool isStatic) {
    for (const auto& column : from) {
        const bool known = std::any_of(to.begin(), to.end(),
                                       [&](const auto& c) { return c.name == column.name; });
        const schema::Column* current = findColumn(table, column.name, isStatic);
        if (!known && current != nullptr) {
            to.push_back({column.name, current->type});
        }
    }
}

}  // namespace

SerializationHeader SerializationHeader::of(const schema::Table& table) {
    SerializationHeader out = keysOf(table);
    for (const schema::Column& column : table.statics()) {
        out.statics.push_back({column.name, column.type});
    }
    for (const schema::Column& column : table.regulars()) {
        out.regulars.push_back({column.name, column.type});
    }
    out.sortColumns();
    return out;
}

void SerializationHeader::sortColumns() {
    storage::sortColumns(statics);
    storage::sortColumns(regulars);
}

void SerializationHeader::write(ByteWriter& out) const {
    out.unsignedVint(static_cast<std::uint64_t>(stats.minTimestamp) -
                     static_cast<std::uint64_t>(EncodingStats::kEpochMicros));
    out.unsignedVint(static_cast<std::uint64_t>(std::int64_t(stats.minLocalDeletionTime) -
                                                EncodingStats::kEpochSeconds));
    out.unsignedVint(static_cast<std::uint64_t>(std::int64_t(stats.minTtl)));
    out.blob(types::keyClassName(keyTypes));
    out.unsignedVint(clustering.size());
    for (const ClusteringColumn& column : clustering) {
        writeType(out, *column.type, column.descending);
    }
    writeColumns(out, statics);
    writeColumns(out, regulars);
}

Result<SerializationHeader> SerializationHeader::read(ByteReader& in) {
    SerializationHeader out;
    out.stats.minTimestamp = static_cast<std::int64_t>(
        in.unsignedVint() + static_cast<std::uint64_t>(EncodingStats::kEpochMicros));
    out.stats.minLocalDeletionTime =
        static_cast<std::int32_t>(in.unsignedVint() + EncodingStats::kEpochSeconds);
    out.stats.minTtl = static_cast<std::int32_t>(in.unsignedVint());
    TRY_ASSIGN(auto keys, types::parseKeyClassName(in.blob()));
    for (types::ParsedClass& key : keys) {
        out.keyTypes.push_back(std::move(key.type));
    }
    const std::uint64_t clusterings = readCount(in);
    for (std::uint64_t i = 0; i < clusterings && !in.failed(); ++i) {
        TRY_ASSIGN(auto parsed, types::parseClassName(in.blob()));
        out.clustering.push_back({std::move(parsed.type), parsed.reversed});
    }
    TRY_ASSIGN(out.statics, readColumns(in));
    TRY_ASSIGN(out.regulars, readColumns(in));
    if (in.failed() || !in.atEnd() || out.keyTypes.empty()) {
        return makeError(ErrorKind::Corrupt, "the schema of the file is malformed");
    }
    return out;
}

SerializationHeader joinHeaders(const schema::Table& table,
                                const std::vector<const SerializationHeader*>& headers) {
    SerializationHeader out = keysOf(table);
    bool isFirst = true;
    for (const SerializationHeader* header : headers) {
        addColumns(out.statics, header->statics, table, true);
        addColumns(out.regulars, header->regulars, table, false);
        if (isFirst) {
            out.stats = header->stats;
            isFirst = false;
        } else {
            out.stats.minTimestamp = std::min(out.stats.minTimestamp, header->stats.minTimestamp);
            out.stats.minLocalDeletionTime =
                std::min(out.stats.minLocalDeletionTime, header->stats.minLocalDeletionTime);
            out.stats.minTtl = std::min(out.stats.minTtl, header->stats.minTtl);
        }
    }
    sortColumns(out.statics);
    sortColumns(out.regulars);
    return out;
}

HeaderCollector::HeaderCollector(const schema::Table& table)
    : m_table(table),
      m_minTimestamp(std::numeric_limits<std::int64_t>::max()),
      m_minLocalDeletionTime(rows::kNoDeletionTime),
      m_minTtl(std::numeric_limits<std::int32_t>::max()) {
    const auto know = [](std::vector<Known>& list, std::string_view name) {
        const bool there = std::any_of(list.begin(), list.end(), [&](const Known& known) {
            return known.name == name;
        });
        if (!there) {
            list.push_back({rows::ColumnName(name), false});
        }
    };
    for (const schema::Column& column : table.statics()) {
        know(m_statics, column.name);
    }
    for (const schema::Column& column : table.regulars()) {
        know(m_regulars, column.name);
    }
    for (const schema::DroppedColumn& dropped : table.dropped) {
        const bool isStatic = dropped.column.kind == schema::ColumnKind::Static;
        know(isStatic ? m_statics : m_regulars, dropped.column.name);
    }
    const auto byName = [](const Known& a, const Known& b) { return a.name < b.name; };
    std::sort(m_statics.begin(), m_statics.end(), byName);
    std::sort(m_regulars.begin(), m_regulars.end(), byName);
}

void HeaderCollector::note(std::int64_t timestamp, std::int64_t localDeletionTime,
                           std::int32_t ttl) {
    m_minTimestamp = std::min(m_minTimestamp, timestamp);
    m_minLocalDeletionTime = std::min(m_minLocalDeletionTime, localDeletionTime);
    if (ttl != rows::kNoTtl) {
        m_minTtl = std::min(m_minTtl, ttl);
    }
}

void HeaderCollector::add(const rows::DeletionTime& deletion) {
    if (!deletion.isLive()) {
        note(deletion.markedForDeleteAt, deletion.localDeletionTime, rows::kNoTtl);
    }
}

void HeaderCollector::add(const rows::Row& row, bool isStatic) {
    if (!row.liveness.isEmpty()) {
        note(row.liveness.timestamp, row.liveness.localExpirationTime, row.liveness.ttl);
    }
    add(row.deletion);
    std::vector<Known>& columns = isStatic ? m_statics : m_regulars;
    auto at = columns.begin();
    const auto use = [&](const rows::ColumnName& name) {
        while (at != columns.end() && !(at->name == name)) {
            ++at;
        }
        if (at != columns.end()) {
            at->used = true;
        }
    };
    for (const rows::Cell& cell : row.cells) {
        note(cell.timestamp, cell.localDeletionTime, cell.ttl);
        use(cell.column);
    }
    at = columns.begin();
    for (const rows::ComplexDeletion& complex : row.complexDeletions) {
        add(complex.deletion);
        use(complex.column);
    }
}

SerializationHeader HeaderCollector::finish() const {
    SerializationHeader out = keysOf(m_table);
    const auto addUsed = [&](std::vector<SerializationHeader::Column>& to,
                             const std::vector<Known>& from, bool isStatic) {
        for (const Known& known : from) {
            const schema::Column* column =
                known.used ? findColumn(m_table, known.name.text(), isStatic) : nullptr;
            if (column != nullptr) {
                to.push_back({column->name, column->type});
            }
        }
        sortColumns(to);
    };
    addUsed(out.statics, m_statics, true);
    addUsed(out.regulars, m_regulars, false);
    if (m_minTimestamp != std::numeric_limits<std::int64_t>::max()) {
        out.stats.minTimestamp = m_minTimestamp;
    }
    if (m_minLocalDeletionTime != rows::kNoDeletionTime) {
        out.stats.minLocalDeletionTime =
            static_cast<std::int32_t>(std::min(m_minLocalDeletionTime, kLargestDeletionTime));
    }
    if (m_minTtl != std::numeric_limits<std::int32_t>::max()) {
        out.stats.minTtl = m_minTtl;
    }
    return out;
}

}  // namespace engine::storage
