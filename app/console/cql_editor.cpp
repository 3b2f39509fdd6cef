#include "app/console/cql_editor.h"

#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QWheelEvent>

#include "app/console/cql_highlighter.h"
#include "app/shell/kit.h"

namespace app::console {

using shell::tokens;

namespace {

constexpr int kPopupRows = 9;
constexpr int kPopupRow = 24;
constexpr int kLeast = 2;  // Letters before completion offers itself.

/// Line numbers, painted by the editor, which knows where its lines are.
class Gutter : public QWidget {
public:
    explicit Gutter(CqlEditor* editor) : QWidget(editor), m_editor(editor) {}
    QSize sizeHint() const override { return {m_editor->gutterWidth(), 0}; }

protected:
    void paintEvent(QPaintEvent* event) override { m_editor->paintGutter(event); }

private:
    CqlEditor* m_editor;
};

bool isBracket(QChar c) { return QString("()[]{}").contains(c); }

/// The position of the bracket that closes or opens the one at `at`; -1 for none.
int partnerOf(const QString& text, int at) {
    static const QString opening = "([{", closing = ")]}";
    const QChar self = text[at];
    const bool forward = opening.contains(self);
    const QChar other = forward ? closing[opening.indexOf(self)] : opening[closing.indexOf(self)];
    int depth = 0;
    for (int i = at; i >= 0 && i < text.size(); i += forward ? 1 : -1) {
        depth += text[i] == self ? 1 : text[i] == other ? -1 : 0;
        if (depth == 0) {
            return i;
        }
    }
    return -1;
}

}  // namespace

CqlEditor::CqlEditor(QWidget* parent) : QPlainTextEdit(parent) {
    m_gutter = new Gutter(this);
    m_popup = new QListWidget(viewport());
    m_popup->setFocusPolicy(Qt::NoFocus);
    m_popup->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_popup->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_popup->setUniformItemSizes(true);
    m_popup->hide();
    connect(m_popup, &QListWidget::itemClicked, this, &CqlEditor::takeCompletion);
    m_note = new QLabel(viewport());
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    m_note->hide();
    new CqlHighlighter(document());
    setAccessibleName("CQL");
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setTabChangesFocus(false);
    setFrameShape(QFrame::NoFrame);
    document()->setDocumentMargin(6);
    setPlaceholderText("Type CQL. Ctrl Enter runs the statement at the cursor.");
    connect(this, &QPlainTextEdit::blockCountChanged, this, [this] { setViewportMargins(gutterWidth(), 0, 0, 0); });
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int dy) {
        dy != 0 ? m_gutter->scroll(0, dy) : m_gutter->update(0, rect.y(), m_gutter->width(), rect.height());
        placeErrorNote();
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, &CqlEditor::mark);
    connect(document(), &QTextDocument::contentsChange, this, [this](int, int removed, int added) {
        if (removed != added) {
            clearError();
        }
    });
    connect(&shell::theme(), &shell::Theme::changed, this, &CqlEditor::applyTheme);
    applyTheme();
}

void CqlEditor::applyTheme() {
    setFont(shell::mono(12.5 * shell::theme().zoom()));
    m_popup->setFont(shell::mono(12));
    m_note->setFont(shell::sans(12));
    m_popup->setStyleSheet(QString("QListWidget { background: %1; border: 1px solid %2; border-radius: 6px; padding: 3px; }"
                                   "QListWidget::item { padding: 0 6px; }")
                               .arg(tokens().panel.name(), tokens().line_strong.name()));
    m_note->setStyleSheet(QString("QLabel { background: %1; color: %2; border: 1px solid %2; border-radius: 5px; padding: 3px 8px; }")
                              .arg(tokens().fail_tint.name(), tokens().fail.name()));
    setViewportMargins(gutterWidth(), 0, 0, 0);
    mark();
}

void CqlEditor::setNames(const SchemaNames* names, const QString& usedKeyspace) {
    m_names = names;
    m_used = usedKeyspace;
}

int CqlEditor::gutterWidth() const {
    const int digits = std::max(2, static_cast<int>(QString::number(blockCount()).size()));
    return 14 + static_cast<int>(shell::widthOf(shell::mono(11), QString(digits, '0'))) + 10;
}

void CqlEditor::paintGutter(QPaintEvent* event) {
    QPainter p(m_gutter);
    p.fillRect(event->rect(), tokens().panel);
    const auto statements = allStatements();
    const StatementText* current = statementAt(statements, textCursor().position());
    const int currentFrom = current != nullptr ? document()->findBlock(current->offset).blockNumber() : -1;
    const int currentTo = current != nullptr ? document()->findBlock(current->offset + current->length).blockNumber() : -1;
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF at = blockBoundingGeometry(block).translated(contentOffset());
        if (at.top() > event->rect().bottom()) {
            break;
        }
        const bool inside = block.blockNumber() >= currentFrom && block.blockNumber() <= currentTo;
        shell::paint::mid(p, {m_gutter->width() - 10.0, at.center().y()}, QString::number(block.blockNumber() + 1),
                          shell::mono(11), inside ? tokens().muted : tokens().faint, shell::Align::Right);
        if (inside) {
            p.fillRect(QRectF(m_gutter->width() - 4, at.top(), 3, at.height()), tokens().accent);
        }
    }
}

void CqlEditor::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    const QRect inner = contentsRect();
    m_gutter->setGeometry(inner.left(), inner.top(), gutterWidth(), inner.height());
    placeErrorNote();
}

