#include "tests/sim/sim_cluster.h"

#include <fmt/format.h>

#include "engine/base/hash.h"
#include "engine/gossip/gossiper.h"
#include "engine/observe/codec.h"
#include "engine/observe/observer.h"
#include "engine/ring/allocation.h"
#include "engine/types/codec.h"

namespace simtest {

using namespace engine;
using runtime::Task;

namespace {

constexpr std::uint16_t kInternodePort = 7000;
constexpr std::uint16_t kNativePort = 9042;
constexpr std::uint16_t kAdminPort = 7199;
constexpr runtime::Duration kSyncGroupWindow = std::chrono::milliseconds(1);
constexpr runtime::Duration kLongest = std::chrono::seconds(120);

std::string addressOf(std::size_t node) { return fmt::format("10.0.0.{}", node + 1); }

std::string textOf(const cql::Value& value) {
    if (!value) {
        return "null";
    }
    return value->size() == 4 ? std::to_string(types::decodeInt(*value)) : *value;
}

/// Adds an answer's rows as text; where the next page begins.
std::optional<Bytes> addRows(const Result<coordinator::Answer>& answer, std::vector<std::string>& out) {
    if (!answer) {
        out.push_back(answer.error().message);
        return std::nullopt;
    }
    const auto* found = std::get_if<cql::RowsResult>(&answer.value().result);
    if (found == nullptr) {
        return std::nullopt;
    }
    for (const cql::ResultRow& row : found->rows) {
        std::string line;
        for (const cql::Value& value : row) {
            line += (line.empty() ? "" : " ") + textOf(value);
        }
        out.push_back(std::move(line));
    }
    return found->pagingState;
}

}  // namespace

SimCluster::SimCluster(SimClusterOptions options) : m_options(std::move(options)), m_world(m_options.seed) {
    std::vector<ring::NodePlace> places(m_options.nodes);
    for (std::size_t i = 0; i < m_options.places.size(); ++i) {
        places[i].datacenter = m_options.places[i].first;
        places[i].rack = m_options.places[i].second;
    }
    m_tokens = ring::evenTokens(places, m_options.tokensEach);
    for (std::size_t i = 0; i < m_options.nodes; ++i) {
        m_world.addMachine(fmt::format("n{}", i), {addressOf(i)});
    }
    m_nodes.resize(m_options.nodes);
}

SimCluster::~SimCluster() {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (isUp(i)) {
            crash(i);
        }
    }
}

std::string SimCluster::nameOf(std::size_t node) const {
    return runtime::Endpoint(addressOf(node), kInternodePort).toString();
}

node::NodeConfig SimCluster::configOf(std::size_t index) const {
    node::NodeConfig out;
    out.clusterName = "sim";
    out.internode = runtime::Endpoint(addressOf(index), kInternodePort);
    out.native = runtime::Endpoint(addressOf(index), kNativePort);
    out.admin = runtime::Endpoint(addressOf(index), kAdminPort);
    out.adminToken = "sim";
    for (std::size_t i = 0; i < m_nodes.size() && i < 2; ++i) {
        out.seeds.push_back(nameOf(i));
    }
    if (!m_options.places.empty()) {
        out.datacenter = m_options.places[index].first;
        out.rack = m_options.places[index].second;
    }
    out.initialTokens = m_tokens[index];
    out.storage.dataFolder = "/data";
    out.storage.commitLogFolder = "/commitlog";
    out.hints.folder = "/hints";
    out.storage.sync = m_options.sync;
    out.storage.syncGroupWindow = kSyncGroupWindow;
    out.storage.segmentBytes = 256 << 10;
    if (m_options.adjust) {
        m_options.adjust(index, out);
    }
    return out;
}

void SimCluster::startNode(std::size_t index) {
    Slot& slot = m_nodes[index];
    if (!machine(index).running()) {
        m_world.restart(machine(index));
    }
    slot.startError.clear();
    slot.log = std::make_unique<Log>([this, index](LogLevel level, std::string_view line) {
        if (level >= LogLevel::Warn) {
            m_complaints.push_back(fmt::format("{:.6f} n{}: {}", static_cast<double>(m_world.now().nanos) * 1e-9, index, line));
        }
    });
    slot.node = std::make_unique<node::Node>(machine(index).doors(), configOf(index), *slot.log);
    slot.tasks = std::make_unique<runtime::TaskGroup>();
    slot.session = std::make_unique<coordinator::ClientSession>();
    slot.session->address = "test";
    slot.session->driverName = "sim";
    slot.session->tellAll = true;
    listen(index);
    slot.tasks->spawn(runStart(index));
}

void SimCluster::onEvent(std::function<void(std::size_t, const observe::Event&)> sink) {
    m_onEvent = std::move(sink);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        listen(i);
    }
}

void SimCluster::listen(std::size_t index) {
    if (isUp(index) && (m_options.recordEvents || m_onEvent)) {
        m_nodes[index].node->observer().listen(
            [this, index](const observe::Event& event) { told(index, event); }, observe::Observer::kAll);
    }
}

