#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

/// The folder is labs/, the namespace lab: C has a function of the name labs.
namespace lab {

using engine::Result;

/// A question the learner answers before running; the answer is compared with what then happens.
struct Prediction {
    std::string question;
    std::vector<std::string> choices;
    std::size_t answer = 0;  // Index of the right choice.
};

/// What is looked at to decide whether a step is done. `kind` is one of cql, schema, replicas,
/// cluster, events, quiz, predict; `spec` holds the kind's own keys, with nested values as YAML text.
struct Check {
    std::string kind;
    std::string says;  // "A QUORUM write was acknowledged": the line in the pane.
    std::map<std::string, std::string> spec;
    int line = 0;  // In lab.yaml.
};

/// What Solve and the both-ways proof do: CQL with its level and coordinator, or a node action.
struct SolutionAction {
    std::string cql;
    std::string consistency;
    int coordinator = 0;  // Node number; 0: the first that is up.
    std::string node;     // "stop 3", "kill 3", "start 3", "pause 3", "resume 3", "wait 3 down".
    std::map<std::string, std::string> answers;  // Quiz and prediction answers by check or question.
};

struct Step {
    std::string id;
    std::string title;
    std::string text;                    // Markdown.
    std::vector<std::string> snippets;   // Runnable CQL.
    std::optional<Prediction> prediction;
    std::vector<Check> checks;
    std::vector<std::string> hints;      // Three levels.
    std::string why;                     // Shown after it passed.
    std::vector<SolutionAction> solution;
    std::vector<SolutionAction> reset;   // Undoes what the step did.
};

struct Lab {
    std::string id;
    std::string title;
    std::string week;
    std::string summary;
    int minutes = 0;
    int nodes = 3;
    std::vector<std::string> objectives;
    std::vector<Step> steps;
};

/// Every problem at once, each with file, line and what was expected.
Result<Lab> loadLab(const std::string& folder);

enum class Verdict { NotShownYet, Near, Failed, Passed };

struct Fact {
    std::string what;
    std::string wanted;
    std::string got;
    bool agrees = true;
};

struct CheckResult {
    Verdict verdict = Verdict::NotShownYet;
    std::string says;        // "Near miss: right row, read at ONE".
    std::string progress;    // "1 of 2", or empty.
    std::vector<Fact> facts;
    std::string smallestChange;  // "One setting, Consistency."
    std::string moment;      // Request or event the verdict was read from; empty when none.
};

struct StepState {
    Verdict verdict = Verdict::NotShownYet;
    bool skipped = false;
    int hintsShown = 0;
    std::optional<std::size_t> predicted;
    int confidence = 0;  // Per cent.
    std::vector<CheckResult> checks;
};

}  // namespace lab
