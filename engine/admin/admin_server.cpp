#include "engine/admin/admin_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/observe/codec.h"

namespace engine::admin {

namespace json = boost::json;
using runtime::Task;

namespace {

constexpr int kParseError = -32700;
constexpr int kNoSuchMethod = -32601;
constexpr int kFailed = -32000;
constexpr int kUnauthorized = -32001;

std::string answerLine(const json::value& id, std::string_view result) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{}}})" "\n", json::serialize(id),
                       result.empty() ? "null" : result);
}

std::string errorLine(const json::value& id, int code, std::string_view message) {
    json::object error{{"code", code}, {"message", std::string(message)}};
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{}}})" "\n", json::serialize(id),
                       json::serialize(error));
}

/// The bits of the categories named in {"categories": ["gossip", …]}; all when absent.
std::uint32_t maskOf(const json::object& params) {
    const json::value* names = params.if_contains("categories");
    if (names == nullptr || !names->is_array() || names->as_array().empty()) {
        return observe::Observer::kAll;
    }
    std::uint32_t mask = 0;
    for (const json::value& name : names->as_array()) {
        for (int i = 0; i <= static_cast<int>(observe::Category::Metrics); ++i) {
            const auto category = static_cast<observe::Category>(i);
            if (name.is_string() && name.as_string() == observe::toString(category)) {
                mask |= observe::Observer::bit(category);
            }
        }
    }
    return mask;
}

}  // namespace

/// One connection: a caller until it subscribes, a viewer from then on.
struct Client {
    std::shared_ptr<runtime::Connection> stream;
    std::string input;
    bool known = false;
    std::uint32_t mask = 0;  // Not 0: a viewer.
    std::uint64_t lost = 0;
};

struct AdminServer::Impl : std::enable_shared_from_this<AdminServer::Impl> {
    Impl(const runtime::Runtime& r, AdminOptions o, observe::Observer& ob, Log& l)
        : runtime(r), options(std::move(o)), observer(ob), log(l) {}

    runtime::Runtime runtime;
    AdminOptions options;
    observe::Observer& observer;
    Log& log;
    std::map<std::string, Method> methods;
    Snapshot snapshot;
    std::unique_ptr<runtime::Listener> listener;
    std::vector<std::shared_ptr<Client>> clients;
    runtime::TaskGroup tasks;

    void accept(std::shared_ptr<runtime::Connection> stream) {
        if (clients.size() >= options.connectionsMax) {
            stream->close(true);
            return;
        }
        auto client = std::make_shared<Client>();
        client->stream = std::move(stream);
        clients.push_back(client);
        const std::weak_ptr<Client> weak = client;
        client->stream->start(
            [this, weak](BytesView bytes) {
                if (const auto c = weak.lock()) {
                    onData(c, bytes);
                }
            },
            [this, weak](const std::string&) {
                if (const auto c = weak.lock()) {
                    drop(c);
                }
            });
    }

    void drop(const std::shared_ptr<Client>& client) {
        std::erase(clients, client);
        listenIfWanted();
    }

    void onData(const std::shared_ptr<Client>& client, BytesView bytes) {
        client->input.append(bytes);
        std::size_t start = 0;
        for (std::size_t end; (end = client->input.find('\n', start)) != std::string::npos; start = end + 1) {
            onLine(client, client->input.substr(start, end - start));
        }
        client->input.erase(0, start);
        if (client->input.size() > options.lineBytesMax) {
            log.warn("admin: {} sent a line of more than {} bytes; closed", client->stream->remote().toString(),
                     options.lineBytesMax);
            client->stream->close(true);
            drop(client);
        }
    }

