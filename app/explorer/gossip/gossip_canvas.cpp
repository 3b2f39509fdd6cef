#include "app/explorer/gossip/gossip_canvas.h"

#include <algorithm>
#include <cmath>

namespace app::explorer::gossip {

using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {

QPen dashed(const QColor& colour, double width, double on, double off) {
    QPen pen(colour, width, Qt::SolidLine, Qt::FlatCap);
    pen.setDashPattern({on / width, off / width});
    return pen;
}

QString minusSeconds(double seconds) {
    return (seconds < 0 ? QString(QChar(0x2212)) : QString("+")) + QString::number(std::abs(seconds), 'f', 0) + " s";
}

/// Ink that reads on a heat step in every theme.
QColor inkOn(const QColor& heat) {
    const double luminance = .2126 * heat.redF() + .7152 * heat.greenF() + .0722 * heat.blueF();
    const auto& t = tokens();
    const bool textIsDark = t.text.lightnessF() < .5f;
    const bool wantsDark = luminance > .42;
    return wantsDark == textIsDark ? t.text : textIsDark ? t.panel : t.on_node;
}

}  // namespace

GossipCanvas::GossipCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Gossip: what each node knows of each");
}

void GossipCanvas::relayout(QSizeF size) {
    m_now = m_input();
    m_layout = GossipLayout::compute(*m_now.state, *m_now.nodes, m_now.subject, m_now.now, m_now.form, *m_now.log, size);
}

void GossipCanvas::paintState(QPainter& p) {
    if (m_layout.isEmpty) {
        paintNotice(p, "Gossip needs two nodes.", "Start a cluster to see what each knows of the others.");
        return;
    }
    if (!m_layout.heat.cells.empty()) {
        paintHeat(p);
    }
    if (!m_layout.rounds.lanes.empty()) {
        paintRounds(p);
    }
    if (!m_layout.spread.card.isEmpty()) {
        paintSpread(p);
    }
    if (!m_layout.phi.card.isEmpty()) {
        paintPhi(p);
    }
}

void GossipCanvas::paintCard(QPainter& p, const QRectF& card, const QString& title, const QString& note) {
    paint::box(p, card, tokens().panel, tokens().line, 8);
    const double width = paint::text(p, {card.left() + 16, card.top() + 27}, title, sans(13.5, 600), tokens().text);
    if (!note.isEmpty() && width + shell::widthOf(sans(12), note) + 60 < card.width()) {
        paint::text(p, {card.left() + 16 + width + 12, card.top() + 27}, note, sans(12), tokens().muted);
    }
    paint::hline(p, card.left() + 1, card.right() - 1, card.top() + 43, tokens().line);
}

// ---- heat map ----

void GossipCanvas::paintScale(QPainter& p) {
    const QRectF card = m_layout.heat.card;
    double x = card.right() - 16;
    x -= paint::mid(p, {x, card.top() + 22}, "18 s", sans(11), tokens().faint, Align::Right) + 8;
    for (int step = 5; step >= 0; --step) {
        x -= 20;
        p.fillRect(QRectF(x, card.top() + 16, 20, 12), tokens().heat[static_cast<std::size_t>(step)]);
    }
    if (card.width() > 440) {
        paint::mid(p, {x - 8, card.top() + 22}, "news is 0 s old", sans(11), tokens().faint, Align::Right);
    }
}

void GossipCanvas::paintHeat(QPainter& p) {
    const HeatMap& heat = m_layout.heat;
    const shell::Tokens& t = tokens();
    paintCard(p, heat.card, "What each node knows of each");
    paintScale(p);
    const std::size_t count = heat.numbers.size();
    const bool words = heat.detail == HeatMap::Detail::Lines;
    for (std::size_t i = 0; i < count; ++i) {
        const QRectF column = heat.cells[i].rect, row = heat.cells[i * count].rect;
        const double top = heat.grid.top() - 18, middle = row.center().y();
        double x = column.left() + (words ? 24 : column.width() / 2);
        if (words) {
            x += paint::mid(p, {x, top}, "about", sans(12), t.muted) + 16;
            paint::mid(p, {x + 16, top}, QString("n%1").arg(heat.numbers[i]), sans(12.5, 600), t.text);
        }
        const double radius = std::min({words ? 9.0 : 8.0, column.width() * .45, row.height() * .45});
        if (radius >= 4) {
            paint::badge(p, {x, top}, radius, heat.numbers[i]);
            paint::badge(p, {heat.card.left() + 30, middle}, std::min(words ? 10.0 : 8.0, radius + 1), heat.numbers[i]);
        }
        if (words) {
            paint::mid(p, {heat.card.left() + 48, middle}, QString("n%1").arg(heat.numbers[i]), sans(12.5, 600), t.text);
            paint::mid(p, {heat.card.left() + 72, middle}, "knows", sans(12), t.muted);
        }
    }
    for (const HeatMap::Cell& cell : heat.cells) {
        paintCell(p, cell);
    }
}

