#include "app/explorer/storage/read_path_canvas.h"

#include <algorithm>

namespace app::explorer::storage {

using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {

using State = StationFact::State;

void paintStation(QPainter& p, const QRectF& r, const StationFact& fact) {
    const shell::Tokens& t = tokens();
    if (fact.state == State::Nothing) {
        return;
    }
    QColor ink = t.text;
    if (fact.state == State::NotReached) {
        p.fillRect(QRectF(r.left(), r.center().y(), r.width(), 1), t.line);
        return;
    }
    if (fact.state == State::Passed) {
        paint::box(p, r, t.live_tint, t.live, 4);
    } else if (fact.state == State::FalseHit) {
        paint::box(p, r, t.near_tint, t.near, 4, 1.5);
    } else {
        paint::box(p, r, t.panel, t.line_control, 4, 1, Qt::DashLine);  // Hollow: it ends here.
        ink = t.muted;
    }
    paint::mid(p, {r.left() + 7, r.center().y()}, paint::elided(fact.text, sans(11.5), r.width() - 12), sans(11.5, fact.state == State::FalseHit ? 600 : 400), ink);
}

/// A version of a cell: outlined with a tick when it won, struck through when it did not.
double paintVersion(QPainter& p, QPointF left, double room, const ReadCell::Version& version, bool isLit) {
    const shell::Tokens& t = tokens();
    const QString value = version.isTombstone ? QString("deleted") : version.value.isEmpty() ? QString("empty") : version.value;
    const QString shown = paint::elided(value, mono(11.5), 170);
    const double nameWidth = shell::widthOf(sans(11), version.source), valueWidth = shell::widthOf(mono(11.5), shown);
    const double width = nameWidth + valueWidth + (version.wins ? 44 : 26);
    if (width > room) {
        return 0;
    }
    const QRectF r(left.x(), left.y() - 10, width, 20);
    paint::box(p, r, isLit ? t.selected : version.isTombstone ? t.tomb_tint : version.wins ? t.live_tint : t.panel, version.wins ? t.text : t.line_strong, 4, version.wins ? 1.5 : 1);
    double x = r.left() + 8;
    if (version.wins) {
        paint::icon(p, {x, r.center().y() - 6}, "check", 12, t.pass);
        x += 18;
    }
    paint::mid(p, {x, r.center().y()}, version.source, sans(11), t.muted);
    x += nameWidth + 8;
    paint::mid(p, {x, r.center().y()}, shown, mono(11.5), version.wins ? t.text : t.muted);
    if (!version.wins) {
        p.fillRect(QRectF(x, r.center().y(), valueWidth, 1), t.muted);
    }
    return width + 8;
}

}  // namespace

ReadPathCanvas::ReadPathCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Read path: what a read of a key meets on a node");
}

void ReadPathCanvas::relayout(QSizeF size) {
    m_now = m_input();
    m_layout = m_now.path != nullptr ? ReadPathLayout::compute(*m_now.path, size.width()) : ReadPathLayout();
    growTo(m_layout.height);
}

void ReadPathCanvas::paintState(QPainter& p) {
    if (m_now.path == nullptr) {
        paintNotice(p, m_now.notice, m_now.hint);
        return;
    }
    paintHead(p);
    for (const auto& row : m_layout.rows) {
        paintRow(p, row);
    }
    paintMerge(p);
}

