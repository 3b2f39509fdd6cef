#include "app/explorer/traffic/request_list.h"

#include <algorithm>

namespace app::explorer::traffic {

using engine::observe::ClusterState;
using engine::observe::RequestView;
using shell::Align;
using shell::mono;
using shell::sans;
using shell::tokens;
namespace paint = shell::paint;

namespace {

bool matches(const RequestView& request, Which which) {
    if (!request.started) {
        return false;
    }
    const auto& info = request.info;
    const bool isSystem = info.replicas.empty() && (info.keyspace.empty() || info.keyspace.starts_with("system"));
    switch (which) {
    case Which::All: return !isSystem;
    case Which::Writes: return !isSystem && info.kind != "READ" && info.kind != "RANGE";
    case Which::Reads: return !isSystem && (info.kind == "READ" || info.kind == "RANGE");
    case Which::SystemToo: return true;
    }
    return true;
}

RequestRow rowOf(const RequestView& request) {
    const auto& info = request.info;
    RequestRow row;
    row.id = request.id;
    row.title = statementTitle(info);
    row.detail = QString::fromStdString(info.consistency);
    if (info.required > 0 && !info.replicas.empty()) {
        row.detail += QString(", %1 of %2").arg(info.required).arg(info.replicas.size());
    }
    row.coordinator = request.coordinator;
    row.isWrite = info.kind != "READ" && info.kind != "RANGE";
    row.failed = !request.error.empty();
    row.started = info.receivedNanos != 0 ? info.receivedNanos : request.startedNanos;
    row.duration = request.durationNanos().value_or(-1);
    return row;
}

}  // namespace

RequestRows RequestRows::of(const ClusterState& state, Order order, Which which) {
    RequestRows out;
    for (const auto& id : state.requestOrder) {
        const auto request = state.request(id);
        if (request && matches(*request, which)) {
            out.rows.push_back(rowOf(*request));
        }
    }
    out.total = out.rows.size();
    const auto before = [order](const RequestRow& a, const RequestRow& b) {
        return order == Order::Slowest && a.duration != b.duration ? a.duration > b.duration : a.started > b.started;
    };
    const std::size_t kept = std::min(out.rows.size(), kRowsMax);
    std::partial_sort(out.rows.begin(), out.rows.begin() + static_cast<std::ptrdiff_t>(kept), out.rows.end(), before);
    out.rows.resize(kept);
    for (const RequestRow& row : out.rows) {
        out.slowest = std::max(out.slowest, row.duration);
    }
    return out;
}

RequestList::RequestList(std::function<Input()> input, QWidget* parent) : Canvas(parent), m_input(std::move(input)) {
    setAccessibleName("Requests");
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
}

QSize RequestList::sizeHint() const {
    return {296, static_cast<int>((static_cast<double>(m_now.rows.rows.size()) * kRowHeight + 44) * shell::theme().zoom())};
}

void RequestList::relayout(QSizeF size) {
    const std::size_t before = m_now.rows.rows.size();
    m_now = m_input();
    m_width = size.width();
    m_items.clear();
    for (std::size_t i = 0; i < m_now.rows.rows.size(); ++i) {
        m_items.push_back({Shape::rect({6, static_cast<double>(i) * kRowHeight + 4, m_width - 13, kRowHeight - 8}, 6), 1, static_cast<int>(i), static_cast<int>(i)});
    }
    if (m_now.rows.rows.size() != before) {
        setMinimumHeight(sizeHint().height());
        updateGeometry();
    }
}

void RequestList::paintState(QPainter& p) {
    double top = 0;
    for (const RequestRow& row : m_now.rows.rows) {
        if (top + kRowHeight >= exposed().top() && top <= exposed().bottom()) {
            paintRow(p, row, top);
        }
        top += kRowHeight;
    }
    if (m_now.rows.rows.empty()) {
        paint::mid(p, {16, 24}, "No request yet.", sans(12.5), tokens().text);
        paint::mid(p, {16, 46}, "Run one in the console.", sans(12.5), tokens().muted);
        return;
    }
    paint::hline(p, 0, m_width, top + 4, tokens().line);
    paint::mid(p, {16, top + 24}, QString("%1 of %2 kept").arg(shell::countText(static_cast<std::int64_t>(m_now.rows.rows.size())),
                                                               shell::countText(static_cast<std::int64_t>(m_now.rows.total))), sans(11.5), tokens().faint);
}

void RequestList::paintRow(QPainter& p, const RequestRow& row, double top) const {
    const shell::Tokens& t = tokens();
    const bool on = m_now.selected == row.id;
    const QColor colour = row.isWrite ? t.write : t.read;
    if (on) {
        paint::box(p, {6, top + 4, m_width - 13, 54}, t.selected, {}, 6);
    }
    paint::box(p, {16, top + 14, 4, 34}, colour, {}, 2);
    const QString time = row.duration < 0 ? QString("running") : shell::millisText(row.duration);
    const double width = paint::text(p, {m_width - 18, top + 27}, time, mono(12, 500), row.failed ? t.fail : t.text, Align::Right);
    paint::text(p, {30, top + 27}, paint::elided(row.title, sans(12.5, on ? 600 : 400), m_width - width - 60), sans(12.5, on ? 600 : 400), t.text);
    paint::badge(p, {37, top + 42}, 7, numberIn(*m_now.nodes, row.coordinator));
    paint::text(p, {50, top + 46}, paint::elided(row.failed ? row.detail + ", failed" : row.detail, sans(11.5), m_width - 156), sans(11.5), row.failed ? t.fail : t.muted);
    const QRectF track(m_width - 98, top + 39, 80, 5);
    paint::progress(p, track, m_now.rows.slowest > 0 && row.duration > 0 ? static_cast<double>(row.duration) / static_cast<double>(m_now.rows.slowest) : 0, colour);
}

QString RequestList::tipOf(const Item& item) const {
    const RequestRow& row = m_now.rows.rows[static_cast<std::size_t>(item.index)];
    return QString("%1\n%2, coordinator %3\n%4").arg(row.title, row.detail, labelIn(*m_now.nodes, row.coordinator),
                                                     row.duration < 0 ? QString("not answered yet") : "answered in " + shell::millisText(row.duration));
}

void RequestList::choose(const Item& item) { emit chosen(m_now.rows.rows[static_cast<std::size_t>(item.index)].id); }

void RequestList::open(const Item& item) {
    choose(item);
    emit opened();
}

}  // namespace app::explorer::traffic
