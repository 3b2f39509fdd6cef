#include "engine/native/request_budget.h"

#include <fmt/format.h>

#include <utility>

namespace engine::native {

std::size_t RequestBudget::of(const std::string& address) const {
    const auto at = m_byAddress.find(address);
    return at == m_byAddress.end() ? 0 : at->second;
}

bool RequestBudget::fits(const std::string& address, std::size_t bytes) const {
    const std::size_t own = of(address);
    return (m_used == 0 || m_used + bytes <= m_most) && (own == 0 || own + bytes <= m_mostOfOne);
}

void RequestBudget::take(const std::string& address, std::size_t bytes) {
    m_used += bytes;
    m_byAddress[address] += bytes;
}

void RequestBudget::release(const std::string& address, std::size_t bytes) {
    m_used -= bytes;
    const auto at = m_byAddress.find(address);
    at->second -= bytes;
    if (at->second == 0) {
        m_byAddress.erase(at);
    }
    for (const auto& tryAgain : std::exchange(m_waiting, {})) {
        tryAgain();
    }
}

Error RequestBudget::overloaded(const std::string& address) const {
    return makeError(ErrorKind::Overloaded,
                     fmt::format("Request breached limit on bytes in flight. (Endpoint: {}/{} bytes, Global: {}/{} bytes.) "
                                 "Server is currently in an overloaded state and cannot accept more requests.",
                                 of(address), m_mostOfOne, m_used, m_most));
}

}  // namespace engine::native
