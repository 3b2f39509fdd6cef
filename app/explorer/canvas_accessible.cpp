#include "app/explorer/canvas_accessible.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QPointer>
#include <QWindow>

#include "app/explorer/canvas.h"

namespace app::explorer {

namespace {

class CanvasTable;

/// One item of a picture: the only cell of its row.
class CanvasCell final : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    CanvasCell(Canvas* canvas, int index) : m_canvas(canvas), m_index(index) {}

    bool isValid() const override { return m_canvas != nullptr && item() != nullptr; }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_canvas != nullptr ? m_canvas->window()->windowHandle() : nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_canvas); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override {
        return kind == QAccessible::Name && isValid() ? m_canvas->tipOf(*item()).replace('\n', ' ') : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override { return isValid() ? m_canvas->globalRectOf(*item()) : QRect(); }
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override {
        QAccessible::State out;
        out.selectable = out.focusable = true;
        out.invalid = !isValid();
        out.selected = isSelected();
        out.focused = isValid() && m_canvas->hasFocus() && m_canvas->focusedItem() == m_index;
        return out;
    }
    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
    }

    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return 0; }
    int rowIndex() const override { return m_index; }
    bool isSelected() const override { return isValid() && m_canvas->isSelected(*item()); }
    QAccessibleInterface* table() const override { return parent(); }

private:
    const Item* item() const {
        const auto& items = m_canvas->items();
        return m_index < static_cast<int>(items.size()) ? &items[static_cast<std::size_t>(m_index)] : nullptr;
    }

    QPointer<Canvas> m_canvas;
    int m_index;
};

class CanvasTable final : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    explicit CanvasTable(Canvas* canvas) : QAccessibleWidget(canvas, QAccessible::Table), m_canvas(canvas) {}
    ~CanvasTable() override {
        for (const QAccessible::Id id : m_cells) {
            QAccessible::deleteAccessibleInterface(id);
        }
    }

    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                                   : QAccessibleWidget::interface_cast(type);
    }
    int childCount() const override { return rowCount(); }
    QAccessibleInterface* child(int index) const override { return cellAt(index, 0); }
    int indexOfChild(const QAccessibleInterface* child) const override {
        const auto at = m_cells.indexOf(QAccessible::uniqueId(const_cast<QAccessibleInterface*>(child)));
        return static_cast<int>(at);
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        for (int i = rowCount() - 1; i >= 0; --i) {
            if (QAccessibleInterface* cell = cellAt(i, 0); cell->rect().contains(x, y)) {
                return cell;
            }
        }
        return nullptr;
    }
    QAccessibleInterface* focusChild() const override { return child(m_canvas->focusedItem()); }

    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QAccessibleInterface* cellAt(int row, int column) const override {
        if (row < 0 || row >= rowCount() || column != 0) {
            return nullptr;
        }
        while (m_cells.size() <= row) {
            m_cells.append(QAccessible::registerAccessibleInterface(
                new CanvasCell(m_canvas, static_cast<int>(m_cells.size()))));
        }
        return QAccessible::accessibleInterface(m_cells[row]);
    }
    int selectedCellCount() const override { return static_cast<int>(selectedRows().size()); }
    QList<QAccessibleInterface*> selectedCells() const override {
        QList<QAccessibleInterface*> out;
        for (const int row : selectedRows()) {
            out.append(cellAt(row, 0));
        }
        return out;
    }
    QString columnDescription(int) const override { return m_canvas->accessibleName(); }
    QString rowDescription(int row) const override {
        const QAccessibleInterface* cell = cellAt(row, 0);
        return cell != nullptr ? cell->text(QAccessible::Name) : QString();
    }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return selectedCellCount(); }
    int columnCount() const override { return 1; }
    int rowCount() const override { return static_cast<int>(m_canvas->items().size()); }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override {
        QList<int> out;
        const auto& items = m_canvas->items();
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (m_canvas->isSelected(items[i])) {
                out.append(static_cast<int>(i));
            }
        }
        return out;
    }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int row) const override { return selectedRows().contains(row); }
    // What is chosen is chosen in the picture: by its keys and the pointer.
    bool selectRow(int) override { return false; }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override {}

private:
    Canvas* m_canvas;
    mutable QList<QAccessible::Id> m_cells;  // By index; made when somebody asks.
};

QAccessibleInterface* makeCanvasTable(const QString&, QObject* object) {
    auto* canvas = qobject_cast<Canvas*>(object);
    return canvas != nullptr ? new CanvasTable(canvas) : nullptr;
}

}  // namespace

void installCanvasAccessibility() { QAccessible::installFactory(makeCanvasTable); }

}  // namespace app::explorer
