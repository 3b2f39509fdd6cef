#include "app/explorer/canvas.h"

#include "app/explorer/canvas_accessible.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <cmath>

namespace app::explorer {

using shell::theme;
using shell::tokens;

Canvas::Canvas(QWidget* parent) : QWidget(parent) {
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_relayout.setSingleShot(true);
    connect(&m_relayout, &QTimer::timeout, this, &Canvas::refreshNow);
    m_motion.setInterval(16);
    m_motion.setTimerType(Qt::PreciseTimer);
    connect(&m_motion, &QTimer::timeout, this, [this] {
        update();
        if (!isMoving() || !isVisible()) {
            m_motion.stop();
            refresh();
        }
    });
    m_tip.setSingleShot(true);
    m_tip.setInterval(kTipMillis);
    connect(&m_tip, &QTimer::timeout, this, [this] {
        if (const Item* item = at(m_hovered)) {
            m_tipShown = true;
            QToolTip::showText(QCursor::pos(), tooltipOf(*item), this);
            update();
        }
    });
    connect(&theme(), &shell::Theme::changed, this, &Canvas::refreshNow);
    m_sinceLayout.start();
}

void Canvas::refresh() {
    if (!isVisible() || m_relayout.isActive()) {
        return;  // Hidden ones are laid out when they are shown.
    }
    m_relayout.start(static_cast<int>(std::max<qint64>(0, kRelayoutMillis - m_sinceLayout.elapsed())));
}

void Canvas::refreshNow() {
    m_relayout.stop();
    m_sinceLayout.restart();
    relayout(logicalSize());
    const int count = static_cast<int>(items().size());
    m_hovered = m_hovered < count ? m_hovered : -1;
    m_focused = m_focused < count ? m_focused : -1;
    emit laidOut();
    update();
}

void Canvas::startMotion() {
    if (!m_motion.isActive() && isVisible()) {
        m_motion.start();
    }
}

QSizeF Canvas::logicalSize() const { return QSizeF(size()) / theme().zoom(); }

void Canvas::growTo(double height) {
    const int wanted = static_cast<int>(std::ceil(height * theme().zoom()));
    if (wanted != minimumHeight()) {
        setMinimumHeight(wanted);
    }
}

void Canvas::paintNotice(QPainter& painter, QPointF centre, const QString& notice, const QString& hint) const {
    const double room = logicalSize().width() - 40;
    const QFont strong = shell::sans(15, 600);
    const QFont plain = shell::sans(12.5);
    const QPointF half(0, 12);
    shell::paint::mid(painter, centre - half, shell::paint::elided(notice, strong, room), strong, tokens().text, shell::Align::Centre);
    shell::paint::mid(painter, centre + half, shell::paint::elided(hint, plain, room), plain, tokens().muted, shell::Align::Centre);
}

void Canvas::paintNotice(QPainter& painter, const QString& notice, const QString& hint) const {
    paintNotice(painter, QPointF(logicalSize().width() / 2, logicalSize().height() / 2), notice, hint);
}

QPointF Canvas::toLogical(const QPointF& at) const { return at / theme().zoom(); }

QRect Canvas::globalRectOf(const Item& item) const {
    const double zoom = theme().zoom();
    const QRectF box = item.shape.outline().boundingRect();
    return {mapToGlobal((box.topLeft() * zoom).toPoint()), (box.size() * zoom).toSize()};
}

const Item* Canvas::at(int index) const {
    return index >= 0 && index < static_cast<int>(items().size()) ? &items()[static_cast<std::size_t>(index)] : nullptr;
}

int Canvas::itemAt(QPointF point) const {
    const auto& all = items();
    for (int i = static_cast<int>(all.size()) - 1; i >= 0; --i) {
        if (all[static_cast<std::size_t>(i)].shape.contains(point)) {
            return i;
        }
    }
    return -1;
}

// ---- painting ----

const QPixmap& Canvas::groundPixmap() {
    const double ratio = devicePixelRatioF();
    const auto stamp = qHashMulti(0, groundKey(), theme().version(), theme().zoom(), width(), height(), ratio) | 1u;
    if (m_ground.isNull() || stamp != m_groundStamp) {
        m_ground = QPixmap(size() * ratio);
        m_ground.setDevicePixelRatio(ratio);
        m_ground.fill(ground());
        QPainter painter(&m_ground);
        painter.scale(theme().zoom(), theme().zoom());
        painter.setRenderHint(QPainter::Antialiasing);
        paintGround(painter);
        m_groundStamp = stamp;
    }
    return m_ground;
}

void Canvas::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    m_exposed = QRectF(toLogical(event->rect().topLeft()), QSizeF(event->rect().size()) / theme().zoom());
    if (groundKey() == 0) {
        painter.fillRect(event->rect(), ground());
    } else {
        painter.drawPixmap(0, 0, groundPixmap());
    }
    painter.scale(theme().zoom(), theme().zoom());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.save();
    paintState(painter);
    painter.restore();
    painter.save();
    paintMotion(painter);
    painter.restore();
    paintOverlay(painter);
}

