#include "engine/storage/sstable/compression.h"

#include <fmt/format.h>
#include <lz4.h>
#include <lz4hc.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <bit>
#include <charconv>
#include <cmath>

#include "engine/base/ensure.h"

namespace engine::storage {

namespace {

constexpr std::size_t kLz4LengthBytes = 4;
constexpr int kLz4HighLevelDefault = 9;
constexpr int kZstdLevelDefault = 3;
constexpr std::uint32_t kChunkBytesMax = 1u << 30;
constexpr std::string_view kPackage = "org.apache.cassandra.io.compress.";
constexpr std::uint32_t kNoLimit = 0x7fffffff;

int numberOr(const CompressionParams& params, std::string_view key, int otherwise) {
    for (const auto& [name, value] : params.options) {
        if (name == key) {
            std::from_chars(value.data(), value.data() + value.size(), otherwise);
        }
    }
    return otherwise;
}

/// Length of the chunk, little-endian, then one LZ4 block.
class Lz4 : public Compressor {
public:
    explicit Lz4(int highLevel) : m_highLevel(highLevel) {}

    std::size_t bound(std::size_t length) const override {
        return kLz4LengthBytes + static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(length)));
    }
    void compress(BytesView in, Bytes& out) override {
        const std::size_t room = bound(in.size());
        if (out.size() < room) {
            out.resize(room);
        }
        for (std::size_t i = 0; i < kLz4LengthBytes; ++i) {
            out[i] = static_cast<char>(in.size() >> (8 * i));
        }
        char* to = out.data() + kLz4LengthBytes;
        const int length = static_cast<int>(in.size());
        const int space = static_cast<int>(room - kLz4LengthBytes);
        const int written = m_highLevel > 0
                                ? LZ4_compress_HC(in.data(), to, length, space, m_highLevel)
                                : LZ4_compress_default(in.data(), to, length, space);
        ENSURE(written > 0 || in.empty());
        out.resize(kLz4LengthBytes + static_cast<std::size_t>(written));
    }
    bool uncompress(BytesView in, char* out, std::size_t length) override {
        if (in.size() < kLz4LengthBytes) {
            return false;
        }
        std::uint32_t told = 0;
        for (std::size_t i = 0; i < kLz4LengthBytes; ++i) {
            told |= static_cast<std::uint32_t>(static_cast<unsigned char>(in[i])) << (8 * i);
        }
        in.remove_prefix(kLz4LengthBytes);
        return told == length &&
               LZ4_decompress_safe(in.data(), out, static_cast<int>(in.size()),
                                   static_cast<int>(length)) == static_cast<int>(length);
    }

private:
    const int m_highLevel;  // 0: the fast one.
};

/// One frame with the checksum of its content.
class Zstd : public Compressor {
public:
    explicit Zstd(int level) : m_in(ZSTD_createCCtx()), m_out(ZSTD_createDCtx()) {
        ZSTD_CCtx_setParameter(m_in.get(), ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(m_in.get(), ZSTD_c_checksumFlag, 1);
    }

    std::size_t bound(std::size_t length) const override { return ZSTD_compressBound(length); }
    void compress(BytesView in, Bytes& out) override {
        out.resize(std::max(out.size(), bound(in.size())));
        const std::size_t written =
            ZSTD_compress2(m_in.get(), out.data(), out.size(), in.data(), in.size());
        ENSURE(!ZSTD_isError(written));
        out.resize(written);
    }
    bool uncompress(BytesView in, char* out, std::size_t length) override {
        return ZSTD_decompressDCtx(m_out.get(), out, length, in.data(), in.size()) == length;
    }

private:
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    std::unique_ptr<ZSTD_CCtx, Free> m_in;
    std::unique_ptr<ZSTD_DCtx, Free> m_out;
};

/// One raw block.
class Snappy : public Compressor {
public:
    std::size_t bound(std::size_t length) const override {
        return snappy::MaxCompressedLength(length);
    }
    void compress(BytesView in, Bytes& out) override {
        out.resize(std::max(out.size(), bound(in.size())));
        std::size_t written = 0;
        snappy::RawCompress(in.data(), in.size(), out.data(), &written);
        out.resize(written);
    }
    bool uncompress(BytesView in, char* out, std::size_t length) override {
        std::size_t told = 0;
        return snappy::GetUncompressedLength(in.data(), in.size(), &told) && told == length &&
               snappy::RawUncompress(in.data(), in.size(), out);
    }
};

/// One zlib stream at the default level.
class Deflate : public Compressor {
public:
    std::size_t bound(std::size_t length) const override { return compressBound(length); }
    void compress(BytesView in, Bytes& out) override {
        out.resize(std::max(out.size(), bound(in.size())));
        uLongf written = out.size();
        const int done = ::compress(reinterpret_cast<Bytef*>(out.data()), &written,
                                    reinterpret_cast<const Bytef*>(in.data()), in.size());
        ENSURE(done == Z_OK);
        out.resize(written);
    }
    bool uncompress(BytesView in, char* out, std::size_t length) override {
        uLongf written = length;
        return ::uncompress(reinterpret_cast<Bytef*>(out), &written,
                            reinterpret_cast<const Bytef*>(in.data()), in.size()) == Z_OK &&
               written == length;
    }
};

class Noop : public Compressor {
public:
    std::size_t bound(std::size_t length) const override { return length; }
    void compress(BytesView in, Bytes& out) override { out.assign(in); }
    bool uncompress(BytesView in, char* out, std::size_t length) override {
        if (in.size() != length) {
            return false;
        }
        in.copy(out, length);
        return true;
    }
};

/// Java's modified UTF-8 with a 16-bit length; names and options are ASCII, where both agree.
std::string readText(ByteReader& in) {
    return std::string(in.shortBlob());
}

}  // namespace

