#include <algorithm>

#include "engine/storage/sstable/unfiltered_codec.h"

namespace engine::storage {

namespace {

/// Values of clustering columns have 16-bit lengths elsewhere.
constexpr std::uint64_t kClusteringValueMax = 0xffff;

bool sortsBefore(std::uint8_t kind) {
    return kind <= 2;
}

}  // namespace

rows::DeletionTime readPlainDeletion(DecodeReader& in) {
    const std::int32_t local = in.i32();
    const std::int64_t marked = in.i64();
    if (marked == rows::kNoTimestamp) {
        return {};
    }
    return {marked, fromFileDeletionTime(local)};
}

DecodeOutcome UnfilteredDecoder::fail(std::string_view problem) {
    m_problem = problem;
    return m_outcome = DecodeOutcome::Corrupt;
}

std::int64_t UnfilteredDecoder::readTimestamp(DecodeReader& in) const {
    return static_cast<std::int64_t>(in.unsignedVint() +
                                     static_cast<std::uint64_t>(m_format.stats.minTimestamp));
}

std::int64_t UnfilteredDecoder::readDeletionTime(DecodeReader& in) const {
    const std::uint64_t delta = in.unsignedVint();
    const auto minimum = static_cast<std::uint64_t>(std::int64_t(m_format.stats.minLocalDeletionTime));
    return fromFileDeletionTime(static_cast<std::int32_t>(static_cast<std::uint32_t>(delta + minimum)));
}

rows::DeletionTime UnfilteredDecoder::readDeletion(DecodeReader& in) const {
    const std::int64_t marked = readTimestamp(in);
    const std::int64_t local = readDeletionTime(in);
    return marked == rows::kNoTimestamp ? rows::DeletionTime{} : rows::DeletionTime{marked, local};
}

bool UnfilteredDecoder::clustering(DecodeReader& in, rows::Clustering& values,
                                   std::size_t count) const {
    values.resize(count);
    std::uint64_t header = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t within = i % kClusteringGroup;
        if (within == 0) {
            header = in.unsignedVint();
        }
        if ((header >> (2 * within) & 3) != 0) {
            values[i].clear();  // Empty; null, which only very old tables have, reads the same.
            continue;
        }
        const std::int32_t fixed = m_format.clusteringLengths[i];
        const std::uint64_t length =
            fixed >= 0 ? static_cast<std::uint64_t>(fixed) : in.unsignedVint();
        if (length > kClusteringValueMax) {
            return false;
        }
        values[i].assign(in.raw(length));
    }
    return true;
}

bool UnfilteredDecoder::enterBody(DecodeReader& in, BytesView bytes, DecodeReader& body) {
    const std::uint64_t size = in.unsignedVint();
    if (in.failed()) {
        m_needed = bytes.size() + 1;
        m_outcome = DecodeOutcome::Incomplete;
        return false;
    }
    if (size > in.remaining()) {
        if (size > std::uint64_t(1) << 40) {
            fail("a row has an impossible length");
            return false;
        }
        m_needed = in.offset() + size;
        m_outcome = DecodeOutcome::Incomplete;
        return false;
    }
    body = DecodeReader(in.raw(size));
    body.unsignedVint();  // How far back the one before it begins.
    m_consumed = in.offset();
    return true;
}

DecodeOutcome UnfilteredDecoder::next(BytesView bytes, rows::Row& row, Marker& marker) {
    DecodeReader in(bytes);
    m_consumed = 0;
    m_needed = 0;
    const std::uint8_t flags = in.u8();
    if (in.failed()) {
        m_needed = 1;
        return DecodeOutcome::Incomplete;
    }
    if ((flags & rowflag::kEndOfPartition) != 0) {
        m_consumed = 1;
        return flags == rowflag::kEndOfPartition ? DecodeOutcome::End
                                                 : fail("the flags of a row are impossible");
    }
    if ((flags & rowflag::kIsMarker) != 0) {
        return flags == rowflag::kIsMarker ? markerBehind(in, bytes, marker)
                                           : fail("the flags of a marker are impossible");
    }
    if ((flags & rowflag::kExtension) != 0 && (in.u8() & rowflag::kExtendedIsStatic) != 0) {
        return fail("a static row among the others");
    }
    if (!clustering(in, row.clustering, m_format.clusteringLengths.size())) {
        return fail("a clustering value has an impossible length");
    }
    return rowBehind(in, bytes, flags, m_format.regulars, row);
}

