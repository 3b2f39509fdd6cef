#include "engine/storage/sstable_info.h"

#include <algorithm>
#include <numeric>

#include "engine/storage/sstable/cardinality.h"

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

std::vector<double> replacedShares(const schema::Table& table, const std::vector<std::shared_ptr<const SstableReader>>& sstables) {
    std::vector<double> out(sstables.size(), -1);
    if (!table.clustering().empty()) {
        return out;
    }
    std::vector<std::size_t> newestFirst(sstables.size());
    std::iota(newestFirst.begin(), newestFirst.end(), std::size_t(0));
    std::sort(newestFirst.begin(), newestFirst.end(), [&](std::size_t a, std::size_t b) {
        const auto age = [&](std::size_t i) { return std::pair(sstables[i]->stats().maxTimestamp, sstables[i]->generation()); };
        return age(a) > age(b);
    });
    Cardinality newer;
    for (const std::size_t i : newestFirst) {
        const auto own = Cardinality::read(sstables[i]->statistics().cardinality);
        if (!own || own->estimate() == 0) {
            continue;
        }
        const auto before = static_cast<double>(newer.estimate());
        newer.merge(*own);
        const auto alone = static_cast<double>(own->estimate());
        out[i] = std::clamp((before + alone - static_cast<double>(newer.estimate())) / alone, 0.0, 1.0);
    }
    return out;
}

}  // namespace engine::storage
