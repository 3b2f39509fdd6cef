#include "engine/coordinator/read_round.h"

#include <algorithm>

namespace engine::coordinator {

using messaging::FailureReason;

bool ReadRound::dataPresent() const {
    return std::any_of(m_answers.begin(), m_answers.end(),
                       [](const ReplicaAnswer& a) { return !a.isDigest; });
}

bool ReadRound::enough() const { return m_answers.size() >= m_plan.required && dataPresent(); }

void ReadRound::answered(ReplicaAnswer answer) {
    ++m_ended;
    const bool open = !m_outcome.isSet();
    if (!m_plan.request.isNil()) {
        m_observer.tell(observe::AckCounted{.request = m_plan.request,
                                            .replica = answer.node,
                                            .order = seen(),
                                            .counted = open,
                                            .digest = answer.isDigest});
    }
    if (!open) {
        return;
    }
    m_answers.push_back(std::move(answer));
    if (enough()) {
        if (!m_plan.request.isNil()) {
            m_observer.tell(observe::LevelMet{m_plan.request,
                                              static_cast<std::uint32_t>(m_answers.size())});
        }
        m_outcome.set(ok());
        return;
    }
    decide();
}

void ReadRound::failed(const std::string& node, FailureReason reason) {
    ++m_ended;
    if (reason != FailureReason::Timeout) {
        m_failures.push_back({node, reason});
        if (!m_plan.request.isNil()) {
            m_observer.tell(observe::AckCounted{
                .request = m_plan.request, .replica = node, .order = seen(), .failed = true});
        }
    }
    decide();
}

void ReadRound::decide() {
    if (m_outcome.isSet()) {
        return;
    }
    const auto received = static_cast<std::uint32_t>(m_answers.size());
    const auto failures = static_cast<std::uint32_t>(m_failures.size());
    if (failures > 0 && m_plan.contacted - failures < m_plan.required) {
        m_outcome.set(readFailure(m_plan.level, received, m_plan.required, dataPresent(), m_failures));
    } else if (m_ended >= m_plan.contacted) {
        m_outcome.set(readTimeout(m_plan.level, received, m_plan.required, dataPresent()));
    }
}

}  // namespace engine::coordinator
