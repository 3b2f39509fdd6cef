#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/local/local_cluster.h"
#include "labs/lab_session.h"
#include "labs/live_world.h"

namespace lab {

/// A lab on local nodes without a window: a session that follows the events by itself. One thread.
class HeadlessLab {
public:
    using Batch = engine::admin::EventFollower::Batch;

    /// The cluster runs already and outlives this. Waiting ends with an error (Cancelled) once
    /// `stopWanted` says so.
    HeadlessLab(Lab lab, engine::local::LocalCluster& cluster, ProgressStore* store,
                std::function<bool()> stopWanted = nullptr);
    ~HeadlessLab();

    LabSession& session() { return m_session; }
    World& world() { return m_world; }
    /// Feeds what has arrived; true when it is worth checking: something came that checks look at, or two
    /// seconds have passed, since a process that dies tells nothing.
    bool pump();
    /// Pumps and checks until the step passes or the time is over.
    Result<Verdict> checkUntilPassed(std::size_t step, std::chrono::milliseconds atMost);
    /// Pumps for that long, so that what was done before has been told, then checks once.
    Result<Verdict> checkAfter(std::size_t step, std::chrono::milliseconds time);

private:
    bool isStopWanted() const { return m_stopWanted && m_stopWanted(); }

    std::function<bool()> m_stopWanted;
    std::chrono::milliseconds m_lastLook{0};
    LiveWorld m_world;
    LabSession m_session;
    std::mutex m_mutex;  // Guards what the follower's thread leaves.
    std::vector<Batch> m_arrived;
    std::unique_ptr<engine::admin::EventFollower> m_follower;  // Last: ends before what it fills.
};

/// One thing that `ringctl lab check` looked at.
struct ProofLine {
    std::string step;
    std::string what;   // "before the solution", "after the solution", a shortcut or a wrong answer.
    bool good = false;
    std::string says;   // What was found when it is not good.
    std::chrono::milliseconds took{0};
};

/// Proves a lab both ways on nodes of its own: before its solution no check of a step passes but those that are
/// given, no shortcut and no wrong answer passes it, and its solution does. Tells each line as it comes.
/// The error is what kept the proof from going on.
Result<bool> proveLab(HeadlessLab& lab, const std::function<void(const ProofLine&)>& tell);

}  // namespace lab
