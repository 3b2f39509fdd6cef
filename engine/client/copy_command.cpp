#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <map>

#include "engine/base/text.h"
#include "engine/client/copy.h"
#include "engine/cql/syntax/lexer.h"

namespace engine::client {

using cql::syntax::Token;
using cql::syntax::TokenKind;

namespace {

constexpr std::int64_t kMostPageRows = 100'000;

/// Options of cqlsh that change how its processes share the work, never what is copied.
constexpr std::array<std::string_view, 10> kTuning{"NUMPROCESSES", "CHUNKSIZE",    "INGESTRATE",  "MAXATTEMPTS",     "MAXBATCHSIZE",
                                                  "MINBATCHSIZE", "MAXREQUESTS", "PAGETIMEOUT", "REPORTFREQUENCY", "PREPAREDSTATEMENTS"};

/// Options of cqlsh that are not here.
constexpr std::array<std::string_view, 3> kMissing{"CONFIGFILE", "MAXOUTPUTSIZE", "RATEFILE"};
constexpr std::int64_t kMostDigits = 100;

/// COPY's words, read in order.
class CopyReader {
public:
    explicit CopyReader(std::string_view text) : m_text(text) {
        for (const Token& token : cql::syntax::tokenize(text)) {
            if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::Comment && token.kind != TokenKind::Semicolon &&
                token.kind != TokenKind::Eof) {
                m_tokens.push_back(token);
            }
        }
    }

    Result<CopyCommand> read() {
        CopyCommand command;
        if (!takes("COPY") || atEnd()) {
            return form();
        }
        command.table = std::string(word());
        ++m_at;
        if (takes(".")) {
            command.table += '.' + std::string(word());
            ++m_at;
        }
        if (takes("(")) {
            while (!atEnd() && !takes(")")) {
                command.columns.push_back(name());
                ++m_at;
                takes(",");
            }
        }
        command.from = upper() == "FROM";
        if (!takes("FROM") && !takes("TO")) {
            return form();
        }
        command.standard = upper() == (command.from ? "STDIN" : "STDOUT");
        if (!command.standard && (atEnd() || m_tokens[m_at].kind != TokenKind::StringLiteral)) {
            return invalid("COPY needs a file in single quotes: COPY library.books TO 'books.csv'");
        }
        command.file = command.standard ? upper() : string();
        ++m_at;
        if (takes("WITH")) {
            do {
                TRY(option(command));
            } while (takes("AND"));
        }
        if (!atEnd()) {
            return invalid(fmt::format("COPY does not know '{}' here", word()));
        }
        return command;
    }

private:
    static Error form() {
        return invalid("COPY table [(columns)] TO|FROM 'file' [WITH option = value AND …] is its form");
    }
    bool atEnd() const { return m_at >= m_tokens.size(); }
    std::string_view word() const {
        return atEnd() ? std::string_view() : m_text.substr(m_tokens[m_at].offset, m_tokens[m_at].length);
    }
    std::string upper() const { return upperCase(word()); }
    bool takes(std::string_view wanted) {
        const bool is = upper() == wanted;
        m_at += is ? 1 : 0;
        return is;
    }
    std::string name() const {
        const std::string_view text = word();
        return text.size() > 1 && text.front() == '"' ? std::string(text.substr(1, text.size() - 2)) : lowerCase(text);
    }
    std::string string() const {
        std::string out;
        const std::string_view text = word().substr(1, word().size() - 2);
        for (std::size_t i = 0; i < text.size(); ++i) {
            out += text[i];
            i += text[i] == '\'' ? 1 : 0;
        }
        return out;
    }

    Result<void> option(CopyCommand& command) {
        const std::string name = upper();
        ++m_at;
        if (!takes("=") || atEnd()) {
            return invalid(fmt::format("COPY: {} needs a value: {} = …", name, name));
        }
        const std::string value = m_tokens[m_at].kind == TokenKind::StringLiteral ? string() : std::string(word());
        ++m_at;
        if (isTuning(name)) {
            return ok();
        }
        if (name == "HEADER") {
            command.header = lowerCase(value) == "true";
        } else if (name == "NULL" || name == "NULLVAL") {
            command.style.null = value;
        } else if (name == "DELIMITER" || name == "QUOTE" || name == "ESCAPE") {
            if (value.size() != 1) {
                return invalid(fmt::format("COPY: {} is one character, not '{}'", name, value));
            }
            (name == "DELIMITER" ? command.form.delimiter : name == "QUOTE" ? command.form.quote : command.form.escape) = value[0];
        } else if (name == "BOOLSTYLE") {
            const std::vector<std::string> words = listed(value);
            if (words.size() != 2 || words[0].empty() || words[1].empty() || words[0] == words[1]) {
                return invalid(fmt::format("COPY: BOOLSTYLE is two different words, 'yes, no', not '{}'", value));
            }
            command.style.yes = words[0];
            command.style.no = words[1];
        } else if (name == "DATETIMEFORMAT") {
            command.style.timestampFormat = value;
        } else if (name == "DECIMALSEP") {
            command.style.decimalSeparator = value;
        } else if (name == "THOUSANDSSEP") {
            command.style.thousandsSeparator = value;
        } else if (name == "ERRFILE") {
            command.errorFile = value;
        } else if (name == "SKIPCOLS") {
            command.skipColumns = listed(value);
        } else if (name == "ENCODING") {
            if (lowerCase(value) != "utf8" && lowerCase(value) != "utf-8") {
                return invalid(fmt::format("COPY: ENCODING is utf8 here, not '{}'", value));
            }
        } else {
            return number(command, name, value);
        }
        return ok();
    }

