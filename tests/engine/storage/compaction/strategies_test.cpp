#include <QtTest>

#include "engine/storage/compaction/leveled.h"
#include "engine/storage/compaction/size_tiered.h"
#include "engine/storage/compaction/time_window.h"
#include "engine/storage/compaction/unified.h"

using namespace engine::storage::compaction;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
using Map = std::map<std::string, std::string>;

CompactionOptions optionsOf(const std::string& name, Map more = {}) {
    more["class"] = "org.apache.cassandra.db.compaction." + name;
    return CompactionOptions::of(more, false);
}

FileView file(std::uint64_t generation, std::uint64_t bytes) {
    FileView out;
    out.generation = generation;
    out.bytes = bytes;
    out.partitions = 1000;
    out.minTimestamp = 1'000'000;
    out.maxTimestamp = static_cast<std::int64_t>(1'000'000 + generation);
    return out;
}
/// Of a part of the ring, in percent.
FileView part(std::uint64_t generation, std::uint64_t bytes, int from, int to, int level = 0) {
    FileView out = file(generation, bytes);
    const auto token = [](int percent) {
        return static_cast<std::int64_t>((static_cast<double>(percent) / 100 - 0.5) * 0x1p64 * 0.999);
    };
    out.firstToken = token(from);
    out.lastToken = token(to) - 1;
    out.level = level;
    return out;
}
FileView inWindow(std::uint64_t generation, std::uint64_t bytes, std::int64_t seconds) {
    FileView out = file(generation, bytes);
    out.minTimestamp = out.maxTimestamp = seconds * 1'000'000;
    return out;
}
TableView viewOf(std::vector<FileView> files) {
    TableView out;
    out.files = std::move(files);
    out.nowSeconds = 2'000'000;
    out.gcBefore = 1'000'000;
    return out;
}
/// Nothing in it lives on, and it is all past gc_grace.
FileView expired(FileView out, std::int64_t timestamp = 500) {
    out.minTimestamp = out.maxTimestamp = timestamp;
    out.maxLocalDeletionTime = 999'999;
    return out;
}
using Generations = std::vector<std::uint64_t>;

const engine::storage::CompactionCandidateInfo* chosenOf(const Decision& decision) {
    for (const auto& candidate : decision.candidates) {
        if (candidate.chosen) {
            return &candidate;
        }
    }
    return nullptr;
}

}  // namespace

class StrategiesTest : public QObject {
    Q_OBJECT

private slots:
    void defaultsAreCassandras() {
        const CompactionOptions tiered = CompactionOptions::of({}, false);
        QCOMPARE(tiered.strategyName, std::string("SizeTieredCompactionStrategy"));
        QCOMPARE(tiered.minThreshold, 4u);
        QCOMPARE(tiered.maxThreshold, 32u);
        QCOMPARE(tiered.minSstableBytes, 50 * kMiB);
        QVERIFY(!optionsOf("TimeWindowCompactionStrategy").tombstoneCompactions);
        QVERIFY(optionsOf("TimeWindowCompactionStrategy", {{"tombstone_threshold", "0.3"}})
                    .tombstoneCompactions);
        const CompactionOptions unified = optionsOf(
            "UnifiedCompactionStrategy",
            {{"scaling_parameters", "T4, N, L10"}, {"target_sstable_size", "200MiB"}});
        QCOMPARE(unified.scaling, (std::vector<std::int32_t>{2, 0, -8}));
        QCOMPARE(unified.targetBytes, 200 * kMiB);
        QCOMPARE(unified.unifiedMinBytes, 100 * kMiB);
        QCOMPARE(optionsOf("TimeWindowCompactionStrategy", {{"compaction_window_unit", "MINUTES"},
                                                           {"compaction_window_size", "5"}})
                     .windowSeconds,
                 std::int64_t(300));
    }

    void sizeTieredWaitsForFourOfASize() {
        SizeTiered strategy(optionsOf("SizeTieredCompactionStrategy"));
        QVERIFY(!strategy.next(viewOf({file(1, 100 * kMiB), file(2, 110 * kMiB), file(3, 90 * kMiB)})));
        const auto decision = strategy.next(viewOf({file(1, 100 * kMiB), file(2, 110 * kMiB),
                                                    file(3, 90 * kMiB), file(4, 120 * kMiB),
                                                    file(5, 400 * kMiB)}));
        QVERIFY(decision.has_value());
        QCOMPARE(decision->inputs, (Generations{1, 2, 3, 4}));
        QCOMPARE(decision->candidates.size(), std::size_t(2));
        QCOMPARE(chosenOf(*decision)->sstables, 4u);
        QCOMPARE(chosenOf(*decision)->score, 1.0);
        QVERIFY(decision->why.find("min_threshold is 4") != std::string::npos);
    }

