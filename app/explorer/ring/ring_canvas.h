#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/ring/ring_layout.h"

namespace app::explorer::ring {

/// A link that a message has just used: lit for 150 ms with a count, because at full speed a message
/// is gone before it could be seen.
struct Light {
    std::string from;
    std::string to;
    QString family;  // "write", "gossip", ...
    int count = 0;
    qint64 until = 0;  // Milliseconds of the canvas' clock.
};

/// The ring as a picture. The view gives it what to show; it keeps the layout and the lights.
class RingCanvas : public Canvas {
    Q_OBJECT

public:
    static constexpr int kLitMillis = 150;

    /// What to lay out when it is time to.
    struct Input {
        engine::ring::TopologyPtr topology;
        const Nodes* nodes = nullptr;
        const RingFocus* focus = nullptr;
        std::int64_t now = 0;
        QString selectedNode;
        int selectedArc = -1;
        bool plain = false;      // Words for a projector.
        std::int64_t clock = 0;  // Machine nanos just now, for what is under way; 0: none is.
    };
    explicit RingCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const RingLayout& ringLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;
    void light(const std::string& from, const std::string& to, const QString& family);
    /// A replay runs, or messages are under way in slow motion: place them anew for every frame.
    void setReplaying(bool replaying);

signals:
    void nodeChosen(const QString& name);
    void arcChosen(int index);
    void nothingChosen();
    void opened();
    void linkChosen();
    void nodeMenuWanted(int number, const QPoint& global);

protected:
    void relayout(QSizeF size) override;
    quint64 groundKey() const override;
    void paintGround(QPainter& painter) override;
    void paintState(QPainter& painter) override;
    void paintMotion(QPainter& painter) override;
    bool isMoving() const override { return m_replaying || !m_lights.empty(); }
    void choose(const Item& item) override;
    void open(const Item& item) override;
    void menu(const Item& item, const QPoint& global) override;
    void clearChoice() override { emit nothingChosen(); }
    int itemAt(QPointF at) const override;

private:
    void paintBandPerPixel(QPainter& painter);
    void paintQuarters(QPainter& painter);
    void paintArc(QPainter& painter, const RingLayout::Arc& arc, double opacity, double grow = 0) const;
    void paintArcStates(QPainter& painter);
    void paintWalk(QPainter& painter);
    void paintPin(QPainter& painter);
    void paintClient(QPainter& painter);
    void paintLink(QPainter& painter, const RingLayout::Link& link);
    void paintBadge(QPainter& painter, const RingLayout::Badge& badge);
    void paintWords(QPainter& painter, const RingLayout::Words& words);
    void paintCounter(QPainter& painter, const RingLayout::Words& words, double y);
    void paintMiddle(QPainter& painter);
    void paintLegend(QPainter& painter);
    void paintLens(QPainter& painter);
    void paintEmpty(QPainter& painter);

    std::function<Input()> m_input;
    Input m_now;
    RingLayout m_layout;
    std::vector<Light> m_lights;
    QElapsedTimer m_clock;
    bool m_replaying = false;
    QSizeF m_size;
};

}  // namespace app::explorer::ring
