#include "engine/storage/sstable/histograms.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace engine::storage {

namespace {

constexpr std::size_t kBinsMax = 100;
constexpr std::int32_t kRoundSeconds = 60;
/// More than any Cassandra writes; a count beyond it is damage.
constexpr std::int32_t kEntriesMax = 100'000;
constexpr std::size_t kPairBytes = 16;
constexpr double kPointMax = 4294967296.0;

std::int64_t roundUp(std::int64_t seconds) {
    const std::int64_t over = seconds % kRoundSeconds;
    return over == 0 ? seconds : seconds + kRoundSeconds - over;
}

/// A number of pairs that follow, all of which must be there.
std::size_t readPairs(ByteReader& in) {
    const std::int32_t count = in.i32();
    if (count < 0 || count > kEntriesMax ||
        in.remaining() < static_cast<std::size_t>(count) * kPairBytes) {
        in.fail();
        return 0;
    }
    return static_cast<std::size_t>(count);
}

}  // namespace

std::vector<std::int64_t> EstimatedHistogram::newOffsets(std::size_t count) {
    std::vector<std::int64_t> out;
    out.reserve(count);
    std::int64_t last = 1;
    out.push_back(last);
    while (out.size() < count) {
        const auto next = static_cast<std::int64_t>(std::llround(static_cast<double>(last) * 1.2));
        last = std::max(last + 1, next);
        out.push_back(last);
    }
    return out;
}

EstimatedHistogram::EstimatedHistogram(std::size_t offsets) : m_offsets(newOffsets(offsets)), m_buckets(offsets + 1) {}

void EstimatedHistogram::add(std::int64_t value) {
    const auto at = std::lower_bound(m_offsets.begin(), m_offsets.end(), value);
    ++m_buckets[static_cast<std::size_t>(at - m_offsets.begin())];
}

std::uint64_t EstimatedHistogram::count() const {
    std::uint64_t sum = 0;
    for (const std::int64_t bucket : m_buckets) {
        sum += static_cast<std::uint64_t>(bucket);
    }
    return sum;
}

std::int64_t EstimatedHistogram::mean() const {
    double elements = 0;
    double sum = 0;
    for (std::size_t i = 0; i < m_offsets.size(); ++i) {
        elements += static_cast<double>(m_buckets[i]);
        sum += static_cast<double>(m_buckets[i]) * static_cast<double>(m_offsets[i]);
    }
    return elements == 0 ? 0 : static_cast<std::int64_t>(std::ceil(sum / elements));
}

std::int64_t EstimatedHistogram::max() const {
    if (m_buckets.back() > 0) {
        return std::numeric_limits<std::int64_t>::max();
    }
    for (std::size_t i = m_offsets.size(); i-- > 0;) {
        if (m_buckets[i] > 0) {
            return m_offsets[i];
        }
    }
    return 0;
}

std::int64_t EstimatedHistogram::min() const {
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        if (m_buckets[i] > 0) {
            return i == 0 ? 0 : m_offsets[i - 1] + 1;
        }
    }
    return 0;
}

std::int64_t EstimatedHistogram::percentile(double fraction) const {
    const auto wanted =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(count()) * fraction));
    if (wanted == 0) {
        return 0;
    }
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < m_offsets.size(); ++i) {
        seen += m_buckets[i];
        if (seen >= wanted) {
            return m_offsets[i];
        }
    }
    return max();
}

void EstimatedHistogram::write(ByteWriter& out) const {
    out.i32(static_cast<std::int32_t>(m_buckets.size()));
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        out.i64(m_offsets[i == 0 ? 0 : i - 1]);
        out.i64(m_buckets[i]);
    }
}

EstimatedHistogram EstimatedHistogram::read(ByteReader& in) {
    EstimatedHistogram out;
    const std::size_t count = readPairs(in);
    if (count < 2) {
        in.fail();
        return EstimatedHistogram(1);
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t offset = in.i64();
        if (i > 0) {
            out.m_offsets.push_back(offset);
        }
        out.m_buckets.push_back(in.i64());
        if (out.m_buckets.back() < 0) {
            in.fail();
            return EstimatedHistogram(1);
        }
    }
    return out;
}

void TombstoneHistogram::add(std::int32_t localDeletionTime) {
    const auto point = static_cast<double>(roundUp(localDeletionTime));
    if (m_last < m_bins.size() && m_bins[m_last].point == point) {
        ++m_bins[m_last].count;
        return;
    }
    const auto at = std::lower_bound(m_bins.begin(), m_bins.end(), point,
                                     [](const Bin& bin, double p) { return bin.point < p; });
    m_last = static_cast<std::size_t>(at - m_bins.begin());
    if (at != m_bins.end() && at->point == point) {
        ++at->count;
        return;
    }
    m_bins.insert(at, {point, 1});
    if (m_bins.size() > kBinsMax) {
        shrink();
    }
}

/// The two bins nearest to each other become one at their weighted mean.
void TombstoneHistogram::shrink() {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i + 1 < m_bins.size(); ++i) {
        if (m_bins[i + 1].point - m_bins[i].point <
            m_bins[nearest + 1].point - m_bins[nearest].point) {
            nearest = i;
        }
    }
    Bin& into = m_bins[nearest];
    const Bin& from = m_bins[nearest + 1];
    const std::int64_t count = into.count + from.count;
    const double mean = (into.point * static_cast<double>(into.count) +
                         from.point * static_cast<double>(from.count)) /
                        static_cast<double>(count);
    into = {static_cast<double>(roundUp(static_cast<std::int64_t>(mean))), count};
    m_bins.erase(m_bins.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
    m_last = m_bins.size();
}

/// Between two points counts are taken to run along the straight line that joins them.
double TombstoneHistogram::sum(double seconds) const {
    double sum = 0;
    for (std::size_t i = 0; i < m_bins.size(); ++i) {
        const auto count = static_cast<double>(m_bins[i].count);
        if (m_bins[i].point <= seconds) {
            sum += count;
            continue;
        }
        if (i == 0) {
            return 0;
        }
        const auto before = static_cast<double>(m_bins[i - 1].count);
        const double part =
            (seconds - m_bins[i - 1].point) / (m_bins[i].point - m_bins[i - 1].point);
        const double here = before + (count - before) * part;
        return sum - before / 2 + (before + here) * part / 2;
    }
    return sum;
}

void TombstoneHistogram::write(ByteWriter& out) const {
    out.i32(static_cast<std::int32_t>(m_bins.size()));
    out.i32(static_cast<std::int32_t>(m_bins.size()));
    for (const Bin& bin : m_bins) {
        out.f64(bin.point);
        out.i64(bin.count);
    }
}

TombstoneHistogram TombstoneHistogram::read(ByteReader& in) {
    TombstoneHistogram out;
    in.i32();  // How many bins there may be.
    const std::size_t count = readPairs(in);
    for (std::size_t i = 0; i < count; ++i) {
        const double point = in.f64();
        const std::int64_t number = in.i64();
        // Of a 32-bit count of seconds; written so that it holds for no NaN.
        const bool isPoint = point > -kPointMax && point < kPointMax;
        if (!isPoint || number < 0) {
            in.fail();
            return {};
        }
        out.m_bins.push_back({point, number});
    }
    return out;
}

}  // namespace engine::storage