    void filesUnderTheSmallestSizeShareABucket() {
        SizeTiered strategy(optionsOf("SizeTieredCompactionStrategy"));
        const auto decision = strategy.next(
            viewOf({file(1, 1 * kMiB), file(2, 10 * kMiB), file(3, 40 * kMiB), file(4, 1000)}));
        QCOMPARE(decision->inputs, (Generations{1, 2, 3, 4}));
    }

    void sizeTieredPrefersTheMostReadBucket() {
        std::vector<FileView> files;
        for (std::uint64_t i = 1; i <= 4; ++i) {
            files.push_back(file(i, 60 * kMiB));
            files.push_back(file(10 + i, 600 * kMiB));
            files.back().readsPerSecond = 50;
        }
        SizeTiered strategy(optionsOf("SizeTieredCompactionStrategy"));
        QCOMPARE(strategy.next(viewOf(files))->inputs, (Generations{11, 12, 13, 14}));
        for (FileView& f : files) {
            f.readsPerSecond = 0;
        }
        QCOMPARE(strategy.next(viewOf(files))->inputs, (Generations{1, 2, 3, 4}));
        QCOMPARE(strategy.pending(viewOf(files)), 2u);
    }

    void noMoreThanMaxThresholdAtOnceAndNoneThatIsBusy() {
        std::vector<FileView> files;
        for (std::uint64_t i = 1; i <= 40; ++i) {
            files.push_back(file(i, kMiB));
        }
        SizeTiered strategy(optionsOf("SizeTieredCompactionStrategy"));
        QCOMPARE(strategy.next(viewOf(files))->inputs.size(), std::size_t(32));
        for (FileView& f : files) {
            f.isBusy = f.generation <= 37;
        }
        QVERIFY(!strategy.next(viewOf(files)));
    }

    void aFileOfTombstonesIsRewrittenAloneOnceItIsOldEnough() {
        SizeTiered strategy(optionsOf("SizeTieredCompactionStrategy"));
        FileView dead = file(1, 100 * kMiB);
        dead.droppableRatio = 0.5;
        dead.createdSeconds = 2'000'000 - 86'400 + 1;
        QVERIFY(!strategy.next(viewOf({dead})));
        dead.createdSeconds -= 2;
        const auto decision = strategy.next(viewOf({dead}));
        QCOMPARE(decision->kind, std::string("tombstones"));
        QCOMPARE(decision->inputs, (Generations{1}));
        // Another file covers all its keys, so that little could be purged.
        QVERIFY(!strategy.next(viewOf({dead, file(2, 900 * kMiB)})));
        SizeTiered unchecked(optionsOf("SizeTieredCompactionStrategy",
                                       {{"unchecked_tombstone_compaction", "true"}}));
        QVERIFY(unchecked.next(viewOf({dead, file(2, 900 * kMiB)})));
    }

    void whatHasExpiredGoesUnlessItHidesSomethingOlder() {
        const FileView gone = expired(file(1, kMiB), 500);
        FileView living = file(2, kMiB);
        TableView view = viewOf({gone, living});
        QCOMPARE(generationsOf(fullyExpired(view, {gone}, {living}, false)), (Generations{1}));
        living.minTimestamp = 400;
        QVERIFY(fullyExpired(view, {gone}, {living}, false).empty());
        QCOMPARE(fullyExpired(view, {gone}, {living}, true).size(), std::size_t(1));
        living.minTimestamp = 1000;
        view.memtableMinTimestamp = 450;
        QVERIFY(fullyExpired(view, {gone}, {living}, false).empty());
    }

    void leveledMergesSmallFilesWithinL0() {
        Leveled strategy(optionsOf("LeveledCompactionStrategy"));
        const auto decision = strategy.next(viewOf({file(1, 10 * kMiB), file(2, 20 * kMiB)}));
        QCOMPARE(decision->inputs, (Generations{1, 2}));
        QCOMPARE(decision->output.level, 0);
        QVERIFY(!strategy.next(viewOf({file(1, 10 * kMiB)})));
    }

    void fullL0JoinsWhatItOverlapsInL1() {
        Leveled strategy(optionsOf("LeveledCompactionStrategy"));
        const auto decision = strategy.next(
            viewOf({part(1, 100 * kMiB, 0, 30), part(2, 100 * kMiB, 10, 40),
                    part(3, 160 * kMiB, 20, 50, 1), part(4, 160 * kMiB, 60, 90, 1)}));
        QCOMPARE(decision->inputs, (Generations{1, 2, 3}));
        QCOMPARE(decision->output.level, 1);
        QCOMPARE(decision->output.maxBytes, 160 * kMiB);
    }

