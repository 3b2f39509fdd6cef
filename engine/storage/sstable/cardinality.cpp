#include "engine/storage/sstable/cardinality.h"

#include <algorithm>
#include <array>
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
    std::array<std::uint32_t, 1u << kRegisterBits> withRun{};
    for (const std::uint8_t run : registers) {
        ++withRun[run];
    }
    double sum = 0;
    for (std::size_t run = 0; run < withRun.size(); ++run) {
        sum += std::ldexp(withRun[run], -static_cast<int>(run));
    }
    const double zeros = withRun[0];
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
    if (m_sparse.size() > m_compact + kSparseMax) {
        compactSparse();
    }
}

std::vector<std::uint32_t> Cardinality::compactEntries() const {
    std::vector<std::uint32_t> out = m_sparse;
    std::sort(out.begin(), out.end(), [](std::uint32_t a, std::uint32_t b) {
        return indexOf(a) != indexOf(b) ? indexOf(a) < indexOf(b) : a < b;
    });
    out.erase(std::unique(out.begin(), out.end(), [](std::uint32_t a, std::uint32_t b) { return indexOf(a) == indexOf(b); }), out.end());
    return out;
}

void Cardinality::compactSparse() {
    m_sparse = compactEntries();
    m_compact = m_sparse.size();
    if (m_compact > kSparseMax) {
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
    m_compact = 0;
}

void Cardinality::write(ByteWriter& out) const {
    if (m_registers.empty() && m_sparse.size() > m_compact) {
        Cardinality copy = *this;
        copy.compactSparse();
        copy.write(out);
        return;
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

std::optional<Cardinality> Cardinality::read(BytesView serialized) {
    ByteReader in(serialized);
    const bool known = in.i32() == kVersion && readLeb128(in) == kP && readLeb128(in) == kSp;
    const std::uint32_t form = readLeb128(in);
    const std::uint32_t size = readLeb128(in);
    if (!known || in.failed() || (form == kSparse ? size > kSparseMax : size != kWords * 4)) {
        return std::nullopt;
    }
    Cardinality out;
    if (form == kSparse) {
        std::uint32_t entry = 0;
        for (std::uint32_t i = 0; i < size; ++i) {
            entry += readLeb128(in);
            out.m_sparse.push_back(entry);
        }
        out.m_compact = out.m_sparse.size();
    } else {
        out.m_registers.resize(kRegisters);
        for (std::size_t at = 0, bits = 0; at < kRegisters; ++at) {
            const std::size_t k = at % kRegistersPerWord;
            bits = k == 0 ? in.u32() : bits;
            out.m_registers[at] = static_cast<std::uint8_t>(bits >> (kRegisterBits * k) & 31);
        }
    }
    return in.failed() ? std::nullopt : std::optional<Cardinality>(std::move(out));
}

void Cardinality::merge(const Cardinality& other) {
    if (m_registers.empty() && other.m_registers.empty()) {
        m_sparse.insert(m_sparse.end(), other.m_sparse.begin(), other.m_sparse.end());
        compactSparse();
        return;
    }
    Cardinality dense;
    if (other.m_registers.empty()) {
        dense = other;
        dense.becomeDense();
    }
    if (m_registers.empty()) {
        becomeDense();
    }
    const std::vector<std::uint8_t>& theirs = other.m_registers.empty() ? dense.m_registers : other.m_registers;
    for (std::size_t at = 0; at < kRegisters; ++at) {
        m_registers[at] = std::max(m_registers[at], theirs[at]);
    }
}

std::uint64_t Cardinality::estimate() const {
    if (!m_registers.empty()) {
        return estimateDense(m_registers);
    }
    const double entries = std::ldexp(1.0, kSp);
    const auto count = static_cast<double>(m_sparse.size() > m_compact ? compactEntries().size() : m_compact);
    return static_cast<std::uint64_t>(std::llround(linearCount(entries, entries - count)));
}

}  // namespace engine::storage
