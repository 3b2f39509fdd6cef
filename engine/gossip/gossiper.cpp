#include "engine/gossip/gossiper.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "engine/gossip/gossip_info.h"
#include "engine/gossip/gossip_state.h"
#include "engine/gossip/gossip_teller.h"
#include "engine/gossip/shadow_round.h"

namespace engine::gossip {

namespace {

using messaging::Message;
using messaging::Verb;
using States = std::vector<std::pair<ApplicationState, std::string>>;

/// News of weight is spread beyond the rounds: after a moment, that more may come along, to a few
/// nodes, who do the same; and not more often than this.
constexpr runtime::Duration kSpreadDelay = std::chrono::milliseconds(2);
constexpr runtime::Duration kSpreadGap = std::chrono::milliseconds(50);
constexpr std::size_t kSpreadTo = 3;
/// How often within the first round the nodes not heard of yet are called.
constexpr int kSettleFraction = 25;

bool isWeighty(ApplicationState key) {
    switch (key) {
        case ApplicationState::StatusWithPort:
        case ApplicationState::Schema:
        case ApplicationState::Tokens:
        case ApplicationState::HostId:
        case ApplicationState::RpcReady:
            return true;
        default:
            return false;
    }
}

/// The exchanges this life of the node is in. What belongs to none was meant for the life before: it
/// tells what is newer than that one knew, which is not all there is to know.
class Exchanges {
public:
    void add(std::uint64_t exchange) {
        m_open.push_back(exchange);
        if (m_open.size() > kMost) {
            m_open.pop_front();
        }
    }
    bool contains(std::uint64_t exchange) const {
        return std::find(m_open.rbegin(), m_open.rend(), exchange) != m_open.rend();
    }

private:
    static constexpr std::size_t kMost = 1024;
    std::deque<std::uint64_t> m_open;
};

}  // namespace

struct Gossiper::Impl : std::enable_shared_from_this<Impl> {
    Impl(const runtime::Runtime& doors, messaging::MessagingService& service, GossipOptions given,
         observe::Observer& observer, Log& lines)
        : runtime(doors),
          messaging(service),
          options(std::move(given)),
          log(lines),
          teller(observer),
          state(service.self(), options.seeds,
                {options.interval, options.ringDelay, options.phiConvictThreshold}) {}

    runtime::Instant now() const { return runtime.clock.now(); }
    std::int64_t wallSeconds() const { return runtime.clock.wallSeconds(); }

    void takeVerbs();
    void onSyn(const Message& message);
    void onAck(const Message& message);
    void onAck2(const Message& message);
    void onShutdown(const Message& message);
    bool accepts(const GossipSyn& syn, const std::string& from);

    void act(const Changes& changes);
    void joined(const std::string& node);
    void alive(const Change& change);
    void dead(const Change& change);
    void echo(const std::string& node);
    template <typename Call, typename... Arguments>
    void notify(Call GossipListener::*call, const Arguments&... arguments);

    void begin(std::int32_t generation, const States& states);
    runtime::Task<void> settle();
    runtime::Task<void> run();
    void round(std::vector<std::string> targets);
    void call(const std::vector<std::string>& targets);
    std::vector<std::string> firstTargets();
    void spreadSoon();
    void spread();

    runtime::Task<Result<void>> look(std::set<std::string> asked, runtime::Duration timeout);
    void askShadow();
    void end(bool announce);

