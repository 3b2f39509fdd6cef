#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"

namespace engine::storage {

/// Counts of values by size, in buckets that grow by a fifth (org.apache.cassandra.utils.
/// EstimatedHistogram).
class EstimatedHistogram {
public:
    explicit EstimatedHistogram(std::size_t offsets);
    /// The bounds of so many buckets: each a fifth more than the one before, at least one more.
    static std::vector<std::int64_t> newOffsets(std::size_t count);
    static EstimatedHistogram forPartitionSizes() { return EstimatedHistogram(155); }
    static EstimatedHistogram forCellCounts() { return EstimatedHistogram(118); }

    void add(std::int64_t value);
    std::uint64_t count() const;
    /// Upper bound of the values' mean, as Cassandra estimates it.
    std::int64_t mean() const;
    std::int64_t max() const;
    std::int64_t min() const;
    std::int64_t percentile(double fraction) const;

    /// Bucket i holds values in (offsets[i-1], offsets[i]]; the last one what is larger.
    const std::vector<std::int64_t>& offsets() const { return m_offsets; }
    const std::vector<std::int64_t>& buckets() const { return m_buckets; }

    void write(ByteWriter& out) const;
    static EstimatedHistogram read(ByteReader& in);

private:
    EstimatedHistogram() = default;

    std::vector<std::int64_t> m_offsets;
    std::vector<std::int64_t> m_buckets;
};

/// How many tombstones may be dropped from when on: local deletion times rounded up to a minute, in
/// at most 100 bins (utils.streamhist.TombstoneHistogram).
class TombstoneHistogram {
public:
    struct Bin {
        double point = 0;  // Seconds.
        std::int64_t count = 0;
    };

    void add(std::int32_t localDeletionTime);
    /// Estimated number of points up to and including `seconds`.
    double sum(double seconds) const;
    /// Ascending.
    const std::vector<Bin>& bins() const { return m_bins; }

    void write(ByteWriter& out) const;
    static TombstoneHistogram read(ByteReader& in);

private:
    void shrink();

    std::vector<Bin> m_bins;
    std::size_t m_last = 0;  // Where the last one went: the next is likely the same.
};

}  // namespace engine::storage
