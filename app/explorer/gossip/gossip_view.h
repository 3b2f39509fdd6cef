#pragma once

#include <QStackedWidget>
#include <QTableView>

#include "app/explorer/coalesced.h"
#include "app/explorer/explorer_view.h"
#include "app/explorer/gossip/gossip_canvas.h"
#include "app/explorer/gossip/gossip_pair.h"
#include "app/explorer/rows_model.h"

namespace app::explorer::gossip {

/// The Gossip view: who knows what of whom, who called whom, and how suspicion grows.
class GossipView : public ExplorerView {
    Q_OBJECT

public:
    explicit GossipView(sources::ClusterModel& model, QWidget* parent = nullptr);

    QString title() const override { return "Gossip"; }
    shell::Caption caption() const override { return m_caption; }
    QAbstractItemModel* tableModel() override { return m_rows; }
    int selectedRow() const override;
    void selectRow(int row) override;
    void setPresenting(bool presenting) override { m_toolbar->setVisible(!presenting); }
    void drawTo(QPainter& painter, const QSize& size) override;
    QSize minimumSizeHint() const override { return {360, 220}; }

    GossipCanvas& canvas() { return *m_canvas; }
    void showForm(int form);  // 0 heat map and all, 1 rounds, 2 spread, 3 phi, 4 table.
    /// Everything is up to date with the model at once, for tests and exports.
    void refreshNow();

protected:
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makeToolbar();
    void connectParts();
    void update();
    void updateSubjects();
    std::string subject() const;

    Coalesced m_follow;
    GossipPair& m_pair;
    SpreadLog m_log;
    shell::Caption m_caption;
    QWidget* m_toolbar = nullptr;
    shell::SegmentedControl* m_form;
    shell::FieldCombo* m_about;
    QStackedWidget* m_stack;
    GossipCanvas* m_canvas;
    QTableView* m_table;
    RowsModel* m_rows;
    std::vector<Known> m_known;
};

}  // namespace app::explorer::gossip
