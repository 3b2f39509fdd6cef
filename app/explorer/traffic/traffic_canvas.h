#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/traffic/traffic_layout.h"

namespace app::explorer::traffic {

/// Waterfall and space-time diagram of one request as a picture. Stands in a scroll area when its
/// request has more replicas than there is room.
class TrafficCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        const RequestStory* story = nullptr;
        const Nodes* nodes = nullptr;
        Form form = Form::Both;
        std::set<std::string> hidden;
        bool anyRequest = false;  // There are some, but none is chosen.
    };
    explicit TrafficCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const TrafficLayout& trafficLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;

signals:
    void nodeChosen(const QString& name);
    void opened();

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    void choose(const Item& item) override;
    void open(const Item&) override { emit opened(); }
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    void paintAxis(QPainter& painter);
    void paintMarks(QPainter& painter);
    void paintRow(QPainter& painter, const TrafficLayout::Row& row);
    void paintBar(QPainter& painter, const TrafficLayout::Bar& bar, bool late);
    void paintWire(QPainter& painter, const TrafficLayout::Wire& wire);
    void paintGroups(QPainter& painter);
    void paintLegend(QPainter& painter);
    void paintLanes(QPainter& painter);
    void paintSlant(QPainter& painter, const TrafficLayout::Slant& slant);
    void paintLabel(QPainter& painter, double y, const std::string& node, const QString& note);
    void paintDisc(QPainter& painter, QPointF at, const QString& ordinal, bool late, bool digest);
    void paintCursor(QPainter& painter);

    std::function<Input()> m_input;
    Input m_now;
    TrafficLayout m_layout;
    QSizeF m_size;
};

}  // namespace app::explorer::traffic
