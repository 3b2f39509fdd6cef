#include "app/console/result_model.h"

#include <algorithm>

#include "app/shell/kit.h"

namespace app::console {

ResultModel::ResultModel(ResultSetPtr set, QObject* parent) : QAbstractTableModel(parent) {
    m_firstRows.push_back(0);
    m_rows = static_cast<int>(set->rows.size());
    m_pages.push_back(std::move(set));
}

void ResultModel::append(const ResultSetPtr& page) {
    const int count = static_cast<int>(page->rows.size());
    if (count == 0) {
        return;
    }
    beginInsertRows({}, m_rows, m_rows + count - 1);
    m_firstRows.push_back(m_rows);
    m_pages.push_back(page);
    m_rows += count;
    endInsertRows();
}

ResultSet ResultModel::whole() const {
    ResultSet all;
    all.columns = m_pages.front()->columns;
    all.table = m_pages.front()->table;
    for (const ResultSetPtr& page : m_pages) {
        all.rows.insert(all.rows.end(), page->rows.begin(), page->rows.end());
    }
    return all;
}

ResultSet ResultModel::chosen(const QList<int>& rows) const {
    ResultSet some;
    some.columns = m_pages.front()->columns;
    some.table = m_pages.front()->table;
    for (const int row : rows) {
        if (row >= 0 && row < m_rows) {
            const auto page = pageOf(row);
            some.rows.push_back(m_pages[page]->rows[static_cast<std::size_t>(row - m_firstRows[page])]);
        }
    }
    return some;
}

int ResultModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : m_rows; }

int ResultModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_pages.front()->columns.size());
}

std::size_t ResultModel::pageOf(int row) const {
    return static_cast<std::size_t>(std::upper_bound(m_firstRows.begin(), m_firstRows.end(), row) - m_firstRows.begin() - 1);
}

const std::optional<QString>& ResultModel::cell(int row, int column) const {
    const std::size_t page = pageOf(row);
    return m_pages[page]->rows[static_cast<std::size_t>(row - m_firstRows[page])][static_cast<std::size_t>(column)];
}

QVariant ResultModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const auto& value = cell(index.row(), index.column());
    const ResultColumn& column = m_pages.front()->columns[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole: return value ? *value : QString("null");
    case Qt::ToolTipRole: return value && value->size() > 40 ? QVariant(*value) : QVariant();
    case NullRole: return !value;
    case Qt::ForegroundRole: return value ? shell::tokens().text : shell::tokens().faint;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column.rightAligned ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default: return {};
    }
}

QVariant ResultModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) {
        return {};
    }
    const ResultColumn& column = m_pages.front()->columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole: return column.name;
    case Qt::ToolTipRole: return column.name + ": " + column.type;
    case Qt::FontRole: return shell::mono(11.5, 500);
    case Qt::ForegroundRole: return shell::tokens().type;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column.rightAligned ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default: return {};
    }
}

}  // namespace app::console