DecodeOutcome UnfilteredDecoder::staticRow(BytesView bytes, rows::Row& row) {
    DecodeReader in(bytes);
    m_consumed = 0;
    m_needed = 0;
    const std::uint8_t flags = in.u8();
    const std::uint8_t extended = in.u8();
    if (in.failed()) {
        m_needed = 2;
        return DecodeOutcome::Incomplete;
    }
    if ((flags & rowflag::kExtension) == 0 || (extended & rowflag::kExtendedIsStatic) == 0 ||
        (flags & (rowflag::kEndOfPartition | rowflag::kIsMarker)) != 0) {
        return fail("the static row is missing");
    }
    row.clustering.clear();
    return rowBehind(in, bytes, flags, m_format.statics, row);
}

DecodeOutcome UnfilteredDecoder::rowBehind(DecodeReader& in, BytesView bytes, std::uint8_t flags,
                                           const RowColumns& columns, rows::Row& row) {
    DecodeReader body;
    if (!enterBody(in, bytes, body)) {
        return m_outcome;
    }
    return readBody(body, flags, columns, row) ? DecodeOutcome::Row : fail("a row is malformed");
}

DecodeOutcome UnfilteredDecoder::markerBehind(DecodeReader& in, BytesView bytes, Marker& marker) {
    const std::uint8_t kind = in.u8();
    const std::size_t count = in.u16();
    if (!in.failed() && (kind > 7 || kind == 3 || kind == kClusteringKind ||
                         count > m_format.clusteringLengths.size())) {
        return fail("a marker has an impossible kind");
    }
    if (!in.failed() && !clustering(in, marker.prefix, count)) {
        return fail("a clustering value has an impossible length");
    }
    DecodeReader body;
    if (!enterBody(in, bytes, body)) {
        return m_outcome;
    }
    marker.side = sortsBefore(kind) ? -1 : 1;
    const bool closes = kind == 0 || kind == 2 || kind == 5 || kind == 6;
    const bool opens = kind == 1 || kind == 2 || kind == 5 || kind == 7;
    marker.before = closes ? readDeletion(body) : rows::DeletionTime{};
    marker.after = opens ? readDeletion(body) : rows::DeletionTime{};
    const bool isWhole = closes != marker.before.isLive() && opens != marker.after.isLive();
    return !body.failed() && body.atEnd() && isWhole ? DecodeOutcome::Marker
                                                     : fail("a marker is malformed");
}

bool UnfilteredDecoder::readSubset(DecodeReader& in, std::size_t columns) {
    const std::uint64_t encoded = in.unsignedVint();
    if (columns < kBitmapColumnsMax) {
        if (encoded >> columns != 0) {
            return false;
        }
        m_isMissing.resize(columns);
        for (std::size_t i = 0; i < columns; ++i) {
            m_isMissing[i] = (encoded >> i & 1) != 0;
        }
        return true;
    }
    if (encoded > columns) {
        return false;
    }
    const std::size_t present = columns - encoded;
    const bool listPresent = present < columns / 2;
    m_isMissing.assign(columns, listPresent);
    for (std::size_t i = listPresent ? present : encoded; i > 0; --i) {
        const std::uint64_t index = in.unsignedVint();
        if (index >= columns) {
            return false;
        }
        m_isMissing[index] = !listPresent;
    }
    return true;
}

