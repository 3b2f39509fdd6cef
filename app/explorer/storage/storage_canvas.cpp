#include "app/explorer/storage/storage_canvas.h"

#include <algorithm>
#include <cmath>

namespace app::explorer::storage {

using shell::Align;
using shell::bytesText;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {

constexpr double kSmallTo = 24;       // Lower blocks are plain.
constexpr double kLabelledFrom = 46;  // Narrower blocks have no text.

QPen dashed(const QColor& colour, double width = 1) {
    QPen pen(colour, width, Qt::SolidLine, Qt::FlatCap);
    pen.setDashPattern({3 / width, 3 / width});
    return pen;
}

QColor faded(QColor colour, float alpha) {
    colour.setAlphaF(alpha);
    return colour;
}

void paintLegendKey(QPainter& p, double& x, double y, const QColor& fill, const QColor& edge, const QBrush& over, const QString& word) {
    const QRectF key(x, y - 6, 16, 12);
    paint::box(p, key, fill, {}, 2);
    if (over.style() != Qt::NoBrush) {
        p.fillRect(key, over);
    }
    paint::box(p, key, {}, edge, 2);
    x += 24 + paint::mid(p, {x + 24, y}, word, sans(11.5), tokens().muted) + 22;
}

}  // namespace

StorageCanvas::StorageCanvas(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Storage: commit logs, memtables and SSTables");
}

void StorageCanvas::relayout(QSizeF size) {
    m_now = m_input();
    m_layout = StorageLayout::compute(m_now.layout, size);
    growTo(m_layout.height);
}

void StorageCanvas::paintState(QPainter& p) {
    if (m_layout.isEmpty) {
        paintNotice(p, "No node has told of its files.", "Start a cluster and write a row: it is seen here within the second.");
        return;
    }
    paintTiles(p);
    paintColumns(p);
    paintSegments(p);
    paintMemtables(p);
    paintOutputs(p);
    paintFiles(p);
    paintHistograms(p);
    paintOverlaps(p);
    paintLegend(p);
    paintTimeline(p);
}

// ---- tiles and frame ----

void StorageCanvas::paintTiles(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& tile : m_layout.tiles) {
        paint::box(p, tile.rect, t.panel, t.line, 8);
        const bool roomy = tile.rect.width() > 150;
        const double left = tile.rect.left() + 14;
        paint::mid(p, {left, tile.rect.top() + 16}, paint::elided(tile.label, sans(12), tile.rect.width() - 24), sans(12), t.muted);
        const QFont font = tile.value.isEmpty() ? sans(12.5) : mono(roomy ? 18 : 15, 700);
        const double width = paint::mid(p, {left, tile.rect.top() + 37}, tile.value.isEmpty() ? QString("no data yet") : tile.value, font, tile.value.isEmpty() ? t.faint : t.text);
        const QString was = "was " + tile.was;
        if (!tile.was.isEmpty() && left + width + 10 + shell::widthOf(mono(11.5), was) < tile.rect.right() - 12) {
            paint::mid(p, {tile.rect.right() - 12, tile.rect.top() + 39}, was, mono(11.5), t.faint, Align::Right);
        }
    }
}

void StorageCanvas::paintColumns(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& column : m_layout.columns) {
        paint::box(p, column.rect, t.panel, t.line, 6);
    }
    for (const auto& rule : m_layout.rules) {
        paint::hline(p, rule.left + 1, rule.right - 1, rule.y, t.line);
    }
    for (const auto& column : m_layout.columns) {
        const QRectF& r = column.rect;
        const double y = r.top() + 22;
        paint::badge(p, {r.left() + (column.isWide ? 21 : 16), y}, column.isWide ? 10 : 8, column.number, !column.isReachable);
        double x = r.left() + (column.isWide ? 40 : 30);
        if (column.isWide) {
            x += paint::mid(p, {x, y}, QString("n%1").arg(column.number), sans(13, 600), t.text) + 12;
        }
        const QFont font = sans(column.isWide ? 12 : 10.5);
        paint::mid(p, {r.right() - 10, y}, paint::elided(column.summary, font, r.right() - 10 - x), font, t.muted, Align::Right);
    }
    for (const auto& label : m_layout.labels) {
        paint::mid(p, {16, label.y}, label.title, sans(12.5, 600), t.text);
        if (!label.note.isEmpty()) {
            paint::mid(p, {16, label.y + 17}, label.note, sans(11.5), t.muted);
        }
    }
    for (const auto& note : m_layout.notes) {
        double y = note.rect.top() + 7;
        for (const QString& line : note.lines) {
            paint::mid(p, {note.rect.left(), y}, paint::elided(line, sans(12), note.rect.width()), sans(12), t.muted);
            y += 17;
        }
    }
}

