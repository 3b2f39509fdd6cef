#include "app/console/statements.h"

#include <QStringList>

#include <algorithm>

#include "engine/cql/syntax/lexer.h"

namespace app::console {

using engine::cql::syntax::Token;
using engine::cql::syntax::TokenKind;

namespace {

bool isHidden(const Token& token) {
    return token.kind == TokenKind::Whitespace || token.kind == TokenKind::Comment;
}

std::string_view textOf(const Token& token, std::string_view all) { return all.substr(token.offset, token.length); }

bool isWord(const Token& token, std::string_view all, std::string_view upper) {
    const std::string_view text = textOf(token, all);
    return text.size() == upper.size() && std::equal(text.begin(), text.end(), upper.begin(), [](char a, char b) {
               return std::toupper(static_cast<unsigned char>(a)) == b;
           });
}

bool isShellVerb(const Token& token, std::string_view all) {
    for (const QString& verb : shellVerbs()) {
        if (isWord(token, all, verb.toStdString())) {
            return true;
        }
    }
    return false;
}

/// Bytes to UTF-16 in one pass, for ascending offsets.
class OffsetMap {
public:
    explicit OffsetMap(std::string_view utf8) : m_text(utf8) {}
    int operator()(std::size_t byte) {
        for (; m_byte < byte && m_byte < m_text.size(); ++m_byte) {
            const auto c = static_cast<unsigned char>(m_text[m_byte]);
            if ((c & 0xC0) != 0x80) {
                m_units += c >= 0xF0 ? 2 : 1;
            }
        }
        return m_units;
    }

private:
    std::string_view m_text;
    std::size_t m_byte = 0;
    int m_units = 0;
};

/// Collects tokens into statements.
class Splitter {
public:
    Splitter(const QString& sheet, const std::string& utf8) : m_sheet(sheet), m_text(utf8), m_units(utf8) {}

    std::vector<StatementText> run() {
        for (const Token& token : engine::cql::syntax::tokenize(m_text)) {
            take(token);
        }
        close();
        return std::move(m_out);
    }

private:
    void take(const Token& token) {
        if (token.kind == TokenKind::Eof) {
            return;
        }
        if (isHidden(token)) {
            if (m_shell && textOf(token, m_text).find('\n') != std::string_view::npos) {
                close();
            }
            return;
        }
        if (token.kind == TokenKind::Semicolon && !m_batch) {
            if (m_open) {
                m_last = token.offset;
                close();
            }
            return;
        }
        if (!m_open) {
            m_open = true;
            m_first = token.offset;
            m_line = static_cast<int>(token.line);
            m_shell = isShellVerb(token, m_text);
            m_batch = isWord(token, m_text, "BEGIN");
        }
        if (m_batch && isWord(token, m_text, "APPLY")) {
            m_batch = false;
        }
        m_last = token.offset + token.length;
    }

    void close() {
        if (!m_open) {
            return;
        }
        StatementText statement;
        statement.offset = m_units(m_first);
        statement.length = m_units(m_last) - statement.offset;
        statement.text = m_sheet.mid(statement.offset, statement.length);
        statement.line = m_line;
        statement.shellVerb = m_shell;
        m_out.push_back(std::move(statement));
        m_open = m_shell = m_batch = false;
    }

    const QString& m_sheet;
    const std::string& m_text;
    OffsetMap m_units;
    std::vector<StatementText> m_out;
    bool m_open = false;
    bool m_shell = false;
    bool m_batch = false;
    std::size_t m_first = 0;
    std::size_t m_last = 0;
    int m_line = 1;
};

}  // namespace

const QStringList& shellVerbs() {
    static const QStringList verbs{"CONSISTENCY", "SERIAL", "TRACING", "PAGING", "EXPAND", "SHOW", "SOURCE",
                                   "CLEAR", "CLS", "HISTORY", "HELP", "COPY", "CAPTURE", "LOGIN"};
    return verbs;
}

QString StatementText::verb() const {
    const QStringList words = text.simplified().split(' ');
    const QString first = words.value(0).toUpper();
    return first == "BEGIN" || first == "CREATE" || first == "ALTER" || first == "DROP"
               ? first + ' ' + words.value(1).toUpper()
               : first;
}

std::vector<StatementText> splitStatements(const QString& sheet) {
    const std::string utf8 = sheet.toStdString();
    return Splitter(sheet, utf8).run();
}

const StatementText* statementAt(const std::vector<StatementText>& statements, int cursor) {
    const StatementText* found = nullptr;
    for (const StatementText& statement : statements) {
        if (statement.offset <= cursor) {
            found = &statement;
        }
    }
    return found != nullptr ? found : statements.empty() ? nullptr : &statements.front();
}

int utf16Offset(const QString& text, std::size_t byteOffset) {
    const std::string utf8 = text.toStdString();
    return OffsetMap(utf8)(byteOffset);
}

std::vector<Advice> adviceOn(const QString& statement) {
    const std::string utf8 = statement.toStdString();
    std::vector<Token> words;
    for (const Token& token : engine::cql::syntax::tokenize(utf8)) {
        if (!isHidden(token)) {
            words.push_back(token);
        }
    }
    const auto has = [&](std::string_view word) {
        return std::any_of(words.begin(), words.end(), [&](const Token& t) { return isWord(t, utf8, word); });
    };
    // System tables are small and local.
    const bool ofSystem = std::any_of(words.begin(), words.end(), [&](const Token& t) {
        return textOf(t, utf8).substr(0, 6) == "system";
    });
    std::vector<Advice> advice;
    if (words.empty()) {
        return advice;
    }
    if (has("ALLOW") && has("FILTERING")) {
        advice.push_back({"ALLOW FILTERING reads rows only to drop them.",
                          "Every node may have to read all its rows of the table to answer. Model a table whose key is "
                          "what you ask for, or use an index."});
    }
    if (isWord(words[0], utf8, "SELECT") && !has("WHERE") && !has("LIMIT") && has("FROM") && !ofSystem) {
        advice.push_back({"No partition key: this reads the whole table.",
                          "Without WHERE the coordinator walks every token range of the ring, page by page."});
    }
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (isWord(words[i], utf8, "IN") && words[i + 1].kind == TokenKind::LeftParen) {
            std::size_t values = 1;
            for (std::size_t j = i + 2; j < words.size() && words[j].kind != TokenKind::RightParen; ++j) {
                values += words[j].kind == TokenKind::Comma ? 1 : 0;
            }
            if (values > 10) {
                advice.push_back({QString("IN with %1 keys: one coordinator asks for all of them.").arg(values),
                                  "Each key may have other replicas; the slowest decides. Single queries in parallel "
                                  "spread the work over all nodes."});
            }
        }
    }
    if (isWord(words[0], utf8, "BEGIN") && !has("UNLOGGED") && !has("COUNTER")) {
        advice.push_back({"Logged batch: atomic, not faster.",
                          "A logged batch is written to two other nodes first. Use it where rows of several partitions "
                          "must all be written in the end; never to load data."});
    }
    return advice;
}

}  // namespace app::console
