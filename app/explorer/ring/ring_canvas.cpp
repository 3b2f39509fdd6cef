#include "app/explorer/ring/ring_canvas.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace app::explorer::ring {

using shell::Align;
using shell::StateMark;
using shell::mono;
using shell::sans;
using shell::tokens;
using shell::paint::polar;
namespace paint = shell::paint;

namespace {

constexpr double kDimmed = .34;

QPen flatPen(const QColor& colour, double width) { return QPen(colour, width, Qt::SolidLine, Qt::FlatCap); }

QPen dotted(const QColor& colour, double width, double on, double off) {
    QPen pen = flatPen(colour, width);
    pen.setDashPattern({on / width, off / width});
    return pen;
}

QRectF square(QPointF centre, double radius) {
    return {centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius};
}

void drawArc(QPainter& p, QPointF centre, double radius, double from, double to) {
    QPainterPath path;
    path.arcMoveTo(square(centre, radius), 90 - from);
    path.arcTo(square(centre, radius), 90 - from, from - to);
    p.drawPath(path);
}

}  // namespace

RingCanvas::RingCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Ring");
    m_clock.start();
}

void RingCanvas::relayout(QSizeF size) {
    m_size = size;
    m_now = m_input();
    m_layout = RingLayout::compute(m_now.topology, *m_now.nodes, *m_now.focus, size);
    m_layout.plain = m_now.plain;
    m_layout.clock = m_now.clock;
    m_layout.tell(*m_now.focus, m_now.now);
}

void RingCanvas::setReplaying(bool replaying) {
    if (m_replaying == replaying) {
        return;
    }
    m_replaying = replaying;
    replaying ? startMotion() : refreshNow();
}

void RingCanvas::light(const std::string& from, const std::string& to, const QString& family) {
    const qint64 now = m_clock.elapsed();
    const auto at = std::find_if(m_lights.begin(), m_lights.end(), [&](const Light& l) {
        return l.from == from && l.to == to && l.family == family;
    });
    Light& light = at != m_lights.end() ? *at : m_lights.emplace_back(Light{from, to, family});
    ++light.count;
    light.until = now + kLitMillis;
    startMotion();
}

// ---- ground ----

quint64 RingCanvas::groundKey() const {
    return qHashMulti(0, m_layout.ringVersion, m_layout.arcs.size(), m_layout.badges.size(),
                      static_cast<int>(m_layout.radius * 8), m_layout.badges.empty() ? 0 : m_layout.badges.back().node);
}

void RingCanvas::paintArc(QPainter& p, const RingLayout::Arc& arc, double opacity, double grow) const {
    QColor colour = tokens().node(arc.node);
    colour.setAlphaF(static_cast<float>(opacity));
    p.setPen(flatPen(colour, m_layout.band + grow));
    p.setBrush(Qt::NoBrush);
    const double inset = std::min(m_layout.gap / 2, (arc.to - arc.from) / 3);
    drawArc(p, m_layout.centre, m_layout.radius, arc.from + inset, arc.to - inset);
}

void RingCanvas::paintGround(QPainter& p) {
    if (m_layout.arcs.empty()) {
        return;
    }
    if (m_layout.perPixel) {
        paintBandPerPixel(p);
    } else {
        for (const RingLayout::Arc& arc : m_layout.arcs) {
            paintArc(p, arc, kDimmed);
        }
    }
    paintQuarters(p);
}

/// Above 512 arcs: for every pixel its angle, and by that its owner from the sorted tokens.
void RingCanvas::paintBandPerPixel(QPainter& p) {
    const double scale = p.worldTransform().m11() * (p.device() != nullptr ? p.device()->devicePixelRatioF() : 1);
    const double outer = m_layout.radius + m_layout.band / 2, inner = m_layout.radius - m_layout.band / 2;
    const int side = static_cast<int>(std::ceil(2 * (outer + 1) * scale));
    QImage image(side, side, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    const double middle = side / 2.0;
    for (int y = 0; y < side; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < side; ++x) {
            const double dx = (x + .5 - middle) / scale, dy = (y + .5 - middle) / scale;
            const double r = std::sqrt(dx * dx + dy * dy);
            const double cover = std::clamp(std::min(outer - r, r - inner) * scale + .5, 0.0, 1.0);
            if (cover <= 0) {
                continue;
            }
            const int arc = m_layout.arcAt(std::atan2(dx, -dy) * 180 / std::numbers::pi);
            QColor colour = tokens().node(m_layout.arcs[static_cast<std::size_t>(arc)].node);
            colour.setAlphaF(static_cast<float>(cover * .6));
            line[x] = qPremultiply(colour.rgba());
        }
    }
    p.drawImage(square(m_layout.centre, side / 2.0 / scale), image);
}

