#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/admin/admin_client.h"
#include "engine/observe/cluster_state.h"
#include "labs/checks.h"
#include "labs/lab.h"
#include "labs/progress_store.h"
#include "labs/world.h"

namespace lab {

/// A lab that somebody works through: what has been seen, predicted, answered and passed. One thread at a
/// time; checks, solutions and resets block on the world. A step that has passed stays passed until it is
/// reset, whatever later steps do to the cluster. Steps count from 0 and are always valid.
///
///     LabSession session(lab, world, store);
///     session.feed(batch);                       // as events arrive
///     if (session.check(session.current())) {…}  // true: the step's state is different now
class LabSession {
public:
    /// `store` may be null: nothing is kept. Goes on where the lab was left.
    LabSession(Lab lab, World& world, ProgressStore* store);

    const Lab& lab() const { return m_lab; }
    const StepState& state(std::size_t step) const { return m_progress[step].state; }
    std::size_t current() const { return m_current; }
    bool isDone() const;
    const engine::observe::ClusterState& cluster() const { return m_cluster; }

    /// True when the batch holds something that a check may look at: worth calling check(). Requests of
    /// checks themselves are not.
    bool feed(const engine::admin::EventFollower::Batch& batch);

    /// Makes it the current step. What happens from now on counts for it, and what happened since it was
    /// opened first.
    Result<void> open(std::size_t step);
    /// Looks again. True when the step's state changed.
    Result<bool> check(std::size_t step);
    /// Locks the step's prediction; a second one is ignored.
    Result<void> predict(std::size_t step, std::size_t choice, int confidence);
    /// Answers a quiz by its choice; then check().
    void answer(std::size_t step, std::size_t check, const std::string& choice);
    Result<void> showHint(std::size_t step);
    Result<void> skip(std::size_t step);
    /// Runs the solution's actions and answers its quizzes; the checks pass once what they wait for has
    /// arrived. The error names the action that failed.
    Result<void> solve(std::size_t step);

    struct ResetNote {
        std::string says;
        bool canUndo = false;
    };
    /// Saves the rows of the lab's own keyspaces, then runs the step's reset and forgets its state. When nothing
    /// has changed since an earlier reset, what that one saved is kept instead.
    Result<ResetNote> reset(std::size_t step);
    /// Every step from the last, and the progress with them.
    Result<ResetNote> resetAll();
    /// Puts back what the last reset saved that is not undone yet, rows and tables; nodes stay as they are. After
    /// an error it can be tried again.
    Result<void> undoReset();

    /// Does what solutions, resets and shortcuts list.
    Result<void> run(const std::vector<SolutionAction>& actions);
    /// How run() feeds what has arrived while it waits for a node's stream of events to open: what a node
    /// does before that is not seen.
    void setPump(std::function<void()> pump) { m_pump = std::move(pump); }

private:
    struct StepProgress {
        StepState state;
        std::int64_t sinceNanos = 0;                   // 0: not opened in this session.
        std::map<std::size_t, std::string> answers;    // By check.
    };

    bool matters(const engine::observe::Event& event) const;
    void restore();
    void resolveQuestions(std::size_t step);
    CheckResult evaluateOne(std::size_t step, std::size_t index, const std::vector<CheckResult>& before);
    /// Somebody wrote, or changed the schema, since the step began.
    bool isTouched(std::size_t step) const;
    Result<void> runOne(const SolutionAction& action);
    void awaitStream(int coordinator);
    Result<void> save(std::size_t step);
    Result<ResetNote> saveForUndo(std::size_t step);
    void noteWhatIsLeft();
    Result<void> undoStep(std::size_t step);

    Lab m_lab;
    World& m_world;
    ProgressStore* const m_store;
    engine::observe::ClusterState m_cluster;
    std::vector<StepProgress> m_progress;
    std::size_t m_current = 0;
    std::unique_ptr<ProgressStore> m_ownSavings;  // When nothing is kept.
    ProgressStore* m_savings = nullptr;
    std::function<void()> m_pump;
};

/// The verdict of a step from those of its checks; predictions do not count.
Verdict verdictOf(const std::vector<Check>& checks, const std::vector<CheckResult>& results);

}  // namespace lab
