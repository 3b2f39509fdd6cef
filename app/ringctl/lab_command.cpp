#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "app/ringctl/commands.h"
#include "app/ringctl/lab_cluster.h"
#include "app/ringctl/lab_shell.h"
#include "engine/runtime/process.h"
#include "labs/headless.h"

namespace app::ringctl {

namespace json = boost::json;
using engine::Result;
using lab::Lab;
using lab::Verdict;

namespace {

constexpr std::string_view kForm =
    "lab list | show LAB | run LAB [--cluster NAME] | check LAB | solve LAB [--cluster NAME]";
constexpr std::chrono::milliseconds kPassMax{90'000};

/// A lab by its id, or by the path of its folder.
Result<Lab> findLab(const std::string& name) {
    if (std::filesystem::exists(std::filesystem::path(name) / "lab.yaml")) {
        return lab::loadLab(name);
    }
    const std::string curriculum = lab::curriculumFolder();
    lab::LabList all = lab::listLabs(curriculum);
    for (Lab& each : all.labs) {
        if (each.id == name) {
            return std::move(each);
        }
    }
    for (const std::string& problem : all.problems) {
        if (problem.find('/' + name + ':') != std::string::npos) {
            return engine::invalid(problem);
        }
    }
    return engine::makeError(engine::ErrorKind::NotFound,
                             fmt::format("no lab '{}' in {}; 'ringctl lab list' names them", name, curriculum));
}

std::size_t passedSteps(const Lab& lab, lab::ProgressStore* store) {
    const auto steps = store == nullptr ? engine::invalid("") : store->steps(lab.id);
    if (!steps) {
        return 0;
    }
    return static_cast<std::size_t>(std::count_if(lab.steps.begin(), lab.steps.end(), [&](const lab::Step& step) {
        const auto it = steps.value().find(step.id);
        return it != steps.value().end() && it->second.verdict == Verdict::Passed;
    }));
}

json::object summaryOf(const Lab& lab, std::size_t passed) {
    return {{"id", lab.id},           {"title", lab.title}, {"week", std::stoi(lab.week)}, {"minutes", lab.minutes},
            {"summary", lab.summary}, {"steps", lab.steps.size()}, {"passed", passed}};
}

ExitCode list(const Context& context) {
    const auto store = lab::ProgressStore::open(context.home + "/progress.db");
    lab::ProgressStore* progress = store ? store.value().get() : nullptr;
    const lab::LabList all = lab::listLabs(lab::curriculumFolder());
    json::array rows;
    for (const Lab& each : all.labs) {
        const std::size_t passed = passedSteps(each, progress);
        if (context.json) {
            rows.push_back(summaryOf(each, passed));
        } else {
            context.out << fmt::format("{:<30} week {:>2}  {:>3} min  {} of {} steps  {}\n", each.id, each.week, each.minutes,
                                       passed, each.steps.size(), each.title);
        }
    }
    if (context.json) {
        context.out << json::serialize(rows) << '\n';
    }
    for (const std::string& problem : all.problems) {
        context.err << problem << '\n';
    }
    return all.problems.empty() ? ExitCode::Ok : ExitCode::Failed;
}

json::array textArray(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

ExitCode show(const Context& context, const Lab& lab) {
    if (context.json) {
        json::object out = summaryOf(lab, 0);
        out.erase("passed");
        out["objectives"] = textArray(lab.objectives);
        json::array steps;
        for (const lab::Step& step : lab.steps) {
            json::array checks;
            for (const lab::Check& check : step.checks) {
                checks.push_back(json::object{{"kind", check.kind}, {"says", check.says}, {"given", check.given}});
            }
            steps.push_back(json::object{{"id", step.id},
                                         {"title", step.title},
                                         {"text", step.text},
                                         {"snippets", textArray(step.snippets)},
                                         {"checks", checks},
                                         {"hints", textArray(step.hints)},
                                         {"why", step.why}});
        }
        out["steps"] = std::move(steps);
        context.out << json::serialize(out) << '\n';
        return ExitCode::Ok;
    }
    context.out << fmt::format("{}\nWeek {}, {} minutes, {} nodes\n\n{}\n", lab.title, lab.week, lab.minutes, lab.nodes,
                               lab.summary);
    for (const std::string& objective : lab.objectives) {
        context.out << "  - " << objective << '\n';
    }
    for (std::size_t i = 0; i < lab.steps.size(); ++i) {
        context.out << fmt::format("\n{}. {}\n", i + 1, lab.steps[i].title);
        for (const lab::Check& check : lab.steps[i].checks) {
            context.out << fmt::format("   [{}] {}\n", check.kind, check.says);
        }
    }
    return ExitCode::Ok;
}

/// Lines of check and solve: printed as they come, or collected for --json.
class Report {
public:
    explicit Report(const Context& context) : m_context(context) {}

    void add(const lab::ProofLine& line) {
        if (m_context.json) {
            m_lines.push_back(json::object{{"step", line.step},
                                           {"what", line.what},
                                           {"good", line.good},
                                           {"says", line.says},
                                           {"millis", line.took.count()}});
            return;
        }
        m_context.out << fmt::format("{} {}: {} ({:.1f} s)\n", line.good ? "ok  " : "FAIL", line.step, line.what,
                                     static_cast<double>(line.took.count()) / 1000);
        if (!line.says.empty()) {
            m_context.out << "     " << line.says << '\n';
        }
        m_context.out << std::flush;
    }

    void end(const Lab& lab, bool good) {
        if (m_context.json) {
            m_context.out << json::serialize(json::object{{"lab", lab.id}, {"good", good}, {"lines", m_lines}}) << '\n';
        }
    }

private:
    const Context& m_context;
    json::array m_lines;
};

ExitCode check(const Context& context, const Lab& lab) {
    const auto nodes = LabCluster::open(context, "", lab);
    if (!nodes) {
        return failed(context, nodes.error().message);
    }
    lab::HeadlessLab headless(lab, nodes.value()->cluster(), nullptr, stopWanted);
    Report report(context);
    const auto good = lab::proveLab(headless, [&report](const lab::ProofLine& line) { report.add(line); });
    report.end(lab, good && good.value());
    if (!good) {
        return failed(context, fmt::format("{}: {}", lab.id, good.error().message));
    }
    return good.value() ? ExitCode::Ok : failed(context, fmt::format("{}: the lab does not hold", lab.id));
}

ExitCode solve(const Context& context, const Lab& lab, const std::string& cluster) {
    const auto nodes = LabCluster::open(context, cluster, lab);
    if (!nodes) {
        return failed(context, nodes.error().message);
    }
    lab::HeadlessLab headless(lab, nodes.value()->cluster(), nullptr, stopWanted);
    Report report(context);
    for (std::size_t i = 0; i < lab.steps.size(); ++i) {
        const auto since = engine::runtime::monotonicMillis();
        Result<void> done = headless.session().open(i);
        if (done) {
            done = headless.session().solve(i);
        }
        const auto verdict = done ? headless.checkUntilPassed(i, kPassMax) : Result<Verdict>(done.error());
        const bool passed = verdict && verdict.value() == Verdict::Passed;
        const std::string says = !verdict ? verdict.error().message : passed ? "" : whatIsOpen(headless.session(), i);
        report.add({lab.steps[i].id, lab.steps[i].title, passed, says, engine::runtime::monotonicMillis() - since});
        if (!passed) {
            report.end(lab, false);
            return failed(context, fmt::format("{}: step {} was not passed", lab.id, lab.steps[i].id));
        }
    }
    report.end(lab, true);
    return ExitCode::Ok;
}

ExitCode start(const Context& context, const Lab& lab, const std::string& cluster) {
    const auto store = lab::ProgressStore::open(context.home + "/progress.db");
    if (!store) {
        return failed(context, store.error().message);
    }
    const auto nodes = LabCluster::open(context, cluster, lab);
    if (!nodes) {
        return failed(context, nodes.error().message);
    }
    // The rows of a cluster of its own end with it, so the lab starts at its beginning there.
    lab::HeadlessLab headless(lab, nodes.value()->cluster(), nodes.value()->isOwn() ? nullptr : store.value().get(),
                              stopWanted);
    return LabShell(context, headless).run();
}

}  // namespace

ExitCode runLab(const Context& context, const Words& words) {
    const auto line = CommandLine::parse(words, {}, {"--cluster"});
    if (!line) {
        return usage(context, kForm);
    }
    const Words& parts = line.value().words();
    if (parts.size() == 2 && parts[0] == "guard") {
        return guardLabFolder(parts[1]);
    }
    const std::string cluster = line.value().value("--cluster");
    if (parts.size() == 1 && parts[0] == "list" && cluster.empty()) {
        return list(context);
    }
    const bool onCluster = !parts.empty() && (parts[0] == "run" || parts[0] == "solve");
    const bool alone = !parts.empty() && (parts[0] == "show" || parts[0] == "check");
    if (parts.size() != 2 || !(onCluster || (alone && cluster.empty()))) {
        return usage(context, kForm);
    }
    const auto found = findLab(parts[1]);
    if (!found) {
        return failed(context, found.error().message);
    }
    if (parts[0] == "show") {
        return show(context, found.value());
    }
    if (parts[0] == "check") {
        return check(context, found.value());
    }
    return parts[0] == "solve" ? solve(context, found.value(), cluster) : start(context, found.value(), cluster);
}

}  // namespace app::ringctl
