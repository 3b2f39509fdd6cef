#include <QtTest>

#include "modelled_life.h"

using namespace storagetest;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kSeeds = 60;  // Sanitizers take their time.
#else
constexpr std::uint64_t kSeeds = 1000;
#endif
constexpr std::uint64_t kSeedsPerRow = 100;
constexpr int kSteps = 75;
constexpr int kStepsBetweenReads = 6;

/// Empty when all reads of this life are as the model's.
std::string live(std::uint64_t seed, const CompactionOptionsMap& strategy, std::uint64_t& compactions) {
    ModelledLife life(seed, strategy);
    for (int i = 0; i <= kSteps; ++i) {
        life.step();
        std::string problem;
        if (i % kStepsBetweenReads == 0) {
            problem = life.compareRead();
        }
        if (problem.empty() && (i == kSteps || i % (5 * kStepsBetweenReads) == 0)) {
            problem = life.compareAll();
        }
        if (!problem.empty()) {
            for (const std::string& line : life.history()) {
                qInfo("%s", line.c_str());
            }
            return "seed " + std::to_string(seed) + ", step " + std::to_string(i) + ": " + problem;
        }
    }
    compactions += life.compactions();
    return "";
}

}  // namespace

/// Random histories of one table, read as a model reads them that shares nothing with the engine. A
/// row of the test is some seeds of a strategy; with STORAGE_MODEL_SEED only that one is lived, and
/// with STORAGE_MODEL_HISTORY what led to a difference is told.
class StorageModelSim : public QObject {
    Q_OBJECT

private slots:
    void anyHistoryReadsAsThePlainModel_data() {
        QTest::addColumn<int>("strategy");
        QTest::addColumn<quint64>("first");
        QTest::addColumn<quint64>("last");
        const std::uint64_t perRow = std::min(kSeeds, kSeedsPerRow);
        for (std::size_t i = 0; i < smallStrategies().size(); ++i) {
            for (quint64 first = 1; first <= kSeeds; first += perRow) {
                QTest::addRow("%s, from seed %llu", smallStrategies()[i].first.c_str(), first)
                    << static_cast<int>(i) << first << first + perRow - 1;
            }
        }
    }
    void anyHistoryReadsAsThePlainModel() {
        QFETCH(const int, strategy);
        QFETCH(quint64, first);
        QFETCH(quint64, last);
        if (const quint64 only = qEnvironmentVariable("STORAGE_MODEL_SEED").toULongLong(); only != 0) {
            if (only < first || only > last) {
                return;
            }
            first = last = only;
        }
        std::uint64_t compactions = 0;
        std::size_t problems = 0;
        for (std::uint64_t seed = first; seed <= last; ++seed) {
            const std::string problem =
                live(seed, smallStrategies()[static_cast<std::size_t>(strategy)].second, compactions);
            if (!problem.empty()) {
                qWarning("%s", problem.c_str());
                ++problems;
            }
        }
        QCOMPARE(problems, std::size_t(0));
        QVERIFY(first == last || compactions > last - first);
    }
};

QTEST_GUILESS_MAIN(StorageModelSim)
#include "storage_model_sim.moc"
