#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/storage/sstable/unfiltered_codec.h"

namespace engine::storage {

namespace {

constexpr std::int64_t kLargestDeletionTime = kFileNoDeletionTime - 1;

}  // namespace

std::int32_t toFileDeletionTime(std::int64_t localDeletionTime) {
    if (localDeletionTime == rows::kNoDeletionTime) {
        return kFileNoDeletionTime;
    }
    return static_cast<std::int32_t>(std::min(localDeletionTime, kLargestDeletionTime));
}

std::int64_t fromFileDeletionTime(std::int32_t localDeletionTime) {
    return localDeletionTime == kFileNoDeletionTime ? rows::kNoDeletionTime : localDeletionTime;
}

std::uint8_t kindOf(const Marker& marker) {
    const bool isBefore = marker.side < 0;
    if (marker.before.isLive()) {
        return isBefore ? 1 : 7;
    }
    if (marker.after.isLive()) {
        return isBefore ? 0 : 6;
    }
    return isBefore ? 2 : 5;
}

RowColumns::RowColumns(const std::vector<SerializationHeader::Column>& from)
    : byName(from.size()) {
    for (const auto& column : from) {
        const bool isComplex = column.isComplex();
        columns.push_back({rows::ColumnName(column.name), isComplex,
                           isComplex ? -1 : column.type->fixedLength()});
    }
    std::iota(byName.begin(), byName.end(), 0u);
    std::sort(byName.begin(), byName.end(), [&](std::uint32_t a, std::uint32_t b) {
        return columns[a].name < columns[b].name;
    });
    isMixed = !std::is_sorted(byName.begin(), byName.end());
}

RowFormat::RowFormat(const SerializationHeader& header)
    : stats(header.stats), statics(header.statics), regulars(header.regulars) {
    for (const auto& column : header.clustering) {
        clusteringLengths.push_back(column.type->fixedLength());
    }
}

Result<void> UnfilteredEncoder::clustering(EncodeBuffer& out,
                                           const rows::Clustering& values) const {
    for (std::size_t group = 0; group < values.size(); group += kClusteringGroup) {
        const std::size_t end = std::min(values.size(), group + kClusteringGroup);
        std::uint64_t header = 0;
        for (std::size_t i = group; i < end; ++i) {
            header |= values[i].empty() ? 1ull << (2 * (i - group)) : 0;
        }
        out.unsignedVint(header);
        for (std::size_t i = group; i < end; ++i) {
            const std::int32_t length = m_format.clusteringLengths[i];
            if (values[i].empty()) {
                continue;
            }
            if (length < 0) {
                out.blob(values[i]);
            } else if (values[i].size() == static_cast<std::size_t>(length)) {
                out.raw(values[i]);
            } else {
                return makeError(ErrorKind::Server,
                                 fmt::format("clustering value {} has {} bytes, not {}", i,
                                             values[i].size(), length));
            }
        }
    }
    return ok();
}

void UnfilteredEncoder::writeTimestamp(std::int64_t timestamp) {
    m_body.unsignedVint(static_cast<std::uint64_t>(timestamp) -
                        static_cast<std::uint64_t>(m_format.stats.minTimestamp));
}

void UnfilteredEncoder::writeDeletionTime(std::int64_t localDeletionTime) {
    const std::int64_t delta =
        std::int64_t(toFileDeletionTime(localDeletionTime)) - m_format.stats.minLocalDeletionTime;
    m_body.unsignedVint(static_cast<std::uint64_t>(std::int64_t(static_cast<std::int32_t>(delta))));
}

void UnfilteredEncoder::writeDeletion(const rows::DeletionTime& deletion) {
    writeTimestamp(deletion.markedForDeleteAt);
    writeDeletionTime(deletion.localDeletionTime);
}

/// Which cells each column of the file has. Cells and columns come in order of names.
Result<void> UnfilteredEncoder::findSpans(const rows::Row& row, const RowColumns& columns) {
    m_spans.assign(columns.columns.size(), {});
    const auto unknown = [&](const rows::ColumnName& name) {
        return makeError(ErrorKind::Server,
                         fmt::format("column {} is not among those of the SSTable", name.text()));
    };
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < row.cells.size();) {
        const rows::ColumnName& name = row.cells[i].column;
        while (at < columns.byName.size() && !(columns.columns[columns.byName[at]].name == name)) {
            ++at;
        }
        if (at == columns.byName.size()) {
            return unknown(name);
        }
        Span& span = m_spans[columns.byName[at]];
        span.first = i;
        while (i < row.cells.size() && row.cells[i].column == name) {
            ++i;
        }
        span.count = i - span.first;
    }
    at = 0;
    for (const rows::ComplexDeletion& complex : row.complexDeletions) {
        while (at < columns.byName.size() &&
               !(columns.columns[columns.byName[at]].name == complex.column)) {
            ++at;
        }
        if (at == columns.byName.size()) {
            return unknown(complex.column);
        }
        m_spans[columns.byName[at]].deletion =
            complex.deletion.isLive() ? nullptr : &complex.deletion;
    }
    return ok();
}

