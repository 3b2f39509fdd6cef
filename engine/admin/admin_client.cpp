#include "engine/admin/admin_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "engine/observe/codec.h"
#include "engine/observe/observer.h"
#include "engine/runtime/real_runtime.h"

namespace engine::admin {

namespace json = boost::json;
using runtime::Task;

namespace {

constexpr runtime::Duration kConnectTimeout = std::chrono::seconds(2);
constexpr runtime::Duration kRetryPeriod = std::chrono::milliseconds(200);
constexpr runtime::Duration kBatchPeriod = std::chrono::milliseconds(16);
/// An event longer than this is not one of ours.
constexpr std::uint32_t kEventBytesMax = 16u << 20;

std::string requestLine(int id, std::string_view method, std::string_view params) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})" "\n", id, method,
                       params.empty() ? "{}" : params);
}

std::string helloLine(const std::string& token) {
    return requestLine(0, "hello", json::serialize(json::object{{"token", token}}));
}

/// The result of an answer's line as JSON text, or the error in it.
Result<std::string> parseAnswer(std::string_view line) {
    boost::system::error_code broken;
    const json::value parsed = json::parse(json::string_view(line.data(), line.size()), broken);
    const json::object* object = broken ? nullptr : parsed.if_object();
    if (object == nullptr) {
        return makeError(ErrorKind::Protocol, "the node's answer is not JSON");
    }
    if (const json::value* error = object->if_contains("error")) {
        const json::object* fields = error->if_object();
        const json::value* message = fields != nullptr ? fields->if_contains("message") : nullptr;
        return makeError(ErrorKind::Server, message != nullptr && message->is_string()
                                                ? std::string(message->as_string())
                                                : json::serialize(*error));
    }
    const json::value* result = object->if_contains("result");
    return result != nullptr ? json::serialize(*result) : std::string("null");
}

/// One call as a coroutine over any network.
class Caller {
public:
    Caller(runtime::Runtime doors, const AdminAddress& at) : m_doors(doors), m_at(at) {}

    Task<Result<std::string>> run(std::string method, std::string params, int timeoutMillis) {
        runtime::Endpoint from;
        runtime::Endpoint to(m_at.host, m_at.port);
        Result<std::shared_ptr<runtime::Connection>> connected =
            co_await m_doors.network.connect(from, to, kConnectTimeout);
        if (!connected) {
            co_return connected.error();
        }
        const auto stream = std::move(connected).value();
        stream->start([this](BytesView bytes) { onData(bytes); },
                      [this](const std::string& reason) {
                          m_answer.set(makeError(ErrorKind::Io, "the node ended the connection: " + reason));
                      });
        stream->send(helloLine(m_at.token) + requestLine(1, method, params));
        const auto timer = m_doors.clock.callAt(
            m_doors.clock.now() + std::chrono::milliseconds(timeoutMillis), [this, timeoutMillis] {
                m_answer.set(makeError(ErrorKind::Timeout,
                                       fmt::format("no answer from {}:{} within {} ms", m_at.host, m_at.port, timeoutMillis)));
            });
        Result<std::string> answer = co_await m_answer;
        m_doors.clock.cancel(timer);
        stream->close(true);
        co_return answer;
    }

private:
    void onData(BytesView bytes) {
        m_input.append(bytes);
        for (std::size_t end; (end = m_input.find('\n')) != std::string::npos;) {
            const std::string line = m_input.substr(0, end);
            m_input.erase(0, end + 1);
            Result<std::string> answer = parseAnswer(line);
            // The first answer is hello's; only its error matters.
            if (m_greeted || !answer) {
                m_answer.set(std::move(answer));
            }
            m_greeted = true;
        }
    }

    runtime::Runtime m_doors;
    const AdminAddress& m_at;
    std::string m_input;
    bool m_greeted = false;
    runtime::Promise<Result<std::string>> m_answer;
};

/// One node's stream: its connection while there is one, and the bytes not yet decoded.
struct Stream {
    EventFollower::Target target;
    std::shared_ptr<runtime::Connection> connection;
    std::string input;
    int linesLeft = 0;  // Answers to hello and subscribe that come before the events.
    bool connecting = false;
    bool open = false;
};

class Follower : public EventFollower {
public:
    Follower(std::vector<Target> targets, std::uint32_t categories, Handler handler)
        : m_categories(categoryNames(categories)), m_handler(std::move(handler)) {
        m_thread = std::thread([this, wanted = std::move(targets)]() mutable {
            m_runtime.post([this, w = std::move(wanted)]() mutable {
                replace(std::move(w));
                tick();
            });
            m_runtime.run();
        });
    }

    ~Follower() override {
        m_runtime.post([this] {
            m_stopping = true;
            for (auto& [node, stream] : m_streams) {
                if (stream->connection) {
                    stream->connection->close(true);
                }
            }
            m_streams.clear();
            m_runtime.stop();
        });
        m_thread.join();
    }

    void setTargets(std::vector<Target> targets) override {
        m_runtime.post([this, t = std::move(targets)]() mutable { replace(std::move(t)); });
    }

private:
    static std::string categoryNames(std::uint32_t mask) {
        json::array names;
        for (int i = 0; i <= static_cast<int>(observe::Category::Metrics); ++i) {
            const auto category = static_cast<observe::Category>(i);
            if ((mask & observe::Observer::bit(category)) != 0) {
                names.emplace_back(std::string(observe::toString(category)));
            }
        }
        return json::serialize(json::object{{"categories", names}});
    }

