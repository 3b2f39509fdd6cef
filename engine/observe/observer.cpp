#include "engine/observe/observer.h"

namespace engine::observe {

bool Observer::sampleRequest(bool always) {
    if (!wants(Category::Requests)) {
        return false;
    }
    const std::int64_t second = m_clock.machineNanos() / 1'000'000'000;
    if (second != m_second) {
        m_second = second;
        m_toldThisSecond = 0;
    }
    if (!always && m_toldThisSecond >= m_budget) {
        return false;
    }
    ++m_toldThisSecond;
    return true;
}

}  // namespace engine::observe