/// Which columns are missing: a bitmap, or a list for many columns.
void UnfilteredEncoder::writeSubset(std::size_t present) {
    const std::size_t count = m_spans.size();
    if (count < kBitmapColumnsMax) {
        std::uint64_t missing = 0;
        for (std::size_t i = 0; i < count; ++i) {
            missing |= m_spans[i].isPresent() ? 0 : 1ull << i;
        }
        m_body.unsignedVint(missing);
        return;
    }
    m_body.unsignedVint(count - present);
    const bool listPresent = present < count / 2;
    for (std::size_t i = 0; i < count; ++i) {
        if (m_spans[i].isPresent() == listPresent) {
            m_body.unsignedVint(i);
        }
    }
}

Result<void> UnfilteredEncoder::writeCell(const rows::Row& row, const rows::Cell& cell,
                                          const RowColumns::Column& column) {
    const rows::LivenessInfo& live = row.liveness;
    const bool isDeleted = cell.isTombstone();
    const bool isExpiring = cell.isExpiring();
    const bool useTimestamp = !live.isEmpty() && cell.timestamp == live.timestamp;
    const bool useTtl = isExpiring && live.ttl == cell.ttl &&
                        live.localExpirationTime == cell.localDeletionTime;
    std::uint8_t flags = 0;
    flags |= isDeleted ? cellflag::kIsDeleted : 0;
    flags |= isExpiring ? cellflag::kIsExpiring : 0;
    flags |= cell.value.empty() ? cellflag::kHasEmptyValue : 0;
    flags |= useTimestamp ? cellflag::kUseRowTimestamp : 0;
    flags |= useTtl ? cellflag::kUseRowTtl : 0;
    m_body.u8(flags);
    if (!useTimestamp) {
        writeTimestamp(cell.timestamp);
    }
    if ((isDeleted || isExpiring) && !useTtl) {
        writeDeletionTime(cell.localDeletionTime);
    }
    if (isExpiring && !useTtl) {
        m_body.unsignedVint(
            static_cast<std::uint64_t>(std::int64_t(cell.ttl) - m_format.stats.minTtl));
    }
    if (column.isComplex) {
        m_body.blob(cell.path);
    }
    if (cell.value.empty()) {
        return ok();
    }
    if (column.fixedLength < 0) {
        m_body.blob(cell.value);
        return ok();
    }
    if (cell.value.size() != static_cast<std::size_t>(column.fixedLength)) {
        return makeError(ErrorKind::Server,
                         fmt::format("a value of column {} has {} bytes, not {}",
                                     column.name.text(), cell.value.size(), column.fixedLength));
    }
    m_body.raw(cell.value);
    return ok();
}

