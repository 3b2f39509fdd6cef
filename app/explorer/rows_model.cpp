#include "app/explorer/rows_model.h"

#include <algorithm>

namespace app::explorer {

RowsModel::RowsModel(std::vector<Column> columns, QObject* parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns)) {}

void RowsModel::replaceFrom(std::vector<Row>& rows, std::size_t common) {
    std::size_t first = common, last = 0;
    for (std::size_t i = 0; i < common; ++i) {
        if (m_rows[i] != rows[i]) {
            m_rows[i] = std::move(rows[i]);
            first = std::min(first, i);
            last = i;
        }
    }
    if (first < common) {
        emit dataChanged(index(static_cast<int>(first), 0),
                         index(static_cast<int>(last), columnCount() - 1));
    }
}

void RowsModel::setRows(std::vector<Row> rows) {
    const std::size_t had = m_rows.size(), has = rows.size();
    if (has < had) {
        beginRemoveRows({}, static_cast<int>(has), static_cast<int>(had) - 1);
        m_rows.resize(has);
        endRemoveRows();
    }
    replaceFrom(rows, std::min(had, has));
    if (has > had) {
        beginInsertRows({}, static_cast<int>(had), static_cast<int>(has) - 1);
        m_rows.insert(m_rows.end(), std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(had)),
                      std::make_move_iterator(rows.end()));
        endInsertRows();
    }
}

int RowsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RowsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant RowsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    if (role == Qt::DisplayRole) {
        return m_rows[static_cast<std::size_t>(index.row())].value(index.column());
    }
    if (role == Qt::TextAlignmentRole) {
        const bool number = m_columns[static_cast<std::size_t>(index.column())].isNumber;
        return static_cast<int>((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    return {};
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= columnCount()) {
        return QAbstractTableModel::headerData(section, orientation, role);
    }
    return m_columns[static_cast<std::size_t>(section)].title;
}

}  // namespace app::explorer
