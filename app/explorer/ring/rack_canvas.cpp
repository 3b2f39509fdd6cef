#include "app/explorer/ring/rack_canvas.h"

#include <algorithm>

namespace app::explorer::ring {

using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

RackCanvas::RackCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Datacenters and racks");
}

void RackCanvas::relayout(QSizeF size) {
    m_now = m_input();
    m_layout = RackLayout::compute(*m_now.state, *m_now.nodes, *m_now.focus, size);
}

void RackCanvas::paintState(QPainter& p) {
    const shell::Tokens& t = tokens();
    if (m_layout.members.empty()) {
        paint::mid(p, {logicalSize().width() / 2, logicalSize().height() / 2}, "No cluster. Start three nodes to see where they stand.",
                   sans(13, 500), t.muted, Align::Centre);
        return;
    }
    for (const RackLayout::Place& place : m_layout.datacenters) {
        paint::box(p, place.rect, t.panel, t.line_strong, 10);
        const double width = paint::text(p, {place.rect.left() + 14, place.rect.top() + 21}, place.title, sans(13, 600), t.text);
        paint::text(p, {place.rect.left() + 24 + width, place.rect.top() + 21}, place.note, sans(11.5), t.muted);
    }
    for (const RackLayout::Place& place : m_layout.racks) {
        paint::box(p, place.rect, t.view, t.line, 8);
        paint::text(p, {place.rect.left() + 12, place.rect.top() + 20}, paint::elided(place.title, sans(12, 500), place.rect.width() - 24), sans(12, 500), t.muted);
        if (place.rect.width() > 140) {
            paint::text(p, {place.rect.right() - 12, place.rect.top() + 20}, place.note, sans(11.5), t.faint, Align::Right);
        }
    }
    for (const RackLayout::Node& node : m_layout.members) {
        paintNode(p, node);
    }
    for (const RackLayout::Fault& fault : m_layout.faults) {
        paintFault(p, fault);
    }
}

void RackCanvas::paintNode(QPainter& p, const RackLayout::Node& node) {
    const shell::Tokens& t = tokens();
    const QRectF& r = node.rect;
    paint::box(p, r, node.answering ? t.panel : t.sunken, t.line_strong, 6);
    if (!node.role.isEmpty()) {  // A replica has ink corners.
        p.setPen(QPen(t.block, 2.5, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
        p.setBrush(Qt::NoBrush);
        const double c = std::min(12.0, r.height() / 3);
        const QRectF in = r.adjusted(2, 2, -2, -2);
        p.drawPolyline(QPolygonF({in.topLeft() + QPointF(0, c), in.topLeft(), in.topLeft() + QPointF(c, 0)}));
        p.drawPolyline(QPolygonF({in.topRight() + QPointF(-c, 0), in.topRight(), in.topRight() + QPointF(0, c)}));
        p.drawPolyline(QPolygonF({in.bottomLeft() + QPointF(0, -c), in.bottomLeft(), in.bottomLeft() + QPointF(c, 0)}));
        p.drawPolyline(QPolygonF({in.bottomRight() + QPointF(-c, 0), in.bottomRight(), in.bottomRight() + QPointF(0, -c)}));
    }
    if (!m_layout.full) {
        const double radius = std::min({9.0, r.height() * .36, r.width() * .3});
        paint::badge(p, {r.center().x() - radius, r.center().y()}, radius, node.node, !node.answering);
        paint::state(p, {r.center().x() + radius + 6, r.center().y()}, node.mark, radius * .5);
    } else {
        paint::badge(p, {r.left() + 24, r.top() + 24}, 12, node.node, !node.answering);
        paint::text(p, {r.left() + 44, r.top() + 22}, QString("n%1").arg(node.node), sans(13, 600), t.text);
        paint::state(p, {r.left() + 49, r.top() + 35}, node.mark, 4.5);
        paint::text(p, {r.left() + 60, r.top() + 39}, paint::elided(node.word, sans(11.5), r.width() - 68), sans(11.5),
                    node.mark == shell::StateMark::Up ? t.muted : shell::colourOf(node.mark));
        const double y = r.bottom() - 14;
        if (r.height() >= 84) {
            paint::text(p, {r.left() + 14, y - 7}, node.role, sans(11.5), t.muted);
        }
        const QString load = shell::bytesText(node.loadBytes);
        const double bar = r.width() - 28 - shell::widthOf(mono(11), load) - 8;
        paint::box(p, {r.left() + 14, y - 2, bar, 4}, t.line, {}, 2);
        paint::box(p, {r.left() + 14, y - 2, std::max(2.0, bar * node.loadPart), 4}, t.node(node.node), {}, 2);
        paint::mid(p, {r.right() - 14, y}, load, mono(11), t.faint, Align::Right);
    }
    if (node.cut) {
        QPen wall(t.down, 2.5);
        wall.setDashPattern({3.5, 2});
        p.setPen(wall);
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(r.adjusted(-5, -5, 5, 5), 9, 9);
        paint::icon(p, {r.right() - 8, r.top() - 10}, "cut", 16, t.down);
    }
}

void RackCanvas::paintFault(QPainter& p, const RackLayout::Fault& fault) {
    const shell::Tokens& t = tokens();
    const QPointF way = fault.to - fault.from;
    paint::arrow(p, fault.from + way * .18, fault.to - way * .18, t.down, 2, false, 9, {6, 4});
    if (fault.labelled) {
        paint::PillStyle style;
        style.ink = t.down;
        style.fill = t.fail_tint;
        style.edge = t.down;
        style.weight = 600;
        style.icon = fault.drops ? "cut" : "clock";
        paint::pill(p, fault.label.center(), fault.says, style, Align::Centre);
    }
}

QString RackCanvas::tipOf(const Item& item) const {
    const RackLayout::Node& node = m_layout.members[static_cast<std::size_t>(item.index)];
    QStringList lines{QString("n%1, %2").arg(node.node).arg(QString::fromStdString(node.name)),
                      QString("%1 (%2)").arg(node.word, shell::codeOf(node.mark)), "Holds " + shell::bytesText(node.loadBytes)};
    if (!node.role.isEmpty()) {
        lines += node.role + " of this key";
    }
    if (node.cut) {
        lines += "Cut off: no message in or out";
    }
    return lines.join('\n');
}

bool RackCanvas::isSelected(const Item& item) const {
    return m_layout.members[static_cast<std::size_t>(item.index)].name == m_now.selectedNode.toStdString();
}

void RackCanvas::choose(const Item& item) {
    emit nodeChosen(QString::fromStdString(m_layout.members[static_cast<std::size_t>(item.index)].name));
    refreshNow();
}

void RackCanvas::open(const Item& item) {
    choose(item);
    emit opened();
}

void RackCanvas::menu(const Item& item, const QPoint& global) {
    emit nodeMenuWanted(m_layout.members[static_cast<std::size_t>(item.index)].node, global);
}

}  // namespace app::explorer::ring
