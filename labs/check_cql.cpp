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

using Row = std::vector<std::string>;

constexpr std::string_view kNull = "null";

std::size_t alike(const Row& a, const Row& b) {
    std::size_t same = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        same += a[i] == b[i] ? 1 : 0;
    }
    return same;
}

/// A wanted row that was not found, and a found one that was not wanted. Null: there is no such row.
struct Difference {
    const Row* wanted = nullptr;
    const Row* found = nullptr;

    /// Columns that have no value though they should, when that is all the row lacks.
    std::vector<std::size_t> missingColumns() const {
        std::vector<std::size_t> out;
        if (wanted == nullptr || found == nullptr || wanted->size() != found->size()) {
            return out;
        }
        for (std::size_t i = 0; i < wanted->size(); ++i) {
            if ((*found)[i] == (*wanted)[i]) {
                continue;
            }
            if ((*found)[i] != kNull) {
                return {};
            }
            out.push_back(i);
        }
        return out;
    }
};

/// Rows of `all` that `others` has not, as often as they are there.
std::vector<const Row*> without(const std::vector<Row>& all, std::vector<Row> others) {
    std::vector<const Row*> out;
    for (const Row& row : all) {
        const auto it = std::find(others.begin(), others.end(), row);
        if (it == others.end()) {
            out.push_back(&row);
        } else {
            others.erase(it);
        }
    }
    return out;
}

/// The first wanted row that was not found, beside the found one that is most like it.
Difference firstDifference(const std::vector<Row>& wanted, const std::vector<Row>& found) {
    const auto missing = without(wanted, found);
    const auto extra = without(found, wanted);
    Difference out;
    out.wanted = missing.empty() ? nullptr : missing.front();
    out.found = extra.empty() ? nullptr : extra.front();
    for (const Row* row : extra) {
        if (out.wanted != nullptr && alike(*row, *out.wanted) > alike(*out.found, *out.wanted)) {
            out.found = row;
        }
    }
    return out;
}

std::string columnOf(const Answer& answer, std::size_t index) {
    return index < answer.columns.size() ? answer.columns[index] : fmt::format("column {}", index + 1);
}

/// A literal as people write it: without quotes, and a time without a fraction that is zero.
std::string shown(const std::string& literal) {
    constexpr std::string_view kNoFraction = ".000000000";
    if (literal == kNull) {
        return "no value";
    }
    std::string out = plain(literal);
    if (out.size() > kNoFraction.size() && out.ends_with(kNoFraction)) {
        out.resize(out.size() - kNoFraction.size());
    }
    return out;
}

Fact factOf(const Answer& answer, const Difference& difference, std::size_t index) {
    const auto literal = [index](const Row* row) {
        return row == nullptr || index >= row->size() ? std::string() : (*row)[index];
    };
    const auto words = [](const std::string& text) { return text.empty() ? "nothing" : shown(text); };
    const std::string wanted = literal(difference.wanted);
    const std::string found = literal(difference.found);
    const bool agrees = wanted == found;
    if (!agrees && words(wanted) == words(found)) {
        return {columnOf(answer, index), wanted, found, false};  // A number beside the same in quotes.
    }
    return {columnOf(answer, index), words(wanted), words(found), agrees};
}

/// How many rows, when that differs, then the rows that differ, column by column.
void compareRows(const CqlWants& wants, const Answer& answer, const Difference& difference, CheckResult& out) {
    if (wants.rows.size() != answer.rows.size()) {
        out.facts.push_back(fact("Rows", std::to_string(wants.rows.size()), std::to_string(answer.rows.size())));
    }
    const std::size_t columns = std::max(difference.wanted == nullptr ? 0 : difference.wanted->size(),
                                         difference.found == nullptr ? 0 : difference.found->size());
    for (std::size_t i = 0; i < columns; ++i) {
        out.facts.push_back(factOf(answer, difference, i));
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
                compareRows(wants, *asked, firstDifference(wants.rows, asked->rows), out);
            }
            return true;
        }
    }
    return false;
}

/// What is said of rows that no known mistake explains.
void judgeRows(const CqlWants& wants, const Answer& answer, CheckResult& out) {
    const Difference difference = firstDifference(wants.rows, answer.rows);
    const std::size_t missing = without(wants.rows, answer.rows).size();
    if (difference.found == nullptr) {
        const bool some = missing < wants.rows.size();
        out.says = missing == 1 && !some ? "Waiting for the row" : fmt::format("Waiting for {} {}row{}", missing, some ? "more " : "", missing == 1 ? "" : "s");
        return;
    }
    std::vector<std::string> columns;
    for (const std::size_t index : difference.missingColumns()) {
        columns.push_back(columnOf(answer, index));
    }
    const std::string names = joined(columns);
    if (!columns.empty() && columns.size() == difference.wanted->size()) {
        out.says = "Waiting for " + names;
        return;
    }
    compareRows(wants, answer, difference, out);
    if (!columns.empty()) {
        out.verdict = Verdict::Near;
        out.says = fmt::format("Near miss: the row is half written: {} {} no value", names, columns.size() == 1 ? "has" : "have");
        out.smallestChange = fmt::format("write {}, too.", names);
        return;
    }
    out.verdict = Verdict::Failed;
    out.says = answer.rows.size() == wants.rows.size()
                   ? "The row is there with other values"
                   : fmt::format("Found {} row{}, wanted {}", answer.rows.size(), answer.rows.size() == 1 ? "" : "s", wants.rows.size());
}

}  // namespace

CheckResult checkCql(const CqlWants& wants, const Evidence& evidence) {
    CqlRequest request{wants.query, wants.consistency, wants.coordinator};
    request.prepareOnly = !isSelect(wants.query);
    const auto answer = evidence.world.query(request);
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
    const std::vector<Row>& found = answer.value().rows;
    const std::size_t wanted = wants.rows.size();
    const std::size_t same = wanted - without(wants.rows, found).size();
    out.progress = wanted > 1 ? progressOf(same, wanted) : "";
    if (same == wanted && found.size() == wanted) {
        out.verdict = Verdict::Passed;
        const std::string rows = fmt::format("{} row{}", wanted, wanted == 1 ? "" : "s");
        out.facts.push_back(fact("Rows", rows, rows));
    } else if (!isMistake(wants, evidence, &answer.value(), out)) {
        judgeRows(wants, answer.value(), out);
    }
    return out;
}

}  // namespace lab