void GossipCanvas::paintCell(QPainter& p, const HeatMap::Cell& cell) {
    const shell::Tokens& t = tokens();
    const Known& known = cell.known;
    const QPointF at = cell.rect.topLeft() + QPointF(14, 0);
    const bool words = m_layout.heat.detail == HeatMap::Detail::Lines;
    if (known.isItself) {
        paint::box(p, cell.rect, t.panel, t.line_strong, 4, 1, Qt::DashLine);
        if (words) {
            const double y = cell.rect.center().y();
            paint::mid(p, {at.x(), y - 12}, "itself", sans(12.5), t.muted);
            paint::mid(p, {at.x(), y + 12}, QString("version %1").arg(known.version), mono(12.5), t.muted);
        }
        return;
    }
    if (!known.isTold) {
        paint::box(p, cell.rect, t.sunken, t.line, 4);
        if (words) {
            paint::mid(p, cell.rect.center(), "nothing told yet", sans(12), t.faint, Align::Centre);
        }
        return;
    }
    const QColor heat = t.heat[static_cast<std::size_t>(heatStep(known.ageSeconds))];
    const QColor ink = inkOn(heat);
    paint::box(p, cell.rect, heat, {}, m_layout.heat.detail == HeatMap::Detail::Colour ? 1 : 4);
    if (known.observerSilent) {
        QColor lines = ink;
        lines.setAlphaF(.22f);
        p.fillRect(cell.rect, paint::hatch(lines));
    }
    const QString age = shell::millisText(static_cast<std::int64_t>(std::max(known.ageSeconds, 0.0) * 10 + .5) * 100'000'000);
    const QString shortAge = known.ageSeconds < 60 ? QString::number(known.ageSeconds, 'f', 1) + " s" : age;
    if (words) {
        const double y = cell.rect.center().y();
        paint::mid(p, {at.x(), y - 19}, shortAge, mono(18, 700), ink);
        paint::mid(p, {at.x(), y + 4}, QString("version %1").arg(known.version) + (known.behind > 0 ? QString(", %1 behind").arg(known.behind) : QString()), sans(12), ink);
        const QString judged = known.observerSilent ? QString("its own view is unknown now")
                               : !known.alive       ? QString("phi %1, judged down").arg(known.phi, 0, 'f', known.phi > 99 ? 0 : 1)
                                                    : QString("phi %1").arg(known.phi, 0, 'f', known.phi > 1 ? 2 : 1);
        paint::mid(p, {at.x(), y + 22}, paint::elided(judged, sans(12), cell.rect.width() - 20), sans(12), ink);
    } else if (m_layout.heat.detail == HeatMap::Detail::Age) {
        paint::mid(p, cell.rect.center(), known.ageSeconds < 100 ? QString::number(known.ageSeconds, 'f', 1) : QString::number(known.ageSeconds, 'f', 0), mono(11, 600), ink, Align::Centre);
    }
    if (!known.alive && !words) {
        paint::state(p, cell.rect.topRight() + QPointF(-7, 7), shell::StateMark::Down, 4);
    }
}

// ---- rounds ----

