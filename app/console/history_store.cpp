#include "app/console/history_store.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QSet>

namespace app::console {

namespace {

/// LOGIN, and statements about roles and users that set one.
bool holdsPassword(const QString& statement) {
    static const QRegularExpression kPassword(R"(^\s*LOGIN\b|\bPASSWORD\s*=?\s*')", QRegularExpression::CaseInsensitiveOption);
    return kPassword.match(statement).hasMatch();
}

}  // namespace

HistoryStore::HistoryStore(QString file) : m_file(std::move(file)) {
    QFile in(m_file);
    if (!m_file.isEmpty() && in.open(QIODevice::ReadOnly)) {
        while (!in.atEnd()) {
            const QString line = QJsonDocument::fromJson(in.readLine()).array().at(0).toString();
            if (!line.isEmpty()) {
                m_lines << line;
            }
        }
    }
}

void HistoryStore::add(const QString& statement) {
    if (statement.isEmpty() || (!m_lines.isEmpty() && m_lines.last() == statement)) {
        return;
    }
    m_lines << statement;
    QFile out(m_file);
    if (!m_file.isEmpty() && !holdsPassword(statement) && out.open(QIODevice::Append)) {
        out.write(QJsonDocument(QJsonArray{statement}).toJson(QJsonDocument::Compact) + '\n');
    }
}

QStringList HistoryStore::find(const QString& words) const {
    QStringList found;
    QSet<QString> seen;
    for (auto line = m_lines.crbegin(); line != m_lines.crend() && found.size() < kShown; ++line) {
        if (line->contains(words, Qt::CaseInsensitive) && !seen.contains(*line)) {
            seen.insert(*line);
            found << *line;
        }
    }
    return found;
}

}  // namespace app::console
