#include "engine/client/copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <istream>
#include <map>
#include <ostream>

#include "engine/base/text.h"
#include "engine/cql/syntax/lexer.h"
#include "engine/cql/syntax/parser.h"
#include "engine/cql/syntax/text.h"
#include "engine/types/literals.h"

namespace engine::client {

using cql::syntax::Token;
using cql::syntax::TokenKind;

namespace {

constexpr std::uint64_t kProgressRows = 500;

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
        if (atEnd() || m_tokens[m_at].kind != TokenKind::StringLiteral) {
            return invalid("COPY needs a file in single quotes: COPY library.books TO 'books.csv'");
        }
        command.file = string();
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
        if (name == "HEADER") {
            command.header = lowerCase(value) == "true";
        } else if (name == "NULL" || name == "NULLVAL") {
            command.null = value;
        } else if (name == "DELIMITER" || name == "QUOTE" || name == "ESCAPE") {
            if (value.size() != 1) {
                return invalid(fmt::format("COPY: {} is one character, not '{}'", name, value));
            }
            (name == "DELIMITER" ? command.form.delimiter : name == "QUOTE" ? command.form.quote : command.form.escape) = value[0];
        } else if (name == "MAXROWS" || name == "SKIPROWS" || name == "PAGESIZE") {
            std::int64_t number = 0;
            const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
            if (read.ec != std::errc() || read.ptr != value.data() + value.size() || (name == "PAGESIZE" && number < 1)) {
                return invalid(fmt::format("COPY: {} is a number of rows, not '{}'", name, value));
            }
            name == "PAGESIZE" ? command.pageSize = static_cast<std::int32_t>(std::min<std::int64_t>(number, 100'000))
                               : (name == "MAXROWS" ? command.maxRows : command.skipRows) = number;
        } else {
            return invalid(fmt::format("COPY does not know the option {} here: there are HEADER, DELIMITER, QUOTE, ESCAPE, NULL, "
                                       "MAXROWS, SKIPROWS and PAGESIZE. The real cqlsh, which connects to any node, has all",
                                       name));
        }
        return ok();
    }

    std::string_view m_text;
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
};

std::string columnList(const std::vector<std::string>& columns) {
    std::string list;
    for (const std::string& column : columns) {
        list += (list.empty() ? "" : ", ") + cql::syntax::maybeQuote(column);
    }
    return list;
}

Result<cql::RowsResult> rowsOf(Client& client, const Query& query) {
    TRY_ASSIGN(QueryAnswer answer, client.execute(query));
    if (auto* rows = std::get_if<cql::RowsResult>(&answer.result)) {
        return std::move(*rows);
    }
    return invalid("COPY: the answer has no rows");
}

/// Writes records of one table; what each column is was read from the server.
class Importer {
public:
    Importer(Client& client, const CopyCommand& command, const Query& how) : m_client(client), m_command(command), m_query(how) {
        m_query.pagingState.reset();
    }

    Result<void> learn() {
        Query probe = m_query;
        probe.text = fmt::format("SELECT {} FROM {} LIMIT 1",
                                 m_command.columns.empty() ? "*" : columnList(m_command.columns), m_command.table);
        TRY_ASSIGN(const cql::RowsResult rows, rowsOf(m_client, probe));
        m_columns = rows.metadata->columns;
        const bool counters = std::any_of(m_columns.begin(), m_columns.end(), [](const cql::ColumnSpec& column) {
            return column.type->kind() == types::Kind::Counter;
        });
        if (counters) {
            return invalid("COPY FROM does not write counters here; the real cqlsh does");
        }
        return ok();
    }