void GossipCanvas::paintRounds(QPainter& p) {
    const Rounds& rounds = m_layout.rounds;
    const shell::Tokens& t = tokens();
    paintCard(p, rounds.card, "Who called whom");
    paint::text(p, {rounds.card.right() - 16, rounds.card.top() + 27}, "last 8 s, one round a second", sans(11.5), t.faint, Align::Right);
    const bool roomy = rounds.lanes.size() <= 24;
    for (const Rounds::Lane& lane : rounds.lanes) {
        if (roomy) {
            const double step = rounds.plot.height() / static_cast<double>(rounds.lanes.size());
            paint::badge(p, {rounds.card.left() + 30, lane.y}, std::min(9.0, step * .4), lane.node);
            paint::mid(p, {rounds.card.left() + 46, lane.y}, QString("n%1").arg(lane.node), sans(std::min(12.5, step * .8), 600), t.text);
        }
        p.setPen(lane.silent ? dashed(t.line_strong, 1.5, 4, 4) : QPen(t.line_strong, 1.5));
        p.drawLine(QPointF(rounds.plot.left(), lane.y), QPointF(rounds.plot.right(), lane.y));
    }
    for (const Rounds::Call& call : rounds.calls) {
        paintCall(p, call);
    }
    for (const Rounds::Lane& lane : rounds.lanes) {
        if (lane.silent && roomy) {
            paint::PillStyle style;
            style.ink = t.paused;
            style.fill = t.panel;
            style.edge = t.paused;
            style.height = 18;
            style.icon = lane.word == "paused" ? "pause" : "stop";
            paint::pill(p, {rounds.plot.center().x(), lane.y}, lane.word, style, Align::Centre);
        }
    }
    for (int second = 0; second <= 8; second += 2) {
        const double x = rounds.plot.left() + rounds.plot.width() * second / 8;
        paint::mid(p, {x, rounds.card.bottom() - 58}, second == 8 ? QString("now") : minusSeconds(second - 8), mono(11), t.faint, second == 8 ? Align::Right : Align::Centre);
    }
    const double y = rounds.card.bottom() - 26;
    double x = rounds.card.left() + 16;
    p.setPen(QPen(t.gossip, 1.5));
    p.drawLine(QPointF(x, y), QPointF(x + 22, y));
    p.setBrush(t.gossip);
    p.drawEllipse(QPointF(x, y), 2.5, 2.5);
    x += 30 + paint::mid(p, {x + 30, y}, "SYN and ACK came through", sans(11.5), t.muted) + 24;
    const QString without = "SYN without ACK";
    if (x + 30 + shell::widthOf(sans(11.5), without) < rounds.card.right() - 8) {
        p.setPen(dashed(t.down, 1.5, 3, 3));
        p.drawLine(QPointF(x, y), QPointF(x + 22, y));
        paint::mid(p, {x + 30, y}, without, sans(11.5), t.muted);
    }
}

void GossipCanvas::paintCall(QPainter& p, const Rounds::Call& call) {
    const shell::Tokens& t = tokens();
    const double way = call.toY > call.fromY ? 1 : -1;
    const bool failed = !call.answered && !call.pending;
    const QColor colour = failed ? t.down : t.gossip;
    const double end = failed ? call.toY - way * 22 : call.toY - way * 1;
    p.setPen(failed ? dashed(colour, 1.5, 3, 3) : call.pending ? dashed(colour, 1.5, 1, 4) : QPen(colour, 1.5));
    p.drawLine(QPointF(call.x, call.fromY), QPointF(call.x, end));
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    p.drawEllipse(QPointF(call.x, call.fromY), 3, 3);
    if (failed) {
        const QPointF at(call.x, call.toY - way * 17);
        p.setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap));
        p.drawLine(at + QPointF(-4, -4), at + QPointF(4, 4));
        p.drawLine(at + QPointF(-4, 4), at + QPointF(4, -4));
    } else {
        p.drawPolygon(QPolygonF({{call.x - 3.5, call.toY - way * 8}, {call.x + 3.5, call.toY - way * 8}, {call.x, call.toY - way * 1}}));
    }
}

// ---- phi ----

