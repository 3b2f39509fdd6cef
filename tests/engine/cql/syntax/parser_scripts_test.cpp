#include <QtTest>

#include <filesystem>
#include <fstream>

#include "engine/cql/syntax/parser.h"

using namespace engine::cql::syntax;

namespace fs = std::filesystem;

/// Walks the recorded answers of a real Apache Cassandra (tests/conformance): whatever it did not
/// refuse as a syntax error must parse, and what it did refuse must be refused in the same words.
class ParserScriptsTest : public QObject {
    Q_OBJECT

private slots:
    void everyScriptIsReadAsCassandraReadsIt();
};

namespace {

struct Recorded {
    std::string statement;
    std::string answer;  // Its first line that is no warning.
};

/// `> ` before each line of a statement, then its answer, then an empty line (see conform.py).
std::vector<Recorded> readRecorded(const fs::path& path) {
    std::vector<Recorded> all;
    std::ifstream file(path, std::ios::binary);
    std::string line;
    bool inStatement = false;
    while (std::getline(file, line)) {
        if (line.starts_with("> ")) {
            if (!inStatement) {
                all.emplace_back();
            }
            inStatement = true;
            all.back().statement += (all.back().statement.empty() ? "" : "\n") + line.substr(2);
        } else {
            inStatement = false;
            if (!all.empty() && all.back().answer.empty() && !line.starts_with("WARNING")) {
                all.back().answer = line;
            }
        }
    }
    return all;
}

constexpr std::string_view kSyntaxError = "ERROR 2000 Syntax error";

/// Messages that begin so come out of the parser itself, not of checks behind it.
bool isParsersOwn(const std::string& message) {
    return message.starts_with("line ") && message.find("\xC2\xABmasked\xC2\xBB") ==
                                               std::string::npos;
}

}  // namespace

void ParserScriptsTest::everyScriptIsReadAsCassandraReadsIt() {
    if (!fs::exists(CONFORMANCE_FOLDER)) {
        QSKIP("tests/conformance is not there");
    }
    std::size_t parsed = 0;
    std::size_t refused = 0;
    std::size_t wrong = 0;
    for (const auto& entry : fs::recursive_directory_iterator(CONFORMANCE_FOLDER)) {
        const fs::path script = fs::path(entry.path()).replace_extension(".cql");
        if (entry.path().extension() != ".out" || !fs::exists(script)) {
            continue;
        }
        for (const Recorded& step : readRecorded(entry.path())) {
            if (step.statement.starts_with("@do") || step.statement.empty()) {
                continue;
            }
            const auto result = parse(step.statement);
            const std::string said = result ? "parsed" : result.error().message;
            if (!step.answer.starts_with(kSyntaxError)) {
                // Unknown custom types and the like are found out behind the parser.
                if (result) {
                    ++parsed;
                    continue;
                }
            } else {
                const std::string message =
                    step.answer.size() > kSyntaxError.size() + 2
                        ? step.answer.substr(kSyntaxError.size() + 2)
                        : std::string();
                const std::string unended =
                    step.statement.substr(0, step.statement.find_last_not_of("; \n") + 1);
                const auto prepared = parse(unended);
                if (!isParsersOwn(message) || said == message ||
                    (!prepared && prepared.error().message == message)) {
                    ++refused;
                    continue;
                }
            }
            ++wrong;
            qWarning("%s\n%s\n   recorded %s\n   was      %s", entry.path().filename().c_str(),
                     step.statement.c_str(), step.answer.c_str(), said.c_str());
        }
    }
    qInfo("%zu parsed, %zu refused, %zu wrong", parsed, refused, wrong);
    QCOMPARE(wrong, std::size_t{0});
}

QTEST_GUILESS_MAIN(ParserScriptsTest)
#include "parser_scripts_test.moc"
