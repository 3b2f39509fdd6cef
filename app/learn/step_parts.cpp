#include "app/learn/step_parts.h"

#include "app/console/cql_highlighter.h"

namespace app::learn {

using namespace app::shell;

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
    setFixedHeight(27);
    setAccessibleName(QString("%1: wanted %2, got %3").arg(text(fact.what), text(fact.wanted), text(fact.got)));
    setToolTip(accessibleName());
}

void FactRow::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    if (m_deciding) {
        paint::box(p, QRectF(rect()).adjusted(6, 1, -6, -1), t.panel, t.near, 5, 1.5);
    }
    const double yc = height() / 2.0;
    const double third = (width() - 122 - 36) / 2.0;
    const QFont plain = sans(12), value = sans(12.5), strong = sans(12.5, m_fact.agrees ? 400 : 600);
    paint::mid(p, {14, yc}, paint::elided(text(m_fact.what), plain, 92), plain, t.muted);
    paint::mid(p, {112, yc}, paint::elided(text(m_fact.wanted), value, third - 6), value, t.text);
    paint::mid(p, {112 + third, yc}, paint::elided(text(m_fact.got), strong, third - 6), strong, t.text);
    paint::icon(p, {width() - 28.0, yc - 6.5}, m_fact.agrees ? "check" : "x", 13, m_fact.agrees ? t.pass : t.near);
}

}  // namespace app::learn
