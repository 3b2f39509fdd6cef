#include "engine/storage/sstable/sstable_cache.h"

#include "engine/storage/sstable/index_entry.h"

namespace engine::storage {

namespace {

/// What an entry takes beside its content.
constexpr std::uint64_t kOverheadBytes = 128;
/// A single entry may not push out more than this part of the others.
constexpr std::uint64_t kShareMax = 4;

}  // namespace

ChunkCache::Chunk ChunkCache::find(std::uint64_t file, std::uint64_t chunk) {
    const auto it = m_index.find({file, chunk});
    if (it == m_index.end()) {
        ++m_misses;
        return nullptr;
    }
    ++m_hits;
    m_entries.splice(m_entries.begin(), m_entries, it->second);
    return it->second->piece;
}

void ChunkCache::add(std::uint64_t file, std::uint64_t chunk, Chunk piece) {
    const std::uint64_t size = piece->memoryBytes() + kOverheadBytes;
    const auto [it, isNew] = m_index.try_emplace(Key{file, chunk});
    if (!isNew) {
        return;
    }
    m_entries.push_front({{file, chunk}, std::move(piece)});
    it->second = m_entries.begin();
    m_bytes += size;
    while (m_bytes > m_maxBytes && m_entries.size() > 1) {
        const Entry& oldest = m_entries.back();
        m_bytes -= oldest.piece->memoryBytes() + kOverheadBytes;
        m_index.erase(oldest.key);
        m_entries.pop_back();
    }
}

namespace {

void setProbe(Bytes& probe, std::uint64_t file, BytesView key) {
    probe.assign(reinterpret_cast<const char*>(&file), sizeof(file));
    probe.append(key);
}

}  // namespace

KeyCache::Entry KeyCache::find(std::uint64_t file, BytesView key) {
    setProbe(m_probe, file, key);
    const auto it = m_index.find(m_probe);
    if (it == m_index.end()) {
        ++m_misses;
        return nullptr;
    }
    ++m_hits;
    m_slots.splice(m_slots.begin(), m_slots, it->second);
    return it->second->entry;
}

void KeyCache::add(std::uint64_t file, BytesView key, Entry entry) {
    setProbe(m_probe, file, key);
    const std::uint64_t size = entry->memoryBytes() + m_probe.size() + kOverheadBytes;
    if (size > m_maxBytes / kShareMax || m_index.contains(m_probe)) {
        return;
    }
    m_slots.push_front({m_probe, std::move(entry), size});
    m_index.emplace(m_slots.front().key, m_slots.begin());
    m_bytes += size;
    shrink();
}

void KeyCache::clear() {
    m_index.clear();
    m_slots.clear();
    m_bytes = 0;
}

void KeyCache::setMaxBytes(std::uint64_t maxBytes) {
    m_maxBytes = maxBytes;
    shrink();
}

void KeyCache::shrink() {
    while (m_bytes > m_maxBytes) {
        const Slot& oldest = m_slots.back();
        m_bytes -= oldest.bytes;
        m_index.erase(oldest.key);
        m_slots.pop_back();
    }
}

}  // namespace engine::storage
