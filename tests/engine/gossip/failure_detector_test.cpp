#include <QtTest>

#include "engine/gossip/failure_detector.h"

using namespace engine;
using namespace engine::gossip;
using namespace std::chrono_literals;
using runtime::Instant;

namespace {

const std::string kPeer = "127.0.0.2:7000";

/// A detector that heard the peer once a second, `beats` times, the last at `beats` seconds.
FailureDetector regular(int beats) {
    FailureDetector detector(1s, 8);
    for (int i = 1; i <= beats; ++i) {
        detector.report(kPeer, Instant{} + std::chrono::seconds(i));
    }
    return detector;
}

}  // namespace

class FailureDetectorTest : public QObject {
    Q_OBJECT
private slots:
    void firstGapIsTakenForTwoIntervals();
    void longGapsAreNotCounted();
    void windowKeepsTheLastThousandGaps();
    void silenceOfEighteenMeanGapsConvicts();
    void unknownNodeIsNotJudged();
    void removedNodeBeginsAnew();
    void nobodyIsConvictedAfterAPauseOfOnesOwn();
};

void FailureDetectorTest::firstGapIsTakenForTwoIntervals() {
    ArrivalWindow window(2s);
    window.add(Instant{} + 10s);
    QVERIFY(window.mean() == 2s);
    window.add(Instant{} + 11s);
    QVERIFY(window.mean() == 1500ms);
    QCOMPARE(window.phi(Instant{} + 14s), 2.0);
}

void FailureDetectorTest::longGapsAreNotCounted() {
    ArrivalWindow window(2s);
    window.add(Instant{} + 10s);
    window.add(Instant{} + 60s);
    QVERIFY(window.mean() == 2s);
    QVERIFY(window.since(Instant{} + 61s) == 1s);
}

void FailureDetectorTest::windowKeepsTheLastThousandGaps() {
    ArrivalWindow window(2s);
    Instant at{};
    for (int i = 0; i < 1500; ++i) {
        window.add(at = at + 2s);
    }
    for (int i = 0; i < 1000; ++i) {
        window.add(at = at + 1s);
    }
    QVERIFY(window.mean() == 1s);
}

void FailureDetectorTest::silenceOfEighteenMeanGapsConvicts() {
    FailureDetector detector = regular(2001);  // The first gap of 2 s has left the window.
    const Instant last = Instant{} + 2001s;
    const auto sample = detector.sample(kPeer, last + 10s);
    QVERIFY(sample && sample->mean == 1s && sample->sinceHeartbeat == 10s);
    QVERIFY(std::abs(sample->phi - 4.3429) < 0.001);
    QVERIFY(!detector.convicts(kPeer, last + 18400ms));
    QVERIFY(detector.convicts(kPeer, last + 18500ms));
    detector.setThreshold(12);
    QVERIFY(!detector.convicts(kPeer, last + 18500ms));
}

void FailureDetectorTest::unknownNodeIsNotJudged() {
    const FailureDetector detector(1s, 8);
    QVERIFY(!detector.sample(kPeer, Instant{} + 100s));
    QVERIFY(!detector.convicts(kPeer, Instant{} + 100s));
}

void FailureDetectorTest::removedNodeBeginsAnew() {
    FailureDetector detector = regular(100);
    detector.remove(kPeer);
    QVERIFY(!detector.sample(kPeer, Instant{} + 200s));
    detector.report(kPeer, Instant{} + 200s);
    QVERIFY(detector.sample(kPeer, Instant{} + 200s)->mean == 2s);
}

void FailureDetectorTest::nobodyIsConvictedAfterAPauseOfOnesOwn() {
    FailureDetector detector = regular(2001);
    detector.beginRound(Instant{} + 2001s);
    const Instant awake = Instant{} + 2101s;
    detector.beginRound(awake);
    QVERIFY(!detector.convicts(kPeer, awake));
    detector.beginRound(awake + 4s);
    QVERIFY(!detector.convicts(kPeer, awake + 4s));
    detector.beginRound(awake + 6s);
    QVERIFY(detector.convicts(kPeer, awake + 6s));
}

QTEST_GUILESS_MAIN(FailureDetectorTest)
#include "failure_detector_test.moc"
