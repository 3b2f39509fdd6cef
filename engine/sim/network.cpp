#include "engine/sim/network.h"

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/sim/machine.h"

namespace engine::sim {

using runtime::Connection;
using runtime::Duration;
using runtime::Endpoint;
using runtime::Instant;
using runtime::Listener;

namespace {

constexpr Duration kLoopback = std::chrono::microseconds(20);
/// TCP's first retransmission, and for how long it goes on before the connection is given up
/// (Cassandra's internode_tcp_user_timeout).
constexpr Duration kRetransmit = std::chrono::milliseconds(200);
constexpr Duration kGiveUp = std::chrono::seconds(30);
constexpr Duration kSynRetry = std::chrono::seconds(1);
/// What the two systems' buffers take before bytes count as unsent.
constexpr std::size_t kWindowBytes = 256 * 1024;
/// One segment in this many reaches the reader in two pieces.
constexpr std::uint64_t kSplitOneIn = 4;

Error failed(const char* what, const Endpoint& at, const char* reason,
             ErrorKind kind = ErrorKind::Io) {
    return makeError(kind, std::string("cannot ") + what + ' ' + at.toString() + ": " + reason);
}

}  // namespace

/// What a node holds of a stream: its number and which end.
class SimNetwork::Handle : public Connection {
public:
    Handle(SimNetwork& network, PipeId id, int side, Endpoint local, Endpoint remote)
        : m_network(network),
          m_id(id),
          m_side(side),
          m_local(std::move(local)),
          m_remote(std::move(remote)) {}
    ~Handle() override { m_network.close(m_id, m_side, false); }

    void start(std::function<void(BytesView)> onData,
               std::function<void(const std::string&)> onClosed) override {
        m_network.start(m_id, m_side, Handlers{std::move(onData), std::move(onClosed)});
    }
    void send(Bytes bytes) override { m_network.send(m_id, m_side, bytes); }
    std::size_t unsentBytes() const override { return m_network.unsentBytes(m_id, m_side); }
    void pauseReading(bool paused) override { m_network.pauseReading(m_id, m_side, paused); }
    void close(bool now) override { m_network.close(m_id, m_side, now); }
    Endpoint local() const override { return m_local; }
    Endpoint remote() const override { return m_remote; }

private:
    SimNetwork& m_network;
    const PipeId m_id;
    const int m_side;
    const Endpoint m_local;
    const Endpoint m_remote;
};

class SimNetwork::ListenerHandle : public Listener {
public:
    ListenerHandle(SimNetwork& network, Endpoint at, std::shared_ptr<const OnAccept> onAccept)
        : m_network(network), m_at(std::move(at)), m_onAccept(std::move(onAccept)) {}
    ~ListenerHandle() override {
        // After a crash the address may be somebody else's.
        const auto found = m_network.m_listening.find(m_at);
        if (found != m_network.m_listening.end() && found->second.onAccept == m_onAccept) {
            m_network.m_listening.erase(found);
        }
    }
    Endpoint local() const override { return m_at; }

private:
    SimNetwork& m_network;
    const Endpoint m_at;
    const std::shared_ptr<const OnAccept> m_onAccept;
};

struct SimNetwork::Attempt {
    std::size_t machine = 0;
    std::uint64_t incarnation = 0;
    Endpoint from;
    Endpoint to;
    runtime::Promise<Connected> done;
};

void SimNetwork::addAddress(const std::string& address, std::size_t machine) {
    const bool isNew = m_addresses.emplace(address, machine).second;
    ENSURE(isNew);
}

const LinkRule& SimNetwork::ruleFor(std::size_t from, std::size_t to) const {
    static const LinkRule loopback{kLoopback, Duration(0), 0, false};
    if (from == to) {
        return loopback;
    }
    const auto found = m_rules.find({from, to});
    return found == m_rules.end() ? m_defaultRule : found->second;
}

Duration SimNetwork::transitTime(std::size_t from, std::size_t to) {
    const LinkRule& rule = ruleFor(from, to);
    Duration time = rule.latency;
    if (rule.jitter.count() > 0) {
        time += Duration(static_cast<std::int64_t>(
            m_random.below(static_cast<std::uint64_t>(rule.jitter.count()))));
    }
    if (rule.loss > 0) {
        for (Duration again = kRetransmit; m_random.real() < rule.loss && again < kGiveUp; again *= 2) {
            time += again;
        }
    }
    return time;
}

LinkRule SimNetwork::rule(const SimMachine& from, const SimMachine& to) const {
    return ruleFor(from.index(), to.index());
}

void SimNetwork::setRule(const SimMachine& from, const SimMachine& to, const LinkRule& rule) {
    setRule(from.index(), to.index(), rule);
}

void SimNetwork::setRule(std::size_t from, std::size_t to, const LinkRule& rule) {
    m_rules[{from, to}] = rule;
    if (rule.cut) {
        return;
    }
    for (auto& [id, pipe] : m_pipes) {
        for (const int side : {0, 1}) {
            End& sender = pipe.ends[side];
            const End& receiver = pipe.ends[1 - side];
            if (sender.machine == from && receiver.machine == to) {
                for (; sender.held > 0; --sender.held) {
                    scheduleArrival(id, side, sender, receiver);
                }
            }
        }
    }
}

void SimNetwork::cut(const SimMachine& a, const SimMachine& b) {
    for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
        LinkRule changed = rule(*from, *to);
        changed.cut = true;
        setRule(*from, *to, changed);
    }
}

