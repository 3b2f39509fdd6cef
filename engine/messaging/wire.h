#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/messaging/verb.h"

namespace engine::messaging {

constexpr std::uint32_t kHelloMagic = 0x52534d31;  // "RSM1"
constexpr std::uint16_t kWireVersion = 1;
constexpr std::uint32_t kHelloBytesMax = 64 * 1024;

/// First frame of a connection, from the side that opened it.
struct Hello {
    std::uint16_t version = kWireVersion;
    bool urgent = false;
    std::string cluster;
    std::string from;
    std::string to;
};
/// Its answer; empty `refused` is consent.
struct HelloAnswer {
    std::uint16_t version = kWireVersion;
    std::string refused;
};

Bytes encodeHello(const Hello& hello);
Result<Hello> decodeHello(BytesView payload);
Bytes encodeHelloAnswer(const HelloAnswer& answer);
Result<HelloAnswer> decodeHelloAnswer(BytesView payload);

/// One message as it lies in a frame. Views and references end with their frame.
struct WireMessage {
    Verb verb = Verb::PingReq;
    std::uint64_t id = 0;
    std::uint64_t replyTo = 0;
    Uuid request;
    std::int64_t sentNanos = 0;
    /// What is left until the deadline when it leaves; 0: it has none.
    std::uint64_t leftMicros = 0;
    BytesView payload;
};

void writeMessage(ByteWriter& out, const WireMessage& message);
/// Empty when what is left of the frame is no message.
std::optional<WireMessage> readMessage(ByteReader& in);

}  // namespace engine::messaging