    void aLevelOverItsSizeGivesFilesInTurn() {
        Leveled strategy(optionsOf("LeveledCompactionStrategy", {{"sstable_size_in_mb", "10"}}));
        std::vector<FileView> files;
        for (int i = 0; i < 12; ++i) {
            files.push_back(part(static_cast<std::uint64_t>(10 + i), 10 * kMiB, i * 8, i * 8 + 8, 1));
        }
        files.push_back(part(50, 10 * kMiB, 0, 4, 2));
        files.push_back(part(51, 10 * kMiB, 4, 20, 2));
        auto decision = strategy.next(viewOf(files));
        QCOMPARE(decision->inputs, (Generations{10, 50, 51}));
        QCOMPARE(decision->output.level, 2);
        QVERIFY(chosenOf(*decision)->score > 1);
        strategy.done(1, files[0].lastToken);
        decision = strategy.next(viewOf(files));
        QCOMPARE(decision->inputs, (Generations{11, 51}));
    }

    void manyFilesInL0AreTieredFirst() {
        Leveled strategy(optionsOf("LeveledCompactionStrategy", {{"sstable_size_in_mb", "1"}}));
        std::vector<FileView> files;
        for (std::uint64_t i = 1; i <= 33; ++i) {
            files.push_back(file(i, kMiB / 2));
        }
        for (int i = 0; i < 12; ++i) {
            files.push_back(part(static_cast<std::uint64_t>(100 + i), kMiB, i * 8, i * 8 + 8, 1));
        }
        const auto decision = strategy.next(viewOf(files));
        QCOMPARE(decision->inputs.size(), std::size_t(32));
        QVERIFY(decision->output.cut == OutputPlan::Cut::One);
        QCOMPARE(decision->output.level, 0);
    }

    void overlappingFilesOfALevelCountAsL0() {
        Leveled strategy(optionsOf("LeveledCompactionStrategy"));
        const TableView view = viewOf({part(1, 160 * kMiB, 0, 30, 1), part(2, 160 * kMiB, 20, 50, 1)});
        QCOMPARE(strategy.levelOf(view, view.files[0]), 1);
        QCOMPARE(strategy.levelOf(view, view.files[1]), 0);
    }

    void aStarvedLevelGivesAFileAfterTwentyFiveRounds() {
        Leveled strategy(optionsOf("LeveledCompactionStrategy", {{"sstable_size_in_mb", "1"}}));
        std::vector<FileView> files;
        for (int i = 0; i < 12; ++i) {
            files.push_back(part(static_cast<std::uint64_t>(10 + i), kMiB, i * 8, i * 8 + 8, 1));
        }
        files.push_back(part(90, kMiB, 2, 4, 3));
        for (int round = 0; round < 25; ++round) {
            QCOMPARE(strategy.next(viewOf(files))->inputs, (Generations{10}));
        }
        QCOMPARE(strategy.next(viewOf(files))->inputs, (Generations{10, 90}));
    }

    void timeWindowsThatAreOverBecomeOneFile() {
        TimeWindow strategy(optionsOf("TimeWindowCompactionStrategy", {{"compaction_window_unit", "HOURS"}}));
        const std::int64_t hour = 3600;
        const auto decision =
            strategy.next(viewOf({inWindow(1, kMiB, 10 * hour), inWindow(2, 900 * kMiB, 10 * hour + 5),
                                  inWindow(3, kMiB, 11 * hour), inWindow(4, kMiB, 11 * hour)}));
        QCOMPARE(decision->inputs, (Generations{1, 2}));
        QCOMPARE(decision->group, std::string("1970-01-01 10:00"));
        QCOMPARE(decision->candidates.size(), std::size_t(2));
        // In the newest window sizes count, from min_threshold on.
        QVERIFY(!strategy.next(viewOf({inWindow(3, kMiB, 11 * hour), inWindow(4, kMiB, 11 * hour)})));
        QVERIFY(strategy.next(viewOf({inWindow(3, kMiB, 11 * hour), inWindow(4, kMiB, 11 * hour),
                                      inWindow(5, kMiB, 11 * hour), inWindow(6, kMiB, 11 * hour)})));
    }

    void timeWindowDropsExpiredFilesWhole() {
        TimeWindow strategy(optionsOf("TimeWindowCompactionStrategy"));
        const auto decision = strategy.next(viewOf({expired(file(1, kMiB)), file(2, kMiB)}));
        QCOMPARE(decision->kind, std::string("expired"));
        QCOMPARE(decision->inputs, (Generations{1}));
        // Not looked for again before its time.
        QVERIFY(!strategy.next(viewOf({expired(file(1, kMiB)), file(2, kMiB)})));
    }

