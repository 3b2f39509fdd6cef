#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bench {

/// Latencies of one run, kept whole: a few million at most.
class Latencies {
public:
    void add(std::int64_t nanos) { m_nanos.push_back(nanos); }
    std::size_t count() const { return m_nanos.size(); }
    /// Milliseconds below which `share` (0 to 1) of them lie; 0 when there are none.
    double quantile(double share) {
        if (m_nanos.empty()) {
            return 0;
        }
        const auto at = std::min(m_nanos.size() - 1,
                                 static_cast<std::size_t>(share * static_cast<double>(m_nanos.size())));
        std::nth_element(m_nanos.begin(), m_nanos.begin() + static_cast<std::ptrdiff_t>(at),
                         m_nanos.end());
        return static_cast<double>(m_nanos[at]) / 1e6;
    }

private:
    std::vector<std::int64_t> m_nanos;
};

}  // namespace bench
