#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/messaging/messaging_service.h"
#include "engine/runtime/runtime.h"

namespace engine::coordinator {

/// The threads that Cassandra would have used: our nodes have one, but these names tell what kind of
/// work a line belongs to.
namespace stage {
inline constexpr std::string_view kRequest = "Native-Transport-Requests-1";
inline constexpr std::string_view kMutation = "MutationStage-1";
inline constexpr std::string_view kRead = "ReadStage-1";
inline constexpr std::string_view kResponse = "RequestResponseStage-1";
inline constexpr std::string_view kMessaging = "Messaging-EventLoop-3-1";
}  // namespace stage

/// What a client asked to be traced: its row of system_traces.sessions.
struct TraceStart {
    std::string request;  // "Execute CQL3 query"
    std::string client;   // "127.0.0.1:51234"
    std::map<std::string, std::string> parameters;
    std::int64_t startedMillis = 0;
};

/// One row of system_traces.events.
struct TraceLine {
    Uuid id;  // A time UUID: when.
    std::string activity;
    std::string_view thread;  // One of stage::, which last.
    std::int32_t elapsedMicros = 0;
};

/// What one node has to tell of one traced request; the row of the session only from its coordinator.
struct TraceReport {
    Uuid session;
    std::optional<TraceStart> start;
    std::optional<std::int32_t> durationMicros;
    std::vector<TraceLine> lines;
};

/// Collects what happens on this node to requests whose client asked for it, and hands it on to be
/// written to system_traces (org.apache.cassandra.tracing.Tracing, TraceStateImpl). Never waited for.
///
/// A replica learns from the message that its request is traced (messaging::isTraced). The
/// coordinator hands on the session at once, and its lines together with the duration (which tells
/// drivers to stop polling) when the request has been answered and all replicas have replied, or
/// kGrace later. A replica hands on its lines before its reply leaves. On the node's thread.
class Tracer {
public:
    using Sink = std::function<void(TraceReport)>;
    static constexpr runtime::Duration kGrace = std::chrono::milliseconds(200);
    /// What replicas sent just before their replies arrives in this time.
    static constexpr runtime::Duration kSettle = std::chrono::milliseconds(5);
    /// How long a node knows a request of another node.
    static constexpr runtime::Duration kForeignKept = std::chrono::seconds(10);
    static constexpr std::size_t kSessionsMax = 10'000;

    /// Listens to `messaging` for the messages of traced requests.
    Tracer(const runtime::Runtime& runtime, messaging::MessagingService& messaging);
    ~Tracer();
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;

    /// Where reports go. None: nothing is kept.
    void reportTo(Sink sink) { m_sink = std::move(sink); }

    Uuid begin(TraceStart start);
    /// The client is being answered.
    void end(const Uuid& session);

    void add(const Uuid& session, std::string_view thread, std::string activity);
    template <typename... Args>
    void trace(const Uuid& request, std::string_view thread, fmt::format_string<Args...> text,
               Args&&... args) {
        if (messaging::isTraced(request)) [[unlikely]] {
            add(request, thread, fmt::format(text, std::forward<Args>(args)...));
        }
    }

private:
    struct Session {
        runtime::Instant started;
        bool isOwn = false;   // This node coordinates it.
        bool answered = false;
        int waitingFor = 0;  // Replies of replicas.
        std::int32_t durationMicros = 0;
        std::vector<TraceLine> lines;
        std::optional<runtime::TimerId> closing;
    };

    Session* find(const Uuid& session);
    void onMessage(const messaging::TracedMessage& message);
    void onSent(const messaging::TracedMessage& message);
    void onReceived(const messaging::TracedMessage& message);
    void closeIn(runtime::Duration time, const Uuid& id, Session& session);
    void close(const Uuid& id);
    void handOn(const Uuid& id, Session& session);
    Uuid nextTimeUuid();

    runtime::Runtime m_runtime;
    Sink m_sink;
    std::unordered_map<Uuid, Session> m_sessions;
    std::int64_t m_lastTicks = 0;
};

}  // namespace engine::coordinator