    Result<void> write(const std::vector<std::string>& fields) {
        if (fields.size() != m_columns.size()) {
            return invalid(fmt::format("{} fields for {} columns", fields.size(), m_columns.size()));
        }
        std::string names, values;
        m_query.values.clear();
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (fields[i] == m_command.null) {
                continue;
            }
            names += (names.empty() ? "" : ", ") + cql::syntax::maybeQuote(m_columns[i].name);
            TRY_ASSIGN(const std::string value, valueOf(m_columns[i], fields[i]));
            values += (values.empty() ? "" : ", ") + value;
        }
        m_query.text = fmt::format("INSERT INTO {} ({}) VALUES ({})", m_command.table, names, values);
        TRY(m_client.execute(m_query));
        return ok();
    }

private:
    /// A marker whose value is bound, or for types that are written as literals the literal.
    Result<std::string> valueOf(const cql::ColumnSpec& column, const std::string& field) {
        if (!column.type->isNative()) {
            TRY(cql::syntax::parseTerm(field));
            return field;
        }
        const bool blob = column.type->kind() == types::Kind::Blob && field.starts_with("0x");
        auto bytes = types::fromString(*column.type, blob ? std::string_view(field).substr(2) : std::string_view(field));
        if (!bytes) {
            return makeError(ErrorKind::Invalid, fmt::format("{}: {}", column.name, bytes.error().message));
        }
        m_query.values.emplace_back(std::move(bytes).value());
        return std::string("?");
    }

    Client& m_client;
    const CopyCommand& m_command;
    Query m_query;
    std::vector<cql::ColumnSpec> m_columns;
};

}  // namespace

Result<CopyCommand> parseCopy(std::string_view text) { return CopyReader(text).read(); }

std::string plainText(const types::DataType& type, BytesView value) {
    if (type.kind() == types::Kind::Text || type.kind() == types::Kind::Ascii) {
        return std::string(value);
    }
    std::string text = types::toCqlLiteral(type, value);
    const bool quoted = type.isNative() && text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
    return quoted ? text.substr(1, text.size() - 2) : text;
}

Result<CopyReport> copyTo(Client& client, const CopyCommand& command, const Query& how, std::ostream& out,
                          const CopyProgress& goOn) {
    Query query = how;
    query.text = fmt::format("SELECT {} FROM {}", command.columns.empty() ? "*" : columnList(command.columns), command.table);
    query.pageSize = command.pageSize;
    query.pagingState.reset();
    CopyReport report;
    std::vector<std::string> fields;
    do {
        TRY_ASSIGN(const cql::RowsResult rows, rowsOf(client, query));
        const auto& columns = rows.metadata->columns;
        if (command.header && report.rows == 0 && !query.pagingState) {
            fields.clear();
            for (const auto& column : columns) {
                fields.push_back(column.name);
            }
            out << csvRecord(fields, command.form);
        }
        for (const cql::ResultRow& row : rows.rows) {
            fields.clear();
            for (std::size_t i = 0; i < columns.size(); ++i) {
                fields.push_back(row[i] ? plainText(*columns[i].type, *row[i]) : command.null);
            }
            out << csvRecord(fields, command.form);
            ++report.rows;
        }
        query.pagingState = rows.pagingState;
        if (!out) {
            return makeError(ErrorKind::Io, fmt::format("Cannot write {}", command.file));
        }
        if (!goOn(report.rows)) {
            return report;
        }
    } while (query.pagingState);
    return report;
}

Result<CopyReport> copyFrom(Client& client, const CopyCommand& command, const Query& how, std::istream& in,
                            const CopyProgress& goOn) {
    CsvReader reader(in, command.form);
    CopyCommand known = command;
    if (command.header) {
        TRY_ASSIGN(const auto head, reader.next());
        if (head && command.columns.empty()) {
            known.columns = *head;
        }
    }
    Importer importer(client, known, how);
    TRY(importer.learn());
    CopyReport report;
    std::int64_t seen = 0;
    for (;;) {
        TRY_ASSIGN(const auto fields, reader.next());
        if (!fields || (command.maxRows >= 0 && static_cast<std::int64_t>(report.rows) >= command.maxRows)) {
            return report;
        }
        if (seen++ < command.skipRows || (fields->size() == 1 && fields->front().empty())) {
            continue;
        }
        if (const auto done = importer.write(*fields)) {
            ++report.rows;
        } else if (report.failed++ == 0) {
            report.firstFailure = fmt::format("line {}: {}", reader.line(), done.error().message);
        }
        if ((report.rows + report.failed) % kProgressRows == 0 && !goOn(report.rows)) {
            return report;
        }
    }
}

}  // namespace engine::client
