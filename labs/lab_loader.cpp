#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "engine/runtime/process.h"
#include "labs/check_reader.h"
#include "labs/lab.h"
#include "labs/step_text.h"

namespace lab {

namespace files = std::filesystem;

namespace {

constexpr std::uintmax_t kFileBytesMax = 1 << 20;
constexpr int kNodesMax = 12;
constexpr int kMinutesMax = 600;
constexpr std::string_view kLabFile = "lab.yaml";

/// Nullopt with a problem when the file is not there or too large to be one of a lab.
std::optional<std::string> readFile(const files::path& path, const std::string& name, int line, Problems& problems,
                                    const std::string& namedIn) {
    std::error_code broken;
    const auto size = files::file_size(path, broken);
    if (broken) {
        problems.add(namedIn, line, fmt::format("{}: cannot be read: {}", name, broken.message()));
        return std::nullopt;
    }
    if (size > kFileBytesMax) {
        problems.add(namedIn, line, fmt::format("{}: has {} bytes; expected at most {}", name, size, kFileBytesMax));
        return std::nullopt;
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

bool isIdentifier(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '_';
    });
}

class LabReader {
public:
    LabReader(files::path folder, Problems& problems) : m_folder(std::move(folder)), m_problems(problems) {}

    Lab read(const YamlValue& document) {
        Lab lab;
        lab.folder = m_folder.string();
        YamlFields fields(document, "", m_file, m_problems);
        lab.id = identifier(fields, "id");
        lab.title = fields.text("title");
        lab.week = std::to_string(fields.number("week", 1, 1, 18));
        lab.summary = fields.text("summary");
        lab.minutes = fields.number("minutes", 0, 1, kMinutesMax);
        lab.topics = fields.texts("topics");
        lab.objectives = fields.texts("objectives");
        lab.keyspaces = fields.texts("keyspaces");
        lab.topology = topology(fields);
        lab.nodes = lab.topology.nodes;
        for (const YamlValue& item : fields.list("steps")) {
            lab.steps.push_back(step(item, lab.steps.size(), lab.nodes));
        }
        if (lab.steps.empty()) {
            fields.problem(document.line, "steps: expected at least one step");
        }
        return lab;
    }

private:
    std::string identifier(YamlFields& fields, std::string_view name) {
        std::string id = fields.text(name);
        const YamlValue* value = fields.find(name);
        if (value != nullptr && !id.empty() && !isIdentifier(id)) {
            fields.problem(value->line,
                           fmt::format("{}: expected small letters, digits and '-', found '{}'", fields.pathOf(name), id));
        }
        return id;
    }

    Topology topology(YamlFields& lab) {
        Topology out;
        if (const YamlValue* value = lab.find("topology")) {
            YamlFields fields(*value, "topology", m_file, m_problems);
            out.nodes = fields.number("nodes", out.nodes, 1, kNodesMax);
            out.vnodes = fields.number("vnodes", out.vnodes, 1, 1024);
            out.settings = fields.textMap("settings");
        }
        return out;
    }

    Step step(const YamlValue& item, std::size_t index, int nodes) {
        YamlFields fields(item, fmt::format("steps[{}]", index), m_file, m_problems);
        Step out;
        out.id = identifier(fields, "id");
        if (!out.id.empty() && !m_ids.insert(out.id).second) {
            fields.problem(item.line, fmt::format("{}: '{}' is the id of an earlier step", fields.pathOf("id"), out.id));
        }
        takeText(fields, out);
        out.prediction = readPrediction(fields);
        out.checks = readChecks(fields, nodes);
        out.solution = readActions(fields, "solution", nodes);
        out.reset = readActions(fields, "reset", nodes);
        out.resetSays = fields.text("reset_says", "");
        out.shortcuts = readShortcuts(fields, nodes);
        const bool asksOnly = std::all_of(out.checks.begin(), out.checks.end(), [](const Check& check) {
            return check.given || check.kind == "quiz" || check.kind == "predict";
        });
        if (out.solution.empty() && !asksOnly) {
            fields.problem(item.line, fields.pathOf("solution") + ": expected what passes the checks");
        }
        if (!out.reset.empty() && out.resetSays.empty()) {
            fields.problem(item.line, fields.pathOf("reset_says") + ": expected what reset does, in a sentence");
        }
        return out;
    }

    void takeText(YamlFields& fields, Step& out) {
        const std::string name = fields.text("text");
        const YamlValue* value = fields.find("text");
        if (value == nullptr || name.empty()) {
            return;
        }
        if (name.find('/') != std::string::npos || files::path(name).extension() != ".md") {
            fields.problem(value->line, fmt::format("{}: expected the name of a Markdown file beside lab.yaml, found '{}'",
                                                    fields.pathOf("text"), name));
            return;
        }
        const auto markdown = readFile(m_folder / name, name, value->line, m_problems, m_file);
        if (!markdown) {
            return;
        }
        StepText text = readStepText(*markdown, name, m_problems);
        out.title = std::move(text.title);
        out.text = std::move(text.text);
        out.snippets = std::move(text.snippets);
        out.hints = std::move(text.hints);
        out.why = std::move(text.why);
    }

    const files::path m_folder;
    const std::string m_file{kLabFile};
    Problems& m_problems;
    std::set<std::string> m_ids;
};

}  // namespace

Result<Lab> loadLab(const std::string& folder) {
    Problems problems;
    const std::string file(kLabFile);
    Lab lab;
    if (const auto text = readFile(files::path(folder) / file, file, 1, problems, file)) {
        const auto document = parseYaml(*text);
        if (const auto* broken = std::get_if<YamlError>(&document)) {
            problems.add(file, broken->line, "is not YAML: " + broken->what);
        } else {
            lab = LabReader(folder, problems).read(std::get<YamlValue>(document));
        }
    }
    if (!problems.isEmpty()) {
        return engine::invalid(fmt::format("{}", fmt::join(problems.lines(), "\n")));
    }
    return lab;
}

LabList listLabs(const std::string& curriculum) {
    LabList out;
    std::vector<files::path> folders;
    std::error_code broken;
    for (files::recursive_directory_iterator it(curriculum, broken), end; !broken && it != end; it.increment(broken)) {
        if (it->path().filename() == kLabFile) {
            folders.push_back(it->path().parent_path());
        }
    }
    std::sort(folders.begin(), folders.end());
    for (const files::path& folder : folders) {
        auto lab = loadLab(folder.string());
        if (lab) {
            out.labs.push_back(std::move(lab).value());
        } else {
            out.problems.push_back(fmt::format("{}:\n{}", folder.string(), lab.error().message));
        }
    }
    std::stable_sort(out.labs.begin(), out.labs.end(), [](const Lab& a, const Lab& b) {
        return std::stoi(a.week) < std::stoi(b.week);
    });
    return out;
}

std::string curriculumFolder() {
    if (const auto given = engine::runtime::environment("RINGSIDE_CURRICULUM")) {
        return *given;
    }
    const files::path program = engine::runtime::programFolder();
    std::error_code ignored;
    const files::path installed = program / ".." / "share" / "ringside" / "curriculum";
    if (files::is_directory(installed, ignored)) {
        return files::canonical(installed, ignored).string();
    }
    for (files::path above = program; above != above.root_path(); above = above.parent_path()) {
        if (files::is_directory(above / "curriculum", ignored)) {
            return (above / "curriculum").string();
        }
    }
    return (program / "curriculum").string();
}

}  // namespace lab
