#include "engine/runtime/timer_queue.h"

#include <QtTest>

#include <map>
#include <memory>

#include "engine/runtime/random.h"

using namespace engine::runtime;

class TimerQueueTest : public QObject {
    Q_OBJECT
private slots:
    void equalTimesKeepTheirOrder() {
        TimerQueue<int> queue;
        for (int i = 0; i < 100; ++i) {
            queue.add(7, i);
        }
        for (int i = 0; i < 100; ++i) {
            QCOMPARE(queue.takeFirst(), i);
        }
    }

    void agreesWithASortedMap() {
        TimerQueue<int> queue;
        std::map<std::pair<std::int64_t, std::uint64_t>, std::pair<int, TimerQueue<int>::Id>> expected;
        SeededRandom random(3);
        for (int i = 0; i < 20'000; ++i) {
            const auto choice = random.below(10);
            if (choice < 5 || expected.empty()) {
                const auto when = static_cast<std::int64_t>(random.below(1000));
                const auto sequence = queue.nextSequence();
                expected[{when, sequence}] = {i, queue.add(when, i)};
            } else if (choice < 8) {
                const auto victim = std::next(expected.begin(),
                                              static_cast<long>(random.below(expected.size())));
                QVERIFY(queue.cancel(victim->second.second));
                QVERIFY(!queue.cancel(victim->second.second));
                expected.erase(victim);
            } else {
                QCOMPARE(queue.firstTime(), expected.begin()->first.first);
                QCOMPARE(queue.takeFirst(), expected.begin()->second.first);
                expected.erase(expected.begin());
            }
            QCOMPARE(queue.size(), expected.size());
        }
    }

    void cancellingDropsThePayload() {
        TimerQueue<std::shared_ptr<int>> queue;
        const auto payload = std::make_shared<int>(1);
        const auto id = queue.add(1, payload);
        QVERIFY(id != 0);
        QCOMPARE(payload.use_count(), 2L);
        QVERIFY(queue.cancel(id));
        QCOMPARE(payload.use_count(), 1L);
        QVERIFY(queue.add(1, payload) != id);
    }

    void takesWhatMatches() {
        TimerQueue<int> queue;
        for (int i = 0; i < 50; ++i) {
            queue.add(50 - i, i);
        }
        QCOMPARE(queue.takeIf([](int v) { return v % 2 == 0; }).size(), std::size_t(25));
        QCOMPARE(queue.takeFirst(), 49);
        QCOMPARE(queue.takeFirst(), 47);
    }
};

QTEST_GUILESS_MAIN(TimerQueueTest)
#include "timer_queue_test.moc"