void SimCluster::told(std::size_t index, const observe::Event& event) {
    if (m_options.recordEvents) {
        const Bytes encoded = observe::encode(event);
        m_eventDigest = m_eventDigest * 1'000'003 + crc32(encoded);
        ++m_eventCount;
    }
    if (m_onEvent) {
        m_onEvent(index, event);
    }
}

Task<void> SimCluster::runStart(std::size_t index) {
    const Result<void> started = co_await m_nodes[index].node->start();
    if (started) {
        m_nodes[index].ready = true;
    } else {
        m_nodes[index].startError = started.error().message;
    }
}

bool SimCluster::start(runtime::Duration limit) {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        startNode(i);
    }
    return runUntil([this] { return converged(); }, limit);
}

void SimCluster::drop(std::size_t index) {
    Slot& slot = m_nodes[index];
    slot.ready = false;
    slot.tasks.reset();
    slot.node.reset();
    slot.session.reset();
}

void SimCluster::crash(std::size_t index, engine::sim::CrashOptions how) {
    if (machine(index).running()) {
        m_world.crash(machine(index), how);
    }
    drop(index);
}

Task<void> SimCluster::runStop(std::size_t index, std::shared_ptr<bool> done) {
    co_await m_nodes[index].node->stop();
    *done = true;
}

void SimCluster::stop(std::size_t index) {
    const auto done = std::make_shared<bool>(false);
    m_nodes[index].ready = false;
    m_nodes[index].tasks->spawn(runStop(index, done));
    ENSURE(runUntil([&done] { return *done; }, kLongest));
    crash(index, {.processOnly = true});
}

bool SimCluster::sees(std::size_t who, std::size_t whom) const {
    const auto& gossiper = m_nodes[who].node->gossiper();
    return gossiper.find(nameOf(whom)) != nullptr && gossiper.isAlive(nameOf(whom));
}

bool SimCluster::converged() const {
    for (std::size_t who = 0; who < m_nodes.size(); ++who) {
        if (!isUp(who)) {
            continue;
        }
        if (!isReady(who)) {
            return false;
        }
        for (std::size_t whom = 0; whom < m_nodes.size(); ++whom) {
            if (who != whom && sees(who, whom) != isUp(whom)) {
                return false;
            }
        }
    }
    return true;
}

bool SimCluster::schemaAgrees() const {
    std::optional<std::string> version;
    for (const Slot& slot : m_nodes) {
        if (slot.node == nullptr) {
            continue;
        }
        const auto& gossiper = slot.node->gossiper();
        for (const auto& [name, state] : gossiper.states()) {
            if (!gossiper.isAlive(name)) {
                continue;
            }
            const std::string own(state.value(gossip::ApplicationState::Schema));
            if (version && *version != own) {
                return false;
            }
            version = own;
        }
    }
    return true;
}

std::shared_ptr<Request> SimCluster::send(std::size_t index, std::string text, Consistency level,
                                          std::int32_t pageSize, std::optional<Bytes> pagingState) {
    auto request = std::make_shared<Request>();
    if (!isUp(index)) {
        request->ended = true;
        request->answer = makeError(ErrorKind::Io, "the node is down");
        return request;
    }
    m_nodes[index].tasks->spawn(runQuery(index, std::move(text), level, pageSize, std::move(pagingState), request));
    return request;
}

Task<void> SimCluster::runQuery(std::size_t index, std::string text, Consistency level,
                                std::int32_t pageSize, std::optional<Bytes> pagingState,
                                std::shared_ptr<Request> request) {
    cql::QueryOptions options;
    options.consistency = static_cast<std::uint16_t>(level);
    options.pageSize = pageSize;
    options.pagingState = std::move(pagingState);
    Slot& slot = m_nodes[index];
    Result<coordinator::Answer> answer = co_await slot.node->queries().query(
        *slot.session, std::move(text), std::move(options), coordinator::RequestInfo());
    request->answer = std::move(answer);
    request->ended = true;
}

Result<coordinator::Answer> SimCluster::cql(std::size_t index, std::string text, Consistency level) {
    const auto request = send(index, std::move(text), level);
    if (!runUntil([&request] { return request->ended; }, kLongest)) {
        return makeError(ErrorKind::Timeout, "no answer at all");
    }
    return request->answer;
}

std::vector<std::string> SimCluster::rows(std::size_t index, std::string text, Consistency level) {
    const auto answer = cql(index, std::move(text), level);
    std::vector<std::string> out;
    addRows(answer, out);
    return out;
}

std::vector<std::string> SimCluster::pagedRows(std::size_t index, const std::string& text, Consistency level,
                                               std::int32_t pageSize) {
    std::vector<std::string> out;
    std::optional<Bytes> state;
    do {
        const auto request = send(index, text, level, pageSize, state);
        ENSURE(runUntil([&request] { return request->ended; }, kLongest));
        state = addRows(request->answer, out);
    } while (state);
    return out;
}

void SimCluster::partition(const std::vector<std::size_t>& group) {
    std::vector<const engine::sim::SimMachine*> machines;
    for (const std::size_t node : group) {
        machines.push_back(&machine(node));
    }
    m_world.network().partition(machines);
}

}  // namespace simtest
