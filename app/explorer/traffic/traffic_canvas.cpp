#include "app/explorer/traffic/traffic_canvas.h"

#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace app::explorer::traffic {

using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

TrafficCanvas::TrafficCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Waterfall and space-time of a request");
}

void TrafficCanvas::relayout(QSizeF size) {
    m_now = m_input();
    const double wanted = TrafficLayout::heightFor(*m_now.story, m_now.form, m_now.hidden);
    const int least = static_cast<int>(std::ceil(wanted * shell::theme().zoom()));
    if (minimumHeight() != least) {
        setMinimumHeight(least);
        updateGeometry();
    }
    m_size = QSizeF(size.width(), std::max(size.height(), wanted));
    m_layout = TrafficLayout::compute(*m_now.story, *m_now.nodes, m_now.form, m_now.hidden, m_size);
}

void TrafficCanvas::paintState(QPainter& p) {
    if (m_layout.ticks.empty()) {
        const QPointF at(m_size.width() / 2, std::min(m_size.height() / 2, 220.0));
        paintNotice(p, at, m_now.anyRequest ? "Choose a request on the left." : "No request yet.",
                    m_now.anyRequest ? "Here stands who answered when, and whose answers counted." : "Run one in the console.");
        return;
    }
    paintAxis(p);
    if (m_now.form != Form::SpaceTime) {
        paintGroups(p);
        for (const TrafficLayout::Row& row : m_layout.rows) {
            paintRow(p, row);
        }
        paintLegend(p);
    }
    if (m_now.form != Form::Waterfall) {
        paintLanes(p);
    }
    paintMarks(p);
    for (const TrafficLayout::Row& row : m_layout.rows) {
        if (row.disc >= 0) {
            paintDisc(p, {row.disc, row.y}, row.ordinal, row.late, row.digest);
        }
    }
    for (const TrafficLayout::Disc& disc : m_layout.discs) {
        paintDisc(p, disc.at, disc.ordinal, disc.late, disc.digest);
    }
    paintCursor(p);
}

void TrafficCanvas::paintAxis(QPainter& p) {
    const shell::Tokens& t = tokens();
    if (m_layout.answeredX >= 0) {
        QColor after = t.sunken;
        after.setAlphaF(.8f);
        p.fillRect(QRectF(m_layout.answeredX, m_layout.top - 8, m_layout.right - m_layout.answeredX, m_layout.bottom - m_layout.top + 14), after);
    }
    paint::mid(p, {16, m_layout.top - 22}, m_layout.unit + " since it came", sans(11.5), t.faint);
    const double end = m_now.form == Form::SpaceTime ? m_layout.bottom - 24 : m_layout.waterfallBottom - 24;
    for (const TrafficLayout::Tick& tick : m_layout.ticks) {
        paint::vline(p, tick.x, m_layout.top - 8, end, t.line);
        paint::mid(p, {tick.x, m_layout.top - 22}, tick.text, mono(11), t.faint, Align::Centre);
    }
}

void TrafficCanvas::paintMarks(QPainter& p) {
    const shell::Tokens& t = tokens();
    const bool both = m_now.form != Form::Waterfall;
    const double end = m_layout.bottom - 34, words = m_layout.bottom - 10;
    const auto line = [&](double x, const QColor& colour, double width) {
        p.setPen(QPen(colour, width));
        p.drawLine(QPointF(x, m_layout.top - 4), QPointF(x, both ? end : m_layout.waterfallBottom - 22));
    };
    const double y = both ? words : m_layout.waterfallBottom - 4;
    const bool crowded = m_layout.metX >= 0 && m_layout.metX - shell::widthOf(sans(11.5, 600), m_layout.metText) < m_layout.left - 100;
    if (m_layout.metX >= 0) {
        line(m_layout.metX, t.block, 2);
        if (!crowded) {
            paint::mid(p, {m_layout.metX - 7, y}, m_layout.metText, sans(11.5, 600), t.text, Align::Right);
        }
    }
    if (m_layout.mismatchX >= 0) {
        line(m_layout.mismatchX, t.repair, 1.5);
        paint::PillStyle style;
        style.ink = t.repair;
        style.fill = t.view;
        style.edge = t.repair;
        style.height = 18;
        paint::pill(p, {m_layout.mismatchX, m_layout.top + 2}, QString(QChar(0x2260)) + " mismatch", style, Align::Left);
    }
    if (m_layout.answeredX >= 0) {
        line(m_layout.answeredX, t.accent, 1.5);
        const bool fits = m_layout.answeredX + 7 + shell::widthOf(sans(11.5, 600), m_layout.answeredText) < m_layout.right;
        if (fits || crowded || m_layout.metX < 0) {
            paint::mid(p, {m_layout.answeredX + (fits ? 7 : -7), y}, m_layout.answeredText, sans(11.5, 600), t.accent, fits ? Align::Left : Align::Right);
        } else {
            paint::mid(p, {m_layout.answeredX - 7, y - 15}, m_layout.answeredText, sans(11.5, 600), t.accent, Align::Right);
        }
    }
}

