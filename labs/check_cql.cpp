#include <fmt/format.h>

#include <algorithm>

#include "labs/checks.h"
#include "labs/words.h"

namespace lab {

namespace {

using engine::ErrorKind;

std::string_view nameOf(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Unavailable:
            return "Unavailable";
        case ErrorKind::ReadTimeout:
        case ErrorKind::WriteTimeout:
            return "timeout";
        case ErrorKind::Syntax:
            return "Syntax";
        case ErrorKind::Invalid:
            return "Invalid";
        case ErrorKind::AlreadyExists:
            return "AlreadyExists";
        default:
            return "error";
    }
}

CheckResult judgeError(const CqlWants& wants, const Result<Answer>& answer) {
    CheckResult out;
    if (answer) {
        out.facts.push_back(fact("Error", wants.error, "none, it was answered"));
        out.says = fmt::format("Waiting until this is refused with {}", wants.error);
        return out;
    }
    out.facts.push_back(fact("Error", wants.error, std::string(nameOf(answer.error().kind))));
    const bool told = answer.error().message.find(wants.errorText) != std::string::npos;
    if (!wants.errorText.empty()) {
        out.facts.push_back({"Text", wants.errorText, answer.error().message, told});
    }
    out.verdict = out.facts.front().agrees && told ? Verdict::Passed : Verdict::Failed;
    out.says = out.verdict == Verdict::Passed ? answer.error().message
                                              : fmt::format("Refused, but otherwise: {}", answer.error().message);
    return out;
}

/// Wanted and found, column by column, of the first row that differs.
void compareRow(const Answer& answer, const std::vector<std::string>& wanted, const std::vector<std::string>& got,
                CheckResult& out) {
    for (std::size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
        const std::string column = i < answer.columns.size() ? answer.columns[i] : fmt::format("column {}", i + 1);
        out.facts.push_back(
            fact(column, i < wanted.size() ? wanted[i] : "nothing", i < got.size() ? got[i] : "nothing"));
    }
}

/// `asked` is what the check's own query answered, if it did; a mistake's query may ask for other columns.
bool isMistake(const CqlWants& wants, const Evidence& evidence, const Answer* asked, CheckResult& out) {
    for (const auto& [query, says] : wants.mistakes) {
        const auto answer = evidence.world.query({query, wants.consistency, wants.coordinator});
        if (answer && !answer.value().rows.empty()) {
            out.verdict = Verdict::Near;
            out.says = "Near miss: " + says;
            if (asked != nullptr && !asked->rows.empty()) {
                compareRow(*asked, wants.rows.front(), asked->rows.front(), out);
            }
            return true;
        }
    }
    return false;
}

}  // namespace

CheckResult checkCql(const CqlWants& wants, const Evidence& evidence) {
    const auto answer = evidence.world.query({wants.query, wants.consistency, wants.coordinator});
    if (!wants.error.empty()) {
        return judgeError(wants, answer);
    }
    CheckResult out;
    if (!answer) {
        isMistake(wants, evidence, nullptr, out);
        if (out.verdict == Verdict::NotShownYet) {
            out.says = "Waiting: " + answer.error().message;
        }
        return out;
    }
    auto found = answer.value().rows;
    auto wanted = wants.rows;
    std::sort(found.begin(), found.end());
    std::sort(wanted.begin(), wanted.end());
    std::size_t same = 0;
    for (const auto& row : wanted) {
        same += std::binary_search(found.begin(), found.end(), row) ? 1 : 0;
    }
    out.progress = wanted.size() > 1 ? progressOf(same, wanted.size()) : "";
    if (found == wanted) {
        out.verdict = Verdict::Passed;
        out.facts.push_back(fact("Rows", std::to_string(wanted.size()), std::to_string(found.size())));
        return out;
    }
    if (isMistake(wants, evidence, &answer.value(), out)) {
        return out;
    }
    if (found.empty()) {
        out.says = "Waiting for the row";
        return out;
    }
    out.verdict = Verdict::Failed;
    out.says = found.size() == wanted.size() ? "The row is there with other values"
                                             : fmt::format("Found {} rows, wanted {}", found.size(), wanted.size());
    const auto missing = std::find_if(wanted.begin(), wanted.end(), [&found](const auto& row) {
        return !std::binary_search(found.begin(), found.end(), row);
    });
    compareRow(answer.value(), missing == wanted.end() ? wanted.front() : *missing, found.front(), out);
    return out;
}

}  // namespace lab
