#include "app/shell/timeline.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

#include "app/shell/kit.h"

namespace app::shell {

namespace {

constexpr double kBarStep = 5;
constexpr double kBarWidth = 3.4;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kSpanMin = 30 * kSecond;
constexpr std::int64_t kSpanMax = 900 * kSecond;

struct Sum {
    double write = 0;
    double read = 0;
    double other = 0;
    bool gap = false;
};

/// Height 2 to 24 px by the square root, shared by family.
void scaled(TimelineLayout::Bar& bar, const Sum& sum) {
    const double all = sum.write + sum.read + sum.other;
    if (all <= 0) {
        return;
    }
    const double height = std::min(24.0, 1.6 + 1.35 * std::sqrt(all));
    bar.write = height * sum.write / all;
    bar.read = height * sum.read / all;
    bar.other = height * sum.other / all;
}

std::int64_t tickStep(std::int64_t span) {
    for (const std::int64_t step : {5, 10, 15, 30, 60, 120, 300}) {
        if (span / (step * kSecond) <= 5) {
            return step * kSecond;
        }
    }
    return 600 * kSecond;
}

/// Labels that would touch are merged to a count.
void placePills(TimelineLayout& layout, const sources::ClusterModel& model) {
    const QFont font = sans(10, 500);
    for (const sources::TimeMark& mark : model.history().marks()) {
        if (mark.nanos < layout.from || mark.nanos > layout.to) {
            continue;
        }
        TimelineLayout::Pill pill{layout.xOf(mark.nanos), widthOf(font, mark.label) + 10, mark.kind, mark.label, mark.nanos};
        if (!layout.pills.empty()) {
            TimelineLayout::Pill& last = layout.pills.back();
            if (pill.x - pill.width / 2 < last.x + last.width / 2 + 4) {
                const int merged = last.label.endsWith(" marks") ? last.label.section(' ', 0, 0).toInt() + 1 : 2;
                last.label = QString("%1 marks").arg(merged);
                last.width = widthOf(font, last.label) + 10;
                last.nanos = pill.nanos;
                continue;
            }
        }
        layout.pills.push_back(pill);
    }
}

}  // namespace

TimelineLayout TimelineLayout::of(const sources::ClusterModel& model, double width, std::int64_t span) {
    TimelineLayout layout;
    layout.right = width - 92;
    layout.to = model.live().nanos;
    if (!model.isLive() && model.nanos() < layout.to - span) {
        layout.to = model.nanos() + span / 10;
    }
    layout.from = layout.to - span;
    const int places = std::max(1, static_cast<int>((layout.right - layout.left) / kBarStep));
    std::vector<Sum> sums(static_cast<std::size_t>(places));
    // Slots lie on multiples of their length, so that bars move with time and do not flicker.
    const std::int64_t slotNanos = std::max<std::int64_t>(span / places, 1);
    const std::int64_t first = layout.from - layout.from % slotNanos;
    for (const sources::TimeBucket& bucket : model.history().buckets()) {
        if (bucket.start < layout.from || bucket.start > layout.to) {
            continue;
        }
        const std::int64_t at = std::min<std::int64_t>((bucket.start + sources::History::kBucketNanos / 2 - first) / slotNanos, places - 1);
        Sum& sum = sums[static_cast<std::size_t>(at)];
        sum.write += bucket.write;
        sum.read += bucket.read;
        sum.other += bucket.other;
        sum.gap = sum.gap || bucket.lost > 0;
    }
    for (int i = 0; i < places; ++i) {
        const std::int64_t nanos = first + i * slotNanos;
        Bar bar{layout.xOf(nanos)};
        bar.nanos = nanos;
        bar.gap = sums[static_cast<std::size_t>(i)].gap;
        scaled(bar, sums[static_cast<std::size_t>(i)]);
        if (bar.write + bar.read + bar.other > 0 || bar.gap) {
            layout.bars.push_back(bar);
        }
    }
    placePills(layout, model);
    if (layout.to != 0) {
        const std::int64_t step = tickStep(span);
        const std::int64_t wallTo = model.wallMicrosOf(layout.to) * 1000;
        for (std::int64_t wall = wallTo - wallTo % step; wall > wallTo - span; wall -= step) {
            const double x = layout.xOf(layout.to - (wallTo - wall));
            if (x > layout.left + 24 && x < layout.right - 20) {
                const QString text = clockText(wall / 1000);
                layout.ticks.push_back({x, step % (60 * kSecond) == 0 ? text.left(5) : text});
            }
        }
    }
    return layout;
}

double TimelineLayout::xOf(std::int64_t nanos) const {
    return left + (right - left) * static_cast<double>(nanos - from) / static_cast<double>(std::max<std::int64_t>(to - from, 1));
}

std::int64_t TimelineLayout::nanosAt(double x) const {
    const double part = std::clamp((x - left) / (right - left), 0.0, 1.0);
    return from + static_cast<std::int64_t>(part * static_cast<double>(to - from));
}

Timeline::Timeline(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setFixedHeight(58);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName("Timeline");
    setMouseTracking(true);
    m_repaint.setInterval(100);
    connect(&m_repaint, &QTimer::timeout, this, [this] {
        if (isVisible()) {
            update();
        }
    });
    m_repaint.start();
    connect(&model, &sources::ClusterModel::momentChanged, this, qOverload<>(&QWidget::update));
    connect(&model, &sources::ClusterModel::marksChanged, this, qOverload<>(&QWidget::update));
}

QRectF Timeline::liveButton() const {
    return m_model.isLive() ? QRectF(width() - 74, 16, 58, 24) : QRectF(width() - 80, 16, 66, 24);
}

void Timeline::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    p.fillRect(rect(), t.panel);
    paint::hline(p, 0, width(), 0, t.line);
    m_layout = TimelineLayout::of(m_model, width(), m_span);
    paintBars(p);
    paintMarks(p);
    paintPlayhead(p);
    paintLive(p);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        paint::box(p, QRectF(rect()).adjusted(2, 2, -2, -2), {}, t.focus, 4, 2);
    }
}

