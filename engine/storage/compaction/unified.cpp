#include "engine/storage/compaction/unified.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace engine::storage::compaction {

namespace {

/// A file's span counts as at least this share of the ring, or for each of its partitions as much
/// as a ring of a million has (ShardManager).
constexpr double kSmallestShare = 0x1p-48;
constexpr double kSharePerPartition = 0x1p-20;
constexpr double kFlushBytesAtLeast = 1 << 20;
constexpr double kMostDoublings = 20;  // Of shards (Controller.MAX_SHARD_SHIFT).

bool holds(const std::vector<FileView>& files, const FileView& file) {
    return std::any_of(files.begin(), files.end(), [&](const FileView& other) {
        return other.generation == file.generation;
    });
}

void addAll(std::vector<FileView>& to, const std::vector<FileView>& from) {
    for (const FileView& file : from) {
        if (!holds(to, file)) {
            to.push_back(file);
        }
    }
}

bool shareOne(const std::vector<FileView>& a, const std::vector<FileView>& b) {
    return std::any_of(a.begin(), a.end(), [&](const FileView& file) { return holds(b, file); });
}

}  // namespace

std::int32_t Unified::scalingOf(std::size_t level) const {
    return m_options.scaling[std::min(level, m_options.scaling.size() - 1)];
}

std::uint32_t Unified::fanoutOf(std::size_t level) const {
    return static_cast<std::uint32_t>(2 + std::abs(scalingOf(level)));
}

std::uint32_t Unified::thresholdOf(std::size_t level) const {
    const std::int32_t w = scalingOf(level);
    return w <= 0 ? 2 : static_cast<std::uint32_t>(2 + w);
}

double Unified::densityOf(const FileView& file) {
    double share = file.ringShare();
    if (share < kSmallestShare) {
        share = std::max(share, std::min(1.0, static_cast<double>(file.partitions) *
                                                  kSharePerPartition));
    }
    return static_cast<double>(file.bytes) / std::max(share, kSmallestShare);
}

std::uint32_t Unified::shardsOf(double density) const {
    if (m_options.unifiedMinBytes > 0) {
        const double count = density / static_cast<double>(m_options.unifiedMinBytes);
        if (count < m_options.baseShards) {
            // Powers of two that divide the base, so that boundaries stay those of higher levels.
            const auto whole = std::bit_floor(static_cast<std::uint32_t>(count) | 1u);
            return std::min(whole, m_options.baseShards & (~m_options.baseShards + 1));
        }
    }
    if (m_options.growth >= 1) {
        return m_options.baseShards;
    }
    const double count =
        density / (static_cast<double>(m_options.targetBytes) * m_options.baseShards);
    const double power = std::clamp(std::log2(std::max(count, 1e-9)) * (1 - m_options.growth) + 0.5,
                                    0.0, kMostDoublings);
    return m_options.baseShards << static_cast<int>(power);
}

std::vector<std::int64_t> Unified::boundariesOf(std::uint32_t shards) {
    std::vector<std::int64_t> out;
    if (shards < 2) {
        return out;
    }
    const std::uint64_t whole = (std::numeric_limits<std::uint64_t>::max() - shards + 1) / shards + 1;
    const std::uint64_t rest = 0 - whole * shards;  // Of 2^64.
    for (std::uint64_t i = 1; i < shards; ++i) {
        out.push_back(static_cast<std::int64_t>(whole * i + rest * i / shards + (1ull << 63)));
    }
    return out;
}

std::vector<Unified::Level> Unified::levelsOf(const TableView& view,
                                              std::vector<FileView> files) const {
    std::stable_sort(files.begin(), files.end(), [](const FileView& a, const FileView& b) {
        return densityOf(a) < densityOf(b);
    });
    const double flushed = m_options.flushSizeOverride > 0
                               ? static_cast<double>(m_options.flushSizeOverride)
                               : std::max(view.flushBytes, kFlushBytesAtLeast);
    // Flushes that end up a little smaller must not fall below the first level.
    const double base = flushed * (1 - 0.9 / fanoutOf(0));
    std::vector<Level> out(1);
    out[0].maxDensity = std::floor(base * fanoutOf(0));
    for (const FileView& file : files) {
        while (densityOf(file) >= out.back().maxDensity) {
            const double above = std::floor(out.back().maxDensity * fanoutOf(out.size()));
            out.push_back({{}, above});
        }
        out.back().files.push_back(file);
    }
    return out;
}

