#include "engine/storage/token_index.h"

#include <new>

#include "engine/storage/memtable.h"

namespace engine::storage {

namespace {

constexpr int kFirstBits = 4;
/// Old buckets moved with each addition: all of them long before the next growth.
constexpr std::size_t kMigratedAtOnce = 4;
/// How many buckets ahead entries and rows are fetched.
constexpr std::size_t kFetchEntries = 12;
constexpr std::size_t kFetchRows = 5;
constexpr std::size_t kCacheLineBytes = 64;

}  // namespace

/// Zeroed by the operating system as it is touched: making a large one takes no time.
TokenIndex::Buckets TokenIndex::make(std::size_t size) {
    auto* const memory = static_cast<MemtableEntry**>(std::calloc(size, sizeof(MemtableEntry*)));
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return Buckets(memory);
}

TokenIndex::TokenIndex()
    : m_buckets(make(std::size_t(1) << kFirstBits)),
      m_size(std::size_t(1) << kFirstBits),
      m_bits(kFirstBits) {}

std::size_t TokenIndex::bucketOf(std::int64_t token, int bits) const {
    const std::uint64_t fromZero = static_cast<std::uint64_t>(token) ^ (1ull << 63);
    return static_cast<std::size_t>(fromZero >> (64 - bits));
}

TokenIndex::Place TokenIndex::placeOf(std::int64_t token) const {
    if (isGrowing()) {
        const std::size_t old = bucketOf(token, m_bits - 1);
        if (old >= m_migrated) {
            return {true, old};
        }
    }
    return {false, bucketOf(token, m_bits)};
}

/// Who walks in ring order jumps about in memory: entries some buckets ahead are on their way, and what
/// they point to a little later, while those in between are dealt with.
void TokenIndex::fetchAhead(Place place) const {
    const std::size_t end = place.isOld ? m_oldSize : m_size;
    if (place.bucket + kFetchEntries < end) {
        if (const MemtableEntry* entry = *chainAt({place.isOld, place.bucket + kFetchEntries})) {
            __builtin_prefetch(entry);
            __builtin_prefetch(reinterpret_cast<const char*>(entry) + kCacheLineBytes);
        }
        const MemtableEntry* near = *chainAt({place.isOld, place.bucket + kFetchRows});
        if (near != nullptr && !near->single.isNone()) {
            __builtin_prefetch(near->next);
            __builtin_prefetch(near->single.address());
            __builtin_prefetch(near->single.address() + kCacheLineBytes);
        }
    }
}

const MemtableEntry* TokenIndex::firstFrom(Place place) const {
    for (;;) {
        if (!place.isOld && isGrowing() && place.bucket == 2 * m_migrated) {
            place = {true, m_migrated};
        }
        if (place.bucket == (place.isOld ? m_oldSize : m_size)) {
            return nullptr;
        }
        fetchAhead(place);
        if (const MemtableEntry* found = *chainAt(place)) {
            return found;
        }
        ++place.bucket;
    }
}

const MemtableEntry* TokenIndex::firstBehind(std::int64_t token) const {
    Place place = placeOf(token);
    ++place.bucket;
    return firstFrom(place);
}

void TokenIndex::onAdded() {
    ++m_entries;
    if (isGrowing()) {
        for (std::size_t i = 0; i < kMigratedAtOnce && isGrowing(); ++i) {
            migrate();
        }
    } else if (m_entries > m_size) {
        m_old = std::exchange(m_buckets, make(2 * m_size));
        m_oldSize = m_size;
        m_size *= 2;
        ++m_bits;
        m_migrated = 0;
    }
}

/// One old bucket is two new ones; its chain falls into two, each still in order.
void TokenIndex::migrate() {
    MemtableEntry* at = m_old[static_cast<std::ptrdiff_t>(m_migrated)];
    MemtableEntry** link = &m_buckets[static_cast<std::ptrdiff_t>(2 * m_migrated)];
    bool isUpper = false;
    while (at != nullptr) {
        if (!isUpper && bucketOf(at->token, m_bits) % 2 == 1) {
            isUpper = true;
            link = &m_buckets[static_cast<std::ptrdiff_t>(2 * m_migrated + 1)];
        }
        MemtableEntry* const following = std::exchange(at->next, nullptr);
        *link = at;
        link = &at->next;
        at = following;
    }
    if (++m_migrated == m_oldSize) {
        m_old.reset();
        m_oldSize = 0;
    }
}

}  // namespace engine::storage
