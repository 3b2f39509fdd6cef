#include "engine/storage/compaction/leveled.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace engine::storage::compaction {

namespace {

/// A level is worked on when it is over its size by this factor.
constexpr double kScoreThreshold = 1.001;

bool overlapsAny(const FileView& file, const std::vector<FileView>& files) {
    return std::any_of(files.begin(), files.end(),
                       [&](const FileView& other) { return file.overlaps(other); });
}

/// From the first token of all of them to the last.
FileView spanOf(const std::vector<FileView>& files) {
    FileView out = files.front();
    for (const FileView& file : files) {
        out.firstToken = std::min(out.firstToken, file.firstToken);
        out.lastToken = std::max(out.lastToken, file.lastToken);
    }
    return out;
}

std::vector<FileView> overlapping(const std::vector<FileView>& files,
                                  const std::vector<FileView>& level) {
    std::vector<FileView> out;
    if (files.empty()) {
        return out;
    }
    const FileView span = spanOf(files);
    std::copy_if(level.begin(), level.end(), std::back_inserter(out),
                 [&](const FileView& other) { return other.overlaps(span); });
    return out;
}

void addAll(std::vector<FileView>& to, const std::vector<FileView>& from) {
    for (const FileView& file : from) {
        if (std::none_of(to.begin(), to.end(), [&](const FileView& there) {
                return there.generation == file.generation;
            })) {
            to.push_back(file);
        }
    }
}

bool anyIsBusy(const std::vector<FileView>& files) {
    return std::any_of(files.begin(), files.end(), [](const FileView& f) { return f.isBusy; });
}

void sortByAge(std::vector<FileView>& files) {
    std::stable_sort(files.begin(), files.end(), [](const FileView& a, const FileView& b) {
        return a.maxTimestamp < b.maxTimestamp;
    });
}

}  // namespace

double Leveled::maxBytes(std::int32_t level) const {
    const auto file = static_cast<double>(m_options.leveledBytes);
    return level == 0 ? 4 * file : std::pow(m_options.fanout, level) * file;
}

/// A file that overlaps its neighbour counts as one of L0, whatever it says: files of a level must
/// not overlap (LeveledGenerations.addAll).
Leveled::Levels Leveled::levelsOf(const TableView& view) {
    Levels out(kLevels);
    for (const FileView& file : view.files) {
        out[static_cast<std::size_t>(std::clamp(file.level, 0, kLevels - 1))].push_back(file);
    }
    for (std::size_t level = 1; level < out.size(); ++level) {
        std::sort(out[level].begin(), out[level].end(), [](const FileView& a, const FileView& b) {
            return std::pair(a.firstToken, a.generation) < std::pair(b.firstToken, b.generation);
        });
        std::vector<FileView> kept;
        for (FileView& file : out[level]) {
            if (!kept.empty() && file.firstToken <= kept.back().lastToken) {
                file.level = 0;
                out[0].push_back(file);
            } else {
                kept.push_back(file);
            }
        }
        out[level] = std::move(kept);
    }
    return out;
}

std::int32_t Leveled::levelOf(const TableView& view, const FileView& file) const {
    const Levels levels = levelsOf(view);
    for (std::size_t level = 0; level < levels.size(); ++level) {
        for (const FileView& there : levels[level]) {
            if (there.generation == file.generation) {
                return static_cast<std::int32_t>(level);
            }
        }
    }
    return file.level;
}

std::vector<CompactionCandidateInfo> Leveled::describe(const Levels& levels,
                                                       std::int32_t chosen) const {
    std::vector<CompactionCandidateInfo> out;
    for (std::size_t level = 0; level < levels.size(); ++level) {
        if (levels[level].empty()) {
            continue;
        }
        const auto bytes = totalBytes(levels[level]);
        const auto number = static_cast<std::int32_t>(level);
        out.push_back({fmt::format("L{}", level), static_cast<std::uint32_t>(levels[level].size()),
                       bytes, static_cast<double>(bytes) / maxBytes(number), number == chosen});
    }
    return out;
}

std::optional<Decision> Leveled::sizeTieredInL0(const Levels& levels) const {
    if (levels[0].size() <= kMostInL0) {
        return std::nullopt;
    }
    std::vector<FileView> files = levels[0];
    std::erase_if(files, [](const FileView& file) { return file.isBusy; });
    const std::vector<Bucket> buckets = sizeBuckets(files, m_options);
    const Bucket chosen = mostInteresting(buckets, 4, 32);
    if (chosen.empty()) {
        return std::nullopt;
    }
    Decision out;
    out.inputs = generationsOf(chosen);
    out.group = "L0";
    out.why = fmt::format("L0 has {} SSTables, more than {}: {} of similar size become one, so that "
                          "reads touch fewer",
                          levels[0].size(), kMostInL0, chosen.size());
    out.candidates = describe(levels, 0);
    return out;
}

