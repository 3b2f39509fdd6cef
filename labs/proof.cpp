#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/process.h"
#include "labs/headless.h"
#include "labs/snapshot.h"

namespace lab {

namespace {

using std::chrono::milliseconds;

/// Long enough for events of what was just done to arrive: viewers get a batch each 16 ms.
constexpr milliseconds kSettle{400};
constexpr milliseconds kPassMax{90'000};

std::string_view wordOf(Verdict verdict) {
    switch (verdict) {
        case Verdict::Passed:
            return "passed";
        case Verdict::Near:
            return "near miss";
        case Verdict::Failed:
            return "failed";
        case Verdict::NotShownYet:
            break;
    }
    return "not shown yet";
}

class Prover {
public:
    Prover(HeadlessLab& lab, const std::function<void(const ProofLine&)>& tell)
        : m_lab(lab), m_session(lab.session()), m_tell(tell) {}

    Result<bool> run() {
        for (std::size_t i = 0; i < m_session.lab().steps.size(); ++i) {
            TRY(proveStep(i));
        }
        TRY(proveUndo());
        return m_good;
    }

private:
    const Step& stepAt(std::size_t step) const { return m_session.lab().steps[step]; }

    void tell(std::size_t step, std::string what, bool good, std::string says, milliseconds since) {
        m_good = m_good && good;
        m_tell({stepAt(step).id, std::move(what), good, good ? std::string() : std::move(says),
                engine::runtime::monotonicMillis() - since});
    }

    std::string verdictsOf(std::size_t step) const {
        std::string out;
        const StepState& state = m_session.state(step);
        for (std::size_t i = 0; i < state.checks.size(); ++i) {
            const CheckResult& result = state.checks[i];
            out += fmt::format("{}{}: {}{}", out.empty() ? "" : "; ", stepAt(step).checks[i].says, wordOf(result.verdict),
                               result.verdict == Verdict::Passed ? "" : fmt::format(" ({})", result.says));
        }
        return out;
    }

    Result<void> proveStep(std::size_t step) {
        TRY(m_session.open(step));
        TRY(proveBefore(step));
        for (const Shortcut& shortcut : stepAt(step).shortcuts) {
            TRY(proveShortcut(step, shortcut));
        }
        TRY(proveWrongAnswers(step));
        return proveAfter(step);
    }

    Result<void> proveBefore(std::size_t step) {
        const auto since = engine::runtime::monotonicMillis();
        TRY(m_lab.checkAfter(step, kSettle));
        const std::vector<Check>& checks = stepAt(step).checks;
        bool good = true;
        for (std::size_t i = 0; i < checks.size(); ++i) {
            const bool passed = m_session.state(step).checks[i].verdict == Verdict::Passed;
            good = good && passed == checks[i].given;
        }
        tell(step, "before the solution", good,
             fmt::format("only given checks may pass, and each must: {}", verdictsOf(step)), since);
        return engine::ok();
    }

    Result<void> proveShortcut(std::size_t step, const Shortcut& shortcut) {
        const auto since = engine::runtime::monotonicMillis();
        TRY(m_session.run(shortcut.actions));
        TRY_ASSIGN(const Verdict verdict, m_lab.checkAfter(step, kSettle));
        const bool good = shortcut.near ? verdict == Verdict::Near : verdict != Verdict::Passed;
        tell(step, "shortcut: " + shortcut.says, good,
             fmt::format("line {}: expected {}: {}", shortcut.line, shortcut.near ? "a near miss" : "no pass",
                         verdictsOf(step)),
             since);
        return m_session.run(shortcut.undo);
    }

    /// Every wrong choice of every quiz fails.
    Result<void> proveWrongAnswers(std::size_t step) {
        const std::vector<Check>& checks = stepAt(step).checks;
        for (std::size_t i = 0; i < checks.size(); ++i) {
            const Question* question = checks[i].question();
            if (question == nullptr) {
                continue;
            }
            const auto since = engine::runtime::monotonicMillis();
            bool good = true;
            for (std::size_t choice = 0; choice < question->choices.size(); ++choice) {
                if (choice != question->answer) {
                    m_session.answer(step, i, question->choices[choice]);
                    TRY(m_session.check(step));
                    good = good && m_session.state(step).checks[i].verdict == Verdict::Failed;
                }
            }
            tell(step, "wrong answers", good, verdictsOf(step), since);
        }
        return engine::ok();
    }

    Result<void> proveAfter(std::size_t step) {
        const auto since = engine::runtime::monotonicMillis();
        TRY(m_session.solve(step));
        TRY_ASSIGN(const Verdict verdict, m_lab.checkUntilPassed(step, kPassMax));
        tell(step, "after the solution", verdict == Verdict::Passed, verdictsOf(step), since);
        return engine::ok();
    }

    /// What the solutions made comes back as it was, though Reset was pressed twice.
    Result<void> proveUndo() {
        const auto since = engine::runtime::monotonicMillis();
        const std::vector<std::string>& keyspaces = m_session.lab().keyspaces;
        TRY_ASSIGN(const Snapshot before, takeSnapshot(m_lab.world(), keyspaces));
        TRY(m_session.reset(0));
        TRY(m_session.reset(0));
        TRY(m_session.undoReset());
        TRY_ASSIGN(const Snapshot after, takeSnapshot(m_lab.world(), keyspaces));
        std::string says = "the tables are not as they were before";
        const auto [was, is] = std::mismatch(before.statements.begin(), before.statements.end(), after.statements.begin(),
                                             after.statements.end());
        if (was != before.statements.end() || is != after.statements.end()) {
            says += fmt::format(": {} has become {}", was == before.statements.end() ? "nothing" : *was,
                                is == after.statements.end() ? "nothing" : *is);
        }
        tell(0, "undo after two resets", before.statements == after.statements, says, since);
        return engine::ok();
    }

    HeadlessLab& m_lab;
    LabSession& m_session;
    const std::function<void(const ProofLine&)>& m_tell;
    bool m_good = true;
};

}  // namespace

Result<bool> proveLab(HeadlessLab& lab, const std::function<void(const ProofLine&)>& tell) {
    return Prover(lab, tell).run();
}

}  // namespace lab