    void replace(std::vector<Target> targets) {
        std::map<std::string, std::shared_ptr<Stream>> next;
        for (Target& target : targets) {
            const auto it = m_streams.find(target.node);
            const bool same = it != m_streams.end() && it->second->target.at.port == target.at.port &&
                              it->second->target.at.host == target.at.host &&
                              it->second->target.at.token == target.at.token;
            std::string node = target.node;
            next[node] = same ? it->second : std::make_shared<Stream>(Stream{std::move(target), nullptr, "", 0, false, false});
        }
        for (auto& [node, stream] : m_streams) {
            if (!next.contains(node) || next[node] != stream) {
                close(*stream, true);
            }
        }
        m_streams = std::move(next);
        for (auto& [node, stream] : m_streams) {
            connectIfNeeded(stream);
        }
    }

    /// Delivers what has come, looks after lost streams.
    void tick() {
        if (m_stopping) {
            return;
        }
        if (!m_batch.events.empty() || !m_batch.reachable.empty()) {
            m_handler(std::exchange(m_batch, {}));
        }
        const auto now = m_runtime.doors().clock.now();
        if (now >= m_nextRetry) {
            m_nextRetry = now + kRetryPeriod;
            for (auto& [node, stream] : m_streams) {
                connectIfNeeded(stream);
            }
        }
        m_runtime.doors().clock.callAt(now + kBatchPeriod, [this] { tick(); });
    }

    void connectIfNeeded(const std::shared_ptr<Stream>& stream) {
        if (!stream->connection && !stream->connecting) {
            stream->connecting = true;
            m_tasks.spawn(connect(stream));
        }
    }

    Task<void> connect(std::shared_ptr<Stream> stream) {
        runtime::Endpoint from;
        runtime::Endpoint to(stream->target.at.host, stream->target.at.port);
        Result<std::shared_ptr<runtime::Connection>> connected =
            co_await m_runtime.doors().network.connect(from, to, kConnectTimeout);
        stream->connecting = false;
        const auto it = m_streams.find(stream->target.node);
        if (!connected || m_stopping || it == m_streams.end() || it->second != stream) {
            co_return;
        }
        stream->connection = std::move(connected).value();
        stream->input.clear();
        stream->linesLeft = 2;
        const std::weak_ptr<Stream> weak = stream;
        stream->connection->start(
            [this, weak](BytesView bytes) {
                if (const auto s = weak.lock()) {
                    onData(*s, bytes);
                }
            },
            [this, weak](const std::string&) {
                if (const auto s = weak.lock()) {
                    close(*s, false);
                }
            });
        stream->connection->send(helloLine(stream->target.at.token) + requestLine(1, "subscribe", m_categories));
    }

    void close(Stream& stream, bool now) {
        if (stream.connection) {
            stream.connection->close(now);
            stream.connection.reset();
        }
        if (std::exchange(stream.open, false)) {
            m_batch.reachable.emplace_back(stream.target.node, false);
        }
    }

    void onData(Stream& stream, BytesView bytes) {
        stream.input.append(bytes);
        std::size_t used = 0;
        while (stream.linesLeft > 0) {
            const std::size_t end = stream.input.find('\n', used);
            if (end == std::string::npos) {
                break;
            }
            const bool refused = !parseAnswer(std::string_view(stream.input).substr(used, end - used));
            used = end + 1;
            --stream.linesLeft;
            if (refused) {
                close(stream, true);
                return;
            }
            if (stream.linesLeft == 0) {
                stream.open = true;
                m_batch.reachable.emplace_back(stream.target.node, true);
            }
        }
        while (stream.linesLeft == 0) {
            ByteReader in(std::string_view(stream.input).substr(used));
            const std::uint32_t length = in.u32();
            if (in.failed() || in.remaining() < length) {
                if (!in.failed() && length > kEventBytesMax) {
                    close(stream, true);
                    return;
                }
                break;
            }
            if (auto event = observe::decode(in.raw(length))) {
                m_batch.events.push_back(std::move(event).value());
            }
            used += 4 + length;
        }
        stream.input.erase(0, used);
    }

    runtime::RealRuntime m_runtime;
    std::string m_categories;
    Handler m_handler;
    std::map<std::string, std::shared_ptr<Stream>> m_streams;
    Batch m_batch;
    runtime::Instant m_nextRetry;
    bool m_stopping = false;
    runtime::TaskGroup m_tasks;
    std::thread m_thread;
};

}  // namespace

Result<std::string> call(const AdminAddress& at, const std::string& method, const std::string& params,
                         int timeoutMillis) {
    runtime::RealRuntime runtime;
    Caller caller(runtime.doors(), at);
    return runtime::runUntilDone(runtime, caller.run(method, params, timeoutMillis));
}

std::unique_ptr<EventFollower> EventFollower::start(std::vector<Target> targets, std::uint32_t categories,
                                                    Handler handler) {
    return std::make_unique<Follower>(std::move(targets), categories, std::move(handler));
}

}  // namespace engine::admin