void RingCanvas::paintQuarters(QPainter& p) {
    struct Quarter {
        double degrees;
        QString text;
        Align align;
    };
    const QString two63 = QString::fromUtf8("−2⁶³"), two62 = QString::fromUtf8("2⁶²");
    const Quarter quarters[] = {{0, two63, Align::Centre}, {90, QString::fromUtf8("−2⁶²"), Align::Left},
                                {180, "0", Align::Centre}, {270, two62, Align::Right}};
    for (const Quarter& q : quarters) {
        const double edge = m_layout.radius + m_layout.band / 2;
        p.setPen(QPen(tokens().line_control, 1.2));
        p.drawLine(polar(m_layout.centre, edge + 3, q.degrees), polar(m_layout.centre, edge + 8, q.degrees));
        // The walk's arrow runs outside the band: the label stands behind it.
        const double off = q.align == Align::Centre ? 18 : q.align == Align::Left ? 28 : 13;
        paint::mid(p, polar(m_layout.centre, edge + off, q.degrees), q.text, sans(11), tokens().faint, q.align);
    }
}

// ---- state ----

void RingCanvas::paintState(QPainter& p) {
    if (m_layout.arcs.empty()) {
        paintEmpty(p);
        return;
    }
    paintArcStates(p);
    paintWalk(p);
    paintClient(p);
    for (const RingLayout::Link& link : m_layout.links) {
        paintLink(p, link);
    }
    for (const RingLayout::Badge& badge : m_layout.badges) {
        paintBadge(p, badge);
    }
    for (const RingLayout::Words& words : m_layout.words) {
        paintWords(p, words);
    }
    paintMiddle(p);
    paintPin(p);
    paintLegend(p);
}

void RingCanvas::paintEmpty(QPainter& p) {
    QPen pen(tokens().line_strong, m_layout.band);
    pen.setDashPattern({.5, .3});
    pen.setCapStyle(Qt::FlatCap);
    p.setPen(QPen(tokens().line_strong, 1.5, Qt::DashLine));
    p.setBrush(Qt::NoBrush);
    p.drawEllipse(m_layout.centre, m_layout.radius + m_layout.band / 2, m_layout.radius + m_layout.band / 2);
    p.drawEllipse(m_layout.centre, m_layout.radius - m_layout.band / 2, m_layout.radius - m_layout.band / 2);
    paintNotice(p, m_layout.centre, "No cluster.", "Start three nodes to see who keeps what.");
}

void RingCanvas::paintArcStates(QPainter& p) {
    const int hovered = Canvas::hovered();
    const Item* over = hovered >= 0 ? &m_layout.items[static_cast<std::size_t>(hovered)] : nullptr;
    for (std::size_t i = 0; i < m_layout.arcs.size(); ++i) {
        const RingLayout::Arc& arc = m_layout.arcs[i];
        const bool known = arc.member < static_cast<int>(m_layout.badges.size());
        const RingLayout::Badge* owner = known ? &m_layout.badges[static_cast<std::size_t>(arc.member)] : nullptr;
        const bool chosen = owner != nullptr && !m_now.selectedNode.isEmpty() &&
                            m_now.selectedNode.toStdString() == owner->name && !m_now.focus->walk;
        const bool pointed = over != nullptr && over->kind == RingLayout::ArcItem && over->index == static_cast<int>(i);
        if (arc.hot || chosen || pointed) {
            paintArc(p, arc, 1);
        }
        const bool silent = owner != nullptr && !owner->answering;
        if (silent && !m_layout.perPixel) {
            p.fillPath(Shape::arc(m_layout.centre, m_layout.radius - m_layout.band / 2, m_layout.radius + m_layout.band / 2,
                                  arc.from + m_layout.gap / 2, arc.to - m_layout.gap / 2).outline(),
                       paint::hatch(tokens().view));
        }
    }
}

