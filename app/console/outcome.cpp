#include "app/console/outcome.h"

#include "engine/client/copy.h"
#include "engine/cql/assist/fixes.h"
#include "engine/cql/syntax/text.h"
#include "engine/types/type_names.h"

namespace app::console {

using engine::ErrorKind;
using engine::types::Kind;

namespace {

bool isNumber(Kind kind) {
    switch (kind) {
    case Kind::Bigint: case Kind::Counter: case Kind::Decimal: case Kind::Double: case Kind::Float: case Kind::Int:
    case Kind::Varint: case Kind::Smallint: case Kind::Tinyint: return true;
    default: return false;
    }
}

/// Whether CQL writes the value in single quotes, and plainText() without them.
bool isQuoted(const engine::types::DataType& type) {
    switch (type.kind()) {
    case Kind::Text: case Kind::Ascii: case Kind::Date: case Kind::Time: case Kind::Timestamp: case Kind::Inet: return true;
    default: return false;
    }
}

}  // namespace

ResultSetPtr resultSetOf(const engine::cql::RowsResult& rows) {
    auto set = std::make_shared<ResultSet>();
    if (!rows.metadata->columns.empty() && !rows.metadata->columns.front().table.empty()) {
        const auto& first = rows.metadata->columns.front();
        set->table = QString::fromStdString(engine::cql::syntax::maybeQuote(first.keyspace) + '.' + engine::cql::syntax::maybeQuote(first.table));
    }
    for (const auto& column : rows.metadata->columns) {
        ResultColumn out;
        out.name = QString::fromStdString(column.name);
        out.type = QString::fromStdString(engine::types::cqlName(column.type));
        out.rightAligned = isNumber(column.type->kind());
        out.json = out.rightAligned || column.type->kind() == Kind::Boolean;
        out.quoted = isQuoted(*column.type);
        set->columns.push_back(std::move(out));
    }
    set->rows.reserve(rows.rows.size());
    for (const auto& row : rows.rows) {
        std::vector<std::optional<QString>> cells(set->columns.size());
        for (std::size_t i = 0; i < row.size() && i < cells.size(); ++i) {
            if (row[i]) {
                cells[i] = QString::fromStdString(engine::client::plainText(*rows.metadata->columns[i].type, *row[i]));
            }
        }
        set->rows.push_back(std::move(cells));
    }
    return set;
}

QString codeText(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::Server: return "0000 Server error";
    case ErrorKind::Protocol: return "000A Protocol error";
    case ErrorKind::BadCredentials: return "0100 Bad credentials";
    case ErrorKind::Unavailable: return "1000 Unavailable exception";
    case ErrorKind::Overloaded: return "1001 Overloaded";
    case ErrorKind::IsBootstrapping: return "1002 Is bootstrapping";
    case ErrorKind::Truncate: return "1003 Truncate error";
    case ErrorKind::WriteTimeout: return "1100 Write timeout";
    case ErrorKind::ReadTimeout: return "1200 Read timeout";
    case ErrorKind::ReadFailure: return "1300 Read failure";
    case ErrorKind::FunctionFailure: return "1400 Function failure";
    case ErrorKind::WriteFailure: return "1500 Write failure";
    case ErrorKind::Syntax: return "2000 Syntax error";
    case ErrorKind::Unauthorized: return "2100 Unauthorized";
    case ErrorKind::Invalid: return "2200 Invalid query";
    case ErrorKind::Config: return "2300 Configuration error";
    case ErrorKind::AlreadyExists: return "2400 Already exists";
    case ErrorKind::Unprepared: return "2500 Unprepared";
    default: return {};
    }
}

RunError runErrorOf(const engine::Error& error, const QString& statement) {
    RunError out;
    out.kind = error.kind;
    out.code = codeText(error.kind);
    out.message = QString::fromStdString(error.message);
    if (error.detail && error.detail->hasSpan) {
        out.hasSpan = true;
        out.offset = utf16Offset(statement, error.detail->span.offset);
        out.length = utf16Offset(statement, error.detail->span.offset + error.detail->span.length) - out.offset;
    }
    return out;
}

std::vector<RunFix> fixesOf(const QString& statement, const RunError& error, const engine::cql::assist::Names& names,
                            const QString& usedKeyspace) {
    std::vector<RunFix> fixes;
    const engine::Error asked = engine::makeError(error.kind, error.message.toStdString());
    for (const auto& fix : engine::cql::assist::fixesFor(statement.toStdString(), asked, names, usedKeyspace.toStdString())) {
        RunFix one;
        one.says = QString::fromStdString(fix.says);
        one.offset = utf16Offset(statement, fix.offset);
        one.length = utf16Offset(statement, fix.offset + fix.length) - one.offset;
        one.text = QString::fromStdString(fix.text);
        fixes.push_back(std::move(one));
    }
    return fixes;
}

const QStringList& consistencyNames() {
    static const QStringList names{"ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM",
                                   "SERIAL", "LOCAL_SERIAL", "LOCAL_ONE"};
    return names;
}

std::optional<std::uint16_t> consistencyCode(const QString& name) {
    const auto at = consistencyNames().indexOf(name.toUpper());
    return at < 0 ? std::nullopt : std::optional(static_cast<std::uint16_t>(at));
}

}  // namespace app::console
