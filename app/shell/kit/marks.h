#pragma once

#include <QWidget>

#include "app/shell/kit/paint.h"

namespace app::shell {

/// A node's badge as a widget.
class Badge : public QWidget {
    Q_OBJECT

public:
    explicit Badge(int node, double radius = 9, QWidget* parent = nullptr);
    void setNode(int node);
    void setHollow(bool hollow);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_node;
    double m_radius;
    bool m_hollow = false;
};

/// The mark of a node's state; its word is the accessible name and tooltip.
class StateLabel : public QWidget {
    Q_OBJECT

public:
    explicit StateLabel(StateMark mark, double radius = 4.5, QWidget* parent = nullptr);
    void setMark(StateMark mark);
    StateMark mark() const { return m_mark; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    StateMark m_mark;
    double m_radius;
};

/// The mark of a verdict.
class VerdictLabel : public QWidget {
    Q_OBJECT

public:
    explicit VerdictLabel(VerdictMark mark, double radius = 8, QWidget* parent = nullptr);
    void setMark(VerdictMark mark);
    VerdictMark mark() const { return m_mark; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    VerdictMark m_mark;
    double m_radius;
};

/// A tinted icon that stands by itself beside text.
class IconLabel : public QWidget {
    Q_OBJECT

public:
    using Colour = QColor Tokens::*;
    IconLabel(const QString& name, double size, Colour colour = &Tokens::muted, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_name;
    double m_size;
    Colour m_colour;
};

/// A pill: "same as 5.0", "looking changes nothing".
class Pill : public QWidget {
    Q_OBJECT

public:
    using Colour = QColor Tokens::*;
    Pill(const QString& text, Colour ink = &Tokens::muted, Colour fill = &Tokens::sunken, QWidget* parent = nullptr);
    void setText(const QString& text);
    void setColours(Colour ink, Colour fill);
    void setEdge(Colour edge);
    void setIconName(const QString& icon);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    paint::PillStyle style() const;

    QString m_text;
    QString m_icon;
    Colour m_ink;
    Colour m_fill;
    Colour m_edge = nullptr;
};

}  // namespace app::shell
