#include "engine/storage/inspect/annotator.h"

#include <fmt/format.h>

#include "engine/storage/inspect/key_text.h"
#include "engine/types/literals.h"

namespace engine::storage::inspect {

namespace {

constexpr std::size_t kClusteringGroup = 32;
constexpr std::size_t kBitmapColumnsMax = 64;

struct Flag {
    std::uint8_t bit;
    const char* name;
};
constexpr Flag kRowFlags[] = {
    {rowflag::kEndOfPartition, "END_OF_PARTITION"}, {rowflag::kIsMarker, "IS_MARKER"},
    {rowflag::kHasTimestamp, "HAS_TIMESTAMP"},      {rowflag::kHasTtl, "HAS_TTL"},
    {rowflag::kHasDeletion, "HAS_DELETION"},        {rowflag::kHasAllColumns, "HAS_ALL_COLUMNS"},
    {rowflag::kHasComplexDeletion, "HAS_COMPLEX_DELETION"}, {rowflag::kExtension, "EXTENSION_FLAG"}};
constexpr Flag kCellFlags[] = {
    {cellflag::kIsDeleted, "IS_DELETED"},
    {cellflag::kIsExpiring, "IS_EXPIRING"},
    {cellflag::kHasEmptyValue, "HAS_EMPTY_VALUE"},
    {cellflag::kUseRowTimestamp, "USE_ROW_TIMESTAMP"},
    {cellflag::kUseRowTtl, "USE_ROW_TTL"}};
constexpr const char* kKinds[] = {"EXCL_END_BOUND",     "INCL_START_BOUND",
                                  "EXCL_END_INCL_START_BOUNDARY", "STATIC_CLUSTERING",
                                  "CLUSTERING",         "INCL_END_EXCL_START_BOUNDARY",
                                  "INCL_END_BOUND",     "EXCL_START_BOUND"};

template <std::size_t N>
std::string flagsText(std::uint8_t flags, const Flag (&names)[N]) {
    std::string out;
    for (const Flag& flag : names) {
        if ((flags & flag.bit) != 0) {
            out += fmt::format("{}{}", out.empty() ? "" : " | ", flag.name);
        }
    }
    return out.empty() ? "none" : out;
}

std::string secondsText(std::int64_t seconds) {
    return seconds == rows::kNoDeletionTime ? "none" : instantText(microsOfSeconds(seconds));
}

std::string valueText(const types::DataType& type, BytesView bytes) {
    if (type.isCounter()) {
        return fmt::format("counter context of {} bytes", bytes.size());
    }
    return types::validate(type, bytes).has_value() ? types::toText(type, bytes)
                                                    : "0x" + toHex(bytes);
}

/// The type of a cell's value, and of its path.
const types::DataType& valueType(const types::DataType& type, BytesView path) {
    if (!type.isMultiCell()) {
        return type;
    }
    if (type.kind() == types::Kind::Udt) {
        ByteReader in(path);
        const std::size_t field = in.u16();
        return field < type.elements().size() ? *type.element(field) : *types::blob();
    }
    return *type.valueType();
}

std::string pathText(const types::DataType& type, BytesView path) {
    if (type.kind() == types::Kind::Udt) {
        ByteReader in(path);
        const std::size_t field = in.u16();
        return field < type.fieldNames().size() ? type.fieldNames()[field] : std::to_string(field);
    }
    return valueText(type.kind() == types::Kind::List ? *types::timeuuid() : *type.keyType(), path);
}

void annotateCell(Annotator& notes, const SerializationHeader& header,
                  const SerializationHeader::Column& column) {
    DecodeReader& in = notes.in();
    const std::size_t whole = notes.open("cell", column.name);
    std::size_t from = notes.at();
    const std::uint8_t flags = in.u8();
    notes.add(from, "cell flags", flagsText(flags, kCellFlags));
    const bool isExpiring = (flags & cellflag::kIsExpiring) != 0;
    const bool ownTtl = (flags & cellflag::kUseRowTtl) == 0;
    if ((flags & cellflag::kUseRowTimestamp) == 0) {
        notes.timestamp(header.stats, "timestamp");
    }
    if (ownTtl && (isExpiring || (flags & cellflag::kIsDeleted) != 0)) {
        notes.deletionTime(header.stats, isExpiring ? "expires at" : "local deletion time");
    }
    if (ownTtl && isExpiring) {
        from = notes.at();
        notes.add(from, "ttl", fmt::format("{} s", in.unsignedVint() + std::uint64_t(header.stats.minTtl)));
    }
    BytesView path;
    if (column.isComplex()) {
        from = notes.at();
        path = in.blob();
        notes.add(from, "path", pathText(*column.type, path));
    }
    if ((flags & cellflag::kHasEmptyValue) == 0) {
        const types::DataType& type = valueType(*column.type, path);
        const std::int32_t fixed = column.isComplex() ? -1 : type.fixedLength();
        from = notes.at();
        const BytesView value = fixed >= 0 ? in.raw(std::uint64_t(fixed)) : in.blob();
        notes.add(from, fixed >= 0 ? "value" : "length and value", valueText(type, value));
    }
    notes.close(whole);
}

/// Which columns a row has, by number.
std::vector<bool> annotateSubset(Annotator& notes,
                                 const std::vector<SerializationHeader::Column>& columns) {
    DecodeReader& in = notes.in();
    const std::size_t from = notes.at();
    const std::size_t count = columns.size();
    std::vector<bool> present(count, true);
    const std::uint64_t encoded = in.unsignedVint();
    if (count < kBitmapColumnsMax) {
        for (std::size_t i = 0; i < count; ++i) {
            present[i] = (encoded >> i & 1) == 0;
        }
    } else {
        const std::uint64_t has = encoded > count ? 0 : count - encoded;
        const bool listPresent = has < count / 2;
        present.assign(count, !listPresent);
        for (std::uint64_t i = listPresent ? has : encoded; i > 0 && !in.failed(); --i) {
            const std::uint64_t index = in.unsignedVint();
            if (index < count) {
                present[index] = listPresent;
            }
        }
    }
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        names += present[i] ? (names.empty() ? "" : ", ") + columns[i].name : "";
    }
    notes.add(from, "column subset", names.empty() ? "no columns" : names);
    return present;
}

void annotateBody(Annotator& notes, const SerializationHeader& header, std::uint8_t flags,
                  bool isStatic) {
    DecodeReader& in = notes.in();
    notes.number("size", "bytes up to the row's end");
    notes.number("previous size", "bytes back to the one before");
    if ((flags & rowflag::kHasTimestamp) != 0) {
        notes.timestamp(header.stats, "row timestamp");
    }
    if ((flags & rowflag::kHasTtl) != 0) {
        const std::size_t from = notes.at();
        notes.add(from, "row ttl",
                  fmt::format("{} s", in.unsignedVint() + std::uint64_t(header.stats.minTtl)));
        notes.deletionTime(header.stats, "row expires at");
    }
    if ((flags & rowflag::kHasDeletion) != 0) {
        notes.deletion(header.stats, "row deletion");
    }
    const auto& columns = isStatic ? header.statics : header.regulars;
    std::vector<bool> present(columns.size(), true);
    if ((flags & rowflag::kHasAllColumns) == 0) {
        present = annotateSubset(notes, columns);
    }
    for (std::size_t i = 0; i < columns.size() && !in.failed(); ++i) {
        if (!present[i]) {
            continue;
        }
        if (!columns[i].isComplex()) {
            annotateCell(notes, header, columns[i]);
            continue;
        }
        if ((flags & rowflag::kHasComplexDeletion) != 0) {
            notes.deletion(header.stats, columns[i].name + " deletion");
        }
        const std::uint64_t cells = notes.number(columns[i].name + " cells", "cells");
        for (std::uint64_t c = 0; c < cells && !in.failed(); ++c) {
            annotateCell(notes, header, columns[i]);
        }
    }
}

}  // namespace

