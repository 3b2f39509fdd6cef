#pragma once

#include <QAbstractSlider>

#include <memory>
#include <optional>

#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"
#include "engine/client/load.h"

namespace app::explorer::storage {

/// A slider of steps in the design's look. Keys and screen readers are QAbstractSlider's.
class StepSlider : public QAbstractSlider {
    Q_OBJECT

public:
    explicit StepSlider(int steps, QWidget* parent = nullptr);
    QSize sizeHint() const override { return {108, 28}; }
    QSize minimumSizeHint() const override { return {72, 28}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void moveTo(QPointF at);
    QRectF track() const;
};

/// Starts, paces and stops a load against the running nodes (engine/client/load.h). GUI thread; the
/// load has its own.
class LoadControl : public QWidget {
    Q_OBJECT

public:
    explicit LoadControl(sources::ClusterModel& model, QWidget* parent = nullptr);
    ~LoadControl() override;

    /// "sensors.readings"; empty: the load's own table.
    void setTable(const QString& table) { m_table = table; }
    bool isRunning() const { return m_load != nullptr; }
    double rate() const;
    void start();
    /// Writes so many different rows once, as fast as the nodes take them, and ends.
    void fill(std::uint64_t rows);
    void stop();

signals:
    /// It runs against this table, or no longer.
    void runningChanged(bool running, const QString& table);

private:
    /// Contacts and table; empty: no node answers, which is said.
    std::optional<engine::client::LoadOptions> optionsNow();
    void begin(engine::client::LoadOptions options);
    void showRate();
    void progressed(const engine::client::LoadTally& tally);
    void ended(const QString& error);

    sources::ClusterModel& m_model;
    QString m_table;
    shell::Button* m_button;
    StepSlider* m_slider;
    shell::Label* m_label;
    std::unique_ptr<engine::client::LoadThread> m_load;
};

}  // namespace app::explorer::storage
