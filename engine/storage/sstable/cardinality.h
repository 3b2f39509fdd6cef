#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "engine/base/bytes.h"

namespace engine::storage {

/// MurmurHash 2, 64 bits, as Cassandra computes it for estimates of cardinality: tail bytes are
/// sign-extended (MurmurHash.hash2_64).
std::uint64_t murmur2(BytesView bytes);

/// Estimates how many different keys were added: HyperLogLog++ with p = 13 and sp = 25 in the form
/// of the library that Cassandra uses (CompactionMetadata.cardinalityEstimator).
class Cardinality {
public:
    void add(BytesView key);
    void write(ByteWriter& out);

    /// From what write() gave; 0 when it does not hold together.
    static std::uint64_t estimate(BytesView serialized);

private:
    void becomeDense();
    void compactSparse();

    std::vector<std::uint32_t> m_sparse;  // Encoded; sorted up to m_sorted.
    std::size_t m_sorted = 0;
    std::vector<std::uint8_t> m_registers;  // Empty while sparse.
};

}  // namespace engine::storage
