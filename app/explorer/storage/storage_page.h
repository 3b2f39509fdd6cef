#pragma once

#include "app/explorer/sheet.h"
#include "app/explorer/storage/storage_facts.h"
#include "app/explorer/storage/storage_focus.h"

namespace app::explorer::storage {

/// What can be done to a compaction that goes on: the kind and the deeds of the page's buttons.
enum StorageButton { kCompactionButton = 31, kBytesButton, kFileButton };
/// What can be done about a damaged file: of all of the table's files on its node.
enum class FileDeed { Verify, Scrub };
enum class CompactionDeed { Slow, FullSpeed, Pause, Resume, Stop };
/// What Slow limits a node's compactions to, MiB a second: slow enough to watch.
inline constexpr int kSlowMebibytes = 1;

/// The Inspector's page on a segment, memtable, SSTable or compaction.
sheet::Lines partLines(const engine::observe::ClusterState& state, const Nodes& nodes, const std::string& table, const Part& part,
                       std::int64_t now, double width);

/// The same on what was chosen of a read, or of bytes.
sheet::Lines toldLines(const Told& told, double width);

}  // namespace app::explorer::storage
