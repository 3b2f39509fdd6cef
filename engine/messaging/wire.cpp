#include "engine/messaging/wire.h"

namespace engine::messaging {

namespace {

enum Flags : std::uint8_t { kTraced = 1, kReply = 2, kDeadline = 4 };

}  // namespace

Bytes encodeHello(const Hello& hello) {
    ByteWriter out;
    out.u32(kHelloMagic);
    out.u16(hello.version);
    out.boolean(hello.urgent);
    out.blob(hello.cluster);
    out.blob(hello.from);
    out.blob(hello.to);
    return out.take();
}

Result<Hello> decodeHello(BytesView payload) {
    ByteReader in(payload);
    if (in.u32() != kHelloMagic) {
        return makeError(ErrorKind::Corrupt, "not a node's connection");
    }
    Hello hello;
    hello.version = in.u16();
    hello.urgent = in.boolean();
    hello.cluster = in.blob();
    hello.from = in.blob();
    hello.to = in.blob();
    if (in.failed() || hello.from.empty()) {
        return makeError(ErrorKind::Corrupt, "truncated hello");
    }
    return hello;
}

Bytes encodeHelloAnswer(const HelloAnswer& answer) {
    ByteWriter out;
    out.u16(answer.version);
    out.blob(answer.refused);
    return out.take();
}

Result<HelloAnswer> decodeHelloAnswer(BytesView payload) {
    ByteReader in(payload);
    HelloAnswer answer;
    answer.version = in.u16();
    answer.refused = in.blob();
    if (in.failed()) {
        return makeError(ErrorKind::Corrupt, "truncated answer to hello");
    }
    return answer;
}

void writeMessage(ByteWriter& out, const WireMessage& message) {
    const bool traced = !message.request.isNil();
    const bool isReply = message.replyTo != 0;
    const bool hasDeadline = message.leftMicros != 0;
    out.u8(static_cast<std::uint8_t>(message.verb));
    out.u8(static_cast<std::uint8_t>((traced ? kTraced : 0) | (isReply ? kReply : 0) |
                                     (hasDeadline ? kDeadline : 0)));
    out.unsignedVint(message.id);
    if (isReply) {
        out.unsignedVint(message.replyTo);
    }
    if (traced) {
        out.u64(message.request.high);
        out.u64(message.request.low);
    }
    out.i64(message.sentNanos);
    if (hasDeadline) {
        out.unsignedVint(message.leftMicros);
    }
    out.blob(message.payload);
}

std::optional<WireMessage> readMessage(ByteReader& in) {
    WireMessage message;
    const std::uint8_t verb = in.u8();
    const std::uint8_t flags = in.u8();
    message.id = in.unsignedVint();
    if ((flags & kReply) != 0) {
        message.replyTo = in.unsignedVint();
    }
    if ((flags & kTraced) != 0) {
        message.request.high = in.u64();
        message.request.low = in.u64();
    }
    message.sentNanos = in.i64();
    if ((flags & kDeadline) != 0) {
        message.leftMicros = in.unsignedVint();
    }
    message.payload = in.blob();
    if (in.failed() || verb >= kVerbCount) {
        return std::nullopt;
    }
    message.verb = static_cast<Verb>(verb);
    return message;
}

}  // namespace engine::messaging
