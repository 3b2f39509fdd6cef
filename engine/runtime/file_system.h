#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace engine::runtime {

/// An open file. Calls block; use one file from one thread at a time.
class File {
public:
    virtual ~File() = default;  // Closes; what was not synced may be lost in a crash.

    virtual Result<void> append(BytesView bytes) = 0;
    /// Up to `length` bytes from `offset`; fewer only at the end of the file.
    virtual Result<Bytes> read(std::uint64_t offset, std::size_t length) const = 0;
    virtual Result<std::uint64_t> size() const = 0;
    virtual Result<void> truncate(std::uint64_t length) = 0;
    /// Returns once everything appended so far is on the disk.
    virtual Result<void> sync() = 0;
};

enum class OpenMode {
    Read,       // Must exist.
    Append,     // Created when absent; appends at the end.
    CreateNew,  // Must not exist.
};

/// The third door: the disk. Paths use '/'. Errors name the path and the system's reason. Calls
/// may come from several threads.
class FileSystem {
public:
    virtual ~FileSystem() = default;

    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    virtual bool exists(const std::string& path) const = 0;
    /// Names (not paths) in a folder, sorted. Empty for a folder that does not exist.
    virtual Result<std::vector<std::string>> list(const std::string& folder) const = 0;
    virtual Result<void> createFolders(const std::string& folder) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> link(const std::string& from, const std::string& to) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    virtual Result<void> removeAll(const std::string& folder) = 0;
    /// Makes creations, renames and removals inside the folder durable.
    virtual Result<void> syncFolder(const std::string& folder) = 0;
};

/// The whole file.
Result<Bytes> readFile(FileSystem& files, const std::string& path);
/// Writes a temporary file beside `path`, syncs, renames: either the old or the new content.
Result<void> writeFileAtomically(FileSystem& files, const std::string& path, BytesView content);
/// The part before the last '/', or ".".
std::string parentFolder(const std::string& path);

}  // namespace engine::runtime
