#pragma once

#include <QRectF>

#include <vector>

#include "app/explorer/item.h"
#include "app/explorer/storage/file_bytes.h"

namespace app::explorer::storage {

/// The bytes as hexadecimal pairs, component by component, in lines with their offsets; an item a range. Pure.
struct BytesLayout {
    enum Kind { RangeItem = 81 };
    static constexpr double kCell = 22;
    static constexpr double kLine = 24;

    /// Bytes of one range side by side on one line.
    struct Piece {
        QRectF rect;
        int range = 0;
        int from = 0;   // In the range's bytes.
        int count = 0;
        std::uint64_t hidden = 0;  // Behind it: bytes that were not told.
        bool isFirst = false;
        bool isLast = false;
    };
    struct Label {
        QPointF at;
        QString text;
        bool isHeading = false;
    };

    static BytesLayout compute(const FileBytes& bytes, double width);

    double height = 0;
    double stepsTop = 0;
    double legendY = 0;
    int perLine = 16;
    std::vector<Piece> pieces;
    std::vector<Label> labels;
    std::vector<Item> items;
};

}  // namespace app::explorer::storage