void Annotator::add(std::size_t from, std::string name, std::string meaning) {
    const std::size_t length = at() - from;
    m_out.push_back({m_component, m_startsAt + from, length, depth, std::move(name),
                     std::move(meaning), Bytes(m_bytes.substr(from, std::min(length, kXrayBytesMax)))});
}

std::size_t Annotator::open(std::string name, std::string meaning) {
    m_out.push_back({m_component, m_startsAt + at(), 0, depth, std::move(name), std::move(meaning), {}});
    ++depth;
    return m_out.size() - 1;
}

void Annotator::close(std::size_t range) {
    --depth;
    ByteRange& closed = m_out[range];
    const std::size_t from = closed.offset - m_startsAt;
    closed.length = at() - from;
    closed.bytes = Bytes(m_bytes.substr(from, std::min<std::size_t>(closed.length, kXrayBytesMax)));
}

std::uint64_t Annotator::number(std::string name, std::string_view unit) {
    const std::size_t from = at();
    const std::uint64_t value = m_in.unsignedVint();
    add(from, std::move(name), unit.empty() ? std::to_string(value) : fmt::format("{} {}", value, unit));
    return value;
}

void Annotator::timestamp(const EncodingStats& stats, std::string name) {
    const std::size_t from = at();
    const std::uint64_t delta = m_in.unsignedVint();
    const auto value =
        static_cast<std::int64_t>(delta + static_cast<std::uint64_t>(stats.minTimestamp));
    add(from, std::move(name),
        value == rows::kNoTimestamp
            ? "none"
            : fmt::format("{} (the file's smallest + {})", instantText(value),
                          static_cast<std::int64_t>(delta)));
}

