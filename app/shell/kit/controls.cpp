#include "app/shell/kit/controls.h"

#include <QHoverEvent>
#include <QKeyEvent>
#include <QtMath>
#include <QWheelEvent>

namespace app::shell {

namespace {

bool repaintsOn(QEvent::Type type) {
    return type == QEvent::HoverEnter || type == QEvent::HoverLeave || type == QEvent::EnabledChange ||
           type == QEvent::FocusIn || type == QEvent::FocusOut;
}

/// Focus is shown when it came by keyboard; a click needs no ring.
bool showsFocus(const QWidget& widget) {
    return widget.hasFocus() && widget.window()->testAttribute(Qt::WA_KeyboardFocusChange);
}

/// The ring lies 2 px outside; inside a widget it takes the outermost 2 px instead.
void innerFocusRing(QPainter& p, const QRectF& rect, double radius) {
    paint::box(p, rect, {}, tokens().focus, radius, 2);
}

}  // namespace

// ---- Button ----

Button::Button(const QString& label, ButtonKind kind, const QString& icon, QWidget* parent)
    : QPushButton(label, parent), m_kind(kind), m_icon(icon) {
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Button::setKind(ButtonKind kind) {
    m_kind = kind;
    update();
}

void Button::setIconName(const QString& name) {
    m_icon = name;
    updateGeometry();
    update();
}

void Button::setKeyHint(const QString& hint) {
    m_hint = hint;
    updateGeometry();
    update();
}

void Button::setSizes(double textPx, int height) {
    m_text = textPx;
    m_height = height;
    updateGeometry();
}

double Button::inner() const {
    return widthOf(sans(m_text, 500), text()) + (m_icon.isEmpty() ? 0 : 20) +
           (m_hint.isEmpty() ? 0 : widthOf(sans(kTypeAxis), m_hint) + 18);
}

QSize Button::sizeHint() const {
    const double pad = m_kind == ButtonKind::Link ? 6 : m_height >= 40 ? 52 : 24;
    return {qCeil(inner() + pad), m_height};
}

Button::Look Button::look() const {
    const Tokens& t = tokens();
    if (!isEnabled()) {
        return {m_kind == ButtonKind::Ghost || m_kind == ButtonKind::Link ? QColor() : t.sunken,
                m_kind == ButtonKind::Ghost || m_kind == ButtonKind::Link ? QColor() : t.line, t.faint};
    }
    const bool hot = underMouse() || isDown();
    switch (m_kind) {
    case ButtonKind::Primary: {
        const bool dark = theme().kind() != ThemeKind::Light;
        return {isDown() ? (dark ? t.accent.darker(112) : t.accent.darker(120))
                : hot    ? (dark ? t.accent.lighter(106) : t.accent.darker(108))
                         : t.accent,
                {}, t.on_accent};
    }
    case ButtonKind::Default: return {hot ? t.hover : t.panel, t.line_strong, t.text};
    case ButtonKind::Ghost: return {hot ? t.hover : QColor(), {}, hot ? t.text : t.muted};
    case ButtonKind::Quiet: return {hot ? t.hover : t.sunken, t.line, t.text};
    case ButtonKind::Danger: return {hot ? t.fail_tint : t.panel, t.down, t.down};
    case ButtonKind::Link: return {{}, {}, t.accent};
    }
    return {};
}

void Button::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Look l = look();
    const QRectF all(rect());
    if (l.fill.isValid() || l.edge.isValid()) {
        paint::box(p, all, l.fill, l.edge, 6);
    }
    const double yc = all.center().y();
    double x = (width() - inner()) / 2;
    if (!m_icon.isEmpty()) {
        paint::icon(p, {x - 1, yc - 7}, m_icon, 14, l.ink);
        x += 20;
    }
    QFont font = sans(m_text, 500);
    font.setUnderline(m_kind == ButtonKind::Link && underMouse());
    x += paint::mid(p, {x, yc}, text(), font, l.ink);
    if (!m_hint.isEmpty()) {
        paint::mid(p, {x + 12, yc}, m_hint, sans(kTypeAxis), m_kind == ButtonKind::Primary ? l.ink : tokens().faint);
    }
    if (showsFocus(*this)) {
        if (m_kind == ButtonKind::Primary) {
            paint::box(p, all.adjusted(2, 2, -2, -2), {}, l.ink, 4, 1.5);
        }
        innerFocusRing(p, all, 6);
    }
}

bool Button::event(QEvent* event) {
    if (repaintsOn(event->type())) {
        update();
    }
    return QPushButton::event(event);
}

// ---- IconButton ----

IconButton::IconButton(const QString& icon, const QString& toolTip, QWidget* parent, int side)
    : QAbstractButton(parent), m_icon(icon), m_side(side) {
    setToolTip(toolTip);
    setAccessibleName(toolTip);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setFixedSize(side, side);
}

void IconButton::setIconName(const QString& icon) {
    m_icon = icon;
    update();
}

void IconButton::setStrong(bool strong) {
    m_strong = strong;
    update();
}

void IconButton::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    if (isEnabled() && (underMouse() || isChecked())) {
        paint::box(p, rect(), isChecked() ? t.selected : t.hover, {}, 6);
    }
    const QColor ink = !isEnabled() ? t.line_strong : isChecked() ? t.accent : m_strong ? t.text : t.muted;
    const double size = m_side >= 26 ? 16 : 14;
    paint::icon(p, {(width() - size) / 2, (height() - size) / 2}, m_icon, size, ink);
    if (showsFocus(*this)) {
        innerFocusRing(p, rect(), 6);
    }
}

