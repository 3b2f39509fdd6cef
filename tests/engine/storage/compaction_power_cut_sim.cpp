#include <QtTest>

#include "engine/storage/sstable/descriptor.h"
#include "modelled_life.h"

using namespace storagetest;
using Kind = CompactionRequest::Kind;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kCallsBetweenCuts = 12;  // Sanitizers take their time.
#else
constexpr std::uint64_t kCallsBetweenCuts = 3;  // With one it holds, too, and takes a minute.
#endif
constexpr int kSteps = 50;

/// What is cut short; the background's own is what the strategy wants, moves to other levels included.
const std::vector<std::pair<std::string, Kind>> kKinds{
    {"background", Kind::Background}, {"major", Kind::Major}, {"cleanup", Kind::Cleanup},
    {"upgrade", Kind::Upgrade}, {"scrub", Kind::Scrub}, {"garbage collection", Kind::GarbageCollect}};

runtime::Task<void> finish(runtime::Task<Result<storage::CompactionSummary>> task, bool& isDone) {
    static_cast<void>(co_await task);
    isDone = true;
}

/// A life with several files, some of whose deletions may be purged, and others not.
void begin(ModelledLife& life) {
    for (int i = 0; i < kSteps; ++i) {
        life.write();
        if (i % 12 == 11) {
            life.flush();
        }
        if (i == kSteps * 2 / 3) {
            life.fixture().world().runFor(std::chrono::seconds(2 * kGcGraceSeconds));
        }
    }
}

CompactionRequest requestOf(Kind kind) {
    CompactionRequest out;
    out.kind = kind;
    if (kind == Kind::Cleanup) {
        out.owned = {{key(0).token, key(3).token}};
    }
    out.shadows = storage::compaction::ShadowKind::Cell;
    return out;
}

/// Begins it, and returns when it is over, or the disk is.
void run(ModelledLife& life, Kind kind, runtime::TaskGroup& waiters) {
    storage::CompactionManager& compactions = life.fixture().engine().compactions();
    bool isDone = false;
    if (kind == Kind::Background) {
        compactions.settings().automatic = true;
        compactions.settingsChanged();
        life.fixture().world().runFor(5s);
    } else {
        waiters.spawn(finish(compactions.compact(life.table(), requestOf(kind)), isDone));
        life.fixture().world().runUntil([&] { return isDone || life.fixture().disk().hasCrashed(); }, 20s);
        life.fixture().world().runFor(1s);  // Old files go.
    }
}

}  // namespace

/// The power is cut before each call on the disk that a compaction makes. Whatever it was and wherever
/// that was, the table reads as its model afterwards: nothing is lost, nothing comes back.
class CompactionPowerCutSim : public QObject {
    Q_OBJECT
private slots:
    void aCutLosesNothingAndBringsNothingBack_data() {
        QTest::addColumn<int>("strategy");
        QTest::addColumn<int>("kind");
        for (std::size_t i = 0; i < smallStrategies().size(); ++i) {
            for (std::size_t k = 0; k < kKinds.size(); ++k) {
                QTest::addRow("%s, %s", smallStrategies()[i].first.c_str(), kKinds[k].first.c_str())
                    << static_cast<int>(i) << static_cast<int>(k);
            }
        }
    }
    void aCutLosesNothingAndBringsNothingBack() {
        QFETCH(const int, strategy);
        QFETCH(const int, kind);
        const CompactionOptionsMap& options = smallStrategies()[static_cast<std::size_t>(strategy)].second;
        const Kind what = kKinds[static_cast<std::size_t>(kind)].second;
        const auto seed = static_cast<std::uint64_t>(10 * strategy + kind + 1);
        bool wasCut = true;
        std::uint64_t call = 1 + seed % kCallsBetweenCuts;
        for (; wasCut; call += kCallsBetweenCuts) {
            const bool torn = call % 2 == 0;
            ModelledLife life(seed, options, Shape::Rich, false);
            begin(life);
            life.flush();
            sim::SimDisk& disk = life.fixture().disk();
            disk.crashAtCall(call, torn);
            auto waiters = std::make_unique<runtime::TaskGroup>();
            run(life, what, *waiters);
            wasCut = disk.hasCrashed();
            life.fixture().powerCut(torn, std::move(waiters));
            const auto started = life.fixture().start();
            QVERIFY2(started.has_value(), started ? "" : started.error().message.c_str());
            for (const std::string& name : life.fixture().files(life.fixture().tableFolder())) {
                QVERIFY2(name == "truncated" || storage::parseComponentPath("/x/" + name), name.c_str());
            }
            if (what == Kind::Cleanup) {
                // What was not owned may be there still.
                const CompactionRequest again = requestOf(what);
                QVERIFY(life.fixture().runTask(life.fixture().engine().compactions().compact(life.table(), again)).has_value());
                life.model().keep(again.owned[0]);
            }
            const std::string problem = life.compareAll();
            QVERIFY2(problem.empty(), ("call " + std::to_string(call) + ": " + problem).c_str());
        }
        QVERIFY(call > 10);
    }
};

QTEST_GUILESS_MAIN(CompactionPowerCutSim)
#include "compaction_power_cut_sim.moc"