void GossipCanvas::paintPhiGround(QPainter& p) {
    const PhiChart& chart = m_layout.phi;
    const shell::Tokens& t = tokens();
    QColor ahead = t.sunken, band = t.near_tint;
    ahead.setAlphaF(.6f);
    band.setAlphaF(.75f);
    p.fillRect(QRectF(chart.xOf(0), chart.plot.top(), chart.plot.right() - chart.xOf(0), chart.plot.height()), ahead);
    p.fillRect(QRectF(chart.plot.left(), chart.yOf(chart.threshold), chart.plot.width(), chart.yOf(chart.threshold / 2) - chart.yOf(chart.threshold)), band);
    const double step = chart.top / 5;
    for (double phi = 0; phi <= chart.top + .01; phi += step) {
        paint::hline(p, chart.plot.left(), chart.plot.right(), chart.yOf(phi), t.line);
        paint::mid(p, {chart.plot.left() - 10, chart.yOf(phi)}, QString::number(phi, 'f', 0), mono(11), t.faint, Align::Right);
    }
    for (int second = -30; second < 15; second += 5) {
        const bool now = second == 0;
        paint::mid(p, {chart.xOf(second), chart.plot.bottom() + 14}, now ? QString("now") : minusSeconds(second), mono(11, now ? 700 : 400), now ? t.text : t.faint, Align::Centre);
    }
    p.setPen(QPen(t.down, 2));
    p.drawLine(QPointF(chart.plot.left(), chart.yOf(chart.threshold)), QPointF(chart.plot.right(), chart.yOf(chart.threshold)));
    if (chart.plot.height() > 110) {
        const QString number = QString::number(chart.threshold, 'g', 3);
        paint::text(p, {chart.plot.left() + 10, chart.yOf(chart.threshold) - 8}, "phi_convict_threshold " + number + ": the observer marks the node down", sans(11.5, 600), t.down);
        paint::text(p, {chart.plot.left() + 10, chart.yOf(chart.threshold) + 18}, "suspected, from half of the threshold: still treated as up", sans(11.5, 500), t.suspect);
    }
    paint::text(p, {chart.xOf(0) + 10, chart.plot.top() + 16}, "if no heartbeat comes, computed", sans(11.5), t.muted);
}

