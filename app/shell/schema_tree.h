#pragma once

#include <QTreeWidget>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// Keyspaces and their tables, from the schema that the nodes tell; choosing a table selects it in
/// every view. System keyspaces are one folded branch.
class SchemaTree : public QTreeWidget {
    Q_OBJECT

public:
    explicit SchemaTree(sources::ClusterModel& model, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void statementOffered(const QString& cql, bool run);

protected:
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void showSchema();
    void addKeyspace(QTreeWidgetItem* parent, const engine::observe::SchemaKeyspace& keyspace);
    int rowsShown() const;

    sources::ClusterModel& m_model;
    std::string m_shown;  // What the tree was built from.
    bool m_building = false;
};

}  // namespace app::shell