// ---- commit log and memtable ----

void StorageCanvas::paintSegments(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& segment : m_layout.segments) {
        const bool active = segment.state == "active", needed = segment.state == "needed";
        const bool free = !active && !needed;
        const QRectF& r = segment.rect;
        if (free) {
            p.setPen(dashed(t.line_control));
            p.setBrush(Qt::NoBrush);
            p.drawRoundedRect(r.adjusted(.5, .5, -.5, -.5), 3, 3);
        } else {
            if (needed) {
                paint::box(p, r, faded(t.write, .28f), {}, 3);
            } else {
                p.save();
                p.setClipRect(r);
                paint::box(p, {r.left(), r.top(), std::max(2.0, r.width() * segment.share), r.height()}, faded(t.write, .62f), {}, 3);
                p.restore();
            }
            paint::box(p, r, {}, t.write, 3, 1.5);
        }
        if (r.width() < 60) {
            continue;
        }
        const QString before = segment.olderHidden > 0 ? QString("+%1, ").arg(segment.olderHidden) : QString();
        const QString word = active ? QString("active") : needed ? QString("needed") : segment.state == "discarded" ? QString("discarded") : QString("may go");
        // The end of the id tells them apart; the tooltip has all of it.
        const QString id = before + (segment.id < 100'000 ? QString::number(segment.id) : QString::number(segment.id).right(5));
        paint::mid(p, {r.left(), r.bottom() + 11}, id, mono(11), t.text);
        const double after = shell::widthOf(mono(11), id) + 6;
        if (after + shell::widthOf(sans(11), word) < r.width() + 12) {
            paint::mid(p, {r.left() + after, r.bottom() + 11}, word, sans(11), t.muted);
        }
    }
}

void StorageCanvas::paintMemtables(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& memtable : m_layout.memtables) {
        const QRectF& r = memtable.rect;
        const bool wide = m_layout.columns[memtable.column].isWide;
        paint::box(p, r, t.panel, {}, 3);
        if (memtable.share > 0) {
            paint::box(p, {r.left() + 2, r.top() + 2, std::max(2.0, (r.width() - 4) * memtable.share), r.height() - 4}, faded(t.live, .55f), {}, 2);
        }
        paint::box(p, r, {}, t.live, 3, 1.5);
        if (wide) {
            const double right = m_layout.columns[memtable.column].rect.right() - 10;
            paint::mid(p, {right, r.center().y()}, bytesText(memtable.bytes), mono(12), t.text, Align::Right);
            paint::mid(p, {r.left(), r.bottom() + 12}, paint::elided(memtable.note, sans(11.5), r.width() + 60), sans(11.5), t.muted);
        }
    }
}

// ---- files ----

/// Of hundreds: upright rectangles on the pixel, without corners and hatches, at a tenth of the cost.
void StorageCanvas::paintSmallFile(QPainter& p, const StorageLayout::File& file) {
    const shell::Tokens& t = tokens();
    const QRect r = file.rect.toRect();
    const int droppable = static_cast<int>(std::lround(r.width() * file.shares.droppable));
    const int replaced = static_cast<int>(std::lround(r.width() * file.shares.replaced));
    p.setRenderHint(QPainter::Antialiasing, false);
    p.fillRect(r, t.live_tint);
    p.fillRect(QRect(r.right() + 1 - droppable - replaced, r.top(), replaced, r.height()), t.shadowed);
    p.fillRect(QRect(r.right() + 1 - droppable, r.top(), droppable, r.height()), t.tomb);
    p.setPen(file.damage.isEmpty() ? t.live : t.fail);
    p.setBrush(Qt::NoBrush);
    p.drawRect(r.adjusted(0, 0, -1, -1));
    if (file.isTick) {
        p.drawLine(r.left() + 2, r.center().y(), r.right() - 3, r.center().y());
    }
    if (file.read >= 0) {
        p.fillRect(QRect(r.left(), r.bottom() + 2, r.width(), 2), t.line_strong);
        p.fillRect(QRect(r.left(), r.bottom() + 2, static_cast<int>(r.width() * file.read), 2), t.block);
    }
    p.setRenderHint(QPainter::Antialiasing, true);
}

