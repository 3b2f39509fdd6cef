#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/rows/partition.h"

namespace engine::storage {

/// Every so many keys of Index.db with their places in it: what a search begins with
/// (IndexSummary). Kept in memory.
class IndexSummary {
public:
    static constexpr std::int32_t kFullSampling = 128;

    explicit IndexSummary(std::int32_t minIndexInterval) : m_interval(minIndexInterval) {}

    /// The next partition of the file: taken in when its turn comes.
    void consider(const rows::DecoratedKey& key, std::uint64_t indexPosition);
    /// After the last one.
    void setEnds(rows::DecoratedKey first, rows::DecoratedKey last);

    std::size_t size() const { return m_tokens.size(); }
    std::int64_t token(std::size_t entry) const { return m_tokens[entry]; }
    BytesView key(std::size_t entry) const;
    std::uint64_t indexPosition(std::size_t entry) const { return m_positions[entry]; }
    /// The last entry at or before a key; 0 also for keys before all.
    std::size_t entryFor(std::int64_t token, BytesView key) const;
    /// Entries with a token in (left, right]; no wrapping.
    std::size_t entriesIn(std::int64_t left, std::int64_t right) const;
    const rows::DecoratedKey& first() const { return m_first; }
    const rows::DecoratedKey& last() const { return m_last; }
    std::int32_t minIndexInterval() const { return m_interval; }
    std::int32_t samplingLevel() const { return m_level; }
    /// Partitions between two entries, on average.
    std::int32_t effectiveInterval() const { return m_interval * kFullSampling / m_level; }
    std::uint64_t entriesAtFullSampling() const { return m_fullSize; }
    std::size_t memoryBytes() const;

    void write(ByteWriter& out) const;
    /// A Summary.db that does not hold together is an error; the caller rebuilds it from Index.db.
    static Result<IndexSummary> read(BytesView bytes, const std::string& path);

private:
    void add(std::int64_t token, BytesView key, std::uint64_t indexPosition);

    std::int32_t m_interval;
    std::int32_t m_level = kFullSampling;
    std::uint64_t m_fullSize = 0;
    std::uint64_t m_seen = 0;
    std::vector<std::int64_t> m_tokens;
    std::vector<std::uint64_t> m_positions;
    std::vector<std::uint64_t> m_keyEnds;
    Bytes m_keys;  // One behind the other.
    rows::DecoratedKey m_first;
    rows::DecoratedKey m_last;
};

}  // namespace engine::storage
