#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/storage/sstable/data_file.h"
#include "engine/storage/sstable/index_file.h"
#include "engine/storage/unfiltered.h"

namespace engine::storage {

/// What cursors over one partition need of the file it is in.
struct PartitionContext {
    const schema::Table* table = nullptr;
    const RowFormat* format = nullptr;
    DataFile* data = nullptr;
    const IndexFile* index = nullptr;
    ChunkCache* cache = nullptr;  // Null: in bulk.
    std::uint64_t cacheId = 0;
    SstableTrace* trace = nullptr;  // Null: nobody asked.
};

/// One partition of a file: its head is read, its rows are read as they are asked for.
class SstablePartition : public UnfilteredPartition {
public:
    /// Reads the head at the window's position. `expected` is what the index says lies there.
    /// `shared`: the window of a scan, which cursors use instead of one of their own.
    static Result<std::unique_ptr<SstablePartition>> read(const PartitionContext& context,
                                                          const rows::DecoratedKey& expected,
                                                          const IndexSlot& slot,
                                                          std::shared_ptr<const IndexEntry> entry,
                                                          DataWindow& window, bool isShared);

    /// The next partition of a scan takes the place of this one, whose memory is used again.
    Result<void> moveTo(const rows::DecoratedKey& expected, const IndexSlot& slot,
                        DataWindow& window);

    const rows::DecoratedKey& key() const override { return m_key; }
    const rows::DeletionTime& deletion() const override { return m_deletion; }
    const rows::Row& staticRow() const override { return m_staticRow; }
    Result<std::unique_ptr<UnfilteredCursor>> unfiltereds(const std::vector<rows::Slice>& slices,
                                                          bool reversed) const override;

private:
    friend class PartitionWalker;
    SstablePartition(const PartitionContext& context, const rows::DecoratedKey& key,
                     const IndexSlot& slot, std::shared_ptr<const IndexEntry> entry)
        : m_context(context), m_key(key), m_slot(slot), m_entry(std::move(entry)) {}
    Result<void> readHead(DataWindow& window);
    Result<void> loadEntry() const;

    const PartitionContext m_context;
    rows::DecoratedKey m_key;
    IndexSlot m_slot;
    mutable std::shared_ptr<const IndexEntry> m_entry;  // Read when it is needed.
    rows::DeletionTime m_deletion;
    rows::Row m_staticRow;
    std::uint64_t m_rowsAt = 0;  // In Data.db.
    DataWindow* m_shared = nullptr;
};

}  // namespace engine::storage
