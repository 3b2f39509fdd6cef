#pragma once

#include <QFrame>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <QWidget>

#include "app/shell/kit/paint.h"

namespace app::shell {

enum class Ink { Text, Muted, Faint, Accent, Pass, Near, Fail };
QColor colourOf(Ink ink);

/// A QLabel in the type scale whose ink follows the theme.
class Label : public QLabel {
    Q_OBJECT

public:
    explicit Label(const QString& text, double px = kTypeText, int weight = 400, Ink ink = Ink::Text,
                   QWidget* parent = nullptr);
    static Label* data(const QString& text, double px = 12, int weight = 400, Ink ink = Ink::Text);
    void setInk(Ink ink);

private:
    void colour();

    Ink m_ink;
};

/// One line that is cut with an ellipsis where it does not fit; the whole text is its tooltip.
class ElidedLabel : public Label {
    Q_OBJECT

public:
    explicit ElidedLabel(const QString& text, double px = kTypeText, int weight = 400, Ink ink = Ink::Text);
    QSize minimumSizeHint() const override { return {40, QLabel::minimumSizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// Text that wraps at the design's line height of 1.5; **bold** and `code` of Markdown are kept.
class Prose : public QLabel {
    Q_OBJECT

public:
    explicit Prose(const QString& markdown, double px = kTypeText, Ink ink = Ink::Text, QWidget* parent = nullptr);
    void setMarkdown(const QString& markdown);
    void setInk(Ink ink);

private:
    void render();

    QString m_markdown;
    double m_px;
    Ink m_ink;
};

/// A white sheet with a hairline and radius 8. With a title: title left, `headerRight()` right, a
/// hairline, then body().
class Card : public QFrame {
    Q_OBJECT

public:
    explicit Card(const QString& title = {}, QWidget* parent = nullptr);
    QVBoxLayout* body() { return m_body; }
    /// Set the card's own edge and ground; invalid colours mean line and panel.
    using Colours = std::pair<QColor, QColor> (*)();
    void setColours(Colours edgeAndGround, double stroke = 1);
    void setHeaderWidget(QWidget* right);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout* m_body;
    QHBoxLayout* m_header = nullptr;
    QWidget* m_head = nullptr;
    Colours m_colours = nullptr;
    double m_stroke = 1;
};

/// A hairline, horizontal or vertical.
class Hairline : public QWidget {
    Q_OBJECT

public:
    explicit Hairline(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// A plain surface in one token's colour with hairlines on chosen sides.
class Surface : public QWidget {
    Q_OBJECT

public:
    using Colour = QColor Tokens::*;
    explicit Surface(Colour ground, Qt::Edges lines = {}, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Colour m_ground;
    Qt::Edges m_lines;
};

/// "label was x now y": what a caption counts.
struct CaptionFact {
    QString label;
    QString was;  // Empty: only `now`.
    QString now;
};

/// One sentence in the present tense and up to three facts.
struct Caption {
    QString sentence;
    QList<CaptionFact> facts;
};

/// The 34 px line under every picture. Announces nothing by itself; its text is its accessible name.
class CaptionStrip : public QWidget {
    Q_OBJECT

public:
    explicit CaptionStrip(QWidget* parent = nullptr);
    void setCaption(const Caption& caption);
    const Caption& caption() const { return m_caption; }
    /// Presenter: larger text.
    void setLarge(bool large);
    QString plainText() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Caption m_caption;
    bool m_large = false;
};

/// Lets what lies under a scroll area show through it; call after setWidget().
void showThrough(QScrollArea& area);

/// "Nothing here" said with a sentence and at most one button.
class EmptyNote : public QWidget {
    Q_OBJECT

public:
    explicit EmptyNote(const QString& sentence, const QString& action = {}, QWidget* parent = nullptr);

signals:
    void actionChosen();
};

}  // namespace app::shell