void Annotator::deletionTime(const EncodingStats& stats, std::string name) {
    const std::size_t from = at();
    const std::uint64_t delta = m_in.unsignedVint();
    const auto value = static_cast<std::int32_t>(
        static_cast<std::uint32_t>(delta + static_cast<std::uint64_t>(stats.minLocalDeletionTime)));
    add(from, std::move(name), secondsText(fromFileDeletionTime(value)));
}

void Annotator::deletion(const EncodingStats& stats, std::string name) {
    const std::size_t whole = open(std::move(name));
    timestamp(stats, "marked for delete at");
    deletionTime(stats, "local deletion time");
    close(whole);
}

void Annotator::plainDeletion(std::string name) {
    const std::size_t from = at();
    const rows::DeletionTime value = readPlainDeletion(m_in);
    add(from, std::move(name),
        value.isLive() ? "none"
                       : fmt::format("marked at {}, locally at {}", instantText(value.markedForDeleteAt),
                                     secondsText(value.localDeletionTime)));
}

std::string annotateClustering(Annotator& notes, const SerializationHeader& header,
                               std::size_t count) {
    DecodeReader& in = notes.in();
    std::string all;
    std::uint64_t group = 0;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        if (i % kClusteringGroup == 0) {
            const std::size_t from = notes.at();
            group = in.unsignedVint();
            notes.add(from, "clustering header", group == 0 ? "no value is empty" : "some are empty");
        }
        const types::DataType& type = *header.clustering[i].type;
        std::string text;
        if ((group >> (2 * (i % kClusteringGroup)) & 3) == 0) {
            const std::size_t from = notes.at();
            const BytesView value = type.fixedLength() >= 0
                                        ? in.raw(static_cast<std::uint64_t>(type.fixedLength()))
                                        : in.blob();
            text = valueText(type, value);
            notes.add(from, fmt::format("clustering value {}", i + 1), text);
        }
        all += (i == 0 ? "" : ":") + text;
    }
    return all;
}

void annotateHead(Annotator& notes, const SerializationHeader& header, const RowFormat& format) {
    DecodeReader& in = notes.in();
    std::size_t from = notes.at();
    const std::uint64_t length = in.u16();
    notes.add(from, "key length", fmt::format("{} bytes", length));
    from = notes.at();
    const BytesView key = in.raw(length);
    notes.add(from, "partition key", keyText(header, key));
    notes.plainDeletion("partition deletion");
    if (format.statics.columns.empty()) {
        return;
    }
    const std::size_t whole = notes.open("static row");
    from = notes.at();
    const std::uint8_t flags = in.u8();
    notes.add(from, "row flags", flagsText(flags, kRowFlags));
    from = notes.at();
    in.u8();
    notes.add(from, "extended flags", "IS_STATIC");
    annotateBody(notes, header, flags, true);
    notes.close(whole);
}

void annotateUnfiltered(Annotator& notes, const SerializationHeader& header,
                        const RowFormat& format) {
    DecodeReader& in = notes.in();
    DecodeReader ahead = in;
    const std::uint8_t flags = ahead.u8();
    const bool isEnd = (flags & rowflag::kEndOfPartition) != 0;
    const bool isMarker = (flags & rowflag::kIsMarker) != 0;
    const std::size_t whole =
        notes.open(isEnd ? "end of partition" : isMarker ? "range tombstone marker" : "row");
    std::size_t from = notes.at();
    in.u8();
    notes.add(from, "row flags", flagsText(flags, kRowFlags));
    if (isMarker) {
        from = notes.at();
        const std::uint8_t kind = in.u8();
        notes.add(from, "kind", kind < std::size(kKinds) ? kKinds[kind] : "unknown");
        from = notes.at();
        const std::size_t count = in.u16();
        notes.add(from, "clustering values", std::to_string(count));
        annotateClustering(notes, header, std::min(count, format.clusteringLengths.size()));
        notes.number("size", "bytes up to the marker's end");
        notes.number("previous size", "bytes back to the one before");
        const bool isBoundary = kind == 2 || kind == 5;
        notes.deletion(header.stats, isBoundary ? "deletion that ends" : "deletion");
        if (isBoundary) {
            notes.deletion(header.stats, "deletion that begins");
        }
    } else if (!isEnd) {
        annotateClustering(notes, header, format.clusteringLengths.size());
        annotateBody(notes, header, flags, false);
    }
    notes.close(whole);
}

}  // namespace engine::storage::inspect
