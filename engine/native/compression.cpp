#include "engine/native/compression.h"

#include <lz4.h>
#include <snappy-c.h>

#include "engine/base/ensure.h"

namespace engine::native {

namespace {

Error broken(std::string what) { return makeError(ErrorKind::Protocol, std::move(what)); }

Result<Bytes> unpackLz4Body(BytesView body, std::size_t limit) {
    ByteReader in(body);
    const std::int64_t length = in.i32();
    if (in.failed() || length < 0 || static_cast<std::size_t>(length) > limit) {
        return broken("Invalid length of an LZ4 compressed frame body");
    }
    Bytes out;
    if (!lz4Unpack(in.raw(in.remaining()), static_cast<std::size_t>(length), out)) {
        return broken("Corrupted LZ4 compressed frame body");
    }
    return out;
}

Result<Bytes> unpackSnappyBody(BytesView body, std::size_t limit) {
    std::size_t length = 0;
    if (snappy_uncompressed_length(body.data(), body.size(), &length) != SNAPPY_OK ||
        length > limit) {
        return broken("Provided frame does not appear to be Snappy compressed");
    }
    Bytes out(length, '\0');
    if (snappy_uncompress(body.data(), body.size(), out.data(), &length) != SNAPPY_OK ||
        length != out.size()) {
        return broken("Provided frame does not appear to be Snappy compressed");
    }
    return out;
}

}  // namespace

std::size_t lz4Append(BytesView payload, Bytes& out) {
    const std::size_t before = out.size();
    const int bound = LZ4_compressBound(static_cast<int>(payload.size()));
    out.resize(before + static_cast<std::size_t>(bound));
    const int written = LZ4_compress_default(payload.data(), out.data() + before,
                                             static_cast<int>(payload.size()), bound);
    ENSURE(written >= 0);
    out.resize(before + static_cast<std::size_t>(written));
    return static_cast<std::size_t>(written);
}

bool lz4Unpack(BytesView block, std::size_t originalLength, Bytes& out) {
    out.resize(originalLength);
    if (originalLength == 0) {
        return true;
    }
    const int got = LZ4_decompress_safe(block.data(), out.data(), static_cast<int>(block.size()),
                                        static_cast<int>(originalLength));
    return got >= 0 && static_cast<std::size_t>(got) == originalLength;
}

Bytes compressBody(Compression compression, BytesView body) {
    if (compression == Compression::Lz4) {
        ByteWriter out;
        out.i32(static_cast<std::int32_t>(body.size()));
        lz4Append(body, out.buffer());
        return out.take();
    }
    ENSURE(compression == Compression::Snappy);
    std::size_t length = snappy_max_compressed_length(body.size());
    Bytes out(length, '\0');
    ENSURE(snappy_compress(body.data(), body.size(), out.data(), &length) == SNAPPY_OK);
    out.resize(length);
    return out;
}

Result<Bytes> decompressBody(Compression compression, BytesView body, std::size_t limit) {
    return compression == Compression::Lz4 ? unpackLz4Body(body, limit)
                                           : unpackSnappyBody(body, limit);
}

}  // namespace engine::native