void StorageCanvas::paintFile(QPainter& p, const StorageLayout::File& file) {
    const shell::Tokens& t = tokens();
    const QRectF& r = file.rect;
    if (r.height() < kSmallTo) {
        paintSmallFile(p, file);
        return;
    }
    const double replaced = r.width() * file.shares.replaced, droppable = r.width() * file.shares.droppable;
    const bool isLabelled = r.width() >= kLabelledFrom && r.height() >= 36;
    const double labelEnds = isLabelled ? r.left() + 9 + std::max(shell::widthOf(mono(11.5, 600), fileName(file.info.generation)), shell::widthOf(mono(11), sizeText(file.info.bytes))) : r.left();
    // Under the label where it would run through it.
    const auto boundary = [&](double x, const QColor& colour) { paint::vline(p, x, x < labelEnds ? r.bottom() - 6 : r.top(), r.bottom(), colour); };
    const bool isLeftOut = file.info.bytes == 0 && !file.damage.isEmpty();
    paint::box(p, r, isLeftOut ? t.fail_tint : t.live_tint, {}, 3);
    double right = r.right();
    if (droppable >= .5) {
        const QRectF part(right - droppable, r.top(), droppable, r.height());
        paint::box(p, part, t.tomb_tint, {}, 2);
        p.fillRect(part, paint::hatch(t.tomb));
        boundary(part.left(), t.tomb);
        right -= droppable;
    }
    if (replaced >= .5) {
        const QRectF part(right - replaced, r.top(), replaced, r.height());
        paint::box(p, part, t.shadowed_tint, {}, 2);
        boundary(part.left(), t.shadowed);
    }
    file.damage.isEmpty() ? paint::box(p, r, {}, t.live, 3, 1.2) : paint::box(p, r.adjusted(-1, -1, 1, 1), {}, t.fail, 4, 2);
    if (file.isTick) {
        p.setPen(QPen(t.live, 1));
        p.drawLine(QPointF(r.left() + 2.5, r.center().y()), QPointF(r.right() - 2.5, r.center().y()));
    }
    if (isLabelled) {
        p.save();
        p.setClipRect(r);
        paint::mid(p, {r.left() + 7, r.top() + 13}, fileName(file.info.generation), mono(11.5, 600), t.text);
        const QString size = isLeftOut ? QString("unreadable") : sizeText(file.info.bytes);
        const QFont font = isLeftOut ? sans(11) : mono(11);
        if (shell::widthOf(font, size) + 9 < r.width()) {
            paint::mid(p, {r.left() + 7, r.top() + 28}, size, font, isLeftOut ? t.fail : t.muted);
        }
        p.restore();
    }
    if (file.read >= 0) {
        const QRectF bar(r.left(), r.bottom() + 3, r.width(), 3);
        p.fillRect(bar, t.line_strong);
        p.fillRect(QRectF(bar.left(), bar.top(), bar.width() * file.read, bar.height()), t.block);
    }
}

void StorageCanvas::paintFiles(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& file : m_layout.files) {
        if (file.rect.bottom() >= exposed().top() && file.rect.top() <= exposed().bottom()) {
            paintFile(p, file);
        }
    }
    for (const auto& place : m_layout.places) {
        p.setPen(dashed(t.line_strong));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(place.rect.adjusted(.5, .5, -.5, -.5), 3, 3);
        if (shell::widthOf(mono(11), place.text) + 6 < place.rect.width()) {
            paint::mid(p, place.rect.center(), place.text, mono(11), t.faint, Align::Centre);
        }
    }
    for (const auto& strip : m_layout.strips) {
        paint::box(p, strip.rect, t.sunken, {}, 2);
        for (const QRectF& range : strip.ranges) {
            p.fillRect(range.adjusted(0, 2, 0, -2), faded(t.live, .6f));
        }
        for (const QRectF& both : strip.overlaps) {
            p.fillRect(both, faded(t.suspect, .5f));
        }
    }
}

void StorageCanvas::paintHistograms(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& histogram : m_layout.histograms) {
        const int most = std::max(1, *std::max_element(histogram.counts.begin(), histogram.counts.end()));
        const double step = histogram.rect.width() / static_cast<double>(histogram.counts.size());
        for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
            const double height = (histogram.rect.height() - 14) * histogram.counts[i] / most;
            paint::box(p, {histogram.rect.left() + static_cast<double>(i) * step, histogram.rect.bottom() - height, step - 1, height}, t.live_tint, t.live, 1);
        }
        paint::mid(p, {histogram.rect.left(), histogram.rect.top() + 6}, QString("%1, by size").arg(shell::counted(static_cast<std::int64_t>(histogram.files), "SSTable")),
                   sans(11), t.muted);
    }
}

