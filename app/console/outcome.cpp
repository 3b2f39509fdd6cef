#include "app/console/outcome.h"

#include <QJsonDocument>
#include <QJsonArray>

#include "engine/types/codec.h"
#include "engine/types/literals.h"
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

QString textOf(const engine::types::DataType& type, engine::BytesView bytes) {
    switch (type.kind()) {
    case Kind::Text:
    case Kind::Ascii: return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    case Kind::Blob:
    case Kind::Custom: return "0x" + QString::fromLatin1(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())).toHex());
    default: {
        QString text = QString::fromStdString(engine::types::toCqlLiteral(type, bytes));
        const bool quoted = type.isNative() && text.size() >= 2 && text.startsWith('\'') && text.endsWith('\'');
        return quoted ? text.mid(1, text.size() - 2) : text;
    }
    }
}

QString jsonString(const QString& text) {
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(list.mid(1, list.size() - 2));
}

QString csvField(const QString& text) {
    if (!text.contains(',') && !text.contains('"') && !text.contains('\n')) {
        return text;
    }
    return '"' + QString(text).replace("\"", "\"\"") + '"';
}

}  // namespace

ResultSetPtr resultSetOf(const engine::cql::RowsResult& rows) {
    auto set = std::make_shared<ResultSet>();
    for (const auto& column : rows.metadata->columns) {
        ResultColumn out;
        out.name = QString::fromStdString(column.name);
        out.type = QString::fromStdString(engine::types::cqlName(column.type));
        out.rightAligned = isNumber(column.type->kind());
        out.json = out.rightAligned || column.type->kind() == Kind::Boolean;
        set->columns.push_back(std::move(out));
    }
    set->rows.reserve(rows.rows.size());
    for (const auto& row : rows.rows) {
        std::vector<std::optional<QString>> cells(set->columns.size());
        for (std::size_t i = 0; i < row.size() && i < cells.size(); ++i) {
            if (row[i]) {
                cells[i] = textOf(*rows.metadata->columns[i].type, *row[i]);
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
    out.code = codeText(error.kind);
    out.message = QString::fromStdString(error.message);
    if (error.detail && error.detail->hasSpan) {
        out.hasSpan = true;
        out.offset = utf16Offset(statement, error.detail->span.offset);
        out.length = utf16Offset(statement, error.detail->span.offset + error.detail->span.length) - out.offset;
    }
    return out;
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

QString toCsv(const ResultSet& set) {
    QStringList lines;
    QStringList fields;
    for (const ResultColumn& column : set.columns) {
        fields << csvField(column.name);
    }
    lines << fields.join(',');
    for (const auto& row : set.rows) {
        fields.clear();
        for (const auto& cell : row) {
            fields << (cell ? csvField(*cell) : QString());
        }
        lines << fields.join(',');
    }
    return lines.join('\n') + '\n';
}

QString toJson(const ResultSet& set) {
    QStringList rows;
    for (const auto& row : set.rows) {
        QStringList fields;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const QString value = !row[i] ? QString("null") : set.columns[i].json ? row[i]->toLower() : jsonString(*row[i]);
            fields << jsonString(set.columns[i].name) + ": " + value;
        }
        rows << "  {" + fields.join(", ") + '}';
    }
    return "[\n" + rows.join(",\n") + "\n]\n";
}

QString toMarkdown(const ResultSet& set) {
    const auto field = [](const QString& text) { return QString(text).replace('|', "\\|").replace('\n', ' '); };
    QString head = "|", rule = "|", body;
    for (const ResultColumn& column : set.columns) {
        head += ' ' + field(column.name) + " |";
        rule += column.rightAligned ? " ---: |" : " --- |";
    }
    for (const auto& row : set.rows) {
        body += '|';
        for (const auto& cell : row) {
            body += ' ' + (cell ? field(*cell) : QString("null")) + " |";
        }
        body += '\n';
    }
    return head + '\n' + rule + '\n' + body;
}

}  // namespace app::console
