#include "engine/base/hash.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <bit>

#include "engine/base/ensure.h"

namespace engine {

namespace {

std::uint64_t littleEndian64(BytesView bytes, std::size_t offset) {
    std::uint64_t v = 0;
    for (int i = 7; i >= 0; --i) {
        v = (v << 8) | static_cast<unsigned char>(bytes[offset + static_cast<std::size_t>(i)]);
    }
    return v;
}

std::uint64_t finalMix(std::uint64_t k) {
    k ^= k >> 33;
    k *= 0xff51afd7ed558ccdULL;
    k ^= k >> 33;
    k *= 0xc4ceb9fe1a85ec53ULL;
    k ^= k >> 33;
    return k;
}

/// A tail byte as Java's `(long) byte`: sign-extended, then shifted.
std::uint64_t signedByte(BytesView bytes, std::size_t offset, int shift) {
    const auto v = static_cast<std::int64_t>(static_cast<signed char>(bytes[offset]));
    return static_cast<std::uint64_t>(v) << shift;
}

}  // namespace

std::array<std::int64_t, 2> murmur3(BytesView bytes) {
    constexpr std::uint64_t c1 = 0x87c37b91114253d5ULL;
    constexpr std::uint64_t c2 = 0x4cf5ad432745937fULL;
    std::uint64_t h1 = 0;
    std::uint64_t h2 = 0;
    const std::size_t blocks = bytes.size() / 16;
    for (std::size_t i = 0; i < blocks; ++i) {
        std::uint64_t k1 = littleEndian64(bytes, i * 16);
        std::uint64_t k2 = littleEndian64(bytes, i * 16 + 8);
        k1 = std::rotl(k1 * c1, 31) * c2;
        h1 ^= k1;
        h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
        k2 = std::rotl(k2 * c2, 33) * c1;
        h2 ^= k2;
        h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
    }
    const std::size_t tail = blocks * 16;
    const std::size_t left = bytes.size() - tail;
    std::uint64_t k1 = 0;
    std::uint64_t k2 = 0;
    for (std::size_t i = left; i > 8; --i) {
        k2 ^= signedByte(bytes, tail + i - 1, static_cast<int>(i - 9) * 8);
    }
    if (left > 8) {
        h2 ^= std::rotl(k2 * c2, 33) * c1;
    }
    for (std::size_t i = left < 8 ? left : 8; i > 0; --i) {
        k1 ^= signedByte(bytes, tail + i - 1, static_cast<int>(i - 1) * 8);
    }
    if (left > 0) {
        h1 ^= std::rotl(k1 * c1, 31) * c2;
    }
    h1 ^= bytes.size();
    h2 ^= bytes.size();
    h1 += h2;
    h2 += h1;
    h1 = finalMix(h1);
    h2 = finalMix(h2);
    h1 += h2;
    h2 += h1;
    return {static_cast<std::int64_t>(h1), static_cast<std::int64_t>(h2)};
}

std::uint32_t crc32(BytesView bytes, std::uint32_t previous) {
    return static_cast<std::uint32_t>(
        ::crc32_z(previous, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t crc24(std::uint64_t header, int length) {
    constexpr std::uint32_t kInitial = 0x875060;
    constexpr std::uint32_t kPolynomial = 0x1974F0B;
    std::uint32_t crc = kInitial;
    for (int i = 0; i < length; ++i) {
        crc ^= static_cast<std::uint32_t>(header & 0xff) << 16;
        header >>= 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc <<= 1;
            if ((crc & 0x1000000) != 0) {
                crc ^= kPolynomial;
            }
        }
    }
    return crc;
}

std::uint32_t frameCrc32(BytesView payload) {
    static const std::uint32_t seed = crc32(BytesView("\xfa\x2d\x55\xca", 4));
    return crc32(payload, seed);
}

Bytes md5(BytesView bytes) {
    Bytes out(16, '\0');
    unsigned int length = 0;
    const int done = EVP_Digest(bytes.data(), bytes.size(),
                                reinterpret_cast<unsigned char*>(out.data()), &length, EVP_md5(), nullptr);
    ENSURE(done == 1 && length == 16);
    return out;
}

}  // namespace engine
