#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/storage/read_path_layout.h"

namespace app::explorer::storage {

/// Draws one read of one key on one node. Stands in a scroll area: it grows to what it has to show.
class ReadPathCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        const ReadPath* path = nullptr;  // Null: nothing was asked, or not answered yet.
        QString notice;                  // Then: a sentence, and what to do.
        QString hint;
        int chosen = -1;                 // Of the path's sources.
    };
    explicit ReadPathCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const ReadPathLayout& pathLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;

signals:
    void sourceChosen(int source);
    void cellChosen(int cell);
    void nothingChosen();
    void opened();

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    bool dimsOnHover() const override { return false; }
    void choose(const Item& item) override;
    void open(const Item& item) override;
    void clearChoice() override { emit nothingChosen(); }

private:
    void paintHead(QPainter& painter) const;
    void paintRow(QPainter& painter, const ReadPathLayout::Row& row) const;
    void paintMerge(QPainter& painter) const;
    void paintCell(QPainter& painter, const ReadPathLayout::Cell& cell) const;

    std::function<Input()> m_input;
    Input m_now;
    ReadPathLayout m_layout;
};

}  // namespace app::explorer::storage