// ---- waterfall ----

void TrafficCanvas::paintLabel(QPainter& p, double y, const std::string& node, const QString& note) {
    if (node.empty()) {
        const bool console = m_now.story->request && isOfConsole(*m_now.story->request);
        paint::icon(p, {28, y - 8}, console ? "console" : "user", 16, tokens().text);
        const double width = paint::mid(p, {54, y}, console ? "Console" : "Client", sans(12.5, 600), tokens().text);
        paint::mid(p, {54 + width + 8, y}, "client", sans(11.5), tokens().faint);
        return;
    }
    paint::badge(p, {36, y}, 9, numberIn(*m_now.nodes, node));
    const double width = paint::mid(p, {54, y}, labelIn(*m_now.nodes, node), sans(12.5, 600), tokens().text);
    paint::mid(p, {54 + width + 8, y}, note, sans(11.5), tokens().faint);
}

void TrafficCanvas::paintBar(QPainter& p, const TrafficLayout::Bar& bar, bool) {
    const shell::Tokens& t = tokens();
    using Paint = TrafficLayout::Paint;
    switch (bar.paint) {
    case Paint::Client: paint::box(p, bar.rect, {}, t.line_control, 2); break;
    case Paint::Coordinator: paint::box(p, bar.rect, t.paused, {}, 2); break;
    case Paint::Waiting:
        p.fillRect(bar.rect, paint::hatch(t.line_strong));
        paint::box(p, bar.rect, {}, t.line_strong, 2);
        break;
    case Paint::CommitLog: paint::box(p, bar.rect, t.write, {}, 2); break;
    case Paint::Memtable: paint::box(p, bar.rect.adjusted(1, 0, 0, 0), t.live, {}, 2); break;
    case Paint::Read: paint::box(p, bar.rect, t.read, {}, 2); break;
    }
    const bool worded = bar.paint == Paint::Client || bar.paint == Paint::Waiting;
    const double width = shell::widthOf(sans(11.5), bar.text);
    if (worded && width + 16 < bar.rect.width()) {
        if (bar.paint == Paint::Waiting) {
            paint::box(p, {bar.rect.center().x() - width / 2 - 6, bar.rect.top() + 1, width + 12, 14}, t.view, {}, 2);
        }
        paint::mid(p, bar.rect.center(), bar.text, sans(11.5), t.muted, Align::Centre);
    }
}

void TrafficCanvas::paintWire(QPainter& p, const TrafficLayout::Wire& wire) {
    const QColor colour = !wire.arrived ? tokens().down : wire.late ? tokens().late : tokens().verb(wire.verb);
    QPen pen(colour, 2, Qt::SolidLine, Qt::FlatCap);
    if (!wire.arrived) {
        pen.setDashPattern({1.5, 2});
    } else if (const auto dashes = paint::verbDashes(shell::verbFamily(wire.verb)); !dashes.isEmpty()) {
        pen.setDashPattern({dashes[0] / 2, dashes[1] / 2});
    }
    p.setPen(pen);
    p.drawLine(wire.from, wire.to);
    p.setPen(QPen(colour, 2));
    if (!wire.verb.endsWith("_RSP")) {
        p.drawLine(wire.from - QPointF(0, 5), wire.from + QPointF(0, 5));
    }
}

