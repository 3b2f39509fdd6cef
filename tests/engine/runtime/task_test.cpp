#include "engine/runtime/task.h"

#include <QtTest>

#include <deque>

#include "engine/base/result.h"
#include "engine/runtime/executor.h"

using namespace engine;
using namespace engine::runtime;

namespace {

/// Counts its living instances, so that a test sees whether a frame's locals were destroyed.
struct Counted {
    int* alive;
    explicit Counted(int& count) : alive(&count) { ++*alive; }
    Counted(const Counted& other) : alive(other.alive) { ++*alive; }
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --*alive; }
};

/// Runs posted callbacks when told to.
class ManualExecutor : public Executor {
public:
    void post(Callback callback) override { m_queue.push_back(std::move(callback)); }
    void runBlocking(Callback work, Callback done) override {
        m_queue.push_back([w = std::move(work), d = std::move(done)] {
            w();
            d();
        });
    }
    void drain() {
        while (!m_queue.empty()) {
            const Callback next = std::move(m_queue.front());
            m_queue.pop_front();
            next();
        }
    }

private:
    std::deque<Callback> m_queue;
};

Task<int> twice(int v) { co_return v * 2; }
Task<Result<int>> positive(int v) {
    if (v <= 0) {
        co_return invalid("not positive");
    }
    co_return v;
}
Task<Result<int>> sum(int a, int b) {
    CO_TRY_ASSIGN(const int x, co_await positive(a));
    CO_TRY_ASSIGN(const int y, co_await positive(b));
    co_return x + y;
}
Task<std::unique_ptr<int>> boxed(int v) { co_return std::make_unique<int>(v); }

template <typename T>
Task<void> store(Task<T> task, std::optional<T>& out) {
    out.emplace(co_await task);
}

Task<void> await(Promise<int> promise, int& out, Counted) { out = co_await promise; }
Task<void> nested(Promise<int> promise, int& out, Counted counted) {
    const Counted local = counted;
    co_await await(promise, out, counted);
    out += 1;
}
Task<void> awaitDrained(TaskGroup& group, bool& drained, int& alive, int& aliveThen) {
    co_await group.drained();
    drained = true;
    aliveThen = alive;
}
Task<void> yieldThen(Executor& executor, int& out, Counted) {
    co_await yield(executor);
    out = 1;
}
Task<void> offloadThen(Executor& executor, int& out, Counted) {
    out = co_await offload(executor, [] { return 5; });
    co_await offload(executor, [&out] { ++out; });
}
Task<void> loop(int rounds, long& total) {
    for (int i = 0; i < rounds; ++i) {
        total += co_await twice(i);
    }
}

}  // namespace

class TaskTest : public QObject {
    Q_OBJECT
private slots:
    void resultsAndErrorsTravelUp() {
        TaskGroup group;
        std::optional<Result<int>> good;
        std::optional<Result<int>> bad;
        std::optional<std::unique_ptr<int>> moved;
        group.spawn(store(sum(1, 2), good));
        group.spawn(store(sum(1, -2), bad));
        group.spawn(store(boxed(7), moved));
        QCOMPARE(good->value(), 3);
        QCOMPARE(bad->error().message, std::string("not positive"));
        QCOMPARE(**moved, 7);
        QCOMPARE(group.running(), std::size_t(0));
    }

    void aTaskNeverAwaitedIsDestroyed() {
        int alive = 0;
        int out = 0;
        { const auto task = await(Promise<int>(), out, Counted(alive)); }
        QCOMPARE(alive, 0);
    }

    void aMillionAwaitsNeedNoStack() {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
        constexpr int kRounds = 1'000'000;
#else
        constexpr int kRounds = 1000;  // Symmetric transfer is a tail call of the optimiser.
#endif
        long total = 0;
        TaskGroup group;
        group.spawn(loop(kRounds, total));
        QCOMPARE(total, long(kRounds) * (kRounds - 1));
    }

    void aPromiseResumesItsWaiterOnce() {
        TaskGroup group;
        int alive = 0;
        int out = 0;
        const Promise<int> promise;
        group.spawn(nested(promise, out, Counted(alive)));
        QCOMPARE(group.running(), std::size_t(1));
        promise.set(41);
        promise.set(99);
        QCOMPARE(out, 42);
        QCOMPARE(alive, 0);
        QCOMPARE(group.running(), std::size_t(0));
    }

    void destroyingAGroupDestroysWaitingFrames() {
        int alive = 0;
        int out = 0;
        const Promise<int> first;
        const Promise<int> second;
        {
            TaskGroup group;
            group.spawn(nested(first, out, Counted(alive)));
            group.spawn(nested(second, out, Counted(alive)));
            QVERIFY(alive > 0);
        }
        QCOMPARE(alive, 0);
        first.set(1);  // Nobody waits any more.
        QCOMPARE(out, 0);
    }

    void drainedWaitsForTheLastFrame() {
        TaskGroup group;
        TaskGroup owner;
        int alive = 0;
        int out = 0;
        bool drained = false;
        int aliveThen = -1;
        const Promise<int> first;
        const Promise<int> second;
        group.spawn(nested(first, out, Counted(alive)));
        group.spawn(nested(second, out, Counted(alive)));
        owner.spawn(awaitDrained(group, drained, alive, aliveThen));
        first.set(1);
        QVERIFY(!drained);
        second.set(1);
        QVERIFY(drained);
        QCOMPARE(aliveThen, 0);
        QCOMPARE(owner.running(), std::size_t(0));
    }

    void aDestroyedDrainWaiterIsForgotten() {
        TaskGroup group;
        int alive = 0;
        int out = 0;
        bool drained = false;
        const Promise<int> promise;
        group.spawn(nested(promise, out, Counted(alive)));
        {
            TaskGroup owner;
            owner.spawn(awaitDrained(group, drained, alive, out));
        }
        promise.set(1);
        QVERIFY(!drained);
        QCOMPARE(group.running(), std::size_t(0));
    }

    void offloadAndYieldComeBack() {
        ManualExecutor executor;
        TaskGroup group;
        int alive = 0;
        int offloaded = 0;
        int yielded = 0;
        group.spawn(offloadThen(executor, offloaded, Counted(alive)));
        group.spawn(yieldThen(executor, yielded, Counted(alive)));
        QCOMPARE(alive, 2);
        executor.drain();
        QCOMPARE(offloaded, 6);
        QCOMPARE(yielded, 1);
        QCOMPARE(alive, 0);
    }

    void framesDestroyedWhileAwayAreNotResumed() {
        ManualExecutor executor;
        int alive = 0;
        int offloaded = 0;
        int yielded = 0;
        {
            TaskGroup group;
            group.spawn(offloadThen(executor, offloaded, Counted(alive)));
            group.spawn(yieldThen(executor, yielded, Counted(alive)));
        }
        QCOMPARE(alive, 0);
        executor.drain();
        QCOMPARE(offloaded, 0);
        QCOMPARE(yielded, 0);
    }
};

QTEST_GUILESS_MAIN(TaskTest)
#include "task_test.moc"