void StorageCanvas::paintOutputs(QPainter& p) {
    const shell::Tokens& t = tokens();
    for (const auto& output : m_layout.outputs) {
        p.setPen(Qt::NoPen);
        for (const QPainterPath& ribbon : output.ribbons) {
            p.fillPath(ribbon, faded(t.live, .16f));
        }
        const QRectF &estimate = output.estimate, &written = output.written;
        p.setPen(dashed(t.live, 1.2));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(estimate.adjusted(.5, .5, -.5, -.5), 3, 3);
        paint::box(p, written, t.live_tint, t.live, 3, 1.2);
        p.setPen(QPen(t.text, 2));
        p.drawLine(QPointF(written.right(), written.top() - 2), QPointF(written.right(), written.bottom() + 2));
        if (!m_layout.columns[output.column].isWide) {
            continue;
        }
        const QString name = output.generation != 0 ? fileName(output.generation) : QString("to come");
        const QString sizes = QString("%1 of about %2").arg(sizeText(output.writtenBytes), sizeText(output.estimatedBytes));
        const double columnRight = m_layout.columns[output.column].rect.right() - 10;
        // Inside where it fits, else to the right of it.
        const bool inside = estimate.width() > shell::widthOf(mono(11), sizes) + 14;
        double x = inside ? estimate.left() + 7 : estimate.right() + 8;
        if (x + shell::widthOf(mono(11), sizes) > columnRight) {
            continue;  // The tooltip tells it.
        }
        paint::mid(p, {x, estimate.top() + 13}, name, mono(11.5, 600), t.text);
        paint::mid(p, {x, estimate.top() + 28}, sizes, mono(11), t.muted);
        x = inside ? estimate.right() + 8 : x + shell::widthOf(mono(11), sizes) + 10;
        const double sizesEnd = estimate.left() + 7 + shell::widthOf(mono(11), sizes) + 12;
        if (inside && x + 74 >= columnRight && sizesEnd + 74 < estimate.right()) {
            x = std::max(sizesEnd, std::min(written.right() + 10, estimate.right() - 74));  // In the part that is to come.
        }
        if (x + 74 < columnRight) {
            paint::mid(p, {x, estimate.top() + 13}, QString("%1 %").arg(std::lround(output.share * 100)), mono(12, 700), t.text);
            paint::mid(p, {x, estimate.top() + 28}, output.isPaused ? QString("paused") : QString("%1 MiB/s").arg(output.bytesPerSecond / (1 << 20), 0, 'f', 1), mono(11), t.muted);
        }
    }
}

void StorageCanvas::paintOverlaps(QPainter& p) {
    if (hovered() < 0 || m_layout.items[static_cast<std::size_t>(hovered())].kind != StorageLayout::FileItem) {
        return;
    }
    const auto& under = m_layout.files[static_cast<std::size_t>(m_layout.items[static_cast<std::size_t>(hovered())].index)];
    for (const auto& file : m_layout.files) {
        if (&file != &under && file.column == under.column && overlap(file.info, under.info)) {
            paint::box(p, file.rect.adjusted(-1, -1, 1, 1), {}, tokens().suspect, 4, 2);
        }
    }
}

// ---- legend and time ----

void StorageCanvas::paintLegend(QPainter& p) {
    const shell::Tokens& t = tokens();
    const double y = m_layout.legendY;
    double x = 16;
    const auto any = [this](auto share) { return std::any_of(m_layout.files.begin(), m_layout.files.end(), share); };
    if (!m_layout.files.empty()) {
        paintLegendKey(p, x, y, t.live_tint, t.live, {}, "live");
    }
    if (any([](const auto& f) { return f.shares.replaced > 0; })) {
        paintLegendKey(p, x, y, t.shadowed_tint, t.shadowed, {}, "replaced by newer cells");
    }
    if (any([](const auto& f) { return f.shares.droppable > 0; })) {
        paintLegendKey(p, x, y, t.tomb_tint, t.tomb, paint::hatch(t.tomb), "droppable tombstones");
    }
    if (std::any_of(m_layout.strips.begin(), m_layout.strips.end(), [](const auto& s) { return !s.overlaps.empty(); })) {
        paintLegendKey(p, x, y, faded(t.suspect, .5f), t.suspect, {}, "token ranges that overlap");
    }
    const QString scale = QString("Length of an SSTable is bytes, one scale%1")
                              .arg(m_layout.columns.size() > 1 ? QString(" for all %1 nodes").arg(m_layout.columns.size()) : QString());
    if (!m_layout.files.empty() && x + shell::widthOf(sans(11.5), scale) < logicalSize().width() - 16) {
        paint::mid(p, {logicalSize().width() - 16, y}, scale, sans(11.5), t.faint, Align::Right);
    }
}

