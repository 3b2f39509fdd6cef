#include "engine/coordinator/latency.h"

#include <QtTest>

using namespace engine::coordinator;
using namespace std::chrono_literals;
using engine::runtime::Duration;

class LatencyTest : public QObject {
    Q_OBJECT
private slots:
    void tooFewReadsTellNothing() {
        LatencyTracker tracker;
        tracker.add(1ms);
        QCOMPARE(tracker.percentile(99).count(), Duration(0).count());
    }
    void percentileFollowsTheNewestReads() {
        LatencyTracker tracker;
        for (int i = 1; i <= 100; ++i) {
            tracker.add(std::chrono::milliseconds(i));
        }
        QVERIFY(tracker.percentile(50) >= 49ms && tracker.percentile(50) <= 51ms);
        QVERIFY(tracker.percentile(99) >= 98ms);
        for (std::size_t i = 0; i < LatencyTracker::kWindow; ++i) {
            tracker.add(5ms);
        }
        QVERIFY(tracker.percentile(99) == 5ms);
    }
    void policiesSayWhenToAskAnother_data() {
        QTest::addColumn<QByteArray>("policy");
        QTest::addColumn<qint64>("millis");
        QTest::newRow("never") << QByteArray("NEVER") << qint64(-1);
        QTest::newRow("none") << QByteArray("none") << qint64(-1);
        QTest::newRow("always") << QByteArray("ALWAYS") << qint64(0);
        QTest::newRow("fixed") << QByteArray("50ms") << qint64(50);
        QTest::newRow("percentile, nothing known") << QByteArray("99p") << qint64(2500);
        QTest::newRow("percentile, long form") << QByteArray("99percentile") << qint64(2500);
        QTest::newRow("the lesser") << QByteArray("MIN(99p,20ms)") << qint64(20);
        QTest::newRow("the greater") << QByteArray("MAX(99p, 20ms)") << qint64(2500);
    }
    void policiesSayWhenToAskAnother() {
        QFETCH(const QByteArray, policy);
        QFETCH(const qint64, millis);
        LatencyTracker tracker;
        const Duration delay = speculationDelay(policy.toStdString(), tracker, 5s);
        QCOMPARE(millis < 0 ? qint64(delay.count()) : qint64(delay / 1ms), millis);
    }
};

QTEST_GUILESS_MAIN(LatencyTest)
#include "latency_test.moc"
