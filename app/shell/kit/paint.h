#pragma once

#include <QPainter>
#include <QPainterPath>
#include <QString>

#include "app/shell/theme/fonts.h"
#include "app/shell/theme/theme.h"

namespace app::shell {

enum class NodeShape {
    Circle, Square, Triangle, Diamond, Hexagon, Wedge, Pentagon, Cross, Octagon, Capsule, Shield, Flag,
};
/// Shape carries the meaning, colour repeats it. Unknown: the node's own stream is silent.
enum class StateMark { Up, Suspect, Down, Joining, Leaving, Paused, Unknown };
enum class VerdictMark { Passed, Near, Failed, Waiting, Predicted, Now, Skipped };
enum class Align { Left, Centre, Right };

/// "Up, normal" and "UN": the words that go with a mark.
QString wordOf(StateMark mark);
QString codeOf(StateMark mark);
QColor colourOf(StateMark mark);

/// Drawing of the design language for painted views and for the kit's own widgets. All functions
/// take logical pixels, set what they need on the painter and leave it as it was; antialiasing is
/// theirs. Colours come from tokens().
namespace paint {

NodeShape shapeOf(int node);
QPainterPath shapePath(NodeShape shape, QPointF centre, double radius);

/// A node's own shape and colour with its number; hollow for "skipped", "down", "not here".
void badge(QPainter& p, QPointF centre, double radius, int node, bool hollow = false);
/// The same without identity: before the node is there.
void ghostBadge(QPainter& p, QPointF centre, double radius, int node);
void state(QPainter& p, QPointF centre, StateMark mark, double radius = 5);
void verdict(QPainter& p, QPointF centre, VerdictMark mark, double radius = 8, const QColor& ground = {});
void icon(QPainter& p, QPointF topLeft, const QString& name, double size, const QColor& colour);

/// Text with its baseline at `at`, or centred on at.y() for mid(). Returns its width.
double text(QPainter& p, QPointF at, const QString& s, const QFont& font, const QColor& colour,
            Align align = Align::Left);
double mid(QPainter& p, QPointF at, const QString& s, const QFont& font, const QColor& colour,
           Align align = Align::Left);
/// `s` cut to `width` with an ellipsis at the end or in the middle (uuids); never use it on numbers.
QString elided(const QString& s, const QFont& font, double width, Qt::TextElideMode mode = Qt::ElideRight);

/// A rectangle whose stroke lies inside it, on the pixel.
void box(QPainter& p, QRectF rect, const QColor& fill, const QColor& edge = {}, double radius = 0,
         double stroke = 1, Qt::PenStyle style = Qt::SolidLine);
void hline(QPainter& p, double x1, double x2, double y, const QColor& colour);
void vline(QPainter& p, double x, double y1, double y2, const QColor& colour);
/// 2 px, 2 px outside `rect`.
void focusRing(QPainter& p, QRectF rect, double radius = 6);
void progress(QPainter& p, QRectF rect, double part, const QColor& colour);

struct PillStyle {
    QColor ink = tokens().muted;
    QColor fill = tokens().sunken;
    QColor edge;
    double size = 11;
    double height = 20;
    double pad = 8;
    QString icon;
    bool mono = false;
    int weight = 500;
};
double pillWidth(const QString& label, const PillStyle& style);
/// `at` is the left, middle or right end of its centre line. Returns the rectangle it takes.
QRectF pill(QPainter& p, QPointF at, const QString& label, const PillStyle& style, Align align = Align::Left);

/// A message: filled head for a request, open head for a response.
void arrow(QPainter& p, QPointF from, QPointF to, const QColor& colour, double width = 1.5,
           bool response = false, double head = 8, const QVector<double>& dashes = {});
/// The dash pattern of a verb family (W R solid, M 7 4, H 2 4, G 1 5, P dash-dot, S 10 3, D 12 4), px.
QVector<double> verbDashes(const QString& family);
/// "W", "R", "M", "H", "G", "P", "S", "D".
QString verbLetter(const QString& family);
/// 45 degree hatch over what is not known or not alive.
QBrush hatch(const QColor& colour);

/// Clock angles: 0 at twelve, clockwise.
QPointF polar(QPointF centre, double radius, double degrees);

}  // namespace paint

}  // namespace app::shell
