#pragma once

#include <QScrollArea>
#include <QVBoxLayout>

#include <map>

#include "app/shell/kit.h"
#include "app/shell/schema_tree.h"

namespace app::shell {

/// One node in the Cluster dock: badge, name, address, state, memory. A click selects the node.
class NodeRow : public QWidget {
    Q_OBJECT

public:
    NodeRow(sources::ClusterModel& model, int number, QWidget* parent = nullptr);
    void setInfo(const sources::NodeInfo& info);

signals:
    void menuWanted(int number, const QPoint& global);
    void opened();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    sources::ClusterModel& m_model;
    sources::NodeInfo m_info;
};

/// The left dock: nodes, schema, faults in force, clients. Reads the ClusterModel only.
class ClusterPane : public QScrollArea {
    Q_OBJECT

public:
    explicit ClusterPane(sources::ClusterModel& model, QWidget* parent = nullptr);

signals:
    void nodeMenuWanted(int number, const QPoint& global);
    void inspectorWanted();
    void statementOffered(const QString& cql, bool run);

private:
    QLabel* section(const QString& title);
    void showNodes();
    void showFaults();
    void showClients();

    sources::ClusterModel& m_model;
    QVBoxLayout* m_nodes;
    std::map<int, NodeRow*> m_rows;
    SchemaTree* m_schema;
    Label* m_noSchema;
    QVBoxLayout* m_faults;
    QVBoxLayout* m_clients;
    QString m_faultsShown;
    QString m_clientsShown;
};

}  // namespace app::shell