bool IconButton::event(QEvent* event) {
    if (repaintsOn(event->type())) {
        update();
    }
    return QAbstractButton::event(event);
}

// ---- FieldCombo ----

FieldCombo::FieldCombo(const QString& label, const QStringList& items, QWidget* parent)
    : QComboBox(parent), m_label(label) {
    addItems(items);
    setAccessibleName(label);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::TabFocus);
    connect(this, &QComboBox::currentTextChanged, this, [this] { updateGeometry(); });
}

void FieldCombo::setMarked(bool marked) {
    m_marked = marked;
    update();
}

QSize FieldCombo::sizeHint() const {
    const double widest = std::clamp(widthOf(sans(12, 500), currentText()), 26.0, 132.0);
    const double label = m_label.isEmpty() ? 0 : widthOf(sans(11.5), m_label) + 6;
    return {qCeil(9 + label + widest + 28), 28};
}

void FieldCombo::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    const QRectF all = QRectF(rect()).adjusted(0, 1, 0, -1);
    paint::box(p, all, underMouse() && isEnabled() ? t.hover : t.panel, t.line_strong, 6);
    if (m_marked) {
        paint::box(p, rect(), {}, t.near, 7, 2);
    }
    const double yc = all.center().y();
    double x = 9;
    if (!m_label.isEmpty()) {
        x += paint::mid(p, {x, yc}, m_label, sans(11.5), t.faint) + 6;
    }
    const QFont font = sans(12, 500);
    paint::mid(p, {x, yc}, paint::elided(currentText(), font, width() - x - 22), font,
               isEnabled() ? t.text : t.faint);
    paint::icon(p, {width() - 19.0, yc - 6}, "down", 12, t.faint);
    if (showsFocus(*this)) {
        innerFocusRing(p, all, 6);
    }
}

void FieldCombo::wheelEvent(QWheelEvent* event) { event->ignore(); }

// ---- SegmentedControl ----

SegmentedControl::SegmentedControl(const QStringList& items, QWidget* parent) : QWidget(parent), m_items(items) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(items.join(", "));
}

void SegmentedControl::setCurrent(int index) {
    if (index == m_current || index < 0 || index >= m_items.size()) {
        return;
    }
    m_current = index;
    update();
    emit currentChanged(index);
}

QRectF SegmentedControl::rectOf(int index) const {
    double x = 2;
    for (int i = 0; i < index; ++i) {
        x += widthOf(sans(12, 500), m_items[i]) + 22;
    }
    return {x, 2, widthOf(sans(12, 500), m_items[index]) + 22, height() - 4.0};
}

QSize SegmentedControl::sizeHint() const {
    double width = 4;
    for (const QString& item : m_items) {
        width += widthOf(sans(12, 500), item) + 22;
    }
    return {qCeil(width), 28};
}

void SegmentedControl::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    paint::box(p, rect(), t.sunken, t.line, 6);
    for (int i = 0; i < m_items.size(); ++i) {
        const QRectF r = rectOf(i);
        const bool on = i == m_current;
        if (on) {
            paint::box(p, r, t.panel, t.line_strong, 4);
        }
        paint::mid(p, r.center(), m_items[i], sans(12, 500), on ? t.text : t.muted, Align::Centre);
    }
    if (showsFocus(*this)) {
        innerFocusRing(p, rect(), 6);
    }
}

void SegmentedControl::mousePressEvent(QMouseEvent* event) {
    for (int i = 0; i < m_items.size(); ++i) {
        if (rectOf(i).contains(event->position())) {
            setCurrent(i);
        }
    }
}

void SegmentedControl::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_items.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left: setCurrent(std::max(m_current - 1, 0)); break;
    case Qt::Key_Right: setCurrent(std::min(m_current + 1, last)); break;
    case Qt::Key_Home: setCurrent(0); break;
    case Qt::Key_End: setCurrent(last); break;
    default: QWidget::keyPressEvent(event);
    }
}

void SegmentedControl::focusInEvent(QFocusEvent*) { update(); }
void SegmentedControl::focusOutEvent(QFocusEvent*) { update(); }

// ---- TabStrip ----

TabStrip::TabStrip(int height, double textPx, QWidget* parent)
    : QTabBar(parent), m_height(height), m_text(textPx) {
    setDrawBase(false);
    setExpanding(false);
    setUsesScrollButtons(false);
    setElideMode(Qt::ElideNone);
    setAttribute(Qt::WA_Hover);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
}

