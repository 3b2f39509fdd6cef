#include "app/console/text_block.h"

#include <QScrollBar>
#include <QWheelEvent>

#include <cmath>

#include "app/console/cql_highlighter.h"
#include "app/shell/kit.h"

namespace app::console {

namespace {
constexpr double kBlockText = 12;
constexpr int kBlockMargin = 8;
constexpr int kBlockIndent = 14;
constexpr int kBlockBar = 10;  // Room for the bar below when a line is too long.
}

TextBlock::TextBlock(const QString& text, bool coloured, QWidget* parent) : QPlainTextEdit(parent) {
    setReadOnly(true);
    setFrameShape(QFrame::NoFrame);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setTabChangesFocus(true);
    document()->setDocumentMargin(0);
    setViewportMargins(kBlockIndent, kBlockMargin, 4, kBlockMargin);
    setCornerWidget(new QWidget);  // The style draws a bracket there.
    if (coloured) {
        new CqlHighlighter(document());
    }
    connect(&shell::theme(), &shell::Theme::changed, this, &TextBlock::applyZoom);
    setPlainText(text);
    applyZoom();
}

void TextBlock::applyZoom() {
    setFont(shell::mono(kBlockText * shell::theme().zoom()));
    fit();
}

void TextBlock::setText(const QString& text) {
    setPlainText(text);
    fit();
}

void TextBlock::setMost(int height) {
    m_most = height;
    fit();
}

void TextBlock::fit() {
    const double line = QFontMetricsF(font()).lineSpacing();
    const int wanted = static_cast<int>(std::ceil(line * blockCount())) + 2 * kBlockMargin + kBlockBar;
    setFixedHeight(std::min(wanted, std::max(m_most, 110)));
}

/// What cannot be scrolled here scrolls the results around it.
void TextBlock::wheelEvent(QWheelEvent* event) {
    const bool scrolls = verticalScrollBar()->maximum() > 0 || event->angleDelta().x() != 0;
    scrolls ? QPlainTextEdit::wheelEvent(event) : event->ignore();
}

}  // namespace app::console
