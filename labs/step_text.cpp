#include "labs/step_text.h"

#include <fmt/format.h>

#include <sstream>

namespace lab {

namespace {

constexpr std::size_t kHints = 3;

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const auto last = text.find_last_not_of(" \t\r\n");
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

/// Walks the lines of one file and puts each where its heading says.
class Walker {
public:
    Walker(const std::string& file, Problems& problems) : m_file(file), m_problems(problems) {}

    StepText read(const std::string& markdown) {
        std::istringstream in(markdown);
        for (std::string line; std::getline(in, line);) {
            ++m_line;
            take(line);
        }
        endSection();
        if (m_inCode) {
            problem("the ``` block is not closed");
        }
        if (m_out.title.empty()) {
            m_problems.add(m_file, 1, "expected a heading '# Title of the step'");
        }
        if (m_out.text.empty()) {
            m_problems.add(m_file, 1, "expected text below the title");
        }
        if (m_out.hints.size() != kHints) {
            problem(fmt::format("expected three hints, '## Hint 1' to '## Hint 3', found {}", m_out.hints.size()));
        }
        if (m_out.why.empty()) {
            problem("expected a section '## Why'");
        }
        return std::move(m_out);
    }

private:
    enum class Part { Start, Text, Hint, Why, Unknown };

    void problem(std::string_view what) { m_problems.add(m_file, m_line, what); }

    void take(const std::string& line) {
        if (line.rfind("```", 0) == 0) {
            fence(line);
        } else if (m_inCode) {
            m_code += line + '\n';
        } else if (line.rfind("## ", 0) == 0) {
            endSection();
            startSection(trimmed(line.substr(3)));
        } else if (line.rfind("# ", 0) == 0) {
            if (!m_out.title.empty()) {
                problem("a step has one title; start other sections with '## '");
            }
            m_out.title = trimmed(line.substr(2));
            m_part = Part::Text;
        } else {
            m_body += line + '\n';
        }
    }

    void fence(const std::string& line) {
        if (!m_inCode && (trimmed(line) != "```cql" || m_part != Part::Text)) {
            problem("expected ```cql, below the title: a block is a snippet that can be run");
        }
        if (m_inCode) {
            m_out.snippets.push_back(trimmed(m_code));
            m_code.clear();
        }
        m_inCode = !m_inCode;
    }

    void startSection(const std::string& heading) {
        if (heading == fmt::format("Hint {}", m_out.hints.size() + 1)) {
            m_part = Part::Hint;
        } else if (heading == "Why") {
            m_part = Part::Why;
        } else {
            problem(fmt::format("expected '## Hint {}' or '## Why', found '## {}'", m_out.hints.size() + 1, heading));
            m_part = Part::Unknown;
        }
    }

    void endSection() {
        const std::string body = trimmed(m_body);
        m_body.clear();
        switch (m_part) {
            case Part::Start:
                if (!body.empty()) {
                    problem("expected '# Title of the step' before any text");
                }
                break;
            case Part::Text:
                m_out.text = body;
                break;
            case Part::Hint:
                m_out.hints.push_back(body);
                if (body.empty()) {
                    problem("the hint is empty");
                }
                break;
            case Part::Why:
                m_out.why = body;
                break;
            case Part::Unknown:
                break;
        }
    }

    const std::string& m_file;
    Problems& m_problems;
    StepText m_out;
    Part m_part = Part::Start;
    int m_line = 0;
    bool m_inCode = false;
    std::string m_body;
    std::string m_code;
};

}  // namespace

StepText readStepText(const std::string& markdown, const std::string& file, Problems& problems) {
    return Walker(file, problems).read(markdown);
}

}  // namespace lab
