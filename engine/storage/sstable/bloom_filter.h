#pragma once

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"

namespace engine::storage {

/// Tells for certain that a key is not there, or that it may be: Cassandra's BloomFilter to the bit.
/// Hash number i of a key is h1 + i * h0 of its Murmur3 halves, by the number of bits.
class BloomFilter {
public:
    using Hashes = std::array<std::int64_t, 2>;

    /// One that holds nothing back: every key may be there.
    BloomFilter() = default;
    /// A chance of 1 gives one that holds nothing back, as in Cassandra.
    BloomFilter(std::uint64_t keys, double falsePositiveChance);

    void add(const Hashes& hashes);
    bool mayContain(const Hashes& hashes) const;
    /// The bits that are asked for a key, in order.
    template <typename Visit>
    void forEachBit(const Hashes& hashes, Visit visit) const {
        auto at = static_cast<std::uint64_t>(hashes[1]);
        for (std::uint32_t i = 0; i < m_hashes; ++i) {
            const std::int64_t rest = static_cast<std::int64_t>(at) % bitCount();
            if (!visit(static_cast<std::uint64_t>(rest < 0 ? -rest : rest))) {
                return;
            }
            at += static_cast<std::uint64_t>(hashes[0]);
        }
    }
    bool isSet(std::uint64_t bit) const {
        return (static_cast<unsigned char>(m_bits[bit >> 3]) >> (bit & 7) & 1) != 0;
    }
    bool holdsNothingBack() const { return m_hashes == 0; }
    std::uint32_t hashCount() const { return m_hashes; }
    std::int64_t bitCount() const { return static_cast<std::int64_t>(m_bits.size() * 8); }
    std::size_t memoryBytes() const { return m_bits.size(); }

    /// Filter.db.
    void write(ByteWriter& out) const;
    /// Marks `in` as failed when it does not hold together.
    static BloomFilter read(ByteReader& in);

private:
    std::uint32_t m_hashes = 0;
    Bytes m_bits;
};

}  // namespace engine::storage
