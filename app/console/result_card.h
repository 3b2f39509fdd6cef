#pragma once

#include <QTableView>

#include "app/console/outcome.h"
#include "app/console/result_model.h"
#include "app/shell/kit.h"
#include "app/sources/cluster_model.h"

namespace app::console {

/// The strip under a result that repeats how it was run. A part that explains a surprise is amber,
/// a link is in the accent; both may be clicked.
class FooterStrip : public QWidget {
    Q_OBJECT

public:
    struct Part {
        QString text;
        shell::Ink ink = shell::Ink::Text;
        QString link;  // Not empty: chosen() tells it.
        QString toolTip;
    };
    explicit FooterStrip(QWidget* parent = nullptr);
    void setParts(std::vector<Part> parts);
    QString plainText() const;

signals:
    void chosen(const QString& link);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    const Part* partAt(const QPointF& at) const;

    std::vector<Part> m_parts;
    std::vector<QRectF> m_rects;
};

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
    void setGridHeight(int most);

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
    void buildGrid(QVBoxLayout& column);
    void buildExpanded(QVBoxLayout& column);
    void buildTrace(QVBoxLayout& column);
    void addWarning(QVBoxLayout& column, const Advice& advice);
    void showFooter();
    void lookForRequest();
    std::shared_ptr<const engine::observe::RequestView> matching() const;
    void followFooter(const QString& link);

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
    QTableView* m_grid = nullptr;
    ResultModel* m_rows = nullptr;
    FooterStrip* m_footer;
    int m_gridHeight = 264;
    int m_looked = 0;
};

}  // namespace app::console
