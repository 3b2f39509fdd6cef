#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/ring/rack_layout.h"

namespace app::explorer::ring {

/// The rack map as a picture.
class RackCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        const engine::observe::ClusterState* state = nullptr;
        const Nodes* nodes = nullptr;
        const RingFocus* focus = nullptr;
        QString selectedNode;
    };
    explicit RackCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const RackLayout& rackLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;

signals:
    void nodeChosen(const QString& name);
    void nothingChosen();
    void opened();
    void nodeMenuWanted(int number, const QPoint& global);

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    void choose(const Item& item) override;
    void open(const Item& item) override;
    void menu(const Item& item, const QPoint& global) override;
    void clearChoice() override { emit nothingChosen(); }

private:
    void paintNode(QPainter& painter, const RackLayout::Node& node);
    void paintFault(QPainter& painter, const RackLayout::Fault& fault);

    std::function<Input()> m_input;
    Input m_now;
    RackLayout m_layout;
};

}  // namespace app::explorer::ring
