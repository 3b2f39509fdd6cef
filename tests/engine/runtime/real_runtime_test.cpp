#include "engine/runtime/real_runtime.h"

#include <QtTest>

#include <csignal>
#include <set>
#include <thread>
#include <unistd.h>

using namespace engine;
using namespace engine::runtime;
using namespace std::chrono_literals;

namespace {

Task<Duration> slept(Clock& clock, Duration duration) {
    const std::int64_t before = clock.machineNanos();
    co_await sleep(clock, duration);
    co_return Duration(clock.machineNanos() - before);
}

Task<std::thread::id> threadOfWork(Executor& executor) {
    const auto id = co_await offload(executor, [] { return std::this_thread::get_id(); });
    co_return id;
}

}  // namespace

class RealRuntimeTest : public QObject {
    Q_OBJECT
private slots:
    void postsRunInOrderAndOutsideTheCall() {
        RealRuntime runtime;
        std::vector<int> order;
        Executor& executor = runtime.doors().executor;
        executor.post([&] {
            order.push_back(1);
            executor.post([&] {
                order.push_back(4);
                runtime.stop();
            });
            order.push_back(2);
        });
        executor.post([&] { order.push_back(3); });
        QVERIFY(order.empty());
        runtime.run();
        QCOMPARE(order, (std::vector<int>{1, 2, 3, 4}));
    }

    void anotherThreadMayPostAndStop() {
        RealRuntime runtime;
        std::thread::id seen;
        std::thread other([&] {
            for (int i = 0; i < 1000; ++i) {
                runtime.post([&] { seen = std::this_thread::get_id(); });
            }
            runtime.post([&] { runtime.stop(); });
        });
        runtime.run();
        other.join();
        QVERIFY(seen == std::this_thread::get_id());
    }

    void offloadedWorkRunsElsewhereAndComesBack() {
        RealRuntime runtime;
        const auto worker = runUntilDone(runtime, threadOfWork(runtime.doors().executor));
        QVERIFY(worker != std::this_thread::get_id());
    }

    void destroyingTheRuntimeWaitsForWorkUnderWay() {
        std::atomic<bool> finished = false;
        std::atomic<bool> started = false;
        {
            RealRuntime runtime;
            runtime.doors().executor.runBlocking(
                [&] {
                    started = true;
                    std::this_thread::sleep_for(30ms);
                    finished = true;
                },
                [] { QFAIL("nobody runs the loop any more"); });
            while (!started) {
                std::this_thread::yield();
            }
        }
        QVERIFY(finished);
    }

    void timersFireInOrderOfTime() {
        RealRuntime runtime;
        Clock& clock = runtime.doors().clock;
        const Instant start = clock.now();
        std::vector<int> order;
        clock.callAt(start + 20ms, [&] {
            order.push_back(3);
            runtime.stop();
        });
        clock.callAt(start + 5ms, [&] { order.push_back(1); });
        clock.callAt(start + 10ms, [&] { order.push_back(2); });
        const TimerId cancelled = clock.callAt(start + 7ms, [&] { order.push_back(99); });
        clock.cancel(cancelled);
        runtime.run();
        QCOMPARE(order, (std::vector<int>{1, 2, 3}));
        QVERIFY(clock.now() - start >= 20ms);
    }

    void slowMotionStretchesTimers() {
        RealRuntime runtime;
        Clock& clock = runtime.doors().clock;
        clock.setDilation(10);
        const Instant before = clock.now();
        const Duration real = runUntilDone(runtime, slept(clock, 5ms));
        QVERIFY(real >= 50ms);
        const Duration felt = clock.now() - before;
        QVERIFY(felt >= 5ms && felt < 50ms);
    }

    void speedingUpBringsTimersForward() {
        RealRuntime runtime;
        Clock& clock = runtime.doors().clock;
        clock.setDilation(1000);
        clock.callAt(clock.now() + 100ms, [&] { runtime.stop(); });
        clock.callAt(clock.now() + 1us, [&] { clock.setDilation(0.1); });
        const std::int64_t before = clock.machineNanos();
        runtime.run();
        QVERIFY(clock.machineNanos() - before < 5'000'000'000);
    }

    void jumpingMovesTheWallOnly() {
        RealRuntime runtime;
        Clock& clock = runtime.doors().clock;
        const Instant now = clock.now();
        const std::int64_t wall = clock.wallMicros();
        clock.jump(std::chrono::hours(24 * 11));
        QVERIFY(clock.wallMicros() - wall >= 11LL * 86'400'000'000);
        QVERIFY(clock.wallMicros() - wall < 11LL * 86'400'000'000 + 60'000'000);
        QVERIFY(clock.now() - now < 60s);
    }

    void signalsCallBack() {
        RealRuntime runtime;
        int calls = 0;
        runtime.onSignal(SIGUSR1, [&] {
            if (++calls == 2) {
                runtime.stop();
            } else {
                std::raise(SIGUSR1);
            }
        });
        std::raise(SIGUSR1);
        runtime.run();
        QCOMPARE(calls, 2);
    }

    void theEndOfStandardInputCallsBack() {
        int ends[2];
        QVERIFY(::pipe(ends) == 0);
        const int saved = ::dup(STDIN_FILENO);
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        RealRuntime runtime;
        runtime.onStdinClosed([&] { runtime.stop(); });
        Clock& clock = runtime.doors().clock;
        bool closed = false;
        clock.callAt(clock.now() + 5ms, [&] { QVERIFY(::write(ends[1], "x", 1) == 1); });
        clock.callAt(clock.now() + 10ms, [&] {
            closed = true;
            ::close(ends[1]);
        });
        runtime.run();
        QVERIFY(closed);
        ::dup2(saved, STDIN_FILENO);
        ::close(saved);
    }

    void randomNumbersDiffer() {
        RealRuntime runtime;
        std::set<std::uint64_t> seen;
        for (int i = 0; i < 1000; ++i) {
            seen.insert(runtime.doors().random.next());
        }
        QCOMPARE(seen.size(), std::size_t(1000));
    }
};

QTEST_GUILESS_MAIN(RealRuntimeTest)
#include "real_runtime_test.moc"
