#pragma once

#include "engine/storage/compaction/strategy.h"

namespace engine::storage::compaction {

/// Levels of files that do not overlap, each `fanout_size` times as large as the one before
/// (LeveledCompactionStrategy, LeveledManifest).
class Leveled : public Strategy {
public:
    /// More files than that in L0 are compacted by size first.
    static constexpr std::size_t kMostInL0 = 32;
    /// A level that was left alone for so many compactions gives a file to the next one.
    static constexpr int kStarvationLimit = 25;
    static constexpr std::int32_t kLevels = 9;

    using Strategy::Strategy;
    std::optional<Decision> next(const TableView& view) override;
    std::vector<Decision> major(const TableView& view, bool splitOutput) const override;
    Decision userDefined(const TableView& view, std::vector<FileView> files) const override;
    std::uint32_t pending(const TableView& view) const override;
    void done(std::int32_t inputLevel, std::int64_t lastToken) override;
    std::int32_t levelOf(const TableView& view, const FileView& file) const override;

    /// What a level may hold (LeveledManifest.maxBytesForLevel).
    double maxBytes(std::int32_t level) const;

private:
    using Levels = std::vector<std::vector<FileView>>;

    static Levels levelsOf(const TableView& view);
    std::optional<Decision> sizeTieredInL0(const Levels& levels) const;
    std::vector<FileView> candidatesOfL0(const Levels& levels) const;
    std::vector<FileView> candidatesOf(const Levels& levels, std::int32_t level) const;
    std::int32_t nextLevel(const std::vector<FileView>& files) const;
    void pullInStarved(const Levels& levels, std::int32_t target, std::vector<FileView>& files);
    std::optional<Decision> tombstones(const TableView& view, const Levels& levels) const;
    std::vector<CompactionCandidateInfo> describe(const Levels& levels, std::int32_t chosen) const;

    /// Where a level's turn goes on: the last token that was compacted out of it.
    std::vector<std::int64_t> m_lastTokens =
        std::vector<std::int64_t>(kLevels, std::numeric_limits<std::int64_t>::min());
    std::vector<int> m_untouched = std::vector<int>(kLevels, 0);
};

}  // namespace engine::storage::compaction
