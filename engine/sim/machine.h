#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/runtime/dilated_clock.h"
#include "engine/runtime/runtime.h"
#include "engine/sim/disk.h"
#include "engine/sim/network.h"
#include "engine/sim/world.h"

namespace engine::sim {

/// One machine's clock. All machines start at the same date; jump() is how one is skewed, and stays
/// through crashes, while dilation belongs to the node and ends with it.
class SimClock : public runtime::DilatedClock {
public:
    SimClock(SimWorld& world, std::size_t machine);

    std::int64_t wallMicros() const override;
    std::int64_t machineNanos() const override { return m_world.now().nanos; }
    runtime::TimerId callAt(runtime::Instant when, runtime::Callback callback) override;
    void crashed();

protected:
    void arm(std::int64_t at) override;

private:
    SimWorld& m_world;
    const std::size_t m_machine;
    SimWorld::EventId m_alarm = 0;
};

/// Posts at no delay, and blocking work that takes a while by chance: it happens at some moment
/// before its end is told, so that a crash may fall between.
class SimExecutor : public runtime::Executor {
public:
    SimExecutor(SimWorld& world, std::size_t machine, std::uint64_t seed)
        : m_world(world), m_machine(machine), m_random(seed) {}

    void post(runtime::Callback callback) override;
    void runBlocking(runtime::Callback work, runtime::Callback done) override;

private:
    SimWorld& m_world;
    const std::size_t m_machine;
    runtime::SeededRandom m_random;
};

/// A computer in the world: its four doors for one node, and the ways in which it can suffer.
class SimMachine {
public:
    /// Made by SimWorld::addMachine().
    SimMachine(SimWorld& world, std::size_t index, std::string name,
               std::vector<std::string> addresses, std::uint64_t seed);

    runtime::Runtime doors();
    SimDisk& disk() { return m_disk; }
    runtime::Clock& clock() { return m_clock; }

    const std::string& name() const { return m_name; }
    std::size_t index() const { return m_index; }
    bool running() const { return m_running; }
    /// How often it has crashed.
    std::uint64_t incarnation() const { return m_incarnation; }

private:
    friend class SimWorld;

    const std::size_t m_index;
    const std::string m_name;
    bool m_running = true;
    std::uint64_t m_incarnation = 0;
    runtime::SeededRandom m_seeds;
    runtime::SeededRandom m_random;
    SimClock m_clock;
    SimExecutor m_executor;
    SimNetworkDoor m_network;
    SimDisk m_disk;
};

}  // namespace engine::sim