CompressionParams CompressionParams::of(const schema::TableOptions& options) {
    CompressionParams out;
    double ratio = 0;
    for (const auto& [key, value] : options.compression) {
        if (key == "class") {
            out.compressor = value.starts_with(kPackage) ? value.substr(kPackage.size()) : value;
        } else if (key == "chunk_length_in_kb") {
            std::uint32_t kib = 0;
            std::from_chars(value.data(), value.data() + value.size(), kib);
            out.chunkBytes = kib == 0 ? out.chunkBytes : kib * 1024;
        } else if (key == "min_compress_ratio") {
            ratio = std::strtod(value.c_str(), nullptr);
        } else if (key == "enabled") {
            if (value == "false") {
                return {};
            }
        } else {
            out.options.emplace_back(key, value);
        }
    }
    if (ratio > 0) {
        out.maxCompressedBytes =
            static_cast<std::uint32_t>(std::ceil(static_cast<double>(out.chunkBytes) / ratio));
    }
    return out;
}

Result<std::unique_ptr<Compressor>> makeCompressor(const CompressionParams& params) {
    const std::string_view name = params.compressor;
    if (name == "LZ4Compressor") {
        bool high = false;
        for (const auto& [key, value] : params.options) {
            high = high || (key == "lz4_compressor_type" && value == "high");
        }
        return std::unique_ptr<Compressor>(std::make_unique<Lz4>(
            high ? numberOr(params, "lz4_high_compressor_level", kLz4HighLevelDefault) : 0));
    }
    if (name == "ZstdCompressor") {
        return std::unique_ptr<Compressor>(
            std::make_unique<Zstd>(numberOr(params, "compression_level", kZstdLevelDefault)));
    }
    if (name == "SnappyCompressor") {
        return std::unique_ptr<Compressor>(std::make_unique<Snappy>());
    }
    if (name == "DeflateCompressor") {
        return std::unique_ptr<Compressor>(std::make_unique<Deflate>());
    }
    if (name == "NoopCompressor") {
        return std::unique_ptr<Compressor>(std::make_unique<Noop>());
    }
    return makeError(ErrorKind::Corrupt, fmt::format("the compressor {} is unknown", name));
}

void CompressionInfo::write(ByteWriter& out) const {
    out.shortBlob(params.compressor);
    out.i32(static_cast<std::int32_t>(params.options.size()));
    for (const auto& [key, value] : params.options) {
        out.shortBlob(key);
        out.shortBlob(value);
    }
    out.u32(params.chunkBytes);
    out.u32(params.maxCompressedBytes);
    out.u64(uncompressedBytes);
    out.u32(static_cast<std::uint32_t>(offsets.size()));
    for (const std::uint64_t offset : offsets) {
        out.u64(offset);
    }
}

Result<CompressionInfo> CompressionInfo::read(BytesView bytes, const std::string& path) {
    ByteReader in(bytes);
    const auto corrupt = [&](std::string_view what) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("SSTable {}: {} at offset {}", path, what, in.offset()));
    };
    CompressionInfo out;
    std::string name = readText(in);
    out.params.compressor = name.starts_with(kPackage) ? name.substr(kPackage.size()) : name;
    const std::uint32_t options = in.u32();
    for (std::uint32_t i = 0; i < options && !in.failed(); ++i) {
        std::string key = readText(in);
        out.params.options.emplace_back(std::move(key), readText(in));
    }
    out.params.chunkBytes = in.u32();
    out.params.maxCompressedBytes = in.u32();
    out.uncompressedBytes = in.u64();
    const std::uint32_t chunks = in.u32();
    if (in.failed()) {
        return corrupt("the description of the compression ends early");
    }
    const std::uint32_t length = out.params.chunkBytes;
    if (!std::has_single_bit(length) || length > kChunkBytesMax) {
        return corrupt(fmt::format("the chunk length {} is not a power of two", length));
    }
    if (out.params.maxCompressedBytes == 0 || out.params.maxCompressedBytes > kNoLimit) {
        return corrupt("the longest compressed chunk has an impossible length");
    }
    const std::uint64_t needed = (out.uncompressedBytes + length - 1) / length;
    if (chunks == 0 || (chunks != needed && chunks != needed + 1) || needed > kNoLimit ||
        in.remaining() != std::uint64_t(chunks) * 8) {
        return corrupt(fmt::format("{} chunks do not hold {} bytes", chunks, out.uncompressedBytes));
    }
    out.offsets.reserve(chunks);
    for (std::uint32_t i = 0; i < chunks; ++i) {
        const std::uint64_t offset = in.u64();
        if (i == 0 ? offset != 0 : offset <= out.offsets.back()) {
            return corrupt("the chunks' offsets do not ascend");
        }
        out.offsets.push_back(offset);
    }
    if (const auto made = makeCompressor(out.params); !made) {
        return makeError(made.error().kind, fmt::format("SSTable {}: {}", path, made.error().message));
    }
    return out;
}

}  // namespace engine::storage
