#pragma once

#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>

#include "app/explorer/coalesced.h"
#include "app/explorer/explorer_view.h"
#include "app/explorer/ring/key_field.h"
#include "app/explorer/ring/line_canvas.h"
#include "app/explorer/ring/rack_canvas.h"
#include "app/explorer/ring/ring_canvas.h"
#include "app/explorer/rows_model.h"
#include "app/explorer/sheet.h"

namespace app::explorer::ring {

/// A replay of one recorded request in slow motion; nothing in it moves but along recorded intervals.
class Replay {
public:
    /// The speed, of those the design names, at which the request takes two seconds or more.
    static int factorFor(std::int64_t nanos);
    void start(const RequestStory& story);
    void stop() { m_running = false; }
    bool isRunning() const { return m_running; }
    int factor() const { return m_factor; }
    /// Machine nanos to show now; ends the replay a little after the last event.
    std::int64_t now();

private:
    QElapsedTimer m_clock;
    std::int64_t m_begin = 0;
    std::int64_t m_end = 0;
    int m_factor = 1;
    bool m_running = false;
};

/// Caption of the ring for what is looked at.
shell::Caption ringCaption(const RingFocus& focus, const engine::ring::TopologyPtr& topology, const Nodes& nodes,
                           const QString& selectedNode, std::int64_t now, int replayFactor = 0);
/// Rows of the table form: token, range start and end, owner, share, replicas in order.
std::vector<RowsModel::Row> ringRows(const engine::ring::Topology& topology, const Nodes& nodes, const RingFocus& focus);

/// The Ring view: ring, unrolled line or table, a key to look up, and how its replicas are found.
class RingView : public ExplorerView {
    Q_OBJECT

public:
    explicit RingView(sources::ClusterModel& model, QWidget* parent = nullptr);

    QString title() const override { return "Ring"; }
    shell::Caption caption() const override { return m_caption; }
    QAbstractItemModel* tableModel() override { return m_rows; }
    int selectedRow() const override { return m_arc; }
    void selectRow(int row) override;
    void setPresenting(bool presenting) override;
    void focusSearch() override;
    void drawTo(QPainter& painter, const QSize& size) override;
    QSize minimumSizeHint() const override { return {320, 220}; }

    RingCanvas& ringCanvas() { return *m_ring; }
    LineCanvas& lineCanvas() { return *m_line; }
    SheetView& panel() { return *m_sheet; }
    KeyLookup& lookup() { return *m_lookup; }
    const RingFocus& focus() const { return m_focus; }
    void showForm(int form);  // 0 ring, 1 line, 2 racks, 3 table.
    /// Everything is up to date with the model at once, for tests and exports.
    void refreshNow();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makeToolbar();
    QWidget* makePanel();
    void connectParts();
    void update();
    void followConsole();
    void setFocusFrom(std::optional<sources::KeySelection> key, std::optional<engine::Uuid> request);
    void lightUp(const sources::SourceBatch& batch);
    void toggleReplay();
    int panelWidth(double width) const;
    void placePanel();
    void updateCaption();
    std::int64_t shownNanos();
    bool isUnderWay() const;
    QStringList userTables() const;

    Coalesced m_follow;
    TopologyCache m_cache;
    engine::ring::TopologyPtr m_topology;
    RingFocus m_focus;
    std::optional<sources::KeySelection> m_key;
    std::optional<engine::Uuid> m_request;
    std::optional<engine::Uuid> m_lastOfConsole;
    Replay m_replay;
    shell::Caption m_caption;
    int m_arc = -1;
    std::uint64_t m_rowsVersion = 0;
    std::string m_rowsKeyspace;

    KeyLookup* m_lookup;
    QWidget* m_toolbar = nullptr;
    bool m_presenting = false;
    shell::SegmentedControl* m_form;
    KeyField* m_field;
    QStackedWidget* m_stack;
    RingCanvas* m_ring;
    RackCanvas* m_racks = nullptr;
    LineCanvas* m_line;
    QTableView* m_table;
    RowsModel* m_rows;
    QWidget* m_panel;
    SheetView* m_sheet;
};

}  // namespace app::explorer::ring
