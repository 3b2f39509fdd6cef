#include "app/shell/rail.h"

#include <QEvent>
#include <QVBoxLayout>

#include "app/shell/kit.h"

namespace app::shell {

RailButton::RailButton(const QString& icon, const QString& label, QWidget* parent)
    : QAbstractButton(parent), m_icon(icon) {
    setText(label);
    setAccessibleName(label);
    setCheckable(true);
    setAutoExclusive(true);
    setFixedSize(60, 56);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
}

void RailButton::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    const bool on = isChecked();
    const QRectF plate(6, 0, 47, 50);
    if (on || underMouse()) {
        paint::box(p, plate, on ? t.selected : t.hover, {}, 8);
    }
    if (on) {
        paint::box(p, {0, 10, 3, 30}, t.accent, {}, 1.5);
    }
    const QColor ink = on ? t.accent : t.muted;
    paint::icon(p, {20, 8}, m_icon, 20, ink);
    paint::text(p, {29.5, 42}, text(), sans(kTypeAxis, on ? 600 : 500), ink, Align::Centre);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, plate, {}, t.focus, 8, 2);
    }
}

bool RailButton::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave) {
        update();
    }
    return QAbstractButton::event(event);
}

Rail::Rail(const std::vector<Place>& places, QWidget* parent) : QWidget(parent) {
    setFixedWidth(60);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 12);
    column->setSpacing(0);
    for (const Place& place : places) {
        auto* button = new RailButton(place.icon, place.label);
        button->setToolTip(place.label + " (" + place.keys + ")");
        const int index = static_cast<int>(m_buttons.size());
        connect(button, &QAbstractButton::clicked, this, [this, index] { emit chosen(index); });
        column->addWidget(button);
        m_buttons.push_back(button);
    }
    column->addStretch();
    m_settings = new IconButton("settings", "Settings", this, 36);
    column->addWidget(m_settings, 0, Qt::AlignHCenter);
}

void Rail::setCurrent(int index) {
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        m_buttons[i]->setChecked(static_cast<int>(i) == index);
        m_buttons[i]->update();
    }
}

void Rail::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.fillRect(rect(), tokens().panel);
    paint::vline(p, width() - 1, 0, height(), tokens().line);
}

}  // namespace app::shell
