#include "app/explorer/ring/rack_layout.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "app/explorer/label_room.h"
#include "app/shell/kit.h"

namespace app::explorer::ring {

namespace {

constexpr double kMargin = 16;
constexpr double kGap = 14;
constexpr double kPad = 12;
constexpr double kTitle = 30;
constexpr double kNodeGap = 10;
constexpr double kNodeWidthMax = 190;
constexpr double kNodeHeightMax = 96;
constexpr double kFullWidth = 118;
constexpr double kFullHeight = 62;

using Racks = std::map<std::string, std::vector<const engine::observe::NodeView*>>;

}  // namespace

RackLayout RackLayout::compute(const engine::observe::ClusterState& state, const Nodes& nodes, const RingFocus& focus, QSizeF size) {
    RackLayout out;
    std::map<std::string, Racks> places;
    std::uint64_t largest = 1;
    std::size_t columns = 0, tallest = 1;
    for (const engine::observe::NodeView* view : state.ordered()) {
        if (!view->tokens.empty()) {
            places[view->datacenter][view->rack].push_back(view);
            largest = std::max(largest, view->loadBytes);
        }
    }
    for (const auto& [datacenter, racks] : places) {
        columns += racks.size();
        for (const auto& [rack, members] : racks) {
            tallest = std::max(tallest, members.size());
        }
    }
    if (columns == 0) {
        return out;
    }
    const double spare = size.width() - 2 * kMargin - static_cast<double>(places.size() - 1) * kGap -
                         static_cast<double>(places.size()) * 2 * kPad - static_cast<double>(columns - places.size()) * kGap -
                         static_cast<double>(columns) * 2 * kPad;
    const double perRack = spare / static_cast<double>(columns);
    // Few racks: their nodes stand side by side.
    const auto across = std::clamp<std::size_t>(static_cast<std::size_t>((perRack + kNodeGap) / (kNodeWidthMax + kNodeGap)), 1, tallest);
    const std::size_t rows = (tallest + across - 1) / across;
    const double gaps = static_cast<double>(across - 1) * kNodeGap;
    const double width = std::clamp((perRack - gaps) / static_cast<double>(across), 24.0, kNodeWidthMax);
    const double rackWidth = static_cast<double>(across) * width + gaps;
    const double room = size.height() - 2 * kMargin - 2 * kTitle - 2 * kPad;
    const double high = std::clamp((room - static_cast<double>(rows - 1) * kNodeGap) / static_cast<double>(rows), 20.0, kNodeHeightMax);
    out.full = width >= kFullWidth && high >= kFullHeight;
    const double rackHeight = kTitle + static_cast<double>(rows) * (high + kNodeGap) - kNodeGap + kPad;
    double total = 2 * kMargin - kGap;
    for (const auto& [datacenter, racks] : places) {
        total += kGap + 2 * kPad + static_cast<double>(racks.size()) * (rackWidth + 2 * kPad) + static_cast<double>(racks.size() - 1) * kGap;
    }
    double x = kMargin + std::max(0.0, (size.width() - total) / 2);
    const double top = kMargin + std::max(0.0, (size.height() - 2 * kMargin - kTitle - rackHeight - kPad) / 2);
    for (const auto& [datacenter, racks] : places) {
        const double left = x;
        int copies = 0;
        x += kPad;
        for (const auto& [rack, members] : racks) {
            const QRectF box(x, top + kTitle, rackWidth + 2 * kPad, rackHeight);
            bool copy = false;
            std::size_t index = 0;
            for (const engine::observe::NodeView* view : members) {
                Node node;
                node.rect = QRectF(box.left() + kPad + static_cast<double>(index % across) * (width + kNodeGap),
                                   box.top() + kTitle + static_cast<double>(index / across) * (high + kNodeGap), width, high);
                ++index;
                node.name = view->node;
                node.loadBytes = view->loadBytes;
                node.loadPart = static_cast<double>(view->loadBytes) / static_cast<double>(largest);
                if (const sources::NodeInfo* info = nodeIn(nodes, view->node)) {
                    node.node = info->number;
                    node.mark = info->mark;
                    node.word = info->word;
                    node.answering = info->answering;
                    node.cut = info->isCutOff();
                }
                if (const int rank = focus.rankOf(view->node)) {
                    node.role = ordinalText(rank) + " replica";
                    copy = true;
                    ++copies;
                }
                out.items.push_back({Shape::rect(node.rect, 6), NodeItem, static_cast<int>(out.members.size()), -1});
                out.members.push_back(std::move(node));
            }
            out.racks.push_back({box, QString::fromStdString(rack), focus.walk && !copy ? QString("no copy") : QString()});
            x += box.width() + kGap;
        }
        x += kPad - kGap;
        out.datacenters.push_back({QRectF(left, top, x - left, kTitle + rackHeight + kPad), QString::fromStdString(datacenter),
                                   focus.walk ? shell::counted(copies, "replica") : QString()});
        x += kGap;
    }
    out.placeFaults(nodes);
    return out;
}

void RackLayout::placeFaults(const Nodes& nodes) {
    LabelRoom room;
    for (const Node& member : members) {
        room.block(member.rect.adjusted(10, 6, -10, -6));
    }
    for (const Node& from : members) {
        const sources::NodeInfo* info = nodeIn(nodes, from.name);
        for (const sources::LinkRule& rule : info != nullptr ? info->links : std::vector<sources::LinkRule>()) {
            const auto to = std::find_if(members.begin(), members.end(),
                                         [&](const Node& other) { return QString::fromStdString(other.name) == rule.to; });
            if (to == members.end() || to->cut) {
                continue;  // A node that is cut off has a wall of its own.
            }
            Fault fault;
            fault.fromNode = from.node;
            fault.toNode = to->node;
            fault.drops = rule.drop > 0;
            fault.says = rule.drop > 0 ? QString("%1 % lost").arg(rule.drop * 100, 0, 'f', 0)
                                       : QString("+%1 ms").arg(static_cast<double>(rule.delayMicros) / 1000, 0, 'f', rule.delayMicros < 10'000 ? 2 : 0);
            fault.from = from.rect.center();
            fault.to = to->rect.center();
            const double width = shell::widthOf(shell::sans(11, 600), fault.says) + 30;
            const QPointF way = fault.to - fault.from;
            std::vector<QRectF> boxes;
            for (const double part : {.5, .35, .65, .25, .75}) {
                const QPointF at = fault.from + way * part;
                boxes.push_back({at.x() - width / 2, at.y() - 11, width, 22});
                boxes.push_back({at.x() - width / 2, at.y() - 34, width, 22});
            }
            if (const int at = room.place(boxes); at >= 0) {
                fault.labelled = true;
                fault.label = boxes[static_cast<std::size_t>(at)];
            }
            faults.push_back(std::move(fault));
        }
    }
}

}  // namespace app::explorer::ring
