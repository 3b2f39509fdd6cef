#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/network.h"
#include "engine/runtime/random.h"
#include "engine/sim/world.h"

namespace engine::sim {

/// How bytes travel from one machine to another, in that direction.
struct LinkRule {
    runtime::Duration latency = std::chrono::microseconds(200);
    /// Up to this much more, by chance.
    runtime::Duration jitter = std::chrono::microseconds(100);
    /// Share of segments that TCP must send again, each time at the cost of a retransmission delay.
    double loss = 0;
    /// Nothing arrives. Bytes are held, and delivered when the link heals in time, else the
    /// connection breaks; connecting times out.
    bool cut = false;
};

/// The wires between the machines of a world, and every byte stream on them. Streams keep order;
/// how their bytes are cut into pieces is up to chance, as in TCP. Connections and listeners are
/// found by number only, so that nothing depends on what lives where in memory.
class SimNetwork {
public:
    SimNetwork(SimWorld& world, std::uint64_t seed) : m_world(world), m_random(seed) {}

    void setDefaultRule(const LinkRule& rule) { m_defaultRule = rule; }
    /// For the direction `from` -> `to`; use rule() to change a part of the present one.
    void setRule(const SimMachine& from, const SimMachine& to, const LinkRule& rule);
    LinkRule rule(const SimMachine& from, const SimMachine& to) const;
    /// Both directions.
    void cut(const SimMachine& a, const SimMachine& b);
    void heal(const SimMachine& a, const SimMachine& b);
    /// Cuts each of `group` from every machine outside it.
    void partition(const std::vector<const SimMachine*>& group);
    void healAll();

    std::size_t openStreams() const { return m_pipes.size(); }

private:
    friend class SimWorld;
    friend class SimNetworkDoor;
    class Handle;
    class ListenerHandle;
    struct Attempt;

    using PipeId = std::uint64_t;
    using Connected = Result<std::shared_ptr<runtime::Connection>>;
    using OnAccept = std::function<void(std::shared_ptr<runtime::Connection>)>;

    enum class SegmentKind { Data, End, Reset };
    struct Segment {
        SegmentKind kind = SegmentKind::Data;
        Bytes bytes;
    };
    struct Handlers {
        std::function<void(BytesView)> onData;
        std::function<void(const std::string&)> onClosed;
    };
    /// One end of a stream, and the way of its bytes to the other end.
    struct End {
        std::size_t machine = 0;
        runtime::Endpoint address;
        std::shared_ptr<const Handlers> handlers;
        bool paused = false;
        bool closed = false;
        std::size_t unconsumed = 0;  // Bytes sent that the other side's handler has not seen.
        Bytes out;                   // Sent in this turn.
        bool flushScheduled = false;
        std::deque<Segment> onWire;  // In order; an arrival is scheduled for all but the last
        std::size_t held = 0;        // `held`, which a cut keeps back.
        runtime::Instant lastArrival;
        runtime::Instant heldSince;
        bool breakScheduled = false;
        std::deque<Bytes> inbox;  // Arrived and not yet handed over.
        std::optional<std::string> ending;
    };
    struct Pipe {
        End ends[2];
    };
    struct Listening {
        std::size_t machine = 0;
        std::shared_ptr<const OnAccept> onAccept;
    };

    void addAddress(const std::string& address, std::size_t machine);
    void crashed(std::size_t machine);

    Result<std::unique_ptr<runtime::Listener>> listen(std::size_t machine,
                                                      const runtime::Endpoint& at,
                                                      OnAccept onAccept);
    void sendSyn(std::shared_ptr<Attempt> attempt);
    void synArrived(const std::shared_ptr<Attempt>& attempt);
    void answerAt(runtime::Instant when, const std::shared_ptr<Attempt>& attempt, Connected answer);

    Pipe* find(PipeId id);
    void start(PipeId id, int side, Handlers handlers);
    void send(PipeId id, int side, BytesView bytes);
    std::size_t unsentBytes(PipeId id, int side);
    void pauseReading(PipeId id, int side, bool paused);
    void close(PipeId id, int side, bool now);
    void flush(PipeId id, int side);

    void transmit(PipeId id, int side, Segment segment);
    void scheduleArrival(PipeId id, int side, End& from, const End& to);
    void arrived(PipeId id, int side);
    void hold(PipeId id, int side, End& from);
    void breakIfHeld(PipeId id, int side);
    void take(PipeId id, int side, Segment segment);
    void handOverLater(PipeId id, int side);
    void handOver(PipeId id, int side);
    void endStream(PipeId id, int side, const std::string& reason);
    void forgetIfClosed(PipeId id);

    const LinkRule& ruleFor(std::size_t from, std::size_t to) const;
    runtime::Duration transitTime(std::size_t from, std::size_t to);
    void setRule(std::size_t from, std::size_t to, const LinkRule& rule);
    std::uint16_t nextPort() { return m_nextPort = m_nextPort < 60000 ? m_nextPort + 1 : 40000; }

    SimWorld& m_world;
    runtime::SeededRandom m_random;
    LinkRule m_defaultRule;
    std::map<std::pair<std::size_t, std::size_t>, LinkRule> m_rules;
    std::map<std::string, std::size_t> m_addresses;
    std::map<runtime::Endpoint, Listening> m_listening;
    std::map<PipeId, Pipe> m_pipes;
    PipeId m_nextPipe = 1;
    std::uint16_t m_nextPort = 40000;
};

/// One machine's access to the network.
class SimNetworkDoor : public runtime::Network {
public:
    SimNetworkDoor(SimNetwork& network, std::size_t machine, std::vector<std::string> addresses)
        : m_network(network), m_machine(machine), m_addresses(std::move(addresses)) {}

    Result<std::unique_ptr<runtime::Listener>> listen(
        const runtime::Endpoint& at,
        std::function<void(std::shared_ptr<runtime::Connection>)> onAccept) override;
    runtime::Task<Result<std::shared_ptr<runtime::Connection>>> connect(
        runtime::Endpoint from, runtime::Endpoint to, runtime::Duration timeout) override;

private:
    SimNetwork& m_network;
    const std::size_t m_machine;
    const std::vector<std::string> m_addresses;
};

}  // namespace engine::sim
