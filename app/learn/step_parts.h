#pragma once

#include <QFont>
#include <QFrame>
#include <QLabel>
#include <QRectF>
#include <QVBoxLayout>
#include <QWidget>

#include <array>

#include "app/shell/kit.h"
#include "labs/lab.h"

namespace app::learn {

inline QString text(const std::string& s) { return QString::fromStdString(s); }

/// A rounded ground in a tint of the theme.
class Tint : public QWidget {
    Q_OBJECT

public:
    using Colour = QColor shell::Tokens::*;
    Tint(Colour fill, Colour edge) : m_fill(fill), m_edge(edge) {}

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Colour m_fill;
    Colour m_edge;  // Null: none.
};

/// Code in its colours, in a sunken box.
class CodeBox : public QFrame {
    Q_OBJECT

public:
    explicit CodeBox(const QString& cql);
    QVBoxLayout& column() { return *m_column; }

private:
    void showCode();

    QString m_cql;
    QVBoxLayout* m_column;
    QLabel* m_code;
};

/// wanted / you ran, side by side, each in as many lines as it needs; the deciding one is boxed.
class FactRow : public QWidget {
    Q_OBJECT

public:
    FactRow(const lab::Fact& fact, bool deciding);

    QSize sizeHint() const override { return {200, heightForWidth(350)}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Cell {
        QString words;
        QFont font;
        QRectF room;
    };
    std::array<Cell, 3> cells(int width, int height) const;  // What, wanted, got.

    lab::Fact m_fact;
    bool m_deciding;
};

}  // namespace app::learn
