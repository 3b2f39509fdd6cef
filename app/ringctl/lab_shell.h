#pragma once

#include <optional>
#include <string>

#include "app/ringctl/commands.h"
#include "labs/headless.h"

namespace app::ringctl {

/// What the checks of a step that has not passed say, in one line.
std::string whatIsOpen(const lab::LabSession& session, std::size_t step);

/// `ringctl lab run`: a lab in the terminal. Reads lines from standard input (CQL, settings, node actions,
/// and the pane's buttons as words) and checks by itself while nothing is typed.
class LabShell {
public:
    LabShell(const Context& context, lab::HeadlessLab& lab) : m_context(context), m_lab(lab), m_session(lab.session()) {}
    ExitCode run();

private:
    /// The next line typed; empty when none came within a tick.
    std::optional<std::string> nextLine();
    void showStep();
    void showState();
    void showQuestion(const lab::Question& question, const std::string& verb);
    /// False: leave.
    bool obey(const std::string& line);
    bool obeyLab(const std::string& verb, const std::string& rest);
    void runCql(const std::string& text);
    void tell(const engine::Result<void>& done);
    void answer(const std::string& rest);
    void predict(const std::string& rest);

    const Context& m_context;
    lab::HeadlessLab& m_lab;
    lab::LabSession& m_session;
    std::string m_input;
    bool m_ended = false;
    std::string m_consistency = "ONE";
    int m_coordinator = 0;
};

}  // namespace app::ringctl
