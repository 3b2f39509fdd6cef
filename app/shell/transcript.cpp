#include "app/shell/transcript.h"

namespace app::shell {

void TranscriptModel::say(const QString& view, const QString& sentence, const QString& time) {
    if (sentence.isEmpty() || (!m_lines.empty() && m_lines.back().view == view && m_lines.back().sentence == sentence)) {
        return;
    }
    if (static_cast<int>(m_lines.size()) == kLinesMax) {
        beginRemoveRows({}, 0, 0);
        m_lines.pop_front();
        endRemoveRows();
    }
    const int at = static_cast<int>(m_lines.size());
    beginInsertRows({}, at, at);
    m_lines.push_back({time, view, sentence});
    endInsertRows();
}

int TranscriptModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

QVariant TranscriptModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)) {
        return {};
    }
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    return line.time + "   " + line.view + "   " + line.sentence;
}

QString TranscriptModel::plainText() const {
    QString text;
    for (const Line& line : m_lines) {
        text += line.time + '\t' + line.view + '\t' + line.sentence + '\n';
    }
    return text;
}

}  // namespace app::shell
