#pragma once

#include <QTableView>
#include <QVBoxLayout>
#include <QWidget>

#include <functional>

#include "app/console/result_model.h"
#include "app/console/text_block.h"

class QMenu;

namespace app::console {

/// The rows of a result as a grid. Enter or a double click opens the row below, one line a column, and it follows the
/// current row until Enter or Escape closes it. The menu copies cells, rows or all of it in any form a result has.
class ResultGrid : public QWidget {
    Q_OBJECT

public:
    explicit ResultGrid(ResultModel* rows, QWidget* parent = nullptr);

    /// The most the grid may be high.
    void setMost(int height);
    bool showsRow() const { return !m_row->isHidden(); }
    QString rowText() const { return m_row->toPlainText(); }
    QTableView& table() { return *m_table; }
    /// "Copy row 2 as": CSV, JSON, Markdown, INSERT; of rows by number.
    void addCopies(QMenu& menu, const QString& title, const std::function<ResultSet()>& rows) const;

signals:
    void endReached();
    void exportWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void openMenu(const QPoint& at);
    void showRow(bool shown);
    void fillRow();
    void applyZoom();
    QList<int> chosenRows() const;
    void copyChosen() const;

    ResultModel* m_rows;
    QTableView* m_table;
    TextBlock* m_row;
    int m_most = 264;
};

}  // namespace app::console
