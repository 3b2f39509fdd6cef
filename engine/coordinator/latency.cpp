#include "engine/coordinator/latency.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <vector>

namespace engine::coordinator {

namespace {

constexpr runtime::Duration kNever{-1};
/// Below this many reads a percentile says nothing.
constexpr std::size_t kFewest = 16;
/// A busy machine hiccups; asking twice for less than this would only add load.
constexpr runtime::Duration kLeastDelay = std::chrono::milliseconds(2);

double numberOf(std::string_view text) {
    double out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

}  // namespace

void LatencyTracker::add(runtime::Duration latency) {
    m_nanos[m_count % kWindow] = latency.count();
    ++m_count;
}

runtime::Duration LatencyTracker::percentile(double percent) {
    if (m_count < kFewest) {
        return runtime::Duration(0);
    }
    if (percent != m_percent || m_count - m_computedAt >= kWindow / 4) {
        std::vector<std::int64_t> sorted(m_nanos.begin(),
                                         m_nanos.begin() + static_cast<std::ptrdiff_t>(std::min(m_count, kWindow)));
        const auto rank = static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank), sorted.end());
        m_value = runtime::Duration(sorted[rank]);
        m_percent = percent;
        m_computedAt = m_count;
    }
    return m_value;
}

runtime::Duration speculationDelay(std::string_view policy, LatencyTracker& latencies,
                                   runtime::Duration timeout) {
    std::string text;
    for (const char c : policy) {
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (text == "NEVER" || text == "NONE") {
        return kNever;
    }
    if (text == "ALWAYS") {
        return runtime::Duration(0);
    }
    if (text.starts_with("MIN(") || text.starts_with("MAX(")) {
        const auto comma = text.find(',');
        const auto first = speculationDelay(std::string_view(text).substr(4, comma - 4), latencies, timeout);
        auto rest = std::string_view(text).substr(comma + 1);
        rest.remove_suffix(1);
        const auto second = speculationDelay(rest, latencies, timeout);
        return text.starts_with("MIN(") ? std::min(first, second) : std::max(first, second);
    }
    const auto start = text.find_first_not_of(' ');
    const double number = numberOf(std::string_view(text).substr(start == std::string::npos ? 0 : start));
    if (text.find("MS") != std::string::npos) {
        return std::chrono::duration_cast<runtime::Duration>(std::chrono::duration<double, std::milli>(number));
    }
    const runtime::Duration measured = latencies.percentile(number);
    // Cassandra starts at half the time-out while it knows nothing.
    return measured.count() == 0 ? timeout / 2 : std::max(measured, kLeastDelay);
}

}  // namespace engine::coordinator