void RingCanvas::paintWalk(QPainter& p) {
    if (!m_layout.pin || m_layout.visits.empty()) {
        return;
    }
    const double first = m_layout.pin->degrees, last = m_layout.pin->lastDegrees;
    const double outside = m_layout.radius + m_layout.band / 2 + 8;
    p.setPen(flatPen(tokens().text, 1.5));
    p.setBrush(Qt::NoBrush);
    drawArc(p, m_layout.centre, outside, first, std::max(first + .2, last - 1.6));
    const double wide = 180 / std::numbers::pi * 8 / outside;
    p.setBrush(tokens().text);
    p.setPen(Qt::NoPen);
    p.drawPolygon(QPolygonF({polar(m_layout.centre, outside + 4, last + .4 - wide), polar(m_layout.centre, outside, last + .4),
                             polar(m_layout.centre, outside - 4, last + .4 - wide)}));
    for (const RingLayout::Visit& visit : m_layout.visits) {
        const double edge = m_layout.radius - m_layout.band / 2;
        p.setPen(QPen(tokens().node(visit.node), 1.2));
        const QPointF foot = polar(m_layout.centre, edge - 1, visit.degrees);
        const QPointF way = visit.at - foot;
        p.drawLine(foot, visit.at - way / std::max(1.0, std::hypot(way.x(), way.y())) * 9);
        paint::badge(p, visit.at, 8.5, visit.node, !visit.taken);
    }
}

void RingCanvas::paintPin(QPainter& p) {
    if (!m_layout.pin) {
        return;
    }
    const RingLayout::Pin& pin = *m_layout.pin;
    p.setPen(QPen(tokens().text, 2, Qt::SolidLine, Qt::RoundCap));
    p.drawLine(pin.foot, pin.knee);
    p.setPen(Qt::NoPen);
    p.setBrush(tokens().text);
    p.drawEllipse(pin.foot, 3.5, 3.5);
    paint::box(p, pin.label, tokens().block, {}, 6);
    paint::mid(p, pin.label.center(), paint::elided(pin.text, mono(12.5, 700), pin.label.width() - 16, Qt::ElideMiddle),
               mono(12.5, 700), tokens().on_block, Align::Centre);
}

void RingCanvas::paintClient(QPainter& p) {
    if (!m_layout.client || !m_layout.clientAsked) {
        return;
    }
    const QPointF at = *m_layout.client;
    const RingLayout::Badge& coordinator = m_layout.badges[static_cast<std::size_t>(m_layout.coordinator)];
    const QPointF way = coordinator.at - at;
    const double length = std::max(1.0, std::hypot(way.x(), way.y()));
    const QColor colour = m_now.focus->story.isWrite ? tokens().write : tokens().read;
    paint::arrow(p, at + way / length * 19, coordinator.at - way / length * (m_layout.badgeRadius + 12), colour, 1.5);
    paint::box(p, {at.x() - 15, at.y() - 13, 30, 26}, tokens().panel, tokens().line_control, 6);
    paint::icon(p, {at.x() - 8, at.y() - 8}, m_layout.clientLabel == "Console" ? "console" : "user", 16, tokens().text);
    paint::text(p, {at.x(), at.y() + 29}, paint::elided(m_layout.clientLabel, sans(11.5, 500), 96), sans(11.5, 500), tokens().muted,
                Align::Centre);
}

void RingCanvas::paintLink(QPainter& p, const RingLayout::Link& link) {
    const QColor colour = link.late ? tokens().late : tokens().verb(link.verb);
    const auto dashes = paint::verbDashes(shell::verbFamily(link.verb));
    if (link.part < 1) {
        QColor faint = colour;
        faint.setAlphaF(.7f);
        p.setPen(dotted(faint, 1.2, 2, 4));
        p.drawLine(link.head, link.to);
        paint::arrow(p, link.from, link.head, colour, 2.2, link.response, 10, dashes);
    } else {
        paint::arrow(p, link.from, link.to, colour, 1.6, link.response, 9, dashes);
    }
    if (link.labelled) {
        paint::mid(p, link.label.center(), link.says, sans(11, 600), colour, Align::Centre);
    }
    if (link.order > 0 && link.part >= 1) {
        const QPointF way = link.to - link.from;
        const double back = RingLayout::kOrderBack + link.round * RingLayout::kOrderApart;
        const QPointF at = link.to - way / std::max(1.0, std::hypot(way.x(), way.y())) * back;
        p.setPen(QPen(link.late ? tokens().late : tokens().block, 1.5));
        p.setBrush(link.late ? tokens().view : tokens().block);
        p.drawEllipse(at, 8, 8);
        paint::mid(p, at, QString::number(link.order), sans(10.5, 700), link.late ? tokens().late : tokens().on_block, Align::Centre);
    }
}

