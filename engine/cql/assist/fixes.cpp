#include "engine/cql/assist/fixes.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "engine/base/text.h"
#include "engine/cql/syntax/lexer.h"
#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/text.h"

namespace engine::cql::assist {

using namespace engine::cql::syntax;

namespace {

constexpr std::size_t kMostFixes = 2;

/// Words that people misspell; a near one is tried in place of an unknown word.
constexpr std::string_view kWords[] = {
    "SELECT", "FROM", "WHERE", "INSERT", "INTO", "VALUES", "UPDATE", "SET", "DELETE", "CREATE", "TABLE", "KEYSPACE",
    "WITH", "AND", "PRIMARY", "KEY", "ORDER", "BY", "LIMIT", "ALLOW", "FILTERING", "CONTAINS", "DISTINCT", "USING",
    "TIMESTAMP", "TTL", "BATCH", "BEGIN", "APPLY", "UNLOGGED", "ALTER", "DROP", "ADD", "TRUNCATE", "INDEX", "IF", "NOT",
    "EXISTS", "CLUSTERING", "GROUP", "PARTITION", "PER", "MATERIALIZED", "VIEW", "IN", "NULL", "REPLICATION", "TYPE",
    "FUNCTION", "AGGREGATE", "RETURNS", "LANGUAGE", "STATIC", "DESCRIBE", "USE", "GRANT", "REVOKE", "ROLE"};

/// Levenshtein with transpositions, up to `most`; more gives most + 1.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
    const std::size_t apart = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    if (apart > most) {
        return most + 1;
    }
    std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
    std::iota(row.begin(), row.end(), 0u);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                next[j] = std::min(next[j], before[j - 2] + 1);
            }
        }
        before.swap(row);
        row.swap(next);
    }
    return std::min(row[b.size()], most + 1);
}

/// A third of the letters may be wrong, at least one and at most three.
std::size_t tolerance(std::string_view word) { return std::clamp<std::size_t>(word.size() / 3, 1, 3); }

template <typename Range>
std::optional<std::string> nearest(std::string_view wrong, const Range& known) {
    std::optional<std::string> best;
    std::size_t least = tolerance(wrong) + 1;
    for (const auto& name : known) {
        const std::string_view candidate = name;
        const std::size_t apart = distance(lowerCase(wrong), lowerCase(candidate), least);
        if (apart < least && candidate != wrong) {
            least = apart;
            best = std::string(candidate);
        }
    }
    return best;
}

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    const std::size_t from = text.find(before);
    if (from == std::string_view::npos) {
        return {};
    }
    const std::size_t start = from + before.size();
    const std::size_t end = after.empty() ? text.size() : text.find(after, start);
    return end == std::string_view::npos ? std::string_view() : text.substr(start, end - start);
}

class Fixer {
public:
    Fixer(std::string_view statement, const Names& names, std::string_view used)
        : m_text(statement), m_names(names), m_used(used) {
        for (const Token& token : tokenize(statement)) {
            if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::Comment && token.kind != TokenKind::Eof) {
                m_tokens.push_back(token);
            }
        }
    }

    std::vector<Fix> run(const Error& error) {
        if (error.kind == ErrorKind::Syntax) {
            syntax();
        } else {
            names(error.message);
            literals(error.message);
            filtering(error.message);
        }
        m_out.resize(std::min(m_out.size(), kMostFixes));
        return std::move(m_out);
    }

