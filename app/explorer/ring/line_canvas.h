#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/ring/line_layout.h"

namespace app::explorer::ring {

/// The unrolled line as a picture; the wheel zooms at the pointer, dragging the overview moves.
class LineCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        engine::ring::TopologyPtr topology;
        const Nodes* nodes = nullptr;
        const RingFocus* focus = nullptr;
        QString selectedNode;
        int selectedArc = -1;
    };
    explicit LineCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const LineLayout& lineLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;
    void zoomAt(double part, double factor);
    void fit();

signals:
    void arcChosen(int index);
    void nodeChosen(const QString& name);
    void nothingChosen();

protected:
    void relayout(QSizeF size) override;
    quint64 groundKey() const override;
    void paintGround(QPainter& painter) override;
    void paintState(QPainter& painter) override;
    void choose(const Item& item) override;
    void clearChoice() override { emit nothingChosen(); }
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void paintLanes(QPainter& painter);
    void paintShares(QPainter& painter);
    void moveWindow(double middle);

    std::function<Input()> m_input;
    Input m_now;
    LineLayout m_layout;
    LineLayout::Window m_window;
};

}  // namespace app::explorer::ring
