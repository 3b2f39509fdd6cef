#pragma once

#include <functional>

#include "app/explorer/canvas.h"
#include "app/explorer/names.h"
#include "app/explorer/request_story.h"

namespace app::explorer::traffic {

enum class Order { Slowest, Newest };
enum class Which { All, Writes, Reads, SystemToo };

/// A request as the list tells it.
struct RequestRow {
    engine::Uuid id;
    QString title;
    QString detail;  // "QUORUM, 2 of 3".
    std::string coordinator;
    bool isWrite = false;
    bool failed = false;
    std::int64_t started = 0;
    std::int64_t duration = -1;  // -1: not answered yet.
};

/// The rows to show of the state, at most `kRowsMax`; `total` counts all that match.
struct RequestRows {
    static constexpr std::size_t kRowsMax = 200;
    static RequestRows of(const engine::observe::ClusterState& state, Order order, Which which);

    std::vector<RequestRow> rows;
    std::size_t total = 0;
    std::int64_t slowest = 0;
};

/// The list of requests: bars of one scale. Stands in a scroll area.
class RequestList : public Canvas {
    Q_OBJECT

public:
    static constexpr double kRowHeight = 62;

    struct Input {
        RequestRows rows;
        const Nodes* nodes = nullptr;
        std::optional<engine::Uuid> selected;
    };
    explicit RequestList(std::function<Input()> input, QWidget* parent = nullptr);

    const RequestRows& rows() const { return m_now.rows; }
    const std::vector<Item>& items() const override { return m_items; }
    QString tipOf(const Item& item) const override;
    QSize sizeHint() const override;

signals:
    void chosen(const engine::Uuid& id);
    void opened();

protected:
    void relayout(QSizeF size) override;
    void paintState(QPainter& painter) override;
    bool dimsOnHover() const override { return false; }
    QColor ground() const override { return shell::tokens().panel; }
    void choose(const Item& item) override;
    void open(const Item& item) override;

private:
    void paintRow(QPainter& painter, const RequestRow& row, double top) const;

    std::function<Input()> m_input;
    Input m_now;
    std::vector<Item> m_items;
    double m_width = 0;
};

}  // namespace app::explorer::traffic
