#include "app/explorer/storage/read_path_layout.h"

#include <algorithm>
#include <map>

#include "app/shell/kit.h"

namespace app::explorer::storage {

namespace {

constexpr double kPageMargin = 16;
constexpr double kHeadTop = 62;
constexpr double kCellHeight = 26;
constexpr double kSourceNameWidth = 96;
/// Of the room for stations; what is said there differs in length.
constexpr std::array<double, kStations> kShares{.95, .7, .85, 1.1, 1.1, 1.3};
constexpr double kBytesText = 54;  // Behind the longest bar.

QString foldWords(const QString& outcome, std::size_t count) {
    const QString many = shell::counted(static_cast<std::int64_t>(count), "SSTable");
    if (outcome == "bloom-no") {
        return many + " passed over by the bloom filter";
    }
    if (outcome == "out-of-range") {
        return many + " whose keys do not reach that far";
    }
    return outcome == "not-reached" ? many + " not looked at" : many + " without such rows";
}

/// The sources of each row of the picture.
std::vector<std::vector<std::size_t>> groupsOf(const ReadPath& path) {
    std::vector<std::vector<std::size_t>> out;
    const bool folds = path.sstables() > ReadPathLayout::kUnfoldedMost;
    std::map<QString, std::size_t> folded;
    for (std::size_t i = 0; i < path.sources.size(); ++i) {
        const QString& outcome = path.sources[i].outcome;
        const bool mayFold = folds && (outcome == "bloom-no" || outcome == "out-of-range" || outcome == "no-rows" || outcome == "not-reached");
        if (mayFold && folded.contains(outcome)) {
            out[folded[outcome]].push_back(i);
            continue;
        }
        if (mayFold) {
            folded[outcome] = out.size();
        }
        out.push_back({i});
    }
    return out;
}

}  // namespace

ReadPathLayout ReadPathLayout::compute(const ReadPath& path, double width) {
    ReadPathLayout out;
    out.stationsX = kPageMargin + kSourceNameWidth;
    out.barWidth = std::clamp(width * .14, 110.0, 190.0);
    out.barX = width - kPageMargin - 64 - out.barWidth;
    const double unit = (out.barX - 14 - out.stationsX) / kStations;
    std::array<double, kStations> widths{};
    for (std::size_t i = 0; i < widths.size(); ++i) {
        widths[i] = unit * kShares[i];
        out.stationLefts[i] = i == 0 ? out.stationsX : out.stationLefts[i - 1] + widths[i - 1];
    }
    std::uint64_t most = 1;
    for (const ReadSource& source : path.sources) {
        most = std::max(most, source.bytesRead);
    }
    out.rowsTop = kHeadTop + 26;
    double y = out.rowsTop + kRowHeight;
    for (const auto& group : groupsOf(path)) {
        Row row;
        row.sources = group;
        row.rect = QRectF(kPageMargin - 6, y, width - 2 * kPageMargin + 12, kRowHeight);
        for (std::size_t i = 0; i < widths.size(); ++i) {
            row.stations[i] = QRectF(out.stationLefts[i], y + 4, widths[i] - 8, kRowHeight - 8);
        }
        const ReadSource& first = path.sources[group.front()];
        if (group.size() > 1) {
            row.fold = foldWords(first.outcome, group.size());
        }
        if (first.bytesRead > 0) {
            row.bar = QRectF(out.barX, y + 11, std::max(2.0, (out.barWidth - kBytesText) * static_cast<double>(first.bytesRead) / static_cast<double>(most)), 12);
        }
        out.items.push_back({Shape::rect(row.rect), group.size() > 1 ? FoldItem : SourceItem, static_cast<int>(out.rows.size()), static_cast<int>(group.front())});
        out.rows.push_back(std::move(row));
        y += kRowHeight;
    }
    y += 22;
    out.mergeTop = y;
    y += 34;
    out.cellNameWidth = std::clamp(width * .28, 120.0, 300.0);
    for (std::size_t i = 0; i < path.cells.size(); ++i) {
        Cell cell{QRectF(kPageMargin - 6, y, width - 2 * kPageMargin + 12, kCellHeight), i, i == 0 || path.cells[i].row != path.cells[i - 1].row};
        out.items.push_back({Shape::rect(cell.rect), CellItem, static_cast<int>(i), -1});
        out.cells.push_back(cell);
        y += kCellHeight;
    }
    out.height = y + (path.isCut ? 44 : 20);
    return out;
}

}  // namespace app::explorer::storage
