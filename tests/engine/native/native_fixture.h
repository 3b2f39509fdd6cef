#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/log.h"
#include "engine/coordinator/query_processor.h"
#include "engine/native/native_server.h"
#include "engine/runtime/posix_file_system.h"
#include "engine/runtime/runtime.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"

/// A world of one thread whose connections are pipes and whose time stands still until told.
namespace native_fixture {

using namespace engine;
using namespace engine::runtime;

class ManualExecutor : public Executor {
public:
    void post(Callback callback) override { m_queue.push_back(std::move(callback)); }
    void runBlocking(Callback work, Callback done) override {
        work();
        post(std::move(done));
    }
    void drain() {
        while (!m_queue.empty()) {
            const Callback next = std::move(m_queue.front());
            m_queue.pop_front();
            next();
        }
    }

private:
    std::deque<Callback> m_queue;
};

class ManualClock : public Clock {
public:
    Instant now() const override { return m_now; }
    std::int64_t wallMicros() const override { return m_now.nanos / 1000; }
    std::int64_t machineNanos() const override { return m_now.nanos; }
    TimerId callAt(Instant when, Callback callback) override {
        m_timers.emplace(++m_last, std::pair(when, std::move(callback)));
        return m_last;
    }
    void cancel(TimerId id) override { m_timers.erase(id); }
    void setDilation(double) override {}
    double dilation() const override { return 1; }
    void jump(Duration) override {}
    void advance(Duration by) {
        m_now = m_now + by;
        std::vector<Callback> due;
        for (auto it = m_timers.begin(); it != m_timers.end();) {
            if (it->second.first <= m_now) {
                due.push_back(std::move(it->second.second));
                it = m_timers.erase(it);
            } else {
                ++it;
            }
        }
        for (const Callback& callback : due) {
            callback();
        }
    }

private:
    Instant m_now;
    TimerId m_last = 0;
    std::map<TimerId, std::pair<Instant, Callback>> m_timers;
};

/// One end of a pipe. What is sent arrives at the other end by the executor; a pipe that is clogged
/// keeps it, as a peer that does not read makes the system do.
class Pipe : public Connection {
public:
    Pipe(ManualExecutor& executor, Endpoint local, Endpoint remote)
        : m_executor(executor), m_local(std::move(local)), m_remote(std::move(remote)) {}
    ~Pipe() override { close(false); }
    static void join(const std::shared_ptr<Pipe>& a, const std::shared_ptr<Pipe>& b) {
        a->m_peer = b;
        b->m_peer = a;
    }

    void start(std::function<void(BytesView)> onData,
               std::function<void(const std::string&)> onClosed) override {
        m_onData = std::move(onData);
        m_onClosed = std::move(onClosed);
        deliver();
    }
    void send(Bytes bytes) override {
        ++sends;
        m_outgoing += bytes;
        flush();
    }
    std::size_t unsentBytes() const override { return m_outgoing.size(); }
    void pauseReading(bool paused) override {
        m_paused = paused;
        deliver();
    }
    void close(bool) override {
        if (m_closed) {
            return;
        }
        m_clogged = false;
        flush();
        m_closed = true;
        m_onData = nullptr;
        m_onClosed = nullptr;
        m_executor.post([peer = m_peer] {
            if (const auto other = peer.lock()) {
                other->ended();
            }
        });
    }
    Endpoint local() const override { return m_local; }
    Endpoint remote() const override { return m_remote; }

    void clog(bool clogged) {
        m_clogged = clogged;
        flush();
    }
    bool isPaused() const { return m_paused; }

    int sends = 0;

private:
    void flush() {
        if (m_clogged || m_closed || m_outgoing.empty()) {
            return;
        }
        m_executor.post([peer = m_peer, bytes = std::exchange(m_outgoing, {})] {
            if (const auto other = peer.lock()) {
                other->m_incoming += bytes;
                other->deliver();
            }
        });
    }
    void deliver() {
        if (m_onData && !m_paused && !m_incoming.empty()) {
            const Bytes bytes = std::exchange(m_incoming, {});
            const auto onData = m_onData;
            onData(bytes);
        }
    }
    void ended() {
        if (const auto onClosed = std::exchange(m_onClosed, nullptr)) {
            m_closed = true;
            onClosed("closed by the other side");
        }
    }

    ManualExecutor& m_executor;
    const Endpoint m_local;
    const Endpoint m_remote;
    std::weak_ptr<Pipe> m_peer;
    std::function<void(BytesView)> m_onData;
    std::function<void(const std::string&)> m_onClosed;
    Bytes m_incoming;
    Bytes m_outgoing;
    bool m_paused = false;
    bool m_clogged = false;
    bool m_closed = false;
};

class PipeNetwork : public Network {
public:
    explicit PipeNetwork(ManualExecutor& executor) : m_executor(executor) {}

    Result<std::unique_ptr<Listener>> listen(
        const Endpoint& at, std::function<void(std::shared_ptr<Connection>)> onAccept) override {
        struct Silent : Listener {
            Endpoint at;
            Endpoint local() const override { return at; }
        };
        m_onAccept = std::move(onAccept);
        auto listener = std::make_unique<Silent>();
        listener->at = at;
        return std::unique_ptr<Listener>(std::move(listener));
    }
    Task<Result<std::shared_ptr<Connection>>> connect(Endpoint, Endpoint to, Duration) override {
        const std::shared_ptr<Connection> pipe = open(to);
        co_return pipe;
    }
    /// The client's end; the server has accepted the other one.
    std::shared_ptr<Pipe> open(const Endpoint& to) {
        const Endpoint from{"127.0.0.1", ++m_port};
        const auto client = std::make_shared<Pipe>(m_executor, from, to);
        lastServerEnd = std::make_shared<Pipe>(m_executor, to, from);
        Pipe::join(client, lastServerEnd);
        m_onAccept(lastServerEnd);
        return client;
    }

