#pragma once

#include <QAbstractButton>
#include <QMenu>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// Fills the menu of a node: start, stop, kill, pause, resume as its state allows, and looks.
void fillNodeMenu(QMenu& menu, sources::ClusterModel& model, int number);
/// The same for its links: cut it off, slow its way to another, heal what is broken there.
void fillLinkMenu(QMenu& menu, sources::ClusterModel& model, int number);

/// Badge, name and state of one node in the header. A click selects it, its menu acts on it. With
/// many nodes only the badge is drawn.
class NodeChip : public QAbstractButton {
    Q_OBJECT

public:
    NodeChip(sources::ClusterModel& model, int number, QWidget* parent = nullptr);
    void setInfo(const sources::NodeInfo& info);
    void setBadgeOnly(bool only);
    QSize sizeHint() const override;

signals:
    void menuWanted(int number, const QPoint& global);

protected:
    void paintEvent(QPaintEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    sources::ClusterModel& m_model;
    sources::NodeInfo m_info;
    bool m_badgeOnly = false;
};

}  // namespace app::shell
