#pragma once

#include <memory>
#include <vector>

#include "engine/storage/sstable_reader.h"

namespace engine::storage {

/// One partition of a file: its head is read, its rows are read as they are asked for.
class SstablePartition : public PartitionSource {
public:
    SstablePartition(const SstableReader& reader, rows::Partition head, std::uint64_t rowsAt,
                     std::uint64_t rowsBytes, std::vector<RowIndexEntry> index)
        : m_reader(reader),
          m_head(std::move(head)),
          m_rowsAt(rowsAt),
          m_rowsBytes(rowsBytes),
          m_index(std::move(index)) {}

    const rows::DeletionTime& deletion() const override { return m_head.deletion; }
    const rows::Row& staticRow() const override { return m_head.staticRow; }
    const std::vector<rows::RangeTombstone>& rangeTombstones() const override {
        return m_head.rangeTombstones;
    }
    Result<std::unique_ptr<RowCursor>> rows(const std::vector<rows::Slice>& slices,
                                            bool reversed) const override;
    const rows::DecoratedKey& key() const { return m_head.key; }

private:
    friend class SstableRows;

    const SstableReader& m_reader;
    const rows::Partition m_head;
    const std::uint64_t m_rowsAt;
    const std::uint64_t m_rowsBytes;
    const std::vector<RowIndexEntry> m_index;
};

}  // namespace engine::storage
