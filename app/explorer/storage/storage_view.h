#pragma once

#include <QStackedWidget>
#include <QTableView>

#include <deque>

#include "app/explorer/coalesced.h"
#include "app/explorer/explorer_view.h"
#include "app/explorer/rows_model.h"
#include "app/explorer/storage/load_control.h"
#include "app/explorer/storage/look_pane.h"
#include "app/explorer/storage/storage_actions.h"
#include "app/explorer/storage/storage_canvas.h"
#include "app/explorer/storage/storage_focus.h"

namespace app::explorer::storage {

/// The Storage view: what lies on disk and in memory for one table on every node, how flushes and compactions
/// change it, what a read of a key meets on a node, and the bytes of a file.
class StorageView : public ExplorerView {
    Q_OBJECT

public:
    explicit StorageView(sources::ClusterModel& model, QWidget* parent = nullptr);

    QString title() const override { return "Storage"; }
    enum Form { AllNodes, OneNode, ReadPathForm, BytesForm, TableForm };

    shell::Caption caption() const override { return isLooking() ? m_look->caption() : m_caption; }
    /// Of the form that is shown, or was before the table was.
    QAbstractItemModel* tableModel() override { return isLooking() ? m_look->rows() : m_rows; }
    int selectedRow() const override;
    void selectRow(int row) override;
    void drawTo(QPainter& painter, const QSize& size) override;
    void focusSearch() override;
    QSize minimumSizeHint() const override { return {360, 220}; }

    StorageCanvas& canvas() { return *m_canvas; }
    StorageActions& actions() { return *m_actions; }
    LoadControl& load() { return *m_load; }
    LookPane& look() { return *m_look; }
    std::string table() const;
    void showForm(int form);
    /// Everything is up to date with the model at once, for tests and exports.
    void refreshNow();

protected:
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    bool isLooking() const { return m_picture == ReadPathForm || m_picture == BytesForm; }
    QWidget* makeToolbar();
    QWidget* makeOffer();
    bool isUnwritten(const std::string& table) const;
    void connectLook();
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
    QWidget* m_offer;  // Where nothing is written yet, to write something.
    shell::Label* m_offerText;
    QHBoxLayout* m_firstRow;
    QHBoxLayout* m_secondRow;
    bool m_loadBelow = false;
    StorageActions* m_actions;
    LookPane* m_look;
    int m_picture = AllNodes;  // The form of the picture; not TableForm.
    QStackedWidget* m_stack;
    StorageCanvas* m_canvas;
    QTableView* m_tableForm;
    RowsModel* m_rows;
    std::vector<Part> m_parts;  // Of the rows.
    QElapsedTimer m_sinceRows;
    QTimer m_rowsDue;
};

}  // namespace app::explorer::storage
