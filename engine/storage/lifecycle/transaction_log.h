#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/descriptor.h"

namespace engine::storage {

/// Makes the exchange of a table's files for others one step (db.lifecycle.LogTransaction): a text
/// file in the table's folder that names what is new before it is written and what is old before
/// it goes. While COMMIT is not in it, the new files are void; from then on the old ones are. In
/// Cassandra's format, `nb_txn_compaction_<id>.log`. Blocks; one thread at a time.
class TransactionLog {
public:
    /// The file comes with the first record. `operation`: compaction, flush, import, ...
    TransactionLog(runtime::FileSystem& files, std::string folder, std::string_view operation,
                   const Uuid& id);

    /// Before anything of the SSTable is written.
    Result<void> add(const SstableDescriptor& sstable);
    /// What was added stays from now on, and the SSTables named here are void. Once this was tried
    /// and failed, only the next start can tell which of both holds: see `isInDoubt`.
    Result<void> commit(const std::vector<SstableDescriptor>& removed);
    /// Removes what was added, and the log.
    Result<void> abort();
    /// After the old files are gone.
    Result<void> forget();

    bool isInDoubt() const { return m_isInDoubt; }
    const std::string& path() const { return m_path; }

    /// Of a folder at start: ends what a crash cut short, one way or the other. A log that does not
    /// hold together before its last line is an error naming file and line.
    static Result<void> recover(runtime::FileSystem& files, const std::string& folder, Log& log);
    /// The ids that the logs in a folder name now, as what comes or what goes: not to be touched.
    static Result<std::set<std::string>> named(runtime::FileSystem& files, const std::string& folder);

private:
    Result<void> write(const std::string& lines);

    runtime::FileSystem& m_files;
    const std::string m_folder;
    const std::string m_path;
    std::unique_ptr<runtime::File> m_file;
    std::vector<SstableDescriptor> m_added;
    bool m_isInDoubt = false;
};

/// Removes whatever there is of an SSTable, under final and temporary names.
Result<void> removeAllOf(runtime::FileSystem& files, const SstableDescriptor& sstable);

}  // namespace engine::storage
