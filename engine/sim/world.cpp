#include "engine/sim/world.h"

#include <fmt/format.h>

#include "engine/sim/machine.h"
#include "engine/sim/network.h"

namespace engine::sim {

using runtime::Duration;
using runtime::Instant;

namespace {

/// Not zero, so that code which takes a zero instant for "never" is found out.
constexpr Instant kStart{1'000'000'000};
/// More events than this without time passing is a loop that will not end.
constexpr std::uint64_t kEventsAtOneInstant = 20'000'000;

std::uint64_t mixed(std::uint64_t digest, std::uint64_t value) {
    return runtime::SeededRandom(digest ^ value).next();
}

}  // namespace

SimWorld::SimWorld(std::uint64_t seed)
    : m_seed(seed),
      m_random(seed),
      m_now(kStart),
      m_network(std::make_unique<SimNetwork>(*this, m_random.next())) {}

SimWorld::~SimWorld() {
    for (const auto& machine : m_machines) {
        if (machine->running()) {
            crash(*machine);
        }
    }
    dropEvents(nullptr);
}

SimMachine& SimWorld::addMachine(std::string name, std::vector<std::string> addresses) {
    const std::size_t index = m_machines.size();
    for (const std::string& address : addresses) {
        m_network->addAddress(address, index);
    }
    m_machines.push_back(std::make_unique<SimMachine>(*this, index, std::move(name),
                                                      std::move(addresses), m_random.next()));
    return *m_machines.back();
}

SimWorld::EventId SimWorld::schedule(Instant when, std::size_t machine, const char* kind,
                                     runtime::Callback callback) {
    const Instant at = when < m_now ? m_now : when;
    return m_events.add(at.nanos, Event{machine, kind, std::move(callback)});
}

void SimWorld::runNext() {
    const Instant at{m_events.firstTime()};
    m_eventsAtThisInstant = at == m_now ? m_eventsAtThisInstant + 1 : 0;
    ENSURE(m_eventsAtThisInstant < kEventsAtOneInstant);
    m_now = at;
    const Event event = m_events.takeFirst();
    ++m_eventCount;
    trace(event.machine, event.kind, 0);
    event.callback();
}

void SimWorld::runFor(Duration duration) {
    const Instant end = m_now + duration;
    while (!m_events.empty() && m_events.firstTime() <= end.nanos) {
        runNext();
    }
    m_now = end;
}

bool SimWorld::runUntil(const std::function<bool()>& reached, Duration limit) {
    const Instant end = m_now + limit;
    while (!reached()) {
        if (m_events.empty() || m_events.firstTime() > end.nanos) {
            m_now = end;
            return reached();
        }
        runNext();
    }
    return true;
}

void SimWorld::crash(SimMachine& machine, CrashOptions options) {
    ENSURE(machine.running());
    trace(machine.index(), "crash", options.tornWrites ? 1 : 0);
    machine.m_running = false;
    ++machine.m_incarnation;
    m_network->crashed(machine.index());
    machine.m_clock.crashed();
    dropEvents(&machine);
    if (options.processOnly) {
        machine.m_disk.kill();
    } else {
        machine.m_disk.crash(options.tornWrites);
    }
}

void SimWorld::restart(SimMachine& machine) {
    ENSURE(!machine.running());
    trace(machine.index(), "restart", 0);
    machine.m_running = true;
    machine.m_disk.start();
}

void SimWorld::dropEvents(const SimMachine* machine) {
    const auto dropped = m_events.takeIf([&](const Event& event) {
        return machine == nullptr || event.machine == machine->index();
    });
}

void SimWorld::trace(std::size_t machine, const char* kind, std::uint64_t detail) {
    m_digest = mixed(m_digest, static_cast<std::uint64_t>(m_now.nanos));
    m_digest = mixed(m_digest, detail + machine);
    for (const char* c = kind; *c != '\0'; ++c) {
        m_digest = m_digest * 31 + static_cast<unsigned char>(*c);
    }
    if (m_tell) {
        m_tell(fmt::format("{:.9f} {} {} {:x}", static_cast<double>(m_now.nanos) * 1e-9,
                           machine == kWorld ? "-" : m_machines[machine]->name(), kind, detail));
    }
}

}  // namespace engine::sim
