#include "app/explorer/ring/line_canvas.h"

#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace app::explorer::ring {

using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {
constexpr double kNarrowest = 1e-13;  // A few thousand tokens.
}

LineCanvas::LineCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Ring as a line");
}

void LineCanvas::relayout(QSizeF size) {
    m_now = m_input();
    m_layout = LineLayout::compute(m_now.topology, *m_now.nodes, *m_now.focus, m_window, size);
}

quint64 LineCanvas::groundKey() const {
    return qHashMulti(0, m_layout.ringVersion, m_window.from, m_window.to, m_layout.blocks.size(), m_layout.ranks,
                      QString::fromStdString(m_now.focus != nullptr ? m_now.focus->keyspace : std::string()));
}

void LineCanvas::paintGround(QPainter& p) {
    if (m_layout.blocks.empty()) {
        return;
    }
    for (const LineLayout::Block& block : m_layout.blocks) {
        QColor colour = tokens().node(block.node);
        colour.setAlphaF(m_now.focus->walk ? .45f : .8f);
        const double inset = m_layout.perPixel || block.rect.width() < 6 ? 0 : .75;
        p.fillRect(block.rect.adjusted(inset, 0, -inset, 0), colour);
    }
    paintLanes(p);
    paintShares(p);
}

void LineCanvas::paintLanes(QPainter& p) {
    for (int rank = 0; rank < m_layout.ranks; ++rank) {
        const double y = m_layout.lanes.top() + (rank + .5) * m_layout.laneHeight - 3;
        paint::mid(p, {m_layout.lanes.left() - 14, y}, ordinalText(rank + 1) + " replica", sans(12, 500), tokens().muted, Align::Right);
    }
    const QString ends[] = {QString::fromUtf8("−2⁶³"), QString::fromUtf8("−2⁶²"), "0", QString::fromUtf8("2⁶²"), QString::fromUtf8("2⁶³−1")};
    for (int i = 0; i <= 4; ++i) {
        const double x = m_layout.xOf(i / 4.0);
        if (x < m_layout.lanes.left() - 1 || x > m_layout.lanes.right() + 1) {
            continue;
        }
        paint::vline(p, x, m_layout.lanes.top() - 8, m_layout.lanes.top() - 2, tokens().line_control);
        paint::mid(p, {x, m_layout.lanes.top() - 18}, ends[i], sans(11), tokens().faint, i == 4 ? Align::Right : i == 0 ? Align::Left : Align::Centre);
    }
    if (m_window.from == 0 && m_window.to == 1) {
        const double y = m_layout.lanes.bottom() + 6;
        paint::mid(p, {m_layout.lanes.left(), y}, QString(QChar(0x2190)) + " continues at the other end", sans(11), tokens().faint);
        paint::mid(p, {m_layout.lanes.right(), y}, QString("continues ") + QChar(0x2192), sans(11), tokens().faint, Align::Right);
    }
    // The overview, with what is seen of it.
    paint::box(p, m_layout.overview, tokens().sunken, tokens().line, 3);
    const QRectF all = m_layout.overview;
    const QRectF seen(all.left() + m_window.from * all.width(), all.top(), std::max(4.0, (m_window.to - m_window.from) * all.width()), all.height());
    paint::box(p, seen, tokens().selected, tokens().accent, 3, 1.5);
}

void LineCanvas::paintShares(QPainter& p) {
    if (m_layout.shares.empty()) {
        return;
    }
    const QRectF first = m_layout.shares.front().line;
    paint::mid(p, {first.left(), first.top() - 14}, "Share owned as first replica", sans(12, 600), tokens().text);
    const double middle = first.left() + first.width() / 2;
    paint::mid(p, {middle, m_layout.shares.back().line.bottom() + 10}, "ideal " + shell::percentText(m_layout.ideal), sans(11), tokens().faint, Align::Centre);
    paint::vline(p, middle, first.top(), m_layout.shares.back().line.bottom(), tokens().line_control);
    for (const LineLayout::Share& share : m_layout.shares) {
        const double y = share.line.center().y();
        paint::badge(p, {share.line.left() - 70, y}, std::min(9.0, share.line.height() * .4), share.node);
        paint::mid(p, {share.line.left() - 54, y}, QString("n%1").arg(share.node), sans(12.5, 600), tokens().text);
        paint::hline(p, share.line.left(), share.line.right(), y, tokens().line_strong);
        p.setPen(QPen(tokens().node(share.node), 2));
        p.drawLine(QPointF(middle, y), share.dot);
        p.setPen(Qt::NoPen);
        p.setBrush(tokens().node(share.node));
        p.drawEllipse(share.dot, 4.5, 4.5);
        paint::mid(p, {share.line.right() + 14, y}, shell::percentText(share.part), mono(12), tokens().text);
    }
}