    Result<void> number(CopyCommand& command, const std::string& name, std::string_view value) {
        static const std::map<std::string, std::function<void(CopyCommand&, std::int64_t)>> numbers{
            {"MAXROWS", [](CopyCommand& c, std::int64_t n) { c.maxRows = n; }},
            {"SKIPROWS", [](CopyCommand& c, std::int64_t n) { c.skipRows = n; }},
            {"MAXPARSEERRORS", [](CopyCommand& c, std::int64_t n) { c.maxParseErrors = n; }},
            {"MAXINSERTERRORS", [](CopyCommand& c, std::int64_t n) { c.maxInsertErrors = n; }},
            {"BEGINTOKEN", [](CopyCommand& c, std::int64_t n) { c.beginToken = n; }},
            {"ENDTOKEN", [](CopyCommand& c, std::int64_t n) { c.endToken = n; }},
            {"FLOATPRECISION", [](CopyCommand& c, std::int64_t n) { c.style.floatPrecision = digits(n); }},
            {"DOUBLEPRECISION", [](CopyCommand& c, std::int64_t n) { c.style.doublePrecision = digits(n); }},
            {"TTL", [](CopyCommand& c, std::int64_t n) {
                 c.ttl = static_cast<std::int32_t>(std::clamp<std::int64_t>(n, 0, std::numeric_limits<std::int32_t>::max()));
             }},
            {"PAGESIZE", [](CopyCommand& c, std::int64_t n) {
                 c.pageSize = static_cast<std::int32_t>(std::clamp<std::int64_t>(n, 1, kMostPageRows));
             }},
        };
        const auto known = numbers.find(name);
        if (known == numbers.end() && isOfCqlsh(name)) {
            return invalid(fmt::format("COPY does not know the option {} here. The real cqlsh, which connects to any node, has all", name));
        }
        if (known == numbers.end()) {
            return invalid(fmt::format("Unrecognized COPY {} options: {}", command.from ? "FROM" : "TO", lowerCase(name)));
        }
        // A sign before a number is a word of its own.
        std::string digits(value);
        if (digits == "-" && !atEnd()) {
            digits += word();
            ++m_at;
        }
        std::int64_t read = 0;
        const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), read);
        if (end.ec != std::errc() || end.ptr != digits.data() + digits.size() || (name == "PAGESIZE" && read < 1)) {
            return invalid(fmt::format("COPY: {} is a number, not '{}'", name, digits));
        }
        known->second(command, read);
        return ok();
    }

    static bool isOfCqlsh(const std::string& name) {
        return std::find(kMissing.begin(), kMissing.end(), name) != kMissing.end();
    }
    static int digits(std::int64_t n) { return static_cast<int>(std::clamp<std::int64_t>(n, 0, kMostDigits)); }
    static bool isTuning(const std::string& name) {
        return std::find(kTuning.begin(), kTuning.end(), name) != kTuning.end();
    }
    static std::vector<std::string> listed(std::string_view value) {
        std::vector<std::string> words;
        for (std::size_t from = 0; from <= value.size();) {
            const std::size_t comma = std::min(value.find(',', from), value.size());
            words.emplace_back(trimmed(value.substr(from, comma - from)));
            from = comma + 1;
        }
        return words;
    }
    static std::string_view trimmed(std::string_view word) {
        const std::size_t from = word.find_first_not_of(' ');
        return from == std::string_view::npos ? std::string_view() : word.substr(from, word.find_last_not_of(' ') - from + 1);
    }

    std::string_view m_text;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
};

}  // namespace

Result<CopyCommand> parseCopy(std::string_view text) { return CopyReader(text).read(); }

}  // namespace engine::client
