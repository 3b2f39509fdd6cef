#include "engine/native/frame_codec.h"

#include "engine/base/ensure.h"
#include "engine/base/hash.h"
#include "engine/native/compression.h"

namespace engine::native {

namespace {

constexpr std::size_t kCrc24Bytes = 3;
constexpr std::size_t kCrc32Bytes = 4;
constexpr int kPlainFields = 3;       // Bytes of header fields without compression,
constexpr int kCompressedFields = 5;  // and with.
constexpr int kLengthBits = 17;
constexpr std::uint64_t kLengthMask = (1U << kLengthBits) - 1;

int fieldBytes(Compression compression) {
    return compression == Compression::None ? kPlainFields : kCompressedFields;
}

std::uint64_t readLittleEndian(BytesView bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

void writeLittleEndian(char* out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        out[i] = static_cast<char>(value >> (8 * i));
    }
}

Error broken(const char* what) {
    return makeError(ErrorKind::Protocol, std::string("unrecoverable CRC mismatch detected in frame ") + what);
}

/// Header, as FrameEncoderCrc.writeHeader and FrameEncoderLZ4 of Cassandra lay it out.
struct FrameFields {
    std::size_t length = 0;    // Of the payload as sent.
    std::size_t original = 0;  // With compression: before it; zero when stored as it is.
    bool selfContained = true;

    static FrameFields unpack(std::uint64_t bits, Compression compression) {
        if (compression == Compression::None) {
            return {bits & kLengthMask, 0, ((bits >> kLengthBits) & 1) != 0};
        }
        return {bits & kLengthMask, (bits >> kLengthBits) & kLengthMask,
                ((bits >> (2 * kLengthBits)) & 1) != 0};
    }
    std::uint64_t pack(Compression compression) const {
        const std::uint64_t last = selfContained ? 1 : 0;
        if (compression == Compression::None) {
            return length | (last << kLengthBits);
        }
        return length | (std::uint64_t(original) << kLengthBits) | (last << (2 * kLengthBits));
    }
};

}  // namespace

std::size_t frameHeaderBytes(Compression compression) {
    return static_cast<std::size_t>(fieldBytes(compression)) + kCrc24Bytes;
}

Result<std::optional<Frame>> FrameDecoder::next(StreamBuffer& in) {
    const BytesView bytes = in.view();
    const std::size_t header = frameHeaderBytes(m_compression);
    if (bytes.size() < header) {
        return std::optional<Frame>();
    }
    const int fields = fieldBytes(m_compression);
    const auto fieldCount = static_cast<std::size_t>(fields);
    const std::uint64_t bits = readLittleEndian(bytes.substr(0, fieldCount));
    if (readLittleEndian(bytes.substr(fieldCount, kCrc24Bytes)) != crc24(bits, fields)) {
        return broken("header");
    }
    const FrameFields frame = FrameFields::unpack(bits, m_compression);
    if (bytes.size() < header + frame.length + kCrc32Bytes) {
        return std::optional<Frame>();
    }
    BytesView payload = bytes.substr(header, frame.length);
    if (readLittleEndian(bytes.substr(header + frame.length, kCrc32Bytes)) != frameCrc32(payload)) {
        return broken("payload");
    }
    if (frame.original > 0) {
        if (!lz4Unpack(payload, frame.original, m_unpacked)) {
            return makeError(ErrorKind::Protocol, "Corrupted LZ4 compressed frame");
        }
        payload = m_unpacked;
    }
    in.consume(header + frame.length + kCrc32Bytes);
    return std::optional<Frame>(Frame{payload, frame.selfContained});
}

void closeFrame(Bytes& out, std::size_t start, bool selfContained, Compression compression) {
    const std::size_t header = frameHeaderBytes(compression);
    const std::size_t original = out.size() - start - header;
    ENSURE(original <= kMaxFramePayload);
    FrameFields frame{original, 0, selfContained};
    if (compression == Compression::Lz4) {
        Bytes packed;
        if (lz4Append(BytesView(out).substr(start + header), packed) < original) {
            out.replace(start + header, original, packed);
            frame.length = packed.size();
            frame.original = original;
        }
    }
    const int fields = fieldBytes(compression);
    const std::uint64_t bits = frame.pack(compression);
    writeLittleEndian(out.data() + start, bits, static_cast<std::size_t>(fields));
    writeLittleEndian(out.data() + start + fields, crc24(bits, fields), kCrc24Bytes);
    char checksum[kCrc32Bytes];
    writeLittleEndian(checksum, frameCrc32(BytesView(out).substr(start + header, frame.length)),
                      kCrc32Bytes);
    out.append(checksum, kCrc32Bytes);
}

}  // namespace engine::native
