#include "app/explorer/label_room.h"

#include <algorithm>
#include <cmath>

namespace app::explorer {

bool crosses(const QRectF& rect, const QLineF& line) {
    if (rect.contains(line.p1()) || rect.contains(line.p2())) {
        return true;
    }
    const QPointF corners[] = {rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()};
    for (int i = 0; i < 4; ++i) {
        QPointF at;
        if (line.intersects(QLineF(corners[i], corners[(i + 1) % 4]), &at) == QLineF::BoundedIntersection) {
            return true;
        }
    }
    return false;
}

void LabelRoom::block(QPointF from, QPointF to, double reach) { m_lines.push_back({QLineF(from, to), reach}); }

bool LabelRoom::isFree(const QRectF& box) const {
    if (m_disc) {
        const auto& [centre, radius] = *m_disc;
        for (const QPointF& corner : {box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight()}) {
            if (std::hypot(corner.x() - centre.x(), corner.y() - centre.y()) > radius) {
                return false;
            }
        }
    }
    return std::none_of(m_rects.begin(), m_rects.end(), [&](const QRectF& rect) { return rect.intersects(box); }) &&
           std::none_of(m_lines.begin(), m_lines.end(), [&](const Line& line) {
               return crosses(box.adjusted(-line.reach, -line.reach, line.reach, line.reach), line.line);
           });
}

int LabelRoom::place(const std::vector<QRectF>& candidates) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (isFree(candidates[i])) {
            block(candidates[i]);
            return static_cast<int>(i);
        }
    }
    return -1;
}

}  // namespace app::explorer
