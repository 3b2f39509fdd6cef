#include "labs/checks.h"

#include <algorithm>

#include "labs/words.h"

namespace lab {

CheckResult checkQuiz(const Question& question, const Evidence& evidence) {
    CheckResult out;
    if (!evidence.answer) {
        out.says = "Waiting for your answer";
        return out;
    }
    const std::string& right = question.choices[question.answer];
    const auto chosen = std::find(question.choices.begin(), question.choices.end(), *evidence.answer);
    if (*evidence.answer == right) {
        out.verdict = Verdict::Passed;
        out.facts.push_back(fact("Answer", right, right));
        return out;
    }
    out.verdict = Verdict::Failed;
    out.says = "Not this one";
    if (chosen != question.choices.end() && !question.explanations.empty()) {
        const std::string& why = question.explanations[static_cast<std::size_t>(chosen - question.choices.begin())];
        out.says = why.empty() ? out.says : why;
    }
    return out;
}

CheckResult evaluate(const Check& check, const Evidence& evidence) {
    struct Judge {
        const Evidence& evidence;

        CheckResult operator()(const CqlWants& wants) { return checkCql(wants, evidence); }
        CheckResult operator()(const SchemaWants& wants) { return checkSchema(wants, evidence); }
        CheckResult operator()(const ReplicasWants& wants) { return checkReplicas(wants, evidence); }
        CheckResult operator()(const ClusterWants& wants) { return checkCluster(wants, evidence); }
        CheckResult operator()(const EventsWants& wants) { return checkEvents(wants, evidence); }
        CheckResult operator()(const StorageWants& wants) { return checkStorage(wants, evidence); }
        CheckResult operator()(const QuizWants& wants) {
            Question question = wants.question;
            if (!resolve(question, evidence.world)) {
                CheckResult out;
                out.says = "Waiting until the cluster knows the answer";
                return out;
            }
            return checkQuiz(question, evidence);
        }
        CheckResult operator()(const PredictWants&) {
            CheckResult out;
            out.verdict = evidence.predicted ? Verdict::Passed : Verdict::NotShownYet;
            out.says = "Waiting for your prediction";
            return out;
        }
    };
    CheckResult out = std::visit(Judge{evidence}, check.wants);
    if (out.verdict == Verdict::Passed) {
        out.says = check.says;
    }
    return out;
}

bool resolve(Question& question, World& world) {
    if (question.live == LiveAnswer::None) {
        return true;
    }
    const auto place = world.place(question.key);
    if (!place) {
        return false;
    }
    const std::vector<std::string>& replicas = place.value().replicas;
    for (const WorldNode& node : world.nodes()) {
        const auto at = std::find(replicas.begin(), replicas.end(), node.name);
        const bool right = question.live == LiveAnswer::FirstReplica ? at == replicas.begin() && at != replicas.end()
                                                                      : at == replicas.end();
        const auto choice = std::find(question.choices.begin(), question.choices.end(), node.label());
        if (right && choice != question.choices.end()) {
            question.answer = static_cast<std::size_t>(choice - question.choices.begin());
            return true;
        }
    }
    return false;
}

}  // namespace lab
