#pragma once

#include <QLineF>
#include <QPointF>
#include <QRectF>

#include <optional>
#include <utility>
#include <vector>

namespace app::explorer {

/// Where labels may go: what is drawn blocks its place, and so does each label that found one. A label
/// that would touch is left out and counted, never shrunk. A value; pure geometry.
class LabelRoom {
public:
    void block(const QRectF& rect) { m_rects.push_back(rect); }
    /// A line, with `reach` to both sides.
    void block(QPointF from, QPointF to, double reach);
    /// Labels stay inside this disc.
    void keepInside(QPointF centre, double radius) { m_disc = std::pair(centre, radius); }

    bool isFree(const QRectF& box) const;
    /// The first of these that is free, which it takes; -1: none was.
    int place(const std::vector<QRectF>& candidates);
    void leaveOut() { ++m_leftOut; }
    int leftOut() const { return m_leftOut; }

private:
    struct Line {
        QLineF line;
        double reach;
    };
    std::vector<QRectF> m_rects;
    std::vector<Line> m_lines;
    std::optional<std::pair<QPointF, double>> m_disc;
    int m_leftOut = 0;
};

/// Whether a line passes through a rectangle or ends in it.
bool crosses(const QRectF& rect, const QLineF& line);

}  // namespace app::explorer
