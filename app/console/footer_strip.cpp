#include "app/console/footer_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace app::console {

using namespace app::shell;

namespace {

constexpr int kFooterMargin = 12;
constexpr int kFooterGap = 23;   // Between parts, the rule in its middle.
constexpr int kFooterLine = 24;
constexpr int kFooterSpare = 4;  // Above the first line and below the last together.

QFont footerFont(const FooterStrip::Part& part) {
    return sans(11.5, part.ink == Ink::Muted || part.ink == Ink::Faint ? 400 : 500);
}

}  // namespace

FooterStrip::FooterStrip(QWidget* parent) : QWidget(parent) {
    setFixedHeight(kFooterLine + kFooterSpare);
    setMouseTracking(true);
}

void FooterStrip::moveLink(int step) {
    for (int i = m_link + step; i >= 0 && i < static_cast<int>(m_parts.size()); i += step) {
        if (!m_parts[static_cast<std::size_t>(i)].link.isEmpty()) {
            m_link = i;
            update();
            return;
        }
    }
}

void FooterStrip::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    m_link = -1;
    moveLink(1);
}

void FooterStrip::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Right: moveLink(1); return;
    case Qt::Key_Left: moveLink(-1); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_link >= 0) {
            emit chosen(QString(m_parts[static_cast<std::size_t>(m_link)].link));
            return;
        }
        break;
    default: break;
    }
    QWidget::keyPressEvent(event);
}

void FooterStrip::setParts(std::vector<Part> parts) {
    m_parts = std::move(parts);
    const bool links = std::any_of(m_parts.begin(), m_parts.end(), [](const Part& part) { return !part.link.isEmpty(); });
    setFocusPolicy(links ? Qt::TabFocus : Qt::NoFocus);
    if (m_link >= static_cast<int>(m_parts.size()) || (m_link >= 0 && m_parts[static_cast<std::size_t>(m_link)].link.isEmpty())) {
        m_link = -1;
        moveLink(1);
    }
    setAccessibleName(plainText());
    place();
    update();
}

QString FooterStrip::plainText() const {
    QStringList words;
    for (const Part& part : m_parts) {
        words << part.text;
    }
    return words.join(" | ");
}

void FooterStrip::place() {
    m_rects.clear();
    double x = kFooterMargin;
    int line = 0;
    for (const Part& part : m_parts) {
        const double wide = widthOf(footerFont(part), part.text);
        if (x > kFooterMargin && x + wide > width() - 8) {
            x = kFooterMargin;
            ++line;
        }
        m_rects.emplace_back(x, kFooterSpare / 2.0 + line * kFooterLine, wide, kFooterLine);
        x += wide + kFooterGap;
    }
    setFixedHeight((line + 1) * kFooterLine + kFooterSpare);
}

void FooterStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place();
}

void FooterStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    QPainterPath ground;
    ground.addRoundedRect(QRectF(rect()).adjusted(0, -10, 0, 0), 7, 7);
    p.setClipRect(rect());
    p.fillPath(ground, t.sunken);
    paint::hline(p, 0, width(), 0, t.line);
    for (std::size_t i = 0; i < m_rects.size(); ++i) {
        const QRectF& at = m_rects[i];
        const double yc = at.center().y() + .5;
        if (at.left() > kFooterMargin) {
            const double rule = at.left() - kFooterGap / 2.0;
            paint::vline(p, rule, yc - 6, yc + 6, t.line_strong);
        }
        paint::mid(p, {at.left(), yc}, m_parts[i].text, footerFont(m_parts[i]), colourOf(m_parts[i].ink));
        if (hasFocus() && static_cast<int>(i) == m_link) {
            paint::focusRing(p, at.adjusted(-2, 4, 2, -4), 4);
        }
    }
}

const FooterStrip::Part* FooterStrip::partAt(const QPointF& at) const {
    for (std::size_t i = 0; i < m_rects.size(); ++i) {
        if (m_rects[i].contains(at)) {
            return &m_parts[i];
        }
    }
    return nullptr;
}

void FooterStrip::mousePressEvent(QMouseEvent* event) {
    if (const Part* part = partAt(event->position()); part != nullptr && !part->link.isEmpty()) {
        emit chosen(QString(part->link));
    }
}

void FooterStrip::mouseMoveEvent(QMouseEvent* event) {
    const Part* part = partAt(event->position());
    setCursor(part != nullptr && !part->link.isEmpty() ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

bool FooterStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Part* part = partAt(help->pos());
        QToolTip::showText(help->globalPos(), part != nullptr ? part->toolTip : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace app::console
