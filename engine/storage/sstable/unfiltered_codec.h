#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/sstable/encode_buffer.h"
#include "engine/storage/sstable/serialization_header.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

// Bits and numbers of Data.db: docs/formats.md, "SSTables".
namespace rowflag {
inline constexpr std::uint8_t kEndOfPartition = 0x01;
inline constexpr std::uint8_t kIsMarker = 0x02;
inline constexpr std::uint8_t kHasTimestamp = 0x04;
inline constexpr std::uint8_t kHasTtl = 0x08;
inline constexpr std::uint8_t kHasDeletion = 0x10;
inline constexpr std::uint8_t kHasAllColumns = 0x20;
inline constexpr std::uint8_t kHasComplexDeletion = 0x40;
inline constexpr std::uint8_t kExtension = 0x80;
inline constexpr std::uint8_t kExtendedIsStatic = 0x01;
}  // namespace rowflag
namespace cellflag {
inline constexpr std::uint8_t kIsDeleted = 0x01;
inline constexpr std::uint8_t kIsExpiring = 0x02;
inline constexpr std::uint8_t kHasEmptyValue = 0x04;
inline constexpr std::uint8_t kUseRowTimestamp = 0x08;
inline constexpr std::uint8_t kUseRowTtl = 0x10;
}  // namespace cellflag
inline constexpr std::int32_t kFileNoDeletionTime = 0x7fffffff;
/// Values of clustering columns come in groups of so many, behind a header of two bits each.
inline constexpr std::size_t kClusteringGroup = 32;
/// A row that lacks columns names them in a bitmap as long as the table has no more than these.
inline constexpr std::size_t kBitmapColumnsMax = 64;
/// Kind of a clustering prefix that is a row's.
inline constexpr std::uint8_t kClusteringKind = 4;

/// As files have it: none is the largest number, and what lies beyond it is capped below that.
std::int32_t toFileDeletionTime(std::int64_t localDeletionTime);
std::int64_t fromFileDeletionTime(std::int32_t localDeletionTime);
/// ClusteringPrefix.Kind of a marker.
std::uint8_t kindOf(const Marker& marker);

/// The columns that rows of one kind refer to by number, in the file's order.
struct RowColumns {
    struct Column {
        rows::ColumnName name;
        bool isComplex = false;
        std::int32_t fixedLength = -1;  // Of a simple column's values; -1: they carry their length.
    };

    explicit RowColumns(const std::vector<SerializationHeader::Column>& columns);

    std::vector<Column> columns;
    std::vector<std::uint32_t> byName;
    bool isMixed = false;  // The file's order is not that of the names.
};

/// All that is needed to read and write the rows of a file.
struct RowFormat {
    explicit RowFormat(const SerializationHeader& header);

    EncodingStats stats;
    std::vector<std::int32_t> clusteringLengths;  // As RowColumns::Column::fixedLength.
    RowColumns statics;
    RowColumns regulars;
};

/// Puts rows and markers into the form of Data.db. Refuses, with a plain error, what the header of
/// the file cannot express.
class UnfilteredEncoder {
public:
    explicit UnfilteredEncoder(const RowFormat& format) : m_format(format) {}

    /// `previousBytes`: how far back the thing before it begins.
    Result<void> row(EncodeBuffer& out, const rows::Row& row, std::uint64_t previousBytes);
    Result<void> staticRow(EncodeBuffer& out, const rows::Row& row);
    Result<void> marker(EncodeBuffer& out, const Marker& marker, std::uint64_t previousBytes);
    Result<void> clustering(EncodeBuffer& out, const rows::Clustering& values) const;
    /// Columns that had a cell in the row that was put last.
    std::uint32_t columnsSet() const { return m_columnsSet; }

private:
    struct Span {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        const rows::DeletionTime* deletion = nullptr;
        bool isPresent() const { return count > 0 || deletion != nullptr; }
    };

    Result<std::uint8_t> body(const rows::Row& row, const RowColumns& columns);
    Result<void> findSpans(const rows::Row& row, const RowColumns& columns);
    void writeSubset(std::size_t present);
    Result<void> writeCell(const rows::Row& row, const rows::Cell& cell,
                           const RowColumns::Column& column);
    void writeTimestamp(std::int64_t timestamp);
    void writeDeletionTime(std::int64_t localDeletionTime);
    void writeDeletion(const rows::DeletionTime& deletion);

    const RowFormat& m_format;
    EncodeBuffer m_body;
    std::vector<Span> m_spans;  // By number of the column.
    std::uint32_t m_columnsSet = 0;
};

enum class DecodeOutcome : std::uint8_t { Row, Marker, End, Incomplete, Corrupt };

/// Reads what UnfilteredEncoder wrote, into rows that are used again.
class UnfilteredDecoder {
public:
    explicit UnfilteredDecoder(const RowFormat& format) : m_format(format) {}

    /// What begins at the start of `bytes`. Incomplete: it goes on behind their end (`needed()` of
    /// them, as far as is known). After Corrupt, `problem()` says what is wrong.
    DecodeOutcome next(BytesView bytes, rows::Row& row, Marker& marker);
    DecodeOutcome staticRow(BytesView bytes, rows::Row& row);
    std::size_t consumed() const { return m_consumed; }
    std::size_t needed() const { return m_needed; }
    std::string_view problem() const { return m_problem; }

    bool clustering(DecodeReader& in, rows::Clustering& values, std::size_t count) const;

private:
    DecodeOutcome fail(std::string_view problem);
    /// False: Incomplete or Corrupt, as m_outcome says.
    bool enterBody(DecodeReader& in, BytesView bytes, DecodeReader& body);
    DecodeOutcome rowBehind(DecodeReader& in, BytesView bytes, std::uint8_t flags,
                            const RowColumns& columns, rows::Row& row);
    DecodeOutcome markerBehind(DecodeReader& in, BytesView bytes, Marker& marker);
    bool readBody(DecodeReader& in, std::uint8_t flags, const RowColumns& columns, rows::Row& row);
    bool readSubset(DecodeReader& in, std::size_t columns);
    void readColumn(DecodeReader& in, std::uint8_t flags, const RowColumns::Column& column,
                    rows::Row& row);
    void readCell(DecodeReader& in, const RowColumns::Column& column, rows::Row& row);
    std::int64_t readTimestamp(DecodeReader& in) const;
    std::int64_t readDeletionTime(DecodeReader& in) const;
    rows::DeletionTime readDeletion(DecodeReader& in) const;

    const RowFormat& m_format;
    std::vector<bool> m_isMissing;
    std::size_t m_cells = 0;
    bool m_hasComplex = false;
    std::size_t m_consumed = 0;
    std::size_t m_needed = 0;
    DecodeOutcome m_outcome = DecodeOutcome::End;
    std::string_view m_problem;
};

/// The 12 bytes of partitions and index entries.
template <typename Writer>
void writePlainDeletion(Writer& out, const rows::DeletionTime& deletion) {
    out.i32(toFileDeletionTime(deletion.localDeletionTime));
    out.i64(deletion.markedForDeleteAt);
}
rows::DeletionTime readPlainDeletion(DecodeReader& in);

}  // namespace engine::storage
