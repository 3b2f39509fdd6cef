#include "engine/storage/sstable/cardinality.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace engine::storage {

namespace {

constexpr int kP = 13;
constexpr int kSp = 25;
constexpr std::size_t kRegisters = 1u << kP;
constexpr std::size_t kSparseMax = 6144;
constexpr std::size_t kRegistersPerWord = 6;
constexpr int kRegisterBits = 5;
constexpr std::size_t kWords = (kRegisters + kRegistersPerWord - 1) / kRegistersPerWord;
constexpr std::int32_t kVersion = -2;
constexpr std::uint32_t kDense = 0;
constexpr std::uint32_t kSparse = 1;

/// Protocol Buffers' variable-length number: least significant group first.
void writeLeb128(ByteWriter& out, std::uint32_t value) {
    while (value >= 0x80) {
        out.u8(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.u8(static_cast<std::uint8_t>(value));
}

std::uint32_t readLeb128(ByteReader& in) {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        const std::uint8_t byte = in.u8();
        value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            return value;
        }
    }
    in.fail();
    return 0;
}

/// Leading zeros of what follows the register's bits, and one.
std::uint32_t runOf(std::uint64_t hash) {
    return static_cast<std::uint32_t>(std::countl_zero((hash << kP) | (1ull << (kP - 1)))) + 1;
}

std::uint32_t encode(std::uint64_t hash) {
    const auto index = static_cast<std::uint32_t>(hash >> (64 - kSp));
    const std::uint32_t low = index & ((1u << (kSp - kP)) - 1);
    return low != 0 ? index << 1 : (((index << 6) | (runOf(hash) ^ 63)) << 1) | 1;
}

std::uint32_t indexOf(std::uint32_t entry) {
    return (entry & 1) == 0 ? entry >> 1 : entry >> 7;
}

std::uint32_t runOfEntry(std::uint32_t entry) {
    if ((entry & 1) != 0) {
        return ((entry >> 1) & 63) ^ 63;
    }
    // The run ends within the index's own low bits.
    const std::uint32_t low = indexOf(entry) & ((1u << (kSp - kP)) - 1);
    return static_cast<std::uint32_t>(std::countl_zero(low)) - (32 - (kSp - kP)) + 1;
}

double linearCount(double entries, double empty) {
    return entries * std::log(entries / empty);
}

std::uint64_t estimateDense(const std::vector<std::uint8_t>& registers) {
    const auto m = static_cast<double>(kRegisters);
    double sum = 0;
    double zeros = 0;
    for (const std::uint8_t run : registers) {
        sum += std::ldexp(1.0, -static_cast<int>(run));
        zeros += run == 0 ? 1 : 0;
    }
    const double raw = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    const double linear = zeros > 0 ? linearCount(m, zeros) : raw;
    return static_cast<std::uint64_t>(std::llround(raw <= 2.5 * m ? linear : raw));
}

}  // namespace

std::uint64_t murmur2(BytesView bytes) {
    constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995ull;
    constexpr int kShift = 47;
    std::uint64_t h = bytes.size() * kMultiplier;
    const std::size_t whole = bytes.size() & ~std::size_t(7);
    for (std::size_t i = 0; i < whole; i += 8) {
        std::uint64_t k = 0;
        for (std::size_t j = 8; j-- > 0;) {
            k = (k << 8) | static_cast<unsigned char>(bytes[i + j]);
        }
        k *= kMultiplier;
        k ^= k >> kShift;
        k *= kMultiplier;
        h ^= k;
        h *= kMultiplier;
    }
    if (whole < bytes.size()) {
        for (std::size_t i = bytes.size(); i-- > whole;) {
            const auto byte = static_cast<std::int64_t>(static_cast<signed char>(bytes[i]));
            h ^= static_cast<std::uint64_t>(byte) << (8 * (i - whole));
        }
        h *= kMultiplier;
    }
    h ^= h >> kShift;
    h *= kMultiplier;
    h ^= h >> kShift;
    return h;
}

void Cardinality::add(BytesView key) {
    const std::uint64_t hash = murmur2(key);
    if (!m_registers.empty()) {
        std::uint8_t& run = m_registers[hash >> (64 - kP)];
        run = std::max(run, static_cast<std::uint8_t>(runOf(hash)));
        return;
    }
    m_sparse.push_back(encode(hash));
    if (m_sparse.size() > m_sorted + kSparseMax) {
        compactSparse();
    }
}

/// One entry an index, the smallest, in order of indexes.
void Cardinality::compactSparse() {
    std::sort(m_sparse.begin(), m_sparse.end(), [](std::uint32_t a, std::uint32_t b) {
        return indexOf(a) != indexOf(b) ? indexOf(a) < indexOf(b) : a < b;
    });
    m_sparse.erase(
        std::unique(m_sparse.begin(), m_sparse.end(),
                    [](std::uint32_t a, std::uint32_t b) { return indexOf(a) == indexOf(b); }),
        m_sparse.end());
    m_sorted = m_sparse.size();
    if (m_sorted > kSparseMax) {
        becomeDense();
    }
}

void Cardinality::becomeDense() {
    m_registers.assign(kRegisters, 0);
    for (const std::uint32_t entry : m_sparse) {
        std::uint8_t& run = m_registers[indexOf(entry) >> (kSp - kP)];
        run = std::max(run, static_cast<std::uint8_t>(runOfEntry(entry)));
    }
    m_sparse = {};
    m_sorted = 0;
}

void Cardinality::write(ByteWriter& out) {
    if (m_registers.empty()) {
        compactSparse();
    }
    out.i32(kVersion);
    writeLeb128(out, kP);
    writeLeb128(out, kSp);
    if (m_registers.empty()) {
        writeLeb128(out, kSparse);
        writeLeb128(out, static_cast<std::uint32_t>(m_sparse.size()));
        std::uint32_t last = 0;
        for (const std::uint32_t entry : m_sparse) {
            writeLeb128(out, entry - last);
            last = entry;
        }
        return;
    }
    writeLeb128(out, kDense);
    writeLeb128(out, kWords * 4);
    for (std::size_t word = 0; word < kWords; ++word) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < kRegistersPerWord; ++k) {
            const std::size_t at = word * kRegistersPerWord + k;
            bits |= at < kRegisters ? std::uint32_t(m_registers[at]) << (kRegisterBits * k) : 0;
        }
        out.u32(bits);
    }
}

std::uint64_t Cardinality::estimate(BytesView serialized) {
    ByteReader in(serialized);
    const bool known = in.i32() == kVersion && readLeb128(in) == kP && readLeb128(in) == kSp;
    const std::uint32_t form = readLeb128(in);
    if (!known || in.failed()) {
        return 0;
    }
    if (form == kSparse) {
        const double entries = std::ldexp(1.0, kSp);
        const auto count = static_cast<double>(readLeb128(in));
        return static_cast<std::uint64_t>(std::llround(linearCount(entries, entries - count)));
    }
    if (readLeb128(in) != kWords * 4 || in.remaining() < kWords * 4) {
        return 0;
    }
    std::vector<std::uint8_t> registers(kRegisters);
    for (std::size_t word = 0; word < kWords; ++word) {
        const std::uint32_t bits = in.u32();
        for (std::size_t k = 0; k < kRegistersPerWord; ++k) {
            const std::size_t at = word * kRegistersPerWord + k;
            if (at < kRegisters) {
                registers[at] = static_cast<std::uint8_t>(bits >> (kRegisterBits * k) & 31);
            }
        }
    }
    return estimateDense(registers);
}

}  // namespace engine::storage
