#pragma once

#include <QAbstractTableModel>

#include <vector>

namespace app::explorer {

/// The table form of a picture: one row an item, texts as the picture has them. Setting rows tells
/// only what differs: rows inserted or removed at the end, and the span of rows that changed. GUI
/// thread.
class RowsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    struct Column {
        QString title;
        bool isNumber = false;  // Right-aligned.
    };
    using Row = QStringList;

    explicit RowsModel(std::vector<Column> columns, QObject* parent = nullptr);

    void setRows(std::vector<Row> rows);
    const std::vector<Row>& rows() const { return m_rows; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void replaceFrom(std::vector<Row>& rows, std::size_t common);

    const std::vector<Column> m_columns;
    std::vector<Row> m_rows;
};

}  // namespace app::explorer
