#include "app/explorer/traffic/traffic_layout.h"

#include <algorithm>
#include <cmath>

#include "app/shell/kit.h"

namespace app::explorer::traffic {

namespace {

/// "2 of 3": which answer it was of those its round waited for. A round after a mismatch counts anew.
QString nthOf(const RequestStory& story, const Leg& leg) {
    if (leg.round == 0) {
        return QString("%1 of %2").arg(leg.order).arg(story.request->info.required);
    }
    std::uint32_t first = leg.order;
    int asked = 0;
    for (const Leg& other : story.legs) {
        if (other.round == leg.round && !other.isRepair) {
            ++asked;
            first = other.order != 0 ? std::min(first, other.order) : first;
        }
    }
    return QString("%1 of %2").arg(leg.order - first + 1).arg(std::max(asked, 1));
}


constexpr double kRow = 40;
constexpr double kGroupHead = 28;
constexpr double kLaneMin = 62;
constexpr int kRowsMax = 24;
constexpr double kBar = 16;

using Layout = TrafficLayout;

/// Legs of one group, in the order they are drawn.
struct Part {
    QString title;
    QString note;
    bool blocking = false;
    std::vector<int> legs;
};

std::vector<Part> partsOf(const RequestStory& story, const std::set<std::string>& hidden) {
    Part blocking{"Blocking set", "the answers that made the consistency level", true, {}};
    Part outside{"Outside it", "came after the answer, changed nothing for the client", false, {}};
    Part again{"After the mismatch", "digests differed: data was fetched again and mended", false, {}};
    for (std::size_t i = 0; i < story.legs.size(); ++i) {
        const Leg& leg = story.legs[i];
        if (hidden.count(leg.replica) != 0) {
            continue;
        }
        Part& part = leg.round > 0 ? again : leg.counted || (leg.acked == 0 && story.met == 0) ? blocking : outside;
        part.legs.push_back(static_cast<int>(i));
    }
    if (story.met == 0 && story.answered == 0) {
        blocking.note = "the answers it waits for";
    }
    std::vector<Part> parts;
    for (Part* part : {&blocking, &outside, &again}) {
        if (!part->legs.empty()) {
            parts.push_back(std::move(*part));
        }
    }
    return parts;
}

/// Replicas of the key that were sent nothing.
std::vector<std::string> idleOf(const RequestStory& story, const std::set<std::string>& hidden) {
    std::vector<std::string> idle;
    if (story.planned == 0 || story.legs.empty()) {
        return idle;
    }
    for (const std::string& replica : story.request->info.replicas) {
        const bool sent = std::any_of(story.legs.begin(), story.legs.end(), [&](const Leg& leg) { return leg.replica == replica; });
        if (!sent && hidden.count(replica) == 0) {
            idle.push_back(replica);
        }
    }
    return idle;
}

double waterfallHeight(const RequestStory& story, const std::set<std::string>& hidden) {
    double height = hidden.count("") != 0 ? 40 : 80;
    for (const Part& part : partsOf(story, hidden)) {
        height += kGroupHead + kRow * static_cast<double>(part.legs.size()) + 10;
    }
    if (const auto idle = idleOf(story, hidden); !idle.empty()) {
        height += kGroupHead + kRow * static_cast<double>(idle.size()) + 10;
    }
    return height + 34;
}

std::vector<std::string> lanesOf(const RequestStory& story, const std::set<std::string>& hidden) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (hidden.count(name) == 0 && std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    };
    add("");
    if (story.request) {
        add(story.request->coordinator);
    }
    for (const Leg& leg : story.legs) {
        add(leg.replica);
    }
    return names;
}

class Builder {
public:
    Builder(Layout& out, const RequestStory& story, const Nodes& nodes, const std::set<std::string>& hidden)
        : m_out(out), m_story(story), m_nodes(nodes), m_hidden(hidden) {}