void SimNetwork::heal(const SimMachine& a, const SimMachine& b) {
    for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
        LinkRule changed = rule(*from, *to);
        changed.cut = false;
        setRule(*from, *to, changed);
    }
}

void SimNetwork::partition(const std::vector<const SimMachine*>& group) {
    for (std::size_t i = 0; i < m_world.machineCount(); ++i) {
        const SimMachine& outside = m_world.machine(i);
        if (std::find(group.begin(), group.end(), &outside) == group.end()) {
            for (const SimMachine* inside : group) {
                cut(*inside, outside);
            }
        }
    }
}

void SimNetwork::healAll() {
    const auto rules = m_rules;
    for (const auto& [pair, rule] : rules) {
        LinkRule healed = rule;
        healed.cut = false;
        setRule(pair.first, pair.second, healed);
    }
}

void SimNetwork::crashed(std::size_t machine) {
    std::erase_if(m_listening, [&](const auto& entry) { return entry.second.machine == machine; });
    std::vector<PipeId> ids;
    for (const auto& [id, pipe] : m_pipes) {
        ids.push_back(id);
    }
    for (const PipeId id : ids) {
        for (const int side : {0, 1}) {
            const Pipe* pipe = find(id);
            if (pipe != nullptr && pipe->ends[side].machine == machine) {
                close(id, side, true);
            }
        }
    }
}

// Connecting.

Result<std::unique_ptr<Listener>> SimNetwork::listen(std::size_t machine, const Endpoint& at,
                                                     OnAccept onAccept) {
    const auto owner = m_addresses.find(at.host);
    if (owner == m_addresses.end() || owner->second != machine) {
        return failed("listen on", at, "cannot assign requested address");
    }
    Endpoint local = at;
    while (local.port == 0 || (at.port == 0 && m_listening.contains(local))) {
        local.port = nextPort();
    }
    auto shared = std::make_shared<const OnAccept>(std::move(onAccept));
    if (!m_listening.emplace(local, Listening{machine, shared}).second) {
        return failed("listen on", at, "address already in use");
    }
    return std::unique_ptr<Listener>(
        std::make_unique<ListenerHandle>(*this, std::move(local), std::move(shared)));
}