void TrafficCanvas::paintRow(QPainter& p, const TrafficLayout::Row& row) {
    paintLabel(p, row.y, row.node, row.note);
    for (const TrafficLayout::Wire& wire : row.wires) {
        paintWire(p, wire);
    }
    for (const TrafficLayout::Bar& bar : row.bars) {
        paintBar(p, bar, row.late);
    }
    if (row.word.isEmpty()) {
        return;
    }
    const shell::Tokens& t = tokens();
    const double width = shell::widthOf(sans(11.5, 600), row.word);
    double x = (row.disc >= 0 ? row.disc : m_layout.left) + 15;
    for (const double mark : {m_layout.mismatchX, m_layout.metX, m_layout.answeredX}) {
        if (mark > x - 8 && mark < x + width + 4) {
            x = std::max(x, mark + 10);  // Beside the verticals, not under them.
        }
    }
    const QColor ink = row.counted ? t.text : t.muted;
    if (row.isIdle) {
        paint::mid(p, {m_layout.left + 2, row.y}, row.word, sans(11.5), t.muted);
        return;
    }
    if (row.disc < 0) {
        const bool lost = row.word == "not received";
        const double end = lost || row.wires.empty() ? m_layout.right : row.wires.back().to.x() + 10 + width;
        paint::mid(p, {std::min(end, m_layout.right), lost ? row.y - 14 : row.y}, row.word, sans(11.5, 500), lost ? t.down : t.muted, Align::Right);
    } else if (x + width < m_layout.right) {
        paint::mid(p, {x, row.y}, row.word, sans(11.5, row.counted ? 600 : 500), ink);
    } else {
        double right = m_layout.right;  // Above the row, between two verticals that leave room for it.
        for (const double mark : {m_layout.answeredX, m_layout.metX, m_layout.mismatchX}) {
            if (mark > right - width - 4 && mark < right + 4) {
                right = mark - 6;
            }
        }
        paint::mid(p, {right, row.y - 15}, row.word, sans(11.5, 500), ink, Align::Right);
    }
}

void TrafficCanvas::paintGroups(QPainter& p) {
    for (const TrafficLayout::Group& group : m_layout.groups) {
        paint::box(p, group.bar, group.blocking ? tokens().block : tokens().line_strong, {}, 2);
        const double y = group.bar.top() + 10;
        const double width = paint::mid(p, {30, y}, group.title, sans(12, group.blocking ? 700 : 600), group.blocking ? tokens().text : tokens().muted);
        paint::mid(p, {30 + width + 10, y}, group.note, sans(11.5), tokens().muted);
    }
}

void TrafficCanvas::paintLegend(QPainter& p) {
    const shell::Tokens& t = tokens();
    const double y = m_layout.waterfallBottom - 14;
    if (m_now.form == Form::Waterfall && m_size.width() < 760) {
        return;
    }
    double x = 28;
    const auto entry = [&](const QColor& colour, const QString& text, bool line = false) {
        line ? p.fillRect(QRectF(x, y - 1, 18, 2), colour) : paint::box(p, {x, y - 5, 18, 10}, colour, {}, 2);
        x += 25;
        x += paint::mid(p, {x, y}, text, sans(11.5), t.muted) + 22;
    };
    const auto has = [this](TrafficLayout::Paint kind) {
        return std::any_of(m_layout.rows.begin(), m_layout.rows.end(), [&](const auto& row) {
            return std::any_of(row.bars.begin(), row.bars.end(), [&](const auto& bar) { return bar.paint == kind; });
        });
    };
    entry(t.paused, "parse, plan, answer");
    if (has(TrafficLayout::Paint::CommitLog)) {
        entry(t.write, "commit log");
    }
    if (has(TrafficLayout::Paint::Memtable)) {
        entry(t.live, "memtable");
    }
    if (has(TrafficLayout::Paint::Read)) {
        entry(t.read, "read");
    }
    entry(m_now.story->isWrite ? t.write : t.read, "network", true);
    if (m_layout.leftOut > 0) {
        paint::mid(p, {x, y}, QString("+%1 replicas").arg(m_layout.leftOut), sans(11.5, 600), t.muted);
    }
}

void TrafficCanvas::paintDisc(QPainter& p, QPointF at, const QString& ordinal, bool late, bool digest) {
    const shell::Tokens& t = tokens();
    const bool filled = !late && !digest;
    p.setPen(QPen(late ? t.late : t.block, 1.5));
    p.setBrush(filled ? t.block : t.view);
    p.drawEllipse(at, 9, 9);
    paint::mid(p, at, ordinal, sans(11, 700), filled ? t.on_block : late ? t.late : t.text, Align::Centre);
}

// ---- space-time ----

void TrafficCanvas::paintLanes(QPainter& p) {
    const shell::Tokens& t = tokens();
    if (m_now.form == Form::Both) {
        paint::hline(p, 0, m_size.width(), m_layout.laneTop - 4, t.line);
    }
    for (const TrafficLayout::Lane& lane : m_layout.lanes) {
        paintLabel(p, lane.y, lane.node, lane.note);
        p.setPen(QPen(t.line_strong, 1.5));
        p.drawLine(QPointF(m_layout.left - 10, lane.y), QPointF(m_layout.right, lane.y));
    }
    for (const TrafficLayout::Bar& work : m_layout.works) {
        const QColor colour = work.paint == TrafficLayout::Paint::Read ? t.read : t.write;
        paint::box(p, work.rect, t.view, colour, 3, 1.5);
        if (work.rect.width() > 30) {
            const bool above = !m_layout.lanes.empty() && work.rect.center().y() < m_layout.lanes.back().y - 1 &&
                               std::abs(work.rect.center().y() - m_layout.lanes[std::min<std::size_t>(1, m_layout.lanes.size() - 1)].y) < 1;
            paint::mid(p, {work.rect.left() + 4, work.rect.center().y() + (above ? -15 : 15)}, work.text, sans(11), t.muted);
        }
    }
    for (const TrafficLayout::Slant& slant : m_layout.slants) {
        paintSlant(p, slant);
    }
}