void TabStrip::setCount(int index, const QString& count) {
    setTabData(index, count);
    updateGeometry();
    update();
}

void TabStrip::setQuiet(bool quiet) {
    m_quiet = quiet;
    update();
}

QSize TabStrip::tabSizeHint(int index) const {
    double width = widthOf(sans(m_text, 600), tabText(index)) + 20;
    const QString count = tabData(index).toString();
    if (!count.isEmpty()) {
        width += paint::pillWidth(count, {.size = 10.5, .pad = 6}) + 6;
    }
    return {qCeil(width), m_height};
}

void TabStrip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    for (int i = 0; i < count(); ++i) {
        const QRectF r(tabRect(i));
        const bool on = i == currentIndex() && !m_quiet;
        const QColor ink = on || i == m_hover ? t.text : t.muted;
        double x = r.left() + 10;
        const double start = x;
        x += paint::mid(p, {x, r.center().y()}, tabText(i), sans(m_text, on ? 600 : 500), ink);
        if (const QString n = tabData(i).toString(); !n.isEmpty()) {
            x = paint::pill(p, {x + 6, r.center().y()}, n, {.size = 10.5, .height = 16, .pad = 6}).right();
        }
        if (on && count() > 1) {  // One alone is a title.
            paint::box(p, {start, r.bottom() - 2, x - start, 2}, t.accent, {}, 1);
        }
        if (on && showsFocus(*this)) {
            innerFocusRing(p, r.adjusted(3, 5, -3, -5), 5);
        }
    }
}

bool TabStrip::event(QEvent* event) {
    if (event->type() == QEvent::HoverMove || event->type() == QEvent::HoverLeave) {
        const int hover = event->type() == QEvent::HoverLeave
                              ? -1
                              : tabAt(static_cast<QHoverEvent*>(event)->position().toPoint());
        if (hover != m_hover) {
            m_hover = hover;
            update();
        }
    }
    if (repaintsOn(event->type())) {
        update();
    }
    return QTabBar::event(event);
}

// ---- Chip ----

Chip::Chip(const QString& label, QWidget* parent) : QAbstractButton(parent) {
    setText(label);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Chip::setIconName(const QString& icon) {
    m_icon = icon;
    updateGeometry();
    update();
}

void Chip::setNode(int number) {
    m_node = number;
    updateGeometry();
    update();
}

QSize Chip::sizeHint() const {
    const double mark = m_node > 0 ? 24 : 0;
    return {qCeil(18 + mark + widthOf(sans(12, 500), text()) + (m_icon.isEmpty() ? 0 : 20)), 28};
}

void Chip::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const Tokens& t = tokens();
    const bool off = isCheckable() && !isChecked();
    const bool on = isCheckable() && isChecked();
    paint::box(p, rect(), underMouse() ? t.hover : on ? t.selected : t.panel, on ? t.accent : off ? t.line : t.line_strong, 6);
    double x = 9;
    const double yc = height() / 2.0;
    if (m_node > 0) {
        paint::badge(p, {x + 8, yc}, 7.5, m_node, off);
        x += 22;
    }
    x += paint::mid(p, {x, yc}, text(), sans(12, 500), off ? t.muted : on ? t.accent : t.text) + 6;
    if (!m_icon.isEmpty()) {
        paint::icon(p, {x, yc - 7}, m_icon, 14, off ? t.faint : t.muted);
    }
    if (showsFocus(*this)) {
        innerFocusRing(p, rect(), 6);
    }
}

bool Chip::event(QEvent* event) {
    if (repaintsOn(event->type())) {
        update();
    }
    return QAbstractButton::event(event);
}

// ---- Choice ----

Choice::Choice(const QString& text, QWidget* parent) : QAbstractButton(parent) {
    setText(text);
    setCheckable(true);
    setAutoExclusive(true);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

int Choice::heightForWidth(int width) const {
    const QRectF needs = QFontMetricsF(sans(12.5, 600)).boundingRect(QRectF(0, 0, width - 26, 2000), Qt::TextWordWrap, text());
    return std::max(24, qCeil(needs.height()) + 8);
}

void Choice::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const QPointF mark(9, 12);
    p.setPen(QPen(isChecked() ? t.accent : t.line_control, 1.5));
    p.setBrush(underMouse() ? t.hover : t.panel);
    p.drawEllipse(mark, 6.5, 6.5);
    if (isChecked()) {
        p.setPen(Qt::NoPen);
        p.setBrush(t.accent);
        p.drawEllipse(mark, 3.3, 3.3);
    }
    p.setFont(sans(12.5, isChecked() ? 600 : 400));
    p.setPen(isEnabled() ? t.text : t.faint);
    p.drawText(QRectF(24, 4, width() - 26, height() - 4), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, text());
    if (showsFocus(*this)) {
        innerFocusRing(p, rect(), 5);
    }
}

bool Choice::event(QEvent* event) {
    if (repaintsOn(event->type())) {
        update();
    }
    return QAbstractButton::event(event);
}

}  // namespace app::shell
