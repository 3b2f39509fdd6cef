#pragma once

#include <QWidget>

#include <vector>

#include "app/shell/kit.h"

namespace app::console {

/// The strip under a result that repeats how it was run. A part that explains a surprise is amber, a link is in the
/// accent and may be clicked, or with the focus reached by the arrows and taken by Enter. What does not fit goes into a
/// further line: nothing is left out.
class FooterStrip : public QWidget {
    Q_OBJECT

public:
    struct Part {
        QString text;
        shell::Ink ink = shell::Ink::Text;
        QString link;  // Not empty: chosen() tells it.
        QString toolTip;
    };
    explicit FooterStrip(QWidget* parent = nullptr);
    void setParts(std::vector<Part> parts);
    QString plainText() const;

signals:
    void chosen(const QString& link);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    void place();
    /// The next link in a direction from `m_link`, which stays where there is none.
    void moveLink(int step);
    const Part* partAt(const QPointF& at) const;

    std::vector<Part> m_parts;
    std::vector<QRectF> m_rects;
    int m_link = -1;  // The part the keyboard is at.
};

}  // namespace app::console
