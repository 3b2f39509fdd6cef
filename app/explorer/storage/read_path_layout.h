#pragma once

#include <QRectF>

#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/storage/read_path.h"

namespace app::explorer::storage {

/// The read path as a picture: a row a source in the order of the read, a column a station; below it the
/// merge, cell by cell. Pure: a read and a width in, rectangles out.
struct ReadPathLayout {
    enum Kind { SourceItem = 71, FoldItem, CellItem };
    static constexpr int kUnfoldedMost = 12;  // More SSTables, and those passed over fold by outcome.
    static constexpr double kRowHeight = 34;

    struct Row {
        QRectF rect;
        std::vector<std::size_t> sources;  // More than one: folded.
        std::array<QRectF, kStations> stations;
        QRectF bar;                        // Of bytes from disk.
        QString fold;                      // "31 passed over by the bloom filter"
    };
    struct Cell {
        QRectF rect;
        std::size_t cell = 0;
        bool isFirstOfRow = false;
    };

    static ReadPathLayout compute(const ReadPath& path, double width);

    double height = 0;
    double nameX = 16;
    double stationsX = 0;
    std::array<double, kStations> stationLefts{};
    double barX = 0;
    double barWidth = 0;
    double rowsTop = 0;  // Of the row cache's line, which no node has.
    double mergeTop = 0;
    double cellNameWidth = 0;
    std::vector<Row> rows;
    std::vector<Cell> cells;
    std::vector<Item> items;
};

}  // namespace app::explorer::storage
