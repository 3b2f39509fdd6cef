#pragma once

#include <QPainterPath>
#include <QPointF>
#include <QRectF>

namespace app::explorer {

/// Where something of a picture lies: a rectangle, an arc of a ring (clock angles, 0 at twelve), or a
/// line that can be hit within `reach`. A value; says what it contains and what its outline is.
class Shape {
public:
    static Shape rect(const QRectF& rect, double radius = 4);
    static Shape disc(QPointF centre, double radius);
    static Shape arc(QPointF centre, double inner, double outer, double from, double to);
    static Shape segment(QPointF from, QPointF to, double reach = 6);

    bool contains(QPointF at) const;
    QPainterPath outline() const;
    /// The middle: where a tooltip belongs.
    QPointF anchor() const;

private:
    enum class Kind { Rect, Arc, Segment };

    Kind m_kind = Kind::Rect;
    QRectF m_rect;         // Rect.
    double m_radius = 0;   // Corners.
    QPointF m_a;           // Centre, or one end.
    QPointF m_b;           // The other end.
    double m_inner = 0;    // Arc, or a segment's reach.
    double m_outer = 0;
    double m_from = 0;
    double m_to = 0;
};

/// One thing of a picture that can be pointed at, reached by arrow keys and read aloud. What `kind`
/// and `index` mean is the view's; `row` is the row of its table, -1 for none.
struct Item {
    Shape shape;
    int kind = 0;
    int index = 0;
    int row = -1;
};

}  // namespace app::explorer
