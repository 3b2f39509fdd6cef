#pragma once

#include <QStackedWidget>
#include <QTableView>

#include <deque>

#include "app/explorer/coalesced.h"
#include "app/explorer/explorer_view.h"
#include "app/explorer/rows_model.h"
#include "app/explorer/storage/load_control.h"
#include "app/explorer/storage/storage_actions.h"
#include "app/explorer/storage/storage_canvas.h"
#include "app/explorer/storage/storage_focus.h"

namespace app::explorer::storage {

/// The Storage view: what lies on disk and in memory for one table on every node, and how flushes and
/// compactions change it.
class StorageView : public ExplorerView {
    Q_OBJECT

public:
    explicit StorageView(sources::ClusterModel& model, QWidget* parent = nullptr);

    QString title() const override { return "Storage"; }
    shell::Caption caption() const override { return m_caption; }
    QAbstractItemModel* tableModel() override { return m_rows; }
    int selectedRow() const override;
    void selectRow(int row) override;
    void drawTo(QPainter& painter, const QSize& size) override;
    QSize minimumSizeHint() const override { return {360, 220}; }

    StorageCanvas& canvas() { return *m_canvas; }
    StorageActions& actions() { return *m_actions; }
    LoadControl& load() { return *m_load; }
    std::string table() const;
    void showForm(int form);  // 0 all nodes, 1 one node, 2 table.
    /// Everything is up to date with the model at once, for tests and exports.
    void refreshNow();

protected:
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeToolbar();
    void connectParts();
    void connectActions();
    void update();
    void updateRows(const std::string& table);
    void updateChoices();
    void sampleMeasures(const std::string& table);
    Measures was() const;
    std::string focusNode() const;
    void offerStrategy(int index);
    void placeLoad();

    Coalesced m_follow;
    StorageFocus& m_focus;
    shell::Caption m_caption;
    QString m_problem;  // What an action could not do; shown until the next one.
    std::deque<Measures> m_measured;  // One a second, of the last minute.
    std::string m_measuredTable;
    shell::SegmentedControl* m_form;
    shell::FieldCombo* m_tables;
    shell::FieldCombo* m_strategy;
    shell::Button* m_flush;
    shell::Button* m_compact;
    LoadControl* m_load;
    QHBoxLayout* m_firstRow;
    QHBoxLayout* m_secondRow;
    bool m_loadBelow = false;
    StorageActions* m_actions;
    QStackedWidget* m_stack;
    StorageCanvas* m_canvas;
    QTableView* m_tableForm;
    RowsModel* m_rows;
    std::vector<Part> m_parts;  // Of the rows.
    QElapsedTimer m_sinceRows;
    QTimer m_rowsDue;
};

}  // namespace app::explorer::storage
