#include "app/learn/trio_stage.h"

#include <algorithm>

#include "app/shell/kit.h"

namespace app::learn {

using namespace app::shell;
using engine::observe::RequestView;

namespace {

constexpr double kWordsHeight = 66;
constexpr double kWordsWidth = 142;
constexpr double kBeside = 18;  // From the first ring to its words.
constexpr double kEdge = 4;

QPointF along(QPointF from, QPointF to, double distance) {
    const QPointF way = to - from;
    const double length = std::hypot(way.x(), way.y());
    return length == 0 ? from : from + way * (distance / length);
}

}  // namespace

TrioPlan TrioPlan::of(QSizeF size) {
    TrioPlan plan;
    plan.foot = QRectF(size.width() / 2 - 166, size.height() - 64, 332, 44);
    const double room = plan.foot.top() - 16;
    // The triangle, its rings and the words below the lower two.
    double scale = std::min({1.0, (room - 2 * plan.ring - kWordsHeight - 24) / 232, (size.width() - kWordsWidth - 24) / 280});
    plan.ring = std::max(30.0, 44 * std::min(1.0, scale * 1.15));
    const double high = 232 * scale + 2 * plan.ring + kWordsHeight;
    const double top = std::max(12.0, (room - high) / 2);
    // The first node's words stand beside it: in a narrow stage the triangle makes room for them.
    const double middle = std::min(size.width() / 2, size.width() - kWordsWidth - plan.ring - kBeside - kEdge);
    scale = std::min(scale, (middle - kWordsWidth / 2 - kEdge) / 140);
    const QPointF apex(middle, top + plan.ring);
    plan.node[0] = apex;
    plan.node[1] = apex + QPointF(140, 232) * scale;
    plan.node[2] = apex + QPointF(-140, 232) * scale;
    plan.words[0] = QRectF(apex.x() + plan.ring + kBeside, apex.y() - 30, kWordsWidth, kWordsHeight);
    for (const int i : {1, 2}) {
        plan.words[i] = QRectF(plan.node[i].x() - kWordsWidth / 2, plan.node[i].y() + plan.ring + 6, kWordsWidth, kWordsHeight);
    }
    const QPointF cut = plan.node[2] + QPointF(-38, -plan.ring - 62 * scale);
    plan.cutPill = QRectF(std::max(8.0, cut.x() - 27), cut.y() - 12, 54, 24);
    return plan;
}

TrioStage::TrioStage(sources::ClusterModel& model, const FirstMinute& minute, QWidget* parent)
    : QWidget(parent), m_model(model), m_minute(minute) {
    setMinimumSize(340, 380);
    connect(&minute, &FirstMinute::changed, this, qOverload<>(&QWidget::update));
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

bool TrioStage::isUp(int number) const {
    const sources::NodeInfo* node = m_model.node(number);
    return node != nullptr && node->answering;
}

QString TrioStage::roleOf(int number, bool& bad) const {
    const auto request = m_minute.shownRequest();
    const sources::NodeInfo* node = m_model.node(number);
    if (node == nullptr || !isUp(number)) {
        return node == nullptr ? QString() : node->word.toLower();
    }
    if (!request) {
        return "answers CQL";
    }
    const std::string name = node->name.toStdString();
    const bool isRead = request->info.kind == "READ";
    const bool coordinates = request->coordinator == name;
    const bool answered = std::any_of(request->acks.begin(), request->acks.end(),
                                      [&](const auto& ack) { return ack.replica == name && !ack.failed; });
    const bool mended = std::any_of(request->repairs.begin(), request->repairs.end(),
                                    [&](const auto& repair) { return repair.replica == name; });
    const bool received = coordinates || std::any_of(request->messages.begin(), request->messages.end(), [&](const auto& message) {
                              return message.to == name && message.receivedNanos != 0;
                          });
    const QString did = isRead ? "answered" : "applied";
    if (coordinates) {
        return answered ? "coordinator, " + did : QString("coordinator");
    }
    if (mended) {
        return "was behind, mended";
    }
    bad = !received;
    return answered ? (isRead ? QString("answered") : QString("applied, answered")) : received ? QString("got it") : QString("did not hear of it");
}

void TrioStage::drawLinks(QPainter& p, const TrioPlan& plan) const {
    const Tokens& t = tokens();
    const sources::NodeInfo* third = m_model.node(FirstMinute::kCutNode);
    const bool cut = third != nullptr && third->isCutOff();
    for (const auto& [a, b] : {std::pair(1, 2), {1, 3}, {2, 3}}) {
        const bool severed = cut && b == FirstMinute::kCutNode;
        QPen pen(severed ? t.down : t.line_strong, 2);
        if (!isUp(a) || !isUp(b) || severed) {
            pen.setDashPattern({1.2, 2.6});
        }
        p.setPen(pen);
        const QPointF from = plan.node[a - 1];
        const QPointF to = plan.node[b - 1];
        p.drawLine(along(from, to, plan.ring + 8), along(to, from, plan.ring + 8));
    }
}

void TrioStage::drawMessages(QPainter& p, const TrioPlan& plan) const {
    const auto request = m_minute.shownRequest();
    if (!request) {
        return;
    }
    const Tokens& t = tokens();
    for (const auto& message : request->messages) {
        const int from = m_model.numberOf(message.from);
        const int to = m_model.numberOf(message.to);
        if (from < 1 || from > 3 || to < 1 || to > 3 || from == to) {
            continue;
        }
        const bool reply = QString::fromStdString(message.verb).endsWith("_RSP");
        const QPointF a = plan.node[from - 1];
        const QPointF b = plan.node[to - 1];
        const QPointF way = b - a;
        const double length = std::max(1.0, std::hypot(way.x(), way.y()));
        // To the right of its own way, so that both directions are seen.
        const QPointF aside = QPointF(-way.y(), way.x()) * (7 / length);
        const QPointF start = along(a, b, plan.ring + 8) + aside;
        const QPointF end = along(b, a, plan.ring + 8) + aside;
        paint::arrow(p, start, message.receivedNanos != 0 ? end : (start + end) / 2, t.verb(QString::fromStdString(message.verb)), 2, reply, 9);
    }
}

void TrioStage::drawNode(QPainter& p, const TrioPlan& plan, int number) const {
    const Tokens& t = tokens();
    const QPointF at = plan.node[number - 1];
    const bool here = isUp(number);
    p.setPen(Qt::NoPen);
    p.setBrush(t.panel);
    p.drawEllipse(at, plan.ring + 5, plan.ring + 5);
    QPen ring(here ? t.node(number) : t.line_strong, here ? 2.5 : 1.5);
    if (!here) {
        ring.setDashPattern({2.6, 2.6});
    }
    p.setPen(ring);
    p.setBrush(t.view);
    p.drawEllipse(at, plan.ring, plan.ring);
    const double badge = plan.ring * .52;
    here ? paint::badge(p, at, badge, number) : paint::ghostBadge(p, at, badge, number);

    bool bad = false;
    const QString role = roleOf(number, bad);
    if (role.isEmpty()) {
        return;
    }
    const QRectF& words = plan.words[number - 1];
    const Align align = number == 1 ? Align::Left : Align::Centre;
    const double x = number == 1 ? words.left() : words.center().x();
    paint::text(p, {x, words.top() + 15}, QString("n%1").arg(number), sans(13, 600), t.text, align);
    paint::text(p, {x, words.top() + 33}, role, sans(12.5), bad ? t.down : t.muted, align);
    if (const auto copies = m_minute.copiesOn(number)) {
        const auto newest = std::max({m_minute.copiesOn(1).value_or(0), m_minute.copiesOn(2).value_or(0), m_minute.copiesOn(3).value_or(0)});
        const bool stale = *copies < newest;
        paint::PillStyle style;
        style.ink = stale ? t.down : t.text;
        style.fill = stale ? t.panel : t.live_tint;
        style.edge = stale ? t.down : t.live;
        style.height = 22;
        style.size = 12;
        style.weight = 600;
        paint::pill(p, {x, words.top() + 53}, QString(*copies == 1 ? "%1 copy" : "%1 copies").arg(*copies), style, align);
    }
}

void TrioStage::drawCut(QPainter& p, const TrioPlan& plan) const {
    const sources::NodeInfo* third = m_model.node(FirstMinute::kCutNode);
    if (third == nullptr || !third->isCutOff()) {
        return;
    }
    const Tokens& t = tokens();
    const QPointF n = plan.node[2];
    const double reach = plan.ring + 34;
    QPainterPath wall(plan.cutPill.bottomLeft() + QPointF(-8, 10));
    wall.cubicTo(n + QPointF(reach * .5, -reach * 1.35), n + QPointF(reach * 1.2, -reach * .9), n + QPointF(reach * 1.35, 0));
    wall.cubicTo(n + QPointF(reach * 1.42, reach * .3), n + QPointF(reach * 1.42, reach * .7), n + QPointF(reach * 1.4, reach));
    QPen pen(t.down, 2.5);
    pen.setDashPattern({3.5, 2});
    p.setPen(pen);
    p.setBrush(Qt::NoBrush);
    p.drawPath(wall);
    paint::PillStyle style;
    style.ink = t.down;
    style.fill = t.fail_tint;
    style.edge = t.down;
    style.height = 24;
    style.size = 12;
    style.weight = 600;
    style.icon = "cut";
    paint::pill(p, {plan.cutPill.left(), plan.cutPill.center().y()}, "cut", style);
}

void TrioStage::drawFoot(QPainter& p, const TrioPlan& plan) const {
    const Tokens& t = tokens();
    const auto request = m_minute.shownRequest();
    if (!request) {
        paint::text(p, plan.foot.center() + QPointF(0, 4), "Three nodes, three copies of every row", sans(13, 500), t.muted, Align::Centre);
        return;
    }
    const auto good = static_cast<int>(std::count_if(request->acks.begin(), request->acks.end(), [](const auto& ack) { return !ack.failed; }));
    const int all = static_cast<int>(request->info.replicas.size());
    const QString level = QString::fromStdString(request->info.consistency);
    const int answers = std::min(good, all);
    const QString words = QString("%1 of %2 answered, %3 %4").arg(answers).arg(all).arg(level, request->levelMetNanos != 0 ? "met" : "not met");
    const QFont font = sans(13, 600);
    const double width = all * 30 + 12 + widthOf(font, words) + 40;
    const QRectF box(plan.foot.center().x() - width / 2, plan.foot.top(), width, plan.foot.height());
    paint::box(p, box, t.view, t.line, 8);
    double x = box.left() + 20;
    for (int i = 0; i < all; ++i, x += 30) {
        paint::box(p, {x, box.center().y() - 7, 24, 14}, i < answers ? t.block : QColor(), i < answers ? t.block : t.late, 4, 1.5);
    }
    paint::mid(p, {x + 12, box.center().y()}, words, font, t.text);
}

void TrioStage::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    paint::box(p, rect(), t.panel, t.line, 12);
    const TrioPlan plan = TrioPlan::of(size());
    drawLinks(p, plan);
    drawMessages(p, plan);
    for (const int number : {1, 2, 3}) {
        drawNode(p, plan, number);
    }
    drawCut(p, plan);
    drawFoot(p, plan);
}

}  // namespace app::learn
