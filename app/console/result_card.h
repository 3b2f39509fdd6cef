#pragma once

#include <QVBoxLayout>
#include <QWidget>

#include "app/console/footer_strip.h"
#include "app/console/outcome.h"
#include "app/console/result_grid.h"
#include "app/console/result_model.h"
#include "app/console/text_block.h"
#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

namespace app::console {

/// A statement and what came of it: verdict, grid or error, warnings, footer. While it runs it says
/// what it waits for, read from the request's own events.
class ResultCard : public QWidget {
    Q_OBJECT

public:
    ResultCard(sources::ClusterModel& model, const StatementText& statement, qint64 startedNanos,
               const RunSettings& settings, QWidget* parent = nullptr);

    void setOutcome(const Outcome& outcome);
    void appendPage(const Outcome& outcome);
    void setStopped();
    bool isDone() const { return m_done; }
    const Outcome& outcome() const { return m_outcome; }
    const ResultModel* rows() const { return m_rows; }
    /// The request that the statement became, once its events have told; null before.
    const engine::observe::RequestView* request() const { return m_request.get(); }
    QString footerText() const { return m_footer->plainText(); }
    /// Null while the rows are not shown as a grid.
    ResultGrid* grid() const { return m_grid; }
    /// Rows one below the other instead of as a grid, and back.
    void setVertical(bool vertical);
    void setGridHeight(int most);
    void followFooter(const QString& link);

signals:
    void nextPageWanted(const app::console::Outcome& outcome);
    /// Show the request in a view.
    void requestChosen(const engine::Uuid& request);
    void exportWanted(const app::console::ResultCard* card);
    void fixWanted(const app::console::StatementText& statement, const app::console::RunFix& fix);
    void labWanted(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void build();
    void buildError(QVBoxLayout& column);
    void buildRows();
    void buildTrace(QVBoxLayout& column);
    void addWarning(QVBoxLayout& column, const Advice& advice);
    void showFooter();
    void addLevel(std::vector<FooterStrip::Part>& parts) const;
    void addLinks(std::vector<FooterStrip::Part>& parts) const;
    void lookForRequest();
    std::shared_ptr<const engine::observe::RequestView> matching() const;

    sources::ClusterModel& m_model;
    StatementText m_statement;
    RunSettings m_settings;
    qint64 m_started;
    Outcome m_outcome;
    bool m_done = false;
    bool m_stopped = false;
    std::shared_ptr<const engine::observe::RequestView> m_request;
    shell::VerdictLabel* m_mark;
    shell::Label* m_head;
    shell::Label* m_state;
    QWidget* m_bar;
    QWidget* m_barBox;
    QWidget* m_body = nullptr;
    QVBoxLayout* m_rowsBox = nullptr;  // Of the grid, or of the text in its place.
    ResultGrid* m_grid = nullptr;
    TextBlock* m_text = nullptr;
    QWidget* m_trace = nullptr;
    ResultModel* m_rows = nullptr;
    bool m_vertical = false;
    FooterStrip* m_footer;
    int m_gridHeight = 264;
    int m_looked = 0;
};

}  // namespace app::console
