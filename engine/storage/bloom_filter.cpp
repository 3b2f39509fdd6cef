#include "engine/storage/bloom_filter.h"

#include <algorithm>
#include <cmath>

#include "engine/base/hash.h"

namespace engine::storage {

namespace {

constexpr std::uint32_t kHashesMax = 20;

}  // namespace

BloomFilter::BloomFilter(std::uint64_t keys, double falsePositiveChance) {
    if (falsePositiveChance >= 1.0) {
        return;
    }
    const double ln2 = std::log(2.0);
    const double bitsPerKey = -std::log(std::max(falsePositiveChance, 1e-6)) / (ln2 * ln2);
    m_hashes =
        std::clamp(static_cast<std::uint32_t>(std::lround(bitsPerKey * ln2)), 1u, kHashesMax);
    const double bits = bitsPerKey * static_cast<double>(std::max<std::uint64_t>(keys, 1));
    m_bits.assign(static_cast<std::size_t>(bits / 8) + 1, '\0');
}

void BloomFilter::add(BytesView key) {
    if (m_hashes == 0) {
        return;
    }
    const auto hash = murmur3(key);
    std::uint64_t at = static_cast<std::uint64_t>(hash[0]);
    for (std::uint32_t i = 0; i < m_hashes; ++i, at += static_cast<std::uint64_t>(hash[1])) {
        const std::uint64_t bit = at % (m_bits.size() * 8);
        m_bits[bit / 8] =
            static_cast<char>(static_cast<unsigned char>(m_bits[bit / 8]) | (1u << (bit % 8)));
    }
}

bool BloomFilter::mayContain(BytesView key) const {
    if (m_hashes == 0) {
        return true;
    }
    const auto hash = murmur3(key);
    std::uint64_t at = static_cast<std::uint64_t>(hash[0]);
    for (std::uint32_t i = 0; i < m_hashes; ++i, at += static_cast<std::uint64_t>(hash[1])) {
        const std::uint64_t bit = at % (m_bits.size() * 8);
        if ((static_cast<unsigned char>(m_bits[bit / 8]) & (1u << (bit % 8))) == 0) {
            return false;
        }
    }
    return true;
}

void BloomFilter::write(ByteWriter& out) const {
    out.unsignedVint(m_hashes);
    out.blob(m_bits);
}

BloomFilter BloomFilter::read(ByteReader& in) {
    BloomFilter out;
    out.m_hashes = static_cast<std::uint32_t>(in.unsignedVint());
    out.m_bits = in.blob();
    if (out.m_hashes > kHashesMax || (out.m_hashes > 0 && out.m_bits.empty())) {
        in.fail();
        out = {};
    }
    return out;
}

}  // namespace engine::storage
