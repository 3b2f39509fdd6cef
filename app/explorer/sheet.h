#pragma once

#include <functional>
#include <vector>

#include "app/explorer/canvas.h"

namespace app::explorer {

/// Text with marks in lines: how side panels and the Inspector's pages are told. `x` below zero
/// counts from the right edge. Plain values, made by pure functions of the state.
namespace sheet {

using Colour = QColor shell::Tokens::*;

struct Span {
    QString text;
    double x = 16;
    Colour ink = &shell::Tokens::text;
    double px = 12.5;
    int weight = 400;
    bool mono = false;
    shell::Align align = shell::Align::Left;
    double fit = 0;  // Elided to this width; 0: never.
};

struct Mark {
    enum class Kind { Badge, HollowBadge, State, Bar, Pill, Icon, Dot, Disc, HollowDisc, VLine, Heat };
    Kind kind = Kind::Badge;
    double x = 27;
    int node = 0;            // Badge; the state's StateMark.
    double size = 9;         // Radius, or width of a bar.
    Colour colour = nullptr; // Bar, dot, icon, pill's ink.
    Colour ground = nullptr; // Pill's.
    QString text;            // Pill's, disc's, icon's name.
};

/// A line of the sheet. One with a `kind` is an item that can be chosen.
struct Line {
    double height = 24;
    std::vector<Span> spans;
    std::vector<Mark> marks;
    Colour fill = nullptr;
    bool rule = false;      // A hairline through its middle.
    int kind = 0;
    int index = 0;
    bool isButton = false;
    bool isSelected = false;
    QString tip;
};
using Lines = std::vector<Line>;

Line gap(double height);
Line rule(double height = 17);
Line heading(const QString& text, const QString& note = {});
/// A label and what it is: "Consistency   QUORUM, 2 of 3".
Line fact(const QString& label, const QString& value, double valueX, bool mono = false,
          Colour ink = &shell::Tokens::text);
/// `text` wrapped to `width`, a line each.
void paragraph(Lines& out, const QString& text, double width, Colour ink = &shell::Tokens::muted,
               double px = 12.5, double x = 16);
/// CQL in a sunken box, coloured by the console's classes of words.
void code(Lines& out, const QString& cql, double width, int linesMax = 6);
Line button(const QString& label, const QString& icon, int kind, int index = 0);

double heightOf(const Lines& lines);
/// What a screen reader says of a line.
QString textOf(const Line& line);

}  // namespace sheet

/// Paints a sheet; grows to its height, so it stands in a scroll area. Its source is asked at every
/// refresh.
class SheetView : public Canvas {
    Q_OBJECT

public:
    using Source = std::function<sheet::Lines(double width)>;
    explicit SheetView(Source source, QWidget* parent = nullptr);

    const std::vector<Item>& items() const override { return m_items; }
    QString tipOf(const Item& item) const override;
    QString tooltipOf(const Item& item) const override;
    const sheet::Lines& lines() const { return m_lines; }
    QSize sizeHint() const override;

signals:
    void chosen(int kind, int index);
    void opened(int kind, int index);

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    bool dimsOnHover() const override { return false; }
    QColor ground() const override { return shell::tokens().panel; }
    void choose(const Item& item) override;
    void open(const Item& item) override;

private:
    void paintLine(QPainter& painter, const sheet::Line& line, double top) const;

    Source m_source;
    sheet::Lines m_lines;
    std::vector<Item> m_items;
    double m_width = 0;
};

}  // namespace app::explorer
