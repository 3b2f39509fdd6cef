#pragma once

#include <QWidget>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// What the presenter's screen keeps of header and docks: nodes with their states, and the faults in
/// force. Shows; takes no clicks.
class PresenterStrip : public QWidget {
    Q_OBJECT

public:
    explicit PresenterStrip(sources::ClusterModel& model, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    sources::ClusterModel& m_model;
};

}  // namespace app::shell