void LineCanvas::paintState(QPainter& p) {
    if (m_layout.blocks.empty()) {
        paint::mid(p, QPointF(logicalSize().width() / 2, logicalSize().height() / 2), "No cluster. Start three nodes to see who keeps what.", sans(12.5),
                   tokens().muted, Align::Centre);
        return;
    }
    const auto& walk = m_now.focus->walk;
    for (const LineLayout::Block& block : m_layout.blocks) {
        const bool holds = walk && !m_layout.perPixel && m_layout.pinX > block.rect.left() && m_layout.pinX <= block.rect.right();
        const bool chosen = block.arc == m_now.selectedArc;
        if (holds) {
            p.fillRect(block.rect.adjusted(.75, 0, -.75, 0), tokens().node(block.node));
        }
        if ((holds || (!m_layout.perPixel && !walk)) && block.rect.width() > 24) {
            paint::mid(p, block.rect.center(), QString("n%1").arg(block.node), sans(11, 600), tokens().on_node, Align::Centre);
        }
        if (chosen && m_layout.perPixel) {
            p.fillRect(block.rect, tokens().accent);
        }
    }
    if (m_layout.pinX >= m_layout.lanes.left() && m_layout.pinX <= m_layout.lanes.right() && m_now.focus->key) {
        p.setPen(QPen(tokens().text, 2));
        p.drawLine(QPointF(m_layout.pinX, m_layout.lanes.top() - 8), QPointF(m_layout.pinX, m_layout.lanes.bottom() - 4));
        paint::PillStyle style;
        style.ink = tokens().on_block;
        style.fill = tokens().block;
        style.mono = true;
        style.weight = 700;
        style.height = 22;
        const QString text = keyText(m_now.focus->key->bytes);
        const double half = paint::pillWidth(text, style) / 2;
        const double x = std::clamp(m_layout.pinX, m_layout.lanes.left() + half, m_layout.lanes.right() - half);
        paint::pill(p, {x, m_layout.lanes.top() - 20}, text, style, Align::Centre);
    }
}

// ---- items ----

QString LineCanvas::tipOf(const Item& item) const {
    if (item.kind == LineLayout::ShareItem) {
        const LineLayout::Share& share = m_layout.shares[static_cast<std::size_t>(item.index)];
        return QString("n%1 owns %2, ideal %3").arg(share.node).arg(shell::percentText(share.part), shell::percentText(m_layout.ideal));
    }
    const LineLayout::Block& block = m_layout.blocks[static_cast<std::size_t>(item.index)];
    const auto range = m_now.topology->rangeOf(m_now.topology->tokens()[static_cast<std::size_t>(block.arc)].token);
    return QString("(%1,\n %2]\n%3 replica: n%4").arg(shell::tokenText(range.left), shell::tokenText(range.right), ordinalText(block.rank + 1)).arg(block.node);
}

bool LineCanvas::isSelected(const Item& item) const {
    if (item.kind == LineLayout::ShareItem) {
        return m_layout.shares[static_cast<std::size_t>(item.index)].name == m_now.selectedNode.toStdString();
    }
    return !m_layout.perPixel && item.row == m_now.selectedArc;
}

void LineCanvas::choose(const Item& item) {
    if (item.kind == LineLayout::ShareItem) {
        emit nodeChosen(QString::fromStdString(m_layout.shares[static_cast<std::size_t>(item.index)].name));
    } else {
        emit arcChosen(item.row);
    }
    refreshNow();
}

// ---- zoom ----

void LineCanvas::zoomAt(double part, double factor) {
    const double width = std::clamp((m_window.to - m_window.from) * factor, kNarrowest, 1.0);
    const double share = (part - m_window.from) / (m_window.to - m_window.from);
    m_window.from = std::clamp(part - share * width, 0.0, 1.0 - width);
    m_window.to = m_window.from + width;
    refreshNow();
}

void LineCanvas::fit() {
    m_window = {};
    refreshNow();
}

void LineCanvas::moveWindow(double middle) {
    const double width = m_window.to - m_window.from;
    m_window.from = std::clamp(middle - width / 2, 0.0, 1.0 - width);
    m_window.to = m_window.from + width;
    refreshNow();
}

void LineCanvas::wheelEvent(QWheelEvent* event) {
    zoomAt(std::clamp(m_layout.partAt(toLogical(event->position()).x()), 0.0, 1.0), std::pow(.8, event->angleDelta().y() / 120.0));
    event->accept();
}

void LineCanvas::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomAt((m_window.from + m_window.to) / 2, .5); break;
    case Qt::Key_Minus: zoomAt((m_window.from + m_window.to) / 2, 2); break;
    case Qt::Key_0: fit(); break;
    default: Canvas::keyPressEvent(event);
    }
}

void LineCanvas::mousePressEvent(QMouseEvent* event) {
    const QPointF at = toLogical(event->position());
    if (m_layout.overview.adjusted(0, -6, 0, 6).contains(at)) {
        moveWindow((at.x() - m_layout.overview.left()) / m_layout.overview.width());
        return;
    }
    Canvas::mousePressEvent(event);
}

void LineCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = toLogical(event->position());
    if ((event->buttons() & Qt::LeftButton) && m_layout.overview.adjusted(0, -20, 0, 20).contains(at)) {
        moveWindow((at.x() - m_layout.overview.left()) / m_layout.overview.width());
    }
    Canvas::mouseMoveEvent(event);
}

}  // namespace app::explorer::ring