    void axis(double width) {
        m_out.right = width - 16;
        const double span = static_cast<double>(std::max<std::int64_t>(m_story.end - m_story.begin, 1000)) * 1.1;
        m_out.scale = (m_out.right - m_out.left) / span;
        const double unit = span < 2e6 && span < 20'000 ? 1e3 : span < 2e9 ? 1e6 : 1e9;
        m_out.unit = unit == 1e3 ? QString::fromUtf8("µs") : unit == 1e6 ? "ms" : "s";
        const double rough = span / unit / 8;
        const double power = std::pow(10, std::floor(std::log10(rough)));
        const double step = rough / power <= 1 ? power : rough / power <= 2 ? 2 * power : rough / power <= 5 ? 5 * power : 10 * power;
        const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step))));
        for (double at = 0; at <= span / unit; at += step) {
            m_out.ticks.push_back({m_out.left + at * unit * m_out.scale, QString::number(at, 'f', decimals)});
        }
    }

    void marks() {
        const auto since = [this](std::int64_t nanos) { return nanos - m_story.begin; };
        if (m_story.met != 0) {
            m_out.metX = m_out.xOf(since(m_story.met));
            m_out.metText = QString("%1 met %2").arg(QString::fromStdString(m_story.request->info.consistency), shell::millisText(since(m_story.met)));
        }
        if (m_story.answered != 0) {
            m_out.answeredX = m_out.xOf(since(m_story.answered));
            m_out.answeredText = "client answered " + shell::millisText(since(m_story.answered));
        }
        if (m_story.request->mismatch) {
            m_out.mismatchX = m_out.xOf(since(m_story.request->mismatchNanos));
        }
    }

    double waterfall(double y) {
        if (m_hidden.count("") == 0) {
            y = clientRow(y);
        }
        y = coordinatorRow(y);
        int drawn = 0;
        for (const Part& part : partsOf(m_story, m_hidden)) {
            const double head = y + 10;
            y += kGroupHead;
            const double first = y;
            for (const int leg : part.legs) {
                if (drawn == kRowsMax) {
                    ++m_out.leftOut;
                    continue;
                }
                ++drawn;
                legRow(leg, y + kRow / 2);
                y += kRow;
            }
            m_out.groups.push_back({QRectF(16, head - 10, 4, y - first + kGroupHead - 4), part.title, part.note, part.blocking});
            y += 10;
        }
        const auto idle = idleOf(m_story, m_hidden);
        if (!idle.empty()) {
            const double first = y;
            y += kGroupHead;
            for (const std::string& replica : idle) {
                idleRow(replica, y + kRow / 2);
                y += kRow;
            }
            m_out.groups.push_back({QRectF(16, first, 4, y - first - 4), "Sent nothing", "replicas of this key that were left out", false});
            y += 10;
        }
        return y + 34;
    }

    void spaceTime(double top, double bottom) {
        const auto names = lanesOf(m_story, m_hidden);
        const double room = bottom - top - 92;
        const double step = names.size() > 1 ? room / static_cast<double>(names.size() - 1) : 0;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const bool coordinator = names[i] == m_story.request->coordinator;
            m_out.lanes.push_back({top + 36 + step * static_cast<double>(i), names[i], names[i].empty() ? "client" : coordinator ? "coordinator" : "replica"});
        }
        clientMessages();
        for (std::size_t i = 0; i < m_story.legs.size(); ++i) {
            legSlants(static_cast<int>(i));
        }
        labelSlants();
    }

    void items() {
        for (std::size_t i = 0; i < m_out.rows.size(); ++i) {
            const Layout::Row& row = m_out.rows[i];
            const int kind = row.isIdle ? Layout::IdleItem : row.leg >= 0 ? Layout::LegItem : row.node.empty() ? Layout::ClientItem : Layout::CoordinatorItem;
            m_out.items.push_back({Shape::rect({24, row.y - 17, m_out.right - 24, 34}, 4), kind, static_cast<int>(i), -1});
        }
        for (std::size_t i = 0; i < m_out.slants.size(); ++i) {
            m_out.items.push_back({Shape::segment(m_out.slants[i].from, m_out.slants[i].to, 7), Layout::MessageItem, static_cast<int>(i), -1});
        }
    }

