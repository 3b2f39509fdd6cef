#pragma once

#include <functional>
#include <string>
#include <utility>

#include "engine/observe/event.h"
#include "engine/runtime/clock.h"

namespace engine::observe {

/// Where a node's parts tell what happens. One per node, on its thread. Telling costs one branch
/// while nobody listens:
///     if (observer.wants(Category::Gossip)) { observer.tell(GossipRound{...}); }
class Observer {
public:
    using Sink = std::function<void(const Event&)>;

    Observer(runtime::Clock& clock, std::string node) : m_clock(clock), m_node(std::move(node)) {}

    bool wants(Category category) const { return (m_mask & bit(category)) != 0; }
    std::int64_t nanos() const { return m_clock.machineNanos(); }
    const std::string& node() const { return m_node; }

    template <typename Body>
    void tell(Body body) {
        if (!wants(Body::kCategory)) {
            return;
        }
        m_sink(Event{m_node, m_clock.machineNanos(), m_clock.wallMicros(), ++m_sequence,
                     EventBody(std::move(body))});
    }

    /// The categories somebody listens to, and where their events go.
    void listen(Sink sink, std::uint32_t mask) {
        m_sink = std::move(sink);
        m_mask = m_sink ? mask : 0;
    }
    static constexpr std::uint32_t bit(Category category) {
        return 1u << static_cast<unsigned>(category);
    }
    static constexpr std::uint32_t kAll = 0xffffffff;

    /// Of requests under load only a budget is told in full; a request of the console or of a lab
    /// check (`always`) always is. False: only count it.
    bool sampleRequest(bool always);
    void setBudget(std::uint32_t requestsPerSecond) { m_budget = requestsPerSecond; }
    static constexpr std::uint32_t kDefaultBudget = 200;

private:
    runtime::Clock& m_clock;
    std::string m_node;
    Sink m_sink;
    std::uint32_t m_mask = 0;
    std::uint64_t m_sequence = 0;
    std::uint32_t m_budget = kDefaultBudget;
    std::int64_t m_second = 0;
    std::uint32_t m_toldThisSecond = 0;
};

}  // namespace engine::observe
