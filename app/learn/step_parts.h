#pragma once

#include <QFrame>
#include <QLabel>
#include <QVBoxLayout>
#include <QWidget>

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

/// wanted / you ran, one line; the deciding one is boxed.
class FactRow : public QWidget {
    Q_OBJECT

public:
    FactRow(const lab::Fact& fact, bool deciding);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    lab::Fact m_fact;
    bool m_deciding;
};

}  // namespace app::learn