std::vector<FileView> Leveled::candidatesOfL0(const Levels& levels) const {
    std::vector<FileView> busy;
    std::vector<FileView> idle;
    for (const FileView& file : levels[0]) {
        (file.isBusy ? busy : idle).push_back(file);
    }
    const std::vector<FileView> busySpan = busy.empty() ? busy : std::vector{spanOf(busy)};
    sortByAge(idle);
    std::vector<FileView> out;
    std::vector<FileView> remaining = idle;
    for (const FileView& file : idle) {
        if (std::none_of(remaining.begin(), remaining.end(), [&](const FileView& there) {
                return there.generation == file.generation;
            })) {
            continue;
        }
        std::vector<FileView> group = overlapping({file}, remaining);
        if (overlapsAny(file, busySpan)) {
            continue;
        }
        for (const FileView& added : group) {
            if (!overlapsAny(added, busySpan)) {
                out.push_back(added);
            }
            std::erase_if(remaining, [&](const FileView& there) {
                return there.generation == added.generation;
            });
        }
        if (out.size() > m_options.maxThreshold) {
            sortByAge(out);
            out.resize(m_options.maxThreshold);
            break;
        }
    }
    // Less than a full file's worth stays in L0 and is merged there.
    if (totalBytes(out) > m_options.leveledBytes) {
        const std::vector<FileView> below = overlapping(out, levels[1]);
        if (anyIsBusy(below) || !overlapping(out, busy).empty()) {
            return {};
        }
        addAll(out, below);
    }
    return out.size() < 2 ? std::vector<FileView>() : out;
}

/// The next file by its turn, with what it overlaps one level up.
std::vector<FileView> Leveled::candidatesOf(const Levels& levels, std::int32_t level) const {
    const auto& files = levels[static_cast<std::size_t>(level)];
    const auto start = std::find_if(files.begin(), files.end(), [&](const FileView& file) {
        return file.firstToken > m_lastTokens[static_cast<std::size_t>(level)];
    });
    const auto offset = static_cast<std::size_t>(start - files.begin());
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::vector<FileView> out{files[(offset + i) % files.size()]};
        if (level + 1 < kLevels) {
            addAll(out, overlapping(out, levels[static_cast<std::size_t>(level) + 1]));
        }
        if (!anyIsBusy(out)) {
            return out;
        }
    }
    return {};
}

std::int32_t Leveled::nextLevel(const std::vector<FileView>& files) const {
    std::int32_t lowest = kLevels;
    std::int32_t highest = 0;
    for (const FileView& file : files) {
        lowest = std::min(lowest, file.level);
        highest = std::max(highest, file.level);
    }
    if (lowest == 0 && highest == 0 && totalBytes(files) < m_options.leveledBytes) {
        return 0;
    }
    return std::min(lowest == highest ? highest + 1 : highest, kLevels - 1);
}

/// Once the highest level was not touched for long, one of its files that lies within what is
/// compacted comes along, or it would keep its tombstones for ever.
void Leveled::pullInStarved(const Levels& levels, std::int32_t target,
                            std::vector<FileView>& files) {
    for (std::size_t level = 1; level < levels.size(); ++level) {
        ++m_untouched[level];
    }
    m_untouched[static_cast<std::size_t>(target)] = 0;
    for (std::size_t level = levels.size() - 1; level > 0; --level) {
        if (levels[level].empty()) {
            continue;
        }
        if (m_untouched[level] > kStarvationLimit) {
            const FileView span = spanOf(files);
            for (const FileView& file : levels[level]) {
                if (!file.isBusy && file.firstToken > span.firstToken &&
                    file.lastToken <= span.lastToken) {
                    addAll(files, {file});
                    return;
                }
            }
        }
        return;
    }
}

