#include "engine/client/copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <map>
#include <ostream>

#include "engine/cql/syntax/text.h"
#include "engine/types/codec.h"
#include "engine/types/literals.h"

namespace engine::client {

namespace {

constexpr std::uint64_t kProgressRows = 500;

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

/// The columns of a table's key, partition key first.
struct Key {
    std::vector<std::string> partition;
    std::vector<std::string> all;
};

Result<Key> keyOf(Client& client, const Query& how, const cql::ColumnSpec& ofTable) {
    Query query = how;
    query.text = "SELECT column_name, kind, position FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?";
    query.values = {Bytes(ofTable.keyspace), Bytes(ofTable.table)};
    query.pagingState.reset();
    TRY_ASSIGN(const cql::RowsResult rows, rowsOf(client, query));
    std::map<std::pair<bool, std::int32_t>, std::string> ordered;
    for (const cql::ResultRow& row : rows.rows) {
        const std::string kind = row[1].value_or("");
        if (kind == "partition_key" || kind == "clustering") {
            ordered[{kind == "clustering", row[2] ? types::decodeInt(*row[2]) : 0}] = row[0].value_or("");
        }
    }
    Key key;
    for (const auto& [place, name] : ordered) {
        key.all.push_back(name);
        if (!place.first) {
            key.partition.push_back(name);
        }
    }
    return key;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Writes records of one table; what each column is was read from the server.
class Importer {
public:
    Importer(Client& client, const CopyCommand& command, const Query& how) : m_client(client), m_command(command), m_query(how) {
        m_query.pagingState.reset();
    }

    /// `head`: the first record of the file, when it is a header.
    Result<void> learn(const std::vector<std::string>* head) {
        Query probe = m_query;
        probe.text = fmt::format("SELECT {} FROM {} LIMIT 1", m_command.columns.empty() ? "*" : columnList(m_command.columns),
                                 m_command.table);
        TRY_ASSIGN(const cql::RowsResult rows, rowsOf(m_client, probe));
        m_columns = rows.metadata->columns;
        if (head != nullptr && m_command.columns.empty()) {
            followHeader(*head);
        }
        const bool counters = std::any_of(m_columns.begin(), m_columns.end(), [](const cql::ColumnSpec& column) {
            return column.type->kind() == types::Kind::Counter;
        });
        if (counters) {
            TRY_ASSIGN(m_counterKey, keyOf(m_client, m_query, m_columns.front()));
        }
        return ok();
    }

    /// Whether the last record that failed did so before the server saw it.
    bool failedToParse() const { return !m_asked; }

    Result<void> write(const std::vector<std::string>& fields) {
        m_asked = false;
        if (fields.size() != m_columns.size()) {
            return invalid(fmt::format("{} fields for {} columns", fields.size(), m_columns.size()));
        }
        m_query.values.clear();
        TRY(m_counterKey.all.empty() ? insert(fields) : add(fields));
        m_asked = true;
        TRY(m_client.execute(m_query));
        return ok();
    }

private:
    /// The columns as a header names them; unchanged when it names something else.
    void followHeader(const std::vector<std::string>& head) {
        std::vector<cql::ColumnSpec> named;
        for (const std::string& field : head) {
            const auto column = std::find_if(m_columns.begin(), m_columns.end(),
                                             [&](const cql::ColumnSpec& one) { return one.name == field; });
            if (column == m_columns.end()) {
                return;
            }
            named.push_back(*column);
        }
        m_columns = std::move(named);
    }

    bool isWritten(std::size_t i, const std::string& field) const {
        return field != m_command.style.null && !has(m_command.skipColumns, m_columns[i].name);
    }

    Result<void> insert(const std::vector<std::string>& fields) {
        std::string names, values;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (isWritten(i, fields[i])) {
                names += (names.empty() ? "" : ", ") + cql::syntax::maybeQuote(m_columns[i].name);
                TRY_ASSIGN(const std::string value, valueOf(m_columns[i], fields[i]));
                values += (values.empty() ? "" : ", ") + value;
            }
        }
        m_query.text = fmt::format("INSERT INTO {} ({}) VALUES ({})", m_command.table, names, values);
        if (m_command.ttl) {
            m_query.text += fmt::format(" USING TTL {}", *m_command.ttl);
        }
        return ok();
    }

    /// Counters cannot be inserted: what the file holds is added to what is there.
    Result<void> add(const std::vector<std::string>& fields) {
        std::string sums, keys;
        std::vector<std::optional<Bytes>> keyValues;
        std::vector<std::optional<Bytes>> sumValues;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (!isWritten(i, fields[i])) {
                continue;
            }
            const std::string name = cql::syntax::maybeQuote(m_columns[i].name);
            const bool ofKey = has(m_counterKey.all, m_columns[i].name);
            m_query.values.clear();
            TRY_ASSIGN(const std::string value, valueOf(m_columns[i], fields[i]));
            auto& bound = ofKey ? keyValues : sumValues;
            bound.insert(bound.end(), m_query.values.begin(), m_query.values.end());
            if (ofKey) {
                keys += fmt::format("{}{} = {}", keys.empty() ? "" : " AND ", name, value);
            } else {
                sums += fmt::format("{}{} = {} + {}", sums.empty() ? "" : ", ", name, name, value);
            }
        }
        m_query.text = fmt::format("UPDATE {} SET {} WHERE {}", m_command.table, sums, keys);
        m_query.values = std::move(sumValues);
        m_query.values.insert(m_query.values.end(), keyValues.begin(), keyValues.end());
        return ok();
    }