/// Sets of files that all lie over one place, along the ring; none is part of another
/// (Overlaps.constructOverlapSets).
std::vector<std::vector<FileView>> Unified::sectionsOf(std::vector<FileView> files) {
    std::sort(files.begin(), files.end(), [](const FileView& a, const FileView& b) {
        return std::pair(a.firstToken, a.generation) < std::pair(b.firstToken, b.generation);
    });
    std::vector<std::vector<FileView>> out;
    std::vector<FileView> active;
    for (const FileView& file : files) {
        const bool someEnd = std::any_of(active.begin(), active.end(), [&](const FileView& there) {
            return there.lastToken < file.firstToken;
        });
        if (someEnd) {
            out.push_back(active);
            std::erase_if(active, [&](const FileView& there) {
                return there.lastToken < file.firstToken;
            });
        }
        active.push_back(file);
    }
    if (!active.empty()) {
        out.push_back(active);
    }
    return out;
}

/// Overlaps.assignOverlapsIntoBuckets.
std::vector<Unified::Group> Unified::groupsOf(const std::vector<FileView>& files,
                                              std::uint32_t threshold) const {
    const auto sections = sectionsOf(files);
    std::vector<Group> out;
    std::size_t done = 0;  // Sections before it belong to a group.
    for (std::size_t i = 0; i < sections.size(); ++i) {
        if (i < done || sections[i].size() < threshold) {
            continue;
        }
        std::size_t first = i;
        std::size_t end = i + 1;
        if (m_options.overlaps != CompactionOptions::Overlaps::None) {
            std::vector<FileView> all = sections[i];
            const bool isTransitive = m_options.overlaps == CompactionOptions::Overlaps::Transitive;
            const auto target = [&]() -> const std::vector<FileView>& {
                return isTransitive ? all : sections[i];
            };
            while (first > done && shareOne(sections[first - 1], target())) {
                addAll(all, sections[--first]);
            }
            while (end < sections.size() && shareOne(sections[end], target())) {
                addAll(all, sections[end++]);
            }
        }
        Group group;
        for (std::size_t s = first; s < end; ++s) {
            addAll(group.files, sections[s]);
            group.sections.push_back(sections[s]);
            group.overlap = std::max(group.overlap, sections[s].size());
        }
        done = end;
        out.push_back(std::move(group));
    }
    return out;
}

/// UnifiedCompactionStrategy.Bucket.constructPick: everything, unless compaction is late.
std::vector<FileView> Unified::pick(const Group& group, std::size_t level) const {
    const std::size_t fanout = fanoutOf(level);
    const std::size_t most = std::max<std::size_t>(fanout, m_options.maxToCompact);
    const std::size_t count = group.overlap;
    std::size_t limit = count;
    if (count > fanout) {
        if (count <= fanout * fanoutOf(level + 1) || most == fanout) {
            limit = std::min(count, most);
        } else {
            // So late that levels would be skipped: as many as would have reached a level by now.
            const std::size_t cap = std::min(most, count);
            std::size_t step = fanout;
            std::size_t size = step;
            std::size_t index = level;
            do {
                size = step;
                step *= fanoutOf(++index);
            } while (step <= cap);
            limit = scalingOf(level) < 0 ? size * (cap / size) : size;
        }
    }
    if (limit >= count) {
        return group.files;
    }
    std::vector<FileView> oldest = group.files;
    std::stable_sort(oldest.begin(), oldest.end(), [](const FileView& a, const FileView& b) {
        return a.maxTimestamp < b.maxTimestamp;
    });
    std::vector<FileView> out;
    std::vector<std::size_t> taken(group.sections.size(), 0);
    for (const FileView& file : oldest) {
        bool fits = true;
        for (std::size_t s = 0; s < group.sections.size(); ++s) {
            fits = fits && (!holds(group.sections[s], file) || taken[s] < limit);
        }
        if (!fits) {
            break;  // What is newer must not overtake it.
        }
        for (std::size_t s = 0; s < group.sections.size(); ++s) {
            taken[s] += holds(group.sections[s], file) ? 1 : 0;
        }
        out.push_back(file);
    }
    return out;
}

OutputPlan Unified::planFor(const std::vector<FileView>& files) const {
    std::int64_t first = files.front().firstToken;
    std::int64_t last = files.front().lastToken;
    FileView all;
    all.bytes = totalBytes(files);
    for (const FileView& file : files) {
        first = std::min(first, file.firstToken);
        last = std::max(last, file.lastToken);
        all.partitions += file.partitions;
    }
    all.firstToken = first;
    all.lastToken = last;
    OutputPlan out;
    out.level = 0;  // Levels are told by density, not by the file.
    const std::uint32_t shards = shardsOf(densityOf(all));
    if (shards > 1) {
        out.cut = OutputPlan::Cut::Shards;
        out.boundaries = boundariesOf(shards);
    }
    return out;
}