void Timeline::paintBars(QPainter& p) const {
    const Tokens& t = tokens();
    for (const TimelineLayout::Bar& bar : m_layout.bars) {
        double y = m_layout.base;
        const auto piece = [&](double height, QColor colour) {
            colour.setAlphaF(.85f);
            p.fillRect(QRectF(bar.x, y - height, kBarWidth, height), colour);
            y -= height;
        };
        piece(bar.other, t.gossip);
        piece(bar.read, t.read);
        piece(bar.write, t.write);
        if (bar.gap) {
            p.fillRect(QRectF(bar.x - 1, 14, kBarStep, m_layout.base - 14), paint::hatch(t.late));
        }
    }
    paint::hline(p, m_layout.left, m_layout.right, m_layout.base, t.line_strong);
    for (const TimelineLayout::Tick& tick : m_layout.ticks) {
        paint::vline(p, tick.x, m_layout.base, m_layout.base + 4, t.line_strong);
        paint::text(p, {tick.x, m_layout.base + 15}, tick.label, mono(kTypeAxis), t.faint, Align::Centre);
    }
}

void Timeline::paintMarks(QPainter& p) const {
    const Tokens& t = tokens();
    for (const TimelineLayout::Pill& pill : m_layout.pills) {
        const QColor colour = pill.kind == sources::MarkKind::Fault ? t.down
                              : pill.kind == sources::MarkKind::Lab ? t.accent
                                                                    : t.stream;
        paint::vline(p, pill.x, 18, m_layout.base, colour);
        const double half = pill.width / 2;
        const double x = std::clamp(pill.x, m_layout.left + half, m_layout.right - half);
        paint::pill(p, {x, 12}, pill.label,
                    {.ink = colour, .fill = t.panel, .edge = colour, .size = 10, .height = 15, .pad = 5}, Align::Centre);
    }
}