void ReadPathCanvas::paintHead(QPainter& p) const {
    const shell::Tokens& t = tokens();
    const ReadPath& path = *m_now.path;
    const double right = logicalSize().width() - 16;
    const QString took = microsText(path.nanos) + " in all";
    paint::mid(p, {right, 16}, took, mono(12), t.muted, Align::Right);
    paint::mid(p, {16, 16}, paint::elided(path.statement, mono(12), right - 40 - shell::widthOf(mono(12), took)), mono(12), t.text);
    const QString how = path.mayStop ? QString("Rows by name, of single cells: the read may end as soon as all of them are known.")
                                     : QString("Older files may have more rows or cells of it: all that may matter are read.");
    paint::mid(p, {16, 38}, paint::elided(how, sans(12), right - 16), sans(12), t.muted);
    const double y = m_layout.rowsTop - 14;
    for (std::size_t i = 0; i < m_layout.stationLefts.size(); ++i) {
        const double x = m_layout.stationLefts[i];
        const double end = i + 1 < m_layout.stationLefts.size() ? m_layout.stationLefts[i + 1] : m_layout.barX;
        paint::mid(p, {x, y}, paint::elided(titleOf(static_cast<Station>(i)), sans(11.5, 600), end - x - 6), sans(11.5, 600), t.muted);
    }
    paint::mid(p, {m_layout.barX, y}, "From disk", sans(11.5, 600), t.muted);
    paint::mid(p, {right, y}, "Time", sans(11.5, 600), t.muted, Align::Right);
    paint::hline(p, 16, right, m_layout.rowsTop - 1, t.line);
    const double cache = m_layout.rowsTop + ReadPathLayout::kRowHeight / 2;
    paint::mid(p, {m_layout.nameX, cache}, "row cache", mono(12), t.faint);
    paint::mid(p, {m_layout.stationsX, cache}, paint::elided("none: Cassandra's is off by default", sans(12), right - m_layout.stationsX), sans(12), t.faint);
    paint::hline(p, 16, right, m_layout.rowsTop + ReadPathLayout::kRowHeight, t.line);
}

void ReadPathCanvas::paintRow(QPainter& p, const ReadPathLayout::Row& row) const {
    const shell::Tokens& t = tokens();
    const ReadSource& source = m_now.path->sources[row.sources.front()];
    const double yc = row.rect.center().y(), right = logicalSize().width() - 16;
    if (!row.fold.isEmpty()) {
        paint::mid(p, {m_layout.stationsX, yc}, row.fold, sans(12), t.muted);
        return;
    }
    const bool faint = !source.isFound;
    paint::mid(p, {m_layout.nameX, yc}, paint::elided(source.name, mono(12, 600), m_layout.stationsX - m_layout.nameX - 6), mono(12, faint ? 400 : 600), faint ? t.faint : t.text);
    const auto stations = stationsOf(source);
    if (source.outcome == "not-reached") {
        paint::mid(p, {m_layout.stationsX, yc}, "not looked at", sans(12), t.faint);
        return;
    }
    for (std::size_t i = 0; i < stations.size(); ++i) {
        // What comes from one station goes on to the next.
        const bool joins = i > 0 && stations[i].state != State::Nothing && stations[i - 1].state != State::Nothing;
        if (joins) {
            p.fillRect(QRectF(row.stations[i].left() - 8, yc, 8, 1), t.live);
        }
        paintStation(p, row.stations[i], stations[i]);
    }
    if (!row.bar.isEmpty()) {
        paint::box(p, row.bar, t.stream, {}, 2);
    }
    const QString bytes = source.bytesRead > 0 ? shell::bytesText(source.bytesRead) : source.isSstable() && source.isFound ? QString("none, all cached") : QString();
    const double after = row.bar.isEmpty() ? m_layout.barX : row.bar.right() + 6;
    const QString time = microsText(source.nanos);
    const double timeLeft = right - shell::widthOf(mono(11.5), time) - 8;
    if (row.bar.isEmpty() || after + shell::widthOf(mono(11), bytes) < timeLeft) {
        paint::mid(p, {after, yc}, paint::elided(bytes, sans(11), timeLeft - after), row.bar.isEmpty() ? sans(11) : mono(11), t.muted);
    }
    if (source.nanos > 0) {
        paint::mid(p, {right, yc}, time, mono(11.5), faint ? t.faint : t.text, Align::Right);
    }
    paint::hline(p, 16, right, row.rect.bottom(), t.line);
}