std::optional<Decision> Unified::next(const TableView& view) {
    std::vector<FileView> files = view.idle();
    if (files.empty()) {
        return std::nullopt;
    }
    if (m_expiredChecked == std::numeric_limits<std::int64_t>::min() ||
        view.nowSeconds - m_expiredChecked > m_options.expiredCheckSeconds) {
        m_expiredChecked = view.nowSeconds;
        const auto expired =
            fullyExpired(view, files, othersOf(view, files), m_options.dropsUncheckedExpired);
        if (!expired.empty()) {
            Decision out;
            out.kind = "expired";
            out.group = "expired";
            out.inputs = generationsOf(expired);
            out.why = fmt::format("everything in {} SSTables has expired, and nothing older is left "
                                  "for it to hide",
                                  expired.size());
            return out;
        }
    }
    const std::vector<Level> levels = levelsOf(view, std::move(files));
    std::optional<Decision> out;
    std::vector<CompactionCandidateInfo> candidates;
    std::size_t mostOverlap = 0;
    std::size_t chosen = levels.size();
    for (std::size_t level = 0; level < levels.size(); ++level) {
        std::size_t overlap = 0;
        for (const auto& section : sectionsOf(levels[level].files)) {
            overlap = std::max(overlap, section.size());
        }
        candidates.push_back({fmt::format("L{}", level),
                              static_cast<std::uint32_t>(levels[level].files.size()),
                              totalBytes(levels[level].files),
                              static_cast<double>(overlap) / thresholdOf(level), false});
        // The level with the highest overlap has its turn, the lower one of equal ones; when it is
        // below its threshold, nothing is done, as in Cassandra.
        if (overlap <= mostOverlap) {
            continue;
        }
        mostOverlap = overlap;
        out.reset();
        chosen = levels.size();
        if (overlap < thresholdOf(level)) {
            continue;
        }
        const auto groups = groupsOf(levels[level].files, thresholdOf(level));
        const auto best = std::find_if(groups.begin(), groups.end(),
                                       [&](const Group& g) { return g.overlap == overlap; });
        const std::vector<FileView> inputs = pick(*best, level);
        chosen = level;
        out.emplace();
        out->inputs = generationsOf(inputs);
        out->group = fmt::format("L{}", level);
        out->output = planFor(inputs);
        const std::int32_t w = scalingOf(level);
        out->why = fmt::format(
            "{} SSTables overlap in L{}, {} are enough with {}", overlap, level, thresholdOf(level),
            w > 0 ? fmt::format("T{}", w + 2) : w < 0 ? fmt::format("L{}", 2 - w) : "N");
        if (out->output.cut == OutputPlan::Cut::Shards) {
            out->why += fmt::format("; the output is cut into {} shards",
                                    out->output.boundaries.size() + 1);
        }
    }
    if (out) {
        candidates[chosen].chosen = true;
        out->candidates = std::move(candidates);
    }
    return out;
}

/// Files that do not overlap need not meet (Overlaps.splitInNonOverlappingSets).
std::vector<Decision> Unified::major(const TableView& view, bool) const {
    std::vector<FileView> files = view.idle();
    std::sort(files.begin(), files.end(),
              [](const FileView& a, const FileView& b) { return a.firstToken < b.firstToken; });
    std::vector<std::vector<FileView>> sets;
    std::int64_t last = 0;
    for (const FileView& file : files) {
        if (sets.empty() || file.firstToken > last) {
            sets.emplace_back();
            last = file.lastToken;
        }
        sets.back().push_back(file);
        last = std::max(last, file.lastToken);
    }
    std::vector<Decision> out;
    for (const auto& set : sets) {
        Decision decision;
        decision.kind = "major";
        decision.inputs = generationsOf(set);
        decision.output = planFor(set);
        decision.why = fmt::format("all {} SSTables that overlap, as asked", set.size());
        out.push_back(std::move(decision));
    }
    return out;
}

Decision Unified::userDefined(const TableView& view, std::vector<FileView> files) const {
    Decision out = Strategy::userDefined(view, files);
    out.output = planFor(files);
    return out;
}

std::uint32_t Unified::pending(const TableView& view) const {
    std::size_t out = 0;
    const std::vector<Level> levels = levelsOf(view, view.idle());
    for (std::size_t level = 0; level < levels.size(); ++level) {
        for (const Group& group : groupsOf(levels[level].files, thresholdOf(level))) {
            out += group.overlap / thresholdOf(level);
        }
    }
    return static_cast<std::uint32_t>(out);
}

/// A flush is as wide as the ring, so its density is its size (createSSTableMultiWriter).
std::vector<std::int64_t> Unified::flushBoundaries(double flushBytes) const {
    return boundariesOf(shardsOf(flushBytes));
}

std::int32_t Unified::levelOf(const TableView& view, const FileView& file) const {
    const std::vector<Level> levels = levelsOf(view, view.files);
    for (std::size_t level = 0; level < levels.size(); ++level) {
        if (holds(levels[level].files, file)) {
            return static_cast<std::int32_t>(level);
        }
    }
    return 0;
}

}  // namespace engine::storage::compaction