void Timeline::paintPlayhead(QPainter& p) const {
    if (m_layout.to == 0) {
        return;
    }
    const Tokens& t = tokens();
    const double x = m_layout.xOf(m_model.nanos());
    p.setPen(QPen(t.text, 1.5));
    p.drawLine(QPointF(x, 6), QPointF(x, m_layout.base + 5));
    p.setPen(Qt::NoPen);
    p.setBrush(t.text);
    p.drawPolygon(QPolygonF({QPointF(x - 5.5, 4), QPointF(x + 5.5, 4), QPointF(x, 11.5)}));
}

void Timeline::paintLive(QPainter& p) const {
    const Tokens& t = tokens();
    const QRectF r = liveButton();
    if (m_model.isLive()) {
        paint::box(p, r, t.accent, {}, 12);
        p.setPen(Qt::NoPen);
        p.setBrush(t.on_accent);
        p.drawEllipse(QPointF(r.left() + 14, r.center().y()), 3.5, 3.5);
        paint::mid(p, {r.left() + 24, r.center().y()}, "Live", sans(12, 600), t.on_accent);
    } else {
        paint::box(p, r, t.panel, t.line_strong, 12);
        paint::mid(p, r.center(), "Go live", sans(12, 500), t.text, Align::Centre);
        const QString ago = clockText(m_model.wallMicrosOf(m_model.nanos()));
        paint::text(p, {r.center().x(), m_layout.base + 15}, ago, mono(kTypeAxis, 600), t.muted, Align::Centre);
    }
}

void Timeline::scrubTo(double x) {
    const std::int64_t nanos = m_layout.nanosAt(x);
    nanos >= m_model.live().nanos - kSecond / 5 ? m_model.goLive() : m_model.showMoment(nanos);
}

void Timeline::mousePressEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (liveButton().contains(at)) {
        m_model.isLive() ? m_model.showMoment(m_model.live().nanos) : m_model.goLive();
        return;
    }
    for (const TimelineLayout::Pill& pill : m_layout.pills) {
        if (at.y() < 22 && std::abs(at.x() - pill.x) < pill.width / 2) {
            m_model.showMoment(pill.nanos);
            return;
        }
    }
    scrubTo(at.x());
}

void Timeline::mouseMoveEvent(QMouseEvent* event) {
    setCursor(liveButton().contains(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if ((event->buttons() & Qt::LeftButton) && event->position().x() < m_layout.right + 12) {
        scrubTo(event->position().x());
    }
}

void Timeline::keyPressEvent(QKeyEvent* event) {
    const std::int64_t step = event->modifiers() & Qt::ShiftModifier ? 5 * kSecond : kSecond / 2;
    switch (event->key()) {
    case Qt::Key_Left: m_model.showMoment(m_model.nanos() - step); break;
    case Qt::Key_Right:
        m_model.nanos() + step >= m_model.live().nanos ? m_model.goLive() : m_model.showMoment(m_model.nanos() + step);
        break;
    case Qt::Key_Home: m_model.showMoment(m_model.history().earliest()); break;
    case Qt::Key_End: m_model.goLive(); break;
    default: QWidget::keyPressEvent(event);
    }
}

void Timeline::wheelEvent(QWheelEvent* event) {
    const double factor = event->angleDelta().y() > 0 ? .8 : 1.25;
    m_span = std::clamp(static_cast<std::int64_t>(static_cast<double>(m_span) * factor), kSpanMin, kSpanMax);
    update();
}

bool Timeline::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_layout.to != 0) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const std::int64_t nanos = m_layout.nanosAt(help->pos().x());
        QString text = clockText(m_model.wallMicrosOf(nanos), true);
        for (const sources::TimeBucket& bucket : m_model.history().buckets()) {
            if (nanos >= bucket.start && nanos < bucket.start + sources::History::kBucketNanos) {
                text += QString("\n%1 write, %2 read, %3 other").arg(bucket.write).arg(bucket.read).arg(bucket.other);
                text += bucket.lost > 0 ? QString("\n%1 lost, the view was slower than the cluster").arg(bucket.lost) : QString();
            }
        }
        QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace app::shell
