#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/storage/compaction/file_view.h"
#include "engine/storage/compaction/options.h"
#include "engine/storage/storage_observer.h"

namespace engine::storage::compaction {

/// How what a compaction writes is cut into files.
struct OutputPlan {
    enum class Cut {
        One,      // A single file.
        Sizes,    // A new one after `maxBytes` (LCS); also levels that fill up, when `fillsLevels`.
        Halving,  // Half of `expectedBytes`, a quarter, ... (STCS major with --split-output).
        Shards,   // At the tokens in `boundaries` (UCS).
    } cut = Cut::One;
    std::int32_t level = 0;  // Of what is written.
    std::uint64_t maxBytes = 0;
    std::uint64_t expectedBytes = 0;
    bool fillsLevels = false;  // LCS major: L1 first, then L2, ...
    std::uint32_t fanout = 10;
    std::vector<std::int64_t> boundaries;  // A file ends before the first token past each.
};

/// What to compact, and why: `why` and `candidates` are for people to look at.
struct Decision {
    std::string kind = "compaction";     // compaction, tombstones, expired, major, ...
    std::vector<std::uint64_t> inputs;   // Generations, ascending.
    OutputPlan output;
    /// The one input only gets another level (LCS, single_sstable_uplevel).
    bool onlyChangesLevel = false;
    std::string group;
    std::string why;
    std::vector<CompactionCandidateInfo> candidates;
};

/// Decides what is compacted next. State in, decision out: no files, no clock. One per table.
class Strategy {
public:
    static std::unique_ptr<Strategy> make(const CompactionOptions& options);

    explicit Strategy(const CompactionOptions& options) : m_options(options) {}
    virtual ~Strategy() = default;

    /// What should be done now, if anything (getNextBackgroundTask).
    virtual std::optional<Decision> next(const TableView& view) = 0;
    /// All idle files, by the strategy's own way to write them (getMaximalTasks).
    virtual std::vector<Decision> major(const TableView& view, bool splitOutput) const;
    /// Files that are named (getUserDefinedTask).
    virtual Decision userDefined(const TableView& view, std::vector<FileView> files) const;
    /// Estimated number of compactions left to do.
    virtual std::uint32_t pending(const TableView& view) const = 0;
    /// A decision was carried out; `lastToken` is that of its output.
    virtual void done(std::int32_t /*inputLevel*/, std::int64_t /*lastToken*/) {}
    /// Where a flush is cut into files: the last tokens of all but the last one. `flushBytes`: what flushes
    /// have had on average.
    virtual std::vector<std::int64_t> flushBoundaries(double /*flushBytes*/) const { return {}; }
    /// Where the strategy places a file: its level; in Unified by density.
    virtual std::int32_t levelOf(const TableView&, const FileView& file) const { return file.level; }

    const CompactionOptions& options() const { return m_options; }

protected:
    CompactionOptions m_options;
};

/// Those of `files` whose content is all past `gcBefore` and hides nothing older elsewhere
/// (CompactionController.getFullyExpiredSSTables). `others`: the table's files beside them.
std::vector<FileView> fullyExpired(const TableView& view, const std::vector<FileView>& files,
                                   const std::vector<FileView>& others, bool ignoresOverlaps);
/// Whether rewriting this file alone is likely to free space
/// (AbstractCompactionStrategy.worthDroppingTombstones).
bool isWorthDroppingTombstones(const CompactionOptions& options, const TableView& view,
                               const FileView& file);
/// The files of the view other than `files`.
std::vector<FileView> othersOf(const TableView& view, const std::vector<FileView>& files);
std::vector<std::uint64_t> generationsOf(const std::vector<FileView>& files);
Decision tombstoneDecision(const CompactionOptions& options, const FileView& file);
/// `25 MiB`, for reasons.
std::string sizeText(double bytes);

// What SizeTiered does is part of Leveled and TimeWindow too.
using Bucket = std::vector<FileView>;
/// Files of similar size together, smallest first (SizeTieredCompactionStrategy.getBuckets).
std::vector<Bucket> sizeBuckets(const std::vector<FileView>& files, const CompactionOptions& options);
/// The bucket to compact: the most read one of those with enough files, cut to its hottest
/// max_threshold; empty when there is none.
Bucket mostInteresting(const std::vector<Bucket>& buckets, std::uint32_t minThreshold,
                       std::uint32_t maxThreshold);
std::vector<CompactionCandidateInfo> describeBuckets(const std::vector<Bucket>& buckets,
                                                     std::uint32_t minThreshold,
                                                     const Bucket& chosen);

}  // namespace engine::storage::compaction
