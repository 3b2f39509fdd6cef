#pragma once

#include <memory>
#include <optional>

#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/data_file.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/statistics.h"
#include "engine/storage/sstable/unfiltered_codec.h"

namespace engine::storage::inspect {

/// Goes through Data.db from one thing to the next, without the index, and tells where each lies.
/// Blocks.
class DataWalk {
public:
    /// With a cache, which outlives it, chunk by chunk: one that is damaged spoils nothing before it.
    static Result<std::unique_ptr<DataWalk>> open(runtime::FileSystem& files,
                                                  const SstableDescriptor& descriptor,
                                                  SstableCache* cache = nullptr);

    /// To a partition that begins at an offset (before compression).
    void seek(std::uint64_t offset) { m_window.seek(offset); }
    /// Reads the next partition's key, deletion and static row; false at the end of the data.
    Result<bool> nextPartition();
    const rows::DecoratedKey& key() const { return m_key; }
    const rows::DeletionTime& deletion() const { return m_deletion; }
    const rows::Row& staticRow() const { return m_static; }

    /// Row, Marker or End; End is passed over.
    Result<DecodeOutcome> next();
    const rows::Row& row() const { return m_row; }
    const Marker& marker() const { return m_marker; }
    /// Where the last thing begins, and where the next one does.
    std::uint64_t startOffset() const { return m_start; }
    std::uint64_t offset() const { return m_window.position(); }

    const Statistics& statistics() const { return m_statistics; }
    const RowFormat& format() const { return m_format; }
    const DataLayout& layout() const { return m_file->layout(); }
    DataFile& file() { return *m_file; }

private:
    DataWalk(Statistics statistics, std::unique_ptr<DataFile> file, SstableCache* cache)
        : m_statistics(std::move(statistics)),
          m_format(m_statistics.header),
          m_file(std::move(file)),
          m_window(*m_file, cache != nullptr ? &cache->chunks() : nullptr,
                   cache != nullptr ? cache->newFileId() : 0),
          m_decoder(m_format) {}
    Error corrupt(std::string_view what) const;
    Result<void> extend(std::size_t needed);

    const Statistics m_statistics;
    const RowFormat m_format;
    const std::unique_ptr<DataFile> m_file;
    DataWindow m_window;
    UnfilteredDecoder m_decoder;
    rows::DecoratedKey m_key;
    rows::DeletionTime m_deletion;
    rows::Row m_static;
    rows::Row m_row;
    Marker m_marker;
    std::uint64_t m_start = 0;
};

/// Statistics.db alone.
Result<Statistics> loadStatistics(runtime::FileSystem& files, const SstableDescriptor& descriptor);

}  // namespace engine::storage::inspect
