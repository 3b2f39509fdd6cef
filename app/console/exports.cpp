#include "app/console/exports.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

#include "engine/cql/syntax/text.h"

namespace app::console {

namespace {

QString jsonString(const QString& text) {
    const QByteArray list = QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(list.mid(1, list.size() - 2));
}

/// What floats have and JSON's numbers have not.
bool notOfJson(const QString& number) { return number == "NaN" || number.endsWith("Infinity"); }

QString csvField(const QString& text) {
    if (!text.contains(',') && !text.contains('"') && !text.contains('\n') && !text.contains('\r')) {
        return text;
    }
    return '"' + QString(text).replace("\"", "\"\"") + '"';
}

const QString kStatementColumn = "create_statement";

}  // namespace

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
            const bool bare = row[i] && set.columns[i].json && !notOfJson(*row[i]);
            const QString value = !row[i] ? QString("null") : bare ? row[i]->toLower() : jsonString(*row[i]);
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

QString toTable(const ResultSet& set) {
    std::vector<qsizetype> widths;
    for (std::size_t i = 0; i < set.columns.size(); ++i) {
        qsizetype width = set.columns[i].name.size();
        for (const auto& row : set.rows) {
            width = std::max(width, row[i] ? row[i]->size() : 4);
        }
        widths.push_back(width);
    }
    QStringList head, rule;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        head << ' ' + set.columns[i].name.leftJustified(widths[i]) + ' ';
        rule << QString(widths[i] + 2, '-');
    }
    QString text = '\n' + head.join('|') + '\n' + rule.join('+') + '\n';
    for (const auto& row : set.rows) {
        QStringList cells;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            cells << ' ' + row[i].value_or("null").rightJustified(widths[i]) + ' ';
        }
        text += cells.join('|') + '\n';
    }
    return text + QString("\n(%1 row%2)\n").arg(set.rows.size()).arg(set.rows.size() == 1 ? "" : "s");
}

QString toVertical(const ResultSet& set, qsizetype firstNumber, qsizetype most) {
    qsizetype width = 0;
    for (const ResultColumn& column : set.columns) {
        width = std::max(width, column.name.size());
    }
    QStringList blocks;
    for (const auto& row : set.rows) {
        if (blocks.size() == most) {
            break;
        }
        QStringList lines{QString("@ Row %1").arg(firstNumber + blocks.size()), QString(width + 2, '-') + '+' + QString(24, '-')};
        for (std::size_t i = 0; i < row.size(); ++i) {
            // A value of several lines goes on below itself.
            const QString value = row[i].value_or("null").replace('\n', '\n' + QString(width + 2, ' ') + "| ");
            lines << ' ' + set.columns[i].name.leftJustified(width) + " | " + value;
        }
        blocks << lines.join('\n');
    }
    return blocks.join("\n\n");
}

QString toCreateStatements(const ResultSet& set) {
    const auto column = std::find_if(set.columns.begin(), set.columns.end(),
                                     [](const ResultColumn& one) { return one.name == kStatementColumn; });
    if (column == set.columns.end()) {
        return {};
    }
    const auto at = static_cast<std::size_t>(column - set.columns.begin());
    QStringList statements;
    for (const auto& row : set.rows) {
        statements << row[at].value_or(QString()).trimmed();
    }
    return statements.join("\n\n") + '\n';
}

QString toInserts(const ResultSet& set) {
    const bool plain = std::none_of(set.columns.begin(), set.columns.end(), [](const ResultColumn& column) {
        return column.name.contains('(') || column.name.contains(' ');
    });
    if (set.table.isEmpty() || !plain) {
        return {};
    }
    QString text;
    for (const auto& row : set.rows) {
        QStringList names, values;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (row[i]) {
                names << QString::fromStdString(engine::cql::syntax::maybeQuote(set.columns[i].name.toStdString()));
                values << (set.columns[i].quoted ? QString::fromStdString(engine::cql::syntax::quoteText(row[i]->toStdString())) : *row[i]);
            }
        }
        text += QString("INSERT INTO %1 (%2) VALUES (%3);\n").arg(set.table, names.join(", "), values.join(", "));
    }
    return text;
}

}  // namespace app::console