void SimNetwork::sendSyn(std::shared_ptr<Attempt> attempt) {
    const auto target = m_addresses.find(attempt->to.host);
    if (target == m_addresses.end() || attempt->done.isSet()) {
        return;  // Nobody there: the attempt ends by its timeout.
    }
    if (ruleFor(attempt->machine, target->second).cut) {
        m_world.schedule(m_world.now() + kSynRetry, attempt->machine, "syn again",
                         [this, attempt] { sendSyn(attempt); });
        return;
    }
    m_world.schedule(m_world.now() + transitTime(attempt->machine, target->second), SimWorld::kWorld,
                     "syn", [this, attempt] { synArrived(attempt); });
}

void SimNetwork::synArrived(const std::shared_ptr<Attempt>& attempt) {
    const std::size_t target = m_addresses.at(attempt->to.host);
    if (m_world.machine(attempt->machine).incarnation() != attempt->incarnation) {
        return;  // Who called has crashed since.
    }
    if (ruleFor(target, attempt->machine).cut) {
        m_world.schedule(m_world.now() + kSynRetry, attempt->machine, "syn again",
                         [this, attempt] { sendSyn(attempt); });
        return;
    }
    const Instant answered = m_world.now() + transitTime(target, attempt->machine);
    const auto listening = m_listening.find(attempt->to);
    if (listening == m_listening.end()) {
        answerAt(answered, attempt, failed("connect to", attempt->to, "connection refused"));
        return;
    }
    const PipeId id = m_nextPipe++;
    End& caller = m_pipes[id].ends[0];
    End& called = m_pipes[id].ends[1];
    caller.machine = attempt->machine;
    caller.address = attempt->from;
    called.machine = target;
    called.address = attempt->to;
    called.lastArrival = answered;  // What it sends at once comes after its consent.
    answerAt(answered, attempt,
             Connected(std::make_shared<Handle>(*this, id, 0, attempt->from, attempt->to)));
    const auto onAccept = listening->second.onAccept;
    m_world.trace(target, "accept", id);
    (*onAccept)(std::make_shared<Handle>(*this, id, 1, attempt->to, attempt->from));
}

void SimNetwork::answerAt(Instant when, const std::shared_ptr<Attempt>& attempt, Connected answer) {
    m_world.schedule(when, attempt->machine, "connected",
                     [attempt, a = std::move(answer)] { attempt->done.set(a); });
}

Result<std::unique_ptr<Listener>> SimNetworkDoor::listen(
    const Endpoint& at, std::function<void(std::shared_ptr<Connection>)> onAccept) {
    if (!m_network.m_world.machine(m_machine).running()) {
        return failed("listen on", at, "the machine is down");
    }
    return m_network.listen(m_machine, at, std::move(onAccept));
}

runtime::Task<Result<std::shared_ptr<Connection>>> SimNetworkDoor::connect(Endpoint from, Endpoint to,
                                                                           Duration timeout) {
    SimMachine& machine = m_network.m_world.machine(m_machine);
    if (!machine.running()) {
        co_return failed("connect to", to, "the machine is down");
    }
    if (from.host.empty()) {
        from.host = m_addresses.front();
    }
    const auto owner = m_network.m_addresses.find(from.host);
    if (owner == m_network.m_addresses.end() || owner->second != m_machine) {
        co_return failed("connect from", from, "cannot assign requested address");
    }
    if (from.port == 0) {
        from.port = m_network.nextPort();
    }
    const auto attempt = std::make_shared<SimNetwork::Attempt>();
    attempt->machine = m_machine;
    attempt->incarnation = machine.incarnation();
    attempt->from = from;
    attempt->to = to;
    const auto done = attempt->done;
    using Connected = SimNetwork::Connected;
    // A frame destroyed while it waits leaves the answer to the timer, which drops it.
    const runtime::TimerId timer =
        machine.clock().callAt(machine.clock().now() + timeout, [done, to] {
            const Connected late = failed("connect to", to, "timed out", ErrorKind::Timeout);
            done.set(late);
        });
    m_network.sendSyn(attempt);
    auto connected = co_await done;
    machine.clock().cancel(timer);
    co_return connected;
}

