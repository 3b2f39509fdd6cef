#pragma once

#include <QWidget>

#include "app/learn/first_minute.h"

namespace app::learn {

/// Where everything of the stage lies; a pure function of its size, so that it is tested.
struct TrioPlan {
    QPointF node[3];
    QRectF words[3];  // Name, what it did, its copy.
    QRectF cutPill;
    QRectF foot;      // The counter of the consistency level.
    double ring = 44;
    static TrioPlan of(QSizeF size);
};

/// The three nodes in a triangle: dashed until their process runs, whole when CQL answers; between
/// them the messages of the newest request, the cut, and each node's own copy.
class TrioStage : public QWidget {
    Q_OBJECT

public:
    TrioStage(sources::ClusterModel& model, const FirstMinute& minute, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool isUp(int number) const;
    void drawLinks(QPainter& p, const TrioPlan& plan) const;
    void drawMessages(QPainter& p, const TrioPlan& plan) const;
    void drawNode(QPainter& p, const TrioPlan& plan, int number) const;
    void drawCut(QPainter& p, const TrioPlan& plan) const;
    void drawFoot(QPainter& p, const TrioPlan& plan) const;
    /// What the node did for the request shown, in words; `bad` when it missed it.
    QString roleOf(int number, bool& bad) const;

    sources::ClusterModel& m_model;
    const FirstMinute& m_minute;
};

}  // namespace app::learn
