#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/random.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"
#include "engine/runtime/timer_queue.h"

namespace engine::sim {

class SimMachine;
class SimNetwork;

struct CrashOptions {
    /// Part of what was not synced reached the disk all the same (see SimDisk::crash).
    bool tornWrites = false;
    /// Only the process dies, as by kill -9: what it wrote is with the operating system and stays.
    bool processOnly = false;
};

/// A world in which time is a number, and every machine, link and disk is data: the same seed gives
/// the same run, to the byte. One thread; whoever tests calls runFor() and runUntil(), and all code
/// of all nodes runs inside these. Destroyed after the nodes that live in it.
///
///     SimWorld world(seed);
///     SimMachine& a = world.addMachine("a", {"10.0.0.1"});
///     auto node = std::make_unique<Node>(a.doors());
///     world.runFor(10s);
///     world.crash(a);   // Nothing of the node runs any more; its disk forgets.
///     node.reset();
///     world.restart(a);
///     node = std::make_unique<Node>(a.doors());
class SimWorld {
public:
    explicit SimWorld(std::uint64_t seed);
    ~SimWorld();
    SimWorld(const SimWorld&) = delete;
    SimWorld& operator=(const SimWorld&) = delete;

    /// `addresses` are the machine's own, the first is where its connections come from.
    SimMachine& addMachine(std::string name, std::vector<std::string> addresses);
    SimMachine& machine(std::size_t index) { return *m_machines[index]; }
    std::size_t machineCount() const { return m_machines.size(); }
    SimNetwork& network() { return *m_network; }
    /// For whoever drives the run: which machine to crash, when to cut which link.
    runtime::Random& random() { return m_random; }
    std::uint64_t seed() const { return m_seed; }

    runtime::Instant now() const { return m_now; }
    void runFor(runtime::Duration duration);
    /// True as soon as `reached()`; false when `limit` passed first.
    bool runUntil(const std::function<bool()>& reached, runtime::Duration limit);

    /// What the machine's node had scheduled is dropped, its connections break for the others, its
    /// disk forgets. The doors do nothing until restart(); destroy the node's objects meanwhile.
    void crash(SimMachine& machine, CrashOptions options = {});
    void restart(SimMachine& machine);

    /// A hash of everything that happened so far; equal for equal runs.
    std::uint64_t traceDigest() const { return m_digest; }
    std::uint64_t eventCount() const { return m_eventCount; }
    /// Tells each event as a line of text, for comparing two runs that should be equal.
    void onTrace(std::function<void(const std::string&)> tell) { m_tell = std::move(tell); }

    // What machines and the network are made of.

    using EventId = std::uint64_t;
    static constexpr std::size_t kWorld = static_cast<std::size_t>(-1);
    /// `kind` names the event in the trace. Events of a machine are dropped when it crashes.
    EventId schedule(runtime::Instant when, std::size_t machine, const char* kind,
                     runtime::Callback callback);
    void cancel(EventId id) { m_events.cancel(id); }
    void trace(std::size_t machine, const char* kind, std::uint64_t detail);

private:
    struct Event {
        std::size_t machine = kWorld;
        const char* kind = "";
        runtime::Callback callback;
    };

    void runNext();
    void dropEvents(const SimMachine* machine);

    const std::uint64_t m_seed;
    runtime::SeededRandom m_random;
    runtime::Instant m_now;
    runtime::TimerQueue<Event> m_events;
    std::unique_ptr<SimNetwork> m_network;
    std::vector<std::unique_ptr<SimMachine>> m_machines;
    std::uint64_t m_digest = 0;
    std::uint64_t m_eventCount = 0;
    std::uint64_t m_eventsAtThisInstant = 0;
    std::function<void(const std::string&)> m_tell;
};

namespace detail {

template <typename T>
runtime::Task<void> finishInto(runtime::Task<T> task, std::optional<T>& out) {
    out.emplace(co_await task);
}

}  // namespace detail

/// Starts `task` and runs the world until it has ended; empty when `limit` passed first.
template <typename T>
std::optional<T> runUntilDone(SimWorld& world, runtime::Task<T> task, runtime::Duration limit) {
    std::optional<T> out;
    runtime::TaskGroup group;
    group.spawn(detail::finishInto(std::move(task), out));
    world.runUntil([&] { return out.has_value(); }, limit);
    return out;
}

}  // namespace engine::sim