    void unifiedLevelsAreByDensityAndThresholdsByScaling() {
        Unified strategy(optionsOf("UnifiedCompactionStrategy", {{"scaling_parameters", "T4, L4"},
                                                                {"flush_size_override", "10MiB"}}));
        QCOMPARE(strategy.fanoutOf(0), 4u);
        QCOMPARE(strategy.thresholdOf(0), 4u);
        QCOMPARE(strategy.fanoutOf(1), 4u);
        QCOMPARE(strategy.thresholdOf(5), 2u);
        const TableView view = viewOf({file(1, 10 * kMiB), file(2, 100 * kMiB), part(3, 10 * kMiB, 0, 10)});
        QCOMPARE(strategy.levelOf(view, view.files[0]), 0);
        QCOMPARE(strategy.levelOf(view, view.files[1]), 1);
        QCOMPARE(strategy.levelOf(view, view.files[2]), 1);  // As dense, on a tenth of the ring.
    }

    void unifiedCompactsWhatOverlaps() {
        Unified strategy(optionsOf("UnifiedCompactionStrategy", {{"flush_size_override", "100MiB"}}));
        QVERIFY(!strategy.next(viewOf({part(1, 10 * kMiB, 0, 25), part(2, 10 * kMiB, 25, 50),
                                       part(3, 10 * kMiB, 50, 75), part(4, 10 * kMiB, 75, 100)})));
        const auto decision = strategy.next(viewOf({file(1, 100 * kMiB), file(2, 100 * kMiB),
                                                    file(3, 100 * kMiB), file(4, 100 * kMiB)}));
        QCOMPARE(decision->inputs, (Generations{1, 2, 3, 4}));
        QCOMPARE(decision->group, std::string("L0"));
        QVERIFY(decision->output.cut == OutputPlan::Cut::Shards);
        QCOMPARE(decision->output.boundaries.size(), std::size_t(3));
    }

    void shardsAreAsManyAsDensityAsksFor() {
        Unified fixed(optionsOf("UnifiedCompactionStrategy",
                                {{"sstable_growth", "0"}, {"target_sstable_size", "100MiB"},
                                 {"min_sstable_size", "50MiB"}}));
        QCOMPARE(fixed.shardsOf(20.0 * kMiB), 1u);
        QCOMPARE(fixed.shardsOf(120.0 * kMiB), 2u);
        QCOMPARE(fixed.shardsOf(400.0 * kMiB), 4u);
        QCOMPARE(fixed.shardsOf(1600.0 * kMiB), 16u);
        Unified growing(optionsOf("UnifiedCompactionStrategy",
                                  {{"sstable_growth", "0.5"}, {"target_sstable_size", "100MiB"}}));
        QCOMPARE(growing.shardsOf(6400.0 * kMiB), 16u);  // 4 << log2(16) / 2.
        const auto boundaries = Unified::boundariesOf(4);
        QCOMPARE(boundaries, (std::vector<std::int64_t>{-(1ll << 62), 0, 1ll << 62}));
    }

    void aLateUnifiedCompactionTakesTheOldestInStepsOfTheFanout() {
        Unified strategy(optionsOf("UnifiedCompactionStrategy", {{"flush_size_override", "10MiB"}}));
        std::vector<FileView> files;
        for (std::uint64_t i = 1; i <= 55; ++i) {
            files.push_back(file(i, 10 * kMiB));
        }
        const auto decision = strategy.next(viewOf(files));
        QCOMPARE(decision->inputs.size(), std::size_t(16));
        QCOMPARE(decision->inputs.front(), std::uint64_t(1));
        QCOMPARE(decision->inputs.back(), std::uint64_t(16));
    }

    void majorTakesAllThatIsIdle() {
        std::vector<FileView> files{file(1, kMiB), file(2, kMiB), file(3, kMiB)};
        files[1].isBusy = true;
        for (const char* name : {"SizeTieredCompactionStrategy", "LeveledCompactionStrategy",
                                 "TimeWindowCompactionStrategy", "UnifiedCompactionStrategy"}) {
            const auto decisions = Strategy::make(optionsOf(name))->major(viewOf(files), false);
            QCOMPARE(decisions.size(), std::size_t(1));
            QCOMPARE(decisions.front().inputs, (Generations{1, 3}));
        }
    }
};

QTEST_GUILESS_MAIN(StrategiesTest)
#include "strategies_test.moc"
