#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/gossip/gossip_layout.h"

namespace app::explorer::gossip {

/// Heat map, who called whom, and phi over time.
class GossipCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        const engine::observe::ClusterState* state = nullptr;
        const Nodes* nodes = nullptr;
        std::string observer;
        std::string subject;
        std::int64_t now = 0;
        GossipLayout::Form form = GossipLayout::Form::All;
        const SpreadLog* log = nullptr;
    };
    explicit GossipCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const GossipLayout& gossipLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;

signals:
    void pairChosen(const std::string& observer, const std::string& subject);
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
    void paintCard(QPainter& painter, const QRectF& card, const QString& title, const QString& note = {});
    void paintHeat(QPainter& painter);
    void paintCell(QPainter& painter, const HeatMap::Cell& cell);
    void paintScale(QPainter& painter);
    void paintRounds(QPainter& painter);
    void paintCall(QPainter& painter, const Rounds::Call& call);
    void paintSpread(QPainter& painter);
    void paintPhi(QPainter& painter);
    void paintPhiGround(QPainter& painter);
    void paintPhiLine(QPainter& painter, const PhiChart::Line& line);
    void paintPhiLegend(QPainter& painter);

    std::function<Input()> m_input;
    Input m_now;
    GossipLayout m_layout;
};

}  // namespace app::explorer::gossip
