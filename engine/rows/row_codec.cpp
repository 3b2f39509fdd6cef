#include "engine/rows/row_codec.h"

#include <algorithm>

namespace engine::rows {

namespace {

// Layouts: docs/formats.md, "Partitions and mutations".
constexpr std::uint8_t kPartitionDeletion = 1;
constexpr std::uint8_t kStaticRow = 2;
constexpr std::uint8_t kRangeTombstones = 4;

constexpr std::uint8_t kRowLiveness = 1;
constexpr std::uint8_t kRowTtl = 2;
constexpr std::uint8_t kRowDeletion = 4;
constexpr std::uint8_t kRowComplexDeletions = 8;

constexpr std::uint8_t kCellSameTimestamp = 1;
constexpr std::uint8_t kCellTtl = 2;
constexpr std::uint8_t kCellDeletionTime = 4;
constexpr std::uint8_t kCellPath = 8;
constexpr std::uint8_t kCellValue = 16;

/// Room made in advance for the cells of a row whose count may be wrong.
constexpr std::uint64_t kCellsReserved = 64;

constexpr std::uint8_t kStartInclusive = 1;
constexpr std::uint8_t kEndInclusive = 2;

void writeCell(ByteWriter& out, const Cell& cell, ColumnNames& names, std::int64_t& timestamp) {
    const bool same = cell.timestamp == timestamp;
    const std::uint8_t flags = static_cast<std::uint8_t>(
        (same ? kCellSameTimestamp : 0) | (cell.isExpiring() ? kCellTtl : 0) |
        (cell.localDeletionTime != kNoDeletionTime ? kCellDeletionTime : 0) |
        (cell.path.empty() ? 0 : kCellPath) | (cell.value.empty() ? 0 : kCellValue));
    out.u8(flags);
    names.write(out, cell.column);
    if (!same) {
        out.vint(cell.timestamp);
        timestamp = cell.timestamp;
    }
    if (cell.isExpiring()) {
        out.vint(cell.ttl);
    }
    if (cell.localDeletionTime != kNoDeletionTime) {
        out.vint(cell.localDeletionTime);
    }
    if (!cell.path.empty()) {
        out.blob(cell.path);
    }
    if (!cell.value.empty()) {
        out.blob(cell.value);
    }
}

/// Sets every field: the cell may have been used before.
void readCell(ByteReader& in, Cell& cell, ColumnNames& names, std::int64_t& timestamp) {
    const std::uint8_t flags = in.u8();
    cell.column = names.read(in);
    if ((flags & kCellSameTimestamp) == 0) {
        timestamp = in.vint();
    }
    cell.timestamp = timestamp;
    cell.ttl = (flags & kCellTtl) != 0 ? static_cast<std::int32_t>(in.vint()) : kNoTtl;
    cell.localDeletionTime = (flags & kCellDeletionTime) != 0 ? in.vint() : kNoDeletionTime;
    cell.path = (flags & kCellPath) != 0 ? in.blob() : BytesView();
    cell.value = (flags & kCellValue) != 0 ? in.blob() : BytesView();
}

void readClusteringInto(ByteReader& in, Clustering& into) {
    const std::uint64_t count = readCount(in);
    std::size_t values = 0;
    for (; values < count && !in.failed(); ++values) {
        (values < into.size() ? into[values] : into.emplace_back()) = in.blob();
    }
    into.resize(values);
}

void readComplexDeletions(ByteReader& in, Row& row, ColumnNames& names) {
    const std::uint64_t count = readCount(in);
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        const ColumnName column = names.read(in);
        row.complexDeletions.push_back({column, readDeletion(in)});
    }
}

}  // namespace

void ColumnNames::write(ByteWriter& out, ColumnName name) {
    std::size_t at = m_next;
    if (at >= m_names.size() || m_names[at] != name) {
        for (at = 0; at < m_names.size() && m_names[at] != name; ++at) {
        }
    }
    out.unsignedVint(at);
    if (at == m_names.size()) {
        m_names.emplace_back(name);
        if (m_inline) {
            out.blob(name);
        }
    }
    m_next = at + 1;
}

ColumnName ColumnNames::read(ByteReader& in) {
    const std::uint64_t at = in.unsignedVint();
    const auto& names = m_known != nullptr ? *m_known : m_names;
    if (at < names.size()) {
        return names[at];
    }
    if (!m_inline || at > m_names.size() || in.failed()) {
        in.fail();
        return {};
    }
    return m_names.emplace_back(in.blob());
}

std::uint64_t readCount(ByteReader& in) {
    const std::uint64_t count = in.unsignedVint();
    if (count > in.remaining()) {
        in.fail();
        return 0;
    }
    return count;
}

void writeDeletion(ByteWriter& out, const DeletionTime& deletion) {
    out.vint(deletion.markedForDeleteAt);
    out.vint(deletion.localDeletionTime);
}

DeletionTime readDeletion(ByteReader& in) {
    DeletionTime out;
    out.markedForDeleteAt = in.vint();
    out.localDeletionTime = in.vint();
    return out;
}

void writeClustering(ByteWriter& out, const Clustering& clustering) {
    out.unsignedVint(clustering.size());
    for (const Bytes& value : clustering) {
        out.blob(value);
    }
}

