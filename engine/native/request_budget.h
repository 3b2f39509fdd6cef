#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace engine::native {

/// The bytes of requests that a server works on at once, over all connections and for each client address
/// (transport/ClientResourceLimits). On the node's thread.
class RequestBudget {
public:
    RequestBudget(std::size_t most, std::size_t mostOfOneAddress) : m_most(most), m_mostOfOne(mostOfOneAddress) {}

    /// Whether a limit is reached: whoever waits for room reads no further request.
    bool full(const std::string& address) const { return m_used >= m_most || of(address) >= m_mostOfOne; }
    /// Whether a request of so many bytes may begin now. One that is larger than a limit may when nothing else is under way.
    bool fits(const std::string& address, std::size_t bytes) const;
    void take(const std::string& address, std::size_t bytes);
    /// Gives back, and lets those that wait try again.
    void release(const std::string& address, std::size_t bytes);
    /// Calls once, after the next release.
    void wait(std::function<void()> tryAgain) { m_waiting.push_back(std::move(tryAgain)); }
    /// The refusal of a request that does not fit, in Cassandra's words.
    Error overloaded(const std::string& address) const;

private:
    std::size_t of(const std::string& address) const;

    const std::size_t m_most;
    const std::size_t m_mostOfOne;
    std::size_t m_used = 0;
    std::map<std::string, std::size_t> m_byAddress;  // Only those with something under way.
    std::vector<std::function<void()>> m_waiting;
};

}  // namespace engine::native