    std::shared_ptr<Pipe> lastServerEnd;

private:
    ManualExecutor& m_executor;
    std::function<void(std::shared_ptr<Connection>)> m_onAccept;
    std::uint16_t m_port = 50000;
};

/// Answers as told, and notes what it was asked. A request that begins with `wait` is answered when
/// release() is called.
class FakeQueries : public coordinator::QueryProcessor {
public:
    struct Call {
        std::string what;
        std::string text;
        Bytes id;
        Bytes resultMetadataId;
        std::string keyspace;  // Of the session then; of PREPARE the one it brought.
        cql::QueryOptions options;
        coordinator::RequestInfo info;
        cql::BatchType batchType = cql::BatchType::Logged;
        std::vector<coordinator::BatchEntry> entries;
    };

    std::function<Result<coordinator::Answer>(const Call&)> onCall = [](const Call&) {
        return Result<coordinator::Answer>(coordinator::Answer{});
    };
    coordinator::PreparedAnswer prepared;
    std::optional<Error> prepareError;
    std::vector<Call> calls;
    std::vector<Promise<bool>> waiting;
    coordinator::ClientSession* session = nullptr;

    void release() {
        for (const auto& promise : std::exchange(waiting, {})) {
            promise.set(true);
        }
    }

    Task<Result<coordinator::Answer>> query(coordinator::ClientSession& from, std::string text,
                                            cql::QueryOptions options,
                                            coordinator::RequestInfo info) override {
        Call call;
        call.what = "query";
        call.text = std::move(text);
        call.options = std::move(options);
        call.info = info;
        return answer(from, std::move(call));
    }
    Task<Result<coordinator::PreparedAnswer>> prepare(coordinator::ClientSession& from,
                                                      std::string text,
                                                      std::string keyspace) override {
        session = &from;
        Call call;
        call.what = "prepare";
        call.text = std::move(text);
        call.keyspace = std::move(keyspace);
        calls.push_back(std::move(call));
        if (prepareError) {
            co_return *prepareError;
        }
        co_return prepared;
    }
    Task<Result<coordinator::Answer>> execute(coordinator::ClientSession& from, Bytes id,
                                              Bytes resultMetadataId, cql::QueryOptions options,
                                              coordinator::RequestInfo info) override {
        Call call;
        call.what = "execute";
        call.id = std::move(id);
        call.resultMetadataId = std::move(resultMetadataId);
        call.options = std::move(options);
        call.info = info;
        return answer(from, std::move(call));
    }
    Task<Result<coordinator::Answer>> batch(coordinator::ClientSession& from, cql::BatchType type,
                                            std::vector<coordinator::BatchEntry> entries,
                                            cql::QueryOptions options,
                                            coordinator::RequestInfo info) override {
        Call call;
        call.what = "batch";
        call.batchType = type;
        call.entries = std::move(entries);
        call.options = std::move(options);
        call.info = info;
        return answer(from, std::move(call));
    }

private:
    Task<Result<coordinator::Answer>> answer(coordinator::ClientSession& from, Call call) {
        session = &from;
        call.keyspace = from.state.keyspace;
        const bool waits = call.text.rfind("wait", 0) == 0;
        calls.push_back(call);
        if (waits) {
            const Promise<bool> promise;
            waiting.push_back(promise);
            co_await promise;
        }
        co_return onCall(call);
    }
};

/// Two columns of one table.
inline cql::ResultMetadataPtr twoColumns() {
    auto metadata = std::make_shared<cql::ResultMetadata>();
    metadata->columns = {{"ks", "t", "id", types::int32()}, {"ks", "t", "name", types::text()}};
    metadata->id = Bytes(16, 'm');
    return metadata;
}

inline coordinator::Answer rowsAnswer(int rows = 1) {
    cql::RowsResult result;
    result.metadata = twoColumns();
    for (int i = 0; i < rows; ++i) {
        result.rows.push_back({types::encodeInt(i), std::nullopt});
    }
    coordinator::Answer answer;
    answer.result = std::move(result);
    return answer;
}

/// A server in a world of its own.
struct ServerWorld {
    ManualExecutor executor;
    ManualClock clock;
    PipeNetwork network{executor};
    SeededRandom random{1};
    PosixFileSystem files;
    Runtime doors{executor, clock, network, files, random};
    FakeQueries queries;
    std::vector<std::string> logged;
    Log log{[this](LogLevel, std::string_view line) { logged.emplace_back(line); }};
    std::vector<std::string> told;  // What the explorer was told.
    native::NativeServer server;

    explicit ServerWorld(native::NativeOptions options = {})
        : server(doors, withAddress(std::move(options)), queries, log,
                 {[this](const native::ConnectionInfo& c) { told.push_back("open " + c.driverName); },
                  [this](const native::ConnectionInfo& c) {
                      told.push_back("closed " + c.driverName);
                  }}) {
        const auto started = server.start();
        ENSURE(started.has_value());
    }

    static native::NativeOptions withAddress(native::NativeOptions options) {
        options.listen = {"127.0.0.1", 9042};
        return options;
    }
    template <typename T>
    T wait(Task<T> task) {
        std::optional<T> out;
        TaskGroup group;
        group.spawn(store(std::move(task), out));
        executor.drain();
        ENSURE(out.has_value());
        return std::move(*out);
    }
    template <typename T>
    static Task<void> store(Task<T> task, std::optional<T>& out) {
        out.emplace(co_await task);
    }
};

}  // namespace native_fixture