private:
    double x(std::int64_t nanos) const { return m_out.xOf(std::max<std::int64_t>(0, nanos - m_story.begin)); }
    QRectF bar(std::int64_t from, std::int64_t to, double y, double height = kBar) const {
        return {x(from), y - height / 2, std::max(x(to) - x(from), 1.5), height};
    }

    double clientRow(double y) {
        Layout::Row row;
        row.y = y + 20;
        row.note = "client";
        const std::int64_t end = m_story.answered != 0 ? m_story.answered : m_story.end;
        row.bars.push_back({bar(m_story.begin, end, row.y), Layout::Paint::Client,
                            m_story.answered != 0 ? "waits " + shell::millisText(end - m_story.begin) : QString("still waits")});
        m_out.rows.push_back(std::move(row));
        return y + kRow;
    }

    double coordinatorRow(double y) {
        Layout::Row row;
        row.y = y + 20;
        row.node = m_story.request->coordinator;
        row.note = "coordinator";
        const std::int64_t planned = m_story.planned != 0 ? m_story.planned : m_story.begin;
        const std::int64_t met = m_story.met != 0 ? m_story.met : m_story.answered != 0 ? m_story.answered : m_story.end;
        row.bars.push_back({bar(m_story.begin, planned, row.y), Layout::Paint::Coordinator, {}});
        const auto required = m_story.request->info.required;
        row.bars.push_back({bar(planned, met, row.y), Layout::Paint::Waiting, "waits for " + shell::counted(required, "answer")});
        if (m_story.request->mismatch && m_story.answered > met) {
            row.bars.push_back({bar(met, m_story.answered, row.y), Layout::Paint::Waiting, "fetches the data and mends"});
        } else if (m_story.answered > met) {
            row.bars.push_back({bar(met, m_story.answered, row.y), Layout::Paint::Coordinator, {}});
        }
        m_out.rows.push_back(std::move(row));
        return y + kRow + 4;
    }

    void addWork(const Leg& leg, double y, double height, std::vector<Layout::Bar>& out) const {
        for (const auto& work : leg.work) {
            const auto paint = work.phase == "commitlog" ? Layout::Paint::CommitLog
                               : work.phase == "memtable" ? Layout::Paint::Memtable : Layout::Paint::Read;
            out.push_back({bar(work.startNanos, work.endNanos, y, height), paint, QString::fromStdString(work.phase)});
        }
    }

    Layout::Wire wire(std::int64_t from, std::int64_t to, double y, const Leg& leg, const std::string& verb) const {
        Layout::Wire out;
        out.arrived = to != 0;
        out.from = {x(from), y};
        out.to = {to != 0 ? x(to) : m_out.right, y};
        out.late = leg.isLate();
        out.verb = QString::fromStdString(verb);
        return out;
    }

    void legRow(int index, double y) {
        const Leg& leg = m_story.legs[static_cast<std::size_t>(index)];
        Layout::Row row;
        row.y = y;
        row.node = leg.replica;
        row.leg = index;
        row.late = leg.isLate();
        row.counted = leg.counted;
        row.digest = leg.digest;
        row.note = leg.isLocal ? "local, no socket" : addressOf(leg.replica);
        if (!leg.isLocal && leg.sent != 0) {
            row.wires.push_back(wire(leg.sent, leg.arrived, y, leg, leg.verb));
        }
        addWork(leg, y, kBar, row.bars);
        if (!leg.isLocal && leg.replied != 0) {
            row.wires.push_back(wire(leg.workEnd() != 0 ? leg.workEnd() : leg.replied, leg.landed, y, leg, leg.replyVerb));
        }
        if (leg.acked != 0) {
            row.disc = x(leg.acked);
            row.ordinal = leg.failed ? "!" : QString::number(leg.order);
            const QString nth = nthOf(m_story, leg);
            row.word = leg.failed ? QString("could not") : leg.counted ? (leg.digest ? "digest counted, " : "counted, ") + nth : QString("late, not needed");
        } else if (leg.sent != 0 && leg.arrived == 0 && !leg.isLocal) {
            row.word = "not received";
        } else if (leg.round > 0) {
            row.word = leg.isRepair ? "mended" : "data";
        }
        m_out.rows.push_back(std::move(row));
    }

    void idleRow(const std::string& replica, double y) {
        Layout::Row row;
        row.y = y;
        row.node = replica;
        row.isIdle = true;
        const sources::NodeInfo* node = nodeIn(m_nodes, replica);
        const bool down = node != nullptr && (!node->answering || node->mark == shell::StateMark::Down);
        row.note = addressOf(replica);
        row.word = down ? "it is down" : "enough others were asked";
        m_out.rows.push_back(std::move(row));
    }

    // ---- space-time ----

    double laneOf(const std::string& name) const {
        const auto at = std::find_if(m_out.lanes.begin(), m_out.lanes.end(), [&](const auto& lane) { return lane.node == name; });
        return at == m_out.lanes.end() ? -1 : at->y;
    }

    void clientMessages() {
        const double client = laneOf(""), coordinator = laneOf(m_story.request->coordinator);
        if (client < 0 || coordinator < 0) {
            return;
        }
        Layout::Slant ask;
        ask.from = {x(m_story.begin), client};
        ask.to = {x(m_story.begin), coordinator};
        ask.verb = m_story.request->info.prepared ? "EXECUTE" : "QUERY";
        ask.family = "accent";
        m_out.slants.push_back(ask);
        if (m_story.answered != 0) {
            Layout::Slant answer;
            answer.from = {x(m_story.answered), coordinator};
            answer.to = {x(m_story.answered), client};
            answer.verb = m_story.request->error.empty() ? "RESULT" : "ERROR";
            answer.family = "accent";
            answer.response = true;
            m_out.slants.push_back(answer);
        }
    }

    void slant(const std::string& a, std::int64_t sent, const std::string& b, std::int64_t received, const std::string& verb, bool response, int index) {
        const double ya = laneOf(a), yb = laneOf(b);
        if (ya < 0 || yb < 0 || sent == 0) {
            return;
        }
        const Leg& leg = m_story.legs[static_cast<std::size_t>(index)];
        Layout::Slant out;
        out.arrived = received != 0;
        out.from = {x(sent), ya};
        const double end = received != 0 ? x(received) : m_out.right;
        out.to = {end, received != 0 ? yb : ya + (yb - ya) * .7};
        out.verb = QString::fromStdString(verb);
        out.family = shell::verbFamily(out.verb);
        out.response = response;
        out.late = response && leg.isLate();
        out.leg = index;
        out.took = received != 0 ? received - sent : 0;
        m_out.slants.push_back(std::move(out));
    }

    void legSlants(int index) {
        const Leg& leg = m_story.legs[static_cast<std::size_t>(index)];
        const std::string& coordinator = m_story.request->coordinator;
        if (!leg.isLocal) {
            slant(coordinator, leg.sent, leg.replica, leg.arrived, leg.verb, false, index);
            slant(leg.replica, leg.replied, coordinator, leg.landed, leg.replyVerb, true, index);
        }
        const double lane = laneOf(leg.replica), home = laneOf(coordinator);
        if (lane >= 0 && !leg.work.empty()) {
            const std::int64_t from = leg.work.front().startNanos;
            m_out.works.push_back({bar(from, leg.workEnd(), lane, 10), leg.work.front().phase == "read" ? Layout::Paint::Read : Layout::Paint::CommitLog,
                                   m_story.isWrite || leg.isRepair ? "applies" : "reads"});
        }
        if (home >= 0 && leg.acked != 0) {
            m_out.discs.push_back({{x(leg.acked), home}, QString::number(leg.order), leg.isLate(), leg.digest});
        }
    }

    void labelSlants() {
        std::vector<QRectF> taken;
        const QFont font = shell::sans(11, 600);
        for (Layout::Slant& slant : m_out.slants) {
            const double width = shell::widthOf(font, slant.verb);
            for (const auto& [part, left] : {std::pair{.5, false}, {.5, true}, {.72, false}, {.72, true}, {.3, true}, {.3, false}, {.84, false}, {.84, true}, {.62, false}, {.62, true}}) {
                const QPointF at = slant.from + (slant.to - slant.from) * part + QPointF(left ? -12 : 12, 0);
                const QRectF box(left ? at.x() - width : at.x(), at.y() - 8, width, 16);
                if (box.right() > m_out.right || box.left() < m_out.left - 8 ||
                    std::any_of(taken.begin(), taken.end(), [&](const QRectF& r) { return r.adjusted(-8, 0, 8, 0).intersects(box); }) || crosses(box)) {
                    continue;
                }
                slant.labelled = true;
                slant.labelAt = at;
                slant.labelLeft = left;
                taken.push_back(box);
                break;
            }
        }
    }
    /// A label stands on no message, lane or mark.
    bool crosses(const QRectF& box) const {
        for (const double mark : {m_out.metX, m_out.answeredX}) {
            if (mark > box.left() - 3 && mark < box.right() + 3) {
                return true;
            }
        }
        for (const Layout::Lane& lane : m_out.lanes) {
            if (std::abs(lane.y - box.center().y()) < 16) {
                return true;
            }
        }
        for (const Layout::Slant& slant : m_out.slants) {
            for (int i = 0; i <= 20; ++i) {
                if (box.contains(slant.from + (slant.to - slant.from) * (i / 20.0))) {
                    return true;
                }
            }
        }
        return false;
    }

    Layout& m_out;
    const RequestStory& m_story;
    const Nodes& m_nodes;
    const std::set<std::string>& m_hidden;
};

}  // namespace

