#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/file_system.h"
#include "engine/runtime/random.h"

namespace engine::sim {

/// What a write or sync is told instead of being done.
enum class DiskFault { InputOutput, NoSpace };

/// One machine's disk, in memory. What was not synced is forgotten in a crash: bytes until their
/// file's sync(), creations, renames and removals of files until their folder's syncFolder(). The
/// folders themselves are durable at once.
class SimDisk : public runtime::FileSystem {
public:
    explicit SimDisk(std::uint64_t seed) : m_random(seed) {}

    Result<std::unique_ptr<runtime::File>> open(const std::string& path,
                                                runtime::OpenMode mode) override;
    bool exists(const std::string& path) const override;
    Result<std::vector<std::string>> list(const std::string& folder) const override;
    Result<void> createFolders(const std::string& folder) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> link(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> removeAll(const std::string& folder) override;
    Result<void> syncFolder(const std::string& folder) override;

    /// The next write leaves a part of its bytes behind and fails.
    void failNextWrite(DiskFault fault) { m_writeFault = fault; }
    /// The next sync of a file or folder makes nothing durable and fails.
    void failNextSync(DiskFault fault) { m_syncFault = fault; }
    /// Writes beyond this many bytes on the whole disk fail for want of space; 0 lifts the limit.
    void setCapacity(std::uint64_t bytes) { m_capacity = bytes; }
    std::uint64_t usedBytes() const;
    /// Calls so far that change the disk: writes, syncs, files created, cut, renamed, linked and
    /// removed. For tests that try each of them in turn.
    std::uint64_t calls() const { return m_calls; }
    /// The n-th of these from now on (counting from 1) fails, and with `lasting` all behind it; but
    /// what makes no file longer does not fail for want of space then.
    void failCall(std::uint64_t n, DiskFault fault, bool lasting = false);
    /// Calls so far that look and change nothing: files opened that were there, read and measured, folders
    /// listed. Counted apart from the others.
    std::uint64_t looks() const { return m_looks; }
    /// The n-th of these from now on (counting from 1) fails with EIO, and with `lasting` all behind it.
    void failLook(std::uint64_t n, bool lasting = false);
    /// The power is cut just before the n-th call that changes the disk from now on: see crash().
    void crashAtCall(std::uint64_t n, bool torn);
    bool hasCrashed() const { return m_stopped; }
    /// Flips a bit of what is read from now on; false when the file is shorter.
    bool flipBit(const std::string& path, std::uint64_t byte, int bit);

    /// Forgets what was not synced. `torn`: a part of it, chosen by the seed, reached the disk all
    /// the same, its end perhaps as zeros. Files that are open fail from now on, and nothing can be
    /// changed through the door until start().
    void crash(bool torn);
    /// The same for a process that dies alone: nothing is forgotten.
    void kill();
    void start() { m_stopped = false; }

private:
    class OpenFile;

    /// A file's bytes. Durable are the first durableLength of them, then durableTail.
    struct Inode {
        Bytes data;
        std::size_t durableLength = 0;
        Bytes durableTail;
    };
    using Entries = std::map<std::string, std::shared_ptr<Inode>>;

    Result<void> checkRunning(const char* what, const std::string& path) const;
    Result<void> count(const char* what, const std::string& path, bool takesSpace = true);
    std::optional<DiskFault> countCall(bool takesSpace = true);
    Result<void> countLook(const char* what, const std::string& path) const;
    std::optional<DiskFault> takeWriteFault(std::size_t bytes);
    void crashInode(Inode& inode, bool torn);
    void syncEntries(const std::string& folder);
    bool hasChildren(const std::string& folder) const;
    void moveFolder(const std::string& from, const std::string& to);

    runtime::SeededRandom m_random;
    Entries m_files;
    Entries m_durable;
    std::set<std::string> m_folders{"/", "."};
    std::optional<DiskFault> m_writeFault;
    std::optional<DiskFault> m_syncFault;
    std::uint64_t m_capacity = 0;
    std::uint64_t m_calls = 0;
    std::uint64_t m_failAt = 0;  // Of m_calls; 0: none.
    DiskFault m_callFault = DiskFault::InputOutput;
    bool m_isFaultLasting = false;
    mutable std::uint64_t m_looks = 0;
    std::uint64_t m_failLookAt = 0;  // Of m_looks; 0: none.
    bool m_isLookFaultLasting = false;
    std::uint64_t m_crashAt = 0;
    bool m_isCrashTorn = false;
    std::uint64_t m_incarnation = 0;
    bool m_stopped = false;
};

}  // namespace engine::sim
