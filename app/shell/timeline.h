#pragma once

#include <QWidget>

#include <optional>
#include <vector>

#include "app/sources/cluster_model.h"

namespace app::shell {

/// Where everything on the timeline goes: pure geometry, tested without a window. x is linear in
/// time over the last `span`; bar height is the square root of the count so that quiet shows.
struct TimelineLayout {
    struct Bar {
        double x = 0;
        double write = 0;
        double read = 0;
        double other = 0;
        bool gap = false;  // Events were lost here.
        std::int64_t nanos = 0;
    };
    struct Pill {
        double x = 0;
        double width = 0;
        sources::MarkKind kind = sources::MarkKind::Fault;
        QString label;
        std::int64_t nanos = 0;
    };
    struct Tick {
        double x = 0;
        QString label;
    };
    double left = 18;
    double right = 0;
    double base = 38;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<Bar> bars;
    std::vector<Pill> pills;
    std::vector<Tick> ticks;

    static TimelineLayout of(const sources::ClusterModel& model, double width, std::int64_t spanNanos);
    double xOf(std::int64_t nanos) const;
    std::int64_t nanosAt(double x) const;
};

/// The 58 px strip under every view: event density by family, marks, playhead, Live. Dragging
/// scrubs; Left and Right step, End goes live; the wheel changes the span.
class Timeline : public QWidget {
    Q_OBJECT

public:
    explicit Timeline(sources::ClusterModel& model, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF liveButton() const;
    void scrubTo(double x);
    void paintBars(QPainter& p) const;
    void paintMarks(QPainter& p) const;
    void paintPlayhead(QPainter& p) const;
    void paintLive(QPainter& p) const;

    sources::ClusterModel& m_model;
    TimelineLayout m_layout;
    std::int64_t m_span = 120'000'000'000;
    QTimer m_repaint;
};

}  // namespace app::shell
