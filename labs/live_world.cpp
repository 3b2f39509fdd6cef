#include "labs/live_world.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <charconv>
#include <sstream>

#include "engine/admin/admin_client.h"
#include "engine/client/load.h"
#include "engine/ring/consistency.h"
#include "engine/runtime/process.h"
#include "engine/runtime/real_runtime.h"
#include "engine/types/literals.h"

namespace lab {

namespace json = boost::json;
using engine::client::Client;
using engine::local::LocalNode;

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQueryTimeout{12'000};
constexpr int kAdminTimeoutMillis = 5000;
constexpr milliseconds kWaitMax{90'000};
constexpr milliseconds kWorldPoll{50};

ProcessState stateOf(engine::local::ProcessState state) {
    switch (state) {
        case engine::local::ProcessState::Paused:
            return ProcessState::Paused;
        case engine::local::ProcessState::Running:
            return ProcessState::Running;
        default:
            return ProcessState::Stopped;
    }
}

Answer answerOf(const engine::cql::StatementResult& result) {
    Answer out;
    const auto* rows = std::get_if<engine::cql::RowsResult>(&result);
    if (rows == nullptr) {
        return out;
    }
    for (const auto& column : rows->metadata->columns) {
        out.columns.push_back(column.name);
    }
    for (const auto& row : rows->rows) {
        auto& cells = out.rows.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) {
            cells.push_back(row[i] ? engine::types::toCqlLiteral(*rows->metadata->columns[i].type, *row[i]) : "null");
        }
    }
    return out;
}

Result<Answer> run(Client& client, const engine::client::Query& query) {
    TRY_ASSIGN(const auto answer, client.execute(query));
    return answerOf(answer.result);
}

Result<Answer> prepare(Client& client, const std::string& statement) {
    TRY(client.prepare(statement));
    return Answer();
}

engine::admin::AdminAddress adminOf(const LocalNode& node) {
    return {node.address, node.adminPort, node.adminToken};
}

Result<json::object> callFor(const LocalNode& node, const std::string& method, const json::object& params) {
    TRY_ASSIGN(const std::string text,
               engine::admin::call(adminOf(node), method, json::serialize(params), kAdminTimeoutMillis));
    boost::system::error_code broken;
    const json::value parsed = json::parse(text, broken);
    if (broken || !parsed.is_object()) {
        return engine::makeError(engine::ErrorKind::Protocol, fmt::format("n{} answered {} with {}", node.number, method, text));
    }
    return parsed.as_object();
}

std::vector<std::string> textsOf(const json::object& object, std::string_view name) {
    std::vector<std::string> out;
    const json::value* list = object.if_contains(name);
    if (list != nullptr && list->is_array()) {
        for (const json::value& item : list->as_array()) {
            out.emplace_back(item.is_string() ? std::string(item.as_string()) : json::serialize(item));
        }
    }
    return out;
}

std::string textOf(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

}  // namespace

std::vector<WorldNode> LiveWorld::nodes() {
    std::vector<WorldNode> out;
    for (const LocalNode& node : m_cluster.nodes()) {
        out.push_back({node.number, node.name(), stateOf(node.state)});
    }
    return out;
}

Result<LocalNode> LiveWorld::nodeFor(int coordinator) {
    for (const LocalNode& node : m_cluster.nodes()) {
        const bool runs = node.state == engine::local::ProcessState::Running;
        if (coordinator == 0 ? runs : node.number == coordinator) {
            return node;
        }
    }
    return engine::makeError(engine::ErrorKind::NotFound,
                             coordinator == 0 ? "no node runs" : fmt::format("there is no n{}", coordinator));
}

Result<Client*> LiveWorld::client(const LocalNode& node, std::string_view asWho) {
    auto& slot = m_clients[{node.number, std::string(asWho)}];
    if (slot == nullptr || !slot->isOpen()) {
        engine::client::ConnectOptions options;
        options.contact = engine::runtime::Endpoint(node.address, node.nativePort);
        options.driverName = std::string(asWho);
        options.tellAll = asWho != kCheckerName;
        options.tellNothing = asWho == kCheckerName;
        options.timeout = kQueryTimeout;
        slot.reset();
        TRY_ASSIGN(slot, Client::connect(options));
    }
    return slot.get();
}

Result<Answer> LiveWorld::query(const CqlRequest& request) {
    const auto level = engine::ring::parseConsistency(request.consistency);
    if (!level) {
        return engine::invalid("no consistency level " + request.consistency);
    }
    TRY_ASSIGN(const LocalNode node, nodeFor(request.coordinator));
    engine::client::Query query;
    query.text = request.text;
    query.consistency = static_cast<std::uint16_t>(*level);
    // A connection may have died with its node; a second one tells whether the node is back.
    for (int attempt = 0;; ++attempt) {
        TRY_ASSIGN(Client * open, client(node, request.asWho));
        Result<Answer> answer = request.prepareOnly ? prepare(*open, query.text) : run(*open, query);
        if (answer || open->isOpen() || attempt > 0) {
            return answer;
        }
    }
}

Result<KeyPlace> LiveWorld::place(const KeyName& name) {
    TRY_ASSIGN(const LocalNode node, nodeFor(0));
    TRY_ASSIGN(const json::object answer,
               callFor(node, "explain", {{"keyspace", name.keyspace},
                                         {"table", name.table},
                                         {"key", json::array(name.key.begin(), name.key.end())}}));
    KeyPlace out;
    out.key = engine::fromHex(textOf(answer, "keyHex")).value_or(engine::Bytes());
    const std::string token = textOf(answer, "token");
    std::from_chars(token.data(), token.data() + token.size(), out.token);
    out.replicas = textsOf(answer, "replicas");
    return out;
}

bool LiveWorld::isSeen(const LocalNode& subject, bool up) {
    for (const LocalNode& node : m_cluster.nodes()) {
        if (node.number == subject.number || node.state != engine::local::ProcessState::Running) {
            continue;
        }
        const auto status = callFor(node, "status", {});
        if (!status) {
            return false;
        }
        const auto live = textsOf(status.value(), "live");
        if ((std::find(live.begin(), live.end(), subject.name()) != live.end()) != up) {
            return false;
        }
    }
    return true;
}

Result<void> LiveWorld::wait(int number, bool up) {
    TRY_ASSIGN(const LocalNode subject, nodeFor(number));
    const auto until = engine::runtime::monotonicMillis() + kWaitMax;
    while (!isSeen(subject, up)) {
        if (engine::runtime::monotonicMillis() > until) {
            return engine::makeError(engine::ErrorKind::Timeout,
                                     fmt::format("n{} was not seen {} within {} s", number, up ? "up" : "down",
                                                 kWaitMax.count() / 1000));
        }
        if (m_stopWanted && m_stopWanted()) {
            return engine::makeError(engine::ErrorKind::Cancelled, "stopped");
        }
        engine::runtime::pauseThread(kWorldPoll);
    }
    return engine::ok();
}

/// Every row once, at LOCAL_QUORUM.
Result<void> LiveWorld::load(const std::string& table, std::uint64_t rows, std::uint32_t valueBytes) {
    engine::client::LoadOptions options;
    options.keyspace = table.substr(0, table.find('.'));
    options.table = table.substr(table.find('.') + 1);
    options.rows = rows;
    options.valueBytes = valueBytes;
    options.fill = true;
    for (const LocalNode& node : m_cluster.nodes()) {
        if (node.state == engine::local::ProcessState::Running) {
            options.contacts.emplace_back(node.address, node.nativePort);
        }
    }
    engine::runtime::RealRuntime runtime;
    engine::client::Load load(runtime.doors(), std::move(options));
    TRY(engine::runtime::runUntilDone(runtime, load.run()));
    if (load.tally().errors > 0) {
        return engine::makeError(engine::ErrorKind::Server, load.tally().firstError);
    }
    return engine::ok();
}

Result<void> LiveWorld::sleep(std::chrono::seconds time) {
    const auto until = engine::runtime::monotonicMillis() + time;
    while (engine::runtime::monotonicMillis() < until) {
        if (m_stopWanted && m_stopWanted()) {
            return engine::makeError(engine::ErrorKind::Cancelled, "stopped");
        }
        engine::runtime::pauseThread(kWorldPoll);
    }
    return engine::ok();
}

Result<void> LiveWorld::act(const std::string& action) {
    std::istringstream in(action);
    std::string verb;
    in >> verb;
    if (verb == "load") {
        std::string table;
        std::uint64_t rows = 0;
        std::uint32_t valueBytes = 0;
        in >> table >> rows >> valueBytes;
        return load(table, rows, valueBytes);
    }
    int number = 0;
    std::string state;
    in >> number >> state;
    if (verb == "sleep") {
        return sleep(std::chrono::seconds(number));
    }
    TRY_ASSIGN(const LocalNode node, nodeFor(number));
    const bool stopped = node.state == engine::local::ProcessState::Stopped;
    if (verb == "wait") {
        return wait(number, state == "up");
    }
    if (verb == "start") {
        return stopped ? m_cluster.startNode(number) : engine::ok();
    }
    if (verb == "stop" || verb == "kill") {
        return stopped ? engine::ok() : verb == "stop" ? m_cluster.stopNode(number) : m_cluster.killNode(number);
    }
    if (verb == "pause") {
        return m_cluster.pauseNode(number);
    }
    if (verb == "resume") {
        return m_cluster.resumeNode(number);
    }
    if (verb == "flush") {
        TRY(engine::admin::call(adminOf(node), "flush", "{}", kAdminTimeoutMillis));
        return engine::ok();
    }
    if (verb == "compact") {
        const json::array words{"compact", state.substr(0, state.find('.')), state.substr(state.find('.') + 1)};
        TRY_ASSIGN(const json::object answer, callFor(node, "nodetool", {{"words", words}}));
        const json::value* code = answer.if_contains("exit");
        return code != nullptr && code->is_int64() && code->as_int64() == 0
                   ? engine::ok()
                   : engine::invalid(textOf(answer, "err").empty() ? textOf(answer, "out") : textOf(answer, "err"));
    }
    return engine::invalid("no such action: " + action);
}

std::int64_t LiveWorld::nanos() {
    return std::chrono::nanoseconds(engine::runtime::monotonicMillis()).count();
}

}  // namespace lab