    /// A marker whose value is bound.
    Result<std::string> valueOf(const cql::ColumnSpec& column, const std::string& field) {
        auto bytes = copyValue(*column.type, field, m_command.style);
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
    Key m_counterKey;  // Empty when the table has no counters.
    bool m_asked = false;
};

/// The SELECT of COPY TO, with its range of tokens.
Result<std::string> exportStatement(Client& client, const CopyCommand& command, const Query& how) {
    const std::string list = command.columns.empty() ? "*" : columnList(command.columns);
    std::string text = fmt::format("SELECT {} FROM {}", list, command.table);
    if (!command.beginToken && !command.endToken) {
        return text;
    }
    Query probe = how;
    probe.text = text + " LIMIT 1";
    TRY_ASSIGN(const cql::RowsResult rows, rowsOf(client, probe));
    TRY_ASSIGN(const Key key, keyOf(client, how, rows.metadata->columns.front()));
    const std::string token = fmt::format("token({})", columnList(key.partition));
    text += " WHERE ";
    if (command.beginToken) {
        text += fmt::format("{} > {}", token, *command.beginToken);
    }
    if (command.endToken) {
        text += fmt::format("{}{} <= {}", command.beginToken ? " AND " : "", token, *command.endToken);
    }
    return text;
}

}  // namespace

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
    TRY_ASSIGN(query.text, exportStatement(client, command, how));
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
                fields.push_back(row[i] ? copyText(*columns[i].type, *row[i], command.style) : copyNull(command.style));
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
                            const CopyProgress& goOn, const CopyRejects& rejects) {
    CsvReader reader(in, command.form);
    std::optional<std::vector<std::string>> head;
    if (command.header) {
        TRY_ASSIGN(head, reader.next());
    }
    Importer importer(client, command, how);
    TRY(importer.learn(head ? &*head : nullptr));
    std::int64_t unparsed = 0;
    std::int64_t refused = 0;
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
        } else {
            ++(importer.failedToParse() ? unparsed : refused);
            if (rejects) {
                rejects(csvRecord(*fields, command.form));
            }
            if (report.failed++ == 0) {
                report.firstFailure = fmt::format("line {}: {}", reader.line(), done.error().message);
            }
            if ((command.maxParseErrors >= 0 && unparsed > command.maxParseErrors) ||
                (command.maxInsertErrors >= 0 && refused > command.maxInsertErrors)) {
                return report;
            }
        }
        if ((report.rows + report.failed) % kProgressRows == 0 && !goOn(report.rows)) {
            return report;
        }
    }
}

}  // namespace engine::client