std::optional<Decision> Leveled::next(const TableView& view) {
    const Levels levels = levelsOf(view);
    const auto decide = [&](std::vector<FileView> files, std::int32_t from, std::string why) {
        Decision out;
        out.output.cut = OutputPlan::Cut::Sizes;
        out.output.maxBytes = m_options.leveledBytes;
        out.output.level = nextLevel(files);
        out.onlyChangesLevel = files.size() == 1 && m_options.singleUplevel;
        out.inputs = generationsOf(files);
        out.group = fmt::format("L{}", from);
        out.why = std::move(why);
        out.candidates = describe(levels, from);
        return out;
    };
    for (std::int32_t level = kLevels - 1; level > 0; --level) {
        std::vector<FileView> idle = levels[static_cast<std::size_t>(level)];
        std::erase_if(idle, [](const FileView& file) { return file.isBusy; });
        const double score = static_cast<double>(totalBytes(idle)) / maxBytes(level);
        if (score <= kScoreThreshold) {
            continue;
        }
        if (auto behind = sizeTieredInL0(levels)) {
            return behind;
        }
        std::vector<FileView> files = candidatesOf(levels, level);
        if (files.empty()) {
            continue;
        }
        pullInStarved(levels, nextLevel(files), files);
        return decide(files, level,
                      fmt::format("L{} holds {} of {}: its next SSTable moves up with the {} it "
                                  "overlaps there",
                                  level, sizeText(static_cast<double>(totalBytes(idle))),
                                  sizeText(maxBytes(level)), files.size() - 1));
    }
    std::vector<FileView> files = candidatesOfL0(levels);
    if (!files.empty()) {
        const std::int32_t target = nextLevel(files);
        const auto inL0 = std::count_if(files.begin(), files.end(),
                                        [](const FileView& file) { return file.level == 0; });
        return decide(files, 0,
                      target == 0
                          ? fmt::format("{} SSTables in L0, together less than one of {}: they "
                                        "become one and stay",
                                        inL0, sizeText(static_cast<double>(m_options.leveledBytes)))
                          : fmt::format("{} SSTables in L0 join the {} they overlap in L1", inL0,
                                        static_cast<std::int64_t>(files.size()) - inL0));
    }
    if (auto behind = sizeTieredInL0(levels)) {
        return behind;
    }
    return tombstones(view, levels);
}

std::optional<Decision> Leveled::tombstones(const TableView& view, const Levels& levels) const {
    for (std::int32_t level = kLevels - 1; level >= 0; --level) {
        std::vector<FileView> files = levels[static_cast<std::size_t>(level)];
        std::stable_sort(files.begin(), files.end(), [](const FileView& a, const FileView& b) {
            return a.droppableRatio > b.droppableRatio;
        });
        for (const FileView& file : files) {
            if (isWorthDroppingTombstones(m_options, view, file)) {
                Decision out = tombstoneDecision(m_options, file);
                out.output.cut = OutputPlan::Cut::Sizes;
                out.output.maxBytes = m_options.leveledBytes;
                out.output.level = level;
                return out;
            }
        }
    }
    return std::nullopt;
}

std::vector<Decision> Leveled::major(const TableView& view, bool) const {
    std::vector<Decision> out = Strategy::major(view, false);
    for (Decision& decision : out) {
        decision.output.cut = OutputPlan::Cut::Sizes;
        decision.output.maxBytes = m_options.leveledBytes;
        decision.output.level = 1;
        decision.output.fillsLevels = true;
        decision.output.fanout = m_options.fanout;
        decision.why = fmt::format("all {} SSTables into full levels, as asked",
                                   decision.inputs.size());
    }
    return out;
}

Decision Leveled::userDefined(const TableView& view, std::vector<FileView> files) const {
    Decision out = Strategy::userDefined(view, files);
    std::int32_t lowest = kLevels;
    std::int32_t highest = 0;
    for (const FileView& file : files) {
        lowest = std::min(lowest, file.level);
        highest = std::max(highest, file.level);
    }
    // Files of several levels may overlap what lies between them: only L0 is sure to bear them.
    out.output.level = lowest == highest ? lowest : 0;
    out.output.cut = OutputPlan::Cut::Sizes;
    out.output.maxBytes = m_options.leveledBytes;
    return out;
}

std::uint32_t Leveled::pending(const TableView& view) const {
    const Levels levels = levelsOf(view);
    double out = 0;
    for (std::int32_t level = kLevels - 1; level >= 0; --level) {
        const double over =
            static_cast<double>(totalBytes(levels[static_cast<std::size_t>(level)])) -
            maxBytes(level) * kScoreThreshold;
        out += std::ceil(std::max(0.0, over) / static_cast<double>(m_options.leveledBytes));
    }
    return static_cast<std::uint32_t>(out);
}

void Leveled::done(std::int32_t inputLevel, std::int64_t lastToken) {
    if (inputLevel >= 0 && inputLevel < kLevels) {
        m_lastTokens[static_cast<std::size_t>(inputLevel)] = lastToken;
    }
}

}  // namespace engine::storage::compaction
