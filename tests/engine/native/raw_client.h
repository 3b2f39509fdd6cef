#pragma once

#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "engine/client/reply.h"
#include "engine/native/envelope_reader.h"
#include "engine/native/envelope_writer.h"
#include "engine/native/type_codec.h"
#include "native_fixture.h"

namespace native_fixture {

/// A client that says exactly what a test tells it to, in any version.
class RawClient {
public:
    struct Message {
        native::EnvelopeHeader header;
        Bytes body;

        native::Opcode opcode() const { return static_cast<native::Opcode>(header.opcode); }
        /// Of an ERROR.
        std::int32_t code() const { return ByteReader(body).i32(); }
        std::string text() const {
            ByteReader in(body);
            in.i32();
            return std::string(in.shortBlob());
        }
    };

    RawClient(ServerWorld& w, int v)
        : world(w),
          version(v),
          pipe(w.network.open({"127.0.0.1", 9042})),
          serverEnd(w.network.lastServerEnd),
          m_reader(native::EnvelopeLimits{native::Side::Client, 1, native::kLongestEnvelope}) {
        pipe->start(
            [this](BytesView bytes) {
                m_reader.add(bytes);
                received += bytes;
                read();
                m_reader.keep();
            },
            [this](const std::string&) { closed = true; });
    }

    void sendRaw(Bytes bytes) {
        pipe->send(std::move(bytes));
        world.executor.drain();
    }
    /// Adds a message to what send() will send.
    template <typename W>
    void put(native::Opcode opcode, std::int16_t stream, W body, std::uint8_t flags = 0) {
        ByteWriter& out = m_writer.begin(version, false, flags, stream, opcode);
        if constexpr (std::is_invocable_v<W, ByteWriter&>) {
            body(out);
        } else {
            out.raw(body);
        }
        m_writer.end();
    }
    void put(native::Opcode opcode, std::int16_t stream) { put(opcode, stream, BytesView()); }
    void send() { sendRaw(m_writer.take()); }
    template <typename... A>
    Message ask(A&&... arguments) {
        put(std::forward<A>(arguments)...);
        send();
        return next();
    }
    Message next() {
        ENSURE(!messages.empty());
        Message out = std::move(messages.front());
        messages.pop_front();
        return out;
    }

    Message startup(const std::vector<std::pair<std::string, std::string>>& more = {}) {
        std::vector<std::pair<std::string, std::string>> options = {{"CQL_VERSION", "3.0.0"}};
        options.insert(options.end(), more.begin(), more.end());
        Message answer = ask(native::Opcode::Startup, std::int16_t(0), [&](ByteWriter& out) {
            out.u16(static_cast<std::uint16_t>(options.size()));
            for (const auto& [key, value] : options) {
                native::writeString(out, key);
                native::writeString(out, value);
            }
        });
        return answer;
    }
    /// STARTUP, then what the version and the compression ask for.
    void connect(native::Compression compression = native::Compression::None,
                 std::vector<std::pair<std::string, std::string>> more = {}) {
        if (compression != native::Compression::None) {
            more.emplace_back("COMPRESSION", native::toString(compression));
        }
        ENSURE(startup(more).opcode() == native::Opcode::Ready);
        beginFrames(compression);
    }
    /// What comes after READY or AUTHENTICATE.
    void beginFrames(native::Compression compression = native::Compression::None) {
        if (version >= 5) {
            m_reader.useFrames(compression);
            m_writer.useFrames(compression);
        } else {
            m_reader.useCompression(compression);
            m_writer.useCompression(compression);
        }
    }
    /// QUERY at ONE without further parameters.
    void putQuery(const std::string& text, std::int16_t stream, std::uint8_t flags = 0) {
        put(native::Opcode::Query, stream,
            [&](ByteWriter& out) {
                out.longBlob(text);
                out.u16(1);
                version >= 5 ? out.u32(0) : out.u8(0);
            },
            flags);
    }
    Message query(const std::string& text, std::int16_t stream = 1, std::uint8_t flags = 0) {
        putQuery(text, stream, flags);
        send();
        return next();
    }

    ServerWorld& world;
    const int version;
    const std::shared_ptr<Pipe> pipe;
    const std::shared_ptr<Pipe> serverEnd;
    std::deque<Message> messages;
    Bytes received;
    bool closed = false;

private:
    void read() {
        for (;;) {
            const native::EnvelopeReader::Step step = m_reader.next();
            const auto* envelope = std::get_if<native::Envelope>(&step);
            if (envelope == nullptr) {
                ENSURE(!std::holds_alternative<native::EnvelopeFault>(step));
                return;
            }
            messages.push_back({envelope->header, Bytes(envelope->body)});
        }
    }

    native::EnvelopeReader m_reader;
    native::EnvelopeWriter m_writer;
};

}  // namespace native_fixture