void Canvas::drawTo(QPainter& painter, QSizeF size) {
    relayout(size);
    m_exposed = QRectF(QPointF(), size);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(QRectF(QPointF(), size), ground());
    paintGround(painter);
    painter.save();
    paintState(painter);
    painter.restore();
    paintMotion(painter);
    for (const Item& item : items()) {
        if (isSelected(item)) {
            painter.strokePath(item.shape.outline(), QPen(tokens().accent, 2.5));
        }
    }
    painter.restore();
    relayout(logicalSize());
}

void Canvas::paintOverlay(QPainter& painter) {
    const Item* hover = at(m_hovered);
    if (hover != nullptr && m_tipShown && dimsOnHover()) {
        QPainterPath rest;
        rest.setFillRule(Qt::OddEvenFill);
        rest.addRect(QRectF(QPointF(), logicalSize()));
        rest.addPath(hover->shape.outline());
        QColor wash = ground();
        wash.setAlphaF(.4f);
        painter.fillPath(rest, wash);
    }
    for (const Item& item : items()) {
        if (isSelected(item)) {
            painter.strokePath(item.shape.outline(), QPen(tokens().accent, 2.5));
        }
    }
    if (!hasFocus()) {
        return;
    }
    if (const Item* focused = at(m_focused)) {
        QPen ring(tokens().focus, 2);
        painter.strokePath(focused->shape.outline(), ring);
    } else if (m_reachedByKeys) {
        shell::paint::box(painter, QRectF(QPointF(), logicalSize()).adjusted(1, 1, -1, -1), {}, tokens().focus, 4, 2);
    }
}

void Canvas::resizeEvent(QResizeEvent*) { refreshNow(); }

void Canvas::showEvent(QShowEvent*) { refreshNow(); }

// ---- pointer ----

void Canvas::setHovered(int item) {
    if (item == m_hovered) {
        return;
    }
    m_hovered = item;
    m_tipShown = false;
    m_tip.start();
    setCursor(item >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void Canvas::hideTip() {
    m_tip.stop();
    m_tipShown = false;
    QToolTip::hideText();
}

void Canvas::mouseMoveEvent(QMouseEvent* event) {
    m_pointer = toLogical(event->position());
    setHovered(itemAt(m_pointer));
}

void Canvas::leaveEvent(QEvent*) {
    m_pointer = {-1, -1};
    m_tip.stop();
    setHovered(-1);
    update();
}

void Canvas::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    hideTip();
    const int index = itemAt(toLogical(event->position()));
    m_focused = -1;
    if (const Item* item = at(index)) {
        choose(*item);
    } else {
        clearChoice();
    }
    update();
}

void Canvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const Item* item = at(itemAt(toLogical(event->position())))) {
        open(*item);
    }
}

void Canvas::contextMenuEvent(QContextMenuEvent* event) {
    const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
    const Item* item = at(keyboard ? m_focused : itemAt(toLogical(event->pos())));
    hideTip();
    if (item != nullptr) {
        menu(*item, keyboard ? mapToGlobal((item->shape.anchor() * theme().zoom()).toPoint()) : event->globalPos());
    }
}

bool Canvas::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        return true;  // Ours come after 300 ms, from the timer.
    }
    return QWidget::event(event);
}

// ---- keys ----

void Canvas::setFocused(int item) {
    m_focused = item;
    if (const Item* focused = at(item)) {
        setAccessibleDescription(tipOf(*focused).remove('\n'));
        QAccessibleEvent told(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&told);
        QAccessibleEvent reached(this, QAccessible::Focus);
        reached.setChild(item);
        QAccessible::updateAccessibility(&reached);
        choose(*focused);
    }
    update();
}

void Canvas::keyPressEvent(QKeyEvent* event) {
    const int count = static_cast<int>(items().size());
    if (count == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Down: setFocused((m_focused + 1) % count); break;
    case Qt::Key_Left:
    case Qt::Key_Up: setFocused((std::max(m_focused, 0) + count - 1) % count); break;
    case Qt::Key_Home: setFocused(0); break;
    case Qt::Key_End: setFocused(count - 1); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const Item* item = at(m_focused)) {
            open(*item);
        }
        break;
    case Qt::Key_Escape:
        m_focused = -1;
        clearChoice();
        update();
        break;
    default: QWidget::keyPressEvent(event);
    }
}

void Canvas::focusInEvent(QFocusEvent* event) {
    m_reachedByKeys = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason || event->reason() == Qt::ShortcutFocusReason;
    update();
}

void Canvas::focusOutEvent(QFocusEvent*) { update(); }

}  // namespace app::explorer