void RingCanvas::paintBadge(QPainter& p, const RingLayout::Badge& badge) {
    const double r = m_layout.badgeRadius;
    p.setPen(Qt::NoPen);
    p.setBrush(tokens().view);
    p.drawEllipse(badge.at, r + 11, r + 11);
    if (badge.coordinator) {
        p.setPen(QPen(tokens().block, 2.5));
        p.setBrush(Qt::NoBrush);
        p.drawEllipse(badge.at, r + 9, r + 9);
    }
    paint::badge(p, badge.at, r, badge.node, !badge.answering);
    if (badge.mark != StateMark::Up) {
        const QPointF corner = badge.at + QPointF(r * .82, r * .82);
        p.setPen(QPen(tokens().view, 3));
        p.setBrush(tokens().view);
        p.drawEllipse(corner, r > 10 ? 7 : 5, r > 10 ? 7 : 5);
        paint::state(p, corner, badge.mark, r > 10 ? 5.5 : 4);
    }
}

/// Where nodes stand too close for words of their own, the middle says who coordinates.
void RingCanvas::paintMiddle(QPainter& p) {
    if (m_layout.named || m_layout.coordinator < 0) {
        return;
    }
    const RingLayout::Badge& badge = m_layout.badges[static_cast<std::size_t>(m_layout.coordinator)];
    paint::mid(p, m_layout.centre - QPointF(0, 14), QString("%1 of %2").arg(m_layout.counted).arg(m_layout.required), mono(20, 700),
               tokens().text, Align::Centre);
    paint::mid(p, m_layout.centre + QPointF(0, 10), QString("n%1 coordinates").arg(badge.node), sans(11.5), tokens().muted, Align::Centre);
}

void RingCanvas::paintWords(QPainter& p, const RingLayout::Words& words) {
    const double x = words.align == Align::Left    ? words.box.left()
                     : words.align == Align::Right ? words.box.right()
                                                   : words.box.center().x();
    double y = words.box.top() + 13;
    const QFont nameFont = sans(13, 600), noteFont = sans(11.5);
    const double nameWidth = shell::widthOf(nameFont, words.name);
    const double first = nameWidth + (words.note.isEmpty() ? 0 : 8 + shell::widthOf(noteFont, words.note));
    const double left = words.align == Align::Left ? x : words.align == Align::Right ? x - first : x - first / 2;
    paint::text(p, {left, y}, words.name, nameFont, tokens().text);
    if (!words.note.isEmpty()) {
        paint::text(p, {left + nameWidth + 8, y}, words.note, noteFont, tokens().muted);
    }
    if (!words.below.isEmpty()) {
        y += 16;
        const auto mark = m_layout.badges[static_cast<std::size_t>(words.badge)].mark;
        paint::text(p, {x, y}, words.below, noteFont, words.isState ? shell::colourOf(mark) : tokens().muted, words.align);
    }
    if (!words.counter.isEmpty()) {
        paintCounter(p, words, y + 11);
    }
}

/// What the consistency level waits for: a box an answer, filled when it came.
void RingCanvas::paintCounter(QPainter& p, const RingLayout::Words& words, double y) {
    const QFont font = mono(12, 700);
    const double boxes = words.counterBoxes * 20.0 + (words.counterBoxes > 0 ? 4 : 0);
    const double width = boxes + shell::widthOf(font, words.counter);
    double x = words.align == Align::Left    ? words.box.left()
               : words.align == Align::Right ? words.box.right() - width
                                             : words.box.center().x() - width / 2;
    for (int i = 0; i < words.counterBoxes; ++i) {
        const bool filled = static_cast<std::uint32_t>(i) < m_layout.counted;
        paint::box(p, {x + i * 20.0, y - 5, 16, 10}, filled ? tokens().block : tokens().view, tokens().block, 2, 1.5);
    }
    paint::mid(p, {x + boxes, y}, words.counter, font, tokens().text);
}

