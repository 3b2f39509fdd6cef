#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/storage/bytes_layout.h"

namespace app::explorer::storage {

/// Draws the bytes of an SSTable on the way to a key, filled by what they are about. Stands in a scroll area.
class BytesCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        const FileBytes* bytes = nullptr;  // Null: nothing was asked, or not answered yet.
        QString notice;
        QString hint;
        int chosen = -1;  // Of the ranges.
    };
    explicit BytesCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const BytesLayout& bytesLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;

signals:
    void rangeChosen(int range);
    void nothingChosen();
    void opened();

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    bool dimsOnHover() const override { return false; }
    void choose(const Item& item) override { emit rangeChosen(item.row); }
    void open(const Item& item) override;
    void clearChoice() override { emit nothingChosen(); }

private:
    void paintHead(QPainter& painter) const;
    void paintPiece(QPainter& painter, const BytesLayout::Piece& piece) const;

    std::function<Input()> m_input;
    Input m_now;
    BytesLayout m_layout;
};

}  // namespace app::explorer::storage
