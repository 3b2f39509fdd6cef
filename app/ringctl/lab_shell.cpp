#include "app/ringctl/lab_shell.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <sstream>

#include "app/ringctl/lab_cluster.h"
#include "engine/ring/consistency.h"

namespace app::ringctl {

using lab::Verdict;

namespace {

constexpr int kTickMillis = 100;
constexpr int kPredictionConfidence = 70;

constexpr std::string_view kHelp =
    R"(CQL ending in ;     run it at the consistency and through the coordinator set
consistency LEVEL   set the level          coordinator N   set the node, 0 for any
kill N, stop N, start N, pause N, resume N
predict N, answer N   choose           hint, check, skip, solve, reset, undo, next, quit
)";

const char* markOf(Verdict verdict) {
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
    return "waiting";
}

}  // namespace

std::string whatIsOpen(const lab::LabSession& session, std::size_t step) {
    std::string out;
    for (const lab::CheckResult& result : session.state(step).checks) {
        if (result.verdict != Verdict::Passed) {
            out += fmt::format("{}{}{}", out.empty() ? "" : "; ", result.says,
                               result.progress.empty() ? "" : fmt::format(" ({})", result.progress));
        }
    }
    return out;
}

std::optional<std::string> LabShell::nextLine() {
    if (m_input.find('\n') == std::string::npos && !m_ended) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (poll(&input, 1, kTickMillis) > 0) {
            std::array<char, 4096> bytes{};
            const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());
            m_ended = count <= 0;
            m_input.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
    }
    const auto end = m_input.find('\n');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::string line = m_input.substr(0, end);
    m_input.erase(0, end + 1);
    return line;
}

ExitCode LabShell::run() {
    m_context.out << m_session.lab().title << "\n\n" << kHelp;
    tell(m_session.open(m_session.current()));
    showStep();
    while (!stopWanted() && !(m_ended && m_input.empty())) {
        if (const auto line = nextLine(); line && !obey(*line)) {
            break;
        }
        if (!m_lab.pump()) {
            continue;
        }
        const auto changed = m_session.check(m_session.current());
        if (changed && changed.value()) {
            showState();
        }
    }
    return m_session.isDone() ? ExitCode::Ok : ExitCode::Failed;
}

void LabShell::showStep() {
    const std::size_t current = m_session.current();
    const lab::Step& step = m_session.lab().steps[current];
    m_context.out << fmt::format("\nStep {} of {}: {}\n\n{}\n", current + 1, m_session.lab().steps.size(), step.title, step.text);
    for (const std::string& snippet : step.snippets) {
        m_context.out << '\n' << snippet << '\n';
    }
    if (step.prediction) {
        showQuestion(*step.prediction, "predict");
    }
    for (const lab::Check& check : step.checks) {
        if (const lab::Question* question = check.question()) {
            showQuestion(*question, "answer");
        }
    }
    m_context.out << std::flush;
}

void LabShell::showQuestion(const lab::Question& question, const std::string& verb) {
    m_context.out << fmt::format("\n{} ({} N)\n", question.question, verb);
    for (std::size_t i = 0; i < question.choices.size(); ++i) {
        m_context.out << fmt::format("  {}  {}\n", i + 1, question.choices[i]);
    }
}

void LabShell::showState() {
    const std::size_t current = m_session.current();
    const lab::StepState& state = m_session.state(current);
    const lab::Step& step = m_session.lab().steps[current];
    for (std::size_t i = 0; i < state.checks.size(); ++i) {
        const lab::CheckResult& result = state.checks[i];
        m_context.out << fmt::format("  {:<9} {}{}\n", markOf(result.verdict),
                                     result.verdict == Verdict::Passed ? step.checks[i].says : result.says,
                                     result.progress.empty() ? "" : fmt::format(", {}", result.progress));
        if (!result.smallestChange.empty()) {
            m_context.out << "            smallest change: " << result.smallestChange << '\n';
        }
    }
    if (state.verdict == Verdict::Passed) {
        if (state.predictedRight) {
            m_context.out << (*state.predictedRight ? "You predicted right.\n" : "Your prediction was another.\n");
        }
        m_context.out << "\nWhy: " << step.why << '\n';
        m_context.out << (m_session.isDone() ? "\nThe lab is done.\n" : "\n'next' goes on.\n");
    }
    m_context.out << std::flush;
}

void LabShell::tell(const engine::Result<void>& done) {
    if (!done) {
        m_context.err << done.error().message << std::endl;
    }
}

