#include "app/explorer/ring/line_layout.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace app::explorer::ring {

namespace {

constexpr double kLabelWidth = 92;
constexpr double kPixelMin = 4;

struct Range {
    double from = 0;
    double to = 0;  // Of [0, 1]; a wrapping range is two of these.
    int arc = 0;
    bool wraps = false;
    std::vector<int> holders;  // Node numbers by rank.
};

std::vector<Range> rangesOf(const engine::ring::Topology& topology, const Nodes& nodes, const RingFocus& focus, int& ranks) {
    std::map<const engine::ring::NodeInfo*, int> numbers;
    for (const auto& node : topology.nodes()) {
        numbers[&node] = numberIn(nodes, node.node);
    }
    std::vector<Range> out;
    const auto& tokens = topology.tokens();
    const bool replicated = !focus.keyspace.empty();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Range range;
        range.arc = static_cast<int>(i);
        range.to = LineLayout::partOf(tokens[i].token);
        range.from = LineLayout::partOf(tokens[i == 0 ? tokens.size() - 1 : i - 1].token);
        if (replicated) {
            for (const auto* holder : topology.replicasFor(focus.replication, tokens[i].token).natural) {
                range.holders.push_back(numbers[holder]);
            }
        } else {
            range.holders.push_back(numbers[tokens[i].node]);
        }
        ranks = std::max(ranks, static_cast<int>(range.holders.size()));
        if (i == 0) {
            range.wraps = true;
            Range tail = range;
            tail.to = 1;
            range.from = 0;
            out.push_back(range);
            out.push_back(std::move(tail));
        } else {
            out.push_back(std::move(range));
        }
    }
    return out;
}

void placeExactly(LineLayout& out, const std::vector<Range>& ranges) {
    for (const Range& range : ranges) {
        const double left = std::max(out.xOf(range.from), out.lanes.left());
        const double right = std::min(out.xOf(range.to), out.lanes.right());
        if (right <= left) {
            continue;
        }
        for (std::size_t rank = 0; rank < range.holders.size(); ++rank) {
            const QRectF rect(left, out.lanes.top() + static_cast<double>(rank) * out.laneHeight, std::max(right - left, 1.0), out.laneHeight - 6);
            out.blocks.push_back({rect, range.holders[rank], range.arc, static_cast<int>(rank), range.wraps});
        }
    }
}

/// Who has most of each pixel, by rank.
void placeByPixel(LineLayout& out, const std::vector<Range>& ranges) {
    const int pixels = static_cast<int>(out.lanes.width());
    for (int rank = 0; rank < out.ranks; ++rank) {
        std::vector<std::map<int, double>> cover(static_cast<std::size_t>(pixels));
        std::vector<std::pair<double, int>> widest(static_cast<std::size_t>(pixels));
        for (const Range& range : ranges) {
            if (rank >= static_cast<int>(range.holders.size())) {
                continue;
            }
            const double left = std::max(0.0, out.xOf(range.from) - out.lanes.left());
            const double right = std::min<double>(pixels, out.xOf(range.to) - out.lanes.left());
            for (int x = static_cast<int>(left); x < right; ++x) {
                const double part = std::min(right, x + 1.0) - std::max(left, static_cast<double>(x));
                cover[static_cast<std::size_t>(x)][range.holders[static_cast<std::size_t>(rank)]] += part;
                widest[static_cast<std::size_t>(x)] = std::max(widest[static_cast<std::size_t>(x)], {part, range.arc});
            }
        }
        for (int x = 0; x < pixels; ++x) {
            const auto& here = cover[static_cast<std::size_t>(x)];
            const auto most = std::max_element(here.begin(), here.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
            if (most != here.end()) {
                out.blocks.push_back({{out.lanes.left() + x, out.lanes.top() + rank * out.laneHeight, 1, out.laneHeight - 6},
                                      most->first, widest[static_cast<std::size_t>(x)].second, rank, false});
            }
        }
    }
}

void placeShares(LineLayout& out, const engine::ring::Topology& topology, const Nodes& nodes, QSizeF size) {
    const auto owned = topology.ownership();
    out.ideal = owned.empty() ? 0 : 1.0 / static_cast<double>(owned.size());
    const double top = out.lanes.bottom() + 58, bottom = size.height() - 30;
    const double step = owned.empty() ? 0 : std::min(26.0, (bottom - top) / static_cast<double>(owned.size()));
    double y = top + step / 2;
    std::vector<std::pair<std::string, double>> rows(owned.begin(), owned.end());
    std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return numberIn(nodes, a.first) < numberIn(nodes, b.first); });
    for (const auto& [name, part] : rows) {
        LineLayout::Share share;
        share.line = QRectF(out.lanes.left(), y - step / 2, std::min(out.lanes.width(), 420.0), step);
        share.part = part;
        share.node = numberIn(nodes, name);
        share.name = name;
        share.dot = {share.line.left() + std::min(part / (2 * out.ideal), 1.0) * share.line.width(), y};
        out.worst = std::max(out.worst, part / out.ideal);
        out.shares.push_back(std::move(share));
        y += step;
    }
}

}  // namespace

double LineLayout::partOf(std::int64_t token) {
    return static_cast<double>(static_cast<std::uint64_t>(token) + (std::uint64_t(1) << 63)) * 0x1.0p-64;
}

LineLayout LineLayout::compute(const engine::ring::TopologyPtr& topology, const Nodes& nodes, const RingFocus& focus, Window window, QSizeF size) {
    LineLayout out;
    out.window = window;
    if (!topology || topology->tokens().empty()) {
        return out;
    }
    out.ringVersion = topology->version();
    const std::vector<Range> ranges = rangesOf(*topology, nodes, focus, out.ranks);
    const double left = kLabelWidth, width = std::max(120.0, size.width() - left - 20);
    out.overview = QRectF(left, 34, width, 12);
    const double below = 58 + std::min(26.0 * static_cast<double>(topology->nodes().size()), size.height() * .4) + 30;
    out.laneHeight = std::clamp((size.height() - 86 - below) / std::max(out.ranks, 1), 20.0, 64.0);
    out.lanes = QRectF(left, 86, width, out.laneHeight * out.ranks);
    const double seen = (window.to - window.from) * static_cast<double>(ranges.size());
    out.perPixel = seen > 0 && width / seen < kPixelMin;
    out.perPixel ? placeByPixel(out, ranges) : placeExactly(out, ranges);
    if (focus.key) {
        out.pinX = out.xOf(partOf(focus.key->token));
    }
    placeShares(out, *topology, nodes, size);
    for (std::size_t i = 0; i < out.blocks.size(); ++i) {
        out.items.push_back({Shape::rect(out.blocks[i].rect, 2), RangeItem, static_cast<int>(i), out.blocks[i].arc});
    }
    for (std::size_t i = 0; i < out.shares.size(); ++i) {
        out.items.push_back({Shape::rect(out.shares[i].line, 3), ShareItem, static_cast<int>(i), -1});
    }
    return out;
}

}  // namespace app::explorer::ring
