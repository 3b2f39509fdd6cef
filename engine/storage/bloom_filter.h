#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace engine::storage {

/// Tells for certain that a key is not there, or that it may be. Sized for a number of keys and a
/// chance of false positives; bits are set at h1 + i * h2 of the key's Murmur3 halves.
class BloomFilter {
public:
    /// One that holds nothing back: every key may be there.
    BloomFilter() = default;
    BloomFilter(std::uint64_t keys, double falsePositiveChance);

    void add(BytesView key);
    bool mayContain(BytesView key) const;

    void write(ByteWriter& out) const;
    static BloomFilter read(ByteReader& in);

private:
    std::uint32_t m_hashes = 0;
    Bytes m_bits;
};

}  // namespace engine::storage
