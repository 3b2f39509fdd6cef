#include "engine/storage/sstable_info.h"

namespace engine::storage {

SstableInfo describeSstable(const SstableReader& sstable) {
    SstableInfo out;
    out.generation = sstable.generation();
    out.bytes = sstable.bytesOnDisk();
    out.dataBytes = sstable.uncompressedBytes();
    out.partitions = sstable.estimatedPartitions();
    out.rows = static_cast<std::uint64_t>(sstable.stats().rows);
    for (const TombstoneHistogram::Bin& bin : sstable.stats().tombstoneDropTimes.bins()) {
        out.tombstones += static_cast<std::uint64_t>(bin.count);
    }
    out.minToken = sstable.first().token;
    out.maxToken = sstable.last().token;
    out.minTimestamp = sstable.stats().minTimestamp;
    out.maxTimestamp = sstable.stats().maxTimestamp;
    out.level = sstable.level();
    return out;
}

}  // namespace engine::storage