void ReadPathCanvas::paintMerge(QPainter& p) const {
    const shell::Tokens& t = tokens();
    const ReadPath& path = *m_now.path;
    const double y = m_layout.mergeTop + 8;
    const double x = 16 + paint::mid(p, {16, y}, "Merged", sans(13, 600), t.text) + 12;
    const QString what = path.cells.empty() ? QString("Nothing of this key has a cell here.")
                                            : QString("%1 live, %2; of each cell the newest version wins")
                                                  .arg(shell::counted(static_cast<std::int64_t>(path.liveRows), "row"), shell::counted(static_cast<std::int64_t>(path.cells.size()), "cell"));
    paint::mid(p, {x, y}, paint::elided(what, sans(12), logicalSize().width() - x - 16), sans(12), t.muted);
    for (const auto& cell : m_layout.cells) {
        if (cell.rect.bottom() >= exposed().top() && cell.rect.top() <= exposed().bottom()) {
            paintCell(p, cell);
        }
    }
    if (path.isCut) {
        paint::mid(p, {16, m_layout.height - 26}, "More cells follow that are not told here.", sans(12), t.muted);
    }
}

void ReadPathCanvas::paintCell(QPainter& p, const ReadPathLayout::Cell& line) const {
    const shell::Tokens& t = tokens();
    const ReadCell& cell = m_now.path->cells[line.cell];
    const double yc = line.rect.center().y(), right = logicalSize().width() - 16, half = m_layout.cellNameWidth / 2;
    if (line.isFirstOfRow) {
        paint::hline(p, 16, right, line.rect.top(), t.line);
        paint::mid(p, {16, yc}, paint::elided(cell.row, mono(11.5), half - 8), mono(11.5), t.str);
    }
    paint::mid(p, {16 + half, yc}, paint::elided(cell.column, sans(12), half - 8), sans(12), t.text);
    // What the source under the pointer, or else the chosen one, has.
    const bool isHovered = hovered() >= 0 && m_layout.items[static_cast<std::size_t>(hovered())].kind == ReadPathLayout::SourceItem;
    const int source = isHovered ? m_layout.items[static_cast<std::size_t>(hovered())].row : m_now.chosen;
    const QString lit = source >= 0 ? m_now.path->sources[static_cast<std::size_t>(source)].name : QString();
    double x = 16 + m_layout.cellNameWidth;
    for (std::size_t i = 0; i < cell.versions.size(); ++i) {
        const double width = paintVersion(p, {x, yc}, right - x - 60, cell.versions[i], cell.versions[i].source == lit);
        if (width == 0) {
            paint::mid(p, {x, yc}, QString("+%1").arg(cell.versions.size() - i), mono(11.5), t.muted);
            break;
        }
        x += width;
    }
}

QString ReadPathCanvas::tipOf(const Item& item) const {
    if (m_now.path == nullptr) {
        return {};
    }
    const auto i = static_cast<std::size_t>(item.index);
    if (item.kind == ReadPathLayout::CellItem) {
        const ReadCell& cell = m_now.path->cells[i];
        QString tip = (cell.row.isEmpty() ? QString() : cell.row + ' ') + cell.column;
        for (const auto& version : cell.versions) {
            tip += QString("\n%1: %2, timestamp %3%4%5").arg(version.source, version.isTombstone ? QString("deleted") : version.value).arg(version.timestamp)
                       .arg(version.ttl > 0 ? QString(", TTL %1 s").arg(version.ttl) : QString(), version.wins ? QString(", in the answer") : QString());
        }
        return tip;
    }
    const auto& row = m_layout.rows[i];
    if (item.kind == ReadPathLayout::FoldItem) {
        return row.fold;
    }
    const ReadSource& source = m_now.path->sources[row.sources.front()];
    return source.name + '\n' + sentenceOf(source);
}

bool ReadPathCanvas::isSelected(const Item& item) const {
    return item.kind == ReadPathLayout::SourceItem && m_now.chosen >= 0 && item.row == m_now.chosen;
}

void ReadPathCanvas::choose(const Item& item) {
    if (item.kind == ReadPathLayout::CellItem) {
        emit cellChosen(item.index);
    } else {
        emit sourceChosen(item.row);
    }
}

void ReadPathCanvas::open(const Item& item) {
    choose(item);
    emit opened();
}

}  // namespace app::explorer::storage
