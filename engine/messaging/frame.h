#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace engine::messaging {

/// Cuts a stream into checked frames: u32 length, u32 CRC-32 of those four bytes, payload, u32
/// CRC-32 of the payload (docs/formats.md). Pure.
constexpr std::size_t kFrameHeaderBytes = 8;
constexpr std::size_t kFrameTrailerBytes = 4;
constexpr std::uint32_t kFrameBytesMax = 512u << 20;

/// Gathers payload behind room for a header; `seal()` gives the whole frame and begins the next.
class FrameWriter {
public:
    FrameWriter() { begin(); }
    ByteWriter& payload() { return m_writer; }
    std::size_t payloadBytes() const { return m_writer.size() - kFrameHeaderBytes; }
    bool empty() const { return payloadBytes() == 0; }
    Bytes seal();
    void clear() { begin(); }

private:
    void begin();
    ByteWriter m_writer;
};

/// Finds frames in bytes as they come. After an error it takes no more.
class FrameReader {
public:
    explicit FrameReader(std::uint32_t payloadMax = kFrameBytesMax) : m_payloadMax(payloadMax) {}

    /// Calls `onFrame` for every frame that is whole and sound; it returns false to stop here.
    Result<void> feed(BytesView bytes, const std::function<bool(BytesView payload)>& onFrame);
    void setPayloadMax(std::uint32_t payloadMax) { m_payloadMax = payloadMax; }

private:
    /// The bytes that the first frame takes; 0: more are needed.
    Result<std::size_t> frameBytes(BytesView bytes) const;

    std::uint32_t m_payloadMax;
    Bytes m_partial;  // The beginning of a frame that is not whole yet.
};

}  // namespace engine::messaging