double TrafficLayout::heightFor(const RequestStory& story, Form form, const std::set<std::string>& hidden) {
    if (!story.request) {
        return 0;
    }
    const double above = waterfallHeight(story, hidden) + 40;
    const double below = kLaneMin * static_cast<double>(std::max<std::size_t>(lanesOf(story, hidden).size(), 2) - 1) + 100;
    return form == Form::Waterfall ? above + 24 : form == Form::SpaceTime ? below + 40 : above + below;
}

TrafficLayout TrafficLayout::compute(const RequestStory& story, const Nodes& nodes, Form form, const std::set<std::string>& hidden, QSizeF size) {
    TrafficLayout out;
    out.bottom = size.height() - 14;
    if (!story.request || !story.request->started) {
        return out;
    }
    Builder builder(out, story, nodes, hidden);
    builder.axis(size.width());
    builder.marks();
    out.waterfallBottom = out.top - 4;
    if (form != Form::SpaceTime) {
        out.waterfallBottom = builder.waterfall(out.top - 4);
    }
    if (form != Form::Waterfall) {
        out.laneTop = out.waterfallBottom + (form == Form::Both ? 12 : 0);
        builder.spaceTime(out.laneTop, out.bottom);
    }
    builder.items();
    return out;
}

}  // namespace app::explorer::traffic
