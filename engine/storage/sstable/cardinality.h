#pragma once

#include <cstdint>
#include <optional>
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
    void write(ByteWriter& out) const;

    /// From what write() gave; empty when it does not hold together.
    static std::optional<Cardinality> read(BytesView serialized);

    /// Counts afterwards what either of them had counted (ICardinality.merge).
    void merge(const Cardinality& other);
    std::uint64_t estimate() const;

private:
    void becomeDense();
    /// One entry an index, the smallest, in order of indexes.
    void compactSparse();
    std::vector<std::uint32_t> compactEntries() const;

    std::vector<std::uint32_t> m_sparse;  // Encoded; compact up to m_compact.
    std::size_t m_compact = 0;
    std::vector<std::uint8_t> m_registers;  // Empty while sparse.
};

}  // namespace engine::storage
