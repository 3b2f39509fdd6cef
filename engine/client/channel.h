#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/client/reply.h"
#include "engine/native/envelope_reader.h"
#include "engine/native/envelope_writer.h"
#include "engine/runtime/runtime.h"
#include "engine/runtime/task.h"

namespace engine::client {

/// The protocol v5 side of one connection to a server: numbers requests, matches answers, gives up
/// on those that take too long. Lives on its runtime's thread.
class Channel : public std::enable_shared_from_this<Channel> {
public:
    using Answer = runtime::Promise<Result<Reply>>;

    Channel(runtime::Runtime runtime, std::shared_ptr<runtime::Connection> stream,
            runtime::Duration timeout);
    ~Channel();

    void start();
    void close();
    bool isOpen() const { return m_open; }
    std::size_t inFlight() const { return m_pending.size(); }

    /// `write` is called at once with where the message's body goes.
    Answer send(native::Opcode opcode, std::uint8_t flags,
                const std::function<void(ByteWriter&)>& write,
                cql::ResultMetadataPtr known = nullptr);
    /// What comes and goes from here on is in v5 frames: call once READY has come.
    void useFrames(native::Compression compression);
    void onEvent(std::function<void(const EventReply&)> callback) { m_onEvent = std::move(callback); }

private:
    struct Pending {
        Answer answer;
        cql::ResultMetadataPtr known;
        runtime::Instant deadline;
        bool timedOut = false;  // Its stream number is not free before the answer has come.
    };

    void onData(BytesView bytes);
    void onEnvelope(const native::Envelope& envelope);
    void end(const Error& why);
    void flushSoon();
    void watchDeadlines();
    void dropLate();
    std::optional<std::int16_t> freeStream();

    runtime::Runtime m_runtime;
    std::shared_ptr<runtime::Connection> m_stream;
    const std::string m_remote;
    const runtime::Duration m_timeout;
    native::EnvelopeReader m_reader;
    native::EnvelopeWriter m_writer;
    std::unordered_map<std::int16_t, Pending> m_pending;
    std::vector<std::int16_t> m_freeStreams;
    std::int32_t m_nextStream = 0;
    std::function<void(const EventReply&)> m_onEvent;
    runtime::TimerId m_timer = 0;
    bool m_watching = false;
    bool m_flushPosted = false;
    bool m_open = true;
};

}  // namespace engine::client
