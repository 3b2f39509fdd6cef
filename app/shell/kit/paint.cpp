#include "app/shell/kit/paint.h"

#include <QHash>
#include <QtMath>

#include "app/shell/theme/icons.h"

namespace app::shell {

QString wordOf(StateMark mark) {
    switch (mark) {
    case StateMark::Up: return "Up, normal";
    case StateMark::Suspect: return "Up, suspected";
    case StateMark::Down: return "Down";
    case StateMark::Joining: return "Joining";
    case StateMark::Leaving: return "Leaving";
    case StateMark::Paused: return "Paused";
    case StateMark::Unknown: return "Not heard from";
    }
    return {};
}

QString codeOf(StateMark mark) {
    switch (mark) {
    case StateMark::Joining: return "UJ";
    case StateMark::Leaving: return "UL";
    case StateMark::Down:
    case StateMark::Unknown: return "DN";
    default: return "UN";
    }
}

QColor colourOf(StateMark mark) {
    const Tokens& t = tokens();
    switch (mark) {
    case StateMark::Up: return t.up;
    case StateMark::Suspect: return t.suspect;
    case StateMark::Down: return t.down;
    case StateMark::Joining: return t.joining;
    case StateMark::Leaving: return t.leaving;
    case StateMark::Paused: return t.paused;
    case StateMark::Unknown: return t.faint;
    }
    return t.text;
}

namespace paint {

namespace {

/// Restores pen, brush and hints.
class Kept {
public:
    explicit Kept(QPainter& p) : m_p(p) {
        m_p.save();
        m_p.setRenderHint(QPainter::Antialiasing);
        m_p.setRenderHint(QPainter::TextAntialiasing);
    }
    ~Kept() { m_p.restore(); }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

private:
    QPainter& m_p;
};

QPen roundPen(const QColor& colour, double width) {
    return QPen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

QPainterPath closed(std::initializer_list<QPointF> points) {
    QPainterPath path;
    bool first = true;
    for (const QPointF& point : points) {
        first ? path.moveTo(point) : path.lineTo(point);
        first = false;
    }
    path.closeSubpath();
    return path;
}

QPainterPath regular(QPointF c, double r, int corners, double turn) {
    QPainterPath path;
    for (int i = 0; i < corners; ++i) {
        const QPointF point = polar(c, r, turn + 360.0 * i / corners);
        i == 0 ? path.moveTo(point) : path.lineTo(point);
    }
    path.closeSubpath();
    return path;
}

QPainterPath crossPath(QPointF c, double r) {
    const double a = r * .5, b = r * 1.02, x = c.x(), y = c.y();
    return closed({{x - a, y - b}, {x + a, y - b}, {x + a, y - a}, {x + b, y - a}, {x + b, y + a}, {x + a, y + a},
                   {x + a, y + b}, {x - a, y + b}, {x - a, y + a}, {x - b, y + a}, {x - b, y - a}, {x - a, y - a}});
}

QPointF numberShift(NodeShape shape, double r) {
    switch (shape) {
    case NodeShape::Triangle: return {0, r * .18};
    case NodeShape::Wedge: return {0, -r * .18};
    case NodeShape::Shield: return {0, -r * .1};
    case NodeShape::Flag: return {-r * .22, 0};
    default: return {};
    }
}

void badgeNumber(QPainter& p, QPointF centre, double r, int node, const QColor& ink) {
    const double size = std::max(8.5, r * 1.12) * (node > 99 ? .72 : 1.0);
    mid(p, centre + numberShift(shapeOf(node), r), QString::number(node), sans(size, 700), ink, Align::Centre);
}

void cross(QPainter& p, QPointF c, double k) {
    p.drawLine(c + QPointF(-k, -k), c + QPointF(k, k));
    p.drawLine(c + QPointF(-k, k), c + QPointF(k, -k));
}

void ringWithArrow(QPainter& p, QPointF c, double r, const QColor& colour, double direction) {
    p.setPen(roundPen(colour, 1.5));
    p.setBrush(tokens().panel);
    p.drawEllipse(c, r - .5, r - .5);
    p.setPen(roundPen(colour, 1.3));
    const double tip = 2.5 * direction;
    p.drawLine(c + QPointF(0, -tip), c + QPointF(0, tip));
    p.drawLine(c + QPointF(0, tip), c + QPointF(-2, tip - 1.9 * direction));
    p.drawLine(c + QPointF(0, tip), c + QPointF(2, tip - 1.9 * direction));
}

}  // namespace

QPointF polar(QPointF centre, double radius, double degrees) {
    const double a = qDegreesToRadians(degrees - 90);
    return centre + QPointF(radius * std::cos(a), radius * std::sin(a));
}

NodeShape shapeOf(int node) {
    return node > 12 ? NodeShape::Circle : static_cast<NodeShape>(std::max(node - 1, 0));
}

QPainterPath shapePath(NodeShape shape, QPointF c, double r) {
    const double x = c.x(), y = c.y();
    QPainterPath path;
    switch (shape) {
    case NodeShape::Circle: path.addEllipse(c, r, r); return path;
    case NodeShape::Square:
        path.addRoundedRect(QRectF(x - r * .9, y - r * .9, r * 1.8, r * 1.8), r * .22, r * .22);
        return path;
    case NodeShape::Capsule:
        path.addRoundedRect(QRectF(x - r * 1.2, y - r * .72, r * 2.4, r * 1.44), r * .72, r * .72);
        return path;
    case NodeShape::Triangle:
        return closed({{x, y - r * 1.18}, {x + r * 1.18, y + r * .86}, {x - r * 1.18, y + r * .86}});
    case NodeShape::Wedge:
        return closed({{x, y + r * 1.18}, {x + r * 1.18, y - r * .86}, {x - r * 1.18, y - r * .86}});
    case NodeShape::Diamond: return regular(c, r * 1.2, 4, 0);
    case NodeShape::Hexagon: return regular(c, r * 1.08, 6, 30);
    case NodeShape::Pentagon: return regular(c, r * 1.12, 5, 0);
    case NodeShape::Octagon: return regular(c, r * 1.06, 8, 22.5);
    case NodeShape::Cross: return crossPath(c, r);
    case NodeShape::Shield:
        return closed({{x - r * .9, y - r * .95}, {x + r * .9, y - r * .95}, {x + r * .9, y + r * .2},
                       {x, y + r * 1.15}, {x - r * .9, y + r * .2}});
    case NodeShape::Flag:
        return closed({{x - r * 1.1, y - r * .85}, {x + r * 1.1, y - r * .85}, {x + r * .55, y},
                       {x + r * 1.1, y + r * .85}, {x - r * 1.1, y + r * .85}});
    }
    return path;
}

void badge(QPainter& p, QPointF centre, double radius, int node, bool hollow) {
    const Kept kept(p);
    const QColor colour = tokens().node(node);
    p.setPen(roundPen(colour, 1.5));
    p.setBrush(hollow ? tokens().panel : colour);
    if (!hollow && (shapeOf(node) == NodeShape::Circle || shapeOf(node) == NodeShape::Square)) {
        p.setPen(Qt::NoPen);
    }
    p.drawPath(shapePath(shapeOf(node), centre, hollow ? radius - .5 : radius));
    badgeNumber(p, centre, radius, node, hollow ? colour : tokens().on_node);
}

void ghostBadge(QPainter& p, QPointF centre, double radius, int node) {
    const Kept kept(p);
    p.setPen(roundPen(tokens().line_strong, 1.5));
    p.setBrush(tokens().sunken);
    p.drawPath(shapePath(shapeOf(node), centre, radius));
    badgeNumber(p, centre, radius * .86, node, tokens().faint);
}

void state(QPainter& p, QPointF c, StateMark mark, double r) {
    const Kept kept(p);
    const Tokens& t = tokens();
    const QColor colour = colourOf(mark);
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    switch (mark) {
    case StateMark::Up: p.drawEllipse(c, r, r); break;
    case StateMark::Suspect:
        p.setPen(roundPen(colour, 1));
        p.drawPath(closed({c + QPointF(0, -r * 1.1), c + QPointF(r * 1.15, r * .9), c + QPointF(-r * 1.15, r * .9)}));
        p.setPen(roundPen(t.panel, 1.4));
        p.drawLine(c + QPointF(0, -r * .35), c + QPointF(0, r * .2));
        p.drawPoint(c + QPointF(0, r * .6));
        break;
    case StateMark::Down:
        p.drawRoundedRect(QRectF(c.x() - r, c.y() - r, 2 * r, 2 * r), 2, 2);
        p.setPen(roundPen(t.panel, 1.5));
        cross(p, c, r * .45);
        break;
    case StateMark::Joining: ringWithArrow(p, c, r, colour, 1); break;
    case StateMark::Leaving: ringWithArrow(p, c, r, colour, -1); break;
    case StateMark::Paused:
        p.drawRoundedRect(QRectF(c.x() - r, c.y() - r, 2 * r, 2 * r), 2, 2);
        p.setPen(QPen(t.panel, 1.5, Qt::SolidLine, Qt::FlatCap));
        p.drawLine(c + QPointF(-1.6, -2), c + QPointF(-1.6, 2));
        p.drawLine(c + QPointF(1.6, -2), c + QPointF(1.6, 2));
        break;
    case StateMark::Unknown: {
        QPen pen(colour, 1.4);
        pen.setDashPattern({2, 1.6});
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawEllipse(c, r - .7, r - .7);
        break;
    }
    }
}

void verdict(QPainter& p, QPointF c, VerdictMark mark, double r, const QColor& ground) {
    const Kept kept(p);
    const Tokens& t = tokens();
    const QColor under = ground.isValid() ? ground : t.panel;
    const auto at = [&](double x, double y) { return c + QPointF(x * r, y * r); };
    p.setPen(Qt::NoPen);
    switch (mark) {
    case VerdictMark::Passed: {
        p.setBrush(t.pass);
        p.drawEllipse(c, r, r);
        p.setBrush(Qt::NoBrush);
        p.setPen(roundPen(under, r >= 7 ? 1.8 : 1.4));
        p.drawPolyline(QPolygonF({at(-.42, .05), at(-.1, .38), at(.45, -.32)}));
        break;
    }
    case VerdictMark::Near: {
        p.setBrush(t.near);
        p.setPen(roundPen(t.near, 1));
        p.drawPath(closed({at(0, -1.15), at(1.15, 0), at(0, 1.15), at(-1.15, 0)}));
        QPainterPath wave(at(-.5, .12));
        wave.quadTo(at(-.25, -.3), c);
        wave.quadTo(at(.25, .3), at(.5, -.12));
        p.setBrush(Qt::NoBrush);
        p.setPen(roundPen(under, 1.6));
        p.drawPath(wave);
        break;
    }
    case VerdictMark::Failed:
        p.setBrush(t.fail);
        p.drawRoundedRect(QRectF(c.x() - r, c.y() - r, 2 * r, 2 * r), 3, 3);
        p.setPen(roundPen(under, 1.8));
        cross(p, c, r * .4);
        break;
    case VerdictMark::Predicted:
        p.setPen(QPen(t.accent, 1.5));
        p.drawEllipse(c, r - .75, r - .75);
        icon(p, c - QPointF(r * .62, r * .66), "lock", r * 1.25, t.accent);
        break;
    case VerdictMark::Now:
        p.setPen(QPen(t.accent, 1.8));
        p.drawEllipse(c, r - .75, r - .75);
        p.setPen(Qt::NoPen);
        p.setBrush(t.accent);
        p.drawEllipse(c, r * .42, r * .42);
        break;
    case VerdictMark::Skipped:
        p.setPen(QPen(t.line_control, 1.5));
        p.drawEllipse(c, r - .75, r - .75);
        p.setPen(roundPen(t.muted, 1.4));
        p.drawLine(at(-.4, 0), at(.4, 0));
        p.drawPolyline(QPolygonF({at(.1, -.3), at(.4, 0), at(.1, .3)}));
        break;
    case VerdictMark::Waiting: {
        QPen pen(t.line_control, 1.5);
        pen.setDashPattern({2, 1.75});
        p.setPen(pen);
        p.drawEllipse(c, r - .75, r - .75);
        break;
    }
    }
}

void icon(QPainter& p, QPointF topLeft, const QString& name, double size, const QColor& colour) {
    const double ratio = p.device() != nullptr ? p.device()->devicePixelRatioF() : 1.0;
    const QPixmap pixmap = iconPixmap(name, size, colour, ratio);
    p.drawPixmap(QPointF(std::round(topLeft.x() * ratio) / ratio, std::round(topLeft.y() * ratio) / ratio), pixmap);
}

double text(QPainter& p, QPointF at, const QString& s, const QFont& font, const QColor& colour, Align align) {
    const double width = widthOf(font, s);
    const double left = align == Align::Left ? at.x() : align == Align::Centre ? at.x() - width / 2 : at.x() - width;
    p.setFont(font);
    p.setPen(colour);
    p.drawText(QPointF(left, at.y()), s);
    return width;
}

double mid(QPainter& p, QPointF at, const QString& s, const QFont& font, const QColor& colour, Align align) {
    const double px = font.pointSizeF() / pointsOf(1.0);
    return text(p, {at.x(), at.y() + px * .36}, s, font, colour, align);
}

QString elided(const QString& s, const QFont& font, double width, Qt::TextElideMode mode) {
    return QFontMetricsF(font).elidedText(s, mode, width);
}

void box(QPainter& p, QRectF rect, const QColor& fill, const QColor& edge, double radius, double stroke,
         Qt::PenStyle style) {
    const Kept kept(p);
    if (edge.isValid()) {
        const double half = stroke / 2;
        rect.adjust(half, half, -half, -half);
        QPen pen(edge, stroke, style);
        if (style == Qt::DashLine) {
            pen.setDashPattern({3 / stroke, 3 / stroke});
        }
        p.setPen(pen);
    } else {
        p.setPen(Qt::NoPen);
    }
    p.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    p.drawRoundedRect(rect, radius, radius);
}

void hline(QPainter& p, double x1, double x2, double y, const QColor& colour) {
    p.fillRect(QRectF(x1, std::floor(y), x2 - x1, 1), colour);
}

void vline(QPainter& p, double x, double y1, double y2, const QColor& colour) {
    p.fillRect(QRectF(std::floor(x), y1, 1, y2 - y1), colour);
}

void focusRing(QPainter& p, QRectF rect, double radius) {
    box(p, rect.adjusted(-2, -2, 2, 2), {}, tokens().focus, radius + 2, 2);
}

void progress(QPainter& p, QRectF rect, double part, const QColor& colour) {
    const double r = rect.height() / 2;
    box(p, rect, tokens().line, {}, r);
    if (part > 0) {
        QRectF done = rect;
        done.setWidth(std::max(rect.height(), rect.width() * std::min(part, 1.0)));
        box(p, done, colour, {}, r);
    }
}

double pillWidth(const QString& label, const PillStyle& s) {
    const QFont font = s.mono ? mono(s.size, s.weight) : sans(s.size, s.weight);
    return widthOf(font, label) + 2 * s.pad + (s.icon.isEmpty() ? 0 : 15);
}

QRectF pill(QPainter& p, QPointF at, const QString& label, const PillStyle& s, Align align) {
    const Kept kept(p);
    const double width = pillWidth(label, s);
    const double x = align == Align::Left ? at.x() : align == Align::Centre ? at.x() - width / 2 : at.x() - width;
    const QRectF rect(x, at.y() - s.height / 2, width, s.height);
    box(p, rect, s.fill, s.edge, s.height / 2);
    double left = x + s.pad;
    if (!s.icon.isEmpty()) {
        icon(p, {left - 2, at.y() - 6}, s.icon, 12, s.ink);
        left += 15;
    }
    mid(p, {left, at.y()}, label, s.mono ? mono(s.size, s.weight) : sans(s.size, s.weight), s.ink);
    return rect;
}

void arrow(QPainter& p, QPointF from, QPointF to, const QColor& colour, double width, bool response,
           double head, const QVector<double>& dashes) {
    const Kept kept(p);
    const double a = std::atan2(to.y() - from.y(), to.x() - from.x());
    const QPointF back = to - QPointF(std::cos(a), std::sin(a)) * head;
    const QPointF side = QPointF(-std::sin(a), std::cos(a)) * (head * .48);
    QPen pen = roundPen(colour, width);
    if (!dashes.isEmpty()) {
        QVector<double> scaled;
        for (const double d : dashes) {
            scaled.append(d / width);
        }
        pen.setCapStyle(Qt::FlatCap);
        pen.setDashPattern(scaled);
    }
    p.setPen(pen);
    p.drawLine(from, response ? to : back);
    p.setPen(roundPen(colour, response ? width : .5));
    p.setBrush(response ? QBrush(Qt::NoBrush) : QBrush(colour));
    const QPolygonF points({back + side, to, back - side});
    response ? p.drawPolyline(points) : p.drawPolygon(points);
}

QVector<double> verbDashes(const QString& family) {
    static const QHash<QString, QVector<double>> kDashes{
        {"repair", {7, 4}}, {"hint", {2, 4}}, {"gossip", {1, 5}}, {"paxos", {9, 3, 2, 3}},
        {"stream", {10, 3}}, {"schema", {12, 4}}};
    return kDashes.value(family);
}

QString verbLetter(const QString& family) {
    return family == "repair" ? QString("M") : family == "schema" ? QString("D") : family.left(1).toUpper();
}

QBrush hatch(const QColor& colour) {
    QPixmap tile(12, 12);
    tile.fill(Qt::transparent);
    QPainter p(&tile);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(colour, 1.1));
    for (int i = -12; i <= 12; i += 6) {
        p.drawLine(QPointF(i, 12), QPointF(i + 12, 0));
    }
    return QBrush(tile);
}

}  // namespace paint

}  // namespace app::shell
