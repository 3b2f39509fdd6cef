#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/bytes.h"

namespace engine::storage {

/// A partition's entry in Index.db, without its promoted index.
struct IndexSlot {
    std::int64_t token = 0;
    std::uint32_t keyAt = 0;  // In the piece's bytes.
    std::uint32_t keyLength = 0;
    std::uint64_t entryAt = 0;       // In Index.db.
    std::uint64_t dataPosition = 0;  // In Data.db, before compression.
    std::uint64_t promotedAt = 0;    // In Index.db.
    std::uint64_t promotedBytes = 0;
};

/// What a cache holds: a chunk of Data.db, or keys of Index.db between two entries of the summary.
struct CachedPiece {
    Bytes bytes;
    std::vector<IndexSlot> entries;  // Of Index.db.

    BytesView key(const IndexSlot& slot) const {
        return BytesView(bytes).substr(slot.keyAt, slot.keyLength);
    }
    std::size_t memoryBytes() const {
        return bytes.capacity() + entries.capacity() * sizeof(IndexSlot);
    }
};

/// Uncompressed, checked pieces of SSTables, the least recently used going first when `maxBytes` are
/// exceeded (file_cache_size). One per node, on its thread. A piece handed out lives as long as
/// someone holds it.
class ChunkCache {
public:
    using Chunk = std::shared_ptr<const CachedPiece>;

    explicit ChunkCache(std::uint64_t maxBytes) : m_maxBytes(maxBytes) {}

    /// Null when it is not there. `file` is a number given out by SstableCache.
    Chunk find(std::uint64_t file, std::uint64_t chunk);
    /// Without using it: nothing is counted, and what goes first stays so.
    bool has(std::uint64_t file, std::uint64_t chunk) const { return m_index.contains({file, chunk}); }
    void add(std::uint64_t file, std::uint64_t chunk, Chunk piece);
    std::uint64_t bytes() const { return m_bytes; }
    std::uint64_t maxBytes() const { return m_maxBytes; }
    std::uint64_t hits() const { return m_hits; }
    std::uint64_t misses() const { return m_misses; }

private:
    struct Key {
        std::uint64_t file;
        std::uint64_t chunk;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return (key.file * 0x9e3779b97f4a7c15ull + key.chunk) * 0xbf58476d1ce4e5b9ull >> 7;
        }
    };
    struct Entry {
        Key key;
        Chunk piece;
    };

    std::uint64_t m_maxBytes;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_hits = 0;
    std::uint64_t m_misses = 0;
    std::list<Entry> m_entries;  // Most recently used first.
    std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> m_index;
};

struct IndexEntry;

/// Where partitions lie in files, by file and key (key_cache_size); likewise bounded.
class KeyCache {
public:
    using Entry = std::shared_ptr<const IndexEntry>;

    explicit KeyCache(std::uint64_t maxBytes) : m_maxBytes(maxBytes) {}
    Entry find(std::uint64_t file, BytesView key);
    void add(std::uint64_t file, BytesView key, Entry entry);
    void clear();
    /// What is too much then goes. 0: nothing is kept.
    void setMaxBytes(std::uint64_t maxBytes);
    std::uint64_t maxBytes() const { return m_maxBytes; }
    std::uint64_t bytes() const { return m_bytes; }
    std::uint64_t hits() const { return m_hits; }
    std::uint64_t misses() const { return m_misses; }

private:
    void shrink();

    struct Slot {
        Bytes key;  // The file's number and the partition's key.
        Entry entry;
        std::uint64_t bytes = 0;
    };

    std::uint64_t m_maxBytes;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_hits = 0;
    std::uint64_t m_misses = 0;
    Bytes m_probe;
    std::list<Slot> m_slots;  // Most recently used first.
    std::unordered_map<BytesView, std::list<Slot>::iterator> m_index;
};

/// What readers of one node share, on its thread. Each reader has a number of its own here.
class SstableCache {
public:
    explicit SstableCache(std::uint64_t chunkBytes, std::uint64_t keyBytes = 8ull << 20)
        : m_chunks(chunkBytes), m_keys(keyBytes) {}

    ChunkCache& chunks() { return m_chunks; }
    KeyCache& keys() { return m_keys; }
    /// Never the same twice. Any thread.
    std::uint64_t newFileId() { return ++m_lastFile; }

private:
    std::atomic<std::uint64_t> m_lastFile{0};
    ChunkCache m_chunks;
    KeyCache m_keys;
};

}  // namespace engine::storage
