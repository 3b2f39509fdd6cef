#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/storage/sstable/unfiltered_codec.h"

namespace engine::storage {

/// The width of an index block is told relative to this, whatever column_index_size is.
inline constexpr std::int64_t kIndexWidthBase = 65'536;

/// A clustering or the bound of a marker: where an index block begins or ends. `side` is 0 for rows.
struct IndexPlace {
    std::uint8_t kind = kClusteringKind;  // ClusteringPrefix.Kind
    rows::Clustering prefix;
    int side = 0;
    rows::Position position() const { return {&prefix, side}; }
};

/// A stretch of a wide partition (org.apache.cassandra.io.sstable.IndexInfo).
struct IndexBlock {
    IndexPlace first;
    IndexPlace last;
    std::uint64_t offset = 0;  // From the partition's start.
    std::uint64_t width = 0;
    rows::DeletionTime open;  // Of the range that is open at its end; live when there is none.
};

/// Where a partition lies, and how to find one's way within it (RowIndexEntry).
struct IndexEntry {
    std::uint64_t position = 0;  // In Data.db, before compression.
    /// The rest only in partitions of two blocks or more.
    std::uint64_t headerLength = 0;
    rows::DeletionTime deletion;
    std::uint32_t blocks = 0;
    Bytes promoted;  // The blocks, then the offset of each.

    bool isWide() const { return blocks > 0; }
    /// Nothing when it is malformed.
    std::optional<IndexBlock> block(std::uint32_t number, const RowFormat& format) const;
    std::size_t memoryBytes() const { return sizeof(IndexEntry) + promoted.capacity(); }
};
/// What follows the size in an entry of Index.db; false when it is malformed.
bool readPromoted(BytesView bytes, IndexEntry& entry);

/// Writes one partition's promoted index block by block.
class PromotedIndexWriter {
public:
    explicit PromotedIndexWriter(const UnfilteredEncoder& encoder) : m_encoder(encoder) {}

    void clear();
    Result<void> add(const IndexBlock& block);
    std::uint32_t blocks() const { return static_cast<std::uint32_t>(m_offsets.size()); }
    /// What follows the size in the entry; nothing with fewer than two blocks.
    void write(EncodeBuffer& out, std::uint64_t headerLength,
               const rows::DeletionTime& deletion) const;

private:
    Result<void> addPlace(const IndexPlace& place);

    const UnfilteredEncoder& m_encoder;
    EncodeBuffer m_infos;
    std::vector<std::uint32_t> m_offsets;
};

}  // namespace engine::storage