    runtime::Runtime runtime;
    messaging::MessagingService& messaging;
    const GossipOptions options;
    Log& log;
    GossipTeller teller;
    GossipState state;
    std::vector<GossipListener> listeners;
    bool running = false;
    bool ended = false;
    std::uint64_t rounds = 0;
    Exchanges ours;    // By a SYN from here.
    Exchanges theirs;  // By an ACK from here.
    States early;  // Set before start().
    StateMap shadowStates;
    std::optional<ShadowRound> shadow;
    runtime::Promise<bool> shadowDone;
    runtime::TimerId shadowTimer = 0;
    bool spreadPlanned = false;
    runtime::TimerId spreadTimer = 0;
    runtime::Instant lastSpread;
    std::unique_ptr<runtime::TaskGroup> tasks = std::make_unique<runtime::TaskGroup>();
};

// ---- messages ----------------------------------------------------------------------------------

void Gossiper::Impl::takeVerbs() {
    const auto on = [this](Verb verb, void (Impl::*handler)(const Message&)) {
        messaging.on(verb, [weak = weak_from_this(), handler](const Message& message) {
            const auto impl = weak.lock();
            if (impl && !impl->ended) {
                ((*impl).*handler)(message);
            }
        });
    };
    on(Verb::GossipDigestSyn, &Impl::onSyn);
    on(Verb::GossipDigestAck, &Impl::onAck);
    on(Verb::GossipDigestAck2, &Impl::onAck2);
    on(Verb::GossipShutdown, &Impl::onShutdown);
    messaging.on(Verb::EchoReq, [weak = weak_from_this()](const Message& message) {
        const auto impl = weak.lock();
        if (impl && impl->running) {
            impl->messaging.reply(message, Verb::EchoRsp, {});
        }
    });
}

bool Gossiper::Impl::accepts(const GossipSyn& syn, const std::string& from) {
    if (syn.cluster != options.clusterName) {
        log.warn("ClusterName mismatch from {} {}!={}", from, syn.cluster, options.clusterName);
        return false;
    }
    if (syn.partitioner != options.partitioner) {
        log.warn("Partitioner mismatch from {} {}!={}", from, syn.partitioner, options.partitioner);
        return false;
    }
    return true;
}

void Gossiper::Impl::onSyn(const Message& message) {
    const Result<GossipSyn> decoded = decodeSyn(message.payload);
    if (!decoded) {
        log.warn("from {}: {}", message.from, decoded.error().message);
        return;
    }
    const GossipSyn& syn = decoded.value();
    if (!running) {
        // Both look at the cluster before they join it: say so, and nothing else.
        if (shadow && syn.digests.empty()) {
            messaging.send(message.from, Verb::GossipDigestAck,
                           encode(GossipAck{syn.exchange, {}, {}}));
        }
        return;
    }
    if (!accepts(syn, message.from)) {
        return;
    }
    teller.message("SYN", syn.exchange, message.from, message.sentNanos, syn.digests.size(), 0);
    theirs.add(syn.exchange);
    messaging.send(message.from, Verb::GossipDigestAck, encode(state.examine(syn)));
}

void Gossiper::Impl::onAck(const Message& message) {
    const Result<GossipAck> decoded = decodeAck(message.payload);
    if (!decoded) {
        log.warn("from {}: {}", message.from, decoded.error().message);
        return;
    }
    const GossipAck& ack = decoded.value();
    if (!ours.contains(ack.exchange)) {
        return;
    }
    if (shadow) {
        if (shadow->take(message.from, ack)) {
            shadowDone.set(true);
        }
        return;
    }
    if (!running) {
        return;
    }
    teller.message("ACK", ack.exchange, message.from, message.sentNanos, ack.requests.size(),
                   ack.states.size());
    messaging.send(message.from, Verb::GossipDigestAck2, encode(state.answer(ack)));
    act(state.apply(ack.states, now(), wallSeconds()));
}

void Gossiper::Impl::onAck2(const Message& message) {
    const Result<GossipAck2> decoded = decodeAck2(message.payload);
    if (!decoded) {
        log.warn("from {}: {}", message.from, decoded.error().message);
        return;
    }
    const GossipAck2& ack2 = decoded.value();
    if (running && theirs.contains(ack2.exchange)) {
        teller.message("ACK2", ack2.exchange, message.from, message.sentNanos, 0,
                       ack2.states.size());
        act(state.apply(ack2.states, now(), wallSeconds()));
    }
}

void Gossiper::Impl::onShutdown(const Message& message) {
    const Result<EndpointState> decoded = decodeState(message.payload);
    if (decoded && running) {
        act(state.applyShutdown(message.from, decoded.value(), now()));
    }
}

// ---- what follows from them --------------------------------------------------------------------

template <typename Call, typename... Arguments>
void Gossiper::Impl::notify(Call GossipListener::*call, const Arguments&... arguments) {
    for (const GossipListener& listener : listeners) {
        if (listener.*call) {
            (listener.*call)(arguments...);
        }
    }
}

void Gossiper::Impl::act(const Changes& changes) {
    for (const Change& change : changes) {
        switch (change.kind) {
            case Change::Kind::Joined:
                joined(change.node);
                break;
            case Change::Kind::Beat:
                teller.knowledge(state, change.node);
                break;
            case Change::Kind::State:
                teller.state(state, change.node, change.key);
                if (isWeighty(change.key)) {
                    spreadSoon();
                }
                if (const EndpointState* of = state.find(change.node)) {
                    notify(&GossipListener::onChange, change.node, change.key,
                           std::string(of->value(change.key)));
                }
                break;
            case Change::Kind::WantsEcho:
                echo(change.node);
                break;
            case Change::Kind::Alive:
                alive(change);
                break;
            case Change::Kind::Dead:
                dead(change);
                break;
            case Change::Kind::Removed:
                log.info("Removed {} from gossip", change.node);
                notify(&GossipListener::onRemove, change.node);
                break;
        }
    }
}

void Gossiper::Impl::joined(const std::string& node) {
    log.info("Node {} is now part of the cluster", node);
    teller.everythingOf(state, node);
    spreadSoon();
    if (const EndpointState* of = state.find(node)) {
        notify(&GossipListener::onJoin, node, EndpointState(*of));
    }
}

void Gossiper::Impl::alive(const Change& change) {
    log.info("Node {} is now UP", change.node);
    teller.judged(change.node, true, change.reason);
    spreadSoon();
    if (const EndpointState* of = state.find(change.node)) {
        notify(&GossipListener::onAlive, change.node, EndpointState(*of));
    }
}

void Gossiper::Impl::dead(const Change& change) {
    log.info("Node {} is now DOWN: {}", change.node, change.reason);
    teller.judged(change.node, false, change.reason);
    messaging.disconnect(change.node);
    if (const EndpointState* of = state.find(change.node)) {
        notify(&GossipListener::onDead, change.node, EndpointState(*of));
    }
}

void Gossiper::Impl::echo(const std::string& node) {
    const EndpointState* of = state.find(node);
    if (of == nullptr) {
        return;
    }
    const std::int32_t generation = of->heartBeat.generation;
    messaging.request(node, Verb::EchoReq, {}, now() + options.interval,
                      [weak = weak_from_this(), node, generation](const messaging::Reply& reply) {
                          const auto impl = weak.lock();
                          if (!impl || !impl->running) {
                              return;
                          }
                          if (reply.kind == messaging::Reply::Kind::Answer) {
                              impl->act(impl->state.echoed(node, generation, impl->now()));
                          } else {
                              impl->state.echoFailed(node);
                          }
                      });
}

// ---- rounds ------------------------------------------------------------------------------------

void Gossiper::Impl::begin(std::int32_t generation, const States& states) {
    const auto before = shadowStates.find(state.self());
    if (before != shadowStates.end()) {
        generation = std::max(generation, before->second.heartBeat.generation + 1);
    }
    States all = states;
    for (const auto& [key, value] : std::exchange(early, {})) {
        if (std::none_of(states.begin(), states.end(),
                         [k = key](const auto& s) { return s.first == k; })) {
            all.emplace_back(key, value);
        }
    }
    running = true;
    state.begin(generation, all);
    teller.everythingOf(state, state.self());
    act(state.apply(std::exchange(shadowStates, {}), now(), wallSeconds()));
    round(firstTargets());
    tasks->spawn(settle());
    tasks->spawn(run());
}

/// Nodes that start at the same moment may call each other before the other listens. Until the first
/// round is due, those not heard of yet are called again and again; heartbeats do not count up by it.
runtime::Task<void> Gossiper::Impl::settle() {
    const runtime::Instant end = now() + options.interval;
    while (running && now() < end) {
        co_await runtime::sleep(runtime.clock, options.interval / kSettleFraction);
        std::vector<std::string> silent;
        for (const std::string& node : firstTargets()) {
            if (!state.isAlive(node)) {
                silent.push_back(node);
            }
        }
        if (!running || silent.empty()) {
            co_return;
        }
        call(silent);
    }
}

/// All seeds, and whom the shadow round has found: the sooner all know each other.
std::vector<std::string> Gossiper::Impl::firstTargets() {
    std::set<std::string> targets(options.seeds.begin(), options.seeds.end());
    std::size_t others = 0;
    for (const auto& [node, known] : state.states()) {
        if (others < kSpreadTo && known.heartBeat.generation > 0 && targets.insert(node).second) {
            ++others;
        }
    }
    targets.erase(state.self());
    return {targets.begin(), targets.end()};
}

runtime::Task<void> Gossiper::Impl::run() {
    while (running) {
        co_await runtime::sleep(runtime.clock, options.interval);
        round(state.chooseTargets(runtime.random));
        act(state.statusCheck(now()));
        teller.phis(state, now());
    }
}

void Gossiper::Impl::round(std::vector<std::string> targets) {
    const std::int32_t heartbeat = state.beat();
    teller.round(++rounds, heartbeat, targets);
    call(targets);
}

void Gossiper::Impl::call(const std::vector<std::string>& targets) {
    GossipSyn syn;
    syn.cluster = options.clusterName;
    syn.partitioner = options.partitioner;
    syn.digests = state.digests();
    for (const std::string& target : targets) {
        syn.exchange = runtime.random.next();
        ours.add(syn.exchange);
        messaging.send(target, Verb::GossipDigestSyn, encode(syn));
    }
}

void Gossiper::Impl::spreadSoon() {
    if (spreadPlanned || !running) {
        return;
    }
    spreadPlanned = true;
    const runtime::Instant soonest = now() + kSpreadDelay;
    const runtime::Instant allowed = lastSpread + kSpreadGap;
    spreadTimer = runtime.clock.callAt(std::max(soonest, allowed), [weak = weak_from_this()] {
        if (const auto impl = weak.lock()) {
            impl->spread();
        }
    });
}

void Gossiper::Impl::spread() {
    spreadPlanned = false;
    lastSpread = now();
    if (running) {
        call(state.someLive(kSpreadTo, runtime.random));
    }
}

// ---- beginning and end -------------------------------------------------------------------------

runtime::Task<Result<void>> Gossiper::Impl::look(std::set<std::string> asked,
                                                 runtime::Duration timeout) {
    const auto self = shared_from_this();
    shadow.emplace(std::move(asked));
    shadowDone = runtime::Promise<bool>();
    const runtime::Promise<bool> done = shadowDone;
    askShadow();
    const runtime::TimerId limit =
        runtime.clock.callAt(now() + timeout, [done] { done.set(false); });
    const bool answered = co_await done;
    runtime.clock.cancel(limit);
    runtime.clock.cancel(shadowTimer);
    shadowStates = shadow->states();
    shadow.reset();
    if (!answered) {
        co_return makeError(ErrorKind::Timeout, "Unable to gossip with any peers");
    }
    co_return ok();
}

void Gossiper::Impl::askShadow() {
    GossipSyn syn;
    syn.cluster = options.clusterName;
    syn.partitioner = options.partitioner;
    for (const std::string& node : shadow->asked()) {
        syn.exchange = runtime.random.next();
        ours.add(syn.exchange);
        messaging.send(node, Verb::GossipDigestSyn, encode(syn));
    }
    shadowTimer = runtime.clock.callAt(now() + options.interval, [weak = weak_from_this()] {
        const auto impl = weak.lock();
        if (impl && impl->shadow) {
            impl->askShadow();
        }
    });
}

void Gossiper::Impl::end(bool announce) {
    if (running && announce) {
        state.setShutdown();
        const Bytes farewell = encode(*state.find(state.self()));
        for (const std::string& node : state.liveNodes()) {
            messaging.send(node, Verb::GossipShutdown, farewell);
        }
    }
    running = false;
    ended = true;
    runtime.clock.cancel(spreadTimer);
    runtime.clock.cancel(shadowTimer);
    tasks.reset();
}

// ---- the gossiper ------------------------------------------------------------------------------

Gossiper::Gossiper(const runtime::Runtime& runtime, messaging::MessagingService& messaging,
                   GossipOptions options, observe::Observer& observer, Log& log)
    : m_impl(std::make_shared<Impl>(runtime, messaging, std::move(options), observer, log)) {
    m_impl->takeVerbs();
}

Gossiper::~Gossiper() {
    m_impl->end(false);
}

void Gossiper::addListener(GossipListener listener) {
    m_impl->listeners.push_back(std::move(listener));
}

void Gossiper::addSavedEndpoint(const std::string& node, const States& states) {
    m_impl->state.addSaved(node, states);
}

runtime::Task<Result<void>> Gossiper::shadowRound(std::vector<std::string> peers,
                                                  runtime::Duration timeout) {
    std::set<std::string> asked(peers.begin(), peers.end());
    asked.insert(m_impl->options.seeds.begin(), m_impl->options.seeds.end());
    asked.erase(m_impl->state.self());
    if (asked.empty()) {
        co_return ok();
    }
    Result<void> seen = co_await m_impl->look(std::move(asked), timeout);
    co_return seen;
}

void Gossiper::start(std::int32_t generation, const States& states) {
    m_impl->begin(generation, states);
}

runtime::Task<void> Gossiper::stop(bool announce) {
    m_impl->end(announce);
    co_return;
}

bool Gossiper::isRunning() const {
    return m_impl->running;
}

void Gossiper::setState(ApplicationState key, std::string value, bool urgent) {
    Impl& impl = *m_impl;
    if (!impl.running) {
        std::erase_if(impl.early, [&](const auto& state) { return state.first == key; });
        impl.early.emplace_back(key, std::move(value));
        return;
    }
    impl.state.set(key, std::move(value));
    impl.teller.state(impl.state, impl.state.self(), key);
    if (urgent) {
        impl.spreadSoon();
    }
}

void Gossiper::removeEndpoint(const std::string& node) {
    m_impl->act(m_impl->state.remove(node, m_impl->now()));
}

bool Gossiper::isAlive(std::string_view node) const {
    return m_impl->state.isAlive(node);
}

const std::map<std::string, EndpointState, std::less<>>& Gossiper::states() const {
    return m_impl->running || m_impl->shadowStates.empty() ? m_impl->state.states()
                                                           : m_impl->shadowStates;
}

const EndpointState* Gossiper::find(std::string_view node) const {
    const auto found = states().find(node);
    return found == states().end() ? nullptr : &found->second;
}

std::vector<std::string> Gossiper::liveNodes() const {
    return m_impl->state.liveNodes();
}

std::vector<std::string> Gossiper::unreachableNodes() const {
    return m_impl->state.unreachableNodes();
}

std::vector<ring::NodeInfo> Gossiper::ringNodes() const {
    std::vector<ring::NodeInfo> nodes;
    for (const auto& [node, state] : states()) {
        if (auto info = nodeInfoOf(node, state)) {
            nodes.push_back(std::move(*info));
        }
    }
    return nodes;
}

bool Gossiper::isSeed(std::string_view node) const {
    return m_impl->state.isSeed(node);
}

double Gossiper::phi(std::string_view node) const {
    const auto sample = m_impl->state.detector().sample(node, m_impl->now());
    return sample ? sample->phi : 0;
}

double Gossiper::phiConvictThreshold() const {
    return m_impl->state.detector().threshold();
}

void Gossiper::setPhiConvictThreshold(double threshold) {
    m_impl->state.detector().setThreshold(threshold);
}

std::optional<runtime::Instant> Gossiper::deadSince(std::string_view node) const {
    return m_impl->state.deadSince(node);
}

void Gossiper::tellAll() const {
    m_impl->teller.all(m_impl->state, m_impl->now());
}

std::string Gossiper::gossipInfo(bool withPort) const {
    return gossipInfoText(states(), withPort);
}

}  // namespace engine::gossip