void TrafficCanvas::paintSlant(QPainter& p, const TrafficLayout::Slant& slant) {
    const shell::Tokens& t = tokens();
    const QColor colour = !slant.arrived ? t.down : slant.late ? t.late : t.byName(slant.family);
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    p.drawEllipse(slant.from, 3, 3);
    if (slant.arrived) {
        paint::arrow(p, slant.from, slant.to, colour, 1.6, slant.response, 8, paint::verbDashes(slant.family));
    } else {
        QPen pen(colour, 1.6);
        pen.setDashPattern({2, 2.5});
        p.setPen(pen);
        p.drawLine(slant.from, slant.to);
    }
    if (slant.labelled) {
        paint::mid(p, slant.labelAt, slant.verb, sans(11, 600), colour, slant.labelLeft ? Align::Right : Align::Left);
    }
}

/// One cursor crosses both pictures.
void TrafficCanvas::paintCursor(QPainter& p) {
    const double x = pointer().x();
    if (x < m_layout.left || x > m_layout.right || m_layout.scale <= 0) {
        return;
    }
    QPen pen(tokens().line_control, 1);
    pen.setDashPattern({3, 3});
    p.setPen(pen);
    p.drawLine(QPointF(std::floor(x) + .5, m_layout.top - 8), QPointF(std::floor(x) + .5, m_layout.bottom - 26));
    paint::PillStyle style;
    style.mono = true;
    style.fill = tokens().panel;
    style.edge = tokens().line_strong;
    style.height = 18;
    paint::pill(p, {x, m_layout.top - 22}, shell::millisText(static_cast<std::int64_t>((x - m_layout.left) / m_layout.scale)), style, Align::Centre);
}

void TrafficCanvas::mouseMoveEvent(QMouseEvent* event) {
    Canvas::mouseMoveEvent(event);
    update();
}

// ---- items ----

QString TrafficCanvas::tipOf(const Item& item) const {
    const RequestStory& story = *m_now.story;
    const auto since = [&story](std::int64_t nanos) { return nanos == 0 ? QString("not seen") : shell::millisText(nanos - story.begin); };
    if (item.kind == TrafficLayout::MessageItem) {
        const TrafficLayout::Slant& slant = m_layout.slants[static_cast<std::size_t>(item.index)];
        return slant.leg < 0 ? slant.verb + "\nThe client's own clock is not known"
                             : QString("%1\n%2").arg(slant.verb, slant.arrived ? "took " + shell::millisText(slant.took) : QString("not received"));
    }
    const TrafficLayout::Row& row = m_layout.rows[static_cast<std::size_t>(item.index)];
    if (row.isIdle) {
        return QString("%1: %2").arg(labelIn(*m_now.nodes, row.node), row.word);
    }
    if (row.leg < 0) {
        return row.node.empty() ? "The client " + (row.bars.empty() ? QString() : row.bars.front().text)
                                : QString("%1 coordinates: planned at %2, level met at %3, answered at %4")
                                      .arg(labelIn(*m_now.nodes, row.node), since(story.planned), since(story.met), since(story.answered));
    }
    const Leg& leg = story.legs[static_cast<std::size_t>(row.leg)];
    QStringList lines{QString("%1 (%2)").arg(labelIn(*m_now.nodes, leg.replica), row.note)};
    if (!leg.isLocal) {
        lines += QString("%1 sent at %2, there at %3").arg(QString::fromStdString(leg.verb), since(leg.sent), since(leg.arrived));
    }
    for (const auto& work : leg.work) {
        lines += QString("%1: %2").arg(QString::fromStdString(work.phase), shell::millisText(work.endNanos - work.startNanos));
    }
    if (leg.acked != 0) {
        lines += QString("answer at %1: %2").arg(since(leg.acked), row.word);
    }
    return lines.join('\n');
}

void TrafficCanvas::choose(const Item& item) {
    const std::string node = item.kind == TrafficLayout::MessageItem ? std::string() : m_layout.rows[static_cast<std::size_t>(item.index)].node;
    if (!node.empty()) {
        emit nodeChosen(QString::fromStdString(node));
    }
}

}  // namespace app::explorer::traffic
