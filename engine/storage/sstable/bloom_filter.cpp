#include "engine/storage/sstable/bloom_filter.h"

#include <algorithm>

namespace engine::storage {

namespace {

constexpr std::uint64_t kWordBits = 64;
constexpr std::uint64_t kExtraBits = 20;
constexpr std::uint32_t kHashesMax = 64;
constexpr std::uint64_t kWordsMax = (1ull << 31) / 8;  // A filter of 2 GiB.

/// Cassandra's choice of hashes and bits per key: the first that is sharp enough
/// (BloomCalculations.computeBloomSpec).
struct Spec {
    std::uint32_t hashes;
    std::uint32_t bitsPerKey;
    double chance;
};
constexpr Spec kSpecs[] = {
    {2, 1, .393},       {1, 3, .283},       {2, 3, .237},       {1, 4, .221},       {2, 4, .155},
    {3, 4, .147},       {2, 5, .109},       {3, 5, .092},       {2, 6, .0804},      {3, 6, .0609},
    {4, 6, .0561},      {3, 7, .0423},      {4, 7, .0359},      {5, 7, .0347},      {3, 8, .0306},
    {4, 8, .024},       {5, 8, .0217},      {6, 8, .0216},      {4, 9, .0166},      {5, 9, .0141},
    {6, 9, .0133},      {4, 10, .0118},     {5, 10, .00943},    {6, 10, .00844},    {7, 10, .00819},
    {5, 11, .0065},     {6, 11, .00552},    {7, 11, .00513},    {8, 11, .00509},    {5, 12, .00459},
    {6, 12, .00371},    {7, 12, .00329},    {8, 12, .00314},    {6, 13, .00255},    {7, 13, .00217},
    {8, 13, .00199},    {9, 13, .00194},    {6, 14, .00179},    {7, 14, .00146},    {8, 14, .00129},
    {9, 14, .00121},    {10, 14, .0012},    {7, 15, .001},      {8, 15, .000852},   {9, 15, .000775},
    {10, 15, .000744},  {7, 16, .000702},   {8, 16, .000574},   {9, 16, .000505},   {10, 16, .00047},
    {11, 16, .000459},  {8, 17, .000394},   {9, 17, .000335},   {10, 17, .000302},  {11, 17, .000287},
    {12, 17, .000284},  {8, 18, .000275},   {9, 18, .000226},   {10, 18, .000198},  {11, 18, .000183},
    {12, 18, .000176},  {9, 19, .000155},   {10, 19, .000132},  {11, 19, .000118},  {12, 19, .000111},
    {13, 19, .000109},  {9, 20, .000108},   {10, 20, 8.89e-5},  {11, 20, 7.77e-5},  {12, 20, 7.12e-5},
    {13, 20, 6.79e-5},  {14, 20, 6.71e-5},
};

}  // namespace

BloomFilter::BloomFilter(std::uint64_t keys, double falsePositiveChance) {
    if (falsePositiveChance >= 1.0) {
        return;
    }
    const Spec* spec = std::find_if(std::begin(kSpecs), std::end(kSpecs) - 1, [&](const Spec& s) {
        return s.chance <= falsePositiveChance;
    });
    const std::uint64_t bits = std::max<std::uint64_t>(keys, 1) * spec->bitsPerKey + kExtraBits;
    const std::uint64_t words = std::min((bits + kWordBits - 1) / kWordBits, kWordsMax);
    m_hashes = spec->hashes;
    m_bits.resize(words * 8);
}

void BloomFilter::add(const Hashes& hashes) {
    forEachBit(hashes, [this](std::uint64_t bit) {
        m_bits[bit >> 3] = static_cast<char>(m_bits[bit >> 3] | (1 << (bit & 7)));
        return true;
    });
}

bool BloomFilter::mayContain(const Hashes& hashes) const {
    bool all = true;
    forEachBit(hashes, [&](std::uint64_t bit) { return all = isSet(bit); });
    return all;
}

void BloomFilter::write(ByteWriter& out) const {
    out.u32(m_hashes);
    out.u32(static_cast<std::uint32_t>(m_bits.size() / 8));
    out.raw(m_bits);
}

BloomFilter BloomFilter::read(ByteReader& in) {
    BloomFilter out;
    out.m_hashes = in.u32();
    const std::uint32_t words = in.u32();
    if (out.m_hashes == 0 || out.m_hashes > kHashesMax || words == 0 ||
        in.remaining() != std::uint64_t(words) * 8) {
        in.fail();
        return {};
    }
    out.m_bits = Bytes(in.raw(in.remaining()));
    return out;
}

}  // namespace engine::storage