// Streams.

SimNetwork::Pipe* SimNetwork::find(PipeId id) {
    const auto found = m_pipes.find(id);
    return found == m_pipes.end() ? nullptr : &found->second;
}

void SimNetwork::start(PipeId id, int side, Handlers handlers) {
    Pipe* pipe = find(id);
    if (pipe == nullptr || pipe->ends[side].closed) {
        return;
    }
    ENSURE(!pipe->ends[side].handlers);
    pipe->ends[side].handlers = std::make_shared<const Handlers>(std::move(handlers));
    handOverLater(id, side);
}

void SimNetwork::send(PipeId id, int side, BytesView bytes) {
    Pipe* pipe = find(id);
    if (pipe == nullptr || pipe->ends[side].closed || bytes.empty()) {
        return;
    }
    End& end = pipe->ends[side];
    end.out.append(bytes);
    end.unconsumed += bytes.size();
    if (!end.flushScheduled) {
        end.flushScheduled = true;
        m_world.schedule(m_world.now(), end.machine, "flush", [this, id, side] { flush(id, side); });
    }
}

void SimNetwork::flush(PipeId id, int side) {
    Pipe* pipe = find(id);
    if (pipe == nullptr) {
        return;
    }
    End& end = pipe->ends[side];
    end.flushScheduled = false;
    if (!end.closed && !end.out.empty()) {
        transmit(id, side, {SegmentKind::Data, std::exchange(end.out, {})});
    }
}

std::size_t SimNetwork::unsentBytes(PipeId id, int side) {
    const Pipe* pipe = find(id);
    if (pipe == nullptr || pipe->ends[side].closed) {
        return 0;
    }
    const End& end = pipe->ends[side];
    return std::max(end.out.size(), end.unconsumed - std::min(end.unconsumed, kWindowBytes));
}

void SimNetwork::pauseReading(PipeId id, int side, bool paused) {
    if (Pipe* pipe = find(id)) {
        pipe->ends[side].paused = paused;
        if (!paused) {
            handOverLater(id, side);
        }
    }
}

void SimNetwork::close(PipeId id, int side, bool now) {
    Pipe* pipe = find(id);
    if (pipe == nullptr || pipe->ends[side].closed) {
        return;
    }
    End& end = pipe->ends[side];
    const Bytes out = std::exchange(end.out, {});
    if (!now && !out.empty()) {
        transmit(id, side, {SegmentKind::Data, out});
    }
    transmit(id, side, {now ? SegmentKind::Reset : SegmentKind::End, {}});
    endStream(id, side, {});
}

void SimNetwork::transmit(PipeId id, int side, Segment segment) {
    Pipe& pipe = m_pipes.at(id);
    End& from = pipe.ends[side];
    from.onWire.push_back(std::move(segment));
    if (from.held > 0 || ruleFor(from.machine, pipe.ends[1 - side].machine).cut) {
        hold(id, side, from);
    } else {
        scheduleArrival(id, side, from, pipe.ends[1 - side]);
    }
}

void SimNetwork::scheduleArrival(PipeId id, int side, End& from, const End& to) {
    from.lastArrival =
        std::max(from.lastArrival, m_world.now() + transitTime(from.machine, to.machine));
    m_world.schedule(from.lastArrival, SimWorld::kWorld, "arrival",
                     [this, id, side] { arrived(id, side); });
}

/// The oldest segment from `side` reaches the other end, unless the link was cut on its way.
void SimNetwork::arrived(PipeId id, int side) {
    Pipe* pipe = find(id);
    if (pipe == nullptr) {
        return;
    }
    End& from = pipe->ends[side];
    if (ruleFor(from.machine, pipe->ends[1 - side].machine).cut) {
        hold(id, side, from);
        return;
    }
    Segment segment = std::move(from.onWire.front());
    from.onWire.pop_front();
    m_world.trace(pipe->ends[1 - side].machine, "segment", crc32(segment.bytes));
    take(id, 1 - side, std::move(segment));
}

