#pragma once

#include <QWidget>

#include "app/console/outcome.h"
#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

class QHBoxLayout;

namespace app::console {

/// Run or Stop, and the settings that go with every statement. What does not fit moves into More
/// from the right; Consistency never.
class RunBar : public QWidget {
    Q_OBJECT

public:
    explicit RunBar(sources::ClusterModel& model, QWidget* parent = nullptr);

    RunSettings settings() const;
    void setSettings(const RunSettings& settings);
    void setRunning(bool running);
    /// Ringed in amber where a setting explains a verdict; empty: none.
    void markSetting(const QString& label);
    void setConsistency(const QString& level);
    /// The coordinator to use now: the chosen one, or the first that answers.
    const sources::NodeInfo* coordinator() const;

signals:
    void runWanted();
    void stopWanted();
    void changed();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showCoordinators();
    void fit();
    void openMore();

    sources::ClusterModel& m_model;
    QHBoxLayout* m_row;
    shell::Button* m_run;
    shell::FieldCombo* m_consistency;
    shell::FieldCombo* m_serial;
    shell::FieldCombo* m_coordinator;
    shell::FieldCombo* m_page;
    shell::FieldCombo* m_timestamp;
    shell::Chip* m_tracing;
    shell::IconButton* m_more;
    QString m_coordinatorsShown;
    bool m_running = false;
    bool m_expand = false;
    QString m_capture;
};

}  // namespace app::console