std::vector<StatementText> CqlEditor::chosenStatements() const {
    const auto all = allStatements();
    const QTextCursor cursor = textCursor();
    std::vector<StatementText> chosen;
    if (cursor.hasSelection()) {
        for (const StatementText& statement : all) {
            if (statement.offset < cursor.selectionEnd() && statement.offset + statement.length > cursor.selectionStart()) {
                chosen.push_back(statement);
            }
        }
        return chosen;
    }
    if (const StatementText* one = statementAt(all, cursor.position())) {
        chosen.push_back(*one);
    }
    return chosen;
}

// ---- Marks ----

void CqlEditor::markBrackets(QList<QTextEdit::ExtraSelection>& marks) const {
    const QString text = toPlainText();
    const int cursor = textCursor().position();
    for (const int at : {cursor - 1, cursor}) {
        if (at < 0 || at >= text.size() || !isBracket(text[at])) {
            continue;
        }
        const int partner = partnerOf(text, at);
        for (const int position : {at, partner}) {
            if (position < 0) {
                continue;
            }
            QTextEdit::ExtraSelection mark;
            mark.cursor = QTextCursor(document());
            mark.cursor.setPosition(position);
            mark.cursor.movePosition(QTextCursor::Right, QTextCursor::KeepAnchor);
            mark.format.setBackground(partner < 0 ? tokens().fail_tint : tokens().selected);
            mark.format.setForeground(partner < 0 ? tokens().fail : tokens().accent);
            marks.append(mark);
        }
        return;
    }
}

void CqlEditor::mark() {
    QList<QTextEdit::ExtraSelection> marks;
    markBrackets(marks);
    if (m_error) {
        QTextEdit::ExtraSelection wave;
        wave.cursor = QTextCursor(document());
        wave.cursor.setPosition(m_error->from);
        wave.cursor.setPosition(m_error->to, QTextCursor::KeepAnchor);
        wave.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        wave.format.setUnderlineColor(tokens().fail);
        wave.format.setBackground(tokens().fail_tint);
        marks.append(wave);
    }
    setExtraSelections(marks);
    m_gutter->update();
    placeErrorNote();
}

void CqlEditor::showError(int statementOffset, const RunError& error) {
    if (!error.hasSpan) {
        clearError();
        return;
    }
    const int last = std::max(0, document()->characterCount() - 1);
    const int from = std::min(statementOffset + error.offset, last);
    int to = std::min(from + std::max(error.length, 1), last);
    // At the very end there is nothing to underline but what came before.
    m_error = ShownError{to > from ? from : std::max(0, from - 1), std::max(to, from), error.message};
    mark();
}

void CqlEditor::clearError() {
    if (m_error) {
        m_error.reset();
        mark();
    }
}

void CqlEditor::placeErrorNote() {
    m_note->setVisible(m_error.has_value());
    if (!m_error) {
        return;
    }
    QTextCursor at(document());
    at.setPosition(m_error->from);
    const QRect spot = cursorRect(at);
    m_note->setText(m_error->message);
    const int width = std::min(viewport()->width() - 24, 560);
    m_note->setFixedWidth(std::min(width, m_note->fontMetrics().horizontalAdvance(m_error->message) + 24));
    m_note->adjustSize();
    const int x = std::clamp(spot.left() - 4, 4, std::max(4, viewport()->width() - m_note->width() - 8));
    m_note->move(x, spot.bottom() + 4);
}

// ---- Completion ----

void CqlEditor::offerCompletions(bool asked) {
    m_popup->hide();
    static const SchemaNames kNone;
    const Completions found = complete(toPlainText().left(textCursor().position()), m_names != nullptr ? *m_names : kNone, m_used);
    if (found.items.empty() || (!asked && found.wordLength < kLeast)) {
        return;
    }
    m_wordLength = found.wordLength;
    m_popup->clear();
    double widest = 120;
    for (const Completion& item : found.items) {
        auto* row = new QListWidgetItem(item.note.isEmpty() ? item.text : item.text + "   " + item.note);
        row->setData(Qt::UserRole, item.text);
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

void CqlEditor::keyPressEvent(QKeyEvent* event) {
    if (m_popup->isVisible() && popupTakes(event)) {
        return;
    }
    m_popup->hide();
    if (event->key() == Qt::Key_Space && event->modifiers() & Qt::ControlModifier) {
        offerCompletions(true);
        return;
    }
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && event->modifiers() == Qt::NoModifier) {
        indentNewLine();
        return;
    }
    if (event->key() == Qt::Key_Tab && event->modifiers() == Qt::NoModifier) {
        insertPlainText("    ");
        return;
    }
    if (event->key() == Qt::Key_Backtab) {
        focusPreviousChild();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
    const QString typed = event->text();
    if (!typed.isEmpty() && (typed[0].isLetterOrNumber() || typed[0] == '_')) {
        offerCompletions(false);
    } else if (typed == ".") {
        offerCompletions(true);
    }
}

void CqlEditor::indentNewLine() {
    const QString line = textCursor().block().text();
    qsizetype indent = 0;
    while (indent < line.size() && line[indent] == ' ') {
        ++indent;
    }
    insertPlainText('\n' + line.left(std::min<qsizetype>(indent, textCursor().positionInBlock())));
    ensureCursorVisible();
}

void CqlEditor::focusOutEvent(QFocusEvent* event) {
    m_popup->hide();
    QPlainTextEdit::focusOutEvent(event);
}

void CqlEditor::wheelEvent(QWheelEvent* event) {
    m_popup->hide();
    QPlainTextEdit::wheelEvent(event);
}

}  // namespace app::console
