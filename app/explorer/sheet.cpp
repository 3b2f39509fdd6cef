#include "app/explorer/sheet.h"

#include <QRegularExpression>

namespace app::explorer {

using shell::Align;
using shell::Tokens;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace sheet {

Line gap(double height) { return {.height = height}; }

Line rule(double height) { return {.height = height, .rule = true}; }

Line heading(const QString& text, const QString& note) {
    Line line{.height = 28, .spans = {{.text = text, .px = 13.5, .weight = 600}}};
    if (!note.isEmpty()) {
        line.spans.push_back({.text = note, .x = -16, .ink = &Tokens::faint, .px = 11.5, .align = Align::Right});
    }
    return line;
}

Line fact(const QString& label, const QString& value, double valueX, bool isMono, Colour ink) {
    return {.spans = {{.text = label, .ink = &Tokens::muted},
                      {.text = value, .x = valueX, .ink = ink, .px = isMono ? 12.0 : 12.5, .mono = isMono}}};
}

void paragraph(Lines& out, const QString& text, double width, Colour ink, double px, double x) {
    const QFont font = sans(px);
    const QFontMetricsF metrics(font);
    QString line;
    const auto flush = [&] {
        out.push_back({.height = 19, .spans = {{.text = line, .x = x, .ink = ink, .px = px}}});
        line.clear();
    };
    for (const QString& word : text.split(' ', Qt::SkipEmptyParts)) {
        if (!line.isEmpty() && metrics.horizontalAdvance(line + ' ' + word) > width - x - 16) {
            flush();
        }
        line += line.isEmpty() ? word : ' ' + word;
    }
    if (!line.isEmpty()) {
        flush();
    }
}

namespace {

Colour classOf(const QString& word) {
    static const QRegularExpression keyword(
        "^(SELECT|INSERT|INTO|UPDATE|DELETE|FROM|WHERE|VALUES|SET|AND|IN|LIMIT|ORDER|BY|USING|TTL|TIMESTAMP|IF|NOT|"
        "EXISTS|BEGIN|BATCH|APPLY|UNLOGGED|LOGGED|CREATE|ALTER|DROP|TABLE|KEYSPACE|ALLOW|FILTERING|PER|PARTITION|"
        "DISTINCT|JSON|AS|GROUP|TRUNCATE)$",
        QRegularExpression::CaseInsensitiveOption);
    if (word.startsWith('\'')) {
        return &Tokens::str;
    }
    if (word.at(0).isDigit()) {
        return &Tokens::num;
    }
    return keyword.match(word).hasMatch() ? &Tokens::kw : &Tokens::text;
}

}  // namespace

void code(Lines& out, const QString& cql, double width, int linesMax) {
    static const QRegularExpression words("'(?:[^']|'')*'?|\\w+|\\s+|.");
    const QFont font = mono(12);
    const double left = 28, right = width - 28;
    Line line{.height = 20, .fill = &Tokens::sunken};
    double x = left;
    int lines = 1;
    out.push_back({.height = 8, .fill = &Tokens::sunken});
    auto at = words.globalMatch(cql.trimmed());
    while (at.hasNext()) {
        const QString word = at.next().captured();
        const bool space = word.trimmed().isEmpty();
        const QString text = space ? QString(" ") : word;
        const double advance = shell::widthOf(font, text);
        if (x + advance > right && x > left) {
            if (lines == linesMax) {
                line.spans.push_back({.text = QString(QChar(0x2026)), .x = x, .px = 12, .mono = true});
                break;
            }
            out.push_back(std::exchange(line, Line{.height = 20, .fill = &Tokens::sunken}));
            x = left;
            ++lines;
        }
        if (!space) {
            line.spans.push_back({.text = text, .x = x, .ink = classOf(text), .px = 12, .mono = true,
                                  .fit = right - left});
        }
        if (!space || x > left) {
            x += advance;
        }
    }
    out.push_back(std::move(line));
    out.push_back({.height = 8, .fill = &Tokens::sunken});
}

Line button(const QString& label, const QString& icon, int kind, int index) {
    Line line{.height = 36, .kind = kind, .index = index, .isButton = true, .tip = label};
    line.marks.push_back({.kind = Mark::Kind::Icon, .x = 28, .size = 14, .colour = &Tokens::text, .text = icon});
    line.spans.push_back({.text = label, .x = 50, .weight = 500});
    return line;
}

double heightOf(const Lines& lines) {
    double height = 0;
    for (const Line& line : lines) {
        height += line.height;
    }
    return height;
}

QString textOf(const Line& line) {
    QStringList parts;
    for (const Mark& mark : line.marks) {
        if (mark.kind == Mark::Kind::Pill) {
            parts += mark.text;
        }
    }
    for (const Span& span : line.spans) {
        parts += span.text;
    }
    return parts.join(' ');
}

}  // namespace sheet

using sheet::Line;
using sheet::Mark;
using sheet::Span;

SheetView::SheetView(Source source, QWidget* parent) : Canvas(parent), m_source(std::move(source)) {
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    setSizePolicy(policy);
}

QSize SheetView::sizeHint() const {
    return {320, static_cast<int>(std::ceil(sheet::heightOf(m_lines) * shell::theme().zoom()))};
}

void SheetView::relayout(QSizeF size) {
    const double before = sheet::heightOf(m_lines);
    m_width = size.width();
    m_lines = m_source(m_width);
    m_items.clear();
    double top = 0;
    int row = 0;
    for (const Line& line : m_lines) {
        if (line.kind != 0) {
            const double right = line.isButton ? 40 + shell::widthOf(sans(12.5, 500), line.spans[0].text) + 22 : m_width - 8;
            m_items.push_back({Shape::rect({line.isButton ? 16.0 : 8.0, top + (line.isButton ? 4 : 1), right - (line.isButton ? 16 : 8),
                                            line.height - (line.isButton ? 8 : 2)}, line.isButton ? 6 : 4),
                               line.kind, line.index, row});
        }
        top += line.height;
        ++row;
    }
    if (sheet::heightOf(m_lines) != before) {
        setMinimumHeight(sizeHint().height());
        updateGeometry();
    }
}

QString SheetView::tipOf(const Item& item) const {
    const Line& line = m_lines[static_cast<std::size_t>(item.row)];
    return line.tip.isEmpty() ? sheet::textOf(line) : line.tip;
}

QString SheetView::tooltipOf(const Item& item) const {
    const Line& line = m_lines[static_cast<std::size_t>(item.row)];
    return line.isButton ? QString() : line.tip;
}

void SheetView::choose(const Item& item) { emit chosen(item.kind, item.index); }

void SheetView::open(const Item& item) { emit opened(item.kind, item.index); }

namespace {

void paintMark(QPainter& p, const Mark& mark, QPointF at) {
    const shell::Tokens& t = tokens();
    const QColor colour = mark.colour != nullptr ? t.*mark.colour : t.text;
    switch (mark.kind) {
    case Mark::Kind::Badge: paint::badge(p, at, mark.size, mark.node); break;
    case Mark::Kind::HollowBadge: paint::badge(p, at, mark.size, mark.node, true); break;
    case Mark::Kind::State: paint::state(p, at, static_cast<shell::StateMark>(mark.node), mark.size); break;
    case Mark::Kind::Bar: paint::box(p, {at.x(), at.y() - 4, mark.size, 8}, colour, {}, 2); break;
    case Mark::Kind::Icon: paint::icon(p, {at.x() - mark.size / 2, at.y() - mark.size / 2}, mark.text, mark.size, colour); break;
    case Mark::Kind::VLine: paint::box(p, {at.x() - .75, at.y() - mark.size, 1.5, 2 * mark.size}, colour); break;
    case Mark::Kind::Heat: paint::box(p, {at.x(), at.y() - 6, mark.size, 12}, t.heat[static_cast<std::size_t>(mark.node)]); break;
    case Mark::Kind::Dot:
        p.setPen(QPen(colour, 1.8));
        p.setBrush(t.panel);
        p.drawEllipse(at, mark.size, mark.size);
        break;
    case Mark::Kind::Disc:
    case Mark::Kind::HollowDisc: {
        const bool hollow = mark.kind == Mark::Kind::HollowDisc;
        p.setPen(QPen(hollow ? t.late : t.block, 1.5));
        p.setBrush(hollow ? t.panel : t.block);
        p.drawEllipse(at, mark.size, mark.size);
        paint::mid(p, at, mark.text, sans(11, 700), hollow ? t.late : t.on_block, Align::Centre);
        break;
    }
    case Mark::Kind::Pill: {
        paint::PillStyle style;
        style.ink = colour;
        style.fill = mark.ground != nullptr ? t.*mark.ground : t.sunken;
        style.height = 19;
        paint::pill(p, at, mark.text, style, Align::Right);
        break;
    }
    }
}

}  // namespace

void SheetView::paintLine(QPainter& p, const Line& line, double top) const {
    const shell::Tokens& t = tokens();
    const double yc = top + line.height / 2;
    if (line.fill != nullptr) {
        p.fillRect(QRectF(16, top, m_width - 32, line.height), t.*line.fill);
    }
    if (line.isSelected) {
        paint::box(p, {8, top + 1, m_width - 16, line.height - 2}, t.selected, {}, 4);
    }
    if (line.isButton) {
        const double right = 40 + shell::widthOf(sans(12.5, 500), line.spans[0].text) + 22;
        paint::box(p, {16, top + 4, right - 16, line.height - 8}, t.panel, t.line_strong, 6);
    }
    if (line.rule) {
        paint::hline(p, 0, m_width, yc, t.line);
    }
    for (const Mark& mark : line.marks) {
        p.save();
        paintMark(p, mark, {mark.x < 0 ? m_width + mark.x : mark.x, yc});
        p.restore();
    }
    for (const Span& span : line.spans) {
        const QFont font = span.mono ? mono(span.px, span.weight) : sans(span.px, span.weight);
        const QString text = span.fit > 0 ? paint::elided(span.text, font, span.fit, Qt::ElideMiddle) : span.text;
        paint::mid(p, {span.x < 0 ? m_width + span.x : span.x, yc}, text, font, t.*span.ink, span.align);
    }
}

void SheetView::paintState(QPainter& painter) {
    double top = 0;
    for (const Line& line : m_lines) {
        if (top + line.height >= exposed().top() && top <= exposed().bottom()) {
            paintLine(painter, line, top);
        }
        top += line.height;
    }
}

}  // namespace app::explorer
