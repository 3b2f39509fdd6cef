#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "engine/base/bytes.h"

namespace engine::storage {

/// Checked chunks of SSTables, the least recently used going first when `maxBytes` are exceeded.
/// One per node, on its thread. A chunk handed out lives as long as someone holds it.
class ChunkCache {
public:
    using Chunk = std::shared_ptr<const Bytes>;

    explicit ChunkCache(std::uint64_t maxBytes) : m_maxBytes(maxBytes) {}

    /// Null when it is not there. `file` is a number given out by newFileId().
    Chunk find(std::uint64_t file, std::uint64_t chunk);
    void add(std::uint64_t file, std::uint64_t chunk, Chunk bytes);
    std::uint64_t newFileId() { return ++m_lastFile; }
    std::uint64_t bytes() const { return m_bytes; }

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
        Chunk bytes;
    };

    std::uint64_t m_maxBytes;
    std::uint64_t m_bytes = 0;
    std::uint64_t m_lastFile = 0;
    std::list<Entry> m_entries;  // Most recently used first.
    std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> m_index;
};

}  // namespace engine::storage
