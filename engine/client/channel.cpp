#include "engine/client/channel.h"

#include <algorithm>
#include <limits>

namespace engine::client {

namespace {

constexpr runtime::Duration kDeadlineCheck = std::chrono::milliseconds(100);
constexpr std::int32_t kStreams = 32768;

}  // namespace

Channel::Channel(runtime::Runtime runtime, std::shared_ptr<runtime::Connection> stream,
                 runtime::Duration timeout)
    : m_runtime(runtime),
      m_stream(std::move(stream)),
      m_remote(m_stream->remote().toString()),
      m_timeout(timeout),
      m_reader(native::EnvelopeLimits{native::Side::Client, native::kMinVersion,
                                      native::kLongestEnvelope}) {}

Channel::~Channel() { m_runtime.clock.cancel(m_timer); }

void Channel::start() {
    m_stream->start(
        [weak = weak_from_this()](BytesView bytes) {
            if (const auto self = weak.lock()) {
                self->onData(bytes);
            }
        },
        [weak = weak_from_this()](const std::string& reason) {
            if (const auto self = weak.lock()) {
                self->end(makeError(ErrorKind::Io, "connection to " + self->m_remote +
                                                       " has ended: " + reason));
            }
        });
}

void Channel::close() {
    if (m_open) {
        m_stream->close();
        end(makeError(ErrorKind::Cancelled, "connection to " + m_remote + " was closed"));
    }
}

void Channel::useFrames(native::Compression compression) {
    m_reader.useFrames(compression);
    m_writer.useFrames(compression);
}

std::optional<std::int16_t> Channel::freeStream() {
    if (!m_freeStreams.empty()) {
        const std::int16_t stream = m_freeStreams.back();
        m_freeStreams.pop_back();
        return stream;
    }
    if (m_nextStream == kStreams) {
        return std::nullopt;
    }
    return static_cast<std::int16_t>(m_nextStream++);
}

Channel::Answer Channel::send(native::Opcode opcode, std::uint8_t flags,
                              const std::function<void(ByteWriter&)>& write,
                              cql::ResultMetadataPtr known) {
    Answer answer;
    if (!m_open) {
        answer.set(makeError(ErrorKind::Io, "not connected to " + m_remote));
        return answer;
    }
    const auto stream = freeStream();
    if (!stream) {
        answer.set(makeError(ErrorKind::Overloaded, "too many requests wait for " + m_remote));
        return answer;
    }
    ByteWriter& out = m_writer.begin(native::kMaxVersion, false, flags, *stream, opcode);
    write(out);
    m_writer.end();
    m_pending.insert_or_assign(
        *stream, Pending{answer, std::move(known), m_runtime.clock.now() + m_timeout});
    flushSoon();
    watchDeadlines();
    return answer;
}

void Channel::flushSoon() {
    if (m_flushPosted) {
        return;
    }
    m_flushPosted = true;
    m_runtime.executor.post([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && self->m_open) {
            self->m_flushPosted = false;
            self->m_stream->send(self->m_writer.take());
        }
    });
}

void Channel::onData(BytesView bytes) {
    const auto self = shared_from_this();  // Whoever an answer resumes may let go of the channel.
    m_reader.add(bytes);
    while (m_open) {
        const native::EnvelopeReader::Step step = m_reader.next();
        if (const auto* envelope = std::get_if<native::Envelope>(&step)) {
            onEnvelope(*envelope);
        } else if (const auto* fault = std::get_if<native::EnvelopeFault>(&step)) {
            m_stream->close(true);
            end(makeError(ErrorKind::Protocol, m_remote + " answers wrongly: " + fault->message));
        } else {
            break;
        }
    }
    m_reader.keep();
}

void Channel::onEnvelope(const native::Envelope& envelope) {
    const std::int16_t stream = envelope.header.stream;
    const auto found = m_pending.find(stream);
    if (found == m_pending.end()) {
        auto reply = decodeReply(envelope.header, envelope.body, nullptr);
        if (reply.has_value() && m_onEvent) {
            if (const auto* event = std::get_if<EventReply>(&reply.value())) {
                m_onEvent(*event);
            }
        } else if (reply.has_error() && stream <= 0) {
            // Not about one request: what the server says before it hangs up.
            m_stream->close();
            end(reply.error());
        }
        return;
    }
    const Pending pending = std::move(found->second);
    m_pending.erase(found);
    m_freeStreams.push_back(stream);
    pending.answer.set(decodeReply(envelope.header, envelope.body, pending.known));
}

void Channel::end(const Error& why) {
    const auto self = shared_from_this();
    m_open = false;
    const auto pending = std::exchange(m_pending, {});
    for (const auto& [stream, request] : pending) {
        request.answer.set(why);
    }
}

void Channel::watchDeadlines() {
    if (m_watching) {
        return;
    }
    m_watching = true;
    m_timer = m_runtime.clock.callAt(m_runtime.clock.now() + kDeadlineCheck,
                                     [weak = weak_from_this()] {
                                         if (const auto self = weak.lock()) {
                                             self->m_watching = false;
                                             self->dropLate();
                                         }
                                     });
}

void Channel::dropLate() {
    const runtime::Instant now = m_runtime.clock.now();
    std::vector<Answer> late;
    for (auto& [stream, request] : m_pending) {
        if (!request.timedOut && request.deadline <= now) {
            request.timedOut = true;
            late.push_back(request.answer);
        }
    }
    const auto waits = [](const auto& entry) { return !entry.second.timedOut; };
    if (std::any_of(m_pending.begin(), m_pending.end(), waits)) {
        watchDeadlines();
    }
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(m_timeout);
    for (const Answer& answer : late) {
        answer.set(makeError(ErrorKind::Timeout, "no answer from " + m_remote + " within " +
                                                     std::to_string(milliseconds.count()) + " ms"));
    }
}

}  // namespace engine::client