void RingCanvas::paintLegend(QPainter& p) {
    if (m_layout.radius < 130) {
        return;
    }
    double x = 18;
    const double y = m_size.height() - 16;
    const auto entry = [&](const QString& text, double width) {
        x += width + 8;
        x += paint::mid(p, {x, y}, text, sans(11), tokens().muted) + 18;
    };
    const auto has = [this](bool response) {
        return std::any_of(m_layout.links.begin(), m_layout.links.end(), [&](const auto& l) { return l.response == response; });
    };
    const QColor colour = m_now.focus->story.isWrite ? tokens().write : tokens().read;
    if (has(false) || m_layout.clientAsked) {
        paint::arrow(p, {x, y}, {x + 24, y}, colour, 2);
        entry("request", 24);
    }
    if (has(true)) {
        paint::arrow(p, {x, y}, {x + 24, y}, colour, 2, true);
        entry("response", 24);
    }
    const auto skipped = std::find_if(m_layout.visits.begin(), m_layout.visits.end(), [](const auto& v) { return !v.taken; });
    if (skipped != m_layout.visits.end()) {
        paint::badge(p, {x + 7, y}, 7.5, skipped->node, true);
        entry("vnode skipped", 14);
    }
    const auto silent = std::find_if(m_layout.badges.begin(), m_layout.badges.end(), [](const auto& b) { return !b.answering; });
    if (silent != m_layout.badges.end()) {
        paint::box(p, {x, y - 6, 20, 12}, tokens().node(silent->node));
        p.fillRect(QRectF(x, y - 6, 20, 12), paint::hatch(tokens().view));
        entry("owner does not answer", 20);
    }
    if (m_layout.labelsLeftOut > 0) {
        paint::mid(p, {x, y}, "+" + shell::counted(m_layout.labelsLeftOut, "label"), sans(11), tokens().faint);
    }
}

// ---- motion ----

void RingCanvas::paintMotion(QPainter& p) {
    if (m_replaying) {
        m_now = m_input();
        m_layout.clock = m_now.clock;
        m_layout.tell(*m_now.focus, m_now.now);
    }
    const qint64 now = m_clock.elapsed();
    std::erase_if(m_lights, [now](const Light& light) { return light.until <= now; });
    for (const Light& light : m_lights) {
        const RingLayout::Badge* from = m_layout.badgeOf(light.from);
        const RingLayout::Badge* to = m_layout.badgeOf(light.to);
        if (from == nullptr || to == nullptr || from == to) {
            continue;
        }
        const QPointF way = to->at - from->at;
        const QPointF unit = way / std::max(1.0, std::hypot(way.x(), way.y()));
        const QPointF aside = QPointF(-unit.y(), unit.x()) * 4;
        QColor colour = tokens().byName(light.family);
        colour.setAlphaF(light.family == "gossip" ? .45f : .8f);
        const double width = std::min(1.2 + std::log2(light.count), 6.0);
        const QPointF start = from->at + unit * (m_layout.badgeRadius + 12) + aside, end = to->at - unit * (m_layout.badgeRadius + 12) + aside;
        paint::arrow(p, start, end, colour, width, false, 7 + width, paint::verbDashes(light.family));
        if (light.count > 1) {
            paint::mid(p, (start + end) / 2 + aside * 2.5, QString::number(light.count), mono(11, 600), colour, Align::Centre);
        }
    }
    paintLens(p);
}

/// Where arcs are thinner than a pixel a fan of what lies within 4 degrees of the pointer opens.
void RingCanvas::paintLens(QPainter& p) {
    const QPointF v = pointer() - m_layout.centre;
    const double distance = std::hypot(v.x(), v.y());
    if (!m_layout.perPixel || std::abs(distance - m_layout.radius) > m_layout.band) {
        return;
    }
    constexpr double kHalf = 4, kShown = 40;
    const double at = std::atan2(v.x(), -v.y()) * 180 / std::numbers::pi;
    const double radius = m_layout.radius + m_layout.band + 6;
    p.setPen(flatPen(tokens().view, 24));
    drawArc(p, m_layout.centre, radius, at - kShown - 1, at + kShown + 1);
    for (const RingLayout::Arc& arc : m_layout.arcs) {
        double from = std::remainder(arc.from - at, 360), to = from + (arc.to - arc.from);
        if (to < -kHalf || from > kHalf) {
            continue;
        }
        from = std::max(from, -kHalf) * kShown / kHalf, to = std::min(to, kHalf) * kShown / kHalf;
        p.setPen(flatPen(tokens().node(arc.node), 16));
        drawArc(p, m_layout.centre, radius, at + from + .15, at + std::max(to - .15, from + .3));
    }
}