void SimNetwork::hold(PipeId id, int side, End& from) {
    if (from.held++ == 0) {
        from.heldSince = m_world.now();
    }
    if (!from.breakScheduled && !from.closed) {
        from.breakScheduled = true;
        m_world.schedule(m_world.now() + kGiveUp, SimWorld::kWorld, "give up",
                         [this, id, side] { breakIfHeld(id, side); });
    }
}

void SimNetwork::breakIfHeld(PipeId id, int side) {
    Pipe* pipe = find(id);
    if (pipe == nullptr) {
        return;
    }
    End& from = pipe->ends[side];
    from.breakScheduled = false;
    if (from.held == 0 || from.closed) {
        return;
    }
    if (m_world.now() < from.heldSince + kGiveUp) {
        from.breakScheduled = true;
        m_world.schedule(from.heldSince + kGiveUp, SimWorld::kWorld, "give up",
                         [this, id, side] { breakIfHeld(id, side); });
        return;
    }
    // This side gives up; the other learns of it when the link heals.
    from.onWire.resize(from.onWire.size() - std::exchange(from.held, 0));
    from.closed = true;
    transmit(id, side, {SegmentKind::Reset, {}});
    endStream(id, side, "connection timed out");
}

void SimNetwork::take(PipeId id, int side, Segment segment) {
    End& end = m_pipes.at(id).ends[side];
    if (end.closed) {
        if (segment.kind == SegmentKind::Data) {
            transmit(id, side, {SegmentKind::Reset, {}});
        }
        return;
    }
    switch (segment.kind) {
        case SegmentKind::Data:
            if (segment.bytes.size() > 1 && m_random.below(kSplitOneIn) == 0) {
                const std::size_t cutAt = 1 + m_random.below(segment.bytes.size() - 1);
                end.inbox.push_back(segment.bytes.substr(0, cutAt));
                segment.bytes.erase(0, cutAt);
            }
            end.inbox.push_back(std::move(segment.bytes));
            break;
        case SegmentKind::End: end.ending = "closed by the other side"; break;
        case SegmentKind::Reset:
            end.inbox.clear();
            end.ending = "connection reset by peer";
            break;
    }
    handOver(id, side);
}

void SimNetwork::handOverLater(PipeId id, int side) {
    m_world.schedule(m_world.now(), m_pipes.at(id).ends[side].machine, "readable",
                     [this, id, side] { handOver(id, side); });
}

void SimNetwork::handOver(PipeId id, int side) {
    for (;;) {
        Pipe* pipe = find(id);  // Anew each time: the handler may have closed it.
        if (pipe == nullptr) {
            return;
        }
        End& end = pipe->ends[side];
        if (end.closed || !end.handlers || end.paused) {
            return;
        }
        const auto handlers = end.handlers;
        if (end.inbox.empty()) {
            if (end.ending) {
                endStream(id, side, *end.ending);
            }
            return;
        }
        const Bytes bytes = std::move(end.inbox.front());
        end.inbox.pop_front();
        pipe->ends[1 - side].unconsumed -= bytes.size();
        handlers->onData(bytes);
    }
}

/// Closes one end, and tells its handler why unless `reason` is empty.
void SimNetwork::endStream(PipeId id, int side, const std::string& reason) {
    End& end = m_pipes.at(id).ends[side];
    end.closed = true;
    end.out.clear();
    end.inbox.clear();
    const auto handlers = std::exchange(end.handlers, nullptr);
    const std::string told = reason;
    forgetIfClosed(id);
    if (handlers && !told.empty()) {
        m_world.trace(SimWorld::kWorld, "closed", id);
        handlers->onClosed(told);
    }
}

void SimNetwork::forgetIfClosed(PipeId id) {
    const auto found = m_pipes.find(id);
    if (found != m_pipes.end() && found->second.ends[0].closed && found->second.ends[1].closed) {
        m_pipes.erase(found);
    }
}

}  // namespace engine::sim
