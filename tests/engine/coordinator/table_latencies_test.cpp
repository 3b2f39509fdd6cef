#include "engine/coordinator/table_latencies.h"

#include <QtTest>

using namespace std::chrono_literals;
using engine::coordinator::LatencyHistogram;

class TableLatenciesTest : public QObject {
    Q_OBJECT
private slots:
    void nothingMeasuredIsZero() {
        const LatencyHistogram histogram;
        QCOMPARE(histogram.count(), std::uint64_t{0});
        QCOMPARE(histogram.percentileMicros(0.99), 0.0);
        QCOMPARE(histogram.maxMicros(), 0.0);
    }

    void valuesAreRoundedUpToABucketsBound() {
        LatencyHistogram histogram;
        histogram.add(9us);  // EstimatedHistogram's bounds: ... 8, 10, 12, 14, 17 ...
        QCOMPARE(histogram.maxMicros(), 10.0);
        histogram.add(15us);
        QCOMPARE(histogram.maxMicros(), 17.0);
    }

    void percentilesSplitTheCounts() {
        LatencyHistogram histogram;
        for (int i = 0; i < 99; ++i) {
            histogram.add(1us);
        }
        histogram.add(1s);
        QCOMPARE(histogram.percentileMicros(0.5), 1.0);
        QCOMPARE(histogram.percentileMicros(0.99), 1.0);
        QVERIFY(histogram.maxMicros() >= 1e6 && histogram.maxMicros() < 1.2e6);
    }

    void zerosAreABucketOfTheirOwn() {
        engine::coordinator::CountHistogram histogram;
        histogram.add(0);
        histogram.add(0);
        QCOMPARE(histogram.max(), 0.0);
        histogram.add(3);
        QCOMPARE(histogram.percentile(0.5), 0.0);
        QCOMPARE(histogram.max(), 3.0);
    }

    void whatIsLongerThanTheLastBucketCountsThere() {
        LatencyHistogram histogram;
        histogram.add(std::chrono::hours(1000));
        QCOMPARE(histogram.count(), std::uint64_t{1});
    }
};

QTEST_GUILESS_MAIN(TableLatenciesTest)
#include "table_latencies_test.moc"