/// Everything behind the row's sizes; returns its flags.
Result<std::uint8_t> UnfilteredEncoder::body(const rows::Row& row, const RowColumns& columns) {
    m_body.clear();
    m_columnsSet = 0;
    std::uint8_t flags = 0;
    if (!row.liveness.isEmpty()) {
        flags |= rowflag::kHasTimestamp;
        writeTimestamp(row.liveness.timestamp);
        if (row.liveness.ttl != rows::kNoTtl) {
            flags |= rowflag::kHasTtl;
            m_body.unsignedVint(static_cast<std::uint64_t>(std::int64_t(row.liveness.ttl) -
                                                           m_format.stats.minTtl));
            writeDeletionTime(row.liveness.localExpirationTime);
        }
    }
    if (!row.deletion.isLive()) {
        flags |= rowflag::kHasDeletion;
        writeDeletion(row.deletion);
    }
    TRY(findSpans(row, columns));
    std::size_t present = 0;
    for (std::size_t i = 0; i < m_spans.size(); ++i) {
        present += m_spans[i].isPresent() ? 1 : 0;
        m_columnsSet += m_spans[i].count > 0 ? 1 : 0;
        flags |= m_spans[i].deletion != nullptr ? rowflag::kHasComplexDeletion : 0;
    }
    if (present == m_spans.size()) {
        flags |= rowflag::kHasAllColumns;
    } else {
        writeSubset(present);
    }
    for (std::size_t i = 0; i < m_spans.size(); ++i) {
        const Span& span = m_spans[i];
        if (!span.isPresent()) {
            continue;
        }
        const RowColumns::Column& column = columns.columns[i];
        if (column.isComplex) {
            if ((flags & rowflag::kHasComplexDeletion) != 0) {
                writeDeletion(span.deletion != nullptr ? *span.deletion : rows::DeletionTime{});
            }
            m_body.unsignedVint(span.count);
        }
        for (std::uint32_t c = 0; c < span.count; ++c) {
            TRY(writeCell(row, row.cells[span.first + c], column));
        }
    }
    return flags;
}

Result<void> UnfilteredEncoder::row(EncodeBuffer& out, const rows::Row& row,
                                    std::uint64_t previousBytes) {
    TRY_ASSIGN(const std::uint8_t flags, body(row, m_format.regulars));
    if (row.clustering.size() != m_format.clusteringLengths.size()) {
        return makeError(ErrorKind::Server, "a row has too few or too many clustering values");
    }
    out.u8(flags);
    TRY(clustering(out, row.clustering));
    out.unsignedVint(m_body.size() + unsignedVintBytes(previousBytes));
    out.unsignedVint(previousBytes);
    out.raw(m_body.view());
    return ok();
}

Result<void> UnfilteredEncoder::staticRow(EncodeBuffer& out, const rows::Row& row) {
    TRY_ASSIGN(const std::uint8_t flags, body(row, m_format.statics));
    out.u8(flags | rowflag::kExtension);
    out.u8(rowflag::kExtendedIsStatic);
    out.unsignedVint(m_body.size() + 1);
    out.unsignedVint(0);
    out.raw(m_body.view());
    return ok();
}

Result<void> UnfilteredEncoder::marker(EncodeBuffer& out, const Marker& marker,
                                       std::uint64_t previousBytes) {
    if (marker.before.isLive() && marker.after.isLive()) {
        return makeError(ErrorKind::Server, "a marker that neither opens nor closes a range");
    }
    if (marker.prefix.size() > m_format.clusteringLengths.size()) {
        return makeError(ErrorKind::Server, "a marker has too many clustering values");
    }
    m_body.clear();
    if (!marker.before.isLive()) {
        writeDeletion(marker.before);
    }
    if (!marker.after.isLive()) {
        writeDeletion(marker.after);
    }
    out.u8(rowflag::kIsMarker);
    out.u8(kindOf(marker));
    out.u16(static_cast<std::uint16_t>(marker.prefix.size()));
    TRY(clustering(out, marker.prefix));
    out.unsignedVint(m_body.size() + unsignedVintBytes(previousBytes));
    out.unsignedVint(previousBytes);
    out.raw(m_body.view());
    return ok();
}

}  // namespace engine::storage
