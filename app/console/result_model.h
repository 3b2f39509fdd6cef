#pragma once

#include <QAbstractTableModel>

#include "app/console/outcome.h"

namespace app::console {

/// The rows of one result for a grid; further pages are appended.
class ResultModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Role { NullRole = Qt::UserRole };

    explicit ResultModel(ResultSetPtr set, QObject* parent = nullptr);
    void append(const ResultSetPtr& page);
    /// All pages so far as one set.
    ResultSet whole() const;
    /// Some rows by number; those that are not there are left out.
    ResultSet chosen(const QList<int>& rows) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::size_t pageOf(int row) const;
    const std::optional<QString>& cell(int row, int column) const;

    std::vector<ResultSetPtr> m_pages;
    std::vector<int> m_firstRows;
    int m_rows = 0;
};

}  // namespace app::console
