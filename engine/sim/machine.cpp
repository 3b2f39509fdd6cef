#include "engine/sim/machine.h"

#include <utility>

namespace engine::sim {

using runtime::Callback;
using runtime::Duration;

namespace {

/// 2025-01-01T00:00:00Z.
constexpr std::int64_t kEpochMicros = 1'735'689'600'000'000;
constexpr std::uint64_t kBlockingNanosMax = 2'000'000;

}  // namespace

SimClock::SimClock(SimWorld& world, std::size_t machine)
    : DilatedClock(world.now().nanos), m_world(world), m_machine(machine) {}

std::int64_t SimClock::wallMicros() const {
    return kEpochMicros + (machineNanos() + jumped().count()) / 1000;
}

runtime::TimerId SimClock::callAt(runtime::Instant when, Callback callback) {
    if (!m_world.machine(m_machine).running()) {
        return 0;
    }
    return DilatedClock::callAt(when, std::move(callback));
}

void SimClock::arm(std::int64_t at) {
    m_world.cancel(m_alarm);
    m_alarm = m_world.schedule({at}, m_machine, "timer", [this] { fireDue(); });
}

void SimClock::crashed() {
    dropTimers();
    setDilation(1);
}

void SimExecutor::post(Callback callback) {
    if (m_world.machine(m_machine).running()) {
        m_world.schedule(m_world.now(), m_machine, "post", std::move(callback));
    }
}

void SimExecutor::runBlocking(Callback work, Callback done) {
    if (!m_world.machine(m_machine).running()) {
        return;
    }
    const auto before = static_cast<std::int64_t>(m_random.below(kBlockingNanosMax));
    const auto after = static_cast<std::int64_t>(m_random.below(kBlockingNanosMax));
    m_world.schedule(m_world.now() + Duration(before), m_machine, "work",
                     [this, after, w = std::move(work), d = std::move(done)] {
                         w();
                         m_world.schedule(m_world.now() + Duration(after), m_machine, "done", d);
                     });
}

SimMachine::SimMachine(SimWorld& world, std::size_t index, std::string name,
                       std::vector<std::string> addresses, std::uint64_t seed)
    : m_index(index),
      m_name(std::move(name)),
      m_seeds(seed),
      m_random(m_seeds.next()),
      m_clock(world, index),
      m_executor(world, index, m_seeds.next()),
      m_network(world.network(), index, std::move(addresses)),
      m_disk(m_seeds.next()) {}

runtime::Runtime SimMachine::doors() {
    return {m_executor, m_clock, m_network, m_disk, m_random};
}

}  // namespace engine::sim
