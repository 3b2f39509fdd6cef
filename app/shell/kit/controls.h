#pragma once

#include <QAbstractButton>
#include <QComboBox>
#include <QPushButton>
#include <QTabBar>

#include "app/shell/kit/paint.h"

namespace app::shell {

enum class ButtonKind { Primary, Default, Ghost, Quiet, Danger, Link };

/// A verb and its object. Height 28 by default (30 in labs, 42 to 46 at first launch).
class Button : public QPushButton {
    Q_OBJECT

public:
    explicit Button(const QString& label, ButtonKind kind = ButtonKind::Default, const QString& icon = {},
                    QWidget* parent = nullptr);
    void setKind(ButtonKind kind);
    void setIconName(const QString& name);
    /// The shortcut shown behind the label, "Ctrl Enter"; showing only.
    void setKeyHint(const QString& hint);
    void setSizes(double textPx, int height);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Look {
        QColor fill;
        QColor edge;
        QColor ink;
    };
    Look look() const;
    double inner() const;

    ButtonKind m_kind;
    QString m_icon;
    QString m_hint;
    double m_text = kTypeView;
    int m_height = 28;
};

/// An icon alone; always with a tooltip, which is its accessible name too.
class IconButton : public QAbstractButton {
    Q_OBJECT

public:
    IconButton(const QString& icon, const QString& toolTip, QWidget* parent = nullptr, int side = 28);
    void setIconName(const QString& icon);
    void setStrong(bool strong);  // Text ink instead of muted.
    QSize sizeHint() const override { return {m_side, m_side}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString m_icon;
    int m_side;
    bool m_strong = false;
};

/// A drop-down with its label inside the box: "Consistency QUORUM".
class FieldCombo : public QComboBox {
    Q_OBJECT

public:
    explicit FieldCombo(const QString& label, const QStringList& items = {}, QWidget* parent = nullptr);
    /// Ringed in amber: a setting that explains a surprise.
    void setMarked(bool marked);
    const QString& label() const { return m_label; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    QString m_label;
    bool m_marked = false;
};

/// Two to five choices side by side; arrows move, one is always chosen.
class SegmentedControl : public QWidget {
    Q_OBJECT

public:
    explicit SegmentedControl(const QStringList& items, QWidget* parent = nullptr);
    int current() const { return m_current; }
    void setCurrent(int index);
    QString textOf(int index) const { return m_items.value(index); }
    int count() const { return static_cast<int>(m_items.size()); }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void currentChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QRectF rectOf(int index) const;

    QStringList m_items;
    int m_current = 0;
};

/// Underlined tabs, as in the tab row of Explore and the docks. Text size and height are given.
class TabStrip : public QTabBar {
    Q_OBJECT

public:
    explicit TabStrip(int height = 40, double textPx = kTypeView, QWidget* parent = nullptr);
    /// A small count behind the label.
    void setCount(int index, const QString& count);
    /// No tab underlined: a folded dock.
    void setQuiet(bool quiet);
    QSize tabSizeHint(int index) const override;
    QSize minimumTabSizeHint(int index) const override { return tabSizeHint(index); }

protected:
    // QTabBar tells its layout about new tabs only once it is visible.
    void tabInserted(int) override { updateGeometry(); }
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    int m_height;
    double m_text;
    bool m_quiet = false;
    int m_hover = -1;
};

/// A small toggle with a badge or an icon: a filter, an eye.
class Chip : public QAbstractButton {
    Q_OBJECT

public:
    explicit Chip(const QString& label, QWidget* parent = nullptr);
    void setIconName(const QString& icon);
    void setNode(int number);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString m_icon;
    int m_node = 0;
};

/// One answer of several: a radio mark and text that wraps.
class Choice : public QAbstractButton {
    Q_OBJECT

public:
    explicit Choice(const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override { return {200, heightForWidth(200)}; }
    QSize minimumSizeHint() const override { return {120, 24}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
};

}  // namespace app::shell
