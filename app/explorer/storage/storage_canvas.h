#pragma once

#include <functional>
#include <optional>

#include "app/explorer/canvas.h"
#include "app/explorer/storage/storage_layout.h"

namespace app::explorer::storage {

/// Commit logs, memtables, files and compactions of one table on every node. Stands in a scroll area:
/// it grows to what it has to show.
class StorageCanvas : public Canvas {
    Q_OBJECT

public:
    struct Input {
        StorageLayout::Input layout;
        std::optional<Part> chosen;
    };
    explicit StorageCanvas(std::function<Input()> input, QWidget* parent = nullptr);

    const StorageLayout& storageLayout() const { return m_layout; }
    const std::vector<Item>& items() const override { return m_layout.items; }
    QString tipOf(const Item& item) const override;
    bool isSelected(const Item& item) const override;

signals:
    void partChosen(const app::explorer::storage::Part& part);
    void nodeChosen(const std::string& node);
    void nothingChosen();
    void opened();
    void nodeMenuWanted(int number, const QPoint& global);

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    void choose(const Item& item) override;
    void open(const Item& item) override;
    void menu(const Item& item, const QPoint& global) override;
    void clearChoice() override { emit nothingChosen(); }

private:
    void paintTiles(QPainter& painter);
    void paintColumns(QPainter& painter);
    void paintSegments(QPainter& painter);
    void paintMemtables(QPainter& painter);
    void paintFiles(QPainter& painter);
    void paintFile(QPainter& painter, const StorageLayout::File& file);
    void paintSmallFile(QPainter& painter, const StorageLayout::File& file);
    void paintHistograms(QPainter& painter);
    void paintOutputs(QPainter& painter);
    void paintLegend(QPainter& painter);
    void paintTimeline(QPainter& painter);
    /// Files whose tokens meet those of the one under the pointer.
    void paintOverlaps(QPainter& painter);
    std::string nodeOf(const Item& item) const;

    std::function<Input()> m_input;
    Input m_now;
    StorageLayout m_layout;
};

}  // namespace app::explorer::storage
