#include "engine/base/hash.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <bit>

#include "engine/base/ensure.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define RINGSIDE_FOLDED_CRC 1
#endif

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

#ifdef RINGSIDE_FOLDED_CRC
namespace {

constexpr std::size_t kLaneBytes = 16;
constexpr std::size_t kFourLanes = 4 * kLaneBytes;

__m128i laneAt(const char* bytes) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

/// Moves what is in `lane` on by the distance that `by` stands for, onto what lies there.
__attribute__((target("pclmul,sse4.1"))) __m128i fold(__m128i lane, __m128i by, __m128i onto) {
    const __m128i low = _mm_clmulepi64_si128(lane, by, 0x00);
    const __m128i high = _mm_clmulepi64_si128(lane, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

/// CRC-32 by carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic Polynomials
/// Using PCLMULQDQ", 2009): the bytes are a polynomial, of which stretches of 16 bytes are replaced by
/// what they leave modulo the CRC's. At least four lanes, a whole number of them. `state` is inverted.
__attribute__((target("pclmul,sse4.1"))) std::uint32_t foldedCrc32(const char* at, std::size_t length,
                                                                   std::uint32_t state) {
    const __m128i byFour = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
    const __m128i byOne = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    const __m128i by64Bits = _mm_set_epi64x(0, 0x0163cd6124);
    const __m128i polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
    const __m128i low32 = _mm_setr_epi32(-1, 0, -1, 0);

    __m128i lanes[4];
    for (std::size_t i = 0; i < 4; ++i) {
        lanes[i] = laneAt(at + i * kLaneBytes);
    }
    lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(static_cast<int>(state)));
    at += kFourLanes;
    length -= kFourLanes;
    for (; length >= kFourLanes; at += kFourLanes, length -= kFourLanes) {
        for (std::size_t i = 0; i < 4; ++i) {
            lanes[i] = fold(lanes[i], byFour, laneAt(at + i * kLaneBytes));
        }
    }
    __m128i rest = lanes[0];
    for (std::size_t i = 1; i < 4; ++i) {
        rest = fold(rest, byOne, lanes[i]);
    }
    for (; length >= kLaneBytes; at += kLaneBytes, length -= kLaneBytes) {
        rest = fold(rest, byOne, laneAt(at));
    }
    // 128 bits to 64, and these to 32 by Barrett's reduction.
    rest = _mm_xor_si128(_mm_srli_si128(rest, 8), _mm_clmulepi64_si128(rest, byOne, 0x10));
    rest = _mm_xor_si128(_mm_srli_si128(rest, 4),
                         _mm_clmulepi64_si128(_mm_and_si128(rest, low32), by64Bits, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(rest, low32), polynomial, 0x10);
    quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low32), polynomial, 0x00);
    return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(rest, quotient), 1));
}

}  // namespace
#endif

std::uint32_t crc32(BytesView bytes, std::uint32_t previous) {
#ifdef RINGSIDE_FOLDED_CRC
    static const bool canFold = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
    if (canFold && bytes.size() >= kFourLanes) {
        const std::size_t whole = bytes.size() / kLaneBytes * kLaneBytes;
        previous = ~foldedCrc32(bytes.data(), whole, ~previous);
        bytes.remove_prefix(whole);
    }
#endif
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
