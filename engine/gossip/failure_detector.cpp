#include "engine/gossip/failure_detector.h"

namespace engine::gossip {

namespace {

constexpr double kPhiFactor = 0.43429448190325182765;  // 1 / ln 10

}  // namespace

void ArrivalWindow::add(runtime::Instant now) {
    const runtime::Duration gap = m_last ? now - *m_last : m_gapMax;
    m_last = now;
    if (gap > m_gapMax) {
        return;
    }
    m_sum += gap.count();
    if (m_gaps.size() < kSamplesMax) {
        m_gaps.push_back(gap.count());
        return;
    }
    m_sum -= m_gaps[m_next];
    m_gaps[m_next] = gap.count();
    m_next = (m_next + 1) % kSamplesMax;
}

runtime::Duration ArrivalWindow::mean() const {
    return m_gaps.empty() ? m_gapMax
                          : runtime::Duration(m_sum / static_cast<std::int64_t>(m_gaps.size()));
}

runtime::Duration ArrivalWindow::since(runtime::Instant now) const {
    return m_last ? now - *m_last : runtime::Duration(0);
}

double ArrivalWindow::phi(runtime::Instant now) const {
    const auto gap = static_cast<double>(std::max<std::int64_t>(mean().count(), 1));
    return static_cast<double>(since(now).count()) / gap;
}

void FailureDetector::report(const std::string& node, runtime::Instant now) {
    m_windows.try_emplace(node, m_initialGap).first->second.add(now);
}

void FailureDetector::remove(std::string_view node) {
    const auto window = m_windows.find(node);
    if (window != m_windows.end()) {
        m_windows.erase(window);
    }
}

std::optional<FailureDetector::Sample> FailureDetector::sample(std::string_view node,
                                                               runtime::Instant now) const {
    const auto window = m_windows.find(node);
    if (window == m_windows.end()) {
        return std::nullopt;
    }
    return Sample{window->second.phi(now) * kPhiFactor, window->second.mean(),
                  window->second.since(now)};
}

void FailureDetector::beginRound(runtime::Instant now) {
    if (m_lastRound && now - *m_lastRound > kLocalPauseMax) {
        m_lastPause = now;
    }
    m_lastRound = now;
}

bool FailureDetector::isPaused(runtime::Instant now) const {
    return m_lastPause && now - *m_lastPause < kLocalPauseMax;
}

bool FailureDetector::convicts(std::string_view node, runtime::Instant now) const {
    if (isPaused(now)) {
        return false;
    }
    const std::optional<Sample> suspicion = sample(node, now);
    return suspicion && suspicion->phi > m_threshold;
}

}  // namespace engine::gossip