void GossipCanvas::paintPhiLine(QPainter& p, const PhiChart::Line& line) {
    const PhiChart& chart = m_layout.phi;
    const QColor colour = tokens().node(line.node);
    p.setPen(QPen(colour, 2.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    p.setBrush(Qt::NoBrush);
    p.drawPolyline(line.points.data(), static_cast<int>(line.points.size()));
    for (const QPointF& mark : line.marks) {
        p.setPen(Qt::NoPen);
        p.setBrush(colour);
        p.drawPath(paint::shapePath(paint::shapeOf(line.node), mark, 3.6));
    }
    if (!line.continues) {
        return;
    }
    p.setPen(dashed(colour, 2, 3, 5));
    p.drawLine(line.now, line.ahead);
    if (line.secondsToConviction > 0) {
        p.setPen(QPen(tokens().down, 2));
        p.setBrush(tokens().view);
        p.drawEllipse(line.ahead, 6, 6);
        const bool free = std::none_of(chart.lines.begin(), chart.lines.end(), [&](const auto& other) {
            return &other < &line && other.secondsToConviction > 0 && std::abs(other.ahead.x() - line.ahead.x()) < 58;
        });
        if (free) {
            paint::text(p, {line.ahead.x(), chart.yOf(chart.threshold) - 12}, QString("+%1 s").arg(line.secondsToConviction, 0, 'f', 1), mono(12, 700),
                        tokens().down, Align::Centre);
        }
    }
}

void GossipCanvas::paintPhi(QPainter& p) {
    const PhiChart& chart = m_layout.phi;
    paintCard(p, chart.card, "Suspicion of " + labelIn(*m_now.nodes, chart.subject), "phi grows with silence, measured against the usual gap between heartbeats");
    if (chart.lines.empty()) {
        paint::mid(p, chart.card.center(), "No other node has told its suspicion yet.", sans(12.5), tokens().muted, Align::Centre);
        return;
    }
    paintPhiGround(p);
    p.save();
    p.setClipRect(chart.plot.adjusted(0, -20, 0, 2));
    for (const PhiChart::Line& line : chart.lines) {
        paintPhiLine(p, line);
    }
    p.restore();
    p.setPen(QPen(tokens().text, 1.5));
    p.drawLine(QPointF(chart.xOf(0), chart.plot.top()), QPointF(chart.xOf(0), chart.plot.bottom()));
    for (const PhiChart::Line& line : chart.lines) {
        if (!line.points.empty()) {
            paint::badge(p, line.badge, 9, line.node);
        }
    }
    paintPhiLegend(p);
}

void GossipCanvas::paintPhiLegend(QPainter& p) {
    const PhiChart& chart = m_layout.phi;
    if (chart.card.right() - chart.plot.right() < 180) {
        return;
    }
    const double left = chart.plot.right() + 24, right = chart.card.right() - 16;
    double y = chart.plot.top() + 18;
    for (const PhiChart::Line& line : chart.lines) {
        if (y + 26 > chart.card.bottom() - 10) {
            break;
        }
        paint::badge(p, {left + 9, y}, 9, line.node);
        paint::mid(p, {left + 26, y}, QString("n%1 of %2").arg(line.node).arg(labelIn(*m_now.nodes, chart.subject)), sans(12.5, 600), tokens().text);
        paint::mid(p, {right, y}, QString::number(line.phi, 'f', line.phi > 99 ? 0 : 2), mono(15, 700), line.convicted ? tokens().down : tokens().text, Align::Right);
        const QString note = line.convicted ? QString("judged down") : QString("usual gap %1 s").arg(line.meanGapSeconds, 0, 'f', 2);
        paint::mid(p, {left + 26, y + 22}, note, sans(11.5), line.convicted ? tokens().down : tokens().muted);
        y += 56;
    }
}

// ---- items ----

void GossipCanvas::paintSpread(QPainter& p) {
    const Spread& spread = m_layout.spread;
    const shell::Tokens& t = tokens();
    paintCard(p, spread.card, "How news of " + labelIn(*m_now.nodes, spread.subject) + " spreads",
              "nodes that know a version of it, by rounds since it was made; one round a second");
    for (int count = 0; count <= spread.nodes; count += std::max(1, spread.nodes / 6)) {
        paint::hline(p, spread.plot.left(), spread.plot.right(), spread.yOf(count), t.line);
        paint::mid(p, {spread.plot.left() - 10, spread.yOf(count)}, QString::number(count), mono(11), t.faint, Align::Right);
    }
    for (int round = 0; round <= Spread::kRounds; ++round) {
        paint::mid(p, {spread.xOf(round), spread.plot.bottom() + 14}, QString::number(round), mono(11), t.faint, Align::Centre);
    }
    paint::mid(p, {spread.plot.center().x(), spread.plot.bottom() + 34}, "rounds", sans(11.5), t.faint, Align::Centre);
    QPolygonF theory, mean, band;
    for (int round = 0; round <= Spread::kRounds; ++round) {
        const auto i = static_cast<std::size_t>(round);
        theory << QPointF(spread.xOf(round), spread.yOf(spread.theory[i]));
        mean << QPointF(spread.xOf(round), spread.yOf(spread.mean[i]));
        band << QPointF(spread.xOf(round), spread.yOf(spread.most[i]));
    }
    for (int round = Spread::kRounds; round >= 0; --round) {
        band << QPointF(spread.xOf(round), spread.yOf(spread.least[static_cast<std::size_t>(round)]));
    }
    const int node = numberIn(*m_now.nodes, spread.subject);
    const QColor colour = t.node(node);
    if (spread.versions > 0) {
        QColor pale = colour;
        pale.setAlphaF(.14f);
        p.setPen(Qt::NoPen);
        p.setBrush(pale);
        p.drawPolygon(band);
    }
    p.setBrush(Qt::NoBrush);
    p.setPen(dashed(t.muted, 1.8, 6, 4));
    p.drawPolyline(theory);
    if (spread.versions > 0) {
        p.setPen(QPen(colour, 2.2));
        p.drawPolyline(mean);
        for (const QPointF& at : mean) {
            p.setPen(Qt::NoPen);
            p.setBrush(colour);
            p.drawPath(paint::shapePath(paint::shapeOf(node), at, 4));
        }
    } else {
        paint::mid(p, spread.plot.center(), "Measured once a version is 8 s old.", sans(12.5), t.muted, Align::Centre);
    }
    if (spread.card.width() <= 560) {
        return;
    }
    const double x = spread.plot.right() + 24;
    double y = spread.plot.top() + 8;
    p.setPen(QPen(colour, 2.2));
    p.drawLine(QPointF(x, y), QPointF(x + 22, y));
    paint::mid(p, {x + 30, y}, "measured, mean", sans(12.5), t.text);
    paint::mid(p, {x + 30, y + 18}, QString("over %1").arg(shell::counted(spread.versions, "version")), sans(11.5), t.muted);
    y += 48;
    p.setPen(dashed(t.muted, 1.8, 6, 4));
    p.drawLine(QPointF(x, y), QPointF(x + 22, y));
    paint::mid(p, {x + 30, y}, "theory, computed", sans(12.5), t.text);
    paint::mid(p, {x + 30, y + 18}, "each calls one at random", sans(11.5), t.muted);
    if (spread.everybodyAfter >= 0) {
        paint::text(p, {x, y + 62}, QString("%1 s").arg(spread.everybodyAfter, 0, 'f', 1), mono(20, 700), t.text);
        paint::text(p, {x, y + 82}, "until all know, mean", sans(11.5), t.muted);
    }
}

QString GossipCanvas::tipOf(const Item& item) const {
    const Nodes& nodes = *m_now.nodes;
    const auto index = static_cast<std::size_t>(item.index);
    if (item.kind == HeatMap::CellItem) {
        const Known& known = m_layout.heat.cells[index].known;
        if (known.isItself) {
            return QString("%1 about itself\nversion %2").arg(labelIn(nodes, known.subject)).arg(known.version);
        }
        if (!known.isTold) {
            return QString("%1 has told nothing about %2").arg(labelIn(nodes, known.observer), labelIn(nodes, known.subject));
        }
        return QString("%1 knows of %2\nnewest news %3 s old, version %4, %5 behind\nphi %6, judged %7%8")
            .arg(labelIn(nodes, known.observer), labelIn(nodes, known.subject)).arg(known.ageSeconds, 0, 'f', 1).arg(known.version).arg(known.behind)
            .arg(known.phi, 0, 'f', 2).arg(known.alive ? "up" : "down", known.observerSilent ? "\nThe observer itself is silent" : "");
    }
    if (item.kind == Rounds::CallItem) {
        const Rounds::Call& call = m_layout.rounds.calls[index];
        return QString("n%1 called n%2\n%3").arg(call.from).arg(call.to)
            .arg(call.answered ? "ACK after " + shell::millisText(call.took) : call.pending ? QString("not answered yet") : QString("no ACK"));
    }
    const PhiChart::Line& line = m_layout.phi.lines[index];
    return QString("n%1 suspects %2: phi %3, usual gap %4 s").arg(line.node).arg(labelIn(nodes, m_layout.phi.subject)).arg(line.phi, 0, 'f', 2).arg(line.meanGapSeconds, 0, 'f', 2);
}

bool GossipCanvas::isSelected(const Item& item) const {
    if (item.kind != HeatMap::CellItem) {
        return false;
    }
    const Known& known = m_layout.heat.cells[static_cast<std::size_t>(item.index)].known;
    return known.observer == m_now.observer && known.subject == m_now.subject;
}

void GossipCanvas::choose(const Item& item) {
    const auto index = static_cast<std::size_t>(item.index);
    if (item.kind == HeatMap::CellItem) {
        const Known& known = m_layout.heat.cells[index].known;
        emit pairChosen(known.observer, known.subject);
    } else if (item.kind == PhiChart::ObserverItem) {
        emit pairChosen(m_layout.phi.lines[index].observer, m_layout.phi.subject);
    }
    refreshNow();
}

void GossipCanvas::open(const Item& item) {
    choose(item);
    emit opened();
}

void GossipCanvas::menu(const Item& item, const QPoint& global) {
    if (item.kind == HeatMap::CellItem) {
        emit nodeMenuWanted(numberIn(*m_now.nodes, m_layout.heat.cells[static_cast<std::size_t>(item.index)].known.subject), global);
    }
}

}  // namespace app::explorer::gossip
