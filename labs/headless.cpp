#include "labs/headless.h"

#include "engine/observe/observer.h"
#include "engine/runtime/process.h"

namespace lab {

namespace {

using engine::observe::Category;
using engine::observe::Observer;

constexpr std::chrono::milliseconds kReaderPoll{20};
constexpr std::chrono::milliseconds kLookPeriod{2000};
constexpr std::uint32_t kCategories =
    Observer::bit(Category::Cluster) | Observer::bit(Category::Requests) | Observer::bit(Category::Schema) |
    Observer::bit(Category::Storage);

}  // namespace

HeadlessLab::HeadlessLab(Lab lab, engine::local::LocalCluster& cluster, ProgressStore* store,
                         std::function<bool()> stopWanted)
    : m_stopWanted(std::move(stopWanted)), m_world(cluster, m_stopWanted), m_session(std::move(lab), m_world, store) {
    m_session.setPump([this] { pump(); });
    std::vector<engine::admin::EventFollower::Target> targets;
    for (const auto& node : cluster.nodes()) {
        targets.push_back({node.name(), {node.address, node.adminPort, node.adminToken}});
    }
    m_follower = engine::admin::EventFollower::start(std::move(targets), kCategories, [this](Batch batch) {
        const std::lock_guard lock(m_mutex);
        m_arrived.push_back(std::move(batch));
    });
}

HeadlessLab::~HeadlessLab() = default;

bool HeadlessLab::pump() {
    std::vector<Batch> arrived;
    {
        const std::lock_guard lock(m_mutex);
        arrived.swap(m_arrived);
    }
    const auto now = engine::runtime::monotonicMillis();
    bool worthALook = now - m_lastLook > kLookPeriod;
    for (const Batch& batch : arrived) {
        worthALook = m_session.feed(batch) || worthALook;
    }
    if (worthALook) {
        m_lastLook = now;
    }
    return worthALook;
}

Result<Verdict> HeadlessLab::checkUntilPassed(std::size_t step, std::chrono::milliseconds atMost) {
    const auto until = engine::runtime::monotonicMillis() + atMost;
    m_lastLook = std::chrono::milliseconds(0);
    while (true) {
        if (pump()) {
            TRY(m_session.check(step));
        }
        const Verdict verdict = m_session.state(step).verdict;
        if (verdict == Verdict::Passed || engine::runtime::monotonicMillis() > until) {
            return verdict;
        }
        if (isStopWanted()) {
            return engine::makeError(engine::ErrorKind::Cancelled, "stopped");
        }
        engine::runtime::pauseThread(kReaderPoll);
    }
}

Result<Verdict> HeadlessLab::checkAfter(std::size_t step, std::chrono::milliseconds time) {
    const auto until = engine::runtime::monotonicMillis() + time;
    while (engine::runtime::monotonicMillis() < until) {
        pump();
        if (isStopWanted()) {
            return engine::makeError(engine::ErrorKind::Cancelled, "stopped");
        }
        engine::runtime::pauseThread(kReaderPoll);
    }
    TRY(m_session.check(step));
    return m_session.state(step).verdict;
}

}  // namespace lab