bool LabShell::obey(const std::string& line) {
    std::istringstream in(line);
    std::string verb;
    std::string rest;
    in >> verb;
    std::getline(in >> std::ws, rest);
    std::transform(verb.begin(), verb.end(), verb.begin(), [](unsigned char c) { return std::tolower(c); });
    if (verb.empty()) {
        return true;
    }
    if (verb == "quit" || verb == "exit") {
        return false;
    }
    if (line.find(';') != std::string::npos) {
        runCql(line);
    } else if (verb == "consistency") {
        const auto level = engine::ring::parseConsistency(rest);
        m_consistency = level ? std::string(engine::ring::toString(*level)) : m_consistency;
        m_context.out << "Consistency is " << m_consistency << ".\n";
    } else if (verb == "coordinator") {
        const auto number = parseNumber("N", rest, 0, m_session.lab().nodes);
        m_coordinator = number ? number.value() : m_coordinator;
        m_context.out << fmt::format("Coordinator is {}.\n", m_coordinator == 0 ? "any" : fmt::format("n{}", m_coordinator));
    } else if (verb == "kill" || verb == "stop" || verb == "start" || verb == "pause" || verb == "resume") {
        const auto number = parseNumber("N", rest, 1, m_session.lab().nodes);
        tell(number ? m_lab.world().act(fmt::format("{} {}", verb, number.value())) : engine::Result<void>(number.error()));
    } else if (!obeyLab(verb, rest)) {
        m_context.out << kHelp;
    }
    m_context.out << std::flush;
    return true;
}

bool LabShell::obeyLab(const std::string& verb, const std::string& rest) {
    const std::size_t step = m_session.current();
    if (verb == "hint") {
        tell(m_session.showHint(step));
        const int shown = m_session.state(step).hintsShown;
        m_context.out << m_session.lab().steps[step].hints[static_cast<std::size_t>(std::max(shown, 1) - 1)] << '\n';
    } else if (verb == "check") {
        m_lab.pump();
        const auto changed = m_session.check(step);
        tell(changed ? engine::ok() : engine::Result<void>(changed.error()));
        showState();
    } else if (verb == "skip" || verb == "next") {
        if (verb == "skip") {
            tell(m_session.skip(step));
        } else if (step + 1 < m_session.lab().steps.size()) {
            tell(m_session.open(step + 1));
        }
        showStep();
    } else if (verb == "solve") {
        tell(m_session.solve(step));
    } else if (verb == "reset") {
        const auto note = m_session.reset(step);
        m_context.out << (note ? note.value().says + (note.value().canUndo ? " 'undo' brings the rows back." : "")
                               : note.error().message)
                      << '\n';
    } else if (verb == "undo") {
        tell(m_session.undoReset());
    } else if (verb == "predict") {
        predict(rest);
    } else if (verb == "answer") {
        answer(rest);
    } else {
        return false;
    }
    return true;
}

void LabShell::predict(const std::string& rest) {
    const lab::Step& step = m_session.lab().steps[m_session.current()];
    const auto number =
        parseNumber("N", rest, 1, step.prediction ? static_cast<int>(step.prediction->choices.size()) : 1);
    if (!number || !step.prediction) {
        m_context.out << "There is no such choice.\n";
        return;
    }
    tell(m_session.predict(m_session.current(), static_cast<std::size_t>(number.value() - 1), kPredictionConfidence));
    m_context.out << "Locked.\n";
}

/// Answers the first quiz of the step that is not passed.
void LabShell::answer(const std::string& rest) {
    const std::size_t current = m_session.current();
    const lab::Step& step = m_session.lab().steps[current];
    for (std::size_t i = 0; i < step.checks.size(); ++i) {
        const lab::Question* question = step.checks[i].question();
        const auto& results = m_session.state(current).checks;
        if (question == nullptr || (i < results.size() && results[i].verdict == Verdict::Passed)) {
            continue;
        }
        const auto number = parseNumber("N", rest, 1, static_cast<int>(question->choices.size()));
        if (number) {
            m_session.answer(current, i, question->choices[static_cast<std::size_t>(number.value() - 1)]);
        } else {
            m_context.out << "There is no such choice.\n";
        }
        return;
    }
    m_context.out << "Nothing is left to answer.\n";
}

void LabShell::runCql(const std::string& text) {
    const auto answer =
        m_lab.world().query({text.substr(0, text.rfind(';')), m_consistency, m_coordinator, lab::kSolverName});
    if (!answer) {
        m_context.out << answer.error().message << '\n';
        return;
    }
    if (!answer.value().columns.empty()) {
        m_context.out << fmt::format("{}\n", fmt::join(answer.value().columns, " | "));
    }
    for (const auto& row : answer.value().rows) {
        m_context.out << fmt::format("{}\n", fmt::join(row, " | "));
    }
    m_context.out << fmt::format("at {}\n", m_consistency);
}

}  // namespace app::ringctl
