#include "engine/observe/recording.h"

#include <fmt/format.h>

#include "engine/observe/codec.h"

namespace engine::observe {

namespace {
constexpr BytesView kMagic = "RSEV";
constexpr std::size_t kHeadBytes = 8;
}  // namespace

void writeRecordingHead(ByteWriter& out) {
    out.raw(kMagic);
    out.u32(kRecordingVersion);
}

void writeRecorded(ByteWriter& out, const Event& event) {
    const Bytes bytes = encode(event);
    out.u32(static_cast<std::uint32_t>(bytes.size()));
    out.raw(bytes);
}

Result<Recording> readRecording(BytesView bytes) {
    if (bytes.size() < kHeadBytes || bytes.substr(0, kMagic.size()) != kMagic) {
        return makeError(ErrorKind::Corrupt, "this is no recording");
    }
    ByteReader in(bytes.substr(kMagic.size()));
    const std::uint32_t version = in.u32();
    if (version != kRecordingVersion) {
        return makeError(ErrorKind::Corrupt, fmt::format("a recording of version {}; this program reads version {}",
                                                         version, kRecordingVersion));
    }
    Recording out;
    while (!in.atEnd()) {
        const std::size_t offset = bytes.size() - in.remaining();
        if (in.remaining() < sizeof(std::uint32_t)) {
            out.cutOff = true;
            break;
        }
        const std::uint32_t length = in.u32();
        if (in.remaining() < length) {
            out.cutOff = true;
            break;
        }
        auto event = decode(in.raw(length));
        if (!event) {
            return makeError(ErrorKind::Corrupt, fmt::format("at byte {} of the recording: {}", offset, event.error().message));
        }
        out.events.push_back(std::move(event).value());
    }
    return out;
}

}  // namespace engine::observe
