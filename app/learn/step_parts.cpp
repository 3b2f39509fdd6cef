#include "app/learn/step_parts.h"

#include <QPainter>
#include <QRegularExpression>
#include <QTextLayout>

#include <algorithm>
#include <cmath>

#include "app/console/cql_highlighter.h"

namespace app::learn {

using namespace app::shell;

namespace {

constexpr int kFactRowLeast = 27;
constexpr int kFactCharactersMax = 200;

/// Breaks the words into lines, within a word where it is too long; how high they are.
double broken(QTextLayout& layout, const QString& words, const QFont& font, double width) {
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    QString text = words.size() > kFactCharactersMax ? words.left(kFactCharactersMax) + QChar(0x2026) : words;
    // A name may be broken after an underscore, or before a capital.
    static const QRegularExpression kJoint("(_)(?=.)|([a-z])(?=[A-Z])");
    layout.setText(text.replace(kJoint, QString("\\1\\2") + QChar(0x200b)));
    layout.setFont(font);
    layout.setTextOption(option);
    double height = 0;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(std::max(width, 1.0));
        line.setPosition({0, height});
        height += line.height();
    }
    layout.endLayout();
    return height;
}

}  // namespace

void Tint::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::box(p, rect(), tokens().*m_fill, m_edge != nullptr ? tokens().*m_edge : QColor(), 8);
}

CodeBox::CodeBox(const QString& cql) : m_cql(cql) {
    setProperty("sunken", true);
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(12, 9, 9, 9);
    m_column->setSpacing(4);
    m_code = new QLabel;
    m_code->setFont(mono(12));
    m_code->setWordWrap(true);
    m_code->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_code->setAccessibleName(cql);
    m_column->addWidget(m_code);
    showCode();
    connect(&theme(), &Theme::changed, this, &CodeBox::showCode);
}

void CodeBox::showCode() {
    m_code->setText("<p style='line-height:125%;margin:0'>" + console::highlightedHtml(m_cql) + "</p>");
}

FactRow::FactRow(const lab::Fact& fact, bool deciding) : m_fact(fact), m_deciding(deciding) {
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);  // Fixed would keep it to its hint, whatever its width.
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAccessibleName(QString("%1: wanted %2, got %3").arg(text(fact.what), text(fact.wanted), text(fact.got)));
    setToolTip(accessibleName());
}

std::array<FactRow::Cell, 3> FactRow::cells(int width, int height) const {
    const double half = (width - 122 - 36) / 2.0;
    return {Cell{text(m_fact.what), sans(12), {14, 0, 92, double(height)}},
            Cell{text(m_fact.wanted), sans(12.5), {112, 0, half - 6, double(height)}},
            Cell{text(m_fact.got), sans(12.5, m_fact.agrees ? 400 : 600), {112 + half, 0, half - 6, double(height)}}};
}

int FactRow::heightForWidth(int width) const {
    double tallest = 0;
    for (const Cell& cell : cells(width, 0)) {
        QTextLayout layout;
        tallest = std::max(tallest, broken(layout, cell.words, cell.font, cell.room.width()));
    }
    return std::max(kFactRowLeast, static_cast<int>(std::ceil(tallest)) + 10);
}

void FactRow::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    if (m_deciding) {
        paint::box(p, QRectF(rect()).adjusted(6, 1, -6, -1), t.panel, t.near, 5, 1.5);
    }
    bool isName = true;
    for (const Cell& cell : cells(width(), height())) {
        QTextLayout layout;
        const double tall = broken(layout, cell.words, cell.font, cell.room.width());
        p.setPen(isName ? t.muted : t.text);
        layout.draw(&p, {cell.room.left(), (height() - tall) / 2});
        isName = false;
    }
    const double yc = height() / 2.0;
    paint::icon(p, {width() - 28.0, yc - 6.5}, m_fact.agrees ? "check" : "x", 13, m_fact.agrees ? t.pass : t.near);
}

}  // namespace app::learn