    void onLine(const std::shared_ptr<Client>& client, const std::string& line) {
        boost::system::error_code broken;
        const json::value parsed = json::parse(line, broken);
        const json::object* request = broken ? nullptr : parsed.if_object();
        const json::value* method = request != nullptr ? request->if_contains("method") : nullptr;
        if (method == nullptr || !method->is_string()) {
            client->stream->send(errorLine(nullptr, kParseError, "not a JSON-RPC request"));
            return;
        }
        const json::value* idField = request->if_contains("id");
        const json::value id = idField != nullptr ? *idField : json::value(nullptr);
        const json::value* paramsField = request->if_contains("params");
        const json::object params =
            paramsField != nullptr && paramsField->is_object() ? paramsField->as_object() : json::object();
        const std::string name(method->as_string());
        if (!client->known) {
            const json::value* token = params.if_contains("token");
            if (name != "hello" || token == nullptr || !token->is_string() || token->as_string() != options.token) {
                client->stream->send(errorLine(id, kUnauthorized, "say hello with the cluster's token first"));
                client->stream->close();
                return;
            }
            client->known = true;
            client->stream->send(answerLine(id, fmt::format(R"({{"node":"{}","version":1}})", observer.node())));
            return;
        }
        if (name == "subscribe") {
            subscribe(client, id, params);
            return;
        }
        const auto it = methods.find(name);
        if (it == methods.end()) {
            client->stream->send(errorLine(id, kNoSuchMethod, "no method '" + name + "'"));
            return;
        }
        tasks.spawn(call(client, id, it->second(json::serialize(params))));
    }

    Task<void> call(std::shared_ptr<Client> client, json::value id, Task<Result<std::string>> method) {
        Result<std::string> result = co_await method;
        client->stream->send(result ? answerLine(id, result.value())
                                    : errorLine(id, kFailed, result.error().message));
    }

    void subscribe(const std::shared_ptr<Client>& client, const json::value& id, const json::object& params) {
        client->stream->send(answerLine(id, "true"));
        client->mask = maskOf(params);
        if (snapshot) {
            for (observe::EventBody& body : snapshot()) {
                observe::Event event;
                event.node = observer.node();
                event.nanos = observer.nanos();
                event.wallMicros = runtime.clock.wallMicros();
                event.body = std::move(body);
                deliver(*client, event, nullptr);
            }
        }
        listenIfWanted();
    }

    void listenIfWanted() {
        std::uint32_t mask = 0;
        for (const auto& client : clients) {
            mask |= client->mask;
        }
        if (mask == 0) {
            observer.listen({}, 0);
            return;
        }
        observer.listen([this](const observe::Event& event) { tellAll(event); }, mask);
    }

    void tellAll(const observe::Event& event) {
        const Bytes encoded = frame(event);
        for (const auto& client : clients) {
            deliver(*client, event, &encoded);
        }
    }

    static Bytes frame(const observe::Event& event) {
        ByteWriter out;
        out.longBlob(observe::encode(event));
        return out.take();
    }

    void deliver(Client& client, const observe::Event& event, const Bytes* encoded) {
        if ((client.mask & observe::Observer::bit(observe::categoryOf(event))) == 0) {
            return;
        }
        if (client.stream->unsentBytes() > options.unsentBytesMax) {
            ++client.lost;
            return;
        }
        if (client.lost > 0) {
            observe::Event notice = event;
            notice.body = observe::EventsLost{std::exchange(client.lost, 0)};
            client.stream->send(frame(notice));
        }
        client.stream->send(encoded != nullptr ? *encoded : frame(event));
    }
};

AdminServer::AdminServer(const runtime::Runtime& runtime, AdminOptions options, observe::Observer& observer, Log& log)
    : m_impl(std::make_shared<Impl>(runtime, std::move(options), observer, log)) {}

AdminServer::~AdminServer() { m_impl->observer.listen({}, 0); }

void AdminServer::add(std::string method, Method handler) {
    m_impl->methods[std::move(method)] = std::move(handler);
}

void AdminServer::setSnapshot(Snapshot snapshot) { m_impl->snapshot = std::move(snapshot); }

Result<void> AdminServer::start() {
    TRY_ASSIGN(m_impl->listener,
               m_impl->runtime.network.listen(m_impl->options.listen,
                                              [impl = m_impl.get()](std::shared_ptr<runtime::Connection> stream) {
                                                  impl->accept(std::move(stream));
                                              }));
    return ok();
}

Task<void> AdminServer::stop() {
    m_impl->listener.reset();
    m_impl->observer.listen({}, 0);
    for (const auto& client : std::exchange(m_impl->clients, {})) {
        client->stream->close();
    }
    co_await m_impl->tasks.drained();
}

runtime::Endpoint AdminServer::local() const { return m_impl->listener->local(); }

}  // namespace engine::admin