void StorageCanvas::paintTimeline(QPainter& p) {
    const shell::Tokens& t = tokens();
    const QRectF& plot = m_layout.plot;
    const double top = plot.top() - 20;
    const double after = paint::mid(p, {16, top}, "Flushes and compactions", sans(12.5, 600), t.text);
    paint::mid(p, {16 + after + 12, top}, "last 3 minutes", sans(12), t.muted);
    double x = plot.right() - shell::widthOf(sans(11.5), "compaction, inputs to output in MiB") - 24;
    if (x > 460) {
        paint::box(p, {x - 2, top - 5, 18, 10}, t.live, {}, 2);
        paint::mid(p, {x + 24, top}, "compaction, inputs to output in MiB", sans(11.5), t.muted);
        x -= shell::widthOf(sans(11.5), "flush") + 40;
        p.setPen(Qt::NoPen);
        p.setBrush(t.text);
        p.drawPolygon(QPolygonF({{x - 1, top - 4}, {x + 9, top - 4}, {x + 4, top + 4}}));
        paint::mid(p, {x + 16, top}, "flush", sans(11.5), t.muted);
    }
    const double lane = m_layout.lanes.empty() ? plot.height() : plot.height() / static_cast<double>(m_layout.lanes.size());
    for (std::size_t i = 0; i < m_layout.lanes.size(); ++i) {
        const auto& row = m_layout.lanes[i];
        paint::badge(p, {28, row.y}, std::min(9.0, lane * .4), row.number);
        paint::mid(p, {46, row.y}, QString("n%1").arg(row.number), sans(12.5, 600), t.text);
        paint::hline(p, plot.left(), plot.right(), plot.top() + lane * static_cast<double>(i + 1), t.line);
    }
    for (int second = -180; second <= 0; second += 30) {
        const double at = plot.right() + plot.width() * second / 180;
        paint::vline(p, at, plot.top(), plot.bottom(), t.line);
        const QString word = second == 0 ? QString("now") : QString(QChar(0x2212)) + QString::number(-second) + " s";
        paint::mid(p, {at, plot.bottom() + 12}, word, mono(11), t.faint, second == 0 ? Align::Right : second == -180 ? Align::Left : Align::Centre);
    }
    for (const auto& bar : m_layout.bars) {
        const bool failed = !bar.compaction.finished.error.empty();
        paint::box(p, bar.rect, failed ? t.fail : bar.isRunning ? faded(t.live, .55f) : t.live, {}, 2);
        if (!bar.label.isEmpty()) {
            paint::mid(p, {bar.rect.right() + 6, bar.rect.center().y()}, bar.label, mono(11), t.muted);
        }
    }
    p.setPen(Qt::NoPen);
    for (const auto& mark : m_layout.flushes) {
        p.setBrush(mark.flush.finished.error.empty() ? t.text : t.fail);
        p.drawPolygon(QPolygonF({{mark.at.x() - 5, mark.at.y() - 3}, {mark.at.x() + 5, mark.at.y() - 3}, {mark.at.x(), mark.at.y() + 5}}));
    }
}

// ---- items ----

std::string StorageCanvas::nodeOf(const Item& item) const {
    const auto i = static_cast<std::size_t>(item.index);
    switch (item.kind) {
    case StorageLayout::HeadItem: return m_layout.columns[i].node;
    case StorageLayout::FlushItem: return m_layout.lanes[m_layout.flushes[i].lane].node;
    default: {
        const auto part = m_layout.partOf(item);
        return part ? part->node : std::string();
    }
    }
}

