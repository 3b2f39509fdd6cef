#pragma once

#include <QTimer>
#include <QWidget>

#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

namespace app::shell {

/// The 24 px strip at the foot: what runs, the selection, events, nodes and memory. Never the only
/// place of a fact.
class StatusStrip : public QWidget {
    Q_OBJECT

public:
    explicit StatusStrip(sources::ClusterModel& model, QWidget* parent = nullptr);
    /// What goes on, until the next call: "Starting three nodes".
    void say(const QString& what);
    /// The same, gone after some seconds.
    void sayBriefly(const QString& what);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList leftWords() const;
    QStringList rightWords() const;

    sources::ClusterModel& m_model;
    QString m_now;
    QString m_brief;
    QTimer m_second;
    QTimer m_forget;
};

}  // namespace app::shell
