#include "engine/coordinator/table_latencies.h"

#include <algorithm>
#include <cmath>

#include "engine/storage/sstable/histograms.h"

namespace engine::coordinator {

namespace {

const std::vector<std::int64_t>& bounds() {
    static const std::vector<std::int64_t> made = storage::EstimatedHistogram::newOffsets(CountHistogram::kBuckets);
    return made;
}

}  // namespace

void CountHistogram::add(std::int64_t value) {
    if (value <= 0) {
        ++m_zeros;  // As with considerZeroes: a bucket of its own.
        ++m_count;
        return;
    }
    const auto it = std::lower_bound(bounds().begin(), bounds().end() - 1, value);
    ++m_counts[static_cast<std::size_t>(it - bounds().begin())];
    ++m_count;
}

double CountHistogram::percentile(double part) const {
    if (m_count == 0) {
        return 0;
    }
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(m_count))));
    std::uint64_t seen = m_zeros;
    if (seen >= wanted) {
        return 0;
    }
    for (std::size_t i = 0; i < kBuckets; ++i) {
        seen += m_counts[i];
        if (seen >= wanted) {
            return static_cast<double>(bounds()[i]);
        }
    }
    return static_cast<double>(bounds().back());
}

}  // namespace engine::coordinator
