#include "app/explorer/item.h"

#include <QPainterPathStroker>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "app/shell/kit/paint.h"

namespace app::explorer {

namespace {

/// Clock angle of a vector: 0 up, clockwise, in [0, 360).
double clockAngle(QPointF v) {
    const double degrees = std::atan2(v.x(), -v.y()) * 180 / std::numbers::pi;
    return degrees < 0 ? degrees + 360 : degrees;
}

double distanceToSegment(QPointF p, QPointF a, QPointF b) {
    const QPointF ab = b - a;
    const double length2 = QPointF::dotProduct(ab, ab);
    const double t = length2 == 0 ? 0 : std::clamp(QPointF::dotProduct(p - a, ab) / length2, 0.0, 1.0);
    const QPointF off = p - (a + ab * t);
    return std::sqrt(QPointF::dotProduct(off, off));
}

}  // namespace

Shape Shape::rect(const QRectF& rect, double radius) {
    Shape shape;
    shape.m_rect = rect;
    shape.m_radius = radius;
    return shape;
}

Shape Shape::disc(QPointF centre, double radius) {
    return rect(QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius), radius);
}

Shape Shape::arc(QPointF centre, double inner, double outer, double from, double to) {
    Shape shape;
    shape.m_kind = Kind::Arc;
    shape.m_a = centre;
    shape.m_inner = inner;
    shape.m_outer = outer;
    shape.m_from = from;
    shape.m_to = to;
    return shape;
}

Shape Shape::segment(QPointF from, QPointF to, double reach) {
    Shape shape;
    shape.m_kind = Kind::Segment;
    shape.m_a = from;
    shape.m_b = to;
    shape.m_inner = reach;
    return shape;
}

bool Shape::contains(QPointF at) const {
    switch (m_kind) {
    case Kind::Rect: return m_rect.contains(at);
    case Kind::Segment: return distanceToSegment(at, m_a, m_b) <= m_inner;
    case Kind::Arc: break;
    }
    const QPointF v = at - m_a;
    const double radius = std::sqrt(QPointF::dotProduct(v, v));
    if (radius < m_inner || radius > m_outer) {
        return false;
    }
    const double turn = std::fmod(clockAngle(v) - m_from + 720, 360);
    return turn <= m_to - m_from;
}

QPainterPath Shape::outline() const {
    QPainterPath path;
    if (m_kind == Kind::Rect) {
        path.addRoundedRect(m_rect, m_radius, m_radius);
    } else if (m_kind == Kind::Segment) {
        QPainterPath line(m_a);
        line.lineTo(m_b);
        QPainterPathStroker stroker;
        stroker.setWidth(m_inner);
        stroker.setCapStyle(Qt::RoundCap);
        path = stroker.createStroke(line);
    } else {
        const auto square = [this](double r) { return QRectF(m_a.x() - r, m_a.y() - r, 2 * r, 2 * r); };
        const double start = 90 - m_from, sweep = m_to - m_from;
        path.arcMoveTo(square(m_outer), start);
        path.arcTo(square(m_outer), start, -sweep);
        path.arcTo(square(m_inner), start - sweep, sweep);
        path.closeSubpath();
    }
    return path;
}

QPointF Shape::anchor() const {
    switch (m_kind) {
    case Kind::Rect: return m_rect.center();
    case Kind::Segment: return (m_a + m_b) / 2;
    case Kind::Arc: break;
    }
    return shell::paint::polar(m_a, (m_inner + m_outer) / 2, (m_from + m_to) / 2);
}

}  // namespace app::explorer
