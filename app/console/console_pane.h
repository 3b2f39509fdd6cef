#pragma once

#include <QSettings>
#include <QStackedWidget>
#include <QTimer>
#include <QWidget>

class QMenu;

#include "app/console/cql_runner.h"
#include "app/console/history_store.h"
#include "app/console/outcome_store.h"
#include "app/console/run_bar.h"
#include "app/console/shell_verb.h"
#include "app/console/sheet.h"
#include "app/explorer/ring/ring_focus.h"

namespace app::console {

/// The console: sheets that come back as they were left, one run row, results. One console in two
/// sizes: the shell moves it between dock and place. It reads the ClusterModel for names and for
/// the requests its statements became.
class ConsolePane : public QWidget {
    Q_OBJECT

public:
    ConsolePane(sources::ClusterModel& model, CqlRunner* runner, const QString& historyFile, QWidget* parent = nullptr);

    void restore(QSettings& settings);
    void save(QSettings& settings);

    /// Puts a statement at the end of the sheet, and runs it if asked.
    void offer(const QString& cql, bool run);
    void runChosen();
    void runAll();
    void stop();
    void showHistory();
    /// The card of the statement that became this request, brought into sight; false when no sheet has it.
    bool showResultOf(const engine::Uuid& request);
    void focusEditor();
    RunBar& runBar() { return *m_bar; }
    Sheet& sheet() { return *m_sheets[static_cast<std::size_t>(m_current)]; }
    /// Sheet drop-down and its buttons, for the dock's row.
    QWidget* sheetTools() { return m_tools; }

    void newSheet(const QString& name = {});
    /// It can be had back, text and file, as long as the window lives.
    void closeSheet();
    void reopenSheet();
    bool canReopen() const { return !m_closed.empty(); }
    /// False, with a note in the sheet, when the name is empty or another sheet's.
    bool renameSheet(const QString& name);
    void askForName();
    /// Into a sheet of its own; the sheet that shows the file already comes forward.
    void openFile(const QString& path);
    void askForFile();
    /// To the sheet's file; the first time, and with As, to one that is asked for. False: nothing was written.
    bool saveFile();
    bool saveFileAs();
    bool writeFile(const QString& path);
    void showSheet(int index);
    int sheetCount() const { return static_cast<int>(m_sheets.size()); }

signals:
    /// "Last: SELECT, 1 row, 1.21 ms at QUORUM"
    void noteChanged(const QString& note);
    void requestChosen(const engine::Uuid& request);
    void labWanted(const QString& id);
    /// A statement of a person has been answered.
    void answered(const app::console::Outcome& outcome);

private:
    void run(std::vector<StatementText> statements);
    void runNext();
    bool runShell(const StatementText& statement);
    /// What a verb asks for beside settings; false ends the run.
    bool carryOut(const ShellAnswer& answer, const StatementText& statement);
    bool source(const QString& file, const StatementText& statement);
    void showReplicas(qint64 token, const QString& keyspace);
    void capture(const Outcome& outcome);
    void advise(Outcome& outcome) const;
    std::optional<Coordinator> coordinator() const;
    void takeOutcome(const Outcome& outcome);
    void finish(bool stopped);
    void takeVersion(const Outcome& outcome);
    bool isTaken(const QString& name) const;
    QString freeName(const QString& wanted) const;
    void readFileOf(Sheet& restored);
    void fillSheetMenu(QMenu& menu);
    void fillSheetList();
    void watchSchema();
    void useTables();
    void exportCard(const ResultCard* card);
    void connectCard(ResultCard* card, Sheet* of);
    void showEarlier(const Outcome& outcome);
    void saveResults();
    QString freeName() const;

    sources::ClusterModel& m_model;
    CqlRunner* m_runner;
    HistoryStore m_history;
    OutcomeStore m_results;
    bool m_resultsChanged = false;
    RunBar* m_bar;
    QStackedWidget* m_stack;
    QWidget* m_tools;
    shell::FieldCombo* m_sheetList;
    std::vector<Sheet*> m_sheets;
    struct ClosedSheet {
        QString name;
        QString text;
        QString file;
        QString keyspace;
    };
    static constexpr std::size_t kClosedMost = 20;
    std::vector<ClosedSheet> m_closed;  // Newest last.
    int m_current = 0;
    std::vector<StatementText> m_queue;
    Sheet* m_running = nullptr;
    bool m_paging = false;
    Sheet::Note m_copyNote;
    bool m_copyFailed = false;
    bool m_asksVersion = false;  // SHOW VERSION: its answer becomes a line.
    engine::cql::assist::Names m_names;
    explorer::ring::TopologyCache m_topology;
    engine::Uuid m_schemaSeen;
    QTimer m_schemaSoon;
};

}  // namespace app::console
