#include <QKeyEvent>

#include <algorithm>

#include "app/console/cql_editor.h"
#include "app/shell/kit.h"
#include "engine/cql/assist/completion.h"

namespace app::console {

namespace {

constexpr int kPopupRows = 9;
constexpr int kPopupRow = 24;
constexpr int kCandidates = 200;  // More are never offered at once: another letter narrows them.
constexpr qsizetype kNoteColumn = 24;
constexpr int kLeast = 2;  // Letters before completion offers itself.

}  // namespace

void CqlEditor::offerCompletions(bool asked) {
    m_popup->hide();
    static const engine::cql::assist::Names kNone;
    const auto found = engine::cql::assist::complete(toPlainText().left(textCursor().position()).toStdString(),
                                                     m_names != nullptr ? *m_names : kNone, m_used.toStdString());
    m_wordLength = static_cast<int>(QString::fromStdString(found.typed).size());
    if (found.candidates.empty() || (!asked && m_wordLength < kLeast)) {
        return;
    }
    m_popup->clear();
    double widest = 120;
    // Notes stand below each other, but for names that are long.
    qsizetype column = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(found.candidates.size(), kCandidates); ++i) {
        const auto length = static_cast<qsizetype>(found.candidates[i].text.size());
        column = found.candidates[i].note.empty() || length > kNoteColumn ? column : std::max(column, length);
    }
    for (const auto& candidate : found.candidates) {
        if (m_popup->count() == kCandidates) {
            break;
        }
        const QString text = QString::fromStdString(candidate.text);
        const QString note = QString::fromStdString(candidate.note);
        auto* row = new QListWidgetItem(note.isEmpty() ? text : text.leftJustified(column) + "  " + note);
        row->setData(Qt::UserRole, text);
        row->setSizeHint({0, kPopupRow});
        m_popup->addItem(row);
        widest = std::max(widest, shell::widthOf(m_popup->font(), row->text()));
    }
    m_popup->setCurrentRow(0);
    const int rows = std::min(kPopupRows, m_popup->count());
    m_popup->resize(static_cast<int>(std::min(widest, 420.0)) + 30, rows * kPopupRow + 8);
    const QRect cursor = cursorRect();
    const bool below = cursor.bottom() + m_popup->height() + 4 <= viewport()->height();
    const int y = below ? cursor.bottom() + 4 : std::max(0, cursor.top() - m_popup->height() - 4);
    m_popup->move(std::min(cursor.left(), std::max(0, viewport()->width() - m_popup->width())), y);
    m_popup->show();
    m_popup->raise();
}

void CqlEditor::takeCompletion() {
    const QListWidgetItem* item = m_popup->currentItem();
    m_popup->hide();
    if (item == nullptr) {
        return;
    }
    QTextCursor cursor = textCursor();
    cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, m_wordLength);
    cursor.insertText(item->data(Qt::UserRole).toString());
    setTextCursor(cursor);
}

bool CqlEditor::popupTakes(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Down: m_popup->setCurrentRow(std::min(m_popup->currentRow() + 1, m_popup->count() - 1)); return true;
    case Qt::Key_Up: m_popup->setCurrentRow(std::max(m_popup->currentRow() - 1, 0)); return true;
    case Qt::Key_Tab: takeCompletion(); return true;
    case Qt::Key_Escape: m_popup->hide(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (event->modifiers() == Qt::NoModifier) {
            takeCompletion();
            return true;
        }
        return false;
    default: return false;
    }
}

}  // namespace app::console
