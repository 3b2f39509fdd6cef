#pragma once

#include <QElapsedTimer>
#include <QPixmap>
#include <QTimer>
#include <QWidget>

#include <vector>

#include "app/explorer/item.h"
#include "app/shell/kit.h"

namespace app::explorer {

/// A painted picture in layers: a cached ground, the state, the motion over it, and an overlay for
/// hover, selection and focus. Geometry is a layout of the subclass, made anew by relayout() at most
/// ten times a second; hit tests, keys, tooltips and accessible texts read its items(). All
/// coordinates are logical: the theme's zoom is applied here. GUI thread.
class Canvas : public QWidget {
    Q_OBJECT

public:
    explicit Canvas(QWidget* parent = nullptr);

    /// The state is different: a new layout soon.
    void refresh();
    /// At once, for tests and exports.
    void refreshNow();
    /// Ground, state and motion without caches and overlay, as vectors, into `size` logical pixels.
    void drawTo(QPainter& painter, QSizeF size);

    int hovered() const { return m_hovered; }
    int focusedItem() const { return m_focused; }
    /// Keyboard order is the order of items().
    virtual const std::vector<Item>& items() const = 0;
    /// What a tooltip and a screen reader say of it.
    virtual QString tipOf(const Item&) const { return {}; }
    /// The tooltip, where it is not the same; empty: none.
    virtual QString tooltipOf(const Item& item) const { return tipOf(item); }
    virtual bool isSelected(const Item&) const { return false; }
    /// Where an item is on the screen.
    QRect globalRectOf(const Item& item) const;

signals:
    void laidOut();

protected:
    /// Makes the layout for `size`.
    virtual void relayout(QSizeF size) = 0;
    /// What changes seldom; painted again when groundKey(), size, theme or zoom differ. Key 0: there
    /// is none, only a plain ground.
    virtual void paintGround(QPainter&) {}
    virtual quint64 groundKey() const { return 0; }
    /// What of the picture is being painted: long ones paint no more.
    QRectF exposed() const { return m_exposed; }
    virtual void paintState(QPainter& painter) = 0;
    virtual void paintMotion(QPainter&) {}
    /// Something moves: paint sixty times a second.
    virtual bool isMoving() const { return false; }
    /// The rest drops to 60 % under the pointer; pages of text stay as they are.
    virtual bool dimsOnHover() const { return true; }
    virtual QColor ground() const { return shell::tokens().view; }
    virtual void choose(const Item&) {}
    virtual void open(const Item&) {}
    virtual void menu(const Item&, const QPoint& /*global*/) {}
    virtual void clearChoice() {}
    /// The item under `at`, the topmost; -1: none.
    virtual int itemAt(QPointF at) const;
    QPointF pointer() const { return m_pointer; }
    QSizeF logicalSize() const;
    /// Of those that stand in a scroll area: as high as what they show. Logical pixels.
    void growTo(double height);
    /// In the place of a picture: that there is none, and what to do.
    void paintNotice(QPainter& painter, QPointF centre, const QString& notice, const QString& hint) const;
    void paintNotice(QPainter& painter, const QString& notice, const QString& hint) const;
    QPointF toLogical(const QPointF& at) const;
    void startMotion();

    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void setHovered(int item);
    void hideTip();
    void setFocused(int item);
    void paintOverlay(QPainter& painter);
    const QPixmap& groundPixmap();
    const Item* at(int index) const;

    static constexpr int kRelayoutMillis = 100;
    static constexpr int kTipMillis = 300;

    QPixmap m_ground;
    quint64 m_groundStamp = 0;
    QTimer m_relayout;
    QTimer m_motion;
    QTimer m_tip;
    QElapsedTimer m_sinceLayout;
    QPointF m_pointer{-1, -1};
    int m_hovered = -1;
    int m_focused = -1;
    bool m_tipShown = false;
    bool m_reachedByKeys = false;  // The focus came by Tab or a shortcut: it is shown.
    QRectF m_exposed;
};

}  // namespace app::explorer