Clustering readClustering(ByteReader& in) {
    Clustering out;
    readClusteringInto(in, out);
    return out;
}

void writeRow(ByteWriter& out, const Row& row, ColumnNames& names) {
    const bool ttl = row.liveness.ttl != kNoTtl;
    const std::uint8_t flags =
        static_cast<std::uint8_t>((row.liveness.isEmpty() ? 0 : kRowLiveness) |
                                  (ttl ? kRowTtl : 0) | (row.deletion.isLive() ? 0 : kRowDeletion) |
                                  (row.complexDeletions.empty() ? 0 : kRowComplexDeletions));
    out.u8(flags);
    writeClustering(out, row.clustering);
    std::int64_t timestamp = kNoTimestamp;
    if (!row.liveness.isEmpty()) {
        timestamp = row.liveness.timestamp;
        out.vint(timestamp);
    }
    if (ttl) {
        out.vint(row.liveness.ttl);
        out.vint(row.liveness.localExpirationTime);
    }
    if (!row.deletion.isLive()) {
        writeDeletion(out, row.deletion);
    }
    if (!row.complexDeletions.empty()) {
        out.unsignedVint(row.complexDeletions.size());
        for (const ComplexDeletion& complex : row.complexDeletions) {
            names.write(out, complex.column);
            writeDeletion(out, complex.deletion);
        }
    }
    out.unsignedVint(row.cells.size());
    for (const Cell& cell : row.cells) {
        writeCell(out, cell, names, timestamp);
    }
}

Row readRow(ByteReader& in, ColumnNames& names) {
    Row row;
    readRow(in, names, row);
    return row;
}

void readRow(ByteReader& in, ColumnNames& names, Row& row) {
    const std::uint8_t flags = in.u8();
    readClusteringInto(in, row.clustering);
    row.liveness = {};
    row.deletion = {};
    row.complexDeletions.clear();
    std::int64_t timestamp = kNoTimestamp;
    if ((flags & kRowLiveness) != 0) {
        timestamp = in.vint();
        row.liveness.timestamp = timestamp;
    }
    if ((flags & kRowTtl) != 0) {
        row.liveness.ttl = static_cast<std::int32_t>(in.vint());
        row.liveness.localExpirationTime = in.vint();
    }
    if ((flags & kRowDeletion) != 0) {
        row.deletion = readDeletion(in);
    }
    if ((flags & kRowComplexDeletions) != 0) {
        readComplexDeletions(in, row, names);
    }
    const std::uint64_t count = readCount(in);
    row.cells.reserve(std::min<std::uint64_t>(count, kCellsReserved));
    std::size_t cells = 0;
    for (; cells < count && !in.failed(); ++cells) {
        readCell(in, cells < row.cells.size() ? row.cells[cells] : row.cells.emplace_back(), names,
                 timestamp);
    }
    row.cells.resize(cells);
}

void writeSlice(ByteWriter& out, const Slice& slice) {
    out.u8(static_cast<std::uint8_t>((slice.start.inclusive ? kStartInclusive : 0) |
                                     (slice.end.inclusive ? kEndInclusive : 0)));
    writeClustering(out, slice.start.prefix);
    writeClustering(out, slice.end.prefix);
}

Slice readSlice(ByteReader& in) {
    Slice out;
    const std::uint8_t flags = in.u8();
    out.start = {readClustering(in), (flags & kStartInclusive) != 0};
    out.end = {readClustering(in), (flags & kEndInclusive) != 0};
    return out;
}

void writeHead(ByteWriter& out, const Partition& partition, ColumnNames& names) {
    out.blob(partition.key.key);
    out.u8(static_cast<std::uint8_t>((partition.deletion.isLive() ? 0 : kPartitionDeletion) |
                                     (partition.staticRow.isEmpty() ? 0 : kStaticRow) |
                                     (partition.rangeTombstones.empty() ? 0 : kRangeTombstones)));
    if (!partition.deletion.isLive()) {
        writeDeletion(out, partition.deletion);
    }
    if (!partition.staticRow.isEmpty()) {
        writeRow(out, partition.staticRow, names);
    }
    if (!partition.rangeTombstones.empty()) {
        out.unsignedVint(partition.rangeTombstones.size());
        for (const RangeTombstone& tombstone : partition.rangeTombstones) {
            writeSlice(out, tombstone.slice);
            writeDeletion(out, tombstone.deletion);
        }
    }
}

Partition readHead(ByteReader& in, ColumnNames& names) {
    Partition out;
    out.key = decorate(Bytes(in.blob()));
    const std::uint8_t flags = in.u8();
    if ((flags & kPartitionDeletion) != 0) {
        out.deletion = readDeletion(in);
    }
    if ((flags & kStaticRow) != 0) {
        out.staticRow = readRow(in, names);
    }
    if ((flags & kRangeTombstones) != 0) {
        const std::uint64_t count = readCount(in);
        for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
            Slice slice = readSlice(in);
            out.rangeTombstones.push_back({std::move(slice), readDeletion(in)});
        }
    }
    return out;
}

}  // namespace engine::rows
