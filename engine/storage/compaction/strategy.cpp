#include "engine/storage/compaction/strategy.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/compaction/leveled.h"
#include "engine/storage/compaction/size_tiered.h"
#include "engine/storage/compaction/time_window.h"
#include "engine/storage/compaction/unified.h"

namespace engine::storage::compaction {

std::unique_ptr<Strategy> Strategy::make(const CompactionOptions& options) {
    switch (options.kind) {
        case StrategyKind::Leveled: return std::make_unique<Leveled>(options);
        case StrategyKind::TimeWindow: return std::make_unique<TimeWindow>(options);
        case StrategyKind::Unified: return std::make_unique<Unified>(options);
        case StrategyKind::SizeTiered: break;
    }
    return std::make_unique<SizeTiered>(options);
}

std::vector<Decision> Strategy::major(const TableView& view, bool splitOutput) const {
    const std::vector<FileView> files = view.idle();
    if (files.empty()) {
        return {};
    }
    Decision out;
    out.kind = "major";
    out.inputs = generationsOf(files);
    out.why = fmt::format("all {} SSTables into one, as asked", files.size());
    if (splitOutput && m_options.kind == StrategyKind::SizeTiered) {
        out.output.cut = OutputPlan::Cut::Halving;
        out.output.expectedBytes = totalBytes(files);
        out.why = fmt::format("all {} SSTables into one of half the size, one of a quarter, "
                              "and so on, as asked",
                              files.size());
    }
    return {out};
}

Decision Strategy::userDefined(const TableView&, std::vector<FileView> files) const {
    Decision out;
    out.kind = "user-defined";
    out.inputs = generationsOf(files);
    out.why = fmt::format("{} SSTables that were named", files.size());
    return out;
}

std::vector<FileView> fullyExpired(const TableView& view, const std::vector<FileView>& files,
                                   const std::vector<FileView>& others, bool ignoresOverlaps) {
    std::vector<FileView> out;
    const auto isExpired = [&](const FileView& file) {
        return file.maxLocalDeletionTime < view.gcBefore;
    };
    std::copy_if(files.begin(), files.end(), std::back_inserter(out), isExpired);
    if (ignoresOverlaps || out.empty()) {
        return out;
    }
    // A deletion in an expired file may hide something older that is still there.
    std::int64_t oldest = view.memtableMinTimestamp;
    for (const FileView& other : others) {
        const bool overlaps = std::any_of(files.begin(), files.end(), [&](const FileView& file) {
            return file.overlaps(other);
        });
        if (overlaps && !isExpired(other)) {
            oldest = std::min(oldest, other.minTimestamp);
        }
    }
    for (const FileView& file : files) {
        if (!isExpired(file)) {
            oldest = std::min(oldest, file.minTimestamp);
        }
    }
    std::erase_if(out, [&](const FileView& file) { return file.maxTimestamp >= oldest; });
    return out;
}

bool isWorthDroppingTombstones(const CompactionOptions& options, const TableView& view,
                               const FileView& file) {
    if (!options.tombstoneCompactions || file.isBusy) {
        return false;
    }
    // Estimates may be wrong: a file that was just written is left alone, or it would be rewritten
    // for ever.
    if (view.nowSeconds < file.createdSeconds + options.tombstoneIntervalSeconds ||
        file.droppableRatio <= options.tombstoneThreshold) {
        return false;
    }
    if (options.uncheckedTombstones) {
        return true;
    }
    std::vector<FileView> overlapping = othersOf(view, {file});
    std::erase_if(overlapping, [&](const FileView& other) { return !other.overlaps(file); });
    if (overlapping.empty() || !fullyExpired(view, {file}, overlapping, false).empty()) {
        return true;
    }
    // Tokens are hashes: the share of the file's span that no other file covers is that of its cells.
    std::sort(overlapping.begin(), overlapping.end(), [](const FileView& a, const FileView& b) {
        return a.firstToken < b.firstToken;
    });
    const double span = static_cast<double>(file.lastToken) - static_cast<double>(file.firstToken);
    double covered = 0;
    double at = static_cast<double>(file.firstToken);
    for (const FileView& other : overlapping) {
        const double from = std::max(at, static_cast<double>(other.firstToken));
        const double to = std::min(static_cast<double>(file.lastToken),
                                   static_cast<double>(other.lastToken));
        if (to > from) {
            covered += to - from;
            at = to;
        }
    }
    const double alone = span > 0 ? 1 - covered / span : 0;
    return alone * file.droppableRatio > options.tombstoneThreshold;
}

std::vector<FileView> othersOf(const TableView& view, const std::vector<FileView>& files) {
    std::vector<FileView> out;
    std::copy_if(view.files.begin(), view.files.end(), std::back_inserter(out),
                 [&](const FileView& other) {
                     return std::none_of(files.begin(), files.end(), [&](const FileView& file) {
                         return file.generation == other.generation;
                     });
                 });
    return out;
}

std::vector<std::uint64_t> generationsOf(const std::vector<FileView>& files) {
    std::vector<std::uint64_t> out;
    out.reserve(files.size());
    for (const FileView& file : files) {
        out.push_back(file.generation);
    }
    std::sort(out.begin(), out.end());
    return out;
}

Decision tombstoneDecision(const CompactionOptions& options, const FileView& file) {
    Decision out;
    out.kind = "tombstones";
    out.inputs = {file.generation};
    out.output.level = file.level;
    out.group = fmt::format("SSTable {}", file.generation);
    out.why = fmt::format("about {:.0f} % of its cells are tombstones past gc_grace_seconds, "
                          "tombstone_threshold is {:.0f} %",
                          file.droppableRatio * 100, options.tombstoneThreshold * 100);
    out.candidates = {{out.group, 1, file.bytes,
                       options.tombstoneThreshold > 0
                           ? file.droppableRatio / options.tombstoneThreshold
                           : 1,
                       true}};
    return out;
}

std::string sizeText(double bytes) {
    static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (bytes >= 1024 && unit < 4) {
        bytes /= 1024;
        ++unit;
    }
    return bytes < 10 && unit > 0 ? fmt::format("{:.1f} {}", bytes, kUnits[unit])
                                  : fmt::format("{:.0f} {}", bytes, kUnits[unit]);
}

}  // namespace engine::storage::compaction
