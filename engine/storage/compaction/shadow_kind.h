#pragma once

#include <cstdint>

namespace engine::storage::compaction {

/// Which of the other files' deletions take data out of a compaction's output
/// (CompactionParams.TombstoneOption).
enum class ShadowKind : std::uint8_t {
    None,
    Row,   // Those of partitions, ranges and rows.
    Cell,  // Those, deletions of cells and collections, and newer values.
};

}  // namespace engine::storage::compaction
