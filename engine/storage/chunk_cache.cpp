#include "engine/storage/chunk_cache.h"

namespace engine::storage {

ChunkCache::Chunk ChunkCache::find(std::uint64_t file, std::uint64_t chunk) {
    const auto it = m_index.find({file, chunk});
    if (it == m_index.end()) {
        return nullptr;
    }
    m_entries.splice(m_entries.begin(), m_entries, it->second);
    return it->second->bytes;
}

void ChunkCache::add(std::uint64_t file, std::uint64_t chunk, Chunk bytes) {
    const Key key{file, chunk};
    if (m_index.contains(key)) {
        return;
    }
    m_bytes += bytes->size();
    m_entries.push_front({key, std::move(bytes)});
    m_index.emplace(key, m_entries.begin());
    while (m_bytes > m_maxBytes && m_entries.size() > 1) {
        m_bytes -= m_entries.back().bytes->size();
        m_index.erase(m_entries.back().key);
        m_entries.pop_back();
    }
}

}  // namespace engine::storage