private:
    std::string_view textOf(const Token& token) const { return m_text.substr(token.offset, token.length); }

    // ---- Syntax: edits near the place, kept when the parser gets further ----

    /// Where the parser stops: an offset, or past the end when it is content.
    static std::size_t reach(std::string_view text) {
        const auto parsed = parse(text);
        if (parsed) {
            return std::string_view::npos;
        }
        const auto& detail = parsed.error().detail;
        return detail && detail->hasSpan ? detail->span.offset : 0;
    }

    void syntax() {
        const std::size_t stop = std::min(reach(m_text), m_text.size());
        // The token the parser stops at and the two before it: a wrong word is often taken for a name first.
        auto at = static_cast<std::size_t>(
            std::find_if(m_tokens.begin(), m_tokens.end(), [&](const Token& t) { return t.offset + t.length > stop; }) -
            m_tokens.begin());
        std::vector<Fix> some;
        for (std::size_t back = 0; back <= 2; ++back) {
            if (at >= back && at - back < m_tokens.size()) {
                editsOf(m_tokens[at - back], at - back, some);
            }
        }
        closers(some);
        // Whole cures first, then whatever gets furthest.
        std::vector<std::pair<std::size_t, Fix>> good;
        for (Fix& fix : some) {
            const std::string mended = withFix(m_text, fix);
            const std::size_t reached = reach(mended);
            if (reached == std::string_view::npos || reached > stop + std::max<std::size_t>(fix.text.size(), 1) + 1) {
                good.emplace_back(reached, std::move(fix));
            }
        }
        std::stable_sort(good.begin(), good.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        const bool whole = !good.empty() && good.front().first == std::string_view::npos;
        for (auto& [reached, fix] : good) {
            if (!whole || reached == std::string_view::npos) {
                m_out.push_back(std::move(fix));
            }
        }
    }

    void editsOf(const Token& token, std::size_t index, std::vector<Fix>& out) const {
        const std::string_view text = textOf(token);
        if (token.kind == TokenKind::Ident || isKeyword(token.kind)) {
            if (const auto word = nearest(text, kWords)) {
                out.push_back(change(token, *word));
            }
            const std::string upper = upperCase(text);
            if (upper == "VALUE") {
                out.push_back(change(token, "VALUES"));
            } else if (upper == "SCHEMA" || upper == "DATABASE") {
                out.push_back(change(token, "KEYSPACE"));
            } else if (upper == "STRING" || upper == "VARCHAR2" || upper == "CHAR") {
                out.push_back(change(token, "text"));
            }
            if (isReserved(token.kind)) {
                out.push_back({"Put " + std::string(text) + " in double quotes: it is a reserved word", token.offset, token.length,
                               '"' + lowerCase(text) + '"'});
            }
        } else if (token.kind == TokenKind::QuotedName) {
            out.push_back({"Write the text in single quotes: double quotes are for names", token.offset, token.length,
                           quoteText(text.substr(1, text.size() - 2))});
        } else if (token.kind == TokenKind::StringLiteral && text.size() > 2) {
            out.push_back({"Write the name without quotes", token.offset, token.length, maybeQuote(text.substr(1, text.size() - 2))});
        } else if (token.kind == TokenKind::Equal && index > 0 && m_tokens[index - 1].kind == TokenKind::Equal) {
            out.push_back({"Write one =", token.offset, token.length, ""});
        } else if (token.kind == TokenKind::Comma) {
            out.push_back({"Leave out the comma", token.offset, token.length, ""});
        }
        if (index > 0 && token.kind != TokenKind::Comma) {
            const Token& last = m_tokens[index - 1];
            out.push_back({"Put a comma before " + std::string(text), last.offset + last.length, 0, ","});
        }
    }

    /// What is open at the end: a string, a parenthesis, a batch.
    void closers(std::vector<Fix>& out) const {
        const auto end = static_cast<std::uint32_t>(m_text.size());
        int depth = 0;
        for (const Token& token : m_tokens) {
            depth += token.kind == TokenKind::LeftParen ? 1 : token.kind == TokenKind::RightParen ? -1 : 0;
            if (token.kind == TokenKind::Error && m_text[token.offset] == '\'') {
                out.push_back({"Close the string", end, 0, "'"});
            }
        }
        if (depth > 0) {
            out.push_back({"Close the parenthesis", end, 0, std::string(static_cast<std::size_t>(depth), ')')});
        }
        if (!m_tokens.empty() && m_tokens.front().kind == TokenKind::KBegin) {
            out.push_back({"End the batch with APPLY BATCH", end, 0, "\nAPPLY BATCH"});
        }
    }

    // ---- Names ----

    void names(std::string_view message) {
        std::string_view column = between(message, "Undefined column name ", " in table");
        if (column.empty()) {
            column = between(message, "Unknown identifier ", "");
        }
        if (!column.empty()) {
            std::vector<std::string> known;
            eachTable([&](const std::vector<ColumnName>& columns) {
                for (const ColumnName& one : columns) {
                    known.push_back(one.name);
                }
            });
            rename(unquoted(column), known);
        }
        if (const std::string_view table = between(message, "table ", " does not exist"); !table.empty()) {
            missingTable(unquoted(table));
        }
        for (const std::string_view before : {"keyspace ", "Keyspace '", "Keyspace "}) {
            const std::string_view keyspace = between(message, before, before.ends_with('\'') ? "'" : " does");
            if (!keyspace.empty() && message.find("does not exist") != std::string_view::npos) {
                rename(unquoted(keyspace), keyspaces());
                break;
            }
        }
        if (message.find("No keyspace has been specified") != std::string_view::npos) {
            qualify();
        }
    }

    static std::string unquoted(std::string_view name) {
        return name.size() >= 2 && name.front() == '"' ? std::string(name.substr(1, name.size() - 2)) : std::string(name);
    }
    std::vector<std::string> keyspaces() const {
        std::vector<std::string> all;
        for (const auto& [name, inside] : m_names.keyspaces) {
            all.push_back(name);
        }
        return all;
    }
    template <typename F>
    void eachTable(F&& use) const {
        for (const auto& [keyspace, inside] : m_names.keyspaces) {
            for (const auto& [table, columns] : inside.tables) {
                if (std::any_of(m_tokens.begin(), m_tokens.end(), [&](const Token& t) { return nameOf(t) == table; })) {
                    use(columns);
                }
            }
        }
    }
    std::string nameOf(const Token& token) const {
        return token.kind == TokenKind::QuotedName ? unquoted(textOf(token)) : lowerCase(textOf(token));
    }

    /// Every place of the wrong name, the first of which is offered.
    void rename(const std::string& wrong, const std::vector<std::string>& known) {
        const auto right = nearest(wrong, known);
        const auto at = std::find_if(m_tokens.begin(), m_tokens.end(), [&](const Token& t) { return nameOf(t) == wrong; });
        if (right && at != m_tokens.end()) {
            m_out.push_back(change(*at, maybeQuote(*right)));
        }
    }
    void missingTable(const std::string& qualified) {
        const std::size_t dot = qualified.find('.');
        const std::string keyspace = dot == std::string::npos ? std::string(m_used) : qualified.substr(0, dot);
        const std::string table = dot == std::string::npos ? qualified : qualified.substr(dot + 1);
        if (const auto in = m_names.keyspaces.find(keyspace); in != m_names.keyspaces.end()) {
            std::vector<std::string> known;
            for (const auto& [name, columns] : in->second.tables) {
                known.push_back(name);
            }
            rename(table, known);
        }
        if (m_out.empty() && dot == std::string::npos) {
            qualify();
        }
    }
    /// The keyspace that alone has the table, before its name.
    void qualify() {
        for (std::size_t i = 0; i < m_tokens.size(); ++i) {
            const bool afterDot = i > 0 && m_tokens[i - 1].kind == TokenKind::Dot;
            std::vector<std::string> holders;
            for (const auto& [keyspace, inside] : m_names.keyspaces) {
                if (inside.tables.contains(nameOf(m_tokens[i]))) {
                    holders.push_back(keyspace);
                }
            }
            if (holders.size() == 1 && !afterDot) {
                const std::string before = maybeQuote(holders.front()) + '.';
                m_out.push_back({"Write " + before + std::string(textOf(m_tokens[i])), m_tokens[i].offset, 0, before});
                return;
            }
        }
    }

    // ---- Values ----

    /// `Invalid STRING constant (5) for "n" of type int`: too many quotes, or too few.
    void literals(std::string_view message) {
        const std::string_view kind = between(message, "Invalid ", " constant (");
        const std::string_view value = between(message, " constant (", ") for ");
        const std::string_view type = between(message, " of type ", "");
        if (kind.empty() || value.empty()) {
            return;
        }
        const bool isText = type == "text" || type == "ascii" || type == "varchar";
        const bool isQuoted = kind == "STRING";
        const std::string wrong = isQuoted ? quoteText(value) : std::string(value);
        const auto at = std::find_if(m_tokens.begin(), m_tokens.end(), [&](const Token& t) { return textOf(t) == wrong; });
        if (at == m_tokens.end() || isText == isQuoted) {
            return;
        }
        const bool quotes = isText || type == "timestamp" || type == "date" || type == "time" || type == "inet";
        if (quotes != isQuoted) {
            m_out.push_back({quotes ? "Put the value in single quotes" : "Write the value without quotes", at->offset, at->length,
                             quotes ? quoteText(value) : std::string(value)});
        }
    }

    void filtering(std::string_view message) {
        if (message.find("use ALLOW FILTERING") != std::string_view::npos) {
            m_out.push_back({"Add ALLOW FILTERING: every node may have to read all its rows",
                             static_cast<std::uint32_t>(m_text.size()), 0, " ALLOW FILTERING"});
        }
    }

    static Fix change(const Token& token, const std::string& to) {
        return {"Change to " + to, token.offset, token.length, to};
    }

    std::string_view m_text;
    const Names& m_names;
    std::string_view m_used;
    std::vector<Token> m_tokens;
    std::vector<Fix> m_out;
};

}  // namespace

std::vector<Fix> fixesFor(std::string_view statement, const Error& error, const Names& names, std::string_view used) {
    return Fixer(statement, names, used).run(error);
}

std::string withFix(std::string_view statement, const Fix& fix) {
    std::string out(statement.substr(0, fix.offset));
    out += fix.text;
    out += statement.substr(fix.offset + fix.length);
    return out;
}

}  // namespace engine::cql::assist
