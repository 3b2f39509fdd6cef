#include "app/console/cql_editor.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolTip>
#include <QWheelEvent>

#include "app/console/cql_highlighter.h"
#include "app/shell/kit.h"
#include "engine/cql/assist/spelling.h"
#include "engine/cql/syntax/parser.h"

namespace app::console {

using shell::tokens;

namespace {

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
    connect(document(), &QTextDocument::contentsChange, this, [this] {
        if (document()->revision() != m_seen) {  // New colours tell of a change too, which is none of the text.
            m_seen = document()->revision();
            clearError();
            m_typos.clear();
            m_rest.start();
        }
    });
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMillis);
    connect(&m_rest, &QTimer::timeout, this, &CqlEditor::findTypos);
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

void CqlEditor::setNames(const engine::cql::assist::Names* names, const QString& usedKeyspace) {
    m_names = names;
    m_used = usedKeyspace;
}

int CqlEditor::gutterWidth() const {
    const int digits = std::max(2, static_cast<int>(QString::number(blockCount()).size()));
    return 14 + static_cast<int>(shell::widthOf(shell::mono(11), QString(digits, '0'))) + 10;
}

const std::vector<StatementText>& CqlEditor::allStatements() const {
    if (m_split != document()->revision()) {
        m_split = document()->revision();
        m_statements = splitStatements(toPlainText());
    }
    return m_statements;
}

std::pair<int, int> CqlEditor::currentLines() const {
    const StatementText* current = statementAt(allStatements(), textCursor().position());
    return current == nullptr ? std::pair(-1, -1)
                              : std::pair(document()->findBlock(current->offset).blockNumber(),
                                          document()->findBlock(current->offset + current->length).blockNumber());
}

/// The statement that Run would run lies on a tint.
void CqlEditor::paintEvent(QPaintEvent* event) {
    const auto [from, to] = currentLines();
    if (from >= 0 && !textCursor().hasSelection()) {
        const QTextBlock end = document()->findBlockByNumber(to);
        const double top = blockBoundingGeometry(document()->findBlockByNumber(from)).translated(contentOffset()).top();
        const double bottom = blockBoundingGeometry(end).translated(contentOffset()).top() + end.layout()->boundingRect().height();
        QColor tint = tokens().info_tint;
        tint.setAlphaF(0.6f);
        QPainter(viewport()).fillRect(QRectF(0, top, viewport()->width(), bottom - top), tint);
    }
    QPlainTextEdit::paintEvent(event);
}

void CqlEditor::paintGutter(QPaintEvent* event) {
    QPainter p(m_gutter);
    p.fillRect(event->rect(), tokens().panel);
    const auto [currentFrom, currentTo] = currentLines();
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF at = blockBoundingGeometry(block).translated(contentOffset());
        if (at.top() > event->rect().bottom()) {
            break;
        }
        const bool inside = block.blockNumber() >= currentFrom && block.blockNumber() <= currentTo;
        const double height = block.layout()->boundingRect().height();  // The last block's rectangle has the margin too.
        shell::paint::mid(p, {m_gutter->width() - 10.0, at.top() + height / 2}, QString::number(block.blockNumber() + 1),
                          shell::mono(11), inside ? tokens().muted : tokens().faint, shell::Align::Right);
        if (inside) {
            p.fillRect(QRectF(m_gutter->width() - 4, at.top(), 3, height), tokens().accent);
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
    const auto& all = allStatements();
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
    const auto wave = [&](const ShownError& error, bool tinted) {
        QTextEdit::ExtraSelection line;
        line.cursor = QTextCursor(document());
        line.cursor.setPosition(error.from);
        line.cursor.setPosition(error.to, QTextCursor::KeepAnchor);
        line.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        line.format.setUnderlineColor(tokens().fail);
        if (tinted) {
            line.format.setBackground(tokens().fail_tint);
        }
        marks.append(line);
    };
    for (const ShownError& typo : m_typos) {
        wave(typo, false);
    }
    if (m_error) {
        wave(*m_error, true);
    }
    setExtraSelections(marks);
    m_gutter->update();
    viewport()->update();
    placeErrorNote();
}

CqlEditor::ShownError CqlEditor::shown(int statementOffset, const QString& statement, const RunError& error) const {
    const int last = std::max(0, document()->characterCount() - 1);
    const int from = std::min(statementOffset + error.offset, last);
    const int to = std::min(from + std::max(error.length, 1), last);
    // At the very end there is nothing to underline but what came before.
    return {to > from ? from : std::max(0, from - 1), std::max(to, from), error.message, statementOffset, statement, error.fixes};
}

void CqlEditor::showError(int statementOffset, const QString& statement, const RunError& error) {
    if (!error.hasSpan) {
        clearError();
        return;
    }
    m_error = shown(statementOffset, statement, error);
    mark();
}

// ---- Before anything is run ----

void CqlEditor::findTypos() {
    m_typos.clear();
    static const engine::cql::assist::Names kNone;
    const QString text = toPlainText();
    const int cursor = textCursor().position();
    QString defined;  // By the sheet itself, once it is run.
    for (const StatementText& statement : allStatements()) {
        const QString verb = statement.verb();
        if (verb.startsWith("CREATE") || verb.startsWith("ALTER") || statement.shellVerb) {
            defined += statement.text.toLower() + ' ';
        }
    }
    for (const StatementText& statement : allStatements()) {
        const int end = statement.offset + statement.length;
        const bool unfinished = hasFocus() && cursor >= end && text.mid(end, cursor - end).trimmed().isEmpty();
        if (statement.shellVerb || unfinished || statement.length > kLongStatement) {
            continue;
        }
        if (m_typos.size() == kMostTypos) {
            break;
        }
        const auto parsed = engine::cql::syntax::parse(statement.text.toStdString());
        if (parsed) {
            findMisspelt(statement, defined);
        } else {
            RunError error = runErrorOf(parsed.error(), statement.text);
            error.fixes = fixesOf(statement.text, error, m_names != nullptr ? *m_names : kNone, m_used);
            m_typos.push_back(shown(statement.offset, statement.text, error));
        }
    }
    mark();
}

void CqlEditor::findMisspelt(const StatementText& statement, const QString& defined) {
    if (m_names == nullptr) {
        return;
    }
    for (const auto& wrong : engine::cql::assist::misspelt(statement.text.toStdString(), *m_names, m_used.toStdString())) {
        RunError error = runErrorOf(wrong.error, statement.text);
        error.hasSpan = true;
        error.offset = utf16Offset(statement.text, wrong.place.offset);
        error.length = utf16Offset(statement.text, wrong.place.offset + wrong.place.length) - error.offset;
        error.fixes.push_back({QString::fromStdString(wrong.fix.says), error.offset, error.length, QString::fromStdString(wrong.fix.text)});
        if (!defined.contains(statement.text.mid(error.offset, error.length).remove('"').toLower())) {
            m_typos.push_back(shown(statement.offset, statement.text, error));
        }
    }
}

const CqlEditor::ShownError* CqlEditor::errorAt(int position) const {
    const auto holds = [&](const ShownError& error) {
        return position >= error.statementOffset && position <= error.statementOffset + error.statement.size() + 1;
    };
    if (m_error && holds(*m_error)) {
        return &*m_error;
    }
    const auto typo = std::find_if(m_typos.begin(), m_typos.end(), holds);
    return typo == m_typos.end() ? nullptr : &*typo;
}

bool CqlEditor::mendAtCursor() {
    const ShownError* error = errorAt(textCursor().position());
    if (error == nullptr || error->fixes.empty()) {
        return false;
    }
    const ShownError mended = *error;
    return applyFix(mended.statementOffset, mended.statement, mended.fixes.front());
}

bool CqlEditor::applyFix(int statementOffset, const QString& statement, const RunFix& fix) {
    const QString text = toPlainText();
    int at = statementOffset;
    if (text.mid(at, statement.size()) != statement) {
        at = static_cast<int>(text.indexOf(statement));
    }
    if (at < 0) {
        return false;
    }
    QTextCursor cursor(document());
    cursor.setPosition(at + fix.offset);
    cursor.setPosition(at + fix.offset + fix.length, QTextCursor::KeepAnchor);
    cursor.insertText(fix.text);
    setTextCursor(cursor);
    findTypos();
    return true;
}

bool CqlEditor::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        // Escape closes what lies over the text first; only then does it stop a statement.
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Escape && (m_popup->isVisible() || m_note->isVisible())) {
            event->accept();
            return true;
        }
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int position = cursorForPosition(viewport()->mapFromGlobal(help->globalPos())).position();
        const auto typo = std::find_if(m_typos.begin(), m_typos.end(), [&](const ShownError& one) {
            return position >= one.from && position <= one.to;
        });
        const QString fix = typo == m_typos.end() || typo->fixes.empty() ? QString() : "\nAlt Enter: " + typo->fixes.front().says;
        QToolTip::showText(help->globalPos(), typo == m_typos.end() ? QString() : typo->message + fix, this);
        return true;
    }
    return QPlainTextEdit::event(event);
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
    const QString fix = m_error->fixes.empty() ? QString() : "Alt Enter: " + m_error->fixes.front().says;
    m_note->setText(fix.isEmpty() ? m_error->message : m_error->message + '\n' + fix);
    const int width = std::min(viewport()->width() - 24, 560);
    const auto& metrics = m_note->fontMetrics();
    m_note->setFixedWidth(std::min(width, std::max(metrics.horizontalAdvance(m_error->message), metrics.horizontalAdvance(fix)) + 24));
    m_note->adjustSize();
    const int most = std::max(4, viewport()->width() - m_note->width() - 8);
    const int top = spot.bottom() + 4;
    // Beside the lines it would cover, when there is room.
    double covered = 0;
    for (QTextBlock block = at.block().next(); block.isValid(); block = block.next()) {
        const QRectF line = blockBoundingGeometry(block).translated(contentOffset());
        if (line.top() >= top + m_note->height()) {
            break;
        }
        covered = std::max(covered, line.left() + block.layout()->maximumWidth() + 12);
    }
    const int beside = static_cast<int>(covered);
    m_note->move(beside <= most ? std::max(beside, std::min(spot.left() - 4, most)) : std::clamp(spot.left() - 4, 4, most), top);
}

// ---- Keys ----

void CqlEditor::keyPressEvent(QKeyEvent* event) {
    if (m_popup->isVisible() && popupTakes(event)) {
        return;
    }
    m_popup->hide();
    if (event->key() == Qt::Key_Space && event->modifiers() & Qt::ControlModifier) {
        offerCompletions(true);
        return;
    }
    if (event->key() == Qt::Key_Escape && m_note->isVisible()) {
        clearError();
        return;
    }
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers() == Qt::AltModifier && mendAtCursor()) {
        return;
    }
    if (enter && event->modifiers() == Qt::NoModifier) {
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
