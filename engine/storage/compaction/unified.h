#pragma once

#include "engine/storage/compaction/strategy.h"

namespace engine::storage::compaction {

/// Levels by density, tiered or leveled as scaling parameters say, in shards of the ring
/// (UnifiedCompactionStrategy).
class Unified : public Strategy {
public:
    using Strategy::Strategy;
    std::optional<Decision> next(const TableView& view) override;
    std::vector<Decision> major(const TableView& view, bool splitOutput) const override;
    Decision userDefined(const TableView& view, std::vector<FileView> files) const override;
    std::uint32_t pending(const TableView& view) const override;
    std::int32_t levelOf(const TableView& view, const FileView& file) const override;
    std::vector<std::int64_t> flushBoundaries(double flushBytes) const override;

    std::int32_t scalingOf(std::size_t level) const;
    std::uint32_t fanoutOf(std::size_t level) const;
    /// So many files over one place of the ring want compaction.
    std::uint32_t thresholdOf(std::size_t level) const;
    /// Into how many shards data of a density (bytes per whole ring) is cut (Controller.getNumShards).
    std::uint32_t shardsOf(double density) const;
    static double densityOf(const FileView& file);
    /// Last token of each shard but the last.
    static std::vector<std::int64_t> boundariesOf(std::uint32_t shards);

private:
    struct Level {
        std::vector<FileView> files;
        double maxDensity = 0;
    };
    std::vector<Level> levelsOf(const TableView& view, std::vector<FileView> files) const;
    OutputPlan planFor(const std::vector<FileView>& files) const;
    struct Group {
        std::vector<FileView> files;
        std::vector<std::vector<FileView>> sections;  // Files over one place, along the ring.
        std::size_t overlap = 0;
    };
    static std::vector<std::vector<FileView>> sectionsOf(std::vector<FileView> files);
    std::vector<Group> groupsOf(const std::vector<FileView>& files, std::uint32_t threshold) const;
    std::vector<FileView> pick(const Group& group, std::size_t level) const;

    std::int64_t m_expiredChecked = std::numeric_limits<std::int64_t>::min();
};

}  // namespace engine::storage::compaction