QString StorageCanvas::tipOf(const Item& item) const {
    const auto i = static_cast<std::size_t>(item.index);
    const QString node = labelIn(*m_now.layout.nodes, nodeOf(item));
    switch (item.kind) {
    case StorageLayout::TileItem: {
        const auto& tile = m_layout.tiles[i];
        return tile.label + ' ' + (tile.value.isEmpty() ? QString("no data yet") : tile.value) + (tile.was.isEmpty() ? QString() : ", was " + tile.was) + '\n' + tile.tip;
    }
    case StorageLayout::HeadItem: return node + '\n' + m_layout.columns[i].summary;
    case StorageLayout::SegmentItem: {
        const auto& segment = m_layout.segments[i];
        return QString("%1 commit log segment %2, %3\n%4\n%5").arg(node).arg(segment.id).arg(QString::fromStdString(segment.state), bytesText(segment.bytes),
            segment.tables.isEmpty() ? QString("no table needs it") : "needed by " + segment.tables.mid(0, 4).join(", ") + (segment.tables.size() > 4 ? QString(" and %1 more").arg(segment.tables.size() - 4) : QString()));
    }
    case StorageLayout::MemtableItem: {
        const auto& memtable = m_layout.memtables[i];
        return QString("%1 memtable, %2 of %3\n%4").arg(node, bytesText(memtable.bytes), bytesText(memtable.limit), memtable.note);
    }
    case StorageLayout::FileItem: {
        const auto& file = m_layout.files[i];
        if (!file.damage.isEmpty()) {
            return QString("%1 %2 cannot be read\n%3").arg(node, fileName(file.info.generation), file.damage);
        }
        QString tip = QString("%1 %2, %3, %4").arg(node, fileName(file.info.generation), bytesText(file.info.bytes), shell::counted(static_cast<std::int64_t>(file.info.partitions), "partition"));
        if (file.info.minToken != file.info.maxToken) {
            tip += QString("\ntokens %1 to %2").arg(shell::tokenText(file.info.minToken), shell::tokenText(file.info.maxToken));
        }
        if (file.info.minTimestamp <= file.info.maxTimestamp) {
            tip += QString("\nwritten %1 to %2").arg(shell::clockText(file.info.minTimestamp), shell::clockText(file.info.maxTimestamp));
        }
        tip += QString("\n%1 droppable").arg(shell::percentText(file.shares.droppable));
        tip += file.info.replaced >= 0 ? QString(", %1 replaced").arg(shell::percentText(file.shares.replaced)) : QString();
        return tip;
    }
    case StorageLayout::OutputItem: {
        const auto& output = m_layout.outputs[i];
        return QString("%1 compaction, %2 read\n%3 written of about %4%5").arg(node, shell::percentText(output.share), bytesText(output.writtenBytes), bytesText(output.estimatedBytes),
                                                                               output.why.isEmpty() ? QString() : '\n' + output.why);
    }
    case StorageLayout::FlushItem: {
        const auto& flush = m_layout.flushes[i].flush;
        return QString("%1 flush of %2, %3\n%4").arg(node, bytesText(flush.started.bytes), QString::fromStdString(flush.started.reason),
                                                     !flush.finished.error.empty()  ? QString::fromStdString(flush.finished.error)
                                                     : flush.finished.generation != 0 ? fileName(flush.finished.generation) + ", " + bytesText(flush.finished.bytes) : QString("going on"));
    }
    default: {
        const auto& view = m_layout.bars[i].compaction;
        return QString("%1 %2 of %3, %4 to %5%6").arg(node, QString::fromStdString(view.started.kind), shell::counted(static_cast<std::int64_t>(view.started.inputs.size()), "SSTable"),
                                                     bytesText(view.finishedNanos != 0 ? view.finished.readBytes : view.readBytes()),
                                                     bytesText(view.finishedNanos != 0 ? view.finished.writtenBytes : view.progress.writtenBytes),
                                                     view.started.why.empty() ? QString() : '\n' + QString::fromStdString(view.started.why));
    }
    }
}

bool StorageCanvas::isSelected(const Item& item) const {
    if (item.kind == StorageLayout::HeadItem) {
        return m_layout.columns.size() > 1 && !m_now.chosen && nodeOf(item) == m_now.layout.focusNode;
    }
    return m_now.chosen && item.kind != StorageLayout::BarItem && m_layout.partOf(item) == m_now.chosen;
}

void StorageCanvas::choose(const Item& item) {
    if (const auto part = m_layout.partOf(item)) {
        emit partChosen(*part);
    } else if (item.kind == StorageLayout::HeadItem || item.kind == StorageLayout::FlushItem) {
        emit nodeChosen(nodeOf(item));
    }
}

void StorageCanvas::open(const Item& item) {
    choose(item);
    emit opened();
}

void StorageCanvas::menu(const Item& item, const QPoint& global) {
    const std::string node = nodeOf(item);
    if (!node.empty()) {
        emit nodeMenuWanted(numberIn(*m_now.layout.nodes, node), global);
    }
}

}  // namespace app::explorer::storage
