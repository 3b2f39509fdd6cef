#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/runtime/file_system.h"
#include "engine/storage/sstable/descriptor.h"

/// Writes what can be read of a damaged SSTable as a new one, for a node that is stopped
/// (StandaloneScrubber). No schema is needed: the file's own HEADER tells its columns. Blocks.
namespace engine::storage {

/// A partition of which something could not be read.
struct ScrubLoss {
    std::uint64_t offset = 0;  // Where it begins in the data, before compression.
    std::string key;           // As a person writes it; empty: not known.
    std::uint64_t rowsKept = 0;
    std::string why;
};

struct ScrubReport {
    /// Nothing when no partition could be read.
    std::optional<SstableDescriptor> written;
    std::string snapshotFolder;  // Where the old file's components are.
    std::uint64_t partitions = 0;  // In the new file,
    std::uint64_t rows = 0;        // static ones counted as rows.
    std::uint64_t partitionsLost = 0;  // By what Statistics.db has counted.
    std::uint64_t rowsLost = 0;
    /// At most kScrubLossesMax of them, in the order of the data.
    std::vector<ScrubLoss> losses;
    std::string indexProblem;  // Empty: Index.db was good.
};
inline constexpr std::size_t kScrubLossesMax = 1000;

/// The new file has the next number of its folder; the old one goes into the snapshot
/// `pre-scrub-<nowMillis>`. A crash leaves one or the other. The new file claims nothing of the commit
/// log, so that the next start applies what that still has of the table. `id` names the transaction's log.
/// Without Statistics.db or a good CompressionInfo.db no row can be read: then nothing is done.
Result<ScrubReport> scrubSstable(runtime::FileSystem& files, const SstableDescriptor& sstable,
                                 const Uuid& id, std::int64_t nowMillis);

}  // namespace engine::storage
