#include "app/shell/kit/marks.h"

#include <QtMath>

namespace app::shell {

Badge::Badge(int node, double radius, QWidget* parent) : QWidget(parent), m_node(node), m_radius(radius) {
    const int side = qCeil(radius * 2.4) + 2;
    setFixedSize(side, side);
    setNode(node);
}

void Badge::setNode(int node) {
    m_node = node;
    setAccessibleName(QString("n%1").arg(node));
    update();
}

void Badge::setHollow(bool hollow) {
    m_hollow = hollow;
    update();
}

void Badge::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::badge(p, QRectF(rect()).center(), m_radius, m_node, m_hollow);
}

StateLabel::StateLabel(StateMark mark, double radius, QWidget* parent)
    : QWidget(parent), m_mark(mark), m_radius(radius) {
    const int side = qCeil(radius * 2.4) + 1;
    setFixedSize(side, side);
    setMark(mark);
}

void StateLabel::setMark(StateMark mark) {
    m_mark = mark;
    setAccessibleName(wordOf(mark));
    setToolTip(wordOf(mark) + " (" + codeOf(mark) + ")");
    update();
}

void StateLabel::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::state(p, QRectF(rect()).center(), m_mark, m_radius);
}

VerdictLabel::VerdictLabel(VerdictMark mark, double radius, QWidget* parent)
    : QWidget(parent), m_mark(mark), m_radius(radius) {
    const int side = qCeil(radius * 2.4) + 1;
    setFixedSize(side, side);
    setMark(mark);
}

void VerdictLabel::setMark(VerdictMark mark) {
    m_mark = mark;
    static const char* const kWords[] = {"passed", "near miss", "failed", "not shown yet", "predicted", "now", "skipped"};
    setAccessibleName(kWords[static_cast<int>(mark)]);
    update();
}

void VerdictLabel::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::verdict(p, QRectF(rect()).center(), m_mark, m_radius);
}

IconLabel::IconLabel(const QString& name, double size, Colour colour, QWidget* parent)
    : QWidget(parent), m_name(name), m_size(size), m_colour(colour) {
    setFixedSize(qCeil(size), qCeil(size));
}

void IconLabel::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::icon(p, {0, 0}, m_name, m_size, tokens().*m_colour);
}

Pill::Pill(const QString& text, Colour ink, Colour fill, QWidget* parent)
    : QWidget(parent), m_ink(ink), m_fill(fill) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setText(text);
}

void Pill::setText(const QString& text) {
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void Pill::setColours(Colour ink, Colour fill) {
    m_ink = ink;
    m_fill = fill;
    update();
}

void Pill::setEdge(Colour edge) {
    m_edge = edge;
    update();
}

void Pill::setIconName(const QString& icon) {
    m_icon = icon;
    updateGeometry();
    update();
}

paint::PillStyle Pill::style() const {
    const Tokens& t = tokens();
    return {.ink = t.*m_ink, .fill = t.*m_fill, .edge = m_edge != nullptr ? t.*m_edge : QColor(),
            .size = 11, .height = 20, .icon = m_icon};
}

QSize Pill::sizeHint() const { return {qCeil(paint::pillWidth(m_text, style())), 20}; }

void Pill::paintEvent(QPaintEvent*) {
    QPainter p(this);
    paint::pill(p, {0, height() / 2.0}, m_text, style());
}

}  // namespace app::shell
