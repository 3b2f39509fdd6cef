#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/index_entry.h"
#include "engine/storage/sstable/sstable_cache.h"
#include "engine/storage/sstable/summary.h"

namespace engine::storage {

/// Reads Index.db by intervals of the summary. Each is checked when it is read: keys ascend in ring
/// order, positions ascend, the ends fit the summary. Index.db has no checksums, so that this is
/// what there is against damage. One handle: one thread at a time.
class IndexFile {
public:
    static Result<std::unique_ptr<IndexFile>> open(runtime::FileSystem& files, std::string path,
                                                   std::uint64_t dataBytes);

    std::uint64_t fileBytes() const { return m_fileBytes; }
    /// Entries between one entry of the summary and the next.
    Result<std::shared_ptr<const CachedPiece>> interval(const IndexSummary& summary,
                                                        std::size_t number) const;
    /// Bytes of Index.db that an interval takes.
    std::uint64_t intervalBytes(const IndexSummary& summary, std::size_t number) const;
    /// The same as they are in the file, for an interval that interval() has found to be good: a
    /// third of the memory, and nothing to decode but what is looked for.
    Result<std::shared_ptr<const CachedPiece>> rawInterval(const IndexSummary& summary,
                                                           std::size_t number) const;
    /// Looks for a key in what rawInterval() gave; false when it is not there. How many entries were passed
    /// goes to `passed`, unless it is null.
    Result<bool> findIn(const CachedPiece& raw, std::uint64_t intervalAt, const rows::DecoratedKey& key,
                        IndexSlot& slot, std::uint64_t* passed = nullptr) const;
    /// All entries from the start; a visitor that returns false ends the walk.
    Result<void> walk(const std::function<bool(const rows::DecoratedKey&, const IndexSlot&)>& visit)
        const;
    /// A slot's entry, with its promoted index.
    Result<IndexEntry> entry(const IndexSlot& slot) const;

private:
    class Stream;
    IndexFile(std::string path, std::unique_ptr<runtime::File> file, std::uint64_t fileBytes,
              std::uint64_t dataBytes)
        : m_path(std::move(path)),
          m_file(std::move(file)),
          m_fileBytes(fileBytes),
          m_dataBytes(dataBytes) {}
    Error corrupt(std::string_view what, std::uint64_t offset) const;

    const std::string m_path;
    const std::unique_ptr<runtime::File> m_file;
    const std::uint64_t m_fileBytes;
    const std::uint64_t m_dataBytes;
};

}  // namespace engine::storage
