#include "labs/lab_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/process.h"
#include "labs/snapshot.h"

namespace lab {

namespace {

/// For a node that was just started: its CQL, and the stream of its events.
constexpr std::chrono::milliseconds kRetryPause{100};
constexpr int kRetries = 20;

/// Verdicts that were read from the past or from an answer stay; the others follow the world.
bool staysPassed(const Check& check) { return check.kind == "events" || check.kind == "quiz"; }

bool same(const CheckResult& a, const CheckResult& b) {
    const auto facts = [](const Fact& x, const Fact& y) {
        return x.what == y.what && x.wanted == y.wanted && x.got == y.got;
    };
    return a.verdict == b.verdict && a.says == b.says && a.progress == b.progress && a.moment == b.moment &&
           std::equal(a.facts.begin(), a.facts.end(), b.facts.begin(), b.facts.end(), facts);
}

std::string nameOf(const SolutionAction& action) { return action.node.empty() ? action.cql : action.node; }

}  // namespace

Verdict verdictOf(const std::vector<Check>& checks, const std::vector<CheckResult>& results) {
    bool all = true;
    Verdict worst = Verdict::NotShownYet;
    for (std::size_t i = 0; i < checks.size() && i < results.size(); ++i) {
        if (checks[i].kind == "predict") {
            continue;
        }
        const Verdict verdict = results[i].verdict;
        all = all && verdict == Verdict::Passed;
        if (verdict == Verdict::Near || (verdict == Verdict::Failed && worst == Verdict::NotShownYet)) {
            worst = verdict;
        }
    }
    return all && results.size() == checks.size() ? Verdict::Passed : worst;
}

LabSession::LabSession(Lab lab, World& world, ProgressStore* store)
    : m_lab(std::move(lab)), m_world(world), m_store(store), m_progress(m_lab.steps.size()), m_savings(store) {
    if (m_savings == nullptr) {
        if (auto own = ProgressStore::open(":memory:")) {
            m_ownSavings = std::move(own).value();
            m_savings = m_ownSavings.get();
        }
    }
    restore();
}

void LabSession::restore() {
    if (m_store == nullptr) {
        return;
    }
    const auto steps = m_store->steps(m_lab.id);
    const auto current = m_store->currentStep(m_lab.id);
    if (!steps || !current) {
        return;  // Progress that cannot be read is as good as none.
    }
    for (std::size_t i = 0; i < m_lab.steps.size(); ++i) {
        const auto it = steps.value().find(m_lab.steps[i].id);
        if (it != steps.value().end()) {
            m_progress[i].state = it->second;
            StepState& state = m_progress[i].state;
            if (state.predicted && m_lab.steps[i].prediction &&
                *state.predicted >= m_lab.steps[i].prediction->choices.size()) {
                state.predicted.reset();  // The lab has been edited since.
            }
            for (const Check& check : m_lab.steps[i].checks) {
                if (state.verdict == Verdict::Passed) {
                    state.checks.push_back({Verdict::Passed, check.says, "", {}, "", ""});
                }
            }
        }
        if (current.value() == m_lab.steps[i].id) {
            m_current = i;
        }
    }
}

bool LabSession::isDone() const {
    return std::all_of(m_progress.begin(), m_progress.end(),
                       [](const StepProgress& p) { return p.state.verdict == Verdict::Passed; });
}

bool LabSession::feed(const engine::admin::EventFollower::Batch& batch) {
    bool worthALook = !batch.reachable.empty();
    for (const auto& event : batch.events) {
        engine::observe::fold(m_cluster, event);
        worthALook = worthALook || matters(event);
    }
    for (const auto& [node, reachable] : batch.reachable) {
        engine::observe::setReachable(m_cluster, node, reachable, m_cluster.nanos);
    }
    return worthALook;
}

bool LabSession::matters(const engine::observe::Event& event) const {
    using engine::observe::Category;
    if (const auto* answered = std::get_if<engine::observe::RequestAnswered>(&event.body)) {
        const auto request = m_cluster.request(answered->request);
        return request == nullptr || request->info.clientName != kCheckerName;
    }
    const Category category = engine::observe::categoryOf(event);
    if (category == Category::Storage) {
        // Growth is told many times a second: whoever looks now and then sees it too.
        using engine::observe::CompactionFinished, engine::observe::FlushFinished, engine::observe::StorageSnapshot;
        return std::holds_alternative<FlushFinished>(event.body) || std::holds_alternative<CompactionFinished>(event.body) ||
               std::holds_alternative<StorageSnapshot>(event.body);
    }
    return category == Category::Cluster || category == Category::Schema;
}

Result<void> LabSession::open(std::size_t step) {
    m_current = step;
    if (m_progress[step].sinceNanos == 0) {
        m_progress[step].sinceNanos = m_world.nanos();
    }
    resolveQuestions(step);
    return m_store == nullptr ? engine::ok() : m_store->saveCurrentStep(m_lab.id, m_lab.steps[step].id);
}

void LabSession::resolveQuestions(std::size_t step) {
    if (m_lab.steps[step].prediction) {
        resolve(*m_lab.steps[step].prediction, m_world);
    }
    for (Check& check : m_lab.steps[step].checks) {
        if (auto* quiz = std::get_if<QuizWants>(&check.wants)) {
            resolve(quiz->question, m_world);
        }
    }
}

CheckResult LabSession::evaluateOne(std::size_t step, std::size_t index, const std::vector<CheckResult>& before) {
    const std::vector<Check>& checks = m_lab.steps[step].checks;
    const StepProgress& progress = m_progress[step];
    if (index < before.size() && before[index].verdict == Verdict::Passed && staysPassed(checks[index])) {
        return before[index];
    }
    Evidence evidence{m_world, m_cluster, progress.sinceNanos, {}, std::nullopt, progress.state.predicted};
    if (const auto it = progress.answers.find(index); it != progress.answers.end()) {
        evidence.answer = it->second;
    }
    if (checks[index].kind == "events") {
        for (std::size_t i = 0; i < checks.size(); ++i) {
            const auto* other = std::get_if<EventsWants>(&checks[i].wants);
            if (i != index && other != nullptr) {
                const Evidence plain{m_world, m_cluster, progress.sinceNanos, {}, std::nullopt, std::nullopt};
                const auto matching = matchingRequests(*other, plain);
                evidence.spokenFor.insert(matching.begin(), matching.end());
            }
        }
    }
    CheckResult out = evaluate(checks[index], evidence);
    // Rows as an earlier step left them are no mistake of this one.
    if (out.verdict == Verdict::Failed && checks[index].kind == "cql" && !isTouched(step)) {
        out = CheckResult();
        out.says = "Waiting for what this step asks for";
    }
    return out;
}

bool LabSession::isTouched(std::size_t step) const {
    return std::any_of(m_cluster.requestOrder.begin(), m_cluster.requestOrder.end(), [this, step](const engine::Uuid& id) {
        const auto request = m_cluster.request(id);
        return request != nullptr && request->startedNanos >= m_progress[step].sinceNanos &&
               request->info.clientName != kCheckerName && request->info.kind != "READ" && request->info.kind != "RANGE";
    });
}

Result<bool> LabSession::check(std::size_t step) {
    StepProgress& progress = m_progress[step];
    if (progress.state.verdict == Verdict::Passed) {
        return false;
    }
    if (progress.sinceNanos == 0) {
        progress.sinceNanos = m_world.nanos();
    }
    resolveQuestions(step);
    std::vector<CheckResult> results;
    for (std::size_t i = 0; i < m_lab.steps[step].checks.size(); ++i) {
        results.push_back(evaluateOne(step, i, progress.state.checks));
    }
    const Verdict verdict = verdictOf(m_lab.steps[step].checks, results);
    const auto& old = progress.state.checks;
    const bool changed =
        verdict != progress.state.verdict || !std::equal(results.begin(), results.end(), old.begin(), old.end(), same);
    progress.state.checks = std::move(results);
    progress.state.verdict = verdict;
    if (verdict == Verdict::Passed) {
        progress.state.skipped = false;
        const auto& prediction = m_lab.steps[step].prediction;
        if (prediction && progress.state.predicted) {
            progress.state.predictedRight = *progress.state.predicted == prediction->answer;
        }
        TRY(save(step));
    }
    return changed;
}

Result<void> LabSession::predict(std::size_t step, std::size_t choice, int confidence) {
    StepState& state = m_progress[step].state;
    const auto& prediction = m_lab.steps[step].prediction;
    if (!prediction || choice >= prediction->choices.size() || state.predicted || state.verdict == Verdict::Passed) {
        return engine::ok();
    }
    state.predicted = choice;
    state.confidence = std::clamp(confidence, 0, 100);
    return save(step);
}

void LabSession::answer(std::size_t step, std::size_t check, const std::string& choice) {
    m_progress[step].answers[check] = choice;
}

Result<void> LabSession::showHint(std::size_t step) {
    StepState& state = m_progress[step].state;
    state.hintsShown = std::min(state.hintsShown + 1, static_cast<int>(m_lab.steps[step].hints.size()));
    return save(step);
}

Result<void> LabSession::skip(std::size_t step) {
    m_progress[step].state.skipped = true;
    TRY(save(step));
    return step + 1 < m_lab.steps.size() ? open(step + 1) : engine::ok();
}

Result<void> LabSession::run(const std::vector<SolutionAction>& actions) {
    for (const SolutionAction& action : actions) {
        const Result<void> done = runOne(action);
        if (!done && !action.mayFail) {
            return engine::makeError(done.error().kind, fmt::format("{}: {}", nameOf(action), done.error().message));
        }
    }
    return engine::ok();
}

Result<void> LabSession::runOne(const SolutionAction& action) {
    if (!action.node.empty()) {
        return m_world.act(action.node);
    }
    awaitStream(action.coordinator);
    for (int attempt = 1;; ++attempt) {
        const auto answer = m_world.query({action.cql, action.consistency, action.coordinator, kSolverName});
        if (answer) {
            return engine::ok();
        }
        // A connection is refused while its node starts: that is no answer yet.
        if (answer.error().kind != engine::ErrorKind::Io || attempt == kRetries) {
            return answer.error();
        }
        engine::runtime::pauseThread(kRetryPause);
    }
}

void LabSession::awaitStream(int coordinator) {
    const std::vector<WorldNode> nodes = m_world.nodes();
    const auto node = std::find_if(nodes.begin(), nodes.end(), [coordinator](const WorldNode& n) {
        return n.process == ProcessState::Running && (coordinator == 0 || n.number == coordinator);
    });
    for (int attempt = 0; attempt < kRetries && m_pump && node != nodes.end(); ++attempt) {
        m_pump();
        const auto* view = m_cluster.node(node->name);
        if (view != nullptr && view->reachable) {
            return;
        }
        engine::runtime::pauseThread(kRetryPause);
    }
}

Result<void> LabSession::solve(std::size_t step) {
    if (m_progress[step].sinceNanos == 0) {
        m_progress[step].sinceNanos = m_world.nanos();
    }
    TRY(run(m_lab.steps[step].solution));
    resolveQuestions(step);
    const std::vector<Check>& checks = m_lab.steps[step].checks;
    for (std::size_t i = 0; i < checks.size(); ++i) {
        if (const Question* question = checks[i].question()) {
            answer(step, i, question->choices[question->answer]);
        }
    }
    return engine::ok();
}

Result<LabSession::ResetNote> LabSession::saveForUndo(std::size_t step) {
    if (m_savings == nullptr) {
        return engine::makeError(engine::ErrorKind::Io, "there is no place to save the tables in");
    }
    TRY_ASSIGN(const Snapshot snapshot, takeSnapshot(m_world, m_lab.keyspaces));
    TRY_ASSIGN(const auto last, m_savings->lastSaving(m_lab.id));
    ResetNote note{"", last || !snapshot.statements.empty()};
    // What a reset has left holds nothing of the learner's; saving it would bury what that reset saved.
    const bool isUntouched = last && last->left == fingerprintOf(snapshot.statements);
    if (!isUntouched && !snapshot.statements.empty()) {
        TRY(m_savings->pushSaving(m_lab.id, {m_lab.steps[step].id, snapshot.statements, ""}));
        for (const std::string& remark : snapshot.remarks) {
            note.says += ' ' + remark;
        }
    }
    return note;
}

void LabSession::noteWhatIsLeft() {
    const auto snapshot = takeSnapshot(m_world, m_lab.keyspaces);
    // When it cannot be read the next reset saves it, which is one saving too many and none too few.
    (void)m_savings->setLeft(m_lab.id, snapshot ? fingerprintOf(snapshot.value().statements) : "");
}

Result<void> LabSession::undoStep(std::size_t step) {
    TRY(run(m_lab.steps[step].reset));
    m_progress[step] = StepProgress{};
    m_progress[step].sinceNanos = m_world.nanos();
    return save(step);
}

Result<LabSession::ResetNote> LabSession::reset(std::size_t step) {
    TRY_ASSIGN(ResetNote note, saveForUndo(step));
    const Result<void> undone = undoStep(step);
    noteWhatIsLeft();
    TRY(undone);
    const std::string& says = m_lab.steps[step].resetSays;
    note.says = (says.empty() ? "The step starts over. Nothing in the cluster was changed." : says) + note.says;
    return note;
}

Result<LabSession::ResetNote> LabSession::resetAll() {
    TRY_ASSIGN(ResetNote note, saveForUndo(0));
    Result<void> undone = engine::ok();
    for (std::size_t i = m_lab.steps.size(); i-- > 0 && undone;) {
        undone = undoStep(i);
    }
    noteWhatIsLeft();
    TRY(undone);
    for (StepProgress& progress : m_progress) {
        progress.sinceNanos = 0;
    }
    if (m_store != nullptr) {
        TRY(m_store->forget(m_lab.id));
    }
    TRY(open(0));
    note.says = "The lab starts over: its tables are gone, its nodes are up." + note.says;
    return note;
}

Result<void> LabSession::undoReset() {
    std::optional<ProgressStore::Saving> saved;
    if (m_savings != nullptr) {
        TRY_ASSIGN(saved, m_savings->lastSaving(m_lab.id));
    }
    if (!saved) {
        return engine::makeError(engine::ErrorKind::NotFound, "there is no reset to undo");
    }
    TRY(restoreSnapshot(m_world, m_lab.keyspaces, saved->statements));
    return m_savings->popSaving(m_lab.id);
}

Result<void> LabSession::save(std::size_t step) {
    return m_store == nullptr ? engine::ok()
                              : m_store->saveStep(m_lab.id, m_lab.steps[step].id, m_progress[step].state);
}

}  // namespace lab
