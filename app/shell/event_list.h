#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QWidget>

#include <deque>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// Keeps the newest kEventsMax events as rows. Lives on the GUI thread; batches come once a frame,
/// so there is nothing to lock.
class EventListModel : public QAbstractTableModel {
    Q_OBJECT

public:
    static constexpr int kEventsMax = 5000;
    enum Column { Time, Node, Category, Name, Text, ColumnCount };
    enum Role { CategoryRole = Qt::UserRole, NanosRole };

    explicit EventListModel(sources::ClusterModel& model, QObject* parent = nullptr);
    void append(const std::vector<engine::observe::Event>& batch);
    void clear();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    sources::ClusterModel& m_model;
    std::deque<engine::observe::Event> m_events;
};

/// The events dock: filter by category and text, follow, show the moment.
class EventPane : public QWidget {
    Q_OBJECT

public:
    explicit EventPane(sources::ClusterModel& model, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    class Filter;
    void take(const sources::SourceBatch& batch);

    sources::ClusterModel& m_model;
    EventListModel* m_events;
    Filter* m_filter;
    QTableView* m_table;
    bool m_follow = true;
};

}  // namespace app::shell
