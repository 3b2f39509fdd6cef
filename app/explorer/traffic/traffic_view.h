#pragma once

#include <QStackedWidget>
#include <QTableView>

#include "app/explorer/coalesced.h"
#include "app/explorer/explorer_view.h"
#include "app/explorer/rows_model.h"
#include "app/explorer/traffic/request_list.h"
#include "app/explorer/traffic/traffic_canvas.h"

namespace app::explorer::traffic {

/// Caption of a request: whose answers made it, who came late.
shell::Caption trafficCaption(const RequestStory& story, const Nodes& nodes);

/// The Traffic view: requests, and the one chosen as waterfall and space-time diagram.
class TrafficView : public ExplorerView {
    Q_OBJECT

public:
    explicit TrafficView(sources::ClusterModel& model, QWidget* parent = nullptr);

    QString title() const override { return "Traffic"; }
    shell::Caption caption() const override { return m_caption; }
    QAbstractItemModel* tableModel() override { return m_rows; }
    void setPresenting(bool presenting) override { m_toolbar->setVisible(!presenting); }
    void drawTo(QPainter& painter, const QSize& size) override;
    QSize minimumSizeHint() const override { return {360, 220}; }

    TrafficCanvas& canvas() { return *m_canvas; }
    RequestList& list() { return *m_list; }
    /// Shows the request's result in the console, where it came from there.
    QAbstractButton& resultButton() { return *m_result; }
    const RequestStory& story() const { return m_story; }
    void showForm(int form);  // 0 both, 1 waterfall, 2 space-time, 3 table.
    /// Everything is up to date with the model at once, for tests and exports.
    void refreshNow();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makeList();
    QWidget* makeToolbar();
    void connectParts();
    void update();
    void updateEyes();
    void updateCaption();
    void exportShiviz();
    RequestPtr shownRequest() const;

    Coalesced m_follow;
    RequestStory m_story;
    shell::Caption m_caption;
    std::set<std::string> m_hidden;
    std::vector<std::string> m_eyesFor;
    QSize m_listSize;

    shell::FieldCombo* m_order;
    shell::FieldCombo* m_which;
    QWidget* m_toolbar = nullptr;
    QWidget* m_eyeBox = nullptr;
    shell::IconButton* m_result = nullptr;
    shell::SegmentedControl* m_form;
    QHBoxLayout* m_eyes;
    QWidget* m_side;
    QStackedWidget* m_stack;
    RequestList* m_list;
    TrafficCanvas* m_canvas;
    QTableView* m_table;
    RowsModel* m_rows;
};

}  // namespace app::explorer::traffic
