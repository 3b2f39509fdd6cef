#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace engine::storage {

/// Memory that is handed out piece by piece and given back as a whole. One thread at a time.
class Arena {
public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Aligned for anything up to eight bytes.
    char* allocate(std::size_t bytes) {
        const std::size_t taken = (bytes + 7) / 8 * 8;
        m_bytes += taken;
        if (taken > m_left) {
            return allocateChunk(taken);
        }
        m_left -= taken;
        return std::exchange(m_at, m_at + taken);
    }
    /// What was handed out.
    std::uint64_t bytes() const { return m_bytes; }

private:
    static constexpr std::size_t kFirstChunkBytes = 1024;
    static constexpr std::size_t kLargestChunkBytes = 1 << 20;

    char* allocateChunk(std::size_t bytes) {
        const std::size_t size = std::max(bytes, m_nextChunk);
        m_nextChunk = std::min(2 * m_nextChunk, kLargestChunkBytes);
        m_chunks.push_back(std::make_unique_for_overwrite<char[]>(size));
        char* const start = m_chunks.back().get();
        if (size - bytes > m_left) {
            m_at = start + bytes;
            m_left = size - bytes;
        }
        return start;
    }

    std::vector<std::unique_ptr<char[]>> m_chunks;
    char* m_at = nullptr;
    std::size_t m_left = 0;
    std::size_t m_nextChunk = kFirstChunkBytes;
    std::uint64_t m_bytes = 0;
};

}  // namespace engine::storage
