#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

namespace engine::storage {

struct MemtableEntry;

/// Finds a memtable's partitions by token, and walks them in ring order: buckets by the token's
/// first bits, in each a short sorted chain. Tokens are hashes, so that buckets fill evenly; twice
/// as many come when there are more partitions than buckets, and are filled bit by bit by the writes
/// that follow, so that none waits for all to be moved.
class TokenIndex {
public:
    TokenIndex();

    /// Where the chain of a token begins.
    MemtableEntry*& chain(std::int64_t token) { return *chainAt(placeOf(token)); }
    const MemtableEntry* chain(std::int64_t token) const { return *chainAt(placeOf(token)); }
    /// The first of the chains behind the one of this token; null when all are empty.
    const MemtableEntry* firstBehind(std::int64_t token) const;
    const MemtableEntry* first() const { return firstFrom({m_migrated == 0 && isGrowing(), 0}); }

    /// After each addition.
    void onAdded();
    std::uint64_t bytes() const { return (m_size + m_oldSize) * sizeof(MemtableEntry*); }

private:
    struct Free {
        void operator()(MemtableEntry** buckets) const { std::free(buckets); }
    };
    using Buckets = std::unique_ptr<MemtableEntry*[], Free>;
    struct Place {
        bool isOld = false;
        std::size_t bucket = 0;
    };

    static Buckets make(std::size_t size);
    bool isGrowing() const { return m_oldSize != 0; }
    std::size_t bucketOf(std::int64_t token, int bits) const;
    Place placeOf(std::int64_t token) const;
    MemtableEntry** chainAt(Place place) const {
        return &(place.isOld ? m_old : m_buckets)[static_cast<std::ptrdiff_t>(place.bucket)];
    }
    const MemtableEntry* firstFrom(Place place) const;
    void fetchAhead(Place place) const;
    void migrate();

    Buckets m_buckets;
    std::size_t m_size;
    int m_bits;
    Buckets m_old;  // While growing: from m_migrated on it still has its chains.
    std::size_t m_oldSize = 0;
    std::size_t m_migrated = 0;
    std::size_t m_entries = 0;
};

}  // namespace engine::storage