// ---- items ----

int RingCanvas::itemAt(QPointF at) const {
    const QPointF v = at - m_layout.centre;
    const double distance = std::hypot(v.x(), v.y());
    if (std::abs(distance - m_layout.radius) <= m_layout.band / 2 && !m_layout.arcs.empty()) {
        const int arc = m_layout.arcAt(std::atan2(v.x(), -v.y()) * 180 / std::numbers::pi);
        return static_cast<int>(m_layout.items.size() - m_layout.arcs.size()) + arc;
    }
    for (std::size_t i = 0; i + m_layout.arcs.size() < m_layout.items.size(); ++i) {
        if (m_layout.items[i].shape.contains(at)) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

QString RingCanvas::tipOf(const Item& item) const {
    const auto index = static_cast<std::size_t>(item.index);
    switch (item.kind) {
    case RingLayout::NodeItem: {
        const RingLayout::Badge& badge = m_layout.badges[index];
        QStringList lines{QString("n%1, %2").arg(badge.node).arg(QString::fromStdString(badge.name)),
                          QString("%1 (%2)").arg(badge.word, shell::codeOf(badge.mark))};
        double share = 0;
        int ranges = 0;
        for (const RingLayout::Arc& arc : m_layout.arcs) {
            share += arc.member == item.index ? (arc.to - arc.from) / 360 : 0;
            ranges += arc.member == item.index;
        }
        lines += QString("Owns %1 of the ring in %2").arg(shell::percentText(share), shell::counted(ranges, "range"));
        if (!badge.role.isEmpty()) {
            lines += badge.role + " of this key";
        }
        return lines.join('\n');
    }
    case RingLayout::VisitItem: {
        const RingLayout::Visit& visit = m_layout.visits[index];
        return QString("Token %1 of n%2\n%3: %4")
            .arg(shell::tokenText(visit.token)).arg(visit.node)
            .arg(visit.taken ? "Taken" : "Skipped", visit.reason);
    }
    case RingLayout::LinkItem: {
        const RingLayout::Link& link = m_layout.links[index];
        return QString("%1, n%2 to n%3\n%4").arg(link.verb).arg(link.fromNode).arg(link.toNode)
            .arg(link.arrivalKnown ? "Took " + shell::millisText(m_now.focus->atPace(link.transit)) : QString("Not received yet"));
    }
    case RingLayout::ArcItem: {
        const RingLayout::Arc& arc = m_layout.arcs[index];
        return QString("(%1,\n %2]\n%3 of the ring, owned by n%4")
            .arg(shell::tokenText(arc.start), shell::tokenText(arc.end), shell::percentText((arc.to - arc.from) / 360))
            .arg(arc.node);
    }
    default: return {};
    }
}

bool RingCanvas::isSelected(const Item& item) const {
    if (item.kind == RingLayout::NodeItem) {
        return m_layout.badges[static_cast<std::size_t>(item.index)].name == m_now.selectedNode.toStdString();
    }
    return item.kind == RingLayout::ArcItem && item.index == m_now.selectedArc;
}

void RingCanvas::choose(const Item& item) {
    if (item.kind == RingLayout::NodeItem) {
        emit nodeChosen(QString::fromStdString(m_layout.badges[static_cast<std::size_t>(item.index)].name));
    } else if (item.kind == RingLayout::LinkItem) {
        emit linkChosen();
    } else {
        emit arcChosen(item.row);
    }
    refreshNow();
}

void RingCanvas::open(const Item& item) {
    choose(item);
    emit opened();
}

void RingCanvas::menu(const Item& item, const QPoint& global) {
    if (item.kind == RingLayout::NodeItem) {
        emit nodeMenuWanted(m_layout.badges[static_cast<std::size_t>(item.index)].node, global);
    }
}

}  // namespace app::explorer::ring