void UnfilteredDecoder::readCell(DecodeReader& in, const RowColumns::Column& column,
                                 rows::Row& row) {
    if (m_cells == row.cells.size()) {
        row.cells.emplace_back();
    }
    rows::Cell& cell = row.cells[m_cells++];
    const std::uint8_t flags = in.u8();
    const bool isDeleted = (flags & cellflag::kIsDeleted) != 0;
    const bool isExpiring = (flags & cellflag::kIsExpiring) != 0;
    const bool useTtl = (flags & cellflag::kUseRowTtl) != 0;
    cell.column = column.name;
    cell.timestamp = (flags & cellflag::kUseRowTimestamp) != 0 ? row.liveness.timestamp
                                                               : readTimestamp(in);
    cell.localDeletionTime = rows::kNoDeletionTime;
    cell.ttl = rows::kNoTtl;
    if (useTtl) {
        cell.localDeletionTime = row.liveness.localExpirationTime;
        cell.ttl = row.liveness.ttl;
    } else {
        if (isDeleted || isExpiring) {
            cell.localDeletionTime = readDeletionTime(in);
        }
        if (isExpiring) {
            cell.ttl = static_cast<std::int32_t>(
                in.unsignedVint() + static_cast<std::uint64_t>(std::int64_t(m_format.stats.minTtl)));
        }
    }
    if (column.isComplex) {
        cell.path.assign(in.blob());
    } else {
        cell.path.clear();
    }
    if ((flags & cellflag::kHasEmptyValue) != 0) {
        cell.value.clear();
    } else {
        cell.value.assign(column.fixedLength >= 0
                              ? in.raw(static_cast<std::uint64_t>(column.fixedLength))
                              : in.blob());
    }
    if ((isDeleted && isExpiring) || cell.ttl < 0 || (isExpiring && cell.ttl == rows::kNoTtl)) {
        in.fail();
    }
}

void UnfilteredDecoder::readColumn(DecodeReader& in, std::uint8_t flags,
                                   const RowColumns::Column& column, rows::Row& row) {
    if (!column.isComplex) {
        readCell(in, column, row);
        return;
    }
    if ((flags & rowflag::kHasComplexDeletion) != 0) {
        const rows::DeletionTime deletion = readDeletion(in);
        if (!deletion.isLive()) {
            row.complexDeletions.push_back({column.name, deletion});
        }
    }
    for (std::uint64_t i = in.unsignedVint(); i > 0 && !in.failed(); --i) {
        m_hasComplex = true;
        readCell(in, column, row);
    }
}

bool UnfilteredDecoder::readBody(DecodeReader& in, std::uint8_t flags, const RowColumns& columns,
                                 rows::Row& row) {
    row.liveness = {};
    row.deletion = {};
    row.complexDeletions.clear();
    m_cells = 0;
    m_hasComplex = false;
    if ((flags & rowflag::kHasTimestamp) != 0) {
        row.liveness.timestamp = readTimestamp(in);
        if ((flags & rowflag::kHasTtl) != 0) {
            row.liveness.ttl = static_cast<std::int32_t>(
                in.unsignedVint() + static_cast<std::uint64_t>(std::int64_t(m_format.stats.minTtl)));
            row.liveness.localExpirationTime = readDeletionTime(in);
        }
    }
    if ((flags & rowflag::kHasDeletion) != 0) {
        row.deletion = readDeletion(in);
    }
    const std::size_t count = columns.columns.size();
    const bool hasAll = (flags & rowflag::kHasAllColumns) != 0;
    if (!hasAll && !readSubset(in, count)) {
        return false;
    }
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        if (hasAll || !m_isMissing[i]) {
            readColumn(in, flags, columns.columns[i], row);
        }
    }
    row.cells.resize(m_cells);
    if (columns.isMixed && m_hasComplex) {
        std::stable_sort(row.cells.begin(), row.cells.end(),
                         [](const auto& a, const auto& b) { return a.column < b.column; });
    }
    return !in.failed() && in.atEnd();
}

}  // namespace engine::storage
