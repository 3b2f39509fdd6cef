#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/rows/partition.h"
#include "engine/runtime/file_system.h"

namespace engine::storage {

/// Runs a program with its arguments and waits for its end; an error when that is not 0. Blocks.
using RunCommand = std::function<Result<void>(const std::vector<std::string>&)>;

/// commitlog_archiving.properties (org.apache.cassandra.db.commitlog.CommitLogArchiver).
struct CommitLogArchive {
    std::string archiveCommand;  // %path and %name stand for a full segment.
    std::string restoreCommand;  // %from and %to stand for an archived one and its place.
    std::vector<std::string> restoreDirectories;
    /// Replay leaves out mutations with anything written later than this.
    std::optional<std::int64_t> restorePointMillis;
    /// Units of the write timestamps in a millisecond: 1000 for MICROSECONDS.
    std::int64_t unitsPerMilli = 1000;

    bool archives() const { return !archiveCommand.empty(); }
    /// Whether the mutation lies behind the point in time.
    bool isPast(const rows::Mutation& mutation) const;
};

/// Errors name the property and what is wrong with it.
Result<CommitLogArchive> parseArchiveProperties(std::string_view text);

/// Both block. A failure of the command is told with what was to be done.
Result<void> archiveSegment(const CommitLogArchive& archive, const RunCommand& run,
                            const std::string& path, const std::string& name);
/// Brings every archived segment of the restore directories that is not there yet to `folder`.
Result<void> restoreSegments(const CommitLogArchive& archive, const RunCommand& run,
                             runtime::FileSystem& files, const std::string& folder, Log& log);

}  // namespace engine::storage
